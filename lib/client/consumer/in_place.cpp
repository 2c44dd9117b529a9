#include "client/consumer/in_place.h"

#include <algorithm>

#include "client/patience.h"
#include "client/session.h"
#include "home/cluster_dir.h"
#include "log/checkpoints.h"

namespace bobbin::client {

namespace {

constexpr int places_gone_max = 3;
constexpr size_t shown_bytes_max = 4 << 20;  // that are taken at once, so that others have their turn

}  // namespace

bool InPlace::take(PartitionReader& reader, BrokerId leader, const protocol::FetchResponse::Place& place) {
  Result<std::shared_ptr<const log::SegmentView>> view =
      error(Errc::malformed, reader.name() + ": its leader tells a place that cannot be");
  if (place.position >= 0 && place.end > place.position && place.next_offset > reader.fetch_offset().value)
    view = view_of(reader, {leader, Offset(place.segment), static_cast<uint64_t>(place.end),
                            static_cast<uint64_t>(place.capacity), static_cast<uint64_t>(place.position)});
  if (view) {
    reader.places_gone = 0;
    Bytes batches = (*view)->bytes(static_cast<uint64_t>(place.position), static_cast<uint64_t>(place.end));
    reader.take_in_place(std::move(*view), batches, Offset(place.next_offset));
    return true;
  }
  // A file that went meanwhile is no reason not to read the next one in place; one that cannot be read is, and one that
  // its broker goes on to tell.
  reader.wait.failed(session_.now_ms());
  bool gone = view.error().code == Errc::not_found;
  if (gone) session_.refresh_metadata();
  if (!gone || ++reader.places_gone >= places_gone_max) reader.read_in_place = false;
  return false;
}

Result<std::shared_ptr<const log::SegmentView>> InPlace::view_of(const PartitionReader& reader, const File& file) {
  constexpr uint64_t capacity_max = uint64_t{1} << 40;
  if (file.capacity < file.end || file.capacity > capacity_max)
    return error(Errc::malformed, reader.name() + ": its leader tells a file that cannot be");
  std::string folder = home::ClusterDir{session_.target().dir}.broker_dir(file.broker) + "/" +
                       log::dir_name({reader.topic(), reader.partition()});
  const auto& known = reader.view();
  if (known && known->dir() == folder && known->base() == file.segment && known->capacity() >= file.end) {
    auto bytes = known->file_bytes(session_.storage());
    if (bytes && *bytes < file.end) return error(Errc::damaged, folder + ": the file is shorter than its broker says");
    if (bytes || bytes.error().code == Errc::not_found) return known;
  }
  log::SegmentView::Which which{reader.topic_id(), file.segment, file.end, file.capacity};
  if (uint64_t there = file.end - std::min(file.from, file.end); there >= Chunk::read_ahead_least) {
    which.wanted_from = file.from;
    which.wanted_to = file.from + std::min<uint64_t>(there, Chunk::read_ahead_min);
  }
  return log::SegmentView::open(session_.storage(), folder, which);
}

void InPlace::take_tail(PartitionReader& reader, BrokerId leader, const protocol::FetchResponse::Tail& tail) {
  reader.set_tail({});
  bool fits = tail.slot >= 0 && tail.segment >= 0 && tail.position >= 0 && tail.capacity >= tail.position &&
              tail.offset == reader.fetch_offset().value;
  if (!fits || !reader.wants_place()) return;
  auto region = session_.region(leader);
  if (!region) return;
  reader.set_tail(PartitionReader::Tail{leader, std::move(region), static_cast<uint64_t>(tail.slot),
                                        static_cast<uint64_t>(tail.generation), Offset(tail.segment),
                                        static_cast<uint64_t>(tail.position), static_cast<uint64_t>(tail.capacity)});
}

std::optional<region::ReadableEnd> InPlace::shown_end(const PartitionReader& reader) {
  const PartitionReader::Tail& tail = *reader.tail();
  return tail.region->end_of(tail.slot, reader.topic_id(), reader.partition(), tail.generation);
}

bool InPlace::is_shown_more(const PartitionReader& reader) const {
  if (!reader.tail() || !reader.has_room() || reader.is_fetched()) return false;
  auto shown = shown_end(reader);
  return !shown || shown->high_watermark > reader.fetch_offset();
}

bool InPlace::take_shown(PartitionReader& reader, BrokerId leader) {
  if (!reader.tail() || !reader.has_room() || reader.is_fetched()) return false;
  auto shown = shown_end(reader);
  if (shown && shown->high_watermark <= reader.fetch_offset()) return false;
  PartitionReader::Tail tail = reader.take_tail();
  if (!shown || tail.leader != leader || shown->segment != tail.segment) return false;
  if (!tail.view) {
    auto view = view_of(reader, {leader, tail.segment, tail.position, tail.capacity, tail.position});
    if (!view) return false;
    tail.view = std::move(*view);
  }
  auto there = tail.view->file_bytes(session_.storage());
  if (!there) return false;
  auto stretch =
      tail.view->batches(tail.position, reader.fetch_offset(), shown->high_watermark, shown_bytes_max, *there);
  if (!stretch) return false;
  reader.take_in_place(tail.view, tail.view->bytes(tail.position, stretch->end), stretch->next_offset);
  reader.high_watermark = shown->high_watermark;
  reader.wait.end();
  tail.position = stretch->end;
  reader.set_tail(std::move(tail));
  return true;
}

}  // namespace bobbin::client
