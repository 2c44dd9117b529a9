#include "client/session.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "client/admin/configs.h"
#include "client/admin/offsets.h"
#include "client/admin/topics.h"
#include "client/fake_broker.h"
#include "client/topic_watch.h"
#include "home/cluster_dir.h"
#include "os/posix/random.h"
#include "os/posix/storage.h"
#include "protocol/messages/metadata.h"

using namespace bobbin;
using namespace bobbin::client;
using fake::FakeCluster;
using fake::Fault;
using fake::Plan;
using fake::Seen;
using protocol::ApiKey;

namespace {

Target at(const std::string& bootstrap, int64_t timeout_ms = 20'000) {
  Target target;
  target.bootstrap = bootstrap;
  target.timeout_ms = timeout_ms;
  return target;
}

// The version in which a request would be sent; -1: in none, which its caller hears.
int16_t version_used(Session& session, ApiKey key, int16_t first, int16_t last) {
  int16_t used = -1;
  std::optional<Errc> told;
  Call call;
  call.api_key = static_cast<int16_t>(key);
  call.version_min = first;
  call.version_max = last;
  call.encode = [&](int32_t correlation, int16_t version) {
    used = version;
    return protocol::encode_request(correlation, "test", version, protocol::FetchRequest{});
  };
  call.done = [&](Result<RawAnswer> raw) { told = raw ? Errc::none : raw.error().code; };
  session.send(std::move(call));
  while (!told) REQUIRE(session.wait({}, 100).ok());
  CHECK((*told == Errc::unsupported_version) == (used == -1));
  return used;
}

}  // namespace

TEST_CASE("Session: an address that cannot be one is told as such, before anybody is asked") {
  for (auto text : {"", ",", "host:", "host:abc", "host:70000", "host:0", ":9092", "[::1", "[::1]9092"}) {
    CAPTURE(text);
    auto session = Session::open(at(std::string(text).empty() ? "," : text, 100));
    REQUIRE_FALSE(session.ok());
    CHECK(session.error().code == Errc::usage);
  }
}

TEST_CASE("Session: nobody there is no answer, after the time-out and not before") {
  FakeCluster* gone = new FakeCluster;
  std::string address = gone->bootstrap();
  delete gone;
  auto session = Session::open(at(address, 200));
  REQUIRE_FALSE(session.ok());
  CHECK(session.error().code == Errc::no_answer);
  CHECK(session.error().message.find(address) != std::string::npos);
}

TEST_CASE("Session: one living address of several is enough") {
  FakeCluster* gone = new FakeCluster;
  std::string dead = gone->bootstrap();
  delete gone;
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  auto session = Session::open(at(dead + "," + cluster.bootstrap()));
  REQUIRE(session.ok());
  CHECK((*session)->topology().cluster_id == "fake");
}

TEST_CASE("Session: a handshake is repeated in the version that an older broker offers") {
  auto newest = GENERATE(0, 1, 2, 3, 4);
  FakeCluster cluster;
  cluster.with([&](FakeCluster& c) { c.api_versions_max = static_cast<int16_t>(newest); });
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  CHECK((*session)->topology().cluster_id == "fake");
  CHECK(version_used(**session, static_cast<ApiKey>(12345), 0, 100) == -1);
}

TEST_CASE("Session: a broker that answers nothing is left alone after the time-out") {
  FakeCluster cluster;
  cluster.set_script([](const Seen& seen) -> Plan {
    return seen.key == ApiKey::metadata ? Plan{Fault::silent, 0} : Plan{};
  });
  auto session = Session::open(at(cluster.bootstrap(), 200));
  REQUIRE_FALSE(session.ok());
  CHECK(session.error().code == Errc::no_answer);
}

TEST_CASE("Session: a connection that broke is made again for the next question") {
  FakeCluster cluster;
  cluster.add_topic("a", 1);
  cluster.add_topic("b", 2);
  int metadata = 0;
  cluster.set_script([&](const Seen& seen) -> Plan {
    return seen.key == ApiKey::metadata && metadata++ == 1 ? Plan{Fault::close_after, 0} : Plan{};
  });
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  REQUIRE((*session)->fetch_metadata({"b"}).ok());
  CHECK((*session)->topology().topic("b")->partitions.size() == 2);
  CHECK((*session)->topology().topic("a") == nullptr);
  CHECK((*session)->topology().partition("b", PartitionId(2)) == nullptr);
}

// A command that comes back from Ctrl-Z has waited no longer than a moment, or it would give up what it never waited for.
TEST_CASE("Session: time in which the process did nothing is no time that others let it wait") {
  FakeCluster cluster;
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  int64_t before = (*session)->now_ms();
  ::usleep(2'600'000);
  REQUIRE((*session)->wait({}, 0).ok());
  // A second of it counts before the wait, and one within it at most.
  CHECK((*session)->now_ms() - before <= 2000);
  CHECK((*session)->now_ms() - before >= 1000);
}

namespace {

// A cluster of this machine whose brokers are threads: locks, sockets, and a folder that goes at the end.
struct OnThisMachine {
  OnThisMachine() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bobbin-session-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    REQUIRE(home::make_root(storage, home::ClusterDir{cluster()}).ok());
    os::PosixRandom random;
    REQUIRE(home::create(storage, random, home::ClusterDir{cluster()}).ok());
    // What whoever founded it, and the first broker, left behind.
    const home::ClusterDir dir{cluster()};
    for (const std::string& file : {dir.starter_lock(), dir.metadata_lock(), dir.metadata_durable()})
      REQUIRE(storage.open(file, os::Open::create).ok());
  }
  ~OnThisMachine() { std::filesystem::remove_all(path); }
  std::string cluster() const { return path + "/cluster"; }
  Target target() const {
    Target target;
    target.dir = cluster();
    target.timeout_ms = 20'000;
    target.program = "/bin/false";  // started instead of a broker
    return target;
  }
  bool was_started(int broker) const {
    return std::filesystem::exists(home::ClusterDir{cluster()}.broker_log(BrokerId(broker)));
  }
  void order_to_stop(const home::StopOrder& order) {
    REQUIRE(home::write_stop_order(storage, home::ClusterDir{cluster()}, order).ok());
  }
  // Asks anybody for something again and again, until the session has enough or it was asked for often.
  Status ask(Session& session) {
    auto is_open = std::make_shared<bool>(false);
    for (int i = 0; i < 20; i++) {
      if (!std::exchange(*is_open, true)) {
        Call call;
        call.api_key = static_cast<int16_t>(ApiKey::metadata);
        call.version_max = 12;
        call.encode = [](int32_t correlation, int16_t version) {
          return protocol::encode_request(correlation, "test", version, protocol::MetadataRequest{});
        };
        call.done = [is_open](Result<RawAnswer>) { *is_open = false; };
        session.send(std::move(call));
      }
      BOBBIN_TRY(session.wait({}, 20));
    }
    return {};
  }

  std::string path;
  os::PosixStorage storage;
};

}  // namespace

TEST_CASE("Session: of brokers that are all gone those are started again that nobody ordered to stop") {
  struct Case {
    home::StopOrder order;
    std::vector<int> started;
    Errc code;
  };
  for (const Case& c :
       {Case{{}, {1, 2}, Errc::none}, Case{{false, {BrokerId(2)}}, {1}, Errc::none},
        Case{{false, {BrokerId(1)}}, {2}, Errc::none}, Case{{false, {BrokerId(1), BrokerId(2)}}, {}, Errc::stopped},
        Case{{true, {}}, {}, Errc::stopped}}) {
    CAPTURE(c.order.all, c.order.ids.size());
    OnThisMachine machine;
    auto cluster = std::make_unique<FakeCluster>(2, machine.cluster());
    auto session = Session::open(machine.target());
    REQUIRE(session.ok());
    machine.order_to_stop(c.order);
    cluster.reset();  // killed
    Status asked = machine.ask(**session);
    CHECK((asked ? Errc::none : asked.error().code) == c.code);
    std::vector<int> started;
    for (int id : {1, 2})
      if (machine.was_started(id)) started.push_back(id);
    CHECK(started == c.started);
  }
}

TEST_CASE("Session: a leader that is gone is started again when it is needed, unless it was ordered to stop or lives") {
  struct Case {
    int leader;
    home::StopOrder order;
    bool started;
    Errc code;
  };
  for (const Case& c :
       {Case{2, {}, true, Errc::none}, Case{2, {false, {BrokerId(1)}}, true, Errc::none},
        Case{2, {false, {BrokerId(2)}}, false, Errc::stopped}, Case{2, {true, {}}, false, Errc::stopped},
        Case{1, {}, false, Errc::none}, Case{1, {false, {BrokerId(1)}}, false, Errc::none}}) {
    CAPTURE(c.leader, c.order.all, c.order.ids.size());
    OnThisMachine machine;
    FakeCluster cluster(1, machine.cluster());
    REQUIRE(machine.storage.make_dir(home::ClusterDir{machine.cluster()}.broker_dir(BrokerId(2))).ok());
    cluster.add_topic("t", 1);
    cluster.with([&](FakeCluster& f) { f.topics["t"].partitions[0].leader = c.leader; });
    auto session = Session::open(machine.target());
    REQUIRE(session.ok());
    REQUIRE((*session)->fetch_metadata({"t"}).ok());
    machine.order_to_stop(c.order);
    Status needed = (*session)->need("t", PartitionId(0));
    CHECK((needed ? Errc::none : needed.error().code) == c.code);
    if (!needed) CHECK(needed.error().message.find("`bobbin broker start 2`") != std::string::npos);
    CHECK(machine.was_started(2) == c.started);
    CHECK_FALSE(machine.was_started(1));
  }
}

TEST_CASE("Session: a broker that answered is asked again soon, however often its connections were lost before") {
  FakeCluster cluster;
  cluster.set_script([](const Seen& seen) -> Plan {
    return seen.key == ApiKey::metadata && seen.of_kind > 0 ? Plan{Fault::close_after, 0} : Plan{};
  });
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  int64_t began = (*session)->now_ms();
  int lost = 0;
  for (int i = 0; i < 25; i++) {
    bool is_open = true;
    Call call;
    call.api_key = static_cast<int16_t>(ApiKey::metadata);
    call.version_max = 12;
    call.encode = [](int32_t correlation, int16_t version) {
      return protocol::encode_request(correlation, "test", version, protocol::MetadataRequest{});
    };
    call.done = [&](Result<RawAnswer> raw) {
      is_open = false;
      lost += !raw && raw.error().code == Errc::disconnected;
    };
    (*session)->send(std::move(call));
    while (is_open) REQUIRE((*session)->wait({}, 1000).ok());
  }
  CHECK(lost == 25);
  // Half a second in all; with a pause that goes on doubling it would be 20.
  CHECK((*session)->now_ms() - began < 10'000);
}

TEST_CASE("Session: an answer to what was asked before a topic was named is not taken for one about it") {
  FakeCluster cluster;
  cluster.add_topic("t", 3);
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  // The cluster does nothing while the question is sent.
  cluster.with([&](FakeCluster&) {
    (*session)->refresh_metadata();
    for (int i = 0; i < 5; i++) REQUIRE((*session)->wait({}, 20).ok());
  });
  REQUIRE((*session)->fetch_metadata({"t"}).ok());
  REQUIRE((*session)->topology().topic("t"));
  CHECK((*session)->topology().topic("t")->partitions.size() == 3);
}

TEST_CASE("Session: a version that only one of both knows is none") {
  FakeCluster cluster;
  cluster.with([](FakeCluster& c) {
    c.oldest[ApiKey::fetch] = 12;
    c.fetch_max = 15;
  });
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  auto version = [&](int16_t first, int16_t last) { return version_used(**session, ApiKey::fetch, first, last); };
  CHECK(version(0, 11) == -1);
  CHECK(version(0, 12) == 12);
  CHECK(version(4, 14) == 14);
  CHECK(version(4, 18) == 15);
  CHECK(version(15, 18) == 15);
  CHECK(version(16, 18) == -1);
}

TEST_CASE("Session: an answer to another question is none to this one") {
  FakeCluster cluster;
  cluster.set_script([](const Seen& seen) -> Plan {
    return seen.key == ApiKey::metadata && seen.of_kind == 1 ? Plan{Fault::misnumbered, 0} : Plan{};
  });
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  std::optional<Errc> told;
  Call call;
  call.api_key = static_cast<int16_t>(ApiKey::metadata);
  call.version_max = 12;
  call.encode = [](int32_t correlation, int16_t version) {
    return protocol::encode_request(correlation, "test", version, protocol::MetadataRequest{});
  };
  call.done = [&](Result<RawAnswer> raw) { told = raw ? Errc::none : raw.error().code; };
  (*session)->send(std::move(call));
  for (int i = 0; i < 100 && !told; i++) REQUIRE((*session)->wait({}, 100).ok());
  REQUIRE(told);
  CHECK(*told == Errc::malformed);
  CHECK((*session)->fetch_metadata({}).ok());  // over a connection of its own
}

TEST_CASE("Admin: a question whose connection was lost is asked again, a change is not") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  int lost = 0;
  cluster.set_script([&](const Seen& seen) -> Plan {
    bool first = seen.of_kind == 0 && (seen.key == ApiKey::describe_configs || seen.key == ApiKey::create_topics);
    lost += first;
    return first ? Plan{Fault::close_before, 0} : Plan{};
  });
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  auto configs = describe_configs(**session, ResourceType::topic, "t");
  REQUIRE(configs.ok());
  CHECK(configs->size() == 1);
  auto created = create_topics(**session, {{"u", 1, -1, {}}});
  REQUIRE_FALSE(created.ok());
  CHECK(created.error().code == Errc::no_answer);
  CHECK(created.error().message.find("look whether it was done") != std::string::npos);
  CHECK(lost == 2);
}

TEST_CASE("Admin: what a cluster calls sensitive is not shown, though it is told") {
  for (bool sensitive : {false, true}) {
    FakeCluster cluster;
    cluster.add_topic("t", 1);
    cluster.with([&](FakeCluster& c) { c.configs_are_sensitive = sensitive; });
    auto session = Session::open(at(cluster.bootstrap()));
    REQUIRE(session.ok());
    auto configs = describe_configs(**session, ResourceType::topic, "t");
    REQUIRE(configs.ok());
    REQUIRE(configs->size() == 1);
    CHECK(configs->front().value.has_value() == !sensitive);
  }
}

TEST_CASE("Admin: offsets are asked for again where a leader has just moved or is not ready, other errors are told") {
  for (auto [code, passes] :
       {std::pair(Errc::not_leader_or_follower, true), std::pair(Errc::leader_not_available, true),
        std::pair(Errc::offset_not_available, true), std::pair(Errc::kafka_storage_error, true),
        std::pair(Errc::topic_authorization_failed, false), std::pair(Errc::unsupported_for_message_format, false)}) {
    CAPTURE(static_cast<int>(code));
    FakeCluster cluster;
    cluster.add_topic("t", 2);
    cluster.with([](FakeCluster& c) { c.append("t", 1, fake::make_batch({"a", "b"})); });
    cluster.set_script([code = code](const Seen& seen) -> Plan {
      return seen.key == ApiKey::list_offsets && seen.of_kind < 2
                 ? Plan{Fault::error_before, static_cast<int16_t>(code)}
                 : Plan{};
    });
    auto session = Session::open(at(cluster.bootstrap()));
    REQUIRE(session.ok());
    auto ends = list_offsets(**session, "t", At::latest());
    REQUIRE(ends.ok());
    REQUIRE(ends->size() == 2);
    for (const auto& end : *ends)
      CHECK((end.status ? Errc::none : end.status.error().code) == (passes ? Errc::none : code));
    if (passes) CHECK((*ends)[1].offset == Offset(2));
  }
}

TEST_CASE("Admin: damage in the way of an offset is told at once, in the leader's words") {
  FakeCluster cluster;
  cluster.add_topic("t", 1);
  cluster.damage = "/c/broker-1/t-0: the records from offset 0 on are missing";
  cluster.set_script([](const Seen& seen) -> Plan {
    return seen.key == ApiKey::list_offsets ? Plan{Fault::error_before, static_cast<int16_t>(Errc::corrupt_message)}
                                            : Plan{};
  });
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  auto found = list_offsets(**session, "t", at_time(Timestamp(1)));
  REQUIRE(found.ok());
  CHECK(found->at(0).status.error().code == Errc::corrupt_message);
  CHECK(found->at(0).status.error().message == "t-0: /c/broker-1/t-0: the records from offset 0 on are missing");
  cluster.with([](FakeCluster& c) { CHECK(c.requests[static_cast<int>(ApiKey::list_offsets)] == 1); });
}

TEST_CASE("TopicWatch: a topic that is missing for a moment, and later once more, was not deleted") {
  OnThisMachine machine;
  FakeCluster cluster(1, machine.cluster());
  auto session = Session::open(machine.target());
  REQUIRE(session.ok());
  TopicWatch watch("t", {});
  auto look = [&](bool there) {
    there ? cluster.add_topic("t", 1) : cluster.remove_topic("t");
    REQUIRE((*session)->fetch_metadata({"t"}).ok());
    return watch.check(**session).ok();
  };
  CHECK(look(true));
  CHECK(look(false));
  CHECK(look(true));
  ::usleep(1'100'000);  // longer than it may be missing on one machine
  CHECK(look(false));
  CHECK(look(true));
}

TEST_CASE("Admin: topics are made, found, listed, and the cluster's refusals are sentences") {
  FakeCluster cluster;
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  auto made = create_topics(**session, {{"t", 3, -1, {}}});
  REQUIRE(made.ok());
  REQUIRE(made->size() == 1);
  CHECK((*made)[0].status.ok());
  CHECK((*made)[0].partitions == 3);
  auto again = create_topics(**session, {{"t", 3, -1, {}}});
  REQUIRE(again.ok());
  REQUIRE_FALSE((*again)[0].status.ok());
  CHECK((*again)[0].status.error().code == Errc::topic_already_exists);
  CHECK((*again)[0].status.error().message == "topic t: exists already");

  auto listed = list_topics(**session);
  REQUIRE(listed.ok());
  REQUIRE(listed->size() == 1);
  CHECK((*listed)[0].name == "t");

  auto described = describe_topics(**session, {"t", "nope"});
  REQUIRE(described.ok());
  CHECK((*described)[0].partitions.size() == 3);
  CHECK((*described)[1].error == Errc::unknown_topic_or_partition);

  auto fresh = ensure_topic(**session, {"u", 1, -1, {}});
  REQUIRE(fresh.ok());
  CHECK(*fresh);
  auto old = ensure_topic(**session, {"u", 1, -1, {}});
  REQUIRE(old.ok());
  CHECK_FALSE(*old);
}

TEST_CASE("Session: a topic that a server tells of and that cannot be one is refused, wherever it is told") {
  for (const char* bad : {"../../x", "..", "$(touch x)", "a b", "", "red\x1b[31m"}) {
    CAPTURE(bad);
    FakeCluster cluster;
    cluster.add_topic("t", 1);
    auto session = Session::open(at(cluster.bootstrap(), 5'000));
    REQUIRE(session.ok());
    cluster.with([&](FakeCluster& c) {
      c.retouch_metadata = [bad](protocol::MetadataResponse& answer) {
        auto& topic = answer.topics.emplace_back();
        topic.name = bad;
        topic.partitions.push_back({0, 0, 1, 0, {1}, {1}, {}});
      };
    });
    auto listed = list_topics(**session);
    REQUIRE_FALSE(listed.ok());
    CHECK(listed.error().code == Errc::malformed);
    CHECK(listed.error().message.find("cannot be one") != std::string::npos);
    CHECK(listed.error().message.find('\x1b') == std::string::npos);
    auto described = describe_topics(**session, {"t"});
    REQUIRE_FALSE(described.ok());
    CHECK(described.error().code == Errc::malformed);
    CHECK_FALSE((*session)->topology().topic(bad));
  }
}

TEST_CASE("Admin: offsets are asked of each partition's leader") {
  FakeCluster cluster(2);
  cluster.add_topic("t", 3);
  cluster.with([](FakeCluster& c) {
    c.append("t", 1, fake::make_batch({"a", "b"}));
    c.append("t", 2, fake::make_batch({"c"}));
  });
  auto session = Session::open(at(cluster.bootstrap()));
  REQUIRE(session.ok());
  auto ends = list_offsets(**session, "t", At::latest());
  REQUIRE(ends.ok());
  std::vector<int64_t> found;
  for (auto& e : *ends) {
    CHECK(e.status.ok());
    found.push_back(e.offset.value);
  }
  CHECK(found == std::vector<int64_t>{0, 2, 1});
  auto at_first = list_offsets(**session, "t", at_time(Timestamp(1)), {PartitionId(1), PartitionId(2)});
  REQUIRE(at_first.ok());
  CHECK((*at_first)[0].offset == Offset(1));
  CHECK((*at_first)[1].offset == offset_none);
  auto missing = list_offsets(**session, "nope", {});
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Errc::unknown_topic_or_partition);
}
