// Fetch that may be answered with a place in the leader's files.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include "broker/one_broker.h"
#include "protocol/messages/delete_topics.h"

using namespace bobbin;
using namespace bobbin::test;
using Values = std::vector<std::string>;
using Place = protocol::FetchResponse::Place;
using PartitionData = protocol::FetchResponse::PartitionData;

namespace {

constexpr size_t least = 32 << 10;  // of what is told by its place

// One batch of so many bytes, from 17 thousand on.
std::string batch_of_bytes(size_t bytes) {
  constexpr size_t guess = 20000;
  size_t around = batch_of({std::string(guess, 'x')}).size() - guess;
  std::string batch = batch_of({std::string(bytes - around, 'x')});
  REQUIRE(batch.size() == bytes);
  return batch;
}

struct InPlace {
  OneBroker b;
  TopicId id = b.create("t");
  bool unix = true;
  bool asked = true;

  std::string segment() const { return b.dir.broker_dir(BrokerId(1)) + "/t-0/00000000000000000000.log"; }
  int64_t file_bytes() const { return static_cast<int64_t>(b.world.storage.contents(segment()).size()); }
  PartitionData fetch(int64_t offset, int16_t version = 18) {
    auto request = b.fetch_request("t", offset);
    if (version >= 13) request.topics[0].topic = "";
    request.topics[0].topic_id = id;
    request.topics[0].partitions[0].read_in_place = asked;
    auto connection = b.connect(unix);
    b.ask(connection, version, request);
    auto got = b.answer<protocol::FetchResponse>(connection, version);
    REQUIRE(got);
    b.disconnect(connection);
    return got->responses.at(0).partitions.at(0);
  }
};

}  // namespace

TEST_CASE("Fetch in place: over the unix socket the answer is where the batches lie") {
  InPlace t;
  t.b.produce("t", batch_of_bytes(least));
  auto version = GENERATE(int16_t{13}, int16_t{15}, int16_t{18});
  auto got = t.fetch(0, version);
  CHECK(got.error_code == 0);
  CHECK(got.high_watermark == 1);
  CHECK(got.records == Bytes());
  CHECK(got.place == Place{0, 0, t.file_bytes(), 1, 1 << 30});
  t.b.produce("t", batch_of_bytes(least + 1));
  t.b.produce("t", batch_of_bytes(20000));
  CHECK(t.fetch(0, version).place == Place{0, 0, t.file_bytes(), 3, 1 << 30});
  CHECK(t.fetch(1, version).place == Place{0, least, t.file_bytes(), 3, 1 << 30});
}

TEST_CASE("Fetch in place: who did not ask, came over TCP, or speaks an older version gets the records themselves") {
  InPlace t;
  t.b.produce("t", batch_of_bytes(least));
  int16_t version = 18;
  SECTION("not asked") { t.asked = false; }
  SECTION("over TCP") { t.unix = false; }
  SECTION("version 12") { version = 12; }
  SECTION("version 4") { version = 4; }
  auto got = t.fetch(0, version);
  CHECK(got.place == Place{});
  CHECK(values_in(*got.records).size() == 1);
}

TEST_CASE("Fetch in place: what is less than 32 KiB comes inline") {
  InPlace t;
  t.b.produce("t", batch_of_bytes(least - 1));
  auto small = t.fetch(0);
  CHECK(small.place == Place{});
  CHECK(values_in(*small.records).size() == 1);
  t.b.produce("t", batch_of({"tail"}));
  CHECK(t.fetch(0).place.next_offset == 2);
  auto rest = t.fetch(1);
  CHECK(rest.place == Place{});
  CHECK(values_in(*rest.records) == Values{"tail"});
  CHECK(t.fetch(2).place == Place{});
  CHECK(t.fetch(2).records == Bytes());
}

TEST_CASE("Fetch in place: never beyond the high watermark") {
  InPlace t;
  t.b.produce("t", batch_of_bytes(least));
  auto writer = t.b.connect();
  std::string late = batch_of_bytes(least);
  t.b.ask(writer, 9, t.b.produce_request("t", late, 1));
  REQUIRE(t.file_bytes() == least * 2);
  CHECK(t.fetch(0).place == Place{0, 0, least, 1, 1 << 30});
  auto beyond = t.fetch(1);
  CHECK(beyond.place == Place{});
  CHECK(beyond.records == Bytes());
  t.b.settle();
  CHECK(t.fetch(0).place == Place{0, 0, least * 2, 2, 1 << 30});
}

TEST_CASE("Fetch in place: a place ends with its segment, and says how long that may become") {
  OneBroker b;
  TopicId id = b.create("t", 1, {{"segment.bytes", "1048576"}});
  for (int i = 0; i < 30; i++) b.produce("t", batch_of_bytes(50000));
  auto request = b.fetch_request("", 0);
  request.topics[0].topic_id = id;
  request.topics[0].partitions[0].read_in_place = true;
  int64_t next = 0;
  std::vector<int64_t> segments;
  while (next < 30) {
    request.topics[0].partitions[0].fetch_offset = next;
    auto connection = b.connect(true);
    b.ask(connection, 13, request);
    auto place = b.answer<protocol::FetchResponse>(connection, 13)->responses.at(0).partitions.at(0).place;
    REQUIRE(place.segment == next);
    CHECK(place.position == 0);
    CHECK(place.end == (place.next_offset - next) * 50000);
    CHECK(place.capacity == 1 << 20);
    segments.push_back(place.segment);
    next = place.next_offset;
  }
  CHECK(segments == std::vector<int64_t>{0, 20});
}

TEST_CASE("Fetch in place: a place counts as bytes for a Fetch that waits for some") {
  InPlace t;
  auto request = t.b.fetch_request("", 0, 500);
  request.min_bytes = 40000;
  request.topics[0].topic_id = t.id;
  request.topics[0].partitions[0].read_in_place = true;
  auto connection = t.b.connect(true);
  t.b.ask(connection, 18, request);
  t.b.produce("t", batch_of_bytes(least));
  CHECK(t.b.waiting(connection) == 0);
  t.b.produce("t", batch_of_bytes(least));
  REQUIRE(t.b.waiting(connection) == 1);
  CHECK(t.b.answer<protocol::FetchResponse>(connection, 18)->responses[0].partitions[0].place.next_offset == 2);
}

TEST_CASE("Fetch in place: damage is Kafka's code, and the broker names the file") {
  InPlace t;
  t.b.produce("t", batch_of_bytes(least));
  t.b.produce("t", batch_of_bytes(least));
  auto file = t.b.world.storage.open(t.segment(), os::Open::write);
  REQUIRE((*file)->write(Bytes("\t"), least + 16).ok());  // the magic of the second batch
  t.b.said.clear();
  CHECK(t.fetch(1).error_code == static_cast<int16_t>(Errc::corrupt_message));
  REQUIRE_FALSE(t.b.said.empty());
  CHECK(t.b.said.back().find(t.segment()) != std::string::npos);
}

// --- where it goes on, and where to look

namespace {

using Tail = protocol::FetchResponse::Tail;
using region::ReadableEnd;
using Configs = std::map<std::string, std::string>;

struct Showing {
  explicit Showing(Configs topic_configs = {}) : id(b.create("t", 1, std::move(topic_configs))) {}

  protocol::FetchRequest request(int64_t offset, int32_t wait_ms = 0) {
    auto r = b.fetch_request("", offset, wait_ms);
    r.topics[0].topic_id = id;
    r.topics[0].partitions[0].read_in_place = true;
    return r;
  }
  PartitionData answer(transport::ConnectionId to, int16_t version = 18) {
    auto got = b.answer<protocol::FetchResponse>(to, version);
    REQUIRE(got);
    return got->responses.at(0).partitions.at(0);
  }
  PartitionData fetch(transport::ConnectionId from, int64_t offset, int16_t version = 18) {
    auto r = request(offset);
    if (version < 13) r.topics[0].topic = "t";
    b.ask(from, version, r);
    return answer(from, version);
  }
  PartitionData fetch(int64_t offset, int16_t version = 18, bool unix = true) {
    auto connection = b.connect(unix);
    auto got = fetch(connection, offset, version);
    b.disconnect(connection);
    return got;
  }
  // What somebody sees in the region who was told this.
  std::optional<ReadableEnd> shown(const Tail& tail) { return shown_in(view(), tail); }
  std::optional<ReadableEnd> shown_in(const region::RegionView& in, const Tail& tail) {
    return in.end_of(static_cast<uint64_t>(tail.slot), id, PartitionId(0), static_cast<uint64_t>(tail.generation));
  }
  std::shared_ptr<const region::RegionView> open_view() {
    auto opened = region::RegionView::open(os::Fd(::fcntl(b.region->fd(), F_DUPFD_CLOEXEC, 0)));
    REQUIRE(opened.ok());
    return *opened;
  }
  const region::RegionView& view() {
    view_ = open_view();
    return *view_;
  }
  void remove() {
    protocol::DeleteTopicsRequest r;
    r.topic_names.push_back("t");
    CHECK(b.call<protocol::DeleteTopicsResponse>(5, r).responses.at(0).error_code == 0);
    b.settle();
  }
  void append_unflushed(const std::string& batch) {
    auto writer = b.connect();
    b.ask(writer, 9, b.produce_request("t", batch, 1));
  }

  OneBroker b{{}, Shows::yes};
  TopicId id;
  std::shared_ptr<const region::RegionView> view_;
};

ReadableEnd end_at(int64_t segment, int64_t high_watermark) { return {Offset(segment), Offset(high_watermark)}; }

}  // namespace

TEST_CASE("Fetch in place: where the partition goes on is told with places and with records, and shown") {
  Showing s;
  s.b.produce("t", batch_of_bytes(least));
  auto large = s.fetch(0);
  CHECK(large.place.next_offset == 1);
  CHECK(large.tail == Tail{0, large.tail.generation, 0, least, 1, 1 << 30});
  CHECK(s.shown(large.tail) == end_at(0, 1));
  s.b.produce("t", batch_of_bytes(20000));
  CHECK(s.shown(large.tail) == end_at(0, 2));
  auto small = s.fetch(1);
  CHECK(small.place == Place{});
  CHECK(values_in(*small.records).size() == 1);
  CHECK(small.tail == Tail{0, large.tail.generation, 0, least + 20000, 2, 1 << 30});
  s.b.produce("t", batch_of({"more"}));
  CHECK(s.shown(small.tail) == end_at(0, 3));
}

TEST_CASE("Fetch in place: a tail goes on exactly behind what the answer holds") {
  Showing s;
  std::vector<int64_t> ends{0};
  for (int i = 0; i < 6; i++) {
    std::string batch = batch_of_bytes(18000 + static_cast<size_t>(i) * 100);
    s.b.produce("t", batch);
    ends.push_back(ends.back() + static_cast<int64_t>(batch.size()));
  }
  for (int64_t from = 0; from < 6; from++) {
    CAPTURE(from);
    auto got = s.fetch(from);
    CHECK(got.tail.offset == 6);
    CHECK(got.tail.position == ends[6]);
    if (got.place.segment >= 0) CHECK(got.place.end == got.tail.position);
    else CHECK(static_cast<int64_t>(got.records->size()) == ends[6] - ends[static_cast<size_t>(from)]);
  }
  auto at_end = s.fetch(6);  // nothing yet, but where it will be
  CHECK(at_end.tail.offset == 6);
  CHECK(at_end.tail.position == ends[6]);
  CHECK(at_end.records->empty());
  CHECK(s.shown(at_end.tail) == end_at(0, 6));
}

TEST_CASE(
    "Fetch in place: nothing is told of a tail over TCP, to older versions, to who does not ask, or without a region") {
  Showing s;
  s.b.produce("t", batch_of({"a"}));
  SECTION("over TCP") { CHECK(s.fetch(0, 18, false).tail == Tail{}); }
  SECTION("version 12") { CHECK(s.fetch(0, 12).tail == Tail{}); }
  SECTION("version 11") { CHECK(s.fetch(0, 11).tail == Tail{}); }
  SECTION("version 4") { CHECK(s.fetch(0, 4).tail == Tail{}); }
  SECTION("not asked") {
    auto r = s.request(0);
    r.topics[0].partitions[0].read_in_place = false;
    auto c = s.b.connect(true);
    s.b.ask(c, 18, r);
    CHECK(s.answer(c).tail == Tail{});
  }
  SECTION("out of range") { CHECK(s.fetch(5).tail == Tail{}); }
  CHECK(s.b.passed.empty());
  // And with it.
  CHECK(s.fetch(0, 13).tail.slot == 0);
  CHECK(s.b.passed.size() == 1);
  OneBroker none;
  TopicId id = none.create("t");
  none.produce("t", batch_of({"a"}));
  auto r = none.fetch_request("", 0);
  r.topics[0].topic_id = id;
  r.topics[0].partitions[0].read_in_place = true;
  auto c = none.connect(true);
  none.ask(c, 18, r);
  auto told = none.answer<protocol::FetchResponse>(c, 18)->responses.at(0).partitions.at(0);
  CHECK(told.tail == Tail{});
  CHECK(values_in(*told.records).size() == 1);
}

TEST_CASE("Fetch in place: an answer that holds only a part tells no tail") {
  Showing s;
  s.b.produce("t", batch_of({"aaaa"}));
  s.b.produce("t", batch_of({"bbbb"}));
  size_t all = s.fetch(0).records->size();
  auto c = s.b.connect(true);
  auto r = s.request(0);
  for (int32_t most :
       {1, static_cast<int32_t>(all / 2), static_cast<int32_t>(all / 2 + 1), static_cast<int32_t>(all - 1)}) {
    CAPTURE(most);
    r.topics[0].partitions[0].partition_max_bytes = most;
    s.b.ask(c, 18, r);
    auto got = s.answer(c);
    CHECK(got.records->size() < all);
    CHECK(got.tail == Tail{});
  }
  r.topics[0].partitions[0].partition_max_bytes = static_cast<int32_t>(all);
  s.b.ask(c, 18, r);
  CHECK(s.answer(c).tail.offset == 2);
}

TEST_CASE("Fetch in place: the watermark is shown after the flush under flush.policy=ack, at once under os") {
  bool ack = GENERATE(true, false);
  Showing s(Configs{{"flush.policy", ack ? "ack" : "os"}});
  s.b.produce("t", batch_of({"first"}));
  auto tail = s.fetch(0).tail;
  REQUIRE(s.shown(tail) == end_at(0, 1));
  s.append_unflushed(batch_of({"second"}));
  CHECK(s.shown(tail) == end_at(0, ack ? 1 : 2));
  auto beyond = s.fetch(1);
  CHECK(values_in(beyond.records.value_or(Bytes{})).size() == (ack ? 0u : 1u));
  // Behind what is promised, not behind what is there.
  CHECK(s.fetch(0).tail.offset == (ack ? 1 : 2));
  s.b.settle();
  CHECK(s.shown(tail) == end_at(0, 2));
}

TEST_CASE("Fetch in place: a roll shows the next segment with the first watermark in it") {
  Showing s(Configs{{"segment.bytes", "1048576"}});
  for (int i = 0; i < 20; i++) s.b.produce("t", batch_of_bytes(50000));
  auto tail = s.fetch(0).tail;
  CHECK(tail == Tail{0, tail.generation, 0, 1000000, 20, 1 << 20});
  CHECK(s.shown(tail) == end_at(0, 20));
  s.append_unflushed(batch_of_bytes(50000));
  CHECK(s.shown(tail) == end_at(0, 20));
  s.b.settle();
  CHECK(s.shown(tail) == end_at(20, 21));
  // Who reads the closed segment is told its end, and who reads on the new one's.
  auto closed = s.fetch(3).tail;
  CHECK((closed.segment == 0 && closed.offset == 20));
  auto next = s.fetch(20);
  CHECK(next.tail == Tail{0, tail.generation, 20, 50000, 21, 1 << 20});
}

TEST_CASE("Fetch in place: the slot of a topic that is deleted is retired, and one that is made anew has another") {
  Showing s;
  s.b.produce("t", batch_of({"a"}));
  auto tail = s.fetch(0).tail;
  auto view = s.open_view();
  REQUIRE(s.shown_in(*view, tail) == end_at(0, 1));
  s.remove();
  CHECK(s.shown_in(*view, tail) == std::nullopt);
  TopicId old = s.id;
  s.id = s.b.create("t");
  s.b.produce("t", batch_of({"b"}));
  auto other = s.fetch(0).tail;
  CHECK(other.slot != tail.slot);
  CHECK(s.shown_in(*view, other) == end_at(0, 1));
  CHECK(view->end_of(static_cast<uint64_t>(tail.slot), old, PartitionId(0), static_cast<uint64_t>(tail.generation)) ==
        std::nullopt);
}

TEST_CASE("Fetch in place: a slot for each partition, and the same one for every client") {
  Showing s;
  TopicId many = s.b.create("many", 3);
  std::set<int64_t> slots;
  for (int turn = 0; turn < 3; turn++)
    for (int p = 0; p < 3; p++) {
      std::string batch = batch_of({"a"});
      auto produce = s.b.produce_request("many", batch);
      produce.topic_data[0].partition_data[0].index = p;
      REQUIRE(s.b.call<protocol::ProduceResponse>(9, produce).responses.at(0).partition_responses.at(0).error_code ==
              0);
      auto r = s.request(0);
      r.topics[0].topic_id = many;
      r.topics[0].partitions[0].partition = p;
      auto c = s.b.connect(true);
      s.b.ask(c, 18, r);
      auto tail = s.answer(c).tail;
      slots.insert(tail.slot);
      auto shown = s.view().end_of(static_cast<uint64_t>(tail.slot), many, PartitionId(p),
                                   static_cast<uint64_t>(tail.generation));
      CHECK(shown == end_at(0, turn + 1));
    }
  CHECK(slots == std::set<int64_t>{0, 1, 2});
}

TEST_CASE(
    "Fetch in place: the region's descriptor goes once over each connection, with the first tail that is told there") {
  Showing s;
  s.b.produce("t", batch_of({"a"}));
  int fd = s.b.region->fd();
  auto one = s.b.connect(true), two = s.b.connect(true);
  using Passed = OneBroker::Passed;
  CHECK(s.fetch(one, 5).tail == Tail{});  // out of range: nothing told
  CHECK(s.b.passed.empty());
  for (int i = 0; i < 3; i++) CHECK(s.fetch(one, 0).tail.slot == 0);
  CHECK(s.b.passed == std::vector<Passed>{{one, 1, fd}});
  for (int i = 0; i < 3; i++) CHECK(s.fetch(two, 0).tail.slot == 0);
  CHECK(s.b.passed == std::vector<Passed>{{one, 1, fd}, {two, 0, fd}});
  s.b.disconnect(one);
  auto three = s.b.connect(true);
  CHECK(s.fetch(three, 0).tail.slot == 0);
  CHECK(s.b.passed.back() == Passed{three, 0, fd});
}

TEST_CASE(
    "Fetch in place: two that wait on one connection get the descriptor once, with the answer that leaves first") {
  Showing s;
  auto c = s.b.connect(true);
  s.b.ask(c, 18, s.request(0, 500));
  s.b.ask(c, 18, s.request(0, 500));
  CHECK(s.b.waiting(c) == 0);
  s.b.produce("t", batch_of({"a"}));
  s.b.settle();
  REQUIRE(s.b.waiting(c) == 2);
  CHECK(s.answer(c).tail.slot == 0);
  CHECK(s.answer(c).tail.slot == 0);
  CHECK(s.b.passed == std::vector<OneBroker::Passed>{{c, 0, s.b.region->fd()}});
}

TEST_CASE("Fetch in place: an answer that nobody gets takes nobody's turn") {
  Showing s;
  auto c = s.b.connect(true);
  s.b.ask(c, 18, s.request(0, 500));
  s.b.disconnect(c);
  s.b.produce("t", batch_of({"a"}));
  s.b.settle();
  CHECK(s.b.passed.empty());
  auto d = s.b.connect(true);
  CHECK(s.fetch(d, 0).tail.slot == 0);
  CHECK(s.b.passed.size() == 1);
}

TEST_CASE("Fetch in place: after a death the old region stands still, and the new one shows what is there") {
  Showing s;
  s.b.produce("t", batch_of({"a"}));
  auto tail = s.fetch(0).tail;
  auto old = s.open_view();
  s.b.restart_after_kill();
  s.b.produce("t", batch_of({"b"}));
  auto now = s.fetch(0).tail;
  CHECK(now.offset == 2);
  CHECK(s.shown(now) == end_at(0, 2));
  auto last_words = s.shown_in(*old, tail);
  CHECK((!last_words || *last_words == end_at(0, 1)));
}

TEST_CASE("Fetch in place: the region shows how far the metadata was read, before anybody is answered by it") {
  Showing s;
  auto view = s.open_view();
  Offset before = view->metadata_end();
  CHECK(before == s.b.broker->image().next_offset());
  s.b.create("another");
  CHECK(view->metadata_end() > before);
  CHECK(view->metadata_end() == s.b.broker->image().next_offset());
  before = view->metadata_end();
  s.b.produce("t", batch_of({"a"}));
  CHECK(view->metadata_end() == before);
}

TEST_CASE("Fetch in place: an error tells no tail") {
  Showing s;
  s.b.produce("t", batch_of_bytes(20000));
  s.b.produce("t", batch_of({"b"}));
  std::string path = s.b.dir.broker_dir(BrokerId(1)) + "/t-0/00000000000000000000.log";
  auto file = s.b.world.storage.open(path, os::Open::write);
  REQUIRE((*file)->write(Bytes("!"), 300).ok());  // in the records of the first batch
  auto got = s.fetch(0);
  CHECK(got.error_code == static_cast<int16_t>(Errc::corrupt_message));
  CHECK(got.tail == Tail{});
}

TEST_CASE("Fetch in place: what finds no room in an answer is told no tail") {
  Showing s;
  TopicId other = s.b.create("other");
  s.b.produce("t", batch_of({"a"}));
  s.b.produce("other", batch_of({"b"}));
  auto r = s.request(0);
  r.max_bytes = 10;  // less than one batch, which is given all the same; nothing more
  auto& second = r.topics.emplace_back(r.topics[0]);
  second.topic_id = other;
  auto c = s.b.connect(true);
  s.b.ask(c, 18, r);
  auto got = s.b.answer<protocol::FetchResponse>(c, 18);
  REQUIRE(got);
  CHECK(got->responses.at(0).partitions.at(0).tail.offset == 1);
  const auto& without = got->responses.at(1).partitions.at(0);
  CHECK(without.records.value_or(Bytes{}).empty());
  CHECK(without.tail == Tail{});
}
