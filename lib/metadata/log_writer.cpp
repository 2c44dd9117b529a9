#include "metadata/log_writer.h"

#include <algorithm>
#include <utility>

#include "base/mutants.h"
#include "metadata/durable_end.h"

namespace bobbin::metadata {
namespace {

constexpr int kept_tails_max = 100;
constexpr uint64_t write_again_bytes = 1 << 20;  // at a time

}  // namespace

Result<Update> LogWriter::read() {
  if (planted(Mutant::believe_undurable)) return reader_.read();
  return reader_.read(read_durable_end(*storage_, durable_path_).offset);
}

Result<Update> LogWriter::repair(std::optional<Error>& cut) {
  BOBBIN_TRY_ASSIGN(update, reader_.read());
  auto made_durable = [&]() -> Status {
    const Reader::End& at = end();
    if (at.file_bytes > at.good_bytes && !planted(Mutant::keep_torn_tail)) BOBBIN_TRY(cut_tail(cut));
    if (!at.exists || is_durable() || planted(Mutant::skip_read_repair)) return {};
    BOBBIN_TRY(write_again(at.segment == synced_segment_ ? std::min(synced_bytes_, at.good_bytes) : 0));
    BOBBIN_TRY(storage_->sync_dir(dir_));
    note_durable();
    return {};
  };
  if (Status done = made_durable(); !done) {
    take_back();
    return std::move(done).error();
  }
  return update;
}

// By this writer, or by another one in this boot of the machine.
bool LogWriter::is_durable() {
  const Reader::End& at = end();
  if (at.segment == synced_segment_ && at.good_bytes == synced_bytes_) return true;
  DurableEnd known = read_durable_end(*storage_, durable_path_);
  return !boot_.empty() && known.boot == boot_ && known.offset >= at.next_offset;
}

// Where others cannot be told, they look for themselves, under the lock.
void LogWriter::note_durable() {
  synced_segment_ = end().segment;
  synced_bytes_ = end().good_bytes;
  (void)write_durable_end(*storage_, durable_path_, {end().next_offset, boot_});
}

Status LogWriter::cut_tail(std::optional<Error>& cut) {
  const Reader::End at = end();
  auto kept = keep_tail();
  BOBBIN_TRY_ASSIGN(file, storage_->open(at.segment, os::Open::write));
  BOBBIN_TRY(file->truncate(at.good_bytes));
  BOBBIN_TRY(file->sync());
  std::string what = at.segment + ": cut " + std::to_string(at.file_bytes - at.good_bytes) + " bytes at " +
                     std::to_string(at.good_bytes) + " that a crash had left incomplete";
  cut = error(Errc::corrupt_message,
              kept ? what + "; they are kept in " + *kept : what + "; they could not be kept: " + kept.error().message);
  return {};
}

// Whoever wrote this may have died before it was on the disk, or after a sync that failed. Such a sync may have left
// pages that are called clean and are not on the disk; only writing them again makes the next sync mean something.
Status LogWriter::write_again(uint64_t from) {
  const Reader::End& at = end();
  BOBBIN_TRY_ASSIGN(file, storage_->open(at.segment, os::Open::write));
  std::string piece(static_cast<size_t>(std::min<uint64_t>(at.good_bytes - from, write_again_bytes)), '\0');
  for (uint64_t position = from; position < at.good_bytes;) {
    size_t wanted = static_cast<size_t>(std::min<uint64_t>(at.good_bytes - position, piece.size()));
    BOBBIN_TRY_ASSIGN(got, file->read(std::span<char>(piece.data(), wanted), position));
    if (got != wanted) return error(Errc::io_error, at.segment + " became shorter while it was repaired");
    BOBBIN_TRY(file->write(Bytes(piece).substr(0, got), position));
    position += got;
  }
  return file->sync();
}

// A copy of the torn tail, for who wants to look.
Result<std::string> LogWriter::keep_tail() {
  const Reader::End& at = end();
  BOBBIN_TRY_ASSIGN(file, storage_->open(at.segment, os::Open::read));
  std::string tail(at.file_bytes - at.good_bytes, '\0');
  BOBBIN_TRY_ASSIGN(got, file->read(std::span<char>(tail.data(), tail.size()), at.good_bytes));
  tail.resize(got);
  std::string name = at.segment + ".cut." + to_string(at.next_offset);
  for (int i = 2; storage_->stat(name) && i <= kept_tails_max; i++)
    name = at.segment + ".cut." + to_string(at.next_offset) + "-" + std::to_string(i);
  BOBBIN_TRY(os::write_whole_file(*storage_, name, tail));
  return name;
}

Status LogWriter::append(const Encoded& transaction) {
  const Reader::End at = end();
  BOBBIN_TRY_ASSIGN(file, storage_->open(at.segment, at.exists ? os::Open::write : os::Open::create));
  BOBBIN_TRY_ASSIGN(size, file->size());
  if (size < at.good_bytes) return error(Errc::damaged, at.segment + " became shorter while it was written");
  auto written = write_and_sync(*file, transaction);
  if (written && !at.exists) written = storage_->sync_dir(dir_);
  if (!written) {
    // Best effort: what stays is a torn tail, or a transaction that was done although nobody was told.
    if (file->truncate(at.good_bytes)) (void)file->sync();
    synced_segment_.clear();
    return std::move(written).error().in(at.segment);
  }
  reader_.appended(transaction);
  note_durable();
  return {};
}

Status LogWriter::write_and_sync(os::File& file, const Encoded& transaction) {
  Bytes bytes = transaction.bytes;
  Bytes first = bytes.substr(0, transaction.first_batch_bytes);
  Bytes rest = bytes.substr(first.size());
  BOBBIN_TRY(file.write(first, end().good_bytes));
  if (!rest.empty()) {
    // The beginning of a long transaction must be there whenever any of the rest is.
    BOBBIN_TRY(file.sync());
    BOBBIN_TRY(file.write(rest, end().good_bytes + first.size()));
  }
  return planted(Mutant::tell_before_sync) ? Status() : file.sync();
}

Status LogWriter::roll(const Image& image, Timestamp now) {
  check(image.next_offset() == end().next_offset, "a snapshot is of the whole log");
  BOBBIN_TRY_ASSIGN(snapshot, encode_snapshot(image, now));
  BOBBIN_TRY(os::write_whole_file(*storage_, dir_ + "/" + snapshot_name(image.next_offset()), snapshot));
  std::string segment = dir_ + "/" + segment_name(image.next_offset());
  {
    BOBBIN_TRY_ASSIGN(file, storage_->open(segment, os::Open::create));
    BOBBIN_TRY(file->sync());
  }
  BOBBIN_TRY(storage_->sync_dir(dir_));
  reader_.rolled(snapshot.size());
  synced_segment_ = segment;
  synced_bytes_ = 0;
  return remove_before(image.next_offset());
}

// The generation before this one stays: readers who are a little behind find every record there, also what was deleted,
// of which a snapshot does not tell.
Status LogWriter::remove_before(Offset end) {
  BOBBIN_TRY_ASSIGN(names, storage_->list(dir_));
  auto is_snapshot = [&](const std::string& name) {
    return name.size() == snapshot_name(end).size() && name.ends_with(".checkpoint");
  };
  auto is_segment = [&](const std::string& name) {
    return name.size() == segment_name(end).size() && name.ends_with(".log");
  };
  std::string previous;  // names are sorted
  for (const std::string& name : names)
    if (is_snapshot(name) && name < snapshot_name(end)) previous = name;
  if (previous.empty()) return {};
  const std::string first = previous.substr(0, previous.find('-'));
  for (const std::string& name : names)
    if ((is_segment(name) || is_snapshot(name)) && name < first) BOBBIN_TRY(storage_->unlink(dir_ + "/" + name));
  return {};
}

}  // namespace bobbin::metadata
