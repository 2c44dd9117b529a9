// LeaderLink: what a follower asks its leader for, when, and what becomes of the answers.
#include "broker/replication/leader_link.h"

#include <catch2/catch.hpp>

#include "broker/some_peers.h"

using namespace bobbin;
using broker::LeaderLink;

namespace {

struct Linked : test::SomePeers {
  Linked() { register_broker(2); }
  void begin() {
    REQUIRE(link.connect());
    link.run();
  }
  Answer::PartitionData records(const std::string& batch, int64_t high_watermark = 0) {
    Answer::PartitionData data;
    data.records = Bytes(batch);
    data.high_watermark = high_watermark;
    return data;
  }
  cluster::Following& following(const cluster::TopicPartition& id) {
    auto* found = replicas->opened().find_following(id);
    REQUIRE(found);
    return *found;
  }

  LeaderLink link{context, BrokerId(2)};
};

}  // namespace

TEST_CASE("Leader link: nothing is asked where nothing is followed") {
  Linked l;
  l.begin();
  CHECK(l.asked.empty());
}

TEST_CASE("Leader link: it asks from the end of its own log, in the reign that it believes in, and as who it is") {
  Linked l;
  const auto id = l.follow_topic();
  l.begin();
  const auto question = l.question();
  CHECK(question.replica_state.replica_id == 1);
  CHECK(question.topics[0].topic_id == id.topic);
  CHECK(l.asked_partition().fetch_offset == 0);
  CHECK(l.asked_partition().current_leader_epoch == 0);
  CHECK(l.asked_partition().last_fetched_epoch == -1);
  l.link.run();
  CHECK(l.asked.size() == 1);  // one at a time

  const std::string batch = test::SomePeers::batch(0, 3);
  l.link.on_answer(l.answer(l.records(batch, 2)));
  CHECK(l.following(id).copy().log_end() == Offset(3));
  CHECK(l.following(id).high_watermark() == Offset(2));
  l.link.note_ready(id);  // under flush.policy=os it counts at once
  l.link.run();
  REQUIRE(l.asked.size() == 2);
  CHECK(l.asked_partition().fetch_offset == 3);
  CHECK(l.asked_partition().last_fetched_epoch == 0);
}

TEST_CASE("Leader link: a question does not wait so long that its leader is taken for dead") {
  Linked l;
  l.follow_topic();
  config::BrokerSettings settings;
  settings.session_timeout_ms = 500;
  l.link.follow(settings);
  l.begin();
  CHECK(l.question().max_wait_ms == 166);
  settings.session_timeout_ms = 6000;
  l.link.follow(settings);
  l.link.on_answer(l.answer(l.records("")));
  l.link.run();
  CHECK(l.question().max_wait_ms == 500);
}

TEST_CASE("Leader link: where the flush is what counts it asks on after it") {
  Linked l;
  const auto id = l.follow_topic({});
  l.begin();
  const std::string batch = test::SomePeers::batch(0, 2);
  l.link.on_answer(l.answer(l.records(batch)));
  l.link.run();
  CHECK(l.asked.size() == 1);
  l.settle();
  CHECK(l.following(id).position());
  l.link.note_ready(id);
  l.link.run();
  REQUIRE(l.asked.size() == 2);
  CHECK(l.asked_partition().fetch_offset == 2);
}

TEST_CASE("Leader link: what was asked in another reign is not taken") {
  Linked l;
  const auto id = l.follow_topic();
  l.begin();
  const std::string batch = test::SomePeers::batch(0, 1);
  const std::string late = l.answer(l.records(batch));
  l.register_broker(3);
  l.change(l.transactions, [](const metadata::Image& image) {
    Uuid another;
    another.bytes.fill(77);
    return metadata::register_broker(image, {BrokerId(2), another, {}, {}});
  });
  l.w.jobs.run_all();
  CHECK(l.following(id).epoch() == LeaderEpoch(1));
  l.link.on_answer(late);
  CHECK(l.following(id).copy().log_end() == Offset(0));
}

TEST_CASE("Leader link: where the logs part its own is cut, and it asks from there") {
  Linked l;
  const auto id = l.follow_topic();
  l.begin();
  const std::string both = test::SomePeers::batch(0, 2) + test::SomePeers::batch(2, 3);
  l.link.on_answer(l.answer(l.records(both)));
  l.link.note_ready(id);
  l.settle();
  l.durability.flush(id);
  l.settle();
  l.link.run();
  {
    auto data = l.records("");
    data.diverging_epoch = {0, 2};
    l.link.on_answer(l.answer(data));
  }
  l.w.jobs.run_all();
  CHECK(l.following(id).copy().log_end() == Offset(2));
  l.link.note_ready(id);
  l.link.run();
  CHECK(l.asked_partition().fetch_offset == 2);
}

TEST_CASE("Leader link: what its leader has deleted is not shown here either") {
  Linked l;
  const auto id = l.follow_topic();
  l.begin();
  const std::string both = test::SomePeers::batch(0, 2) + test::SomePeers::batch(2, 3);
  l.link.on_answer(l.answer(l.records(both)));
  CHECK(l.following(id).copy().log_start() == Offset(0));
  l.link.note_ready(id);
  l.link.run();
  {
    auto data = l.records("", 4);
    data.log_start_offset = 2;
    l.link.on_answer(l.answer(data));
  }
  CHECK(l.following(id).copy().log_start() == Offset(2));
  CHECK(l.following(id).copy().log_end() == Offset(5));
}

TEST_CASE("Leader link: a log that begins behind the end of this one begins there here, too") {
  Linked l;
  const auto id = l.follow_topic();
  l.begin();
  auto data = test::SomePeers::refusal(Errc::offset_out_of_range);
  data.log_start_offset = 40;
  l.link.on_answer(l.answer(data));
  l.link.run();
  REQUIRE(l.asked.size() == 2);
  CHECK(l.asked_partition().fetch_offset == 40);
  const std::string batch = test::SomePeers::batch(40, 1);
  l.link.on_answer(l.answer(l.records(batch)));
  CHECK(l.following(id).copy().log_start() == Offset(40));
  CHECK(l.following(id).copy().log_end() == Offset(41));
}

TEST_CASE("Leader link: a refusal is asked about again a moment later, not at once") {
  Linked l;
  l.follow_topic();
  l.begin();
  l.link.on_answer(l.answer(test::SomePeers::refusal(Errc::not_leader_or_follower)));
  l.link.run();
  CHECK(l.asked.size() == 1);
  REQUIRE(l.link.next_deadline_ms());
  l.w.clock.pass(*l.link.next_deadline_ms() - l.w.clock.mono);
  l.link.run();
  CHECK(l.asked.size() == 2);
}

TEST_CASE("Leader link: for what becomes ready while a question waits the connection is made anew") {
  Linked l;
  const auto id = l.follow_topic();
  l.begin();
  l.link.note_ready(id);  // that is asked for
  l.link.run();
  CHECK(l.asked.size() == 1);
  l.link.note_ready({id.topic, PartitionId(7)});
  l.link.run();
  CHECK(l.hung_up == std::vector{broker::LinkId(1)});
  CHECK(l.asked.size() == 2);
}

TEST_CASE("Leader link: what is no answer ends the connection") {
  Linked l;
  l.follow_topic();
  l.begin();
  l.link.on_answer("no answer");
  CHECK_FALSE(l.link.is_up());
  CHECK(l.said.back().find("no answer") != std::string::npos);
}
