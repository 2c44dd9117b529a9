// Exchange: what leaves for which leader and when, and what becomes of a batch by its answer. What arrives whatever happens on
// the way is in producer_test.cpp.
#include "client/producer/exchange.h"

#include "client/answering.h"
#include "client/patience.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;
using Batches = std::map<int32_t, std::string>;  // by partition
using Codes = std::map<int32_t, Errc>;

namespace {

// A producer's parts, of a topic "t" of three partitions: broker 1 leads 0 and 2, broker 2 leads 1. Both are connected.
struct Sending {
  explicit Sending(
      size_t request_bytes_max = 1 << 20, const std::function<void(FakeCluster&)>& before = [](FakeCluster&) {}) {
    cluster.add_topic("t", 3);
    cluster.with(before);
    // What was asked, and the answer that the next of them has; those that have none are answered as always.
    cluster.with([this](FakeCluster& c) {
      c.answers = [this](int node, const RequestHeader& header, Bytes body) -> std::optional<std::string> {
        if (header.api_key != ApiKey::produce) return std::nullopt;
        auto request = decode<ProduceRequest>(body, header.api_version);
        if (!request) std::abort();
        auto& batches = asked.emplace_back(node, Batches()).second;
        for (const auto& p : request->topic_data.at(0).partition_data) batches[p.index] = *p.records;
        if (asked.size() > answers.size()) return std::nullopt;
        ProduceResponse response;
        auto& of_topic = response.responses.emplace_back();
        of_topic.topic_id = request->topic_data[0].topic_id;
        for (const auto& [p, code] : answers[asked.size() - 1]) {
          auto& one = of_topic.partition_responses.emplace_back();
          one.index = p;
          one.error_code = static_cast<int16_t>(code);
          one.base_offset = code == Errc::none ? 5 : -1;
        }
        return encode_response(header.correlation_id, header.api_version, response);
      };
    });
    session = open_session(cluster);
    REQUIRE(session->fetch_metadata({"t"}).ok());
    until([&] { return session->is_ready(BrokerId(1)) && session->is_ready(BrokerId(2)); });
    accumulator.emplace(Accumulator::Parts{*session, topic, options, tally, progress}, fields);
    exchange.emplace(Exchange::Parts{*session, topic, options, *accumulator, tally, progress},
                     session->topology().topic("t")->id, request_bytes_max);
  }
  ~Sending() {
    cluster.with([](FakeCluster& c) { c.answers = nullptr; });
  }
  PartitionQueue& queue(int32_t partition) { return *accumulator->queues()[static_cast<size_t>(partition)]; }
  // A record in the open batch of the partition.
  void add(int32_t partition, const std::string& value = "v") {
    OutRecord record;
    record.value = value;
    record.partition = PartitionId(partition);
    record.number = next_number++;
    accumulator->add(queue(partition), record, value.size());
  }
  // A batch of its own, which may leave.
  void add_batch(int32_t partition, const std::string& value = "v") {
    add(partition, value);
    REQUIRE(accumulator->seal(queue(partition)).ok());
  }
  bool send() {
    auto sent = exchange->send();
    REQUIRE(sent.ok());
    return *sent;
  }
  void until(const std::function<bool()>& is_so) { work_until(*session, is_so); }
  // As a producer does, again and again.
  void send_until_idle() {
    until([&] { return send(), accumulator->is_idle(); });
  }
  // A batch of the partition is acknowledged: from then on several may be under way.
  void begin(int32_t partition) {
    add_batch(partition);
    send_until_idle();
    cluster.with([this](FakeCluster&) { asked.clear(); });
  }
  void answer(std::vector<Codes> next) {
    cluster.with([&](FakeCluster&) { answers = std::move(next); });
  }
  // What was asked of whom.
  std::vector<std::pair<int, Batches>> seen() {
    std::vector<std::pair<int, Batches>> all;
    cluster.with([&](FakeCluster&) { all = asked; });
    return all;
  }
  // The partitions of each question, in its order.
  std::vector<std::vector<int32_t>> partitions(int node) {
    std::vector<std::vector<int32_t>> all;
    for (const auto& [of, batches] : seen()) {
      if (of != node) continue;
      auto& one = all.emplace_back();
      for (const auto& [p, bytes] : batches) one.push_back(p);
    }
    return all;
  }

  ProducerOptions telling() {
    ProducerOptions all;
    all.linger_ms = 1'000'000;
    all.delivered = [this](const Delivery& d) {
      for (uint64_t number : d.numbers)
        told.push_back(to_string(d.partition) + " " + std::to_string(number) + " " +
                       (d.error ? std::string(name(d.error->code)) : to_string(d.first_offset)));
    };
    return all;
  }

  FakeCluster cluster{2};
  std::vector<std::pair<int, Batches>> asked;
  std::vector<Codes> answers;
  std::vector<std::string> told;  // what came of it: "partition number offset", or "partition number error"
  std::unique_ptr<Session> session;
  const std::string topic = "t";
  ProducerOptions options = telling();
  SealFields fields{record::Compression::none, ProducerId(1), ProducerEpoch(0), 1'000'000};
  Tally tally{options.delivered};
  Progress progress;
  uint64_t next_number = 0;
  std::optional<Accumulator> accumulator;
  std::optional<Exchange> exchange;
};

using Partitions = std::vector<std::vector<int32_t>>;

}  // namespace

TEST_CASE("Exchange: a Produce goes to each leader with a batch of each of its partitions, then with the next ones") {
  Sending s;
  for (int32_t p : {0, 1, 2}) s.begin(p);
  for (int32_t p : {0, 1, 2, 0, 0}) s.add_batch(p);
  CHECK(s.send());
  CHECK_FALSE(s.send());
  s.send_until_idle();
  CHECK(s.partitions(1) == Partitions{{0, 2}, {0}, {0}});
  CHECK(s.partitions(2) == Partitions{{1}});
  CHECK(s.tally.acked() == 8);
}

TEST_CASE("Exchange: what a request has no room for goes with the next one, and a batch that is larger alone") {
  Sending s(400);
  s.add_batch(0, std::string(150, 'a'));
  s.add_batch(2, std::string(200, 'b'));
  s.send_until_idle();
  CHECK(s.partitions(1) == Partitions{{0}, {2}});
  s.add_batch(0, std::string(150, 'a'));
  s.add_batch(2, std::string(50, 'b'));
  s.send_until_idle();
  CHECK(s.partitions(1) == Partitions{{0}, {2}, {0, 2}});
  s.add_batch(0, std::string(1000, 'a'));
  s.send_until_idle();
  CHECK(s.partitions(1) == Partitions{{0}, {2}, {0, 2}, {0}});
}

TEST_CASE("Exchange: an open batch leaves when it was open for its time, or is pushed, and not before") {
  Sending s;
  CHECK(s.exchange->due_ms() == INT64_MAX);
  s.add(0);
  CHECK_FALSE(s.send());
  CHECK(s.exchange->due_ms() == s.queue(0).open().opened_at() + 1'000'000);
  s.accumulator->push();
  CHECK(s.send());
  s.send_until_idle();
  CHECK(s.exchange->due_ms() == INT64_MAX);
  s.options.linger_ms = 30;
  s.add(0);
  const int64_t due = s.exchange->due_ms();
  CHECK(due == s.queue(0).open().opened_at() + 30);
  s.until([&] {
    const int64_t before = s.session->now_ms();
    const bool sent = s.send();
    CHECK(sent == (before >= due));
    return sent;
  });
}

TEST_CASE("Exchange: what is refused for a while, left out or lost is sent again as it was, in its place") {
  Sending s;
  s.begin(0);
  const uint64_t metadata = s.session->topology_version();
  SECTION("refused") { s.answer(std::vector<Codes>(2, {{0, Errc::not_leader_or_follower}})); }
  SECTION("left out") { s.answer(std::vector<Codes>(2)); }
  SECTION("lost") {
    s.cluster.set_script([](const fake::Seen& seen) -> fake::Plan {
      return {seen.key == ApiKey::produce && seen.of_kind == 1 ? fake::Fault::close_after : fake::Fault::none, 0};
    });
  }
  s.add_batch(0, "first");
  s.add_batch(0, "second");
  CHECK(s.send());
  s.send_until_idle();
  const auto seen = s.seen();
  REQUIRE(seen.size() >= 3);
  std::set<std::string> batches;
  for (const auto& [node, of_node] : seen) batches.insert(of_node.at(0));
  CHECK(batches.size() == 2);
  CHECK(seen[seen.size() - 2] == seen[0]);
  CHECK(seen[seen.size() - 1] != seen[0]);
  CHECK(s.tally.acked() == 3);
  CHECK(s.tally.failed() == 0);
  CHECK(s.session->topology_version() > metadata);  // it was looked who leads now
}

TEST_CASE("Exchange: a batch that the leader has already counts as acknowledged") {
  Sending s;
  s.answer({{{0, Errc::duplicate_sequence_number}}});
  s.add_batch(0);
  s.send_until_idle();
  CHECK(s.told == std::vector<std::string>{"0 0 -1"});
  CHECK(s.seen().size() == 1);
}

TEST_CASE("Exchange: a sequence that is not the next one is explained by a batch before it, and without one the end") {
  Sending s;
  s.begin(0);
  const bool is_explained = GENERATE(true, false);
  s.answer({{{0, is_explained ? Errc::not_leader_or_follower : Errc::out_of_order_sequence_number}},
            {{0, Errc::out_of_order_sequence_number}}});
  s.add_batch(0, "first");
  s.add_batch(0, "second");
  s.send();
  s.until([&] {
    if (!s.queue(0).has_failed()) s.send();
    return s.accumulator->is_idle();
  });
  CHECK(s.tally.acked() == (is_explained ? 3 : 1));
  CHECK(s.tally.failed() == (is_explained ? 0 : 2));
  CHECK_FALSE(s.exchange->broken());
}

TEST_CASE("Exchange: a refusal that is meant for the producer ends all its partitions, with one reason") {
  // Nothing leaves for partition 0, and nobody pushes what partition 2 has.
  Sending s(1 << 20, [](FakeCluster& c) { c.topics["t"].partitions[0].leader = broker_none.value; });
  s.answer({{{1, Errc::topic_authorization_failed}}});
  s.add_batch(0);
  s.add_batch(1);
  s.add(2);
  s.send();
  s.until([&] { return s.exchange->broken().has_value(); });
  CHECK(s.exchange->broken()->code == Errc::topic_authorization_failed);
  const std::string why(name(Errc::topic_authorization_failed));
  CHECK(s.told == std::vector<std::string>{"1 1 " + why, "0 0 " + why, "2 2 " + why});
  CHECK(s.tally.failed() == 3);
  CHECK(s.accumulator->is_idle());
  CHECK(s.tally.buffered_bytes() == 0);
}

TEST_CASE("Exchange: given up, it keeps its first reason, and answers that come later change nothing") {
  Sending s;
  s.add_batch(0);
  s.add_batch(1);
  s.send();
  CHECK(s.exchange->give_up(error(Errc::no_answer, "first")).message == "first");
  CHECK(s.exchange->give_up(error(Errc::io_error, "second")).message == "first");
  const std::string why(name(Errc::no_answer));
  CHECK(s.told == std::vector<std::string>{"0 0 " + why, "1 1 " + why});
  s.until([&] { return s.seen().size() == 2; });
  for (int i = 0; i < 5; i++) REQUIRE(s.session->wait({}, 10).ok());
  CHECK(s.tally.acked() == 0);
  CHECK(s.tally.failed() == 2);
}

TEST_CASE("Exchange: where there is no leader the cluster is asked until there is one, and the others go meanwhile") {
  Sending s(1 << 20, [](FakeCluster& c) { c.topics["t"].partitions[1].leader = broker_none.value; });
  CHECK(s.exchange->awaited().empty());
  s.add_batch(0);
  s.add_batch(1);
  CHECK(s.send());
  CHECK(s.exchange->awaited() == "broker 1, which leads t-0");
  const int64_t now = s.session->now_ms();
  CHECK(s.exchange->due_ms() <= now + leader_grace_ms);
  const uint64_t metadata = s.session->topology_version();
  s.until([&] { return s.send(), s.queue(0).is_idle() && s.session->topology_version() > metadata; });
  CHECK(s.exchange->awaited() == "a leader of t-1");
  s.cluster.with([](FakeCluster& c) { c.topics["t"].partitions[1].leader = 2; });
  s.send_until_idle();
  CHECK(s.exchange->awaited().empty());
  CHECK(s.exchange->due_ms() == INT64_MAX);
  CHECK(s.partitions(2) == Partitions{{1}});
}
