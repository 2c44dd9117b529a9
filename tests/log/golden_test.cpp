// Files that Apache Kafka's own tools accepted: read through Log, and written again byte for byte.
#include <fstream>
#include <sstream>

#include "base/crc32c.h"
#include "base/uuid.h"
#include "log/checkpoints.h"
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

const std::string golden = BOBBIN_GOLDEN_DIR "/logdir/";

std::string file(const std::string& name) {
  std::ifstream in(golden + name, std::ios::binary);
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

const char* const orders[] = {"00000000000000000000.log",       "00000000000000000000.index",
                              "00000000000000000000.timeindex", "00000000000000000019.snapshot",
                              "leader-epoch-checkpoint",        "partition.metadata"};

struct Orders : Fixture {
  explicit Orders(bool filled) {
    dir = "/data/orders-0";
    config.index_interval_bytes = 200;
    config.segment_ms = INT64_MAX;
    w.clock.wall_ms = 1700000000100;
    if (filled)
      for (const char* name : orders) w.storage.put(dir + "/" + name, file(std::string("orders-0/") + name));
    auto id = parse_partition_metadata(file("orders-0/partition.metadata"));
    REQUIRE(id.ok());
    topic = *id;
  }
  void open_orders(const OpenHint& hint) {
    files = std::make_unique<Files>(w.storage);
    auto opened = open_log(w.world, *files, dir, topic, config, hint, report);
    if (!opened) FAIL(opened.error().message);
    log = std::move(*opened);
  }
  void check_files() {
    for (const char* name : orders) {
      CAPTURE(name);
      CHECK(w.storage.contents(dir + "/" + name) == file(std::string("orders-0/") + name));
    }
  }
  TopicId topic;
};

}  // namespace

TEST_CASE("Golden: Kafka's partition is read") {
  bool clean = GENERATE(true, false);
  Orders f(true);
  f.open_orders({clean, Offset(clean ? 19 : 0), Offset(0)});
  CHECK(f.report.damage.empty());
  CHECK(f.report.cuts.empty());
  CHECK(f.report.notes.empty());
  CHECK(f.log->log_end() == Offset(19));
  for (Offset o(0); o < Offset(19); o += 1) CHECK(f.readable(o));
  CHECK(*f.log->read(Offset(0), Offset(19), 1 << 20, true) == file("orders-0/00000000000000000000.log"));
  CHECK(f.log->epochs().epoch_at(Offset(12)) == LeaderEpoch(1));
  CHECK(f.log->epochs().end_of(LeaderEpoch(0), f.log->log_end()) == EpochEnd{LeaderEpoch(0), Offset(12)});
  CHECK((*f.log->reading().offset_for_time(Timestamp(1700000000021), Offset(19)))->offset == Offset(8));
  CHECK((*f.log->reading().offset_of_max_timestamp(Offset(19)))->offset == Offset(15));
  CHECK(f.log->producers().size() == 3);
  CHECK(f.log->producers().find(ProducerId(1000))->last()->last_sequence == Sequence(2));
  REQUIRE(f.log->close().ok());
  f.check_files();
}

TEST_CASE("Golden: the same batches make the same files") {
  Orders f(false);
  f.open_orders({});
  std::string all = file("orders-0/00000000000000000000.log");
  SECTION("appended one by one") {
    for (size_t at = 0; at < all.size();) {
      auto batch = record::BatchView::parse(Bytes(all).substr(at));
      REQUIRE(batch.ok());
      REQUIRE(f.log->append(batch->bytes(), LeaderEpoch(0), AppendOrigin::replication).ok());
      at += batch->bytes().size();
    }
  }
  SECTION("appended at once") { REQUIRE(f.log->append(all, LeaderEpoch(0), AppendOrigin::replication).ok()); }
  REQUIRE(f.log->close().ok());
  f.check_files();
}

TEST_CASE("Golden: everything but the records is built again from them") {
  Orders f(true);
  for (const char* name : orders)
    if (std::string(name).find(".log") == std::string::npos) f.w.storage.erase(f.dir + "/" + name);
  f.open_orders({false, Offset(0), Offset(0), false, Offset(0), true});
  REQUIRE(f.log->close().ok());
  f.check_files();
}

TEST_CASE("Golden: partitions of one batch") {
  for (const char* name : {"__consumer_offsets-42", "__transaction_state-20"}) {
    Fixture f;
    f.dir = std::string("/data/") + name;
    f.w.clock.wall_ms = 1700000000100;
    f.open();
    REQUIRE(
        f.log->append(file(std::string(name) + "/00000000000000000000.log"), LeaderEpoch(0), AppendOrigin::replication)
            .ok());
    REQUIRE(f.log->close().ok());
    for (const char* suffix : {".log", ".index", ".timeindex"}) {
      std::string leaf = std::string("00000000000000000000") + suffix;
      CHECK(f.w.storage.contents(f.dir + "/" + leaf) == file(std::string(name) + "/" + leaf));
    }
  }
}

TEST_CASE("Golden: checkpoints") {
  for (const char* name : {"recovery-point-offset-checkpoint", "replication-offset-checkpoint",
                           "log-start-offset-checkpoint", "cleaner-offset-checkpoint"}) {
    auto offsets = parse_checkpoint(file(name));
    REQUIRE(offsets.ok());
    CHECK(encode_checkpoint(*offsets) == file(name));
  }
  CHECK(parse_checkpoint(file("recovery-point-offset-checkpoint"))->at({"orders", PartitionId(0)}) == Offset(19));
  CHECK(encode_partition_metadata(*parse_partition_metadata(file("orders-0/partition.metadata"))) ==
        file("orders-0/partition.metadata"));
}

TEST_CASE("Checkpoints: what is not one is damaged, never half believed") {
  std::string good = "0\n2\na 0 5\nb-c 1 7\n";
  REQUIRE(parse_checkpoint(good).ok());
  for (size_t size = 0; size < good.size(); size++) CHECK_FALSE(parse_checkpoint(good.substr(0, size)).ok());
  for (const char* bad :
       {"1\n0\n", "0\n1\na 0\n", "0\n1\na x 5\n", "0\n1\na 0 -5\n", "0\n-1\n", "0\n1\na 0 5\nb 0 5\n"})
    CHECK_FALSE(parse_checkpoint(bad).ok());
  MetaProperties meta{"abc", BrokerId(3), topic_id};
  CHECK(*parse_meta_properties(encode_meta_properties(meta)) == meta);
  CHECK_FALSE(parse_meta_properties("version=1\ncluster.id=abc\n").ok());
  CHECK(*parse_clean_shutdown(encode_clean_shutdown(BrokerEpoch(12))) == BrokerEpoch(12));
  CHECK_FALSE(parse_clean_shutdown("").ok());
  CHECK(parse_dir_name("a-b-12") == TopicPartition{"a-b", PartitionId(12)});
  for (const char* bad : {"a", "a-", "-1", "a-01", "a-x"}) CHECK_FALSE(parse_dir_name(bad));
}

TEST_CASE("Checkpoints: a name that no topic can have is damage in a file, and no partition's in a folder") {
  const std::string long_name(250, 'n');
  for (const std::string& bad : {std::string("../../x"), std::string(".."), std::string("a/b"),
                                 std::string("$(touch$IFS/x)"), std::string("a\x1b[31m"), long_name}) {
    CAPTURE(bad);
    CHECK(parse_checkpoint("0\n1\n" + bad + " 0 5\n").error().code == Errc::damaged);
    CHECK(parse_topic_ids("0\n1\n" + bad + " " + to_string(topic_id) + "\n").error().code == Errc::damaged);
    CHECK_FALSE(parse_dir_name(bad + "-0"));
  }
  CHECK(parse_dir_name(std::string(249, 'n') + "-0"));
  CHECK(parse_topic_ids("0\n1\na " + to_string(topic_id) + "\n")->at("a") == topic_id);
}

TEST_CASE("Producers: one that was heard of before all times is expired, too") {
  std::string snapshot = file("orders-0/00000000000000000019.snapshot");
  const size_t count = Producers::decode_snapshot(snapshot)->size();
  REQUIRE(count > 1);
  constexpr size_t head_bytes = 10, last_timestamp_at = 26;
  for (int64_t time : {INT64_MIN, INT64_MIN + 5, int64_t{-1}, int64_t{0}}) {
    store_be(snapshot.data() + head_bytes + last_timestamp_at, time);
    store_be(snapshot.data() + 2, crc32c(Bytes(snapshot).substr(6)));
    auto producers = Producers::decode_snapshot(snapshot);
    REQUIRE(producers.ok());
    producers->expire(Timestamp(1'700'000'000'000), 86'400'000);
    CHECK(producers->size() == count - 1);
  }
}
