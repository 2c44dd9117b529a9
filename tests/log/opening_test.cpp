// Opening a log whose files are not what they were: cut at every byte, flipped at every byte, zeroed, without indexes.
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

// Two closed segments and an active one of several batches; synced.
struct Damaged : Fixture {
  explicit Damaged(uint64_t seed = 1) : Fixture(seed) {
    config.index_interval_bytes = 200;
    config.segment_bytes = 1200;
    open();
    for (int i = 0; i < 24; i++)
      must_append(batch(1 + i % 3, t0 + i * 10, {1 + i % 2, 0, i / 2 == 0 ? 0 : next_sequence[i % 2]},
                        20 + static_cast<size_t>(i % 5) * 9)),
          next_sequence[i % 2] += 1 + i % 3;
    REQUIRE(log->checkpoint(w.clock.wall()).ok());
    REQUIRE(flush().ok());
    REQUIRE(log->segments().size() >= 3);
    end = log->log_end();
    names = w.storage.paths(dir);
    for (const std::string& path : names)
      if (path.ends_with(".log")) active = path;
    base = *parse_offset_name(active.substr(active.rfind('/') + 1), ".log");
    original = w.storage.contents(active);
    for (const BatchFacts& b : batches_of(original)) {
      starts.push_back(at_end());
      batches.push_back(b);
    }
    image = w.storage.save();
  }
  size_t at_end() const {
    size_t sum = 0;
    for (const BatchFacts& b : batches) sum += b.bytes;
    return sum;
  }
  // The batch that holds this byte.
  size_t batch_at(size_t byte) const {
    size_t i = 0;
    while (i + 1 < starts.size() && starts[i + 1] <= byte) i++;
    return i;
  }
  // How many batches end within the first `size` bytes.
  size_t whole_in(size_t size) const {
    size_t whole = 0;
    while (whole < batches.size() && starts[whole] + batches[whole].bytes <= size) whole++;
    return whole;
  }
  // The active segment with one bit of this byte turned.
  std::string flipped(size_t byte) const {
    std::string bytes = original;
    bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << byte % 8));
    return bytes;
  }
  // The active segment holds `bytes`; opened after a crash with this recovery point.
  void reopen_with(const std::string& bytes, Offset recovery_point, bool clean = false, bool same_boot = false) {
    log.reset();
    files.reset();
    w.storage.restore(*image);
    w.jobs.drop_all();
    w.storage.put(active, bytes);
    // As if the last checkpoint had come before these batches.
    if (same_boot)
      for (const char* suffix : {".index", ".timeindex"}) w.storage.put(segment(base.value, suffix), "");
    if (same_boot) w.storage.erase(segment(end.value, ".snapshot"));
    open({clean, recovery_point, Offset(0), same_boot});
  }
  bool all_readable(Offset from, Offset to) {
    for (Offset o = from; o < to; o += 1)
      if (!readable(o)) return false;
    return true;
  }
  bool goes_on() {
    Offset at = log->log_end();
    return must_append(batch(2, t0 + 5000)) == at && readable(at) && readable(at + 1);
  }

  int next_sequence[2] = {0, 0};
  Offset end, base;
  std::string active, original;
  std::vector<std::string> names;
  std::vector<size_t> starts;
  std::vector<BatchFacts> batches;
  std::shared_ptr<const MemoryStorage::Image> image;
};

}  // namespace

TEST_CASE("Recovery: a tail above the recovery point that is cut at any byte is cut to whole batches, and kept") {
  Damaged f;
  for (size_t size = 0; size < f.original.size(); size++) {
    CAPTURE(size);
    f.reopen_with(f.original.substr(0, size), f.base);
    size_t whole = f.whole_in(size);
    Offset expected = whole ? f.batches[whole - 1].last_offset + 1 : f.base;
    bool torn = size != (whole ? f.starts[whole - 1] + f.batches[whole - 1].bytes : 0);
    REQUIRE(f.log->log_end() == expected);
    REQUIRE(f.report.damage.empty());
    REQUIRE(f.report.cuts.size() == (torn ? 1 : 0));
    std::string tail = torn ? f.original.substr(f.report.cuts[0].position, size - f.report.cuts[0].position) : "";
    if (tail.find_first_not_of('\0') != std::string::npos)
      REQUIRE(f.w.storage.contents(f.report.cuts[0].kept_in) == tail);
    REQUIRE(f.all_readable(Offset(0), expected));
    REQUIRE(f.goes_on());
  }
}

TEST_CASE("Recovery: below the recovery point nothing is cut: what is missing is reported, the offsets stay taken") {
  Damaged f;
  for (size_t size = 0; size < f.original.size(); size++) {
    CAPTURE(size);
    f.reopen_with(f.original.substr(0, size), f.end, GENERATE(false, true));
    REQUIRE(f.log->log_end() == f.end);
    REQUIRE(f.report.cuts.empty());
    REQUIRE(f.report.damage.size() >= 1);
    REQUIRE(f.w.storage.contents(f.active) == f.original.substr(0, size));
    size_t whole = f.whole_in(size);
    Offset good = whole ? f.batches[whole - 1].last_offset + 1 : f.base;
    REQUIRE(f.all_readable(Offset(0), good));
    REQUIRE(f.read_code(good) == Errc::corrupt_message);
    REQUIRE(f.goes_on());
    REQUIRE(f.all_readable(Offset(0), good));
    // And the same again after the next end.
    REQUIRE(f.log->close().ok());
    Offset log_end = f.log->log_end();
    f.open({true, log_end, Offset(0)});
    REQUIRE(f.log->log_end() == log_end);
    REQUIRE(f.readable(log_end - 1));
    REQUIRE(f.read_code(good) == Errc::corrupt_message);
  }
}

namespace {
// The leader epoch is under no checksum: a flip there is not seen.
bool is_unseen(const Damaged& f, size_t byte) {
  size_t in_batch = byte - f.starts[f.batch_at(byte)];
  return in_batch >= 12 && in_batch < 16;
}
}  // namespace

TEST_CASE("Recovery: any flipped byte above the recovery point ends the log before its batch") {
  Damaged f;
  for (size_t byte = 0; byte < f.original.size(); byte++) {
    if (is_unseen(f, byte)) continue;
    CAPTURE(byte);
    std::string bytes = f.flipped(byte);
    f.reopen_with(bytes, f.base);
    Offset expected = f.batches[f.batch_at(byte)].base_offset;
    REQUIRE(f.log->log_end() == expected);
    REQUIRE(f.report.cuts.size() == 1);
    REQUIRE(f.w.storage.contents(f.report.cuts[0].kept_in) == bytes.substr(f.starts[f.batch_at(byte)]));
    REQUIRE(f.all_readable(Offset(0), expected));
    REQUIRE(f.goes_on());
  }
}

TEST_CASE("Recovery: in the boot that wrote it, a flipped byte is damage where sound batches lie behind it") {
  Damaged f;
  for (size_t byte = 0; byte < f.original.size(); byte++) {
    if (is_unseen(f, byte)) continue;
    CAPTURE(byte);
    std::string bytes = f.flipped(byte);
    f.reopen_with(bytes, f.base, false, true);
    size_t which = f.batch_at(byte);
    Offset bad = f.batches[which].base_offset, next = f.batches[which].last_offset + 1;
    REQUIRE(f.all_readable(Offset(0), bad));
    const size_t begin = f.original.size() - f.batches[which].bytes;
    const bool is_last = which + 1 == f.batches.size();
    // No checksum covers its base offset: so spoiled it seems to stand behind a hole, which no write that was cut short makes.
    if (is_last && byte >= begin && Offset(load_be<int64_t>(bytes.data() + begin)) > bad) {
      REQUIRE(f.log->log_end() > bad);  // its offsets are not given out again
      REQUIRE(f.report.cuts.empty());
      REQUIRE(f.report.damage.size() == 1);
    } else if (is_last) {  // the last write may have been cut short
      REQUIRE(f.log->log_end() == bad);
      REQUIRE(f.report.cuts.size() == 1);
    } else {
      REQUIRE(f.log->log_end() == f.end);
      REQUIRE(f.report.cuts.empty());
      REQUIRE(f.report.damage.size() == 1);
      REQUIRE(f.report.damage[0].first == bad);
      REQUIRE(f.report.damage[0].next == next);
      REQUIRE(f.w.storage.contents(f.active) == bytes);
      REQUIRE(f.read_code(bad) == Errc::corrupt_message);
      REQUIRE(f.all_readable(next, f.end));
    }
    REQUIRE(f.goes_on());
  }
}

TEST_CASE("Recovery: in the boot that wrote it, a tail that is cut short is cut to whole batches all the same") {
  Damaged f;
  for (size_t size = 0; size < f.original.size(); size++) {
    CAPTURE(size);
    f.reopen_with(f.original.substr(0, size), f.base, false, true);
    size_t whole = f.whole_in(size);
    REQUIRE(f.log->log_end() == (whole ? f.batches[whole - 1].last_offset + 1 : f.base));
    REQUIRE(f.report.damage.empty());
    REQUIRE(f.goes_on());
  }
}

TEST_CASE("Recovery: any flipped byte below the recovery point hides its own batch and no other") {
  Damaged f;
  bool clean = GENERATE(false, true);
  for (size_t byte = 0; byte < f.original.size(); byte++) {
    if (is_unseen(f, byte)) continue;
    CAPTURE(byte);
    std::string bytes = f.flipped(byte);
    f.reopen_with(bytes, f.end, clean);
    const BatchFacts& hit = f.batches[f.batch_at(byte)];
    REQUIRE(f.log->log_end() == f.end);
    REQUIRE(f.report.cuts.empty());
    REQUIRE(f.w.storage.contents(f.active) == bytes);
    REQUIRE(f.all_readable(Offset(0), hit.base_offset));
    for (Offset o = hit.base_offset; o <= hit.last_offset; o += 1) REQUIRE(f.read_code(o) == Errc::corrupt_message);
    REQUIRE(f.all_readable(hit.last_offset + 1, f.end));
    if (f.batch_at(byte) + 1 == f.batches.size()) REQUIRE_FALSE(f.report.damage.empty());
    REQUIRE(f.goes_on());
  }
}

TEST_CASE("Recovery: zeroed pages") {
  Damaged f;
  for (size_t from = 0; from + 64 < f.original.size(); from += 64)
    for (size_t length : {size_t{64}, size_t{512}, f.original.size()}) {
      std::string bytes = f.original;
      for (size_t i = from; i < std::min(from + length, bytes.size()); i++) bytes[i] = 0;
      size_t first = f.batch_at(from);
      f.reopen_with(bytes, f.base);
      REQUIRE(f.log->log_end() == f.batches[first].base_offset);
      REQUIRE(f.all_readable(Offset(0), f.log->log_end()));
      f.reopen_with(bytes, f.end);
      REQUIRE(f.log->log_end() == f.end);
      REQUIRE(f.all_readable(Offset(0), f.batches[first].base_offset));
      REQUIRE(f.w.storage.contents(f.active) == bytes);
      size_t behind = f.batch_at(std::min(from + length, bytes.size()) - 1) + 1;
      if (behind < f.batches.size()) REQUIRE(f.all_readable(f.batches[behind].base_offset, f.end));
    }
}

TEST_CASE("Recovery: zeros behind the tail are cut and not kept") {
  Damaged f;
  f.reopen_with(f.original + std::string(5000, '\0'), f.end);
  CHECK(f.log->log_end() == f.end);
  REQUIRE(f.report.cuts.size() == 1);
  CHECK(f.report.cuts[0].kept_in.empty());
  CHECK(f.w.storage.contents(f.active) == f.original);
}

TEST_CASE("Recovery: indexes, snapshots and checkpoints may be gone, empty, cut, zeroed or flipped") {
  Damaged f;
  enum Harm { gone, empty, cut_short, zeroed, flipped, shifted };
  for (const std::string& path : f.names) {
    if (path.ends_with(".log") || path.ends_with("partition.metadata")) continue;
    for (Harm harm : {gone, empty, cut_short, zeroed, flipped, shifted})
      for (bool clean : {true, false}) {
        CAPTURE(path, harm, clean);
        f.log.reset();
        f.files.reset();
        f.w.storage.restore(*f.image);
        std::string bytes = f.w.storage.contents(path);
        if (harm == empty) bytes.clear();
        if (harm == cut_short) bytes.resize(bytes.size() / 2);
        if (harm == zeroed) bytes.assign(bytes.size(), '\0');
        if (harm == flipped && !bytes.empty())
          bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
        if (harm == shifted) bytes.insert(0, 4, 'x');
        if (harm == gone) f.w.storage.erase(path);
        else f.w.storage.put(path, bytes);
        f.open({clean, f.end, Offset(0)});
        REQUIRE(f.log->log_end() == f.end);
        REQUIRE(f.report.damage.empty());
        REQUIRE(f.report.cuts.empty());
        REQUIRE(f.all_readable(Offset(0), f.end));
        REQUIRE(f.log->epochs().epoch_at(Offset(3)) == LeaderEpoch(0));
        auto found = f.log->reading().offset_for_time(Timestamp(t0 + 100), f.end);
        REQUIRE(found.ok());
        REQUIRE((*found)->timestamp == Timestamp(t0 + 100));
        REQUIRE(f.append_code(batch(1, t0, {1, 0, f.next_sequence[0] + 5})) == Errc::out_of_order_sequence_number);
        REQUIRE(f.append_code(batch(1, t0, {1, 0, f.next_sequence[0]})) == Errc::none);
        REQUIRE(f.log->close().ok());
      }
  }
}

TEST_CASE("Recovery: all indexes gone at once are built as they were") {
  Damaged f;
  REQUIRE(f.log->close().ok());
  std::map<std::string, std::string> before;
  for (const std::string& path : f.names)
    if (path.ends_with("index")) before[path] = f.w.storage.contents(path);
  for (const auto& [path, bytes] : before) f.w.storage.erase(path);
  f.open({false, Offset(0), Offset(0)});
  REQUIRE(f.log->close().ok());
  for (const auto& [path, bytes] : before) CHECK(f.w.storage.contents(path) == bytes);
}

TEST_CASE("Recovery: tells of indexes that are gone, and of none where few batches have no entries") {
  Fixture f;
  f.config.index_interval_bytes = 200;
  f.open();
  auto gone = [&] {
    REQUIRE(f.log->checkpoint(f.w.clock.wall()).ok());
    REQUIRE(f.flush().ok());
    Offset end = f.log->log_end();
    f.log.reset();
    f.files.reset();
    for (const std::string& path : f.w.storage.paths(f.dir))
      if (path.ends_with("index")) f.w.storage.erase(path);
    f.open({false, end, Offset(0)});
    return f.report.notes.size();
  };
  f.must_append(batch(1, t0, {}, 1000));
  CHECK(gone() == 0);
  f.must_append(batch(1, t0 + 1, {}, 1000));
  f.must_append(batch(1, t0 + 2, {}, 1000));
  CHECK(gone() == 1);
}

TEST_CASE("Recovery: a time look-up does not pass over a batch that is damaged and may hold the answer") {
  Fixture f;
  f.open();
  for (int i = 0; i < 3; i++) f.must_append(batch(5, t0 + i * 1000));
  REQUIRE(f.log->checkpoint(f.w.clock.wall()).ok());
  REQUIRE(f.flush().ok());
  Offset end = f.log->log_end();
  std::string file = f.segment(0);
  std::string original = f.w.storage.contents(file);
  auto image = f.w.storage.save();
  auto batches = batches_of(original);
  size_t from = batches[0].bytes, to = from + batches[1].bytes;
  for (size_t byte = from; byte < to; byte++) {
    // Batches that are passed over are not read: a largest timestamp that is a little too small is believed.
    if (size_t in = byte - from; in >= 35 && in < 43) continue;
    CAPTURE(byte - from);
    f.log.reset();
    f.files.reset();
    f.w.storage.restore(*image);
    f.w.jobs.drop_all();
    std::string flipped = original;
    flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << byte % 8));
    f.w.storage.put(file, flipped);
    f.open({false, end, Offset(0)});
    auto found = f.log->reading().offset_for_time(Timestamp(t0 + 1000), end);
    if (!found) {
      CHECK(found.error().code == Errc::corrupt_message);
      continue;
    }
    // Its first record is believed to be the answer; whoever reads there is told.
    REQUIRE(*found);
    CHECK((*found)->offset >= Offset(5));
    CHECK((*found)->offset < Offset(10));
  }
}

TEST_CASE("Recovery: a closed segment that lost its end above the recovery point takes the later ones with it") {
  Damaged f;
  bool same_boot = GENERATE(false, true);
  std::string first = f.segment(0);
  std::string bytes = f.w.storage.contents(first);
  auto batches = batches_of(bytes);
  f.log.reset();
  f.files.reset();
  f.w.storage.restore(*f.image);
  size_t last = bytes.size() - batches.back().bytes;
  SECTION("torn") { f.w.storage.put(first, Bytes(bytes).substr(0, bytes.size() - 3)); }
  SECTION("shorter by a batch") { f.w.storage.put(first, Bytes(bytes).substr(0, last)); }
  SECTION("gone at its end, and damaged behind") { f.w.storage.put(first, bytes.substr(0, last) + "xyz"); }
  if (same_boot) {  // no segment ended like that then
    f.open({false, Offset(1), Offset(0), true});
    CHECK(f.log->log_end() == f.end);
    CHECK(f.report.cuts.empty());
    REQUIRE_FALSE(f.report.damage.empty());
    CHECK(f.report.damage.back().first == batches.back().base_offset);
    CHECK(f.read_code(batches.back().base_offset) == Errc::corrupt_message);
    CHECK(f.readable(f.base));
    CHECK(f.goes_on());
    return;
  }
  f.open({false, Offset(1), Offset(0)});
  CHECK(f.log->log_end() == batches.back().base_offset);
  CHECK(f.log->segments().size() == 1);
  CHECK(f.report.damage.empty());
  CHECK(f.w.storage.contents(f.active + ".cut." + std::to_string(batches.back().base_offset.value)) == f.original);
  CHECK(f.goes_on());
}

TEST_CASE(
    "Recovery: a directory that is gone, or empty, below a recovery point is damage, and offsets go on above it") {
  Fixture f;
  if (GENERATE(true, false)) REQUIRE(f.w.storage.make_dir(f.dir).ok());
  f.open({false, Offset(7), Offset(2)});
  CHECK(f.log->log_end() == Offset(7));
  REQUIRE(f.report.damage.size() == 1);
  CHECK(f.report.damage[0].first == Offset(2));
  CHECK(f.report.damage[0].next == Offset(7));
  CHECK(f.must_append(batch(1)) == Offset(7));
}

TEST_CASE("Recovery: what a flush promised survives any power cut, and comes back in order") {
  for (uint64_t seed = 1; seed <= 150; seed++) {
    CAPTURE(seed);
    Fixture f(seed);
    f.config.segment_bytes = 1000;
    f.config.index_interval_bytes = 200;
    f.open();
    SeededRandom random(seed * 77);
    Offset promised(0), recovery_point(0);
    int sequence = 0;
    std::vector<int> batch_of;  // which sequence each offset holds
    for (int life = 0; life < 4; life++) {
      for (int step = 0; step < 25; step++) {
        uint64_t dice = random.below(10);
        if (dice < 6) {
          auto done = f.append(batch(1, t0, {5, 0, sequence}, 10 + random.below(300)));
          REQUIRE(done.ok());
          REQUIRE_FALSE(done->duplicate);
          REQUIRE(done->base_offset == Offset(static_cast<int64_t>(batch_of.size())));
          batch_of.push_back(sequence++);
        } else if (dice < 8) {
          REQUIRE(f.flush().ok());
          promised = f.log->durable_end();
        } else if (dice == 8) {
          REQUIRE(f.log->checkpoint(f.w.clock.wall()).ok());
        } else {
          recovery_point = promised;
        }
      }
      bool power = random.below(2) == 0;
      if (power) f.w.power_cut();
      else f.w.kill();
      Offset end_before(static_cast<int64_t>(batch_of.size()));
      f.open({false, recovery_point, Offset(0), false, Offset(0), true});
      REQUIRE(f.report.damage.empty());
      REQUIRE(f.log->log_end() >= (power ? promised : end_before));
      REQUIRE(f.log->log_end() <= end_before);
      for (Offset o(0); o < f.log->log_end(); o += 1) {
        auto bytes = f.log->read(o, f.log->log_end(), 1, true);
        if (!bytes) FAIL(bytes.error().message);
        record::BatchView view(*bytes);
        REQUIRE(view.base_offset() == o);
        REQUIRE(view.base_sequence().value == batch_of[static_cast<size_t>(o.value)]);
      }
      batch_of.resize(static_cast<size_t>(f.log->log_end().value));
      // The producer sends again what it heard nothing of: known or not, it is there once.
      sequence = batch_of.empty() ? 0 : batch_of.back() + 1;
      if (!batch_of.empty()) REQUIRE(f.append(batch(1, t0, {5, 0, batch_of.back()}))->duplicate);
    }
  }
}

TEST_CASE("Log: what lies behind a segment's batches and is none is not given out with them, however short it is") {
  auto extra = GENERATE(17, 20, 60, 61, 500);
  Fixture f;
  f.config.segment_bytes = 400;
  f.open();
  for (int i = 0; i < 6; i++) f.must_append(batch(2));
  REQUIRE(f.log->segments().size() > 1);
  REQUIRE(f.log->close().ok());
  std::string first = f.w.storage.contents(f.segment(0));
  f.w.storage.put(f.segment(0), first + std::string(static_cast<size_t>(extra), '\0'));
  f.open({.clean_shutdown = true, .recovery_point = Offset(12)});
  auto bytes = f.log->read(Offset(0), Offset(12), 1 << 20, true);
  REQUIRE(bytes.ok());
  CHECK(*bytes == first);
  CHECK(f.readable(Offset(11)));
}

TEST_CASE("Log: a segment that is larger than any is damage, and not read") {
  // Only its size counts: a storage that tells one.
  struct Huge final : os::Storage {
    explicit Huge(os::Storage& s) : storage(s) {}
    Result<std::unique_ptr<os::File>> open(const std::string& path, os::Open how) override {
      return storage.open(path, how);
    }
    Result<os::Stat> stat(const std::string& path) override {
      BOBBIN_TRY_ASSIGN(stat, storage.stat(path));
      if (path.ends_with(".log")) stat.size = bytes;
      return stat;
    }
    Result<std::vector<std::string>> list(const std::string& dir) override { return storage.list(dir); }
    Status make_dir(const std::string& path) override { return storage.make_dir(path); }
    Status rename(const std::string& from, const std::string& to) override { return storage.rename(from, to); }
    Status unlink(const std::string& path) override { return storage.unlink(path); }
    Status remove_dir(const std::string& path) override { return storage.remove_dir(path); }
    Status sync_dir(const std::string& path) override { return storage.sync_dir(path); }
    Result<std::unique_ptr<os::Lock>> try_lock(const std::string& path) override { return storage.try_lock(path); }
    Result<std::unique_ptr<os::Lock>> lock(const std::string& path) override { return storage.lock(path); }
    bool is_locked(const std::string& path) override { return storage.is_locked(path); }
    os::Storage& storage;
    uint64_t bytes = 0;
  };
  Fixture f;
  f.open();
  f.must_append(batch(2));
  Huge storage(f.w.storage);
  Files files(storage, 4);
  storage.bytes = INT32_MAX;
  CHECK(Segment::adopt(files, f.dir, Offset(0)).ok());
  for (uint64_t bytes : {uint64_t{INT32_MAX} + 1, uint64_t{1} << 42, UINT64_MAX}) {
    storage.bytes = bytes;
    auto huge = Segment::adopt(files, f.dir, Offset(0));
    REQUIRE_FALSE(huge.ok());
    CHECK(huge.error().code == Errc::damaged);
    CHECK(huge.error().message.find(f.segment(0)) != std::string::npos);
  }
}

TEST_CASE("Log: damage that looks like batches over and over is not gone through for each of them") {
  Fixture f;
  f.open();
  f.must_append(batch(2));
  // Each begins one that would reach far, with offsets that could be: 40 bytes apart, each summing megabytes.
  std::string liar;
  for (int i = 0; i < 100'000; i++) {
    std::string head(40, '\0');
    store_be(head.data(), int64_t{2});
    store_be(head.data() + 8, int32_t{3'000'000});
    head[16] = record::magic_v2;
    liar += head;
  }
  REQUIRE(f.log->close().ok());
  f.w.storage.put(f.segment(0), f.w.storage.contents(f.segment(0)) + liar);
  uint64_t before = f.w.storage.calls(Call::read);
  f.open({.recovery_point = Offset(100)});
  CHECK(f.readable(Offset(1)));
  CHECK_FALSE(f.report.damage.empty());
  // 64 MiB in pieces of 128 KiB for each of the few times that it is looked through: without a bound, two million.
  CHECK(f.w.storage.calls(Call::read) - before < 20'000);
}

TEST_CASE("Log: a batch that says it reaches into the next segment is damage, those before it are given out") {
  Fixture f;
  f.config.segment_bytes = 400;
  f.open();
  for (int i = 0; i < 9; i++) f.must_append(batch(2));
  REQUIRE(f.log->segments().size() > 2);
  REQUIRE(f.log->close().ok());
  std::string first = f.w.storage.contents(f.segment(0));
  std::vector<BatchFacts> there = batches_of(first);
  REQUIRE(there.size() > 1);
  size_t before = first.size() - there.back().bytes;
  // As a whole, its checksum is right.
  record::BatchView last(Bytes(first).substr(before));
  store_be(first.data() + before + 23, int32_t{5});
  record::stamp_producer(first.data() + before, there.back().bytes, last.producer_id(), last.producer_epoch(),
                         last.base_sequence());
  f.w.storage.put(f.segment(0), first);
  f.open({.clean_shutdown = true, .recovery_point = Offset(18)});
  auto bytes = f.log->read(Offset(0), Offset(18), 1 << 20, true);
  REQUIRE(bytes.ok());
  CHECK(*bytes == first.substr(0, before));
  CHECK(f.read_code(there.back().base_offset) == Errc::corrupt_message);
  CHECK(f.readable(Offset(17)));
}

TEST_CASE("Log: damage before the first record is no answer to a time in a log without records") {
  Fixture f;
  f.open();
  for (int i = 0; i < 3; i++) f.must_append(batch(2));
  REQUIRE(f.log->close().ok());
  std::string bytes = f.w.storage.contents(f.segment(0));
  bytes[16] ^= 1;  // no batch begins there
  f.w.storage.put(f.segment(0), bytes);
  f.open({.clean_shutdown = true, .recovery_point = Offset(6), .log_start = Offset(6)});
  for (int64_t time : {int64_t{0}, t0, t0 + 1, t0 + 100}) {
    auto found = f.log->reading().offset_for_time(Timestamp(time), f.log->log_end());
    REQUIRE(found.ok());
    CHECK_FALSE(found->has_value());
  }
}
