// A consumer of a cluster on this machine, and brokers that tell it where records lie, or where they do not.
#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "client/collector.h"
#include "client/consumer/consumer.h"
#include "client/fake_broker.h"
#include "client/session.h"
#include "log/checkpoints.h"
#include "log/segment.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::client;
using bobbin::client::test::Collector;
using bobbin::client::test::values;
using fake::FakeCluster;
using fake::make_batch;
using ::test::TempDir;
using Asked = protocol::FetchRequest::FetchPartition;
using Told = protocol::FetchResponse::PartitionData;
using Place = protocol::FetchResponse::Place;

namespace {

// A local cluster with a topic of four batches of three records, whose file lies where a broker's would.
struct Local {
  explicit Local(bool tcp = false) {
    cluster = std::make_unique<FakeCluster>(1, tcp ? std::string() : temp.path());
    cluster->add_topic("t", 1);
    target.timeout_ms = 10'000;
    if (tcp) target.bootstrap = cluster->bootstrap();
    else target.dir = temp.path();
    target.autostart = false;
    for (int i = 0; i < 12; i += 3)
      cluster->with([&](FakeCluster& c) { c.append("t", 0, make_batch(values(i, i + 3))); });
    cluster->with([&](FakeCluster& c) {
      bytes = c.topics["t"].partitions[0].log;
      id = c.topics["t"].id;
    });
    one = bytes.size() / 4;
    REQUIRE((storage.make_dir(temp / "broker-1").ok() && storage.make_dir(folder).ok()));
    write(bytes);
    own(id);
  }
  void write(const std::string& contents) {
    REQUIRE(os::write_whole_file(storage, folder + "/" + offset_name(Offset(0), ".log"), contents).ok());
  }
  void own(TopicId owner) {
    REQUIRE(os::write_whole_file(storage, folder + "/partition.metadata", log::encode_partition_metadata(owner)).ok());
  }

  // Batches [from, to) of the file.
  Place place(size_t from, size_t to) const {
    return {0, static_cast<int64_t>(from * one), static_cast<int64_t>(to * one), static_cast<int64_t>(to) * 3, 1 << 20};
  }
  void retouch(std::function<void(const Asked&, Told&)> how) {
    cluster->with([&](FakeCluster& c) { c.retouch = std::move(how); });
  }
  // The error, if any, as its message.
  std::string read(Collector& sink, Start start = {}, bool in_place = true) {
    auto session = Session::open(target);
    if (!session) return session.error().message;
    ConsumerOptions options;
    options.topics = {{"t", {}}};
    options.start = start;
    options.stop = {Stop::Kind::end, 0};
    options.read_in_place = in_place;
    auto consumer = Consumer::open(**session, options);
    if (!consumer) return consumer.error().message;
    while (!(*consumer)->is_done())
      if (Status status = (*consumer)->poll(sink, {}, -1); !status) return status.error().message;
    return {};
  }

  TempDir temp;
  os::PosixStorage storage;
  std::string folder = temp / "broker-1/t-0";
  std::unique_ptr<FakeCluster> cluster;
  Target target;
  std::string bytes;
  size_t one = 0;  // bytes of a batch
  TopicId id;
};

}  // namespace

TEST_CASE("Consumer in place: asks for places on this machine only, and only if it may") {
  bool tcp = GENERATE(false, true), wanted = GENERATE(false, true);
  Local l(tcp);
  bool asked = false;
  l.retouch([&](const Asked& a, Told&) { asked = asked || a.read_in_place; });
  Collector sink;
  CHECK(l.read(sink, {}, wanted).empty());
  CHECK(sink.seen == values(0, 12));
  CHECK(asked == (wanted && !tcp));
}

TEST_CASE("Consumer in place: reads from wherever it begins what lies in the file, and nothing else") {
  auto start = GENERATE(0, 4, 6, 11);
  Local l;
  int told = 0;
  l.retouch([&](const Asked& a, Told& t) {
    if (!a.read_in_place || a.fetch_offset >= 12) return;
    auto first = static_cast<size_t>(a.fetch_offset) / 3;
    t.records = Bytes();
    t.place = l.place(first, first + 1);
    told++;
  });
  Collector sink;
  CHECK(l.read(sink, {Start::Kind::offset, start}).empty());
  CHECK(sink.seen == values(start, 12));
  CHECK(told >= 4 - start / 3);
}

TEST_CASE("Consumer in place: a place that nobody asked for is not looked at") {
  Local l(true);
  l.retouch([&](const Asked&, Told& t) { t.place = {0, 0, 1000, 12, 1 << 20}; });
  Collector sink;
  CHECK(l.read(sink).empty());
  CHECK(sink.seen == values(0, 12));
}

TEST_CASE("Consumer in place: places that cannot be are survived, by reading inline") {
  auto which = GENERATE(range(0, 13));
  CAPTURE(which);
  Local l;
  Place bad = l.place(0, 4);
  switch (which) {
    case 0:
      bad.position = -1;
      break;
    case 1:
      bad.end = -1;
      break;
    case 2:
      bad.end = bad.position;
      break;
    case 3:
      bad.end = 1 << 19;
      break;  // behind the end of the file
    case 4:
      bad.capacity = bad.end - 1;
      break;
    case 5:
      bad.capacity = INT64_MAX;
      break;
    case 6:
      bad.next_offset = 0;
      break;
    case 7:
      bad.segment = 77;
      break;
    case 8:
      bad.position = 5;
      break;  // in the middle of a batch
    case 9:
      bad.end -= 5;
      break;
    case 10:
      bad.next_offset = 11;
      break;
    case 11:
      l.own(TopicId{});
      break;
    case 12:
      REQUIRE(os::remove_tree(l.storage, l.folder).ok());
      break;
  }
  l.retouch([&](const Asked& a, Told& t) {
    if (!a.read_in_place) return;
    t.records = Bytes();
    t.place = bad;
  });
  Collector sink;
  CHECK(l.read(sink).empty());
  CHECK(sink.seen == values(0, 12));
}

TEST_CASE("Consumer in place: an answer that was under way while it went back leaves no gap") {
  Local l;
  std::string damaged = l.bytes;
  damaged[l.one + 70] ^= 1;  // a record of the second batch
  l.write(damaged);
  l.retouch([&](const Asked& a, Told& t) {
    if (!a.read_in_place || a.fetch_offset >= 12) return;
    t.records = Bytes();
    t.place = a.fetch_offset < 6 ? l.place(0, 2) : l.place(2, 4);
  });
  Collector sink;
  sink.at_once = GENERATE(size_t{1}, size_t{2}, SIZE_MAX);
  CHECK(l.read(sink).empty());
  CHECK(sink.seen == values(0, 12));
}

TEST_CASE("Consumer in place: what it has is handed over before it is told what it cannot have") {
  Local l;
  auto code = GENERATE(Errc::corrupt_message, Errc::offset_out_of_range, Errc::topic_authorization_failed);
  l.retouch([&](const Asked& a, Told& t) {
    t.records = Bytes();
    if (a.fetch_offset < 6) t.place = l.place(0, 2);
    else t.error_code = static_cast<int16_t>(code);
  });
  if (code == Errc::offset_out_of_range)  // retention took it meanwhile
    l.cluster->set_script([&](const fake::Seen& seen) {
      if (seen.key == protocol::ApiKey::fetch && seen.of_kind == 1) l.cluster->topics["t"].partitions[0].start = 9;
      return fake::Plan{};
    });
  Collector sink;
  sink.at_once = 1;
  // The second answer is there before the first record is taken.
  sink.before = [&](size_t) {
    for (bool answered = false; !answered; std::this_thread::yield())
      l.cluster->with([&](FakeCluster& c) { answered = c.requests[1] >= 2; });
    for (int i = 0; i < 20; i++) l.cluster->with([](FakeCluster&) { std::this_thread::yield(); });
  };
  std::string told = l.read(sink, {Start::Kind::offset, 0});
  CHECK(sink.seen == values(0, 6));
  CHECK(told.find("t-0") != std::string::npos);
  if (code == Errc::corrupt_message) CHECK(told.find("from offset 6 on are damaged") != std::string::npos);
  if (code == Errc::offset_out_of_range)
    CHECK(told.find("offset 6 is out of range: the log holds 9 to 12") != std::string::npos);
}
