// The small files of a cluster's directory. One that parses is, written and read again, the same.
#include "base/crc32c.h"
#include "cmd/broker/config_file.h"
#include "fuzz/target.h"
#include "home/cluster_dir.h"
#include "log/checkpoints.h"
#include "log/epochs.h"
#include "log/memory_world.h"
#include "log/producers.h"
#include "metadata/durable_end.h"

namespace bobbin::fuzz {

namespace {

// parse(text) and encode(parsed) are each other's reverse.
template <class Parse, class Encode>
void there_and_back(Bytes text, Parse parse, Encode encode) {
  auto first = parse(text);
  if (!first) {
    must(!first.error().message.empty(), "what is wrong is said");
    return must(first.error().message.size() < 1000, "and not at length");
  }
  std::string written = encode(*first);
  auto second = parse(Bytes(written));
  must(second.ok(), "what was written is read");
  must(encode(*second) == written, "and is the same");
}

// A cluster's directory with one file in it.
struct Directory {
  Directory(const std::string& path, Bytes text) {
    for (const char* each : {"/c", "/c/metadata", "/c/broker-1"}) must(world.storage.make_dir(each), "a folder");
    world.storage.put(path, text);
  }
  test::MemoryWorld world;
};
const home::ClusterDir cluster{"/c"};

}  // namespace

void checkpoint(Bytes text) { there_and_back(text, log::parse_checkpoint, log::encode_checkpoint); }
void topic_ids(Bytes text) { there_and_back(text, log::parse_topic_ids, log::encode_topic_ids); }
void partition_metadata(Bytes text) {
  there_and_back(text, log::parse_partition_metadata, log::encode_partition_metadata);
}
void clean_shutdown(Bytes text) { there_and_back(text, log::parse_clean_shutdown, log::encode_clean_shutdown); }
void meta_properties(Bytes text) { there_and_back(text, log::parse_meta_properties, log::encode_meta_properties); }

void leader_epochs(Bytes text) {
  there_and_back(text, log::Epochs::parse, [](const log::Epochs& epochs) { return epochs.encode(); });
  auto epochs = log::Epochs::parse(text);
  if (!epochs) return;
  for (const log::EpochStart& entry : epochs->entries())
    must(epochs->epoch_at(entry.start) >= entry.epoch, "each epoch has begun at its start");
  log::EpochEnd end = epochs->end_of(epochs->latest(), Offset(INT64_MAX));
  must(epochs->entries().empty() || end.end == Offset(INT64_MAX), "the last one goes on to the end");
  epochs->truncate_from_start(Offset(10));
  epochs->truncate_from_end(Offset(20));
  epochs->assign(LeaderEpoch(30), Offset(15));
  must(epochs->latest() == LeaderEpoch(30) || epochs->entries().empty() ||
           epochs->epoch_at(Offset(15)) <= LeaderEpoch(30),
       "a new one follows");
}

// The checksum is given to it where the first byte is odd: no chance would find it.
void producer_snapshot(Bytes input) {
  Pieces pieces(input);
  bool seal = pieces.number<uint8_t>() & 1;
  std::string file(pieces.rest());
  if (seal && file.size() >= 6) store_be(file.data() + 2, crc32c(Bytes(file).substr(6)));
  there_and_back(file, log::Producers::decode_snapshot,
                 [](const log::Producers& producers) { return producers.encode_snapshot(); });
  auto producers = log::Producers::decode_snapshot(file);
  if (!producers) return;
  producers->expire(Timestamp(1'700'000'000'000), 86'400'000);
  producers->limit(3);
  (void)producers->first_open_transaction();
}

// One whose checksum is right is what was written; what is none tells nothing. The checksum is given to it where the first
// byte is odd.
void durable_end(Bytes input) {
  Pieces pieces(input);
  bool seal = pieces.number<uint8_t>() & 1;
  std::string line(pieces.rest());
  constexpr size_t checked_bytes = 56;
  if (seal && line.size() > checked_bytes) {
    char sum[9];
    std::snprintf(sum, sizeof sum, "%08x", crc32c(Bytes(line).substr(0, checked_bytes)));
    line = line.substr(0, checked_bytes) + " " + sum + "\n";
  }
  Directory directory(cluster.metadata_durable(), line);
  os::Storage& storage = directory.world.storage;
  auto end = metadata::read_durable_end(storage, cluster.metadata_durable());
  must(end.offset >= Offset(0), "an offset, or none");
  must(metadata::write_durable_end(storage, cluster.metadata_durable(), end), "what was read can be written");
  auto again = metadata::read_durable_end(storage, cluster.metadata_durable());
  must(again.offset == end.offset && again.boot == end.boot, "and is the same");
}

void cluster_properties(Bytes text) {
  Directory directory(cluster.metadata_properties(), text);
  auto id = home::cluster_id(directory.world.storage, cluster);
  if (id) must(!id->empty(), "a cluster has an id");
}

void broker_state(Bytes text) {
  Directory directory(cluster.broker_facts(BrokerId(1)), text);
  os::Storage& storage = directory.world.storage;
  auto facts = home::read_facts(storage, cluster, BrokerId(1));
  must(facts.ok(), "any text tells something, or nothing");
  must(home::write_facts(storage, cluster, BrokerId(1), *facts), "what was read can be written");
  must(*home::read_facts(storage, cluster, BrokerId(1)) == *facts, "and is the same");
}

void stop_order(Bytes text) {
  Directory directory(cluster.stop_order(), text);
  os::Storage& storage = directory.world.storage;
  auto order = home::read_stop_order(storage, cluster);
  must(order.ok(), "any text is an order, or none");
  must(home::write_stop_order(storage, cluster, *order), "what was read can be written");
  must(*home::read_stop_order(storage, cluster) == *order, "and is the same");
}

void config_file(Bytes text) {
  auto configs = cmd::parse_config_file(text, "bobbin.toml");
  if (configs) return;
  must(configs.error().message.starts_with("bobbin.toml:"), "the error names the line");
  must(configs.error().message.size() < 2000, "and is short");
}

}  // namespace bobbin::fuzz
