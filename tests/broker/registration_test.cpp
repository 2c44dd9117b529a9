// Registration: a broker's entry in the metadata, and what becomes of it on a full disk.
#include "broker/registration.h"

#include <catch2/catch.hpp>

#include "home/cluster_dir.h"
#include "log/memory_world.h"
#include "metadata/changes.h"

using namespace bobbin;
using broker::Registration;

namespace {

struct Registering {
  Registering() {
    REQUIRE(home::make_root(w.storage, dir).ok());
    REQUIRE(home::create(w.storage, w.random, dir).ok());
    REQUIRE(w.storage.make_dir(dir.metadata_log_dir()).ok());
    transactions.catch_up();
    w.jobs.run_all();
    open_folder();
  }
  void open_folder() {
    REQUIRE(w.storage.make_dir(dir.broker_dir(BrokerId(1))).ok());
    auto opened = cluster::Folder::open(
        w.world, dir.broker_dir(BrokerId(1)), BrokerId(1), "cluster", [](const std::string&) {}, "boot");
    REQUIRE(opened.ok());
    folder.emplace(std::move(*opened));
  }
  // What the writer was told.
  std::optional<Status> write(Registration& which) {
    std::optional<Status> told;
    which.look_at(*folder);
    which.write({{"h", "127.0.0.1", 9092}}, [&](Status s) { told = std::move(s); });
    w.jobs.run_all();
    return told;
  }
  void fill_disk() {
    w.storage.inject({.at = 1, .for_good = true, .code = Errc::disk_full, .only = {test::Call::write}});
  }
  void change(const metadata::Change& how) {
    transactions.submit(how, [](Result<Offset> done) { REQUIRE(done.ok()); });
    w.jobs.run_all();
  }
  Registration life(BrokerId id = BrokerId(1)) {
    return Registration(w.world, transactions, id,
                        {[this](const std::string& line) { said.push_back(line); },
                         [this](BrokerEpoch epoch) { epochs.push_back(epoch); },
                         [this](std::function<void(Status)> then) { again.push_back(std::move(then)); }});
  }

  test::MemoryWorld w;
  const home::ClusterDir dir{"/c"};
  std::optional<cluster::Folder> folder;
  metadata::Transactions transactions{w.world, dir, {[](const metadata::Delta&) {}}};
  std::vector<std::string> said;
  std::vector<BrokerEpoch> epochs;
  std::vector<std::function<void(Status)>> again;
};

}  // namespace

TEST_CASE("Registration: it is written with where the broker listens, and each life has a later epoch") {
  Registering r;
  Registration first = r.life();
  CHECK(first.epoch() == BrokerEpoch(-1));
  REQUIRE(r.write(first));
  const metadata::Broker* known = r.transactions.image().broker(BrokerId(1));
  REQUIRE(known);
  REQUIRE(known->endpoints.size() == 1);
  CHECK(known->endpoints[0].port == 9092);
  CHECK(known->log_dirs == std::vector<Uuid>{r.folder->directory_id()});
  CHECK(first.epoch() == known->epoch);
  CHECK(r.epochs == std::vector<BrokerEpoch>{first.epoch()});
  Registration second = r.life();
  REQUIRE(r.write(second));
  CHECK(second.epoch() > first.epoch());
}

TEST_CASE(
    "Registration: on a full disk a broker that is known goes on as it was, and is registered when there is room") {
  Registering r;
  Registration before = r.life();
  REQUIRE(r.write(before)->ok());
  Registration now = r.life();
  r.fill_disk();
  auto failed = r.write(now);
  REQUIRE(failed);
  REQUIRE_FALSE(failed->ok());
  CHECK(now.put_off(std::move(*failed)).ok());
  CHECK(now.epoch() == before.epoch());
  REQUIRE(now.next_try_ms());
  now.write_if_due();
  CHECK(r.again.empty());  // not yet
  r.w.clock.pass(*now.next_try_ms() - r.w.clock.mono_ms());
  now.write_if_due();
  REQUIRE(r.again.size() == 1);
  CHECK_FALSE(now.next_try_ms());
  r.again[0](error(Errc::disk_full));
  REQUIRE(now.next_try_ms());
  r.w.clock.pass(*now.next_try_ms() - r.w.clock.mono_ms());
  now.write_if_due();
  REQUIRE(r.again.size() == 2);
  r.again[1]({});
  CHECK_FALSE(now.next_try_ms());
  CHECK(r.said.size() == 2);  // once that it is not, once that it is
}

TEST_CASE("Registration: what fails otherwise, or of a broker that nobody knows, is not put off") {
  Registering r;
  Registration life = r.life();
  CHECK(life.put_off(error(Errc::disk_full)).error().code == Errc::disk_full);
  REQUIRE(r.write(life)->ok());
  CHECK(life.put_off(error(Errc::io_error)).error().code == Errc::io_error);
  CHECK(life.put_off({}).ok());
  CHECK_FALSE(life.next_try_ms());
  CHECK(r.said.empty());
}

TEST_CASE("Registration: a folder that does not know the life that is registered is not the one that the broker left") {
  Registering r;
  Registration first = r.life();
  REQUIRE(r.write(first)->ok());
  const std::string lives = r.folder->path() + "/broker-lives";
  const std::string older = r.w.storage.contents(lives);
  const Uuid first_life = r.transactions.image().broker(BrokerId(1))->incarnation;
  r.open_folder();
  Registration second = r.life();
  REQUIRE(r.write(second)->ok());
  CHECK(r.said.empty());
  SECTION("it is put back as it was two lives ago") {
    REQUIRE(os::write_whole_file(r.w.storage, lives, older).ok());
    Registration third = r.life();
    REQUIRE(r.write(third)->ok());
    REQUIRE(r.said.size() == 1);
    CHECK(r.said[0].find("is not as this broker left it, but an older copy") != std::string::npos);
  }
  SECTION("the metadata knows an earlier life: it is the older one, not the folder") {
    metadata::Registration forgotten{BrokerId(1), first_life, {}, {r.folder->directory_id()}};
    r.change([&](const metadata::Image& image) { return metadata::register_broker(image, forgotten); });
    Registration third = r.life();
    REQUIRE(r.write(third)->ok());
    CHECK(r.said.empty());
  }
  SECTION("a life that could not register leaves it as it was") {
    r.fill_disk();
    Registration full = r.life();
    CHECK_FALSE(r.write(full)->ok());
    r.w.storage.heal();
    Registration third = r.life();
    REQUIRE(r.write(third)->ok());
    CHECK(r.said.empty());
  }
  SECTION("it knows no life, as one of an older version") {
    REQUIRE(r.w.storage.unlink(lives).ok());
    Registration third = r.life();
    REQUIRE(r.write(third)->ok());
    CHECK(r.said.empty());
  }
}

TEST_CASE("Registration: that its folder was made anew it tells once in a life") {
  Registering r;
  Registration life = r.life(), other = r.life(BrokerId(2));
  REQUIRE(r.write(other));
  REQUIRE(r.write(life));
  r.change([&r](const metadata::Image& image) {
    metadata::NewTopic topic;
    topic.name = "t";
    topic.id = os::random_uuid(r.w.random);
    topic.assignments = {{PartitionId(0), {BrokerId(1), BrokerId(2)}}};
    return metadata::create_topic(image, topic, {{BrokerId(1), BrokerId(2)}, 0}, {});
  });
  const auto partition = [&r] { return r.transactions.image().topic("t")->partitions[0]; };
  r.change([](const metadata::Image& image) {
    return metadata::fence_broker(image, BrokerId(2), image.broker(BrokerId(2))->epoch);
  });
  r.change([](const metadata::Image& image) {
    return metadata::fence_broker(image, BrokerId(1), image.broker(BrokerId(1))->epoch);
  });
  CHECK(partition().eligible_leaders == std::vector<BrokerId>{BrokerId(1)});
  REQUIRE(r.write(life));
  CHECK(partition().leader == BrokerId(1));
}
