#include <catch2/catch.hpp>

#include "home/cluster_dir.h"
#include "metadata/small_world.h"

using namespace bobbin;
using namespace bobbin::home;
using test::SmallWorld;

namespace {

std::string chosen(std::optional<std::string> flag, std::map<std::string, std::string> variables) {
  auto dir = choose_dir(flag, [&](const char* name) -> std::optional<std::string> {
    auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
  return dir ? *dir : "none";
}

}  // namespace

TEST_CASE("Cluster directory: the flag, then BOBBIN_DIR, then XDG, then home") {
  std::map<std::string, std::string> all{{"BOBBIN_DIR", "/b"}, {"XDG_DATA_HOME", "/x"}, {"HOME", "/h"}};
  CHECK(chosen("/f/", all) == "/f");
  CHECK(chosen("rel", all) == "rel");
  CHECK(chosen("", all) == "/b");
  CHECK(chosen({}, all) == "/b");
  CHECK(chosen({}, {{"BOBBIN_DIR", ""}, {"XDG_DATA_HOME", "/x"}, {"HOME", "/h"}}) == "/x/bobbin");
  CHECK(chosen({}, {{"XDG_DATA_HOME", "relative"}, {"HOME", "/h"}}) == "/h/.local/share/bobbin");
  CHECK(chosen({}, {{"HOME", "/h"}}) == "/h/.local/share/bobbin");
  CHECK(chosen({}, {}) == "none");
}

TEST_CASE("Cluster directory: it is made once, with its parents, and keeps its id") {
  SmallWorld w;
  ClusterDir dir{"/c/d/e"};
  CHECK(cluster_id(w.storage, dir).error().code == Errc::not_found);
  CHECK(brokers(w.storage, dir).value().empty());
  auto id = create(w.storage, w.random, dir);
  REQUIRE(id);
  CHECK(id->size() == 22);
  CHECK(create(w.storage, w.random, dir).value() == *id);
  CHECK(cluster_id(w.storage, dir).value() == *id);
  CHECK(w.storage.dirs.count("/c/d/e/metadata/__cluster_metadata-0"));
  auto synced = [&](const std::string& what) {
    return std::count(w.storage.calls.begin(), w.storage.calls.end(), "sync_dir " + what) > 0;
  };
  CHECK(synced("/c"));
  CHECK(synced("/c/d"));
  CHECK(synced("/c/d/e"));
  CHECK(synced("/c/d/e/metadata"));
}

TEST_CASE("Cluster directory: one whose metadata is gone is not made anew beside its brokers' folders") {
  SmallWorld w;
  ClusterDir dir{"/c"};
  REQUIRE(create(w.storage, w.random, dir));
  REQUIRE(w.storage.make_dir(dir.broker_dir(BrokerId(2))));
  REQUIRE(w.storage.unlink(dir.metadata_properties()));
  CHECK(create(w.storage, w.random, dir).ok());  // nobody was of it yet
  REQUIRE(w.storage.unlink(dir.metadata_properties()));
  REQUIRE(os::write_whole_file(w.storage, dir.broker_dir(BrokerId(2)) + "/meta.properties", "cluster.id=x\n"));
  auto lost = create(w.storage, w.random, dir);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == Errc::damaged);
  CHECK(lost.error().message.starts_with("/c/metadata/meta.properties is missing, and /c/broker-2/meta.properties is"));
  CHECK_FALSE(w.storage.stat(dir.metadata_properties()));
}

TEST_CASE("Cluster directory: a crash at any call of its making is repaired by the next") {
  for (int n = 1; n < 40; n++) {
    SmallWorld w;
    ClusterDir dir{"/c/d"};
    w.storage.fail("", Errc::io_error, n, true);
    bool made = create(w.storage, w.random, dir).ok();
    w.storage.heal();
    w.storage.cut_power();
    INFO(n);
    auto id = create(w.storage, w.random, dir);
    REQUIRE(id);
    CHECK(cluster_id(w.storage, dir).value() == *id);
    if (made) return;
  }
  FAIL("never made");
}

TEST_CASE("Cluster directory: a broker whose folder is gone is known by what stays beside it") {
  SmallWorld w;
  ClusterDir dir{"/c"};
  w.storage.dirs.insert("/c/broker-1");
  w.storage.dirs.insert("/c/broker-9.log");
  for (const char* name : {"broker-1.log", "broker-1.state", "broker-2.state", "broker-4.log", "broker-5.sock",
                           "broker-6.state.tmp", "broker-7.log.old", "broker-x.log", "broker-.state", "broker-08.log"})
    w.storage.files[std::string("/c/") + name] = std::make_shared<test::MemoryFile>();
  CHECK(brokers(w.storage, dir).value() == std::vector{BrokerId(1), BrokerId(2), BrokerId(4)});
}

TEST_CASE("Cluster directory: brokers are its folders, and live while they hold their locks") {
  SmallWorld w;
  ClusterDir dir{"/c"};
  for (const char* name :
       {"broker-2", "broker-10", "broker-1", "broker-x", "broker-01", "broker-0", "broker-", "other"})
    w.storage.dirs.insert(std::string("/c/") + name);
  w.storage.files["/c/broker-7"] = std::make_shared<test::MemoryFile>();
  CHECK(brokers(w.storage, dir).value() == std::vector{BrokerId(1), BrokerId(2), BrokerId(10)});
  CHECK_FALSE(is_alive(w.storage, dir, BrokerId(2)));
  auto lock = w.storage.try_lock(dir.broker_lock(BrokerId(2)));
  CHECK(is_alive(w.storage, dir, BrokerId(2)));
}

TEST_CASE("Cluster directory: the stop order is written, read and ended") {
  SmallWorld w;
  ClusterDir dir{"/c"};
  CHECK(read_stop_order(w.storage, dir).value().empty());
  StopOrder some{false, {BrokerId(1), BrokerId(3)}};
  REQUIRE(write_stop_order(w.storage, dir, some));
  CHECK(read_stop_order(w.storage, dir).value() == some);
  CHECK(some.covers(BrokerId(3)));
  CHECK_FALSE(some.covers(BrokerId(2)));
  REQUIRE(write_stop_order(w.storage, dir, StopOrder{true, {}}));
  CHECK(read_stop_order(w.storage, dir).value().covers(BrokerId(9)));
  REQUIRE(write_stop_order(w.storage, dir, StopOrder{}));
  REQUIRE(write_stop_order(w.storage, dir, StopOrder{}));
  CHECK_FALSE(w.storage.files.count("/c/stopped"));
}

TEST_CASE("Cluster directory: what a broker tells about itself comes back, and rubbish is no harm") {
  SmallWorld w;
  ClusterDir dir{"/c"};
  BrokerFacts facts{4711, 123456, true, "127.0.0.1:9092", "somebody = else", "0.1.0"};
  facts.pid_namespace = "pid:[4026531836]";
  CHECK(read_facts(w.storage, dir, BrokerId(1)).error().code == Errc::not_found);
  REQUIRE(write_facts(w.storage, dir, BrokerId(1), facts));
  CHECK(read_facts(w.storage, dir, BrokerId(1)).value() == facts);
  w.storage.files["/c/broker-1.state"]->bytes = "pid=x\n\n=\nstart_time=99999999999999999999\naddress";
  CHECK(read_facts(w.storage, dir, BrokerId(1)).value() == BrokerFacts{});
}
