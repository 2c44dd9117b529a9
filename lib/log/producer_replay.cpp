#include "log/producer_replay.h"

#include <algorithm>

#include "record/control.h"

namespace bobbin::log {

namespace {

constexpr size_t control_bytes_max = 1 << 20;

// Of a batch that lies in the file.
Result<std::optional<Producers::Marker>> read_marker(os::File& file, const BatchAt& batch) {
  std::optional<Producers::Marker> none;
  if (!batch.view().is_control()) return none;
  std::string body(std::min<uint64_t>(batch.bytes - record::batch_header_bytes, control_bytes_max), '\0');
  BOBBIN_TRY_ASSIGN(got,
                    file.read(std::span<char>(body.data(), body.size()), batch.position + record::batch_header_bytes));
  return marker_of(Bytes(batch.header.data(), batch.header.size()), Bytes(body).substr(0, got));
}

}  // namespace

std::optional<Producers::Marker> marker_of(Bytes header, Bytes body) {
  record::BatchView view(header);
  if (!view.is_control()) return std::nullopt;
  std::string whole = std::string(header) + std::string(body);
  record::RecordReader reader;
  record::Record r;
  if (!reader.open(record::BatchView(whole), control_bytes_max)) return std::nullopt;
  auto more = reader.next(r);
  if (!more || !*more) return std::nullopt;
  auto type = record::control_type(r);
  auto coordinator = record::coordinator_epoch(r);
  if (!type || !coordinator) return std::nullopt;
  if (*type != record::ControlType::abort && *type != record::ControlType::commit) return std::nullopt;
  return Producers::Marker{*coordinator};
}

Status replay_producers(Segments& segments, os::Storage& storage, const Replay& replay, Producers& into) {
  if (replay.from >= replay.below) return {};
  for (size_t i = segments.find(replay.from); i < segments.size() && segments[i].base() < replay.below; i++) {
    Segment& segment = segments[i];
    BOBBIN_TRY_ASSIGN(found, segment.locate(replay.from, segments.limit(i)));
    if (!found.batch) continue;
    BOBBIN_TRY_ASSIGN(stat, storage.stat(segment.path()));
    Timestamp seen = std::min(stat.modified, replay.now);
    BOBBIN_TRY_ASSIGN(file, segment.file());
    auto tell = [&](const BatchAt& batch) -> Result<bool> {
      if (batch.view().base_offset() >= replay.below) return false;
      if (batch.view().producer_id() < ProducerId(0)) return true;
      BOBBIN_TRY_ASSIGN(marker, read_marker(*file, batch));
      into.apply(batch.view(), seen, marker, replay.expiration_ms);
      return true;
    };
    BOBBIN_TRY(segment.batches(segments.limit(i)).each(found.batch->position, found.batch->view().base_offset(), tell));
  }
  return {};
}

}  // namespace bobbin::log
