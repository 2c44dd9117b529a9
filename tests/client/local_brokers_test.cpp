// LocalBrokers: which brokers are started again for whom, and what is told of those whose disk is away.
#include "client/local_brokers.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "home/cluster_dir.h"
#include "os/filesystem.h"
#include "os/posix/random.h"
#include "os/posix/storage.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::client;

namespace {

constexpr BrokerId one{1}, two{2}, three{3};

// Brokers 1 to 3, which do not run and cannot: their program is /bin/false. The disk of the second is away.
struct Machine {
  Machine() {
    REQUIRE(home::create(storage, random, dir).ok());
    for (const std::string& file : {dir.starter_lock(), dir.metadata_lock(), dir.metadata_durable()}) touch(file);
    for (BrokerId id : {one, three}) {
      REQUIRE(storage.make_dir(dir.broker_dir(id)).ok());
      touch(dir.broker_lock(id));
      touch(dir.broker_log(id));
    }
    REQUIRE(os::put_link(temp / "disk/two", dir.broker_dir(two)).ok());
    target.dir = dir.root;
    target.program = "/bin/false";
    target.autostart = true;
    target.say = [this](const std::string& line) { said.push_back(line); };
  }
  void touch(const std::string& path) { REQUIRE(storage.open(path, os::Open::create).ok()); }
  // Whose start was tried and failed, or was not tried.
  std::vector<std::string> trouble() {
    std::vector<std::string> begins;
    for (const std::string& why : troubles) begins.push_back(why.substr(0, std::string("broker 1: it did").size()));
    troubles.clear();
    return begins;
  }

  ::test::TempDir temp;
  os::PosixStorage storage;
  os::PosixRandom random;
  home::ClusterDir dir{temp / "c"};
  Target target;
  std::vector<std::string> said, troubles;
  LocalBrokers brokers{target, storage, {[](BrokerId) {}, [this](const std::string& why) { troubles.push_back(why); }}};
  PartitionView partition{.replicas = {two, one, three}, .isr = {}, .offline = {}};
};

}  // namespace

TEST_CASE(
    "Local brokers: whoever needs a partition starts all of its replicas that can be, and tells once which cannot") {
  Machine m;
  for (int64_t now_ms : {5000, 10'000}) {
    REQUIRE(m.brokers.need("t-0", m.partition, now_ms).ok());
    CHECK(m.trouble() == std::vector<std::string>{"broker 2: its fo", "broker 1: it did", "broker 3: it did"});
  }
  REQUIRE(m.brokers.need("t-0", m.partition, 10'100).ok());  // too soon
  CHECK(m.trouble().empty());
  REQUIRE(m.said.size() == 1);
  CHECK(m.said[0].starts_with("broker 2: its folder " + (m.temp / "disk/two") + " is not there"));
  CHECK_FALSE(std::filesystem::exists(m.temp / "disk"));
}

TEST_CASE("Local brokers: one replica that lives is enough, and who was ordered to stop is left alone") {
  Machine m;
  {
    auto lock = m.storage.try_lock(m.dir.broker_lock(three));
    REQUIRE(m.brokers.need("t-0", m.partition, 5000).ok());
    CHECK(m.trouble().empty());
  }
  REQUIRE(home::write_stop_order(m.storage, m.dir, {false, {one, two}}).ok());
  REQUIRE(m.brokers.need("t-0", m.partition, 10'000).ok());
  CHECK(m.trouble() == std::vector<std::string>{"broker 3: it did"});
  REQUIRE(home::write_stop_order(m.storage, m.dir, {true, {}}).ok());
  Status stopped = m.brokers.need("t-0", m.partition, 15'000);
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().code == Errc::stopped);
  CHECK(stopped.error().message.starts_with("broker 2, which keeps t-0, was ordered to stop"));
}

TEST_CASE("Local brokers: a command that goes on starts all that died, but the one whose disk is away") {
  Machine m;
  REQUIRE(m.brokers.revive_all(5000).ok());
  CHECK(m.trouble() == std::vector<std::string>{"broker 1: it did", "broker 2: its fo", "broker 3: it did"});
  CHECK(m.said.size() == 1);
}

TEST_CASE("Local brokers: a command that begins fails where none can be started, and says of which broker that is") {
  Machine m;
  Status none = m.brokers.start_first(5000);
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().message.starts_with("broker 1: it did not start"));
}
