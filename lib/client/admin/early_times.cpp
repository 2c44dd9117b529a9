#include "client/admin/early_times.h"

#include "client/consumer/range.h"
#include "client/consumer/readers.h"
#include "client/session.h"

namespace bobbin::client {

namespace {

// Takes records until one is new enough.
class FirstAt final : public Sink {
 public:
  explicit FirstAt(Timestamp at) : at_(at) {}
  bool take(std::string_view, PartitionId partition, const record::Record& record) override {
    if (!found_ && record.timestamp >= at_)
      found_ = PartitionOffset{partition, {}, record.offset, record.timestamp, leader_epoch_none};
    return !found_;
  }
  const std::optional<PartitionOffset>& found() const { return found_; }

 private:
  Timestamp at_;
  std::optional<PartitionOffset> found_;
};

// Among the records before `stop`.
Result<std::optional<PartitionOffset>> read_for(Session& session, const std::string& topic, PartitionId partition,
                                                Timestamp at, Stop stop) {
  ReadOptions options;
  options.timeout_ms = session.target().timeout_ms;
  Readers readers(session, options);
  const TopicView* view = session.topology().topic(topic);
  BOBBIN_TRY_ASSIGN(reader, readers.add(topic, view ? view->id : TopicId{}, partition));
  auto told = [&](At::Kind kind) { return offsets_alone(ask_leaders(session, topic, {kind}, {partition})); };
  BOBBIN_TRY_ASSIGN(first, told(At::Kind::earliest));
  BOBBIN_TRY_ASSIGN(end, told(At::Kind::latest));
  BOBBIN_TRY_ASSIGN(range, range_of({}, stop, OutOfRange::fail, {first[0], end[0]}, std::nullopt, reader->name()));
  reader->from_beginning = true;
  reader->seek(range.start);
  reader->set_stop(range.stop);
  FirstAt found(at);
  while (!found.found() && !readers.is_done()) BOBBIN_TRY(readers.poll(found, {}, -1));
  return found.found();
}

}  // namespace

Result<std::vector<PartitionOffset>> list_offsets_before_1970(Session& session, const std::string& topic, Timestamp at,
                                                              const std::vector<PartitionId>& partitions) {
  BOBBIN_TRY_ASSIGN(later, ask_leaders(session, topic, at_time(Timestamp(0)), partitions));
  for (PartitionOffset& known : later) {
    if (!known.status) continue;
    Stop stop{Stop::Kind::end, 0};
    if (known.offset != offset_none) stop = {Stop::Kind::offset, known.offset.value};
    BOBBIN_TRY_ASSIGN(earlier, read_for(session, topic, known.partition, at, stop));
    if (earlier) known = std::move(*earlier);
  }
  return later;
}

}  // namespace bobbin::client
