// PartitionReader: batches that lie in a leader's file, good ones and others.
#include "client/consumer/partition_reader.h"

#include <catch2/catch.hpp>

#include "base/crc32c.h"
#include "client/consumer/consumer.h"
#include "client/fake_broker.h"
#include "log/checkpoints.h"
#include "log/segment.h"
#include "os/posix/storage.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::client;
using fake::make_batch;
using ::test::TempDir;

namespace {

using Offsets = std::vector<int64_t>;

struct Collector final : Sink {
  Offsets seen;
  size_t enough = SIZE_MAX;
  bool take(std::string_view, PartitionId, const record::Record& r) override {
    seen.push_back(r.offset.value);
    CHECK(r.value == "v" + std::to_string(r.offset.value));
    return seen.size() < enough;
  }
};

Offsets range(int64_t from, int64_t to) {
  Offsets all;
  for (int64_t i = from; i < to; i++) all.push_back(i);
  return all;
}

std::string batch(int64_t base, int count) {
  std::vector<std::string> values;
  for (int i = 0; i < count; i++) values.push_back("v" + std::to_string(base + i));
  return make_batch(values, base);
}

// One batch whose records have these offsets, from the base offset 10 to 13; each value is its record's place.
std::string batch_with_offsets(const std::vector<int>& offsets) {
  std::string bytes = make_batch({"0", "1", "2", "3"}, 10);
  // A record of one byte's value: length, attributes, two deltas, no key, value, no headers: 8 bytes.
  for (size_t i = 0; i < 4; i++)
    bytes[record::batch_header_bytes + i * 8 + 3] = static_cast<char>((offsets[i] - 10) * 2);
  record::BatchView view(bytes);
  store_be(bytes.data() + 17, crc32c(Bytes(bytes).substr(21)));
  REQUIRE(record::BatchView(bytes).crc_is_valid());
  return bytes;
}

// A leader's segment: batches of three records each, from offset 0 on.
struct Leader {
  explicit Leader(int batches = 5) {
    for (int i = 0; i < batches; i++) {
      starts.push_back(bytes.size());
      bytes += batch(i * 3, 3);
    }
  }
  std::shared_ptr<const log::SegmentView> view() {
    std::string folder = temp / "t-0";
    REQUIRE(storage.make_dir(folder).ok());
    REQUIRE(
        os::write_whole_file(storage, folder + "/partition.metadata", log::encode_partition_metadata(TopicId{})).ok());
    REQUIRE(os::write_whole_file(storage, folder + "/" + offset_name(Offset(0), ".log"), bytes).ok());
    auto opened = log::SegmentView::open(storage, folder, {TopicId{}, Offset(0), bytes.size(), 1 << 20});
    REQUIRE(opened.ok());
    return *opened;
  }
  // Batches [from, to) as a leader would tell them.
  void tell(PartitionReader& reader, size_t from, size_t to) {
    auto seen = view();
    Bytes there = seen->bytes(starts[from], to < starts.size() ? starts[to] : bytes.size());
    reader.take_in_place(std::move(seen), there, Offset(static_cast<int64_t>(to) * 3));
  }

  TempDir temp;
  os::PosixStorage storage;
  std::string bytes;
  std::vector<size_t> starts;
};

struct Reading {
  PartitionReader reader{"t", TopicId{}, PartitionId(0), 1 << 20};
  Collector sink;
  // Until nothing more is handed over; the first error.
  Status all() {
    for (bool paused = false; reader.has_records() && !reader.is_done() && !paused;) {
      auto count = reader.deliver(sink, paused);
      if (!count) return std::move(count).error();
      if (*count == 0 && reader.has_records()) break;
    }
    return {};
  }
  // What the leader would answer inline: the sound batches from the one that holds fetch_offset() on.
  void take_inline(const Leader& good) {
    size_t i = static_cast<size_t>(reader.fetch_offset().value / 3);
    auto kept = std::make_shared<std::string>(good.bytes.substr(good.starts[i]));
    reader.take(kept, *kept);
  }
};

}  // namespace

TEST_CASE("PartitionReader: reads batches in place, in order, from wherever it stands") {
  auto start = GENERATE(0, 1, 2, 3, 7, 14);
  Leader leader;
  Reading r;
  r.reader.seek(Offset(start));
  leader.tell(r.reader, static_cast<size_t>(start) / 3, 5);
  CHECK(r.reader.fetch_offset() == Offset(15));
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(start, 15));
  CHECK(r.reader.next() == Offset(15));
  CHECK(r.reader.read_in_place);
  CHECK(r.reader.view()->base() == Offset(0));
}

TEST_CASE("PartitionReader: where not one whole batch comes, more and more is asked for, until one does") {
  const std::string whole = batch(0, 3);
  PartitionReader reader("t", TopicId{}, PartitionId(0), 256 << 20);
  reader.seek(Offset(0));
  CHECK(reader.fetch_bytes(1000) == 1000);
  reader.take(nullptr, "");  // nothing there: that is something else
  CHECK(reader.fetch_bytes(1000) == 1000);
  for (int32_t wanted : {2 << 20, 4 << 20, 8 << 20}) {
    reader.take(nullptr, Bytes(whole).substr(0, whole.size() - 1));
    CHECK(reader.fetch_bytes(1000) == wanted);
    CHECK(reader.fetch_bytes(100 << 20) == 100 << 20);
    CHECK(reader.fetch_offset() == Offset(0));
  }
  for (int i = 0; i < 30; i++) reader.take(nullptr, Bytes(whole).substr(0, 40));
  CHECK(reader.fetch_bytes(1000) == 256 << 20);  // a larger one would not be taken
  reader.take(std::make_shared<std::string>(), whole);
  CHECK(reader.fetch_bytes(1000) == 1000);
  CHECK(reader.fetch_offset() == Offset(3));
}

TEST_CASE("PartitionReader: one place after the other, and records that came inline between") {
  Leader leader;
  Reading r;
  leader.tell(r.reader, 0, 2);
  CHECK(r.reader.has_room());
  leader.tell(r.reader, 2, 3);
  CHECK_FALSE(r.reader.has_room());
  REQUIRE(r.all().ok());
  r.take_inline(leader);
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(0, 15));
}

TEST_CASE("PartitionReader: stops in the middle of a batch in place, and at its edge") {
  auto stop = GENERATE(0, 1, 2, 3, 4, 9, 14, 15);
  Leader leader;
  Reading r;
  r.reader.set_stop(Offset(stop));
  leader.tell(r.reader, 0, 5);
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(0, stop));
  CHECK(r.reader.is_done());
  CHECK(r.reader.is_fetched());
}

TEST_CASE("PartitionReader: a sink that has enough goes on where it was, also in the middle of a batch in place") {
  auto enough = GENERATE(range(size_t{1}, size_t{15}));
  Leader leader;
  Reading r;
  leader.tell(r.reader, 0, 5);
  r.sink.enough = enough;
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(0, static_cast<int64_t>(enough)));
  CHECK(r.reader.next() == Offset(static_cast<int64_t>(enough)));
  r.sink.enough = SIZE_MAX;
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(0, 15));
}

TEST_CASE("PartitionReader: whatever is damaged in place is fetched inline, with nothing lost and nothing doubled") {
  auto damaged = GENERATE(range(size_t{0}, size_t{5}));
  Leader good, bad;
  size_t at = bad.starts[damaged];
  auto is = GENERATE(0, 1, 2, 3, 4, 5, 6, 7);
  CAPTURE(damaged, is);
  switch (is) {
    case 0:
      bad.bytes[at + 70] ^= 1;
      break;  // a record: the checksum
    case 1:
      bad.bytes[at + 16] = 1;
      break;  // the magic
    case 2:
      bad.bytes[at + 8] = 0x7f;
      break;  // its length: beyond everything
    case 3:
      bad.bytes[at + 11] ^= 1;
      break;  // its length: a little wrong
    case 4:
      bad.bytes[at + 7] ^= 0x40;
      break;  // its base offset, too high, which no checksum covers
    case 5:
      bad.bytes[at] = 0x10;
      break;  // far too high
    case 6:
      store_be(&bad.bytes[at], int64_t{-1});
      break;
    case 7:
      bad.bytes.resize(at + 40);
      bad.bytes.resize(good.bytes.size(), '\0');
      break;
  }
  Reading r;
  bad.tell(r.reader, 0, 5);
  REQUIRE(r.all().ok());
  CHECK_FALSE(r.reader.read_in_place);
  CHECK_FALSE(r.reader.has_records());
  CHECK(r.reader.next() == r.reader.fetch_offset());
  CHECK(r.reader.next() <= Offset(static_cast<int64_t>(damaged) * 3));
  CHECK(r.sink.seen == range(0, r.reader.next().value));
  r.take_inline(good);
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(0, 15));
}

TEST_CASE("PartitionReader: a base offset in place that became smaller hides no batch") {
  Leader good, bad;
  store_be(&bad.bytes[bad.starts[3]], int64_t{3});
  Reading r;
  SECTION("in the middle") { bad.tell(r.reader, 0, 5); }
  SECTION("in the first batch of a place") {
    good.tell(r.reader, 0, 3);
    bad.tell(r.reader, 3, 5);
  }
  REQUIRE(r.all().ok());
  CHECK_FALSE(r.reader.read_in_place);
  CHECK(r.sink.seen == range(0, r.reader.next().value));
  r.take_inline(good);
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(0, 15));
}

TEST_CASE("PartitionReader: behind damage in place, the place that came after it is given up as well") {
  Leader good, bad;
  bad.bytes[bad.starts[1] + 70] ^= 1;
  Reading r;
  bad.tell(r.reader, 0, 3);
  good.tell(r.reader, 3, 5);
  REQUIRE(r.all().ok());
  CHECK_FALSE(r.reader.has_records());
  CHECK(r.reader.fetch_offset() == Offset(3));
  r.take_inline(good);
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(0, 15));
}

TEST_CASE(
    "PartitionReader: whether a hole in place is what compaction left, or records are gone, the leader is asked") {
  Leader leader(0);
  for (const std::string& b : {batch(0, 2), make_batch({"marker"}, 2, true), batch(10, 3), batch(20, 1)}) {
    leader.starts.push_back(leader.bytes.size());
    leader.bytes += b;
  }
  Reading r;
  auto view = leader.view();
  Bytes there = view->bytes(0, leader.bytes.size());
  r.reader.take_in_place(view, there, Offset(30));
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == Offsets{0, 1});
  CHECK_FALSE(r.reader.wants_place());
  CHECK(r.reader.fetch_offset() == Offset(3));
  // What it answers has holes, which are none of the reader's business, nor are control batches; then in place again.
  r.reader.take(nullptr, there.substr(leader.starts[2], leader.starts[3] - leader.starts[2]));
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == Offsets{0, 1, 10, 11, 12});
  CHECK(r.reader.wants_place());
  r.reader.take(nullptr, there.substr(leader.starts[3]));
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == Offsets{0, 1, 10, 11, 12, 20});
}

TEST_CASE("PartitionReader: what is missing at the end of a place may be lost, and the leader is asked") {
  Leader leader;
  Reading r;
  auto view = leader.view();
  Bytes there = view->bytes(0, leader.bytes.size());
  r.reader.take_in_place(std::move(view), there, Offset(30));
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(0, 15));
  CHECK_FALSE(r.reader.wants_place());
  CHECK(r.reader.fetch_offset() == Offset(15));
  const std::string more = batch(30, 2);
  r.reader.take(nullptr, more);
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen.back() == 31);
  CHECK(r.reader.wants_place());
}

TEST_CASE("PartitionReader: a seek forgets what arrived, and the failure that would have followed it") {
  Leader leader;
  Reading r;
  leader.tell(r.reader, 0, 5);
  r.sink.enough = 4;
  REQUIRE(r.all().ok());
  r.reader.fail(error(Errc::damaged, "what follows"));
  CHECK(r.reader.is_fetched());
  r.reader.seek(Offset(9));
  CHECK_FALSE(r.reader.is_fetched());
  CHECK_FALSE(r.reader.has_records());
  r.sink = {};
  leader.tell(r.reader, 3, 5);
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(9, 15));
}

TEST_CASE("PartitionReader: a failure is told behind everything that arrived before it") {
  Leader leader;
  Reading r;
  leader.tell(r.reader, 0, 2);
  leader.tell(r.reader, 2, 5);
  r.reader.fail(error(Errc::damaged, "what follows"));
  Status status = r.all();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().message == "what follows");
  CHECK(r.sink.seen == range(0, 15));
}

TEST_CASE("PartitionReader: records whose offsets do not ascend are handed over one by one as they are all at once") {
  struct Values final : Sink {
    std::string seen;
    bool take(std::string_view, PartitionId, const record::Record& r) override {
      seen += std::string(r.value.value_or("?"));
      return true;
    }
  };
  auto read = [](const std::vector<int>& offsets, Offset from, std::optional<Offset> stop) {
    PartitionReader reader("t", TopicId{}, PartitionId(0), 1 << 20);
    reader.seek(from);
    if (stop) reader.set_stop(stop);
    auto bytes = std::make_shared<std::string>(batch_with_offsets(offsets));
    reader.take(bytes, *bytes);
    Values sink;
    bool paused = false;
    while (reader.has_records() && !reader.is_done()) REQUIRE(reader.deliver(sink, paused).ok());
    return std::pair(sink.seen, reader.next());
  };
  const std::vector<int> turned{13, 12, 11, 10}, beyond{10, 40, 11, 12};
  CHECK(read({10, 11, 12, 13}, Offset(10), {}) == std::pair(std::string("0123"), Offset(14)));
  CHECK(read(turned, Offset(10), {}) == std::pair(std::string("0123"), Offset(14)));
  CHECK(read(turned, Offset(12), {}) == std::pair(std::string("01"), Offset(14)));
  CHECK(read(turned, Offset(10), Offset(12)) == std::pair(std::string("23"), Offset(12)));
  CHECK(read(beyond, Offset(10), {}) == std::pair(std::string("0123"), Offset(14)));
  // Where reading ends with the batch, nothing of it is beyond that.
  CHECK(read(beyond, Offset(10), Offset(14)) == std::pair(std::string("0123"), Offset(14)));
  CHECK(read(turned, Offset(10), Offset(14)) == std::pair(std::string("0123"), Offset(14)));
  CHECK(read(beyond, Offset(10), Offset(13)) == std::pair(std::string("023"), Offset(13)));
}

TEST_CASE("PartitionReader: what lies before its place is no answer, and keeps no memory") {
  Leader leader;
  Reading r;
  auto all = std::make_shared<std::string>(leader.bytes);
  r.reader.seek(Offset(15));
  r.reader.take(all, *all);
  CHECK(r.reader.fetch_offset() == Offset(15));
  CHECK_FALSE(r.reader.has_records());
  CHECK(all.use_count() == 1);
  r.reader.seek(Offset(14));
  r.reader.take(all, *all);
  CHECK(r.reader.fetch_offset() == Offset(15));
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(14, 15));
}

TEST_CASE("PartitionReader: a batch that does not come whole is asked for with more, up to what one may have") {
  Leader leader;
  Reading r;
  auto cut = std::make_shared<std::string>(leader.bytes.substr(0, 100));
  store_be(cut->data() + 8, int32_t{1'000'000});
  int32_t asked = 0;
  for (int i = 0; i < 10; i++) {
    r.reader.take(cut, *cut);
    CHECK(r.reader.fetch_bytes(1000) >= asked);
    asked = r.reader.fetch_bytes(1000);
  }
  CHECK(asked == 1 << 20);
  CHECK(r.reader.fetch_offset() == Offset(0));
  CHECK_FALSE(r.reader.is_fetched());
  // One that says it has more is not waited for.
  store_be(cut->data() + 8, int32_t{2 << 20});
  r.reader.take(cut, *cut);
  CHECK(r.reader.is_fetched());
  bool paused = false;
  auto told = r.reader.deliver(r.sink, paused);
  REQUIRE_FALSE(told.ok());
  CHECK(told.error().code == Errc::message_too_large);
}

TEST_CASE("PartitionReader: the beginning of a batch that seems too large is asked for before it is believed") {
  Leader leader;
  Reading r;
  // Its leader will say that it is damaged, if it is.
  std::string head(100, '\0');
  store_be(head.data(), int64_t{15});
  store_be(head.data() + 8, INT32_MAX - 100);
  head[16] = record::magic_v2;
  auto all = std::make_shared<std::string>(leader.bytes + head);
  r.reader.take(all, *all);
  CHECK(r.reader.fetch_offset() == Offset(15));
  CHECK_FALSE(r.reader.is_fetched());
  REQUIRE(r.all().ok());
  CHECK(r.sink.seen == range(0, 15));
}

TEST_CASE("PartitionReader: those of one consumer take turns in one memory") {
  auto shared = std::make_shared<PartitionReader::BatchReader>();
  PartitionReader a("t", TopicId{}, PartitionId(0), 1 << 20, shared),
      b("t", TopicId{}, PartitionId(1), 1 << 20, shared);
  Leader leader;
  auto all = std::make_shared<std::string>(leader.bytes);
  a.take(all, *all);
  b.take(all, *all);
  Collector sink;
  sink.enough = 2;
  bool paused = false;
  REQUIRE(a.deliver(sink, paused).ok());
  CHECK(paused);
  CHECK(shared->inside == &a);
  while (a.has_records() || b.has_records()) {
    sink.enough = SIZE_MAX;
    paused = false;
    REQUIRE((a.has_records() ? a : b).deliver(sink, paused).ok());
  }
  CHECK(shared->inside == nullptr);
  auto wanted = range(0, 15), second = range(0, 15);
  wanted.insert(wanted.end(), second.begin(), second.end());
  CHECK(sink.seen == wanted);
}
