#include "cmd/group/group_view.h"

#include <set>

#include "cmd/output/json_envelope.h"

namespace bobbin::cmd {
namespace {

std::string json_text(const std::string& text) {
  std::string out;
  append_json_text(out, text);
  return out;
}
std::string text_or_null(const std::string& text) { return text.empty() ? "null" : json_text(text); }

template <class Value>
std::string number_or_null(const std::optional<Value>& value) {
  if constexpr (std::is_same_v<Value, Offset>) return value ? to_string(*value) : "null";
  else return value ? std::to_string(*value) : "null";
}

template <class All, class Each>
std::string list_of(const All& all, Each each) {
  std::string out = "[";
  for (const auto& one : all) out += (out.size() > 1 ? "," : "") + each(one);
  return out + "]";
}

std::string json_of(const client::GroupMember& member) {
  std::string out = "{\"id\":" + json_text(member.id);
  out += ",\"instance\":" + (member.instance_id ? json_text(*member.instance_id) : "null");
  out += ",\"client\":" + json_text(member.client_id) + ",\"host\":" + json_text(member.host);
  out += ",\"topics\":" + list_of(member.topics, json_text);
  out += ",\"partitions\":" + list_of(member.assigned, [](const assignor::TopicPartitions& of) {
           return "{\"topic\":" + json_text(of.topic) +
                  ",\"partitions\":" + list_of(of.partitions, [](PartitionId number) { return to_string(number); }) +
                  "}";
         });
  return out + "}";
}

std::string json_of(const GroupView& view, const client::PartitionLag& p) {
  const client::GroupMember* owner = view.owner_of(p);
  return "{\"topic\":" + json_text(p.topic) + ",\"partition\":" + to_string(p.partition) +
         ",\"current\":" + number_or_null(p.current) + ",\"end\":" + number_or_null(p.end) +
         ",\"lag\":" + number_or_null(p.records) + ",\"lag_ms\":" + number_or_null(p.behind_ms) +
         ",\"member\":" + (owner ? json_text(owner->id) : "null") + "}";
}

}  // namespace

const client::GroupMember* GroupView::owner_of(const client::PartitionLag& partition) const {
  auto found = owners.find({partition.topic, partition.partition});
  return found == owners.end() ? nullptr : &group.members[found->second];
}

Result<GroupView> view_of(client::Session& session, client::GroupDescription group) {
  GroupView view{std::move(group), {}, {}};
  std::set<client::Place> assigned;
  for (size_t i = 0; i < view.group.members.size(); i++)
    for (const assignor::TopicPartitions& of : view.group.members[i].assigned)
      for (PartitionId number : of.partitions) {
        assigned.emplace(of.topic, number);
        view.owners[{of.topic, number}] = i;
      }
  BOBBIN_TRY_ASSIGN(positions, client::committed_positions(session, view.group.name));
  BOBBIN_TRY_ASSIGN(lag, client::group_lag(session, positions, assigned));
  view.partitions = std::move(lag);
  return view;
}

std::string records_text(int64_t count) {
  return std::to_string(count) + (count == 1 ? " unread record" : " unread records");
}

std::string about_text(int64_t ms) {
  if (ms < 1000) return std::to_string(ms) + "ms";
  const int64_t seconds = ms / 1000;
  if (seconds < 120) return std::to_string(seconds) + "s";
  if (seconds < 120 * 60) return std::to_string(seconds / 60) + "m";
  if (seconds < 48 * 3600) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86400) + "d";
}

std::string members_text(const std::vector<client::GroupMember>& members) {
  constexpr size_t shown_max = 5;
  std::string out;
  for (size_t i = 0; i < members.size() && i < shown_max; i++)
    out += (out.empty() ? "" : ", ") + members[i].id + " (" + members[i].client_id + " at " + members[i].host + ")";
  if (members.size() > shown_max) out += " and " + std::to_string(members.size() - shown_max) + " more";
  return out;
}

std::string assignment_text(const client::GroupMember& member) {
  std::string out;
  for (const assignor::TopicPartitions& of : member.assigned) {
    out += (out.empty() ? "" : " ") + of.topic + ":";
    for (size_t i = 0; i < of.partitions.size(); i++) out += (i ? "," : "") + to_string(of.partitions[i]);
  }
  return out;
}

std::string as_json(const GroupView& view) {
  const client::GroupDescription& group = view.group;
  std::string out = "{\"group\":" + json_text(group.name) + ",\"state\":" + json_text(group.state);
  out += ",\"type\":" + text_or_null(group.protocol_type) + ",\"protocol\":" + text_or_null(group.protocol);
  out += ",\"coordinator\":" + (group.coordinator == broker_none ? "null" : to_string(group.coordinator));
  out += ",\"members\":" + list_of(group.members, [](const client::GroupMember& m) { return json_of(m); });
  out += ",\"partitions\":" +
         list_of(view.partitions, [&](const client::PartitionLag& p) { return "\n " + json_of(view, p); });
  return out + "}";
}

}  // namespace bobbin::cmd
