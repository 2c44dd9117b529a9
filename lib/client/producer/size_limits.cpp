#include "client/producer/size_limits.h"

#include <algorithm>
#include <set>

#include "base/units.h"
#include "client/admin/configs.h"
#include "client/session.h"
#include "protocol/frame.h"
#include "record/batch_builder.h"

namespace bobbin::client {

namespace {

constexpr int32_t request_bytes_sure = 2 << 20;   // every broker reads requests of so much, as far as anybody set it up
constexpr int32_t request_overhead_bytes = 1024;  // around the batch in a Produce, names included

int32_t limit_in(const std::optional<std::string>& value, int32_t otherwise) {
  auto found = value ? parse_number(*value, 1, INT32_MAX, "a limit") : Result<int64_t>(otherwise);
  return found ? static_cast<int32_t>(*found) : otherwise;
}

}  // namespace

// A request may be too large before its batch is; a broker closes the connection on such a one, and says nothing.
Result<SizeLimits> SizeLimits::read(Session& session, const std::string& topic) {
  SizeLimits limits(topic);
  std::set<BrokerId> leaders;
  if (const TopicView* view = session.topology().topic(topic))
    for (const PartitionView& partition : view->partitions) leaders.insert(partition.leader);
  leaders.erase(broker_none);
  // The one that answered before is asked of both at once. Others only where the answer matters: they may not be there.
  auto ready = std::find_if(leaders.begin(), leaders.end(), [&](BrokerId id) { return session.is_ready(id); });
  BrokerId first = ready == leaders.end() ? any_node : *ready;
  BOBBIN_TRY(limits.ask(session, first, true));
  if (limits.batch_bytes_max_ <= request_bytes_sure) return limits;
  for (BrokerId leader : leaders)
    if (leader != first) BOBBIN_TRY(limits.ask(session, leader, false));
  return limits;
}

Status SizeLimits::ask(Session& session, BrokerId leader, bool and_of_topic) {
  std::vector<ConfigQuestion> questions;
  if (and_of_topic) questions.push_back({ResourceType::topic, topic_, "max.message.bytes"});
  if (leader != any_node) questions.push_back({ResourceType::broker, to_string(leader), "socket.request.max.bytes"});
  auto values = read_configs(session, leader, questions);
  if (!values) {
    Errc code = values.error().code;
    if (code == Errc::no_answer || code == Errc::stopped) return std::move(values).error();
    return {};
  }
  if (and_of_topic) batch_bytes_max_ = limit_in(values->front(), batch_bytes_max_);
  if (leader == any_node) return {};
  int32_t room = std::max(limit_in(values->back(), protocol::request_bytes_max) - request_overhead_bytes, 1);
  request_bytes_max_ = std::min(request_bytes_max_, static_cast<size_t>(room));
  if (room < batch_bytes_max_) {
    batch_bytes_max_ = room;
    limiting_broker_ = leader;
  }
  return {};
}

std::string SizeLimits::sentence() const {
  std::string limit = std::to_string(batch_bytes_max_);
  if (limiting_broker_ == broker_none)
    return "max.message.bytes is " + limit + " (`bobbin topic config " + topic_ + " max.message.bytes=...` raises it)";
  return "broker " + to_string(limiting_broker_) + " with its socket.request.max.bytes reads at most " + limit;
}

Status SizeLimits::check(const OutRecord& record) const {
  size_t content = (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
  size_t needed = content + record::batch_header_bytes;
  auto limit = static_cast<size_t>(batch_bytes_max_);
  if (needed <= limit) {
    record::BatchBuilder scratch;
    scratch.add(Timestamp(0), record.key, record.value, record.headers);
    needed = scratch.bytes();
  }
  if (needed <= limit) return {};
  return error(Errc::message_too_large, "a record of " + std::to_string(content) + " bytes does not fit into topic " +
                                            topic_ + ": in a batch it takes at least " + std::to_string(needed) +
                                            ", and " + sentence());
}

}  // namespace bobbin::client
