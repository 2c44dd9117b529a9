#include "client/admin/group_lag.h"

#include <algorithm>
#include <map>

#include "client/admin/offsets.h"
#include "client/admin/record_times.h"
#include "client/session.h"
#include "os/seam.h"

namespace bobbin::client {

namespace {

// All of one topic.
using Rows = std::vector<PartitionLag*>;

bool is_gone(const Error& why) {
  return why.code == Errc::unknown_topic_or_partition || why.code == Errc::unknown_topic_id;
}

Status look_at(Session& session, const std::string& topic, const Rows& rows) {
  std::vector<PartitionId> numbers;
  for (const PartitionLag* row : rows) numbers.push_back(row->partition);
  BOBBIN_TRY_ASSIGN(firsts, list_offsets(session, topic, At::earliest(), numbers));
  BOBBIN_TRY_ASSIGN(ends, list_offsets(session, topic, At::latest(), numbers));
  for (size_t i = 0; i < rows.size(); i++) {
    PartitionLag& row = *rows[i];
    if (firsts[i].status) row.first = firsts[i].offset;
    if (ends[i].status) row.end = ends[i].offset;
    row.status = firsts[i].status ? ends[i].status : firsts[i].status;
    if (!row.first || !row.end) continue;
    row.records = std::max<int64_t>(*row.end - row.current.value_or(*row.first), 0);
  }
  return {};
}

// Partitions that the topic lost with its name, when it was made anew.
Status look_at_those_there(Session& session, const std::string& topic, Rows rows) {
  BOBBIN_TRY(session.fetch_metadata({topic}));
  const TopicView* view = session.topology().topic(topic);
  if (view && !view->partitions.empty())
    std::erase_if(rows, [&](const PartitionLag* row) {
      return static_cast<size_t>(row->partition.value) >= view->partitions.size();
    });
  if (rows.empty()) return {};
  Status status = look_at(session, topic, rows);
  if (!status && status.error().code == Errc::stopped) return status;
  if (!status && !is_gone(status.error()))
    for (PartitionLag* row : rows) row->status = status.error();
  return {};
}

Status look_at_times(Session& session, std::vector<PartitionLag>& rows) {
  std::map<Place, Stretch> unread;
  for (const PartitionLag& row : rows)
    if (row.records.value_or(0) > 0)
      unread[{row.topic, row.partition}] = {std::max(row.current.value_or(*row.first), *row.first), *row.end};
  if (unread.empty()) return {};
  BOBBIN_TRY_ASSIGN(times, first_times(session, unread));
  const Timestamp now = session.clock().wall();
  for (PartitionLag& row : rows) {
    auto found = times.find({row.topic, row.partition});
    if (found != times.end() && found->second != timestamp_none)
      row.behind_ms = std::max<int64_t>(now - found->second, 0);
  }
  return {};
}

}  // namespace

Result<std::vector<PartitionLag>> group_lag(Session& session, const Positions& positions,
                                            const std::set<Place>& assigned) {
  std::set<Place> places = assigned;
  for (const auto& [place, offset] : positions) places.insert(place);
  std::vector<PartitionLag> rows;
  for (const auto& [topic, partition] : places) {
    PartitionLag& row = rows.emplace_back();
    row.topic = topic;
    row.partition = partition;
    if (auto found = positions.find({topic, partition}); found != positions.end()) row.current = found->second;
  }
  std::map<std::string, Rows> by_topic;
  for (PartitionLag& row : rows) by_topic[row.topic].push_back(&row);
  for (const auto& [topic, of] : by_topic) BOBBIN_TRY(look_at_those_there(session, topic, of));
  BOBBIN_TRY(look_at_times(session, rows));
  return rows;
}

}  // namespace bobbin::client
