// LeaderLink: what a follower asks its leader for, when, and what becomes of the answers.
#include "broker/replication/leader_link.h"

#include <catch2/catch.hpp>

#include "broker/some_peers.h"
#include "metadata/partition_change.h"

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

  broker::Throttle slowly;
  LeaderLink link{context, slowly, BrokerId(2)};
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

TEST_CASE("Leader link: what it took of a partition that somebody else leads by now holds up no other") {
  Linked l;
  l.follow_topic({});
  l.change(l.transactions, [&](const metadata::Image& image) {
    metadata::NewTopic other;
    other.name = "u";
    other.id = os::random_uuid(l.w.random);
    other.assignments = {{PartitionId(0), {BrokerId(2), BrokerId(1)}}};
    return metadata::create_topic(image, other, {{BrokerId(1), BrokerId(2)}, 0}, {});
  });
  l.w.jobs.run_all();
  l.open_log(l.topic("u"), 0);
  l.begin();
  const std::string batch = test::SomePeers::batch(0, 2);
  l.link.on_answer(l.answer(l.records(batch)));
  l.change(l.transactions, [](const metadata::Image& image) {
    metadata::PartitionChange to(*image.topic("t"), PartitionId(0), 1);
    to.make_leader(broker_none);
    return metadata::Records{*to.record()};
  });
  l.w.jobs.run_all();
  l.link.run();
  REQUIRE(l.asked.size() == 2);
  CHECK(l.question().topics.at(0).topic_id == l.topic("u")->id);
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

TEST_CASE(
    "Leader link: whose records are of later reigns than the metadata knows asks for a reign above, and for nothing "
    "else") {
  Linked l;
  const auto id = l.follow_topic();
  const auto reign = [&](int32_t epoch) {
    return cluster::Reign{BrokerId(2), LeaderEpoch(epoch), {l.following(id).replicas(), {}, 1}};
  };
  l.following(id).follow(reign(4));
  REQUIRE(l.following(id).take(test::SomePeers::batch(0, 1, 4)).ok());
  l.following(id).follow(reign(0));
  l.begin();
  CHECK(l.asked.empty());
  l.w.jobs.run_all();
  CHECK(l.topic("t")->partitions[0].leader_epoch == LeaderEpoch(5));
  CHECK(l.following(id).epoch() == LeaderEpoch(5));
  l.w.clock.pass(10);
  l.link.run();
  CHECK(l.asked_partition().current_leader_epoch == 5);
  CHECK(l.asked_partition().fetch_offset == 1);
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

TEST_CASE("Leader link: a refusal is asked about again a moment later, and then less and less often") {
  Linked l;
  l.follow_topic();
  l.begin();
  std::vector<int64_t> pauses;
  auto refuse = [&] {
    l.link.on_answer(l.answer(test::SomePeers::refusal(Errc::not_leader_or_follower)));
    l.link.run();
    REQUIRE(l.link.next_deadline_ms());
    pauses.push_back(*l.link.next_deadline_ms() - l.w.clock.mono);
    const size_t before = l.asked.size();
    l.w.clock.pass(pauses.back());
    l.link.run();
    CHECK(l.asked.size() == before + 1);
  };
  for (int i = 0; i < 6; i++) refuse();
  CHECK(pauses == std::vector<int64_t>{1, 2, 4, 8, 10, 10});
  l.link.on_answer(l.answer(l.records("")));
  l.link.run();
  refuse();
  CHECK(pauses.back() == 1);
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

namespace {

// The leader's file, and where its first batch lies.
struct InFiles : Linked {
  void lay(const std::string& bytes) {
    const std::string folder = dir.broker_dir(BrokerId(2)) + "/t-0";
    REQUIRE(w.storage.make_dir(dir.broker_dir(BrokerId(2))));
    REQUIRE(w.storage.make_dir(folder));
    auto segment = w.storage.open(folder + "/00000000000000000000.log", os::Open::create);
    REQUIRE(segment.ok());
    REQUIRE((*segment)->truncate(0));
    REQUIRE((*segment)->write(Bytes(bytes), 0));
  }
  Answer::PartitionData place(uint64_t bytes, int32_t epoch) {
    Answer::PartitionData data;
    data.high_watermark = 1;
    data.place.segment = 0;
    data.place.end = static_cast<int64_t>(bytes);
    data.place_epoch = epoch;
    return data;
  }
  void tell(const Answer::PartitionData& data) {
    link.on_answer(answer(data));
    link.note_ready(id);
    link.run();
  }
  Offset end() { return following(id).copy().log_end(); }

  const cluster::TopicPartition id = follow_topic();
};

}  // namespace

TEST_CASE("Leader link: what its leader tells the place of is read from its file") {
  InFiles l;
  const std::string both = test::SomePeers::batch(0, 2) + test::SomePeers::batch(2, 3);
  l.lay(both + both);
  l.begin();
  CHECK(l.asked_partition().read_in_place);
  l.tell(l.place(both.size(), 0));
  CHECK(l.end() == Offset(5));
  CHECK(l.following(l.id).high_watermark() == Offset(1));
  CHECK(l.asked_partition().fetch_offset == 5);
  CHECK(l.asked_partition().read_in_place);
}

TEST_CASE("Leader link: of a place whole batches are taken, a large one too") {
  InFiles l;
  record::BatchBuilder builder;
  builder.add(Timestamp(1700000000000), std::nullopt, std::string(3 << 20, 'x'));
  const std::string large = *builder.seal({.leader_epoch = LeaderEpoch(0)});
  l.lay(large + test::SomePeers::batch(1, 1));
  l.begin();
  l.tell(l.place(large.size() + 20, 0));
  CHECK(l.end() == Offset(1));
}

TEST_CASE("Leader link: what cannot be read from its leader's file is asked for as records, once") {
  InFiles l;
  const std::string batch = test::SomePeers::batch(0, 2);
  auto data = l.place(batch.size(), 0);
  SECTION("the file is gone") {}
  SECTION("it is shorter by now") { l.lay(batch.substr(0, batch.size() - 1)); }
  SECTION("it is empty by now") { l.lay(""); }
  SECTION("it is not in memory") {
    l.lay(batch);
    l.w.storage.cold.insert(l.dir.broker_dir(BrokerId(2)) + "/t-0/00000000000000000000.log");
  }
  SECTION("another batch lies there: of another offset") { l.lay(test::SomePeers::batch(1, 2)); }
  SECTION("another batch lies there: of another epoch") {
    l.lay(batch);
    data.place_epoch = 1;
  }
  SECTION("the file is of a later reign than the question") {
    l.lay(test::SomePeers::batch(0, 2, 1));
    data.place_epoch = 1;
  }
  SECTION("there is no such place") {
    l.lay(batch);
    data.place.position = data.place.end;
  }
  l.begin();
  l.tell(data);
  CHECK(l.end() == Offset(0));
  CHECK_FALSE(l.asked_partition().read_in_place);
  CHECK(l.asked_partition().fetch_offset == 0);
  l.tell(l.records(batch));
  CHECK(l.end() == Offset(2));
  CHECK(l.asked_partition().read_in_place);
}

TEST_CASE("Leader link: of what is damaged in its leader's file the leader is asked, who sees it then") {
  InFiles l;
  std::string batch = test::SomePeers::batch(0, 2);
  batch.back() ^= 1;
  l.lay(batch);
  l.begin();
  l.tell(l.place(batch.size(), 0));
  CHECK(l.end() == Offset(0));
  l.w.clock.pass(10'000);
  l.link.run();
  CHECK_FALSE(l.asked_partition().read_in_place);
}

TEST_CASE("Leader link: of a file only what is of no later reign than the question is taken") {
  InFiles l;
  const std::string before = test::SomePeers::batch(0, 2), later = test::SomePeers::batch(2, 1, 1);
  l.lay(before + later);
  l.begin();
  l.tell(l.place(before.size() + later.size(), 0));
  CHECK(l.end() == Offset(2));
}

TEST_CASE("Leader link: what found no room in an answer is the first in the next question") {
  Linked l;
  const auto id = l.follow_topic();
  l.change(l.transactions, [](const metadata::Image& image) {
    return metadata::create_partitions(image, "t", 2, {{{BrokerId(2), BrokerId(1)}}}, {{BrokerId(1), BrokerId(2)}, 0});
  });
  l.w.jobs.run_all();
  l.open_log(l.topic("t"), 1);
  l.begin();
  auto first = [&] { return l.question().topics.at(0).partitions.at(0).partition; };
  CHECK(first() == 0);
  record::BatchBuilder builder;
  builder.add(Timestamp(1700000000000), std::nullopt, std::string(8 << 20, 'x'));
  const std::string large = *builder.seal({});
  l.link.on_answer(l.answer(l.records(large)));
  l.link.note_ready(id);
  l.link.run();
  CHECK(first() == 1);
}

TEST_CASE("Leader link: a copy that a move makes is not asked for faster than the throttle says") {
  Linked l;
  const auto id = l.follow_topic();
  l.change(l.transactions, [](const metadata::Image& image) {
    metadata::PartitionChange to(*image.topic("t"), PartitionId(0), 1);
    to.leave(BrokerId(1));
    return metadata::Records{*to.record()};
  });
  l.change(l.transactions, [](const metadata::Image& image) {
    return metadata::alter_configs(image, {config::ConfigScope::topic, "t"},
                                   {{"follower.replication.throttled.replicas", metadata::ConfigOp::set, "0:1"}});
  });
  l.w.jobs.run_all();
  l.slowly.follow(100 << 10);
  l.begin();
  CHECK(l.asked_partition().partition_max_bytes == 100 << 10);
  const std::string batch = test::SomePeers::batch(0, 700);
  l.link.on_answer(l.answer(l.records(batch)));
  l.link.note_ready(id);
  l.link.run();
  REQUIRE(l.link.next_deadline_ms());
  const auto wait = *l.link.next_deadline_ms() - l.w.clock.mono;
  CHECK(wait == static_cast<int64_t>((batch.size() * 1000 + (100 << 10) - 1) / (100 << 10)));
  CHECK(l.asked.size() == 1);
  l.w.clock.pass(wait);
  l.link.run();
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

TEST_CASE("Leader link: below what was committed nothing is cut, unless an election cost records") {
  Linked l;
  const auto id = l.follow_topic();
  l.begin();
  const std::string both = test::SomePeers::batch(0, 2) + test::SomePeers::batch(2, 3);
  l.link.on_answer(l.answer(l.records(both, 5)));
  l.durability.flush(id);
  l.settle();
  REQUIRE(l.following(id).committed() == Offset(5));
  const bool is_recovering = GENERATE(false, true);
  if (is_recovering)
    l.change(l.transactions, [&](const metadata::Image& image) {
      metadata::PartitionChange to(*image.topic(id.topic), id.partition, 1);
      to.make_leader_uncleanly(BrokerId(2));
      return metadata::Records{*to.record()};
    });
  l.w.jobs.run_all();
  l.link.note_ready(id);
  l.link.run();
  auto data = l.records("");
  data.diverging_epoch = {0, 2};
  l.link.on_answer(l.answer(data));
  l.w.jobs.run_all();
  l.w.clock.pass(10'000);
  l.link.note_ready(id);
  l.link.run();
  l.w.jobs.run_all();
  const cluster::Following* after = l.replicas->opened().find_following(id);
  REQUIRE(after);
  CHECK(after->copy().log_end() == Offset(is_recovering ? 0 : 5));
  const bool is_told = std::any_of(l.said.begin(), l.said.end(),
                                   [](const auto& line) { return line.find("DAMAGED") != std::string::npos; });
  CHECK(is_told == !is_recovering);
}

TEST_CASE("Leader link: it tells where its log begins, what of that outlives it, and at once when that has moved") {
  Linked l;
  const auto id = l.follow_topic();
  l.begin();
  const std::string batch = test::SomePeers::batch(0, 3);
  l.link.on_answer(l.answer(l.records(batch, 3)));
  l.link.note_ready(id);
  l.settle();
  l.link.run();
  CHECK(l.asked_partition().log_start_offset == 0);
  CHECK(l.asked_partition().kept_start == -1);
  auto trimmed = l.records("", 3);
  trimmed.log_start_offset = 2;
  l.link.on_answer(l.answer(trimmed));
  CHECK(l.following(id).copy().log_start() == Offset(2));
  l.link.run();
  CHECK(l.asked_partition().log_start_offset == 2);
  CHECK(l.asked_partition().kept_start == 0);
  const size_t asked = l.asked.size();
  l.link.note_ready(id);  // of something else
  l.link.run();
  CHECK(l.asked.size() == asked);
  l.settle();
  CHECK(is_start_kept(l.following(id).copy()));
  l.link.note_ready(id);
  l.link.run();
  REQUIRE(l.asked.size() == asked + 1);
  CHECK(l.asked_partition().log_start_offset == 2);
  CHECK(l.asked_partition().kept_start == -1);
}
