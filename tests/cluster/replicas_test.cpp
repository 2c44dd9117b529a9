#include "cluster/replicas.h"

#include <catch2/catch.hpp>

#include "base/some_uuid.h"
#include "base/uuid.h"
#include "log/memory_world.h"
#include "metadata/broker_changes.h"
#include "metadata/changes.h"
#include "metadata/image_records.h"
#include "record/batch_builder.h"

using namespace bobbin;
using cluster::Replicas;
using cluster::TopicPartition;
using test::uuid;

namespace {

// Broker 1's folder, and the metadata that it is told of.
struct Folder {
  Folder() {
    REQUIRE(w.storage.make_dir("/c"));
    REQUIRE(w.storage.sync_dir("/"));
    forget_metadata();
  }
  // Nothing is known but that the broker is there.
  void forget_metadata() {
    image = metadata::Image();
    take(metadata::register_broker(image, {BrokerId(1), uuid(200), {}, {uuid(201)}}));
  }

  void take(const Result<metadata::Records>& records) {
    REQUIRE(records.ok());
    for (const auto& r : *records) REQUIRE(image.apply(r, image.next_offset()));
  }
  void create(const std::string& name, unsigned char id, decltype(metadata::NewTopic::configs) configs = {}) {
    metadata::NewTopic topic;
    topic.configs = std::move(configs);
    topic.name = name;
    topic.id = uuid(id);
    topic.partitions = 1;
    take(metadata::create_topic(image, topic, {{BrokerId(1)}, 0}, {}));
  }
  void remove(const std::string& name) { take(metadata::delete_topic(image, name)); }

  void start(const std::string& boot = "boot") {
    replicas.reset();
    said.clear();
    REQUIRE(w.storage.make_dir("/c/broker-1"));
    auto opened = Replicas::open(
        w.world, "/c/broker-1", BrokerId(1), "cluster", [this](const std::string& line) { said.push_back(line); }, {},
        boot);
    REQUIRE(opened.ok());
    replicas = std::move(*opened);
    REQUIRE(replicas->sort_out(image));
    reconcile();
  }
  void reconcile() {
    replicas->reconcile(image, metadata::Delta::all(), {});
    w.jobs.run_all();
  }
  void stop() {
    REQUIRE(replicas->close(BrokerEpoch(1)));
    replicas.reset();
    w.jobs.run_all();
  }
  void kill() {
    replicas.reset();
    w.kill();
  }
  void cut_power() {
    replicas.reset();
    w.power_cut();
  }

  Result<cluster::Leading*> leader(unsigned char topic) {
    replicas->open({{uuid(topic), PartitionId(0)}}, [] {});
    w.jobs.run_all();
    return replicas->leader({uuid(topic), PartitionId(0)});
  }
  Result<Offset> append(unsigned char topic, const std::string& value) {
    BOBBIN_TRY_ASSIGN(leading, leader(topic));
    record::BatchBuilder builder;
    builder.add(Timestamp(1700000000000), std::nullopt, Bytes(value));
    auto batch = builder.seal({});
    REQUIRE(batch.ok());
    BOBBIN_TRY_ASSIGN(done, leading->append(*batch));
    return done.last_offset;
  }
  // Topic 1, "t", with one record.
  void begin_with(const std::string& value) {
    create("t", 1);
    start();
    REQUIRE(append(1, value).ok());
  }
  void flush(unsigned char topic) {
    cluster::Copy& copy = replicas->opened().find_leading({uuid(topic), PartitionId(0)})->copy();
    log::FlushWork work = copy.begin_flush();
    copy.flush_done(work.end, work.work());
  }
  Offset end_of(unsigned char topic) {
    auto leading = leader(topic);
    REQUIRE(leading.ok());
    return (*leading)->copy().log_end();
  }
  std::vector<std::string> names() { return w.storage.list("/c/broker-1").value(); }
  bool holds(const std::string& name) {
    auto all = names();
    return std::find(all.begin(), all.end(), name) != all.end();
  }
  std::string first_with(std::string_view suffix) {
    for (const std::string& name : names())
      if (name.ends_with(suffix)) return name;
    return "";
  }
  bool says(std::string_view words) const {
    return std::any_of(said.begin(), said.end(),
                       [&](const std::string& line) { return line.find(words) != std::string::npos; });
  }

  test::MemoryWorld w;
  metadata::Image image;
  std::unique_ptr<Replicas> replicas;
  std::vector<std::string> said;
};

const std::string owner_file = "/c/broker-1/t-0/partition.metadata";
const std::string first_segment = "/c/broker-1/t-0/00000000000000000000.log";

}  // namespace

TEST_CASE("Replicas: a topic that a record deleted is removed, one that is only missing is put aside") {
  Folder f;
  f.create("t", 1);
  f.create("u", 2);
  const metadata::Image before = f.image;
  f.start();
  REQUIRE(f.append(1, "v").ok());
  REQUIRE(f.append(2, "v").ok());
  SECTION("deleted") {
    f.remove("t");
    f.reconcile();
    CHECK_FALSE(f.holds("t-0"));
    CHECK(f.first_with("-delete").empty());
    CHECK(f.first_with("-stray").empty());
  }
  SECTION("missing while it runs") {
    f.forget_metadata();
    f.create("u", 2);
    f.reconcile();
    CHECK(f.w.storage.contents("/c/broker-1/" + f.first_with("-stray") + "/00000000000000000000.log").find('v') !=
          std::string::npos);
    CHECK(f.says("put aside"));
  }
  SECTION("missing at a start") {
    f.stop();
    f.forget_metadata();
    f.create("u", 2);
    f.start();
    CHECK(f.first_with("-stray").starts_with("t-0."));
  }
  CHECK(f.holds("u-0"));
}

TEST_CASE("Replicas: names of every length are deleted, made anew and put aside") {
  for (size_t length : {1u, 213u, 214u, 215u, 223u, 224u, 240u, 249u}) {
    INFO(length);
    Folder f;
    const std::string name(length, 'x');
    f.create(name, 1);
    f.start();
    REQUIRE(f.append(1, "first").ok());
    f.remove(name);
    f.reconcile();
    CHECK_FALSE(f.holds(name + "-0"));
    f.create(name, 2);
    f.reconcile();
    CHECK(f.append(2, "second").value() == Offset(0));
    f.stop();
    f.image = metadata::Image();
    f.start();
    CHECK(f.first_with("-stray").size() <= 255);
    CHECK_FALSE(f.first_with("-stray").empty());
    CHECK_FALSE(f.holds(name + "-0"));
  }
}

TEST_CASE("Replicas: two partitions of a long name are put aside side by side") {
  CHECK(log::aside_name({"t", PartitionId(7)}, uuid(1), log::deleted_suffix) ==
        "t-7." + to_string(uuid(1)) + "-delete");
  const std::string name(249, 'x');
  std::string a = log::aside_name({name, PartitionId(1)}, uuid(1), log::stray_suffix);
  std::string b = log::aside_name({name, PartitionId(2)}, uuid(1), log::stray_suffix);
  CHECK(a != b);
  CHECK(a.size() == 255);
}

TEST_CASE(
    "Replicas: a folder whose owner cannot be read is taken for what the checkpoints vouch for, and for nothing "
    "else") {
  for (bool missing : {true, false}) {
    INFO((missing ? "missing" : "garbled"));
    Folder f;
    f.begin_with("v");
    auto spoil = [&] {
      if (missing) f.w.storage.erase(owner_file);
      else f.w.storage.put(owner_file, "vers");
    };
    SECTION("vouched for") {
      f.stop();
      spoil();
      f.start();
      CHECK(f.end_of(1) == Offset(1));
      CHECK(log::parse_partition_metadata(f.w.storage.contents(owner_file)).value() == uuid(1));
    }
    SECTION("not, after a clean end: that is damage, and nothing is touched") {
      f.stop();
      spoil();
      f.w.storage.erase("/c/broker-1/" + std::string(log::topic_ids_file));
      f.start();
      CHECK(f.append(1, "w").error().code == Errc::damaged);
      CHECK(f.says("DAMAGED"));
      CHECK(f.holds("t-0"));
    }
    SECTION("not, after a power cut: it may be an earlier topic's") {
      const std::string records = f.w.storage.contents(first_segment);
      f.kill();
      f.w.storage.put(first_segment, records);
      spoil();
      f.start("next boot");
      CHECK(f.append(1, "w").value() == Offset(0));
      CHECK(f.w.storage.contents("/c/broker-1/" + f.first_with("-stray") + "/00000000000000000000.log") == records);
    }
    SECTION("nothing is in it") {
      f.kill();
      f.w.storage.put(first_segment, "");
      spoil();
      f.start("next boot");
      CHECK(f.first_with("-stray").empty());
      CHECK(f.append(1, "w").value() == Offset(0));
    }
  }
}

TEST_CASE(
    "Replicas: a topic that was made anew takes nothing over from the one before, whatever a power cut left of its "
    "folder") {
  for (uint64_t seed = 1; seed <= 300; seed++) {
    INFO(seed);
    Folder f;
    f.w.random = test::SeededRandom(seed);
    f.begin_with("old");
    if (seed % 3 == 0) f.flush(1);
    f.remove("t");
    f.create("t", 2);
    f.replicas->reconcile(f.image, metadata::Delta::all(), {});
    f.cut_power();
    f.start("next boot");
    CHECK(f.append(2, "new").value() == Offset(0));
    CHECK(f.w.storage.contents(first_segment).find("old") == std::string::npos);
  }
}

TEST_CASE("Replicas: what says whose a folder is is on the disk before its records are promised, also after a kill") {
  for (uint64_t seed = 1; seed <= 100; seed++) {
    INFO(seed);
    Folder f;
    f.w.random = test::SeededRandom(seed);
    f.begin_with("a");
    f.kill();  // before anything was synced
    f.start();
    REQUIRE(f.end_of(1) == Offset(1));
    REQUIRE(f.append(1, "b").ok());
    f.flush(1);
    f.cut_power();
    f.start("next boot");
    CHECK(f.end_of(1) == Offset(2));
    CHECK(f.said == std::vector<std::string>{});
  }
}

TEST_CASE("Replicas: a folder that cannot be looked through is not worked in") {
  Folder f;
  f.begin_with("v");
  f.kill();
  for (test::Call call : {test::Call::list, test::Call::stat}) {
    auto opened = Replicas::open(
        f.w.world, "/c/broker-1", BrokerId(1), "cluster", [](const std::string&) {}, {}, "boot");
    REQUIRE(opened.ok());
    f.w.storage.inject({1, false, Errc::io_error, 0, {call}});
    CHECK(opened.value()->sort_out(f.image).error().code == Errc::io_error);
    f.w.storage.heal();
  }
}

TEST_CASE("Replicas: a log that a power cut emptied before it was flushed is not missed, whatever of it was shown") {
  Folder f;
  f.create("t", 1, {{"flush.policy", "os"}});
  f.start();
  REQUIRE(f.append(1, "v").ok());
  REQUIRE(f.leader(1).value()->advance());
  REQUIRE(f.leader(1).value()->high_watermark() == Offset(1));
  REQUIRE(cluster::checkpoint_work(f.replicas->opened(), f.replicas->folder())());
  f.kill();
  f.w.storage.put(first_segment, "");
  f.start("next boot");
  REQUIRE(f.end_of(1) == Offset(0));
  f.stop();
  f.start("next boot");
  CHECK(f.end_of(1) == Offset(0));
  CHECK(f.said.empty());
}

TEST_CASE(
    "Replicas: a segment or a folder that somebody took away under a writer fails the flush, and the next start "
    "tells") {
  for (const char* how : {"removed", "moved", "replaced", "folder removed"}) {
    INFO(how);
    Folder f;
    f.begin_with("first");
    f.flush(1);
    f.replicas->opened().find_leading({uuid(1), PartitionId(0)})->copy().note_checkpoint();
    REQUIRE(f.append(1, "second").ok());
    if (how == std::string("moved")) {
      REQUIRE(f.w.storage.rename(first_segment, "/c/elsewhere"));
    } else if (how == std::string("folder removed")) {
      for (const std::string& path : f.w.storage.paths("/c/broker-1/t-0")) f.w.storage.erase(path);
    } else {
      f.w.storage.erase(first_segment);
    }
    if (how == std::string("replaced")) f.w.storage.put(first_segment, "");
    f.flush(1);
    cluster::Leading& leading = *f.replicas->opened().find_leading({uuid(1), PartitionId(0)});
    leading.advance();
    CHECK(leading.high_watermark() == Offset(1));  // nobody was promised the second one
    REQUIRE(leading.copy().failed());
    CHECK(leading.copy().failed()->code == Errc::damaged);
    CHECK(f.append(1, "third").error().code == Errc::damaged);
    REQUIRE(cluster::checkpoint_work(f.replicas->opened(), f.replicas->folder())());
    f.kill();
    f.start();
    CHECK(f.end_of(1) == Offset(1));
    CHECK(f.says("DAMAGED"));
    CHECK(f.append(1, "fourth").value() == Offset(1));
  }
}

TEST_CASE(
    "Replicas: a folder that somebody removed while no broker ran is told by the checkpoints, also without topic "
    "ids") {
  for (bool with_ids : {true, false}) {
    Folder f;
    f.begin_with("v");
    f.stop();
    for (const std::string& path : f.w.storage.paths("/c/broker-1/t-0")) f.w.storage.erase(path);
    if (!with_ids) f.w.storage.erase("/c/broker-1/" + std::string(log::topic_ids_file));
    f.start();
    CHECK(f.end_of(1) == Offset(1));
    CHECK(f.says("DAMAGED"));
  }
}

TEST_CASE(
    "Replicas: a folder that somebody removed after a kill is told by each of the checkpoints, also without topic "
    "ids") {
  for (bool is_young : {true, false})
    for (std::string_view gone :
         {std::string_view(), log::recovery_point_file, log::high_watermark_file, log::topic_ids_file}) {
      for (const char* boot : {"boot", "next boot"}) {
        INFO(is_young << " " << gone << " " << boot);
        Folder f;
        f.begin_with("v");
        if (!is_young) REQUIRE(f.leader(1).value()->copy().checkpoint(f.w.clock.wall()));
        f.flush(1);
        const std::vector<TopicPartition> ids{{uuid(1), PartitionId(0)}};
        REQUIRE((is_young ? cluster::young_work(f.replicas->opened(), f.replicas->folder(), ids)
                          : cluster::checkpoint_work(f.replicas->opened(), f.replicas->folder()))());
        f.kill();
        for (const std::string& path : f.w.storage.paths("/c/broker-1/t-0")) f.w.storage.erase(path);
        if (!gone.empty()) f.w.storage.erase("/c/broker-1/" + std::string(gone));
        for (int64_t life = 0; life < 3; life++) {
          f.start(boot);
          CHECK(f.end_of(1) == Offset(1 + life));
          CHECK(f.says("DAMAGED"));
          CHECK(f.leader(1).value()->copy().is_checkpointed());
          CHECK(f.append(1, "w").value() == Offset(1 + life));
          f.flush(1);
          REQUIRE(cluster::checkpoint_work(f.replicas->opened(), f.replicas->folder())());
          f.kill();
        }
      }
    }
}

TEST_CASE("Replicas: nothing is promised of a log before a checkpoint tells of it, where the flush is what counts") {
  for (const char* policy : {"ack", "os"}) {
    INFO(policy);
    Folder f;
    f.create("t", 1, {{"flush.policy", policy}});
    f.start();
    REQUIRE(f.append(1, "v").ok());
    f.flush(1);
    cluster::Leading& leading = *f.leader(1).value();
    CHECK_FALSE(leading.copy().is_checkpointed());
    CHECK(leading.advance() == (policy == std::string("os")));
    leading.copy().note_checkpoint();
    CHECK(leading.advance() == (policy == std::string("ack")));
    CHECK(leading.high_watermark() == Offset(1));
  }
}

TEST_CASE("Replicas: a topic whose folder somebody removed is deleted and made anew") {
  Folder f;
  f.begin_with("v");
  f.flush(1);
  for (const std::string& path : f.w.storage.paths("/c/broker-1/t-0")) f.w.storage.erase(path);
  f.remove("t");
  f.reconcile();
  f.create("t", 2);
  f.reconcile();
  CHECK(f.append(2, "w").value() == Offset(0));
  CHECK_FALSE(f.w.storage.contents(first_segment).empty());
}

TEST_CASE("Replicas: a topic that is deleted and made anew while its log is opened keeps nothing, and loses nothing") {
  Folder f;
  f.begin_with("old");
  f.stop();
  f.start();
  int told = 0;
  f.replicas->open({{uuid(1), PartitionId(0)}}, [&] { told++; });
  CHECK(told == 0);
  CHECK(f.replicas->leader({uuid(1), PartitionId(0)}).error().code == Errc::busy);
  f.remove("t");
  f.create("t", 2);
  f.replicas->reconcile(f.image, metadata::Delta::all(), {});
  CHECK(told == 1);
  CHECK(f.replicas->leader({uuid(1), PartitionId(0)}).error().code == Errc::unknown_topic_or_partition);
  CHECK(f.append(2, "new").value() == Offset(0));
  CHECK_FALSE(f.replicas->is_opening());
  CHECK(f.w.storage.contents(first_segment).find("old") == std::string::npos);
  CHECK(f.first_with("-stray").empty());
  CHECK(f.first_with("-delete").empty());
}

TEST_CASE("Replicas: a log that cannot be opened is tried again by whoever needs it, and told once") {
  Folder f;
  f.begin_with("v");
  f.stop();
  f.start();
  for (int i = 0; i < 2; i++) {
    f.w.storage.inject(
        {1, true, Errc::io_error, 0, {test::Call::list, test::Call::stat, test::Call::read, test::Call::open}});
    CHECK(f.leader(1).error().code == Errc::kafka_storage_error);
    f.w.storage.heal();
  }
  CHECK(std::count_if(f.said.begin(), f.said.end(),
                      [](const auto& line) { return line.find("cannot be opened") != std::string::npos; }) == 1);
  CHECK(f.append(1, "w").value() == Offset(1));
}

TEST_CASE("Replicas: who does not lead any more serves nothing, and leads again from what is there") {
  Folder f;
  f.take(metadata::register_broker(f.image, {BrokerId(2), uuid(210), {}, {uuid(211)}}));
  f.begin_with("v");
  f.flush(1);
  auto lead = [&](int32_t broker) {
    metadata::PartitionChangeRecord change;
    change.topic_id = uuid(1);
    change.partition_id = 0;
    change.leader = broker;
    change.isr = std::vector<int32_t>{broker};
    change.replicas = std::vector<int32_t>{1, 2};
    REQUIRE(f.image.apply(change, f.image.next_offset()));
    f.reconcile();
  };
  const LeaderEpoch before = f.leader(1).value()->epoch();
  lead(2);
  CHECK(f.leader(1).error().code == Errc::not_leader_or_follower);
  CHECK_FALSE(f.replicas->opened().find_leading({uuid(1), PartitionId(0)}));
  REQUIRE(f.replicas->opened().find_following({uuid(1), PartitionId(0)}));
  CHECK(f.replicas->followed().from(BrokerId(2)).contains({uuid(1), PartitionId(0)}));
  CHECK(f.holds("t-0"));
  lead(1);
  CHECK(f.replicas->followed().from(BrokerId(2)).empty());
  // Not before it has looked at the other copy.
  CHECK(f.leader(1).error().code == Errc::busy);
  CHECK(f.replicas->opened().succeeding().contains({uuid(1), PartitionId(0)}));
  bool told = false;
  f.replicas->open({{uuid(1), PartitionId(0)}}, [&] { told = true; });
  CHECK_FALSE(told);
  SECTION("unless another one is to lead before it has") {
    lead(2);
    CHECK(told);
    CHECK(f.leader(1).error().code == Errc::not_leader_or_follower);
    return;
  }
  f.replicas->succeed({uuid(1), PartitionId(0)});
  CHECK(told);
  CHECK(f.replicas->opened().succeeding().empty());
  REQUIRE(f.leader(1).ok());
  CHECK(f.leader(1).value()->epoch() > before);
  CHECK(f.end_of(1) == Offset(1));
  CHECK(f.append(1, "w").value() == Offset(1));
}

// --- partitions that move to other brokers

namespace {

// Topic t of brokers 1 and 2 with a record, led by broker 2; broker 1 is a replica or not.
struct Moving : Folder {
  Moving() {
    take(metadata::register_broker(image, {BrokerId(2), uuid(210), {}, {uuid(211)}}));
    begin_with("v");
    flush(1);
    place({2, 1});
    REQUIRE(replicas->opened().find_following(id));
  }
  void place(std::vector<int32_t> brokers) {
    metadata::PartitionChangeRecord change;
    change.topic_id = uuid(1);
    change.partition_id = 0;
    change.leader = 2;
    change.isr = std::vector<int32_t>{2};
    change.replicas = std::move(brokers);
    REQUIRE(image.apply(change, image.next_offset()));
    reconcile();
  }
  void open() {
    replicas->open({id}, [] {});
    w.jobs.run_all();
  }
  void write_checkpoints() {
    const auto departing = replicas->departures.waiting();
    REQUIRE(cluster::checkpoint_work(replicas->opened(), replicas->folder())());
    replicas->departures.written(departing);
    w.jobs.run_all();
  }
  const TopicPartition id{uuid(1), PartitionId(0)};
};

}  // namespace

TEST_CASE("Replicas: a copy that has moved away serves nobody, and its folder goes when no checkpoint tells of it") {
  Moving m;
  m.write_checkpoints();
  m.place({2});
  CHECK_FALSE(m.replicas->opened().find_copy(m.id));
  CHECK(m.replicas->followed().from(BrokerId(2)).empty());
  CHECK(m.leader(1).error().code == Errc::not_leader_or_follower);
  CHECK(m.holds("t-0"));
  CHECK(m.replicas->departures.take_want());
  m.write_checkpoints();
  CHECK_FALSE(m.holds("t-0"));
  CHECK(m.first_with("-delete").empty());
  CHECK(m.first_with("-stray").empty());
  m.start();
  CHECK_FALSE(m.says("DAMAGED"));
}

TEST_CASE("Replicas: who is given a copy again begins anew, when the former one has gone") {
  Moving m;
  m.write_checkpoints();
  m.place({2});
  m.place({2, 1});
  bool told = false;
  m.replicas->open({m.id}, [&] { told = true; });
  m.w.jobs.run_all();
  CHECK_FALSE(m.replicas->opened().find_copy(m.id));
  CHECK_FALSE(told);
  m.write_checkpoints();
  CHECK(told);
  REQUIRE_FALSE(m.replicas->take_changed().empty());
  m.open();
  REQUIRE(m.replicas->opened().find_following(m.id));
  CHECK(m.replicas->opened().find_copy(m.id)->log_end() == Offset(0));
  CHECK_FALSE(m.says("DAMAGED"));
}

TEST_CASE(
    "Replicas: a copy that moves away while a job cuts it goes when that has ended, and its successor is another") {
  Moving m;
  m.replicas->cut(m.id, Offset(0));
  metadata::PartitionChangeRecord change;
  change.topic_id = uuid(1);
  change.partition_id = 0;
  for (const std::vector<int32_t>& brokers : {std::vector<int32_t>{2}, std::vector<int32_t>{2, 1}}) {
    change.replicas = brokers;
    REQUIRE(m.image.apply(change, m.image.next_offset()));
    m.replicas->reconcile(m.image, metadata::Delta::all(), {});
  }
  REQUIRE(m.replicas->is_cutting());
  CHECK(m.replicas->departures.waiting().empty());
  m.open();
  CHECK_FALSE(m.replicas->is_cutting());
  CHECK_FALSE(m.replicas->opened().find_copy(m.id));
  m.write_checkpoints();
  m.open();
  CHECK(m.replicas->opened().find_following(m.id));
}

TEST_CASE("Replicas: a copy that moved away while its broker was dead goes at the next start") {
  Moving m;
  m.write_checkpoints();
  m.kill();
  metadata::PartitionChangeRecord change;
  change.topic_id = uuid(1);
  change.partition_id = 0;
  change.replicas = std::vector<int32_t>{2};
  REQUIRE(m.image.apply(change, m.image.next_offset()));
  SECTION("removed, where the record of that is there") {
    m.start();
    CHECK(m.first_with("-stray").empty());
  }
  SECTION("put aside, where it is only not said any more that it is here") {
    metadata::Image rebuilt;
    for (const auto& record : metadata::to_records(m.image)) REQUIRE(rebuilt.apply(record, rebuilt.next_offset()));
    m.image = rebuilt;
    m.start();
    CHECK(m.first_with("-stray").starts_with("t-0."));
  }
  CHECK_FALSE(m.holds("t-0"));
  CHECK_FALSE(m.says("DAMAGED"));
}

TEST_CASE("Replicas: min.insync.replicas is what the whole cluster says, not what is set for this broker") {
  Folder f;
  f.take(metadata::register_broker(f.image, {BrokerId(2), uuid(210), {}, {uuid(211)}}));
  using metadata::ConfigOp;
  const config::ConfigScope broker = config::ConfigScope::broker;
  f.take(metadata::alter_configs(f.image, {broker, ""}, {{"min.insync.replicas", ConfigOp::set, "2"}}));
  f.take(metadata::alter_configs(f.image, {broker, "1"}, {{"min.insync.replicas", ConfigOp::set, "1"}}));
  metadata::NewTopic topic;
  topic.name = "t";
  topic.id = uuid(1);
  topic.assignments = {{PartitionId(0), {BrokerId(1), BrokerId(2)}}};
  f.take(metadata::create_topic(f.image, topic, {{BrokerId(1), BrokerId(2)}, 0}, {}));
  f.take(metadata::fence_broker(f.image, BrokerId(2), f.image.broker(BrokerId(2))->epoch));
  REQUIRE(f.image.topic("t")->partitions[0].eligible_leaders == std::vector<BrokerId>{BrokerId(2)});
  f.start();
  auto leading = f.leader(1);
  REQUIRE(leading.ok());
  CHECK_FALSE((*leading)->in_sync().has_enough());  // or it would commit what the eligible one does not have
}
