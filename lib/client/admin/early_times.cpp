#include "client/admin/early_times.h"

#include "client/consumer/consumer.h"
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
  ConsumerOptions options;
  options.topics.push_back({topic, {partition}});
  options.stop = stop;
  options.timeout_ms = session.target().timeout_ms;
  BOBBIN_TRY_ASSIGN(consumer, Consumer::open(session, options));
  FirstAt first(at);
  while (!first.found() && !consumer->is_done()) BOBBIN_TRY(consumer->poll(first, {}, -1));
  return first.found();
}

}  // namespace

Result<std::vector<PartitionOffset>> list_offsets_before_1970(Session& session, const std::string& topic, Timestamp at,
                                                              const std::vector<PartitionId>& partitions) {
  BOBBIN_TRY_ASSIGN(later, list_offsets(session, topic, {OffsetQuery::Kind::time, 0}, partitions));
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
