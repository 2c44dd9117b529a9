#include "local/starter.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "client/session.h"
#include "home/cluster_dir.h"
#include "os/filesystem.h"
#include "os/posix/random.h"
#include "os/posix/storage.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::local;

namespace {

// A directory of its own, gone at the end.
struct Scratch {
  std::string path;
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bobbin-starter-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Scratch() { std::filesystem::remove_all(path); }
  std::string cluster() const { return path + "/cluster"; }
};

StartOptions with_program(const std::string& program) {
  StartOptions options;
  options.program = program;
  options.timeout_ms = 5000;
  return options;
}

// A cluster whose brokers ran once.
home::ClusterDir founded(const Scratch& scratch, std::vector<int32_t> ids) {
  os::PosixStorage storage;
  os::PosixRandom random;
  home::ClusterDir dir{scratch.cluster()};
  REQUIRE(home::create(storage, random, dir).ok());
  auto touch = [&](const std::string& path) { REQUIRE(storage.open(path, os::Open::create).ok()); };
  touch(dir.starter_lock());
  touch(dir.metadata_lock());
  touch(dir.metadata_durable());
  for (int32_t id : ids) {
    REQUIRE(storage.make_dir(dir.broker_dir(BrokerId(id))).ok());
    touch(dir.broker_lock(BrokerId(id)));
    touch(dir.broker_log(BrokerId(id)));
  }
  return dir;
}

// All names below the cluster's directory.
std::set<std::string> names(const home::ClusterDir& dir) {
  std::set<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir.root))
    out.insert(entry.path().string().substr(dir.root.size() + 1));
  return out;
}

}  // namespace

TEST_CASE("Starter: what may not start a broker says what would, and leaves no directory behind") {
  Scratch scratch;
  auto refused = ensure_running(scratch.cluster(), false, with_program("/bin/false"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::no_answer);
  CHECK(refused.error().message.find("bobbin broker start") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(scratch.cluster()));

  Target target;
  target.dir = scratch.cluster();
  target.autostart = false;
  target.timeout_ms = 1000;
  auto session = Session::open(target);
  REQUIRE_FALSE(session.ok());
  CHECK(session.error().code == Errc::no_answer);
}

TEST_CASE("Starter: ids below 1 are no ids") {
  Scratch scratch;
  auto started = start(scratch.cluster(), {BrokerId(0)}, with_program("/bin/false"));
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().code == Errc::usage);
}

TEST_CASE("Starter: a program that dies at once is told for each broker, with where to look") {
  Scratch scratch;
  auto started = start(scratch.cluster(), first_ids(2), with_program("/bin/false"));
  REQUIRE(started.ok());
  REQUIRE(started->size() == 2);
  for (auto& s : *started) {
    CHECK_FALSE(s.was_running);
    REQUIRE_FALSE(s.status.ok());
    CHECK(s.status.error().code == Errc::no_answer);
    CHECK(s.status.error().message.find("bobbin broker logs") != std::string::npos);
  }
}

TEST_CASE("Starter: starting ends the stop order of those that are started, a revival does not") {
  Scratch scratch;
  os::PosixStorage storage;
  home::ClusterDir dir{scratch.cluster()};
  REQUIRE(home::make_root(storage, dir).ok());
  REQUIRE(home::write_stop_order(storage, dir, {false, {BrokerId(1), BrokerId(2)}}).ok());

  auto revived = revive(scratch.cluster(), BrokerId(1), true, with_program("/bin/false"));
  REQUIRE_FALSE(revived.ok());
  CHECK(revived.error().code == Errc::stopped);

  REQUIRE(start(scratch.cluster(), {BrokerId(1)}, with_program("/bin/false")).ok());
  auto order = home::read_stop_order(storage, dir);
  REQUIRE(order.ok());
  CHECK(*order == home::StopOrder{false, {BrokerId(2)}});
}

TEST_CASE("Starter: a command that begins ends the order to stop, whoever it was for, when it starts them all") {
  for (const home::StopOrder& before : {home::StopOrder{true, {}}, home::StopOrder{false, {BrokerId(1)}},
                                        home::StopOrder{false, {BrokerId(1), BrokerId(2)}}, home::StopOrder{}}) {
    Scratch scratch;
    os::PosixStorage storage;
    const home::ClusterDir dir = founded(scratch, {1, 2});
    REQUIRE(home::write_stop_order(storage, dir, before).ok());
    auto started = ensure_running(scratch.cluster(), true, with_program("/bin/false"));
    REQUIRE(started.ok());
    CHECK(started->size() == 2);
    CHECK(home::read_stop_order(storage, dir).value().empty());
    // So that a command that runs may start them again.
    auto revived = revive(scratch.cluster(), BrokerId(1), true, with_program("/bin/false"));
    REQUIRE(revived.ok());
    CHECK(revived->status.error().code == Errc::no_answer);
  }
}

TEST_CASE("Starter: an order to stop all is one for the rest when one is started") {
  Scratch scratch;
  os::PosixStorage storage;
  home::ClusterDir dir{scratch.cluster()};
  REQUIRE(home::make_root(storage, dir).ok());
  for (int id : {1, 2, 3}) REQUIRE(storage.make_dir(dir.broker_dir(BrokerId(id))).ok());
  REQUIRE(home::write_stop_order(storage, dir, {true, {}}).ok());
  REQUIRE(start(scratch.cluster(), {BrokerId(2)}, with_program("/bin/false")).ok());
  CHECK(home::read_stop_order(storage, dir).value() == home::StopOrder{false, {BrokerId(1), BrokerId(3)}});
}

TEST_CASE("Starter: a broker that died goes on as a person started it, and another one as it is") {
  Scratch scratch;
  os::PosixStorage storage;
  const home::ClusterDir dir = founded(scratch, {1, 2});
  home::BrokerFacts facts;
  facts.started_by_person = true;
  facts.settings = {"log.retention.ms=1000", "num.partitions=3"};
  REQUIRE(home::write_facts(storage, dir, BrokerId(2), facts).ok());
  const std::string program = scratch.path + "/program";
  // Says what it was started with, and ends.
  REQUIRE(os::write_whole_file(storage, program, "#!/bin/sh\necho \"$@\" >> \"$4.said-$6\"\nexit 1\n").ok());
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  auto started = ensure_running(scratch.cluster(), true, with_program(program));
  REQUIRE(started.ok());
  CHECK(started->size() == 2);
  auto said = [&](const std::string& id) {
    return os::read_whole_file(storage, scratch.cluster() + ".said-" + id).value();
  };
  const std::string place = "broker run --dir " + scratch.cluster() + " --id ";
  CHECK(said("1") == place + "1 --ready-fd 3 --again\n");
  CHECK(said("2") == place + "2 --ready-fd 3 --by-person --set log.retention.ms=1000 --set num.partitions=3 --again\n");
  StartOptions by_person = with_program(program);
  by_person.by_person = true;
  REQUIRE(start(scratch.cluster(), {BrokerId(1), BrokerId(2)}, by_person).ok());
  CHECK(said("1").ends_with(place + "1 --ready-fd 3 --by-person --again\n"));
  CHECK(said("2").ends_with(place +
                            "2 --ready-fd 3 --by-person --set log.retention.ms=1000 --set num.partitions=3 --again\n"));
  by_person.arguments = {"--set", "num.partitions=5"};
  REQUIRE(start(scratch.cluster(), {BrokerId(2)}, by_person).ok());
  CHECK(said("2").ends_with(place + "2 --ready-fd 3 --by-person --set num.partitions=5 --again\n"));
}

TEST_CASE("Starter: where the lock of starters is gone, nothing is made but for a person") {
  for (bool is_identified : {true, false}) {
    CAPTURE(is_identified);
    Scratch scratch;
    const home::ClusterDir dir = founded(scratch, {1});
    std::filesystem::remove(dir.starter_lock());
    if (!is_identified) std::filesystem::remove_all(dir.metadata_dir());
    const auto before = names(dir);
    auto refused = ensure_running(dir.root, true, with_program("/bin/false"));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::no_answer);
    CHECK(refused.error().message ==
          dir.starter_lock() + " is gone: is the directory being removed? If not, `bobbin broker start` makes it anew");
    auto revived = revive(dir.root, BrokerId(1), true, with_program("/bin/false"));
    REQUIRE_FALSE(revived.ok());
    CHECK(revived.error().message == refused.error().message);
    CHECK(names(dir) == before);
    REQUIRE(start(dir.root, {BrokerId(1)}, with_program("/bin/false")).ok());
    CHECK(names(dir).contains("starter.lock"));
    CHECK(names(dir).contains("metadata/meta.properties"));
  }
}

TEST_CASE("Starter: what a broker's start would make anew is made by a revival only once nothing else goes") {
  for (const char* name :
       {"broker-1.log", "broker-1/.lock", "metadata/.lock", "metadata/.durable", "metadata/__cluster_metadata-0"}) {
    CAPTURE(name);
    Scratch scratch;
    const home::ClusterDir dir = founded(scratch, {1, 2});
    std::filesystem::remove_all(dir.root + "/" + name);
    const auto before = names(dir);
    // It goes on while it is looked at.
    std::atomic<bool> done = false;
    std::thread remover([&] {
      for (int i = 0; !done; i++) {
        const std::string path = dir.broker_dir(BrokerId(1)) + "/x";
        std::ofstream{path};
        std::filesystem::remove(path);
      }
    });
    auto refused = revive(dir.root, BrokerId(1), true, with_program("/bin/false"));
    done = true;
    remover.join();
    REQUIRE(refused.ok());
    REQUIRE_FALSE(refused->status.ok());
    CHECK(refused->status.error().message.find(dir.root + "/" + name + " is gone") != std::string::npos);
    CHECK(names(dir) == before);
    // Now it stays.
    auto tried = revive(dir.root, BrokerId(1), true, with_program("/bin/false"));
    REQUIRE(tried.ok());
    CHECK(tried->status.error().message.find("did not start") != std::string::npos);
  }
}

TEST_CASE("Starter: a founding that was cut short is finished, once it is clear that nothing goes") {
  Scratch scratch;
  const home::ClusterDir dir = founded(scratch, {});
  std::filesystem::remove(dir.metadata_properties());
  auto started = ensure_running(dir.root, true, with_program("/bin/false"));
  REQUIRE(started.ok());
  CHECK(started->size() == 1);
  CHECK(names(dir).contains("metadata/meta.properties"));
}

TEST_CASE("Starter: a directory that was just emptied is given a moment to go, one that was just made is not") {
  Scratch scratch;
  std::filesystem::create_directory(scratch.cluster());
  CHECK_FALSE(os::was_just_emptied(scratch.cluster(), 60'000));
  std::ofstream{scratch.cluster() + "/x"};
  CHECK_FALSE(os::was_just_emptied(scratch.cluster(), 60'000));
  std::filesystem::remove(scratch.cluster() + "/x");
  CHECK(os::was_just_emptied(scratch.cluster(), 60'000));
  CHECK_FALSE(os::was_just_emptied(scratch.cluster(), 0));
  CHECK_FALSE(os::was_just_emptied(scratch.path + "/absent", 60'000));
  std::filesystem::remove(scratch.cluster());
  CHECK_FALSE(os::was_just_emptied(scratch.cluster(), 60'000));
  // Or it stays, and is founded in.
  std::filesystem::create_directory(scratch.cluster());
  CHECK(ensure_running(scratch.cluster(), true, with_program("/bin/false")).ok());
}

TEST_CASE("Starter: a broker whose lock is held counts as running") {
  Scratch scratch;
  os::PosixStorage storage;
  const home::ClusterDir dir = founded(scratch, {1});
  auto lock = storage.try_lock(dir.broker_lock(BrokerId(1)));
  REQUIRE(lock.ok());
  auto none = ensure_running(scratch.cluster(), true, with_program("/bin/false"));
  REQUIRE(none.ok());
  CHECK(none->empty());
}

TEST_CASE("Starter: who holds a broker's lock and does not answer is no broker that runs") {
  Scratch scratch;
  os::PosixStorage storage;
  const home::ClusterDir dir = founded(scratch, {1});
  auto lock = storage.try_lock(dir.broker_lock(BrokerId(1)));
  REQUIRE(lock.ok());
  StartOptions options = with_program("/bin/false");
  options.timeout_ms = 30;
  auto held = start(scratch.cluster(), {}, options);
  REQUIRE(held.ok());
  REQUIRE(held->size() == 1);
  REQUIRE_FALSE((*held)[0].status.ok());
  CHECK((*held)[0].status.error().code == Errc::no_answer);
  CHECK((*held)[0].status.error().message.find("does not answer at " + dir.broker_socket(BrokerId(1))) !=
        std::string::npos);

  // One that was killed lets go of it in a moment: then it is started anew.
  options.timeout_ms = 60'000;
  std::thread dying([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    lock->reset();
  });
  auto anew = start(scratch.cluster(), {}, options);
  dying.join();
  REQUIRE(anew.ok());
  REQUIRE(anew->size() == 1);
  CHECK_FALSE((*anew)[0].was_running);
  CHECK_FALSE((*anew)[0].status.ok());  // of /bin/false
}

TEST_CASE("Starter: a broker whose disk is away is told, the others are started, and nothing is made in its place") {
  Scratch scratch;
  const home::ClusterDir dir = founded(scratch, {1, 2});
  const std::string place = scratch.path + "/disk/two";
  std::filesystem::remove_all(dir.broker_dir(BrokerId(2)));
  std::filesystem::create_symlink(place, dir.broker_dir(BrokerId(2)));
  auto away = [&](const Result<std::vector<Started>>& started) {
    REQUIRE(started.ok());
    REQUIRE(started->size() == 2);
    CHECK((*started)[0].status.error().message.starts_with("it did not start"));
    CHECK((*started)[1].status.error().code == Errc::io_error);
    CHECK((*started)[1].status.error().message.starts_with("its folder " + place + " is not there"));
  };
  away(start(dir.root, {}, with_program("/bin/false")));
  away(ensure_running(dir.root, true, with_program("/bin/false")));
  Status foreground = prepare(dir.root, BrokerId(2), with_program("/bin/false"));
  CHECK(foreground.error().message.starts_with("broker 2: its folder " + place + " is not there"));
  CHECK_FALSE(std::filesystem::exists(scratch.path + "/disk"));
}

TEST_CASE("Starter: a broker whose folder is gone is started with the others, and that it begins anew is told") {
  Scratch scratch;
  os::PosixStorage storage;
  const home::ClusterDir dir = founded(scratch, {1, 2});
  REQUIRE(home::write_facts(storage, dir, BrokerId(2), {}).ok());
  std::filesystem::remove_all(dir.broker_dir(BrokerId(2)));
  std::vector<std::string> said;
  StartOptions options = with_program("/bin/false");
  options.say = [&](const std::string& line) { said.push_back(line); };
  auto started = start(dir.root, {}, options);
  REQUIRE(started.ok());
  REQUIRE(started->size() == 2);
  CHECK((*started)[1].id == BrokerId(2));
  REQUIRE(said.size() == 1);
  CHECK(said[0].starts_with("broker 2: its folder " + dir.broker_dir(BrokerId(2)) + " is gone"));
}
