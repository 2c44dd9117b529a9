// Fetch sessions: what a question names is remembered, and only news is told.
#include "broker/data/fetch_sessions.h"

#include <catch2/catch.hpp>

#include "broker/one_broker.h"
#include "log/memory_world.h"

using namespace bobbin;
using namespace bobbin::test;
using broker::FetchSessions;

namespace {

using Question = protocol::FetchRequest;
using Told = protocol::FetchResponse;
using Kind = FetchSessions::Turn::Kind;

int16_t number(Errc e) { return static_cast<int16_t>(e); }

// A question for partitions of topics by name, in a session.
Question question(int32_t id, int32_t epoch, std::vector<std::pair<std::string, std::vector<int32_t>>> named = {}) {
  Question q;
  q.session_id = id;
  q.session_epoch = epoch;
  for (auto& [topic, partitions] : named) {
    q.topics.push_back({topic, {}, {}});
    for (int32_t p : partitions) {
      Question::FetchPartition asked;
      asked.partition = p;
      asked.partition_max_bytes = 1 << 20;
      q.topics.back().partitions.push_back(asked);
    }
  }
  return q;
}

// What is named, as "t:0,1 u:3".
template <class Message>
std::string named(const Message& topics) {
  std::string out;
  for (const auto& topic : topics) {
    out += (out.empty() ? "" : " ") + topic.topic + ":";
    for (const auto& p : topic.partitions) {
      if constexpr (requires { p.partition; }) out += std::to_string(p.partition) + ",";
      else out += std::to_string(p.partition_index) + ",";
    }
    out.pop_back();
  }
  return out;
}

// An answer to everything that is asked, in which all end at `end`.
Told answer_to(const Question& asked, int64_t end = 0) {
  Told told;
  for (const auto& topic : asked.topics) {
    told.responses.push_back({topic.topic, topic.topic_id, {}});
    for (const auto& p : topic.partitions) {
      Told::PartitionData data;
      data.partition_index = p.partition;
      data.high_watermark = end;
      data.log_start_offset = 0;
      told.responses.back().partitions.push_back(data);
    }
  }
  return told;
}

struct Sessions {
  MemoryWorld w;
  FetchSessions sessions{w.world, {.sessions_max = 2, .partitions_max = 5, .idle_ms_min = 1000}};

  // Asked and answered at once: the session's id.
  int32_t open(Question asked) {
    auto turn = sessions.ask(asked, false);
    REQUIRE(turn.ok());
    REQUIRE(turn->kind == Kind::opens);
    Told told = answer_to(asked);
    REQUIRE(sessions.answer(*turn, asked, false, told).ok());
    return told.session_id;
  }
  Errc refusal(Question asked, bool by_id = false) {
    auto turn = sessions.ask(asked, by_id);
    return turn ? Errc::none : turn.error().code;
  }
};

}  // namespace

TEST_CASE("Fetch sessions: what was named once is asked for until it is forgotten, and only news is told") {
  Sessions s;
  const int32_t id = s.open(question(0, 0, {{"t", {0, 1}}, {"u", {3}}}));
  REQUIRE(id > 0);
  Question next = question(id, 1);
  auto turn = s.sessions.ask(next, false);
  REQUIRE(turn.ok());
  CHECK(named(next.topics) == "t:0,1 u:3");
  Told told = answer_to(next);
  std::string batch = batch_of({"x"});
  told.responses[0].partitions[0].records = Bytes(batch);
  told.responses[0].partitions[0].high_watermark = 1;
  told.responses[1].partitions[0].error_code = 3;
  REQUIRE(s.sessions.answer(*turn, next, false, told).ok());
  CHECK(told.session_id == id);
  CHECK(named(told.responses) == "t:0 u:3");
  SECTION("what gave records comes last, and what was wrong is told when it is right") {
    Question third = question(id, 2);
    turn = s.sessions.ask(third, false);
    REQUIRE(turn.ok());
    CHECK(named(third.topics) == "t:1 u:3 t:0");
    Told after = answer_to(third);
    after.responses[2].partitions[0].high_watermark = 1;
    REQUIRE(s.sessions.answer(*turn, third, false, after).ok());
    CHECK(named(after.responses) == "u:3");
  }
  SECTION("what is named again is changed, what is new is added, what is forgotten is not asked for") {
    Question third = question(id, 2, {{"t", {1}}, {"v", {0}}});
    third.topics[0].partitions[0].fetch_offset = 7;
    third.forgotten_topics_data.push_back({"u", {}, {3, 4}});
    REQUIRE(s.sessions.ask(third, false).ok());
    CHECK(named(third.topics) == "t:1,0 v:0");
    CHECK(third.topics[0].partitions[0].fetch_offset == 7);
  }
  SECTION("where all are forgotten there is no session") {
    Question third = question(id, 2);
    third.forgotten_topics_data = {{"u", {}, {3}}, {"t", {}, {0, 1}}};
    turn = s.sessions.ask(third, false);
    REQUIRE(turn.ok());
    CHECK(turn->kind == Kind::none);
    CHECK(third.topics.empty());
    CHECK(s.sessions.count() == 0);
  }
}

TEST_CASE("Fetch sessions: a higher watermark or log start is news, and a place where logs part") {
  Sessions s;
  const int32_t id = s.open(question(0, 0, {{"t", {0, 1, 2, 3}}}));
  Question next = question(id, 1);
  auto turn = s.sessions.ask(next, false);
  Told told = answer_to(next);
  auto& partitions = told.responses[0].partitions;
  partitions[0].high_watermark = 5;
  partitions[1].log_start_offset = 2;
  partitions[2].diverging_epoch = {1, 4};
  REQUIRE(s.sessions.answer(*turn, next, false, told).ok());
  CHECK(named(told.responses) == "t:0,1,2");
}

TEST_CASE("Fetch sessions: Kafka's refusals leave the session alive") {
  Sessions s;
  const int32_t id = s.open(question(0, 0, {{"t", {0}}}));
  CHECK(s.refusal(question(id + 1, 1)) == Errc::fetch_session_id_not_found);
  CHECK(s.refusal(question(0, 1)) == Errc::fetch_session_id_not_found);
  CHECK(s.refusal(question(id, 2)) == Errc::invalid_fetch_session_epoch);
  CHECK(s.refusal(question(id, -2)) == Errc::invalid_fetch_session_epoch);
  CHECK(s.refusal(question(id, 1), true) == Errc::fetch_session_topic_id_error);
  CHECK(s.refusal(question(id, 1)) == Errc::none);
  // A second question before the first is answered.
  CHECK(s.refusal(question(id, 1)) == Errc::invalid_fetch_session_epoch);
}

TEST_CASE("Fetch sessions: a question that another one of its session has overtaken is refused with its answer") {
  Sessions s;
  const int32_t id = s.open(question(0, 0, {{"t", {0}}}));
  Question first = question(id, 1), second = question(id, 2);
  auto turn = s.sessions.ask(first, false);
  REQUIRE(s.sessions.ask(second, false).ok());
  Told told = answer_to(first);
  auto answered = s.sessions.answer(*turn, first, false, told);
  REQUIRE_FALSE(answered.ok());
  CHECK(answered.error().code == Errc::invalid_fetch_session_epoch);
}

TEST_CASE("Fetch sessions: who wants none, or another one, closes his own") {
  Sessions s;
  const int32_t id = s.open(question(0, 0, {{"t", {0}}}));
  SECTION("none") {
    Question last = question(id, -1, {{"t", {0, 0}}});
    auto turn = s.sessions.ask(last, false);
    REQUIRE(turn.ok());
    CHECK(turn->kind == Kind::none);
    CHECK(named(last.topics) == "t:0");
    CHECK(s.sessions.count() == 0);
  }
  SECTION("another one") {
    CHECK(s.open(question(id, 0, {{"t", {0}}})) > 0);
    CHECK(s.sessions.count() == 1);
  }
}

TEST_CASE("Fetch sessions: the one that was not used for long makes room, else a new one is declined") {
  Sessions s;
  const int32_t first = s.open(question(0, 0, {{"t", {0}}}));
  s.w.clock.pass(500);
  REQUIRE(s.open(question(0, 0, {{"t", {0}}})) > 0);
  CHECK(s.open(question(0, 0, {{"t", {0}}})) == 0);
  s.w.clock.pass(600);
  CHECK(s.open(question(0, 0, {{"t", {0}}})) > 0);
  CHECK(s.sessions.count() == 2);
  CHECK(s.refusal(question(first, 1)) == Errc::fetch_session_id_not_found);
}

TEST_CASE("Fetch sessions: all together remember so many partitions, and no name that is none") {
  Sessions s;
  CHECK(s.open(question(0, 0, {{"t", {0, 1, 2, 3, 4, 5}}})) == 0);
  CHECK(s.open(question(0, 0, {{std::string(250, 't'), {0}}})) == 0);
  const int32_t id = s.open(question(0, 0, {{"t", {0, 1, 2, 3}}}));
  REQUIRE(id > 0);
  CHECK(s.refusal(question(id, 1, {{"t", {0, 1, 2, 3, 4}}})) == Errc::none);
  // It asks for everything then.
  CHECK(s.refusal(question(id, 2, {{"t", {5}}})) == Errc::fetch_session_id_not_found);
  CHECK(s.sessions.count() == 0);
}

TEST_CASE("Fetch: in a session what comes in is told, from where it was asked for last") {
  OneBroker b;
  b.create("t", 2);
  b.produce("t", batch_of({"a"}));
  auto first = b.fetch_request("t", 0);
  first.session_epoch = 0;
  auto other = first.topics[0].partitions[0];
  other.partition = 1;
  first.topics[0].partitions.push_back(other);
  auto told = b.call<Told>(12, first);
  REQUIRE(told.session_id > 0);
  CHECK(told.responses.size() == 1);
  CHECK(told.responses[0].partitions.size() == 2);
  auto next = b.fetch_request("t", 1);
  next.session_id = told.session_id;
  next.session_epoch = 1;
  auto nothing = b.call<Told>(12, next);
  CHECK(nothing.error_code == 0);
  CHECK(nothing.session_id == told.session_id);
  CHECK(nothing.responses.empty());
  b.produce("t", batch_of({"b"}));
  Question last;
  last.max_wait_ms = 0;
  last.session_id = told.session_id;
  last.session_epoch = 2;
  auto news = b.call<Told>(12, last);
  REQUIRE(news.responses.size() == 1);
  REQUIRE(news.responses[0].partitions.size() == 1);
  CHECK(values_in(*news.responses[0].partitions[0].records) == std::vector<std::string>{"b"});
  CHECK(b.call<Told>(12, last).error_code == number(Errc::invalid_fetch_session_epoch));
  last.session_id++;
  CHECK(b.call<Told>(12, last).error_code == number(Errc::fetch_session_id_not_found));
}
