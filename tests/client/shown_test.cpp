// A consumer of a cluster on this machine whose brokers show in a region how far it may read on, or lie about it.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <functional>
#include <random>

#include "client/collector.h"
#include "client/consumer/consumer.h"
#include "client/fake_broker.h"
#include "client/session.h"
#include "log/checkpoints.h"
#include "log/segment.h"
#include "os/temp_dir.h"
#include "region/region.h"

using namespace bobbin;
using namespace bobbin::client;
using bobbin::client::test::Collector;
using bobbin::client::test::values;
using fake::FakeCluster;
using fake::Fault;
using fake::make_batch;
using fake::Plan;
using fake::Seen;
using region::ReadableEnd;
using region::Region;
using ::test::TempDir;
using Asked = protocol::FetchRequest::FetchPartition;
using Told = protocol::FetchResponse::PartitionData;
using Place = protocol::FetchResponse::Place;
using Tail = protocol::FetchResponse::Tail;

namespace {

constexpr int64_t capacity = 1 << 20;
constexpr int64_t generation = 7;

// A local cluster with a topic of batches of three records each, whose segment lies where a broker's would. A Fetch is
// answered with the first of them; what lies behind them its leader shows.
struct Showing {
  explicit Showing(size_t batches = 7, size_t first = 4) : told_at_once(first) {
    cluster = std::make_unique<FakeCluster>(1, temp.path());
    cluster->add_topic("t", 1);
    target.timeout_ms = 10'000;
    target.dir = temp.path();
    target.autostart = false;
    cluster->with([&](FakeCluster& c) {
      id = c.topics["t"].id;
      for (size_t i = 0; i < batches; i++) {
        places.push_back(static_cast<int64_t>(c.topics["t"].partitions[0].log.size()));
        auto next = static_cast<int64_t>(i) * 3;
        c.append("t", 0, make_batch(values(next, next + 3)));
      }
      bytes = c.topics["t"].partitions[0].log;
      places.push_back(static_cast<int64_t>(bytes.size()));
    });
    end = static_cast<int64_t>(batches) * 3;
    REQUIRE((storage.make_dir(temp / "broker-1").ok() && storage.make_dir(folder).ok()));
    write(bytes);
    own(id);
    new_region();
    slot = *region->claim(id, PartitionId(0), generation);
    region->show(slot, {Offset(0), Offset(end)});
    retouch([this](const Asked& a, Told& t) { tell(a, t); });
  }

  void new_region() {
    auto made = Region::create(BrokerId(1));
    REQUIRE(made.ok());
    region = std::move(*made);
    pass(region->fd());
  }
  void pass(int fd) {
    cluster->with([&](FakeCluster& c) { c.passed = fd; });
  }
  void write(const std::string& contents) {
    REQUIRE(os::write_whole_file(storage, folder + "/" + offset_name(Offset(0), ".log"), contents).ok());
  }
  void own(TopicId owner) {
    REQUIRE(os::write_whole_file(storage, folder + "/partition.metadata", log::encode_partition_metadata(owner)).ok());
  }
  void retouch(std::function<void(const Asked&, Told&)> how) {
    cluster->with([&](FakeCluster& c) { c.retouch = std::move(how); });
  }
  int fetches() {
    int count = 0;
    cluster->with([&](FakeCluster& c) { count = c.requests[1]; });
    return count;
  }

  // Behind so many batches.
  Tail tail(size_t batches) const {
    return {static_cast<int64_t>(slot), generation, 0, places[batches], static_cast<int64_t>(batches) * 3, capacity};
  }
  // The first batches, and where it goes on. Later questions are answered with all there is.
  void tell(const Asked& asked, Told& told) {
    auto from = static_cast<size_t>(asked.fetch_offset) / 3;
    if (asked.fetch_offset >= end || from >= told_at_once) return;
    if (!by_place) {
      told.records = Bytes(bytes).substr(static_cast<size_t>(places[from]),
                                         static_cast<size_t>(places[told_at_once] - places[from]));
    } else if (asked.read_in_place) {
      told.records = Bytes();
      told.place = {0, places[from], places[told_at_once], static_cast<int64_t>(told_at_once) * 3, capacity};
    }
    if (!asked.read_in_place) return;
    told.tail = tail(told_at_once);
    change(told.tail);
  }

  // The error, if any, as its message.
  std::string read(Collector& sink, Start start = {}, Stop stop = {Stop::Kind::end, 0}) {
    auto session = Session::open(target);
    if (!session) return session.error().message;
    ConsumerOptions options;
    options.topics = {{"t", {}}};
    options.start = start;
    options.stop = stop;
    auto consumer = Consumer::open(**session, options);
    if (!consumer) return consumer.error().message;
    while (!(*consumer)->is_done())
      if (Status status = (*consumer)->poll(sink, {}, -1); !status) return status.error().message;
    return {};
  }
  // All of it comes, in order, whatever was told.
  void check_all() {
    Collector sink;
    CHECK(read(sink) == "");
    CHECK(sink.seen == values(0, end));
  }

  TempDir temp;
  os::PosixStorage storage;
  std::string folder = temp / "broker-1/t-0";
  std::unique_ptr<Region> region;  // outlives those that pass it on
  std::unique_ptr<FakeCluster> cluster;
  Target target;
  std::string bytes;
  std::vector<int64_t> places;  // where each batch begins, and where the last one ends
  int64_t end = 0;
  TopicId id;
  uint64_t slot = 0;
  size_t told_at_once;
  bool by_place = false;  // and not inline
  std::function<void(Tail&)> change = [](Tail&) {};
};

void must_poll(Consumer& consumer, Sink& sink, int64_t wait_ms) {
  if (Status status = consumer.poll(sink, {}, wait_ms); !status) FAIL(status.error().message);
}

}  // namespace

TEST_CASE("Consumer shown: reads on as far as is shown, without asking") {
  Showing s;
  s.by_place = GENERATE(false, true);
  s.target.busy = GENERATE(false, true);
  s.check_all();
  CHECK(s.fetches() == 1);
}

TEST_CASE("Consumer shown: what is shown later is read from where it stands") {
  Showing s(40, 1);
  s.by_place = GENERATE(false, true);
  s.region->show(s.slot, {Offset(0), Offset(3)});
  // One more batch is shown as soon as one was begun.
  Collector sink;
  sink.before = [&](size_t count) {
    if (count % 3 == 0) s.region->show(s.slot, {Offset(0), Offset(std::min(static_cast<int64_t>(count) + 6, s.end))});
  };
  CHECK(s.read(sink) == "");
  CHECK(sink.seen == values(0, s.end));
}

TEST_CASE("Consumer shown: begins and stops anywhere, also in the middle of what is shown") {
  Showing s;
  int64_t from = GENERATE(0, 4, 9), to = GENERATE(11, 12, 13, 16, 17, 18, 21, 99);
  CAPTURE(from, to);
  Collector sink;
  CHECK(s.read(sink, {Start::Kind::offset, from}, {Stop::Kind::offset, to}) == "");
  CHECK(sink.seen == values(from, std::min(to, s.end)));
  CHECK(s.fetches() == 1);
}

TEST_CASE("Consumer shown: a tail that is wrong in any field is survived by asking") {
  Showing s;
  s.by_place = GENERATE(false, true);
  struct Wrong {
    int64_t Tail::*field;
    int64_t value;
  };
  auto wrong = GENERATE(Wrong{&Tail::slot, -1}, Wrong{&Tail::slot, -2}, Wrong{&Tail::slot, 1}, Wrong{&Tail::slot, 511},
                        Wrong{&Tail::slot, 512}, Wrong{&Tail::slot, 131039}, Wrong{&Tail::slot, 131040},
                        Wrong{&Tail::slot, INT64_MAX}, Wrong{&Tail::slot, INT64_MIN}, Wrong{&Tail::generation, 0},
                        Wrong{&Tail::generation, 8}, Wrong{&Tail::generation, -1}, Wrong{&Tail::segment, -1},
                        Wrong{&Tail::segment, 1}, Wrong{&Tail::segment, 12}, Wrong{&Tail::segment, INT64_MAX},
                        Wrong{&Tail::position, -1}, Wrong{&Tail::position, 0}, Wrong{&Tail::position, 1},
                        Wrong{&Tail::position, INT64_MIN}, Wrong{&Tail::position, INT64_MAX},
                        Wrong{&Tail::position, capacity}, Wrong{&Tail::position, capacity - 1}, Wrong{&Tail::offset, 0},
                        Wrong{&Tail::offset, 11}, Wrong{&Tail::offset, 13}, Wrong{&Tail::offset, 15},
                        Wrong{&Tail::offset, -1}, Wrong{&Tail::offset, INT64_MAX}, Wrong{&Tail::capacity, 0},
                        Wrong{&Tail::capacity, -1}, Wrong{&Tail::capacity, 1}, Wrong{&Tail::capacity, INT64_MAX},
                        Wrong{&Tail::capacity, INT64_MIN}, Wrong{&Tail::capacity, (int64_t{1} << 40) + 1});
  CAPTURE(s.by_place, wrong.value);
  s.change = [&](Tail& t) { t.*wrong.field = wrong.value; };
  s.check_all();
}

TEST_CASE("Consumer shown: a position that is no batch's beginning is survived, wherever it is in the file") {
  Showing s;
  s.by_place = GENERATE(false, true);
  auto off = GENERATE(-61, -1, 1, 8, 61);
  s.change = [&](Tail& t) { t.position += off; };
  s.check_all();
}

TEST_CASE("Consumer shown: the last page of the file, behind its end, holds no batches") {
  Showing s(7, 7);
  s.by_place = GENERATE(false, true);
  // The watermark says that there is more, and there are zeros, which a file has up to the end of its last page.
  s.region->show(s.slot, {Offset(0), Offset(s.end + 3)});
  REQUIRE(s.bytes.size() < 4096 - 61);
  Collector sink;
  auto session = Session::open(s.target);
  REQUIRE(session.ok());
  ConsumerOptions options;
  options.topics = {{"t", {}}};
  options.fetch_wait_ms = 20;
  auto consumer = Consumer::open(**session, options);
  REQUIRE(consumer.ok());
  for (int i = 0; i < 500 && sink.seen.size() < 21; i++) must_poll(**consumer, sink, 20);
  for (int i = 0; i < 5; i++) must_poll(**consumer, sink, 20);
  CHECK(sink.seen == values(0, 21));
  CHECK(s.fetches() > 1);
}

TEST_CASE("Consumer shown: a watermark in the middle of a batch, or below what was read, is survived") {
  Showing s;
  s.by_place = GENERATE(false, true);
  int64_t shown = GENERATE(0, 11, 13, 14, 16, INT64_MAX, INT64_MIN, -1);
  CAPTURE(shown);
  // Beyond the file there are only zeros to be seen.
  s.region->show(s.slot, {Offset(0), Offset(shown)});
  s.check_all();
  CHECK(s.fetches() > 1);
}

TEST_CASE("Consumer shown: a slot that is retired, or shows another segment, sends it to the broker") {
  Showing s;
  s.by_place = GENERATE(false, true);
  SECTION("retired before") { s.region->retire(s.slot); }
  SECTION("nothing was shown yet") {
    auto other = s.region->claim(s.id, PartitionId(0), generation);
    s.change = [other](Tail& t) { t.slot = static_cast<int64_t>(*other); };
  }
  SECTION("rolled") { s.region->show(s.slot, {Offset(15), Offset(21)}); }
  SECTION("the slot of another partition") {
    auto other = s.region->claim(s.id, PartitionId(1), generation);
    s.region->show(*other, {Offset(0), Offset(21)});
    s.change = [other](Tail& t) { t.slot = static_cast<int64_t>(*other); };
  }
  SECTION("the slot of another topic") {
    TopicId id = s.id;
    id.bytes[0] ^= 1;
    auto other = s.region->claim(id, PartitionId(0), generation);
    s.region->show(*other, {Offset(0), Offset(21)});
    s.change = [other](Tail& t) { t.slot = static_cast<int64_t>(*other); };
  }
  s.check_all();
  CHECK(s.fetches() > 1);
}

TEST_CASE("Consumer shown: retired, or rolled, while it reads") {
  Showing s(60, 1);
  s.target.busy = GENERATE(false, true);
  bool rolls = GENERATE(false, true);
  s.region->show(s.slot, {Offset(0), Offset(6)});
  Collector sink;
  sink.before = [&](size_t count) {
    if (count < 30 && count % 3 == 0) s.region->show(s.slot, {Offset(0), Offset(static_cast<int64_t>(count) + 6)});
    if (count == 30 && rolls) s.region->show(s.slot, {Offset(36), Offset(s.end)});
    if (count == 30 && !rolls) s.region->retire(s.slot);
  };
  CHECK(s.read(sink) == "");
  CHECK(sink.seen == values(0, s.end));
}

TEST_CASE("Consumer shown: no batch where the tail says, or a damaged one, is asked for") {
  Showing s;
  s.by_place = GENERATE(false, true);
  std::string file = s.bytes;
  auto at = static_cast<size_t>(s.places[GENERATE(4u, 5u, 6u)]);
  SECTION("zeros") { std::fill(file.begin() + static_cast<std::ptrdiff_t>(at), file.end(), '\0'); }
  SECTION("junk") { std::fill(file.begin() + static_cast<std::ptrdiff_t>(at), file.end(), '\x7f'); }
  SECTION("a record is damaged") { file[at + 70] ^= 1; }
  SECTION("its checksum is") { file[at + 18] ^= 1; }
  SECTION("its base offset is too high") { file[at + 7] ^= 0x40; }
  SECTION("its length reaches over the next one") { file[at + 10] ^= 0x01; }
  SECTION("its length reaches beyond the file, not beyond what it may grow to") { file[at + 9] = '\x02'; }
  SECTION("it ends the file") { file.resize(at); }
  SECTION("the file ends in its header") { file.resize(at + 30); }
  s.write(file);
  s.check_all();
}

TEST_CASE("Consumer shown: a place beyond the end of a file that is mapped already is not read") {
  Showing s(7, 2);
  s.by_place = true;
  s.retouch([&](const Asked& asked, Told& told) {
    if (!asked.read_in_place) return;
    told.records = Bytes();
    auto from = static_cast<size_t>(asked.fetch_offset) / 3;
    told.place =
        from < 2 ? Place{0, s.places[from], s.places[2], 6, capacity} : Place{0, 900'000, 950'000, 9, capacity};
  });
  s.check_all();
}

TEST_CASE("Consumer shown: a file that cannot be opened is no reason to fail") {
  Showing s;
  SECTION("it is not there") { REQUIRE(s.storage.unlink(s.folder + "/" + offset_name(Offset(0), ".log")).ok()); }
  SECTION("nor its folder") { REQUIRE(os::remove_tree(s.storage, s.folder).ok()); }
  SECTION("it belongs to another topic") { s.own(TopicId{}); }
  SECTION("to nobody") { REQUIRE(s.storage.unlink(s.folder + "/partition.metadata").ok()); }
  SECTION("it is a folder") {
    REQUIRE(s.storage.unlink(s.folder + "/" + offset_name(Offset(0), ".log")).ok());
    REQUIRE(s.storage.make_dir(s.folder + "/" + offset_name(Offset(0), ".log")).ok());
  }
  SECTION("it is shorter than where it should go on") { s.write(s.bytes.substr(0, 100)); }
  s.check_all();
  CHECK(s.fetches() > 1);
}

TEST_CASE("Consumer shown: a region that is none of this layout, or did not come, is as if there were none") {
  Showing s;
  os::Fd other;
  SECTION("none came") { s.pass(-1); }
  SECTION("another magic") {
    other = os::Fd(::memfd_create("test", MFD_CLOEXEC));
    REQUIRE(::ftruncate(other.value(), 16 << 20) == 0);
  }
  SECTION("another size") {
    other = os::Fd(::memfd_create("test", MFD_CLOEXEC));
    REQUIRE(::ftruncate(other.value(), 4096) == 0);
  }
  SECTION("nothing that can be mapped") { other = os::Fd(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }
  if (other.is_open()) s.pass(other.value());
  s.check_all();
  CHECK(s.fetches() > 1);
  s.pass(-1);
}

TEST_CASE("Consumer shown: a region that comes again and again is taken each time, and none is kept open") {
  Showing s(40, 1);
  s.cluster->with([](FakeCluster& c) { c.passes_always = true; });
  s.region->retire(s.slot);  // it has to ask each time
  s.retouch([&](const Asked& a, Told& t) {
    auto from = static_cast<size_t>(a.fetch_offset) / 3;
    if (a.fetch_offset >= s.end) return;
    t.records = Bytes(s.bytes).substr(static_cast<size_t>(s.places[from]),
                                      static_cast<size_t>(s.places[from + 1] - s.places[from]));
    t.tail = s.tail(from + 1);
  });
  auto open_descriptors = [] {
    size_t count = 0;
    for (int fd = 0; fd < 1024; fd++) count += ::fcntl(fd, F_GETFD) >= 0;
    return count;
  };
  size_t before = open_descriptors();
  size_t most = 0;
  Collector sink;
  sink.before = [&](size_t) { most = std::max(most, open_descriptors()); };
  CHECK(s.read(sink) == "");
  CHECK(sink.seen == values(0, s.end));
  CHECK(s.fetches() >= 40);
  CHECK(most < before + 12);
}

TEST_CASE("Consumer shown: a connection that is lost while a tail is known loses, doubles and reorders nothing") {
  Showing s(40, 1);
  auto fault = GENERATE(Fault::close_before, Fault::close_after);
  int at = GENERATE(range(0, 6));
  s.target.busy = GENERATE(false, true);
  CAPTURE(static_cast<int>(fault), at);
  s.cluster->set_script([&](const Seen& seen) -> Plan {
    return seen.key == protocol::ApiKey::fetch && seen.of_kind == at ? Plan{fault, 0} : Plan{};
  });
  // A few batches for each question.
  s.retouch([&](const Asked& a, Told& t) {
    auto from = static_cast<size_t>(a.fetch_offset) / 3;
    if (a.fetch_offset >= s.end) return;
    size_t to = std::min<size_t>(from + 2, 40);
    t.records =
        Bytes(s.bytes).substr(static_cast<size_t>(s.places[from]), static_cast<size_t>(s.places[to] - s.places[from]));
    t.tail = s.tail(to);
  });
  s.region->show(s.slot, {Offset(0), Offset(9)});
  Collector sink;
  sink.before = [&](size_t count) {
    if (count == 20) s.region->show(s.slot, {Offset(0), Offset(60)});
  };
  CHECK(s.read(sink) == "");
  CHECK(sink.seen == values(0, s.end));
}

TEST_CASE("Consumer shown: a broker that was replaced shows in another region, and the old one misleads nobody") {
  Showing s(40, 1);
  std::unique_ptr<Region> old;
  s.region->show(s.slot, {Offset(0), Offset(30)});
  s.cluster->set_script([&](const Seen& seen) -> Plan {
    return seen.key == protocol::ApiKey::fetch && seen.of_kind == 1 ? Plan{Fault::close_before, 0} : Plan{};
  });
  s.retouch([&](const Asked& a, Told& t) {
    if (a.fetch_offset >= s.end) return;
    auto from = static_cast<size_t>(a.fetch_offset) / 3, to = std::min<size_t>(from + 1, 40);
    t.records =
        Bytes(s.bytes).substr(static_cast<size_t>(s.places[from]), static_cast<size_t>(s.places[to] - s.places[from]));
    t.tail = s.tail(to);
  });
  Collector sink;
  sink.before = [&](size_t count) {
    if (count != 3) return;
    old = std::move(s.region);  // it stands still, for ever
    s.new_region();
    s.slot = *s.region->claim(s.id, PartitionId(0), generation);
    s.region->show(s.slot, {Offset(0), Offset(s.end)});
  };
  CHECK(s.read(sink) == "");
  CHECK(sink.seen == values(0, s.end));
}

TEST_CASE("Consumer shown: who follows gets what comes, busy or not, from a file that grows") {
  Showing s(1, 1);
  s.target.busy = GENERATE(false, true);
  s.region->show(s.slot, {Offset(0), Offset(3)});
  auto session = Session::open(s.target);
  REQUIRE(session.ok());
  ConsumerOptions options;
  options.topics = {{"t", {}}};
  options.fetch_wait_ms = 30;
  auto consumer = Consumer::open(**session, options);
  REQUIRE(consumer.ok());
  Collector sink;
  auto file = s.storage.open(s.folder + "/" + offset_name(Offset(0), ".log"), os::Open::write);
  REQUIRE(file.ok());
  std::string log = s.bytes;
  int64_t end = 3;
  s.retouch([&](const Asked& a, Told& t) {  // in the cluster's thread, with the cluster held
    if (a.fetch_offset < end && a.read_in_place)
      t.tail = {static_cast<int64_t>(s.slot), generation, 0, static_cast<int64_t>(log.size()), end, capacity};
  });
  for (int i = 0; i < 200; i++) {
    for (int turn = 0; turn < 1000 && sink.seen.size() < static_cast<size_t>(end); turn++)
      must_poll(**consumer, sink, 100);
    REQUIRE(sink.seen == values(0, end));
    s.cluster->with([&](FakeCluster& c) {
      std::string before = c.topics["t"].partitions[0].log;
      c.append("t", 0, make_batch(values(end, end + 3)));
      log = c.topics["t"].partitions[0].log;
      REQUIRE((*file)->write(Bytes(log).substr(before.size()), before.size()).ok());
      end += 3;
      s.region->show(s.slot, {Offset(0), Offset(end)});
    });
  }
}

TEST_CASE("Consumer shown: brokers that tell anything at all lose, double and reorder nothing") {
  auto seed = GENERATE(range(1, 31));
  CAPTURE(seed);
  Showing s(200, 1);
  s.target.busy = seed % 3 == 0;
  std::mt19937 random(static_cast<unsigned>(seed));
  std::vector<uint64_t> slots{s.slot};
  s.region->show(s.slot, {Offset(0), Offset(3)});
  // All below runs in the cluster's thread; the records are taken in the test's.
  s.retouch([&](const Asked& a, Told& t) {
    if (a.fetch_offset >= s.end) return;
    auto from = static_cast<size_t>(a.fetch_offset) / 3;
    size_t to = std::min<size_t>(from + 1 + random() % 5, 200);
    bool placed = a.read_in_place && random() % 2;
    t.records = Bytes();
    if (placed) t.place = {0, s.places[from], s.places[to], static_cast<int64_t>(to) * 3, capacity};
    else
      t.records = Bytes(s.bytes).substr(static_cast<size_t>(s.places[from]),
                                        static_cast<size_t>(s.places[to] - s.places[from]));
    if (!a.read_in_place || random() % 5 == 0) return;
    t.tail = s.tail(to);
    auto shown = static_cast<int64_t>(std::min<size_t>(to + random() % 8, 200)) * 3;
    switch (random() % 12) {
      case 0:
        s.region->retire(s.slot);
        break;
      case 1:
        s.region->show(s.slot, {Offset(shown), Offset(shown)});
        return;
      case 2:
        s.region->show(s.slot, {Offset(0), Offset(shown - 1)});
        return;
      case 3:
        t.tail.position = static_cast<int64_t>(random() % s.bytes.size());
        break;
      case 4:
        t.tail.offset += static_cast<int64_t>(random() % 7) - 3;
        break;
      case 5:
        t.tail.generation++;
        break;
      case 6:
        t.tail.slot = static_cast<int64_t>(random() % 5);
        break;
      case 7:
        t.tail.segment = 3;
        break;
      case 8:
        t.tail.capacity = t.tail.position + static_cast<int64_t>(random() % 300);
        break;
      default:
        s.region->show(s.slot, {Offset(0), Offset(shown)});
        return;
    }
    s.slot = *s.region->claim(s.id, PartitionId(0), generation);
    s.region->show(s.slot, {Offset(0), Offset(shown)});
  });
  s.cluster->set_script([&](const Seen& seen) -> Plan {
    if (seen.key != protocol::ApiKey::fetch) return {};
    auto draw = random() % 100;
    if (draw < 4) return {Fault::close_before, 0};
    if (draw < 8) return {Fault::close_after, 0};
    if (draw < 12) return {Fault::error_before, 6};
    return {};
  });
  s.check_all();
}
