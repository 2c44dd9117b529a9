// Bytes that do not belong where they stand, as a batch that somebody pasted once more: no record is lost by them, and that is
// what is told.
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

constexpr int64_t apart_ms = 1000;

// One segment of several batches of one to three records; synced.
struct Pasted : Fixture {
  Pasted() {
    open();
    for (int i = 0; i < 6; i++) must_append(batch(1 + i % 3, t0 + i * apart_ms));
    REQUIRE(log->checkpoint(w.clock.wall()).ok());
    REQUIRE(flush().ok());
    end = log->log_end();
    original = w.storage.contents(segment(0));
    batches = batches_of(original);
    size_t at = 0;
    for (const BatchFacts& b : batches) starts.push_back(std::exchange(at, at + b.bytes));
    image = w.storage.save();
  }
  std::string batch_bytes(size_t first, size_t last) const {
    return original.substr(starts[first], starts[last] + batches[last].bytes - starts[first]);
  }
  // The segment holds these bytes; opened after a crash of the process.
  void open_with(const std::string& bytes) {
    log.reset();
    files.reset();
    w.storage.restore(*image);
    w.jobs.drop_all();
    w.storage.put(segment(0), bytes);
    open({false, Offset(0), Offset(0), true});
  }
  // `bytes` stand behind this batch.
  void paste(const std::string& bytes, size_t behind) {
    place = starts[behind] + batches[behind].bytes;
    std::string file = original;
    open_with(file.insert(place, bytes));
  }
  std::string told_damage() {
    return report.damage.size() == 1 ? text(report.damage[0]) : std::to_string(report.damage.size()) + " damages";
  }
  std::string stands(const std::string& what) const {
    return segment(0) + ": " + what + " at " + std::to_string(place) + ": this is passed over, and no record is lost";
  }
  void check_whole() {
    CHECK(log->log_end() == end);
    for (Offset o(0); o < end; o += 1) CHECK(readable(o));
    for (size_t i = 0; i < batches.size(); i++) {
      auto found = log->reading().offset_for_time(Timestamp(t0 + static_cast<int64_t>(i) * apart_ms), end);
      REQUIRE(found.ok());
      REQUIRE(*found);
      CHECK((*found)->offset == batches[i].base_offset);
    }
    CHECK(must_append(batch(2, t0 + 100 * apart_ms)) == end);
    CHECK(readable(end + 1));
  }

  Offset end;
  std::string original;
  std::vector<BatchFacts> batches;
  std::vector<size_t> starts;
  std::shared_ptr<const MemoryStorage::Image> image;
  size_t place = 0;
};

}  // namespace

TEST_CASE("Pasted: a batch that stands again is told with its offsets, and nothing is lost") {
  Pasted f;
  const size_t last = f.batches.size() - 1;
  for (size_t behind = 0; behind <= last; behind++)
    for (size_t first = 0; first <= behind; first++)
      for (size_t to : {first, behind}) {
        CAPTURE(behind, first, to);
        f.paste(f.batch_bytes(first, to), behind);
        const std::string which = offsets(f.batches[first].base_offset, f.batches[to].last_offset);
        const std::string what =
            first == to ? "the batch of " + which + " stands again" : "batches of " + which + " stand again";
        if (behind < last) {
          CHECK(f.told_damage() == f.stands(what));
          CHECK(f.report.damage[0].first == f.report.damage[0].next);
          CHECK(f.report.cuts.empty());
        } else {  // nothing sound follows: it is cut, and kept
          CHECK(f.report.damage.empty());
          REQUIRE(f.report.cuts.size() == 1);
          CHECK(f.report.cuts[0].what == what);
          CHECK(f.w.storage.contents(f.report.cuts[0].kept_in) == f.batch_bytes(first, to));
        }
        f.check_whole();
      }
}

TEST_CASE("Pasted: other bytes between two batches are told as such, and nothing is lost") {
  Pasted f;
  for (const std::string& bytes :
       {std::string(1, 'x'), std::string(61, '\0'), std::string(300, 'x'), f.batch_bytes(0, 0).substr(1)}) {
    CAPTURE(bytes.size());
    f.paste(bytes, 2);
    CHECK(f.told_damage() == f.stands("not what was written"));
    f.check_whole();
  }
}

TEST_CASE("Pasted: what is lost is told by its offsets, one or several") {
  CHECK(text(log::Damage{"f", 7, Offset(3), Offset(6), "gone"}) ==
        "f: gone at 7: offsets 3 to 5 cannot be read here; everything else can");
  CHECK(text(log::Damage{"d", 0, Offset(3), Offset(4), "gone"}) ==
        "d: gone: offset 3 cannot be read here; everything else can");
  // A batch that another one stands in the place of.
  Pasted f;
  std::string file = f.original;
  f.open_with(file.replace(f.starts[3], f.batches[3].bytes, f.batch_bytes(0, 0)));
  CHECK(f.told_damage() == f.segment(0) + ": the batch of offset 0 stands again at " + std::to_string(f.starts[3]) +
                               ": " + offsets(f.batches[3].base_offset, f.batches[3].last_offset) +
                               " cannot be read here; everything else can");
}
