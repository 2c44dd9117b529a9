// The small text files of a log directory: byte for byte what is written, and every way in which one is none.
#include "log/checkpoints.h"

#include "base/uuid.h"
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

TEST_CASE("Checkpoints: a partition's folder is its topic and its number, as they are written") {
  CHECK(dir_name({"orders", PartitionId(0)}) == "orders-0");
  CHECK(dir_name({"a-1", PartitionId(INT32_MAX)}) == "a-1-2147483647");
  CHECK(parse_dir_name("a-1-2147483647") == TopicPartition{"a-1", PartitionId(INT32_MAX)});
  CHECK(parse_dir_name("a--1") == TopicPartition{"a-", PartitionId(1)});
  for (const char* bad : {"", "-", "orders", "orders-", "orders-2147483648", "orders-+1", "orders- 1", "orders-1 ",
                          "orders-0x1", "orders-00", "..-0", "orders-0.abc-delete"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_dir_name(bad));
  }
}

TEST_CASE("Checkpoints: a folder that is put aside has a name that fits, and that is no partition's") {
  const std::string id = to_string(topic_id);
  CHECK(aside_name({"orders", PartitionId(3)}, topic_id, deleted_suffix) == "orders-3." + id + "-delete");
  const std::string longest(249, 'n');
  for (auto suffix : {deleted_suffix, stray_suffix}) {
    const std::string name = aside_name({longest, PartitionId(INT32_MAX)}, topic_id, suffix);
    CHECK(name.size() == 255);
    CHECK(name.ends_with("n-2147483647." + id + std::string(suffix)));
    CHECK_FALSE(parse_dir_name(name));
  }
}

TEST_CASE("Checkpoints: offsets are written in the order of topics, then of numbers") {
  Checkpoint offsets{{{"b", PartitionId(0)}, Offset(0)},
                     {{"a", PartitionId(10)}, record::log_end_max},
                     {{"a", PartitionId(9)}, Offset(4)}};
  const std::string text = encode_checkpoint(offsets);
  CHECK(text == "0\n3\na 9 4\na 10 9223372032559808511\nb 0 0\n");
  CHECK(*parse_checkpoint(text) == offsets);
  CHECK(encode_checkpoint({}) == "0\n0\n");
  CHECK(parse_checkpoint("0\n0\n")->empty());
}

TEST_CASE("Checkpoints: a number that is none, or too large, is damage that is quoted") {
  for (const char* line :
       {"a 0", "a  0", "a 0 ", " 0 1", "a -1 1", "a 0 -1", "a 2147483648 1", "a 0 9223372036854775808",
        "a 0 9223372036854775807", "a 0 9223372032559808512", "a 0 1x", "a 0x0 1", "a b 0 1"}) {
    CAPTURE(line);
    auto parsed = parse_checkpoint("0\n1\n" + std::string(line) + "\n");
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == Errc::damaged);
    CHECK(parsed.error().message == "not a line of offsets: '" + std::string(line) + "'");
  }
  auto binary = parse_checkpoint("0\n1\n" + std::string(5000, 'x') + "\n");
  CHECK(binary.error().message == "not a line of offsets: '" + std::string(100, 'x') + "...'");
}

TEST_CASE("Checkpoints: as many lines as are counted, no more and no fewer") {
  for (const char* bad : {"", "0", "0\n", "0\n\n", "0\nx\n", "0\n2\na 0 1\n", "0\n1\na 0 1", "0\n0\na 0 1\n",
                          "0\n18446744073709551615\na 0 1\n", "0\n18446744073709551616\n", "0\n1\na 0 1\n\n"}) {
    CAPTURE(bad);
    CHECK(parse_checkpoint(bad).error().code == Errc::damaged);
    CHECK(parse_topic_ids(bad).error().code == Errc::damaged);
  }
}

TEST_CASE("Checkpoints: topic ids are read as they were written") {
  TopicIds ids{{"a", topic_id}, {"b.c", Uuid{}}};
  const std::string text = encode_topic_ids(ids);
  CHECK(text == "0\n2\na " + to_string(topic_id) + "\nb.c AAAAAAAAAAAAAAAAAAAAAA\n");
  CHECK(*parse_topic_ids(text) == ids);
  for (const char* line : {"a", "a ", "a short", "a AAAAAAAAAAAAAAAAAAAAAA x", " AAAAAAAAAAAAAAAAAAAAAA"}) {
    CAPTURE(line);
    CHECK(parse_topic_ids("0\n1\n" + std::string(line) + "\n").error().message ==
          "not a line of topic ids: '" + std::string(line) + "'");
  }
}

TEST_CASE("Checkpoints: partition.metadata is two lines and nothing else") {
  const std::string good = encode_partition_metadata(topic_id);
  CHECK(good == "version: 0\ntopic_id: " + to_string(topic_id));
  CHECK(*parse_partition_metadata(good) == topic_id);
  CHECK(*parse_partition_metadata(good + "\n") == topic_id);
  for (const std::string& bad :
       {std::string(), std::string("version: 0"), std::string("version: 0\ntopic_id: "),
        good.substr(0, good.size() - 1), good + "A", good + "\n\nx", "version: 1" + good.substr(10), "\n" + good}) {
    CAPTURE(bad);
    CHECK(parse_partition_metadata(bad).error().code == Errc::damaged);
  }
}

TEST_CASE("Checkpoints: meta.properties may have comments and properties that are not ours") {
  MetaProperties meta{"abc=d", BrokerId(0), topic_id};
  const std::string good = encode_meta_properties(meta);
  CHECK(*parse_meta_properties(good) == meta);
  CHECK(*parse_meta_properties("#\n#Tue\n\n" + good + "other=1\n") == meta);
  CHECK(parse_meta_properties("version=1\ncluster.id=c\nnode.id=2\n")->directory_id.is_zero());
  for (const char* bad :
       {"", "version=0\ncluster.id=c\nnode.id=2\n", "cluster.id=c\nnode.id=2\n", "version=1\nnode.id=2\n",
        "version=1\ncluster.id=\nnode.id=2\n", "version=1\ncluster.id=c\nnode.id=-1\n",
        "version=1\ncluster.id=c\nnode.id=x\n", "version=1\ncluster.id=c\nnode.id=2\nrubbish\n"}) {
    CAPTURE(bad);
    CHECK(parse_meta_properties(bad).error().code == Errc::damaged);
  }
}

TEST_CASE("Checkpoints: the mark of a clean end names the broker's epoch") {
  CHECK(encode_clean_shutdown(BrokerEpoch(-1)) == R"({"version":0,"brokerEpoch":-1})");
  for (int64_t epoch : {int64_t{-1}, int64_t{0}, INT64_MAX})
    CHECK(*parse_clean_shutdown(encode_clean_shutdown(BrokerEpoch(epoch))) == BrokerEpoch(epoch));
  for (const char* bad :
       {"", "{}", R"({"version":0})", R"({"version":1,"brokerEpoch":5})", R"({"version":0,"brokerEpoch":})",
        R"({"version":0,"brokerEpoch":"5"})", R"({"version":0,"brokerEpoch":9223372036854775808})"}) {
    CAPTURE(bad);
    CHECK(parse_clean_shutdown(bad).error().code == Errc::damaged);
  }
}

TEST_CASE("Checkpoints: a file that is not there is empty, one that is none is told with its path") {
  Fixture f;
  const std::string path = "/data/" + std::string(recovery_point_file);
  auto none = read_checkpoint(f.w.storage, path);
  REQUIRE(none.ok());
  CHECK(none->empty());
  Checkpoint offsets{{{"a", PartitionId(1)}, Offset(2)}};
  REQUIRE(write_checkpoint(f.w.storage, path, offsets).ok());
  CHECK(*read_checkpoint(f.w.storage, path) == offsets);
  CHECK(f.w.storage.paths("/data") == std::vector<std::string>{path});
  f.w.storage.put(path, "0\n1\n");
  auto cut = read_checkpoint(f.w.storage, path);
  CHECK(cut.error().code == Errc::malformed);
  CHECK(cut.error().message == path + ": a checkpoint that was cut short");
  f.w.storage.inject({.at = 1, .for_good = true, .only = {Call::open}});
  CHECK(read_checkpoint(f.w.storage, path).error().code == Errc::io_error);
}

TEST_CASE("Checkpoints: while one is replaced the old one stands, whatever fails") {
  Fixture f;
  const std::string path = "/data/" + std::string(log_start_file);
  const Checkpoint before{{{"a", PartitionId(0)}, Offset(1)}}, after{{{"a", PartitionId(0)}, Offset(2)}};
  for (uint64_t at = 1;; at++) {
    REQUIRE(write_checkpoint(f.w.storage, path, before).ok());
    f.w.storage.inject({.at = at, .only = {}});
    const Status written = write_checkpoint(f.w.storage, path, after);
    const bool hit = f.w.storage.hits() > 0;
    f.w.storage.heal();
    auto stands = read_checkpoint(f.w.storage, path);
    CAPTURE(at);
    REQUIRE(stands.ok());
    if (written) CHECK(*stands == after);
    else CHECK((*stands == before || *stands == after));
    if (!hit) break;
  }
}
