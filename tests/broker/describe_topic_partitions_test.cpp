// DescribeTopicPartitions: pages of topics and their partitions, and where the next one begins.
#include "protocol/messages/describe_topic_partitions.h"

#include <catch2/catch.hpp>

#include "broker/one_broker.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

using Request = protocol::DescribeTopicPartitionsRequest;
using Response = protocol::DescribeTopicPartitionsResponse;
using Cursor = protocol::TopicPartitionsCursor;
using Topic = Response::DescribeTopicPartitionsResponseTopic;

Request about(const std::vector<std::string>& names, int32_t limit = 2000, std::optional<Cursor> from = {}) {
  Request request;
  for (const auto& name : names) request.topics.push_back({name});
  request.response_partition_limit = limit;
  request.cursor = std::move(from);
  return request;
}

// "a 0 1" for each topic of a page: its name and the partitions that it tells of.
std::vector<std::string> shown(const Response& page) {
  std::vector<std::string> out;
  for (const Topic& topic : page.topics) {
    out.push_back(*topic.name);
    if (topic.error_code != 0) out.back() += " error " + std::to_string(topic.error_code);
    for (const auto& p : topic.partitions) out.back() += " " + std::to_string(p.partition_index);
  }
  return out;
}
using Shown = std::vector<std::string>;

struct Topics {
  Topics() {
    b.create("b", 3);
    b.create("a", 2);
    b.create("c", 1);
  }
  Response ask(const Request& request) { return b.call<Response>(0, request); }
  OneBroker b;
};

}  // namespace

TEST_CASE("DescribeTopicPartitions: a topic with all that is known of it") {
  Topics t;
  auto page = t.ask(about({"a"}));
  CHECK_FALSE(page.next_cursor);
  REQUIRE(page.topics.size() == 1);
  const Topic& told = page.topics[0];
  CHECK(told.error_code == 0);
  CHECK(told.name == "a");
  CHECK(told.topic_id == t.b.broker->image().topic("a")->id);
  CHECK_FALSE(told.is_internal);
  CHECK(told.topic_authorized_operations == 0xdf8);
  REQUIRE(told.partitions.size() == 2);
  const Response::DescribeTopicPartitionsResponsePartition second{.error_code = 0,
                                                                  .partition_index = 1,
                                                                  .leader_id = 1,
                                                                  .leader_epoch = 0,
                                                                  .replica_nodes = {1},
                                                                  .isr_nodes = {1},
                                                                  .eligible_leader_replicas = std::vector<int32_t>{},
                                                                  .last_known_elr = std::vector<int32_t>{},
                                                                  .offline_replicas = {}};
  CHECK(told.partitions[1] == second);
}

TEST_CASE("DescribeTopicPartitions: names are answered once and in their order; none are all topics") {
  Topics t;
  CHECK(shown(t.ask(about({"c", "a", "c"}))) == Shown{"a 0 1", "c 0"});
  CHECK(shown(t.ask(about({}))) == Shown{"a 0 1", "b 0 1 2", "c 0"});
  auto missing = t.ask(about({"no.such", "not/ok", "a", "__consumer_offsets", ""}));
  CHECK(shown(missing) ==
        Shown{" error 17", "__consumer_offsets error 3", "a 0 1", "no.such error 3", "not/ok error 17"});
  CHECK(missing.topics[1].is_internal);
  CHECK(missing.topics[3].topic_id.is_zero());
  CHECK_FALSE(missing.next_cursor);
}

TEST_CASE("DescribeTopicPartitions: pages end where the limit says, and go on from the cursor") {
  Topics t;
  const std::vector<std::string> names = GENERATE(std::vector<std::string>(), std::vector<std::string>{"a", "b", "c"});
  const int32_t limit = GENERATE(1, 2, 3, 4, 5, 6, 7);
  Shown all;
  std::optional<Cursor> from;
  size_t pages = 0;
  do {
    auto page = t.ask(about(names, limit, from));
    size_t partitions = 0;
    for (const Topic& topic : page.topics)
      for (const auto& p : topic.partitions) {
        all.push_back(*topic.name + std::to_string(p.partition_index));
        partitions++;
      }
    CHECK(partitions == (page.next_cursor ? static_cast<size_t>(limit) : partitions));
    from = page.next_cursor;
    REQUIRE(++pages <= 6);
  } while (from);
  CHECK(all == Shown{"a0", "a1", "b0", "b1", "b2", "c0"});
  CHECK(pages == static_cast<size_t>((6 + limit - 1) / limit));
}

TEST_CASE("DescribeTopicPartitions: a full page names the next topic, also one that is not there") {
  Topics t;
  auto page = t.ask(about({"a", "aa", "b"}, 2));
  CHECK(shown(page) == Shown{"a 0 1"});
  CHECK(page.next_cursor == Cursor{"aa", 0});
  CHECK(shown(t.ask(about({"a", "aa", "b"}, 2, page.next_cursor))) == Shown{"aa error 3", "b 0 1"});
}

TEST_CASE("DescribeTopicPartitions: a page has one partition at least and 2000 at most") {
  Topics t;
  for (int32_t limit : {0, -1, INT32_MIN}) CHECK(shown(t.ask(about({"b"}, limit))) == Shown{"b 0"});
  t.b.create("wide", 2001);
  auto page = t.ask(about({"wide"}, INT32_MAX));
  CHECK(page.topics.at(0).partitions.size() == 2000);
  CHECK(page.next_cursor == Cursor{"wide", 2000});
}

TEST_CASE("DescribeTopicPartitions: a cursor may lie behind what is there, or be of a topic that is gone") {
  Topics t;
  CHECK(shown(t.ask(about({"a", "b"}, 2000, Cursor{"b", 2}))) == Shown{"b 2"});
  for (int32_t behind : {3, 4, INT32_MAX}) {
    auto page = t.ask(about({"b"}, 2000, Cursor{"b", behind}));
    CHECK(shown(page) == Shown{"b"});
    CHECK_FALSE(page.next_cursor);
  }
  CHECK(shown(t.ask(about({}, 2000, Cursor{"aa", 1}))) == Shown{"b 0 1 2", "c 0"});
  CHECK(shown(t.ask(about({}, 2000, Cursor{"z", 0}))).empty());
}

TEST_CASE("DescribeTopicPartitions: a cursor of none of the topics, or of no partition, is refused for each of them") {
  Topics t;
  for (const Cursor& bad : {Cursor{"c", 0}, Cursor{"", 0}, Cursor{"a", -1}}) {
    auto refused = t.ask(about({"b", "a", "b"}, 2000, bad));
    CHECK(shown(refused) == Shown{"b error 42", "a error 42", "b error 42"});
    CHECK(refused.topics[0].topic_authorized_operations == INT32_MIN);
  }
  CHECK(t.ask(about({}, 2000, Cursor{"a", -1})).topics.empty());
}

TEST_CASE("DescribeTopicPartitions: partitions of a broker that does not live have no leader, and that is no error") {
  OneBroker a;
  OneBroker b(a, BrokerId(2));
  auto held = a.world.storage.try_lock(a.dir.broker_lock(BrokerId(2)));
  REQUIRE(held.ok());
  a.broker->on_metadata_changed();
  a.settle();
  a.create("t", 2);
  const size_t theirs = a.broker->image().topic("t")->partitions[0].leader == BrokerId(2) ? 0 : 1;
  held->reset();  // it died
  auto told = a.call<Response>(0, about({"t"})).topics.at(0).partitions.at(theirs);
  CHECK(told.error_code == 0);
  CHECK(told.leader_id == -1);
  CHECK(told.offline_replicas == std::vector<int32_t>{2});
}
