#include "broker/replication/leader_files.h"

#include <algorithm>

#include "base/offset_name.h"
#include "log/log.h"
#include "os/cold_read.h"
#include "record/scan.h"

namespace bobbin::broker {

namespace {

constexpr uint64_t batch_bytes_max = 8 << 20;

// How much of it are whole batches up to that reign's.
size_t whole_batches(Bytes bytes, LeaderEpoch reign) {
  auto is_of_it = [&](const record::BatchView& batch, size_t) { return batch.leader_epoch() <= reign; };
  return record::scan_batches(bytes, is_of_it).bytes;
}

}  // namespace

Result<Bytes> LeaderFiles::read(size_t bytes_max, const Place& place) {
  const std::string path =
      dir_.broker_dir(leader_) + "/" + log::dir_name(place.of) + "/" + offset_name(place.segment, ".log");
  os::NoWait no_wait;
  BOBBIN_TRY_ASSIGN(file, storage_.open(path, os::Open::read));
  const uint64_t there = place.end - std::min(place.position, place.end);
  BOBBIN_TRY_ASSIGN(bytes, read_whole(*file, place, std::min<uint64_t>(there, bytes_max)));
  if (bytes.size() < record::batch_header_bytes) return error(Errc::not_found, path + ": is shorter by now");
  const record::BatchView first(bytes);
  if (first.base_offset() != place.from || first.leader_epoch() != place.epoch)
    return error(Errc::not_found, path + ": has another batch there by now");
  const auto size = record::batch_size(bytes);
  if (size && *size > bytes.size() && *size <= std::min(there, batch_bytes_max)) {
    BOBBIN_TRY_ASSIGN(larger, read_whole(*file, place, *size));
    bytes = larger;
  }
  const size_t whole = whole_batches(bytes, place.reign);
  if (whole == 0) return error(Errc::not_found, path + ": has no whole batch there");
  return bytes.substr(0, whole);
}

Result<Bytes> LeaderFiles::read_whole(os::File& file, const Place& place, uint64_t bytes) {
  if (buffer_.size() < bytes) buffer_.resize(bytes);
  BOBBIN_TRY_ASSIGN(read, file.read(std::span<char>(buffer_.data(), bytes), place.position));
  return Bytes(buffer_.data(), read);
}

}  // namespace bobbin::broker
