// Logs whose files hold any bytes: the metadata log with a snapshot, and a partition's folder with all that lies in it.
// Whatever is there, opening says what it found and goes on, or says why not; what was read once is read again by the next.
#include <string>

#include "fuzz/target.h"
#include "log/checkpoints.h"
#include "log/log.h"
#include "log/memory_world.h"
#include "log/open_work.h"
#include "metadata/image_records.h"
#include "metadata/metadata_log.h"
#include "record/batch_builder.h"

namespace bobbin::fuzz {

namespace {

std::string sealed_if(bool seal, Bytes bytes) {
  std::string out(bytes);
  if (seal) seal_batches(out);
  return out;
}

void must_be_damage(const Error& error) {
  if (error.code == Errc::damaged || error.code == Errc::unsupported_version) return;
  std::fprintf(stderr, "%s: %s\n", std::string(name(error.code)).c_str(), error.message.c_str());
  must(false, "what is wrong with it is damage");
}

// --- a partition

const TopicId topic = [] {
  TopicId id;
  id.bytes[0] = 7;
  return id;
}();
const std::string folder = "/data/t-0";

struct Folder {
  Folder() {
    must(world.storage.make_dir("/data"), "a folder");
    must(world.storage.make_dir(folder), "a folder");
    config.segment_bytes = 2000;
    config.index_interval_bytes = 100;
  }
  void put(const std::string& name, Bytes bytes) { world.storage.put(folder + "/" + name, bytes); }
  Result<std::unique_ptr<log::Log>> open(const log::OpenHint& hint) {
    report = {};
    files = std::make_unique<log::Files>(world.storage, 8);
    return log::open_log(world.world, *files, folder, topic, config, hint, report);
  }

  test::MemoryWorld world;
  log::LogConfig config;
  std::unique_ptr<log::Files> files;
  log::RecoveryReport report;
};

// All that can be read, as (base offset, checksum) of each batch. Places that cannot be are passed over in longer and longer
// steps: there may be billions.
std::vector<std::pair<Offset, uint32_t>> all_batches(log::Log& log) {
  std::vector<std::pair<Offset, uint32_t>> all;
  Offset at = log.log_start();
  for (int64_t step = 1; at < log.log_end();) {
    auto bytes = log.read(at, log.log_end(), 500, true);
    (void)log.reading().extent(at, log.log_end());
    Bytes rest = bytes ? Bytes(*bytes) : Bytes();
    Offset before = at;
    while (auto batch = record::BatchView::parse(rest)) {
      must(batch->crc_is_valid(), "what a log gives out whole is sound");
      must(batch->next_offset() > at && batch->next_offset() <= log.log_end(), "and goes on within it");
      all.push_back({batch->base_offset(), batch->crc()});
      at = batch->next_offset();
      rest.remove_prefix(batch->bytes().size());
    }
    if (at != before) continue;
    at = at + step;
    step *= 2;
  }
  return all;
}

void look_around(log::Log& log) {
  for (int64_t time : {int64_t{0}, int64_t{5}, INT64_MAX, INT64_MIN}) {
    auto found = log.reading().offset_for_time(Timestamp(time), log.log_end());
    if (found && *found)
      must((*found)->offset >= log.log_start() && (*found)->offset < log.log_end(), "a time leads into the log");
  }
  (void)log.reading().offset_of_max_timestamp(log.log_end());
  (void)log.producers().first_open_transaction();
  (void)log.epochs().end_of(log.epochs().latest(), log.log_end());
}

std::string one_batch() {
  record::BatchBuilder builder;
  builder.add(Timestamp(1'700'000'000'000), "key", "value", {});
  return builder.seal({}).value();
}

}  // namespace

// How it ended and what was checkpointed, then the files.
void segment(Bytes input) {
  Pieces pieces(input);
  auto flags = pieces.number<uint8_t>();
  log::OpenHint hint;
  hint.clean_shutdown = flags & 2;
  hint.same_boot = flags & 4;
  hint.recovery_point = Offset(pieces.number<uint8_t>());
  hint.log_start = Offset(pieces.number<uint8_t>() % 16);
  Folder there;
  std::string first = sealed_if(flags & 1, pieces.piece());
  there.put(offset_name(Offset(0), ".log"), first);
  auto second = Offset(pieces.number<uint8_t>());
  if (Bytes more = pieces.piece(); !more.empty() && second > Offset(0))
    there.put(offset_name(second, ".log"), sealed_if(flags & 1, more));
  if (flags & 8) there.put(offset_name(Offset(0), ".index"), pieces.piece());
  if (flags & 16) there.put(offset_name(Offset(0), ".timeindex"), pieces.piece());
  if (flags & 32) there.put(offset_name(second, ".snapshot"), pieces.piece());
  if (flags & 64) there.put(std::string(log::leader_epoch_file), pieces.piece());
  there.put(std::string(log::partition_metadata_file), log::encode_partition_metadata(topic));
  there.config.compact_policy = flags & 128;

  auto opened = there.open(hint);
  if (!opened) return must(!opened.error().message.empty(), "why it cannot be opened is said");
  log::Log& log = **opened;
  must(log.log_start() <= log.log_end() && log.durable_end() <= log.log_end(), "the marks of a log stand in order");
  auto batches = all_batches(log);
  look_around(log);
  auto appended = log.append(one_batch(), LeaderEpoch(1 << 20), log::AppendOrigin::client);
  if (appended) must(appended->base_offset < log.log_end(), "what was appended is in it");
  Offset end = log.log_end();
  hint.log_start = log.log_start();
  if (!log.close()) return;
  opened->reset();
  // Again, as after a clean end.
  hint.clean_shutdown = true;
  hint.recovery_point = end;
  auto again = there.open(hint);
  must(again.ok(), "a log that was closed is opened");
  must((*again)->log_end() == end, "and ends where it did");
  auto after = all_batches(**again);
  must(after.size() >= batches.size() && std::equal(batches.begin(), batches.end(), after.begin()),
       "and has what it had");
  if (!appended) return;
  auto last = (*again)->read(appended->base_offset, end, 1, true);
  must(last.ok() && record::BatchView::parse(*last).ok(), "and what was appended");
}

// --- the metadata log

// Where the snapshot ends and the second segment begins, then the files. What is added later is read as it comes.
void metadata_log(Bytes input) {
  Pieces pieces(input);
  auto flags = pieces.number<uint8_t>();
  auto border = Offset(pieces.number<uint8_t>());
  test::MemoryWorld world;
  must(world.storage.make_dir("/m"), "a folder");
  auto put = [&](const std::string& name, Bytes bytes) { world.storage.put("/m/" + name, bytes); };
  std::string first = sealed_if(flags & 1, pieces.piece());
  if (flags & 2) put(metadata::snapshot_name(border), sealed_if(flags & 1, pieces.piece()));
  if (flags & 4) put(metadata::segment_name(border), sealed_if(flags & 1, pieces.piece()));
  if (!(flags & 8)) put(metadata::segment_name(Offset(0)), Bytes(first).substr(0, first.size() / 2));

  metadata::Reader reader(world.storage, "/m");
  metadata::Image image;
  Status half = reader.catch_up(image);
  if (!half) must_be_damage(half.error());
  if (!(flags & 8)) put(metadata::segment_name(Offset(0)), first);
  metadata::Image grown = image, anew;
  Status more = reader.catch_up(grown);
  Status read = metadata::Reader(world.storage, "/m").catch_up(anew);
  if (!read) return must_be_damage(read.error());
  if (half && more) must(grown == anew, "whoever reads as it grows knows the same");

  metadata::Image copy;
  for (const metadata::AnyRecord& record : metadata::to_records(anew))
    must(copy.apply(record, Offset(0)), "an image is its records");
  copy.set_next_offset(anew.next_offset());
  must(copy == anew, "an image made of its records");
  auto snapshot = metadata::encode_snapshot(anew, Timestamp(1));
  must(snapshot.ok() && metadata::decode_snapshot(*snapshot).ok(), "a snapshot of it can be read");
}

}  // namespace bobbin::fuzz
