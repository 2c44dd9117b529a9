// Fetcher: what each leader is asked, and what becomes of its answers. How a consumer reads on is in consumer_test.cpp, places
// in files in in_place_test.cpp.
#include "client/consumer/fetcher.h"

#include "client/answering.h"
#include "client/collector.h"
#include "client/patience.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;
using fake::make_batch;

namespace {

using Asking = Answering<FetchRequest, FetchResponse>;
using Numbers = std::vector<int32_t>;

// Readers of a topic "t" of three partitions: broker 1 leads 0 and 2, broker 2 leads 1. Both are connected.
struct Fetching {
  explicit Fetching(const std::function<void(FakeCluster&)>& before = [](FakeCluster&) {}) {
    cluster.add_topic("t", 3);
    cluster.with(before);
    session = open_session(cluster);
    REQUIRE(session->fetch_metadata({"t"}).ok());
    until([&] { return session->is_ready(BrokerId(1)) && session->is_ready(BrokerId(2)); });
    for (int32_t p : {0, 1, 2})
      readers.push_back(std::make_unique<PartitionReader>("t", session->topology().topic("t")->id, PartitionId(p),
                                                          options.batch_bytes_max));
    fetcher.emplace(*session, options);
  }
  void append(int partition, const Values& batch) {
    cluster.with([&](FakeCluster& c) { c.append("t", partition, make_batch(batch)); });
  }
  PartitionReader& at(size_t partition) { return *readers[partition]; }
  // Those that are not wanted for a while.
  void leave_out(size_t partition) { at(partition).set_stop(Offset(0)); }
  bool ask(size_t first = 0) {
    auto asked = fetcher->ask(readers, first);
    REQUIRE(asked.ok());
    return *asked;
  }
  void until(const std::function<bool()>& is_so) { work_until(*session, is_so); }
  // As a consumer does, again and again.
  void ask_until(const std::function<bool()>& is_so) {
    until([&] { return is_so() || (ask(), is_so()); });
  }
  Values take(size_t partition) {
    Collector sink;
    bool paused = false;
    while (at(partition).has_records()) REQUIRE(at(partition).deliver(sink, paused).ok());
    return sink.seen;
  }

  FakeCluster cluster{2};
  std::unique_ptr<Session> session;
  ReadOptions options;
  std::vector<std::unique_ptr<PartitionReader>> readers;
  std::optional<Fetcher> fetcher;
};

std::optional<FetchResponse> as_always(const FetchRequest&) { return std::nullopt; }

Numbers partitions_of(const FetchRequest& request) {
  Numbers all;
  for (const auto& topic : request.topics)
    for (const auto& p : topic.partitions) all.push_back(p.partition);
  return all;
}

// An answer in which each partition that was asked for has the code that is given for it.
std::optional<FetchResponse> refusing(const FetchRequest& request, const std::map<int32_t, Errc>& codes) {
  FetchResponse response;
  auto& topic = response.responses.emplace_back();
  topic.topic_id = request.topics.at(0).topic_id;
  for (int32_t p : partitions_of(request)) {
    auto& data = topic.partitions.emplace_back();
    data.partition_index = p;
    data.error_code = static_cast<int16_t>(codes.at(p));
  }
  return response;
}

}  // namespace

TEST_CASE("Fetcher: a leader is asked once for all that it leads, in turn, and not again before it has answered") {
  Fetching f;
  for (int p : {0, 1, 2}) f.append(p, {"a" + std::to_string(p)});
  Asking asking(f.cluster, as_always);
  CHECK(f.ask(1));
  CHECK_FALSE(f.ask(1));
  CHECK_FALSE(f.fetcher->is_blocked());
  f.until([&] { return f.at(0).has_records() && f.at(1).has_records() && f.at(2).has_records(); });
  std::map<int, Numbers> asked;
  const auto nodes = asking.nodes();
  const auto requests = asking.requests();
  REQUIRE(requests.size() == 2);
  for (size_t i = 0; i < 2; i++) asked[nodes[i]] = partitions_of(requests[i]);
  CHECK(asked == std::map<int, Numbers>{{1, {2, 0}}, {2, {1}}});
  for (size_t p : {0, 1, 2}) CHECK(f.take(p) == Values{"a" + std::to_string(p)});
  CHECK(f.ask());
  CHECK(f.at(0).fetch_offset() == Offset(1));
}

TEST_CASE(
    "Fetcher: it asks from where the reader stands, in the epoch that it knows, for as many bytes as are needed") {
  Fetching f([](FakeCluster& c) {
    c.topics["t"].partitions[0].epoch = 7;
    // Of a batch for which there is no room not even the header comes.
    c.retouch = [](const FetchRequest::FetchPartition& asked, FetchResponse::PartitionData& told) {
      if (asked.partition_max_bytes <= 100) told.records = told.records->substr(0, 40);
    };
  });
  f.options.partition_bytes_max = f.options.fetch_bytes_max = 100;
  f.options.fetch_wait_ms = 123;
  for (size_t p : {1, 2}) f.leave_out(p);
  for (int i = 0; i < 3; i++) f.append(0, {std::string(1000, 'v')});
  f.at(0).seek(Offset(1));
  Asking asking(f.cluster, as_always);
  f.ask_until([&] { return f.at(0).has_records(); });
  const auto requests = asking.requests();
  REQUIRE(requests.size() == 2);
  for (const auto& request : requests) {
    CHECK(request.max_wait_ms == 123);
    CHECK(request.min_bytes == 1);
    REQUIRE(partitions_of(request) == Numbers{0});
    const auto& asked = request.topics[0].partitions[0];
    CHECK(asked.fetch_offset == 1);
    CHECK(asked.current_leader_epoch == 7);
    CHECK(request.max_bytes == asked.partition_max_bytes);
  }
  CHECK(requests[0].max_bytes == 100);
  CHECK(requests[1].max_bytes > 1000);
}

TEST_CASE("Fetcher: an answer to a reader that went elsewhere meanwhile is not taken") {
  Fetching f;
  for (size_t p : {1, 2}) f.leave_out(p);
  for (const char* value : {"a", "b"}) f.append(0, {value});
  f.at(0).seek(Offset(1));
  CHECK(f.ask());
  f.at(0).seek(Offset(0));
  f.until([&] { return f.ask(); });  // the answer is here
  CHECK_FALSE(f.at(0).has_records());
  f.until([&] { return f.at(0).has_records(); });
  CHECK(f.take(0) == Values{"a", "b"});
}

TEST_CASE(
    "Fetcher: what is refused is the affair of its partition, whether it passes, ends, or is to be put elsewhere") {
  Fetching f;
  const std::map<int32_t, Errc> codes{
      {0, Errc::offset_out_of_range}, {1, Errc::not_leader_or_follower}, {2, Errc::topic_authorization_failed}};
  int answers_of_two = 0;
  Asking asking(f.cluster, [&](const FetchRequest& request) -> std::optional<FetchResponse> {
    if (partitions_of(request) == Numbers{1} && answers_of_two++ > 0) return std::nullopt;
    return refusing(request, codes);
  });
  f.append(1, {"late"});
  const uint64_t metadata = f.session->topology_version();
  f.ask_until([&] { return f.at(1).has_records() && f.at(0).out_of_range; });
  CHECK(f.session->topology_version() > metadata);  // it was looked who leads now
  CHECK(f.take(1) == Values{"late"});
  // The others are not asked for again: the one has an end, and who puts the other one elsewhere says so.
  f.leave_out(1);
  const int64_t later = f.session->now_ms() + 3 * retry_pause_ms;
  f.until([&] { return f.session->now_ms() >= later; });
  CHECK_FALSE(f.ask());
  CHECK_FALSE(f.at(0).is_fetched());
  CHECK(f.at(2).is_fetched());
  Collector sink;
  bool paused = false;
  auto failed = f.at(2).deliver(sink, paused);
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == Errc::topic_authorization_failed);
  CHECK(failed.error().message.starts_with("t-2"));
  CHECK_FALSE(f.fetcher->failure());
}

TEST_CASE("Fetcher: a partition that the answer leaves out is asked for again, and its neighbour's records are taken") {
  Fetching f;
  f.leave_out(1);
  const std::string batch = make_batch({"v"});
  int answered = 0;
  Asking asking(f.cluster, [&](const FetchRequest& request) {
    FetchResponse response;
    auto& topic = response.responses.emplace_back();
    topic.topic_id = request.topics.at(0).topic_id;
    for (int32_t p : partitions_of(request)) {
      if (answered == 0 && p == 0) continue;
      auto& data = topic.partitions.emplace_back();
      data.partition_index = p;
      data.high_watermark = 1;
      data.records = batch;
    }
    answered++;
    return std::optional(response);
  });
  f.ask();
  f.until([&] { return f.at(2).has_records(); });
  CHECK_FALSE(f.at(0).has_records());
  f.leave_out(2);
  f.ask_until([&] { return f.at(0).has_records(); });
  CHECK(partitions_of(asking.requests().at(1)) == Numbers{0});
}

TEST_CASE("Fetcher: a leader that refuses all passes or is the end, as its code says") {
  for (Errc code : {Errc::kafka_storage_error, Errc::cluster_authorization_failed}) {
    Fetching f;
    f.leave_out(1);
    f.append(0, {"v"});
    int answered = 0;
    Asking asking(f.cluster, [&](const FetchRequest&) -> std::optional<FetchResponse> {
      if (answered++ > 0) return std::nullopt;
      FetchResponse response;
      response.error_code = static_cast<int16_t>(code);
      return response;
    });
    if (code == Errc::kafka_storage_error) {
      f.ask_until([&] { return f.at(0).has_records(); });
      CHECK_FALSE(f.fetcher->failure());
    } else {
      CHECK(f.ask());
      f.until([&] { return f.fetcher->failure().has_value(); });
      CHECK(f.fetcher->failure()->code == code);
      CHECK_FALSE(f.at(0).is_fetched());
    }
  }
}

TEST_CASE("Fetcher: what was asked of a connection that is lost is asked again when there is another one") {
  Fetching f;
  f.leave_out(1);
  f.append(0, {"v"});
  f.cluster.set_script([](const fake::Seen& seen) -> fake::Plan {
    return {seen.key == ApiKey::fetch && seen.of_kind == 0 ? fake::Fault::close_before : fake::Fault::none, 0};
  });
  bool was_blocked = false;
  f.ask_until([&] {
    was_blocked |= f.fetcher->is_blocked();
    return f.at(0).has_records();
  });
  CHECK(was_blocked);
  CHECK_FALSE(f.fetcher->is_blocked());
  CHECK_FALSE(f.fetcher->failure());
  CHECK(f.take(0) == Values{"v"});
}

TEST_CASE("Fetcher: for a partition without a leader others are asked, and the cluster, until there is one") {
  Fetching f([](FakeCluster& c) { c.topics["t"].partitions[1].leader = broker_none.value; });
  for (int p : {0, 1}) f.append(p, {"v"});
  CHECK(f.ask());
  CHECK(f.fetcher->is_blocked());
  const uint64_t metadata = f.session->topology_version();
  f.until([&] { return f.at(0).has_records() && f.session->topology_version() > metadata; });
  CHECK_FALSE(f.at(1).has_records());
  f.cluster.with([](FakeCluster& c) { c.topics["t"].partitions[1].leader = 2; });
  f.ask_until([&] { return f.at(1).has_records(); });
  f.ask();
  CHECK_FALSE(f.fetcher->is_blocked());
}

TEST_CASE("Fetcher: who tells of records and sends none owes them, who has nothing new does not") {
  Fetching f([](FakeCluster& c) {
    c.retouch = [](const FetchRequest::FetchPartition& asked, FetchResponse::PartitionData& told) {
      if (asked.partition == 0) told.records.reset();
    };
  });
  f.leave_out(1);
  f.append(0, {"v"});
  f.ask_until([&] { return f.at(0).wait.is_owed() && f.at(2).high_watermark == Offset(0); });
  CHECK(f.at(0).high_watermark == Offset(1));
  CHECK_FALSE(f.at(2).wait.is_owed());
  f.cluster.with([](FakeCluster& c) { c.retouch = nullptr; });
  f.ask_until([&] { return f.at(0).has_records(); });
  CHECK_FALSE(f.at(0).wait.is_owed());
}

TEST_CASE("Fetcher: with 64 MiB of answers that nobody has read nothing more is asked") {
  Fetching f;
  f.leave_out(2);
  f.append(0, {std::string(65 << 20, 'v')});
  f.append(1, {"v"});
  f.at(1).set_stop(Offset(0));  // not yet
  CHECK(f.ask());
  f.until([&] { return f.at(0).has_records(); });
  f.at(1).set_stop(std::nullopt);
  CHECK_FALSE(f.ask());
  CHECK(f.take(0).size() == 1);
  CHECK(f.ask());
  f.until([&] { return f.at(1).has_records(); });
}

TEST_CASE("Fetcher: an answer that comes after its end finds nobody") {
  Fetching f;
  f.append(0, {"v"});
  CHECK(f.ask());
  f.fetcher.reset();
  f.until([&] {
    bool answered = false;
    f.cluster.with([&](FakeCluster& c) { answered = c.fetches.size() == 2; });
    return answered;
  });
  for (int i = 0; i < 5; i++) REQUIRE(f.session->wait({}, 20).ok());
  CHECK_FALSE(f.at(0).has_records());
}
