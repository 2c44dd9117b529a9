// Folder: whose it is, what is in it, and what one life of its broker tells the next. What Replicas makes of that is in
// replicas_test.cpp.
#include "cluster/folder.h"

#include <catch2/catch.hpp>

#include "base/some_uuid.h"
#include "base/uuid.h"
#include "log/memory_world.h"
#include "metadata/broker_changes.h"

using namespace bobbin;
using cluster::Folder;
using cluster::TopicPartition;
using test::uuid;

namespace {

const log::TopicPartition t0{"t", PartitionId(0)}, t1{"t", PartitionId(1)}, u0{"u", PartitionId(0)};

// The place of broker 1's folder, and metadata with a topic "t" of two partitions.
struct Home {
  Home() {
    REQUIRE(w.storage.make_dir("/c"));
    REQUIRE(w.storage.make_dir("/c/broker-1"));
    REQUIRE(w.storage.sync_dir("/"));
    take(metadata::register_broker(image, {BrokerId(1), uuid(200), {}, {uuid(201)}}));
    create("t", 1, 2);
  }
  void take(const Result<metadata::Records>& records) {
    REQUIRE(records.ok());
    for (const auto& r : *records) REQUIRE(image.apply(r, image.next_offset()));
  }
  void create(const std::string& name, unsigned char id, int32_t partitions = 1) {
    metadata::NewTopic topic;
    topic.name = name;
    topic.id = uuid(id);
    topic.partitions = partitions;
    take(metadata::create_topic(image, topic, {{BrokerId(1)}, 0}, {}));
  }
  void remove(const std::string& name) { take(metadata::delete_topic(image, name)); }

  Result<Folder> try_open(BrokerId self = BrokerId(1), const std::string& cluster = "cluster",
                          const std::string& boot = "boot") {
    said.clear();
    return Folder::open(
        w.world, "/c/broker-1", self, cluster, [this](const std::string& line) { said.push_back(line); }, boot);
  }
  Folder open(const std::string& boot = "boot") {
    auto opened = try_open(BrokerId(1), "cluster", boot);
    REQUIRE(opened.ok());
    return std::move(*opened);
  }
  // In this life, or in the next one.
  std::set<TopicPartition> sort_out(Folder& folder) {
    auto found = folder.sort_out(image);
    REQUIRE(found.ok());
    w.jobs.run_all();
    return *found;
  }
  // A partition's folder with a record, of the topic with this id.
  void put_log(const std::string& name, unsigned char id) {
    put(name + "/partition.metadata", log::encode_partition_metadata(uuid(id)));
    put(name + "/00000000000000000000.log", "a record");
  }
  void put(std::string_view name, const std::string& text) { w.storage.put("/c/broker-1/" + std::string(name), text); }
  bool holds(std::string_view name) {
    auto all = w.storage.list("/c/broker-1");
    REQUIRE(all.ok());
    return std::find(all->begin(), all->end(), name) != all->end();
  }

  test::MemoryWorld w;
  metadata::Image image;
  std::vector<std::string> said;
};

TopicPartition of_t(int32_t partition) { return {uuid(1), PartitionId(partition)}; }

}  // namespace

TEST_CASE("Folder: it is made anew once, and from then on belongs to one broker of one cluster") {
  Home h;
  const Uuid made = [&] {
    Folder folder = h.open();
    CHECK(folder.is_new());
    CHECK_FALSE(folder.was_clean());
    return folder.directory_id();
  }();
  CHECK_FALSE(made.is_zero());
  h.w.power_cut();
  Folder again = h.open();
  CHECK_FALSE(again.is_new());
  CHECK(again.directory_id() == made);
  for (auto [self, cluster] : {std::pair(BrokerId(2), "cluster"), std::pair(BrokerId(1), "another")}) {
    auto refused = h.try_open(self, cluster);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::inconsistent_cluster_id);
    CHECK(refused.error().message.find("broker 1 of cluster cluster") != std::string::npos);
  }
}

TEST_CASE("Folder: the mark of a clean end holds for the next life alone") {
  Home h;
  REQUIRE(h.open().mark_clean(BrokerEpoch(7)));
  h.w.power_cut();
  CHECK(h.open().was_clean());
  h.w.power_cut();  // before that life did anything
  CHECK_FALSE(h.open().was_clean());
}

TEST_CASE("Folder: each folder is the topic's that its file names: ours, deleted, or somebody's who may miss it") {
  Home h;
  h.create("deleted", 2);
  h.remove("deleted");
  h.put_log("t-0", 1);
  h.put_log("t-2", 1);  // which is no partition of it
  h.put_log("deleted-0", 2);
  h.put_log("unknown-0", 3);
  h.put_log("t-1", 4);  // of a topic that had this name
  h.put_log("x-0." + to_string(uuid(5)) + "-delete", 5);
  h.put_log("y-0." + to_string(uuid(6)) + "-stray", 6);
  h.put_log("notes", 7);
  h.put("u-0", "a file");
  Folder folder = h.open();
  CHECK(h.sort_out(folder) == std::set<TopicPartition>{of_t(0)});
  for (const std::string& kept : {std::string("t-0"), "t-2." + to_string(uuid(1)) + "-stray",
                                  "unknown-0." + to_string(uuid(3)) + "-stray", "t-1." + to_string(uuid(4)) + "-stray",
                                  "y-0." + to_string(uuid(6)) + "-stray", std::string("notes"), std::string("u-0")}) {
    INFO(kept);
    CHECK(h.holds(kept));
  }
  for (const std::string& gone :
       {std::string("t-1"), std::string("t-2"), std::string("deleted-0"), "deleted-0." + to_string(uuid(2)) + "-delete",
        std::string("unknown-0"), "x-0." + to_string(uuid(5)) + "-delete"}) {
    INFO(gone);
    CHECK_FALSE(h.holds(gone));
  }
  CHECK(h.said.size() == 3);  // those that were put aside as stray
}

TEST_CASE("Folder: what was noted of a log is known to the next life, as it was when the checkpoint began") {
  Home h;
  {
    Folder folder = h.open();
    folder.note(t0, uuid(1), {Offset(5), Offset(7), Offset(3)});
    folder.note(t1, uuid(1), {Offset(0), Offset(0), Offset(0)});
    folder.note(u0, uuid(9), {Offset(4), Offset(4), Offset(0)});
    folder.forget(u0);
    auto work = folder.checkpoint_work();
    folder.note(t0, uuid(1), {Offset(50), Offset(70), Offset(30)});
    REQUIRE(work());
    CHECK(folder.told_end(t0) == Offset(70));
  }
  h.w.power_cut();
  Folder folder = h.open();
  // The folders are gone: one that went further than its beginning should be there.
  CHECK(h.sort_out(folder) == std::set<TopicPartition>{of_t(0)});
  const log::OpenHint hint = folder.hint_for(t0, uuid(1));
  CHECK((hint.recovery_point == Offset(5) && hint.high_watermark == Offset(7) && hint.log_start == Offset(3)));
  CHECK(hint.is_vouched_for);
  CHECK_FALSE(hint.clean_shutdown);
  CHECK(folder.told_end(t0) == Offset(7));
  CHECK(folder.told_end(u0) == Offset(0));
  CHECK(h.said.empty());
}

TEST_CASE("Folder: offsets of a topic that was deleted say nothing of the one that has its name now") {
  Home h;
  {
    Folder folder = h.open();
    folder.note(t0, uuid(1), {Offset(5), Offset(7), Offset(3)});
    REQUIRE(folder.checkpoint_work()());
    folder.note_young(t1, uuid(1), Offset(9), Offset(0));
    REQUIRE(folder.young_work()());
  }
  const bool is_made_anew = GENERATE(false, true);
  if (is_made_anew) {
    h.remove("t");
    h.create("t", 2, 2);
  }
  Folder folder = h.open();
  const auto found = h.sort_out(folder);
  CHECK(found == (is_made_anew ? std::set<TopicPartition>{} : std::set<TopicPartition>{of_t(0), of_t(1)}));
  CHECK(folder.told_end(t0) == Offset(is_made_anew ? 0 : 7));
  CHECK(folder.told_end(t1) == Offset(is_made_anew ? 0 : 9));
  const Uuid now = uuid(is_made_anew ? 2 : 1);
  CHECK(folder.hint_for(t0, now).is_vouched_for != is_made_anew);
  CHECK_FALSE(folder.hint_for(t0, uuid(77)).is_vouched_for);
}

TEST_CASE("Folder: a checkpoint that does not parse is told and passed over, without the others") {
  Home h;
  {
    Folder folder = h.open();
    folder.note(t0, uuid(1), {Offset(5), Offset(7), Offset(3)});
    REQUIRE(folder.checkpoint_work()());
  }
  h.put(log::recovery_point_file, "0\nnonsense\n");
  Folder folder = h.open();
  REQUIRE(h.said.size() == 1);
  CHECK(h.said[0].find(log::recovery_point_file) != std::string::npos);
  h.sort_out(folder);
  CHECK(folder.hint_for(t0, uuid(1)).recovery_point == Offset(0));
  CHECK(folder.hint_for(t0, uuid(1)).high_watermark == Offset(7));
}

TEST_CASE("Folder: only a life that names the same boot may count on what the one before opened in it") {
  Home h;
  h.open().note_boot();
  auto is_same = [&](const std::string& boot) { return h.open(boot).hint_for(t0, uuid(1)).same_boot; };
  CHECK(is_same("boot"));
  CHECK_FALSE(is_same("another"));
  CHECK_FALSE(is_same(""));
  SECTION("nobody knows it") {
    h.open("another").note_boot();
    CHECK_FALSE(is_same("boot"));
    h.open("").note_boot();
    CHECK(is_same("another"));
  }
  SECTION("a sync failed in it") {
    Folder folder = h.open();
    folder.take_offline("the disk is broken");
    folder.take_offline("and something else");
    folder.note_boot();
    CHECK(folder.is_offline());
    CHECK(folder.offline_reason() == "the disk is broken");
    CHECK(h.said.size() == 1);
    CHECK_FALSE(is_same("boot"));
  }
}

TEST_CASE("Folder: it holds partitions where one has a folder or a checkpoint tells of it, not by what is put aside") {
  Home h;
  CHECK_FALSE(h.open().has_partitions());
  h.put_log("y-0." + to_string(uuid(6)) + "-stray", 6);
  h.put_log("notes", 7);
  CHECK_FALSE(h.open().has_partitions());
  SECTION("a folder") { h.put_log("t-0", 1); }
  SECTION("a checkpoint") {
    Folder folder = h.open();
    folder.note(t0, uuid(1), {Offset(5), Offset(7), Offset(0)});
    REQUIRE(folder.checkpoint_work()());
  }
  CHECK(h.open().has_partitions());
}
