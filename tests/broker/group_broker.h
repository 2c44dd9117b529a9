// A broker that coordinates groups, and clients that ask it.
#pragma once

#include <catch2/catch.hpp>

#include "broker/one_broker.h"
#include "broker/request.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/sync_group.h"

namespace bobbin::test {

inline protocol::JoinGroupRequest join_request(const std::string& group, const std::string& member_id = "") {
  protocol::JoinGroupRequest request;
  request.group_id = group;
  request.session_timeout_ms = 10'000;
  request.rebalance_timeout_ms = 60'000;
  request.member_id = member_id;
  request.protocol_type = "consumer";
  request.protocols.push_back({"range", "topics"});
  return request;
}

// One position, by no member of the group.
inline protocol::OffsetCommitRequest commit_request(const std::string& group, int64_t offset, int32_t partition = 0,
                                                    const std::string& topic = "orders") {
  protocol::OffsetCommitRequest request;
  request.group_id = group;
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  asked.partitions.push_back({partition, offset, 7, "note"});
  return request;
}

class GroupBroker : public OneBroker {
 public:
  // With the topic "orders" of two partitions; who coordinates groups has been asked.
  explicit GroupBroker(config::ConfigMap configs = {}) : OneBroker(std::move(configs)) {
    create("orders", 2);
    REQUIRE(find().error_code == 0);
  }

  protocol::FindCoordinatorResponse find() {
    protocol::FindCoordinatorRequest request;
    request.key = "g";
    return call<protocol::FindCoordinatorResponse>(3, request);
  }
  // Over a connection that stays.
  template <class Answer, class Message>
  Answer over(transport::ConnectionId id, int16_t version, const Message& message) {
    ask(id, version, message);
    settle();
    auto got = answer<Answer>(id, version);
    REQUIRE(got);
    return std::move(*got);
  }

  struct Member {
    transport::ConnectionId connection;
    std::string id;
    int32_t generation;
  };
  Member begin_stable(const std::string& group, bool unix = false, std::optional<std::string> instance = {}) {
    const auto connection = connect(unix);
    auto request = join_request(group);
    request.group_instance_id = std::move(instance);
    const int16_t version = request.group_instance_id ? 5 : 3;
    const auto joined = over<protocol::JoinGroupResponse>(connection, version, request);
    REQUIRE(joined.error_code == 0);
    const Member member{connection, joined.member_id, joined.generation_id};
    protocol::SyncGroupRequest sync;
    sync.group_id = group;
    sync.member_id = member.id;
    sync.generation_id = member.generation;
    sync.assignments.push_back({member.id, "share"});
    REQUIRE(over<protocol::SyncGroupResponse>(connection, 3, sync).assignment == "share");
    return member;
  }
  static protocol::HeartbeatRequest heartbeat_of(const std::string& group, const Member& member, int32_t wait_ms = 0) {
    protocol::HeartbeatRequest request;
    request.group_id = group;
    request.generation_id = member.generation;
    request.member_id = member.id;
    request.wait_ms = wait_ms;
    return request;
  }
  int16_t beat(const std::string& group, const Member& member) {
    return over<protocol::HeartbeatResponse>(member.connection, 4, heartbeat_of(group, member)).error_code;
  }
  int16_t leave(const std::string& group, const Member& member) {
    protocol::LeaveGroupRequest request;
    request.group_id = group;
    request.member_id = member.id;
    return call<protocol::LeaveGroupResponse>(2, request).error_code;
  }

  int16_t commit(const protocol::OffsetCommitRequest& request, int16_t version = 9) {
    return call<protocol::OffsetCommitResponse>(version, request).topics.at(0).partitions.at(0).error_code;
  }
  protocol::OffsetFetchResponse::OffsetFetchResponsePartition position(const std::string& group,
                                                                       int32_t partition = 0) {
    protocol::OffsetFetchRequest request;
    request.group_id = group;
    request.topics.emplace().push_back({"orders", {partition}});
    const auto told = call<protocol::OffsetFetchResponse>(5, request);
    REQUIRE(told.error_code == 0);
    return told.topics.at(0).partitions.at(0);
  }
  protocol::DescribeGroupsResponse::DescribedGroup describe(const std::string& group, int16_t version = 6) {
    protocol::DescribeGroupsRequest request;
    request.groups = {group};
    return call<protocol::DescribeGroupsResponse>(version, request).groups.at(0);
  }
  std::string state_of(const std::string& group) { return describe(group).group_state; }
};

inline int16_t code(Errc why) { return broker::wire_code(why); }

}  // namespace bobbin::test
