#include <catch2/catch.hpp>

#include "metadata/broker_changes.h"
#include "metadata/changes.h"
#include "metadata/durable_end.h"
#include "metadata/small_world.h"
#include "metadata/transactions.h"
#include "record/control.h"
#include "record/scan.h"

using namespace bobbin;
using namespace bobbin::config;
using namespace bobbin::home;
using namespace bobbin::metadata;
using test::SmallWorld;

namespace {

const ClusterDir dir{"/c"};
const std::string first_segment = dir.metadata_log_dir() + "/00000000000000000000.log";

Uuid uuid(int n) {
  Uuid id;
  for (size_t i = 0; i < 4; i++) id.bytes[i] = static_cast<unsigned char>(n >> (8 * i));
  id.bytes[15] = 1;
  return id;
}

Change registering(int32_t id, int incarnation) {
  return [=](const Image& image) {
    return register_broker(image, {BrokerId(id), uuid(incarnation), {}, {uuid(1000 + id)}});
  };
}

Change creating(std::string name, int id, int32_t partitions = 1, ConfigMap configs = {}) {
  return [=](const Image& image) {
    NewTopic t;
    t.name = name;
    t.id = uuid(id);
    t.partitions = partitions;
    for (const auto& [key, value] : configs) t.configs.emplace_back(key, value);
    Placement p;
    for (const auto& [broker, registered] : image.brokers()) p.brokers.push_back(broker);
    return create_topic(image, t, p, BrokerSettings());
  };
}

// One broker's side, and what it was told.
struct Process {
  explicit Process(SmallWorld& w, Transactions::Limits limits = {})
      : world(w),
        transactions(std::make_unique<Transactions>(
            w.world, dir,
            Transactions::Hooks{[this](const Delta&) { changes++; },
                                [this](const Error& e) { troubles.push_back(e.message); }, [this] { mended++; }},
            limits)) {}

  void submit(Change change) {
    transactions->submit(std::move(change), [this](Result<Offset> r) {
      answers.push_back(r ? std::to_string(r->value) : std::string(name(r.error().code)));
    });
  }
  std::string done(Change change) {
    answers.clear();
    submit(std::move(change));
    world.jobs.run_all();
    return answers.empty() ? "nothing" : answers.back();
  }
  const Image& image() const { return transactions->image(); }

  SmallWorld& world;
  std::unique_ptr<Transactions> transactions;
  std::vector<std::string> answers;
  std::vector<std::string> troubles;
  int changes = 0;
  int mended = 0;
};

std::unique_ptr<SmallWorld> new_world() {
  auto w = std::make_unique<SmallWorld>();
  REQUIRE(create(w->storage, w->random, dir));
  return w;
}

Result<Image> replayed(SmallWorld& w) {
  Image image;
  Reader reader(w.storage, dir.metadata_log_dir());
  BOBBIN_TRY(reader.catch_up(image));
  return image;
}

std::string& log_bytes(SmallWorld& w) { return w.storage.files.at(first_segment)->bytes; }

// Positions where the batches of the first segment end.
std::vector<size_t> batch_ends(Bytes bytes) {
  std::vector<size_t> ends;
  record::scan_batches(bytes, [&](const record::BatchView& b, size_t at) {
    ends.push_back(at + b.bytes().size());
    return true;
  });
  return ends;
}

std::vector<std::string> files_of(SmallWorld& w) { return w.storage.list(dir.metadata_log_dir()).value(); }

size_t count_calls(const SmallWorld& w, const std::string& prefix) {
  size_t n = 0;
  for (const std::string& call : w.storage.calls) n += call.starts_with(prefix);
  return n;
}

}  // namespace

TEST_CASE("Transactions: a new log begins with its feature levels, and offsets are those of the records") {
  auto w = new_world();
  Process p(*w);
  CHECK(p.done(registering(1, 1)) == "2");
  CHECK(p.image().broker(BrokerId(1))->epoch == BrokerEpoch(2));
  CHECK(p.done(creating("t", 1, 3)) == "6");
  CHECK(p.image().features().at("metadata.version") == 30);
  CHECK(p.image().features().at("bobbin.version") == 1);
  CHECK(p.changes == 2);
  CHECK(replayed(*w).value() == p.image());
  CHECK(w->storage.locks.empty());
  CHECK(w->storage.files.at(first_segment)->synced == log_bytes(*w));
  CHECK(count_calls(*w, "sync_dir " + dir.metadata_log_dir()) == 1);
}

TEST_CASE("Transactions: a refused change writes nothing, not even a new log") {
  auto w = new_world();
  Process p(*w);
  CHECK(p.done([](const Image& i) { return delete_topic(i, "t"); }) == "UNKNOWN_TOPIC_OR_PARTITION");
  CHECK(p.done([](const Image&) { return Result<Records>(Records()); }) == "-1");
  CHECK_FALSE(w->storage.files.count(first_segment));
  CHECK(p.changes == 0);
  CHECK(w->storage.locks.empty());
}

TEST_CASE("Transactions: changes that wait share a lock, a batch and a sync, and see each other") {
  auto w = new_world();
  Process p(*w);
  p.done(registering(1, 1));
  p.answers.clear();
  w->storage.calls.clear();
  size_t before = batch_ends(log_bytes(*w)).size();
  p.submit(creating("first", 1));
  w->jobs.run_one();  // under way
  for (int i = 0; i < 5; i++) p.submit(creating("t" + std::to_string(i), 10 + i));
  p.submit(creating("t3", 99));
  p.submit([](const Image& i) { return delete_topic(i, "t0"); });
  w->jobs.run_all();
  CHECK(p.answers == std::vector<std::string>{"4", "6", "8", "10", "12", "14", "TOPIC_ALREADY_EXISTS", "15"});
  // All that were submitted before the lock was taken went in at once.
  CHECK(batch_ends(log_bytes(*w)).size() == before + 1);
  CHECK(count_calls(*w, "sync " + first_segment) == 1);
  CHECK(count_calls(*w, "lock") == 1);
  CHECK(replayed(*w).value() == p.image());
}

TEST_CASE("Transactions: two brokers take turns, and each builds on the other's") {
  auto w = new_world();
  Process a(*w), b(*w);
  a.submit(registering(1, 1));
  b.submit(registering(2, 2));
  w->jobs.run_all();
  for (int i = 0; i < 20; i++) {
    a.submit(creating("a" + std::to_string(i), 100 + i));
    b.submit(creating("b" + std::to_string(i), 200 + i));
    if (i % 3 == 0) w->jobs.run_one();
  }
  a.submit(creating("same", 1));
  b.submit(creating("same", 2));
  w->jobs.run_all();
  CHECK(a.answers.size() == 22);
  CHECK(b.answers.size() == 22);
  CHECK((a.answers.back() == "TOPIC_ALREADY_EXISTS") != (b.answers.back() == "TOPIC_ALREADY_EXISTS"));
  a.transactions->catch_up();
  b.transactions->catch_up();
  w->jobs.run_all();
  CHECK(a.image() == b.image());
  CHECK(a.image().topics().size() == 41);
  CHECK(replayed(*w).value() == a.image());
  CHECK(w->storage.locks.empty());
}

TEST_CASE("Transactions: who asks while a read is under way gets what was written behind its back") {
  auto w = new_world();
  Process a(*w), b(*w);
  REQUIRE(a.done(registering(1, 1)) == "2");
  bool seen = false;
  b.transactions->catch_up();
  w->jobs.before_done = [&] {
    REQUIRE(a.done(creating("late", 7)) != "nothing");
    b.transactions->catch_up([&](Status s) { seen = s.ok() && b.image().topic("late") != nullptr; });
  };
  w->jobs.run_all();
  CHECK(seen);
}

TEST_CASE("Transactions: a catch-up tells what others wrote, and hears of damage") {
  auto w = new_world();
  Process a(*w), b(*w);
  a.done(registering(1, 1));
  int told = 0;
  b.transactions->catch_up([&](Status s) { told += s.ok() ? 1 : 100; });
  b.transactions->catch_up([&](Status s) { told += s.ok() ? 1 : 100; });
  w->jobs.run_all();
  CHECK(told == 2);
  CHECK(b.image() == a.image());
  CHECK(b.changes == 1);
  Image before = b.image();
  size_t read_by_b = log_bytes(*w).size();
  a.done(creating("t", 1));
  a.done(creating("u", 2));
  log_bytes(*w)[read_by_b + 70] ^= 1;
  b.transactions->catch_up([&](Status s) { told = !s && s.error().code == Errc::damaged ? 7 : 0; });
  w->jobs.run_all();
  CHECK(told == 7);
  CHECK(b.done(creating("v", 3)) == "damaged");
  CHECK(b.image() == before);
}

TEST_CASE("Log: cut at every byte, it holds every transaction before the cut, and goes on") {
  auto w = new_world();
  Process p(*w);
  std::vector<Image> images{Image()};
  p.done(registering(1, 1));
  images.push_back(p.image());
  for (int i = 0; i < 4; i++) {
    p.done(creating("t" + std::to_string(i), i));
    images.push_back(p.image());
  }
  const std::string whole = log_bytes(*w);
  std::vector<size_t> ends = batch_ends(whole);
  REQUIRE(ends.size() == 5);
  for (size_t cut = 0; cut <= whole.size(); cut++) {
    INFO(cut);
    auto copy = new_world();
    copy->storage.files[first_segment] = std::make_shared<test::MemoryFile>();
    log_bytes(*copy) = whole.substr(0, cut);
    size_t left = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), cut) - ends.begin());
    REQUIRE(replayed(*copy).value() == images[left]);
    Process next(*copy);
    REQUIRE(next.done(registering(2, 5)) == std::to_string(std::max<int64_t>(images[left].next_offset().value, 2)));
    REQUIRE(replayed(*copy).value() == next.image());
    bool torn = cut != 0 && cut != (left ? ends[left - 1] : 0);
    CHECK(next.troubles.size() == (torn ? 1u : 0u));
    std::string kept = first_segment + ".cut." + std::to_string(images[left].next_offset().value);
    CHECK(copy->storage.files.count(kept) == (torn ? 1u : 0u));
    if (torn)
      CHECK(copy->storage.files.at(kept)->bytes ==
            whole.substr(left ? ends[left - 1] : 0, cut - (left ? ends[left - 1] : 0)));
  }
}

TEST_CASE("Log: any byte flipped before the last batch is damage, in the last batch a torn tail") {
  auto w = new_world();
  Process p(*w);
  p.done(registering(1, 1));
  p.done(creating("t", 1));
  Image before = p.image();
  p.done(creating("u", 2));
  const std::string whole = log_bytes(*w);
  std::vector<size_t> ends = batch_ends(whole);
  for (size_t at = 0; at < whole.size(); at++) {
    // The leader epoch lies outside the checksum and says nothing here.
    size_t batch = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), at) - ends.begin());
    size_t in_batch = at - (batch ? ends[batch - 1] : 0);
    if (in_batch >= 12 && in_batch < 16) continue;
    INFO(at);
    log_bytes(*w) = whole;
    log_bytes(*w)[at] = static_cast<char>(log_bytes(*w)[at] ^ 0x10);
    auto image = replayed(*w);
    if (batch + 1 < ends.size()) {
      REQUIRE_FALSE(image);
      CHECK(image.error().code == Errc::damaged);
      std::string now = log_bytes(*w);
      Process next(*w);
      CHECK(next.done(creating("v", 3)) == "damaged");
      CHECK(log_bytes(*w) == now);
    } else {
      REQUIRE(image);
      CHECK(*image == before);
    }
  }
}

TEST_CASE("Log: zeros behind the end, as a power cut leaves them, are a torn tail") {
  auto w = new_world();
  Process p(*w);
  p.done(registering(1, 1));
  log_bytes(*w) += std::string(5000, '\0');
  CHECK(replayed(*w).value() == p.image());
  Process next(*w);
  next.done(creating("t", 1));
  CHECK(next.troubles.size() == 1);
  CHECK(replayed(*w).value() == next.image());
}

TEST_CASE("Transactions: what a dead predecessor left unsynced is synced before it is built on") {
  auto w = new_world();
  Process a(*w);
  a.done(registering(1, 1));
  a.submit(creating("t", 1));
  w->storage.fail("sync " + first_segment, Errc::io_error, 1, true);
  // It dies between its write and its sync: the job's sync and the cut that follows never happen.
  w->storage.fail("sync", Errc::io_error, 1, true);
  std::string durable = w->storage.files.at(first_segment)->synced;
  w->jobs.run_one();
  w->jobs.run_one();
  a.transactions.reset();
  // The write reached the page cache.
  auto encoded =
      encode_transaction(creating("t", 1)(replayed(*w).value()).value(), Offset(3), Timestamp(w->clock.now + 5));
  w->jobs.drop_all();
  w->storage.heal();
  w->storage.locks.clear();
  log_bytes(*w) += encoded->bytes;
  REQUIRE(w->storage.files.at(first_segment)->synced == durable);
  Process b(*w);
  w->storage.calls.clear();
  CHECK(b.done([](const Image& i) {
    return i.topic("t") ? Result<Records>(Records()) : Result<Records>(error(Errc::not_found));
  }) == "-1");
  CHECK(w->storage.files.at(first_segment)->synced == log_bytes(*w));
}

TEST_CASE("Transactions: a process that dies between any two steps leaves a log that the next one takes over") {
  for (int steps = 0; steps < 12; steps++) {
    INFO(steps);
    auto w = new_world();
    {
      Process a(*w);
      a.done(registering(1, 1));
      a.submit(creating("t", 1));
      a.submit(creating("u", 2));
      for (int i = 0; i < steps; i++) w->jobs.run_one();
    }
    w->jobs.drop_all();
    CHECK(w->storage.locks.empty());
    Process b(*w);
    b.done(creating("v", 3));
    CHECK(b.answers.back() != "nothing");
    CHECK(b.image().topic("v"));
    CHECK((b.image().topic("t") != nullptr) == (b.image().topic("u") != nullptr));
    CHECK(replayed(*w).value() == b.image());
  }
}

TEST_CASE("Transactions: a power cut after the answer loses nothing, before it all or nothing") {
  auto w = new_world();
  Process a(*w);
  a.done(registering(1, 1));
  a.done(creating("t", 1));
  Image told = a.image();
  w->storage.cut_power();
  CHECK(replayed(*w).value() == told);
}

TEST_CASE("Transactions: a full disk fails the changes, leaves the log as it was, and later ones succeed") {
  for (const char* call : {"write", "sync", "open"}) {
    INFO(call);
    auto w = new_world();
    Process p(*w);
    p.done(registering(1, 1));
    Image before = p.image();
    std::string bytes = log_bytes(*w);
    p.answers.clear();
    p.submit([](const Image& i) { return delete_topic(i, "none"); });
    p.submit(creating("t", 1));
    p.submit(creating("t", 1));  // must not hear that the topic exists
    for (int i = 0; i < 2; i++) w->jobs.run_one();
    w->storage.fail(std::string(call) + " " + first_segment, Errc::disk_full);
    w->jobs.run_all();
    CHECK(p.answers == std::vector<std::string>{"UNKNOWN_TOPIC_OR_PARTITION", "disk_full", "disk_full"});
    CHECK(log_bytes(*w) == bytes);
    CHECK(p.image() == before);
    CHECK(p.done(creating("t", 1)) == "4");
    CHECK(replayed(*w).value() == p.image());
    CHECK(w->storage.locks.empty());
  }
}

TEST_CASE("Transactions: after a failed sync this process writes no more, another one can") {
  auto w = new_world();
  Process p(*w);
  p.done(registering(1, 1));
  p.submit(creating("t", 1));
  for (int i = 0; i < 2; i++) w->jobs.run_one();
  w->storage.fail("sync " + first_segment, Errc::io_error);
  w->jobs.run_all();
  CHECK(p.answers.back() == "io_error");
  CHECK(p.done(creating("t", 1)) == "io_error");
  CHECK_FALSE(p.image().topic("t"));
  Process other(*w);
  CHECK(other.done(creating("t", 1)) == "4");
  int told = 0;
  p.transactions->catch_up([&](Status s) { told += s.ok(); });
  w->jobs.run_all();
  CHECK(told == 1);
  CHECK(p.image() == other.image());
}

TEST_CASE("Transactions: every storage call fails once, and for good: no change is half done, and the log goes on") {
  const Transactions::Limits small{1 << 20, 600};
  for (bool for_good : {false, true})
    for (int n = 1; n < 200; n++) {
      INFO((for_good ? "from call " : "call ") << n);
      auto w = new_world();
      Process p(*w, small);
      p.done(registering(1, 1));
      w->storage.calls.clear();
      w->storage.fail("", Errc::io_error, n, for_good);
      std::vector<bool> done;
      for (int i = 0; i < 4; i++) done.push_back(isdigit(p.done(creating("t" + std::to_string(i), i, 2))[0]));
      bool all_called = w->storage.calls.size() < static_cast<size_t>(n);
      w->storage.heal();
      p.transactions.reset();
      w->jobs.drop_all();
      w->storage.locks.clear();
      auto image = replayed(*w);
      REQUIRE(image);
      for (int i = 0; i < 4; i++) {
        const Topic* t = image->topic("t" + std::to_string(i));
        if (done[static_cast<size_t>(i)]) REQUIRE(t);
        if (t) CHECK(t->partitions.size() == 2);
      }
      Process next(*w, small);
      REQUIRE(isdigit(next.done(creating("after", 50))[0]));
      CHECK(replayed(*w).value() == next.image());
      if (all_called) break;
    }
}

namespace {

// What a hand may do to the metadata log of a running cluster.
const std::vector<std::pair<std::string, std::function<void(SmallWorld&)>>> losses = {
    {"emptied", [](SmallWorld& w) { log_bytes(w).clear(); }},
    {"removed", [](SmallWorld& w) { w.storage.files.erase(first_segment); }},
    {"cut inside a batch", [](SmallWorld& w) { log_bytes(w).resize(log_bytes(w).size() - 10); }},
    {"cut between batches", [](SmallWorld& w) { log_bytes(w).resize(*(batch_ends(log_bytes(w)).end() - 2)); }},
    {"its last batch overwritten",
     [](SmallWorld& w) {
       size_t last = *(batch_ends(log_bytes(w)).end() - 2);
       log_bytes(w).replace(last, log_bytes(w).size() - last, std::string(log_bytes(w).size() - last, '\0'));
     }},
    {"the folder emptied",
     [](SmallWorld& w) {
       for (const std::string& name : files_of(w)) w.storage.files.erase(dir.metadata_log_dir() + "/" + name);
     }},
};

}  // namespace

TEST_CASE("Reader: a log that lacks what was read is damage until it is whole again") {
  for (const auto& [how, lose] : losses) {
    INFO(how);
    auto w = new_world();
    Process p(*w);
    p.done(registering(1, 1));
    p.done(creating("t", 1));
    Image image;
    Reader reader(w->storage, dir.metadata_log_dir());
    REQUIRE(reader.catch_up(image));
    const std::string whole = log_bytes(*w);
    lose(*w);
    for (int i = 0; i < 2; i++) {
      CHECK(reader.catch_up(image).error().code == Errc::damaged);
      CHECK(image == p.image());
    }
    w->storage.files[first_segment] = std::make_shared<test::MemoryFile>(test::MemoryFile{whole, whole});
    CHECK(reader.catch_up(image));
    CHECK(image == p.image());
    Process q(*w);
    q.done(creating("u", 2));
    CHECK(reader.catch_up(image));
    CHECK(image == q.image());
  }
}

TEST_CASE("Transactions: a log that became shorter keeps the image, takes no change, and says both once") {
  for (const auto& [how, lose] : losses) {
    INFO(how);
    auto w = new_world();
    Process p(*w);
    p.done(registering(1, 1));
    p.done(creating("t", 1));
    const Image before = p.image();
    const std::string whole = log_bytes(*w);
    const int changes = p.changes;
    lose(*w);
    for (int i = 0; i < 3; i++) {
      p.transactions->catch_up();
      w->jobs.run_all();
    }
    CHECK(p.done(creating("u", 2)) == "damaged");
    CHECK(p.image() == before);
    CHECK(p.changes == changes);
    CHECK(p.troubles.size() == 1);
    CHECK(p.mended == 0);
    w->storage.files[first_segment] = std::make_shared<test::MemoryFile>(test::MemoryFile{whole, whole});
    CHECK(p.done(creating("u", 2)) == "6");
    CHECK(p.mended == 1);
    CHECK(replayed(*w).value() == p.image());
  }
}

TEST_CASE("Transactions: an older log that went on without this broker is damage here") {
  auto w = new_world();
  Process p(*w);
  p.done(registering(1, 1));
  const std::string older = log_bytes(*w);
  p.done(creating("t", 1));
  const Image before = p.image();
  log_bytes(*w) = older;
  Process other(*w);  // begins with what is there
  CHECK(other.done(creating("u", 1)) == "4");
  CHECK(p.done(creating("v", 2)) == "damaged");
  CHECK(p.image() == before);
}

TEST_CASE("Transactions: others hear of a change when it is on the disk, not before") {
  auto w = new_world();
  Process p(*w), other(*w);
  p.done(registering(1, 1));
  other.transactions->catch_up();
  w->jobs.run_all();
  // Between its write and its sync the writer is not looked at in a job; what it leaves when it dies there is.
  const std::string before = log_bytes(*w);
  p.submit(creating("t", 1));
  for (int i = 0; i < 3; i++) w->jobs.run_one();
  p.transactions.reset();
  w->jobs.drop_all();
  w->storage.locks = {dir.metadata_lock()};  // as if it were still at it
  REQUIRE(write_durable_end(w->storage, dir.metadata_durable(), {Offset(3), ""}));
  const std::string written = log_bytes(*w);
  int told = 0;
  other.transactions->catch_up([&](Status s) { told += s.ok(); });
  for (int i = 0; i < 50; i++) w->jobs.run_one();
  CHECK(told == 0);
  CHECK_FALSE(other.image().topic("t"));
  SECTION("it takes it back") {
    log_bytes(*w) = before;
    w->storage.locks.clear();
    w->jobs.run_all();
    CHECK(told == 1);
    CHECK_FALSE(other.image().topic("t"));
    CHECK(other.troubles.empty());
  }
  SECTION("it dies") {
    w->storage.locks.clear();
    w->storage.calls.clear();
    w->jobs.run_all();
    CHECK(told == 1);
    CHECK(other.image().topic("t"));
    CHECK(w->storage.files.at(first_segment)->synced == written);
    CHECK(read_durable_end(w->storage, dir.metadata_durable()).offset == other.image().next_offset());
  }
}

TEST_CASE("Transactions: in one boot nobody syncs again what another has synced") {
  auto w = new_world();
  Process p(*w, {.boot = "boot"}), other(*w, {.boot = "boot"}), later(*w, {.boot = "next boot"});
  p.done(registering(1, 1));
  p.done(creating("t", 1));
  w->storage.calls.clear();
  CHECK(other.done(creating("u", 2)) == "6");
  CHECK(count_calls(*w, "sync " + first_segment) == 1);
  w->storage.calls.clear();
  CHECK(later.done(creating("v", 3)) == "8");
  CHECK(count_calls(*w, "sync " + first_segment) == 2);
}

TEST_CASE("DurableEnd: a line that is cut, changed or missing says nothing") {
  auto w = new_world();
  const std::string path = dir.metadata_durable();
  CHECK(read_durable_end(w->storage, path).offset == Offset(0));
  const DurableEnd end{Offset(1234567890123), "9d3b0a1c-7f0e-4f51-9d57-111111111111"};
  REQUIRE(write_durable_end(w->storage, path, end));
  CHECK(read_durable_end(w->storage, path).offset == end.offset);
  CHECK(read_durable_end(w->storage, path).boot == end.boot);
  std::string& bytes = w->storage.files.at(path)->bytes;
  const std::string whole = bytes;
  for (size_t at = 0; at < whole.size(); at++) {
    bytes = whole.substr(0, at);
    CHECK(read_durable_end(w->storage, path).offset == Offset(0));
    bytes = whole;
    bytes[at] ^= 1;
    CHECK(read_durable_end(w->storage, path).offset == Offset(0));
  }
  bytes = whole;
  REQUIRE(write_durable_end(w->storage, path, {Offset(7), ""}));
  CHECK(read_durable_end(w->storage, path).offset == Offset(7));
  CHECK(read_durable_end(w->storage, path).boot.empty());
  REQUIRE(write_durable_end(w->storage, path, {Offset(-400'000'000'000'000'010), ""}));
  CHECK(read_durable_end(w->storage, path).offset == Offset(0));
}

TEST_CASE("Rounds: a long queue is decided in several, and each is told by what it touched") {
  auto w = new_world();
  Transactions::Limits limits;
  limits.round_records = 10;
  std::vector<size_t> touched;
  Transactions transactions(
      w->world, dir, Transactions::Hooks{[&](const Delta& delta) { touched.push_back(delta.topics.size()); }}, limits);
  transactions.submit(registering(1, 1), {});
  w->jobs.run_all();
  touched.clear();
  size_t done = 0;
  for (int i = 0; i < 17; i++)
    transactions.submit(creating("t" + std::to_string(i), i), [&](Result<Offset> r) { done += r.ok(); });
  w->jobs.run_all();
  CHECK(done == 17);
  CHECK(touched == std::vector<size_t>{5, 5, 5, 2});  // a topic of one partition is two records
  CHECK(replayed(*w).value() == transactions.image());
}

TEST_CASE("Rounds: the image stays what the log says, however rounds end") {
  auto w = new_world();
  Transactions::Limits limits{metadata_batch_bytes_max, 2000};
  limits.round_records = 6;
  Process ours(*w, limits), others(*w, limits);
  ours.done(registering(1, 1));
  test::SmallStorage& storage = w->storage;
  for (int i = 0; i < 150; i++) {
    if (i % 7 == 3) storage.fail("write /c/metadata", Errc::disk_full);
    Process& who = i % 5 == 4 ? others : ours;
    for (int k = 0; k <= i % 4; k++)
      who.submit(creating("t" + std::to_string(i) + "x" + std::to_string(k % 2), i * 10 + k, 1 + i % 3));
    if (i % 6 == 5)
      who.submit([=](const Image& image) { return delete_topic(image, "t" + std::to_string(i - 1) + "x0"); });
    w->jobs.run_all();
    storage.heal();
    who.done([](const Image&) { return Result<Records>(Records()); });
    REQUIRE(replayed(*w).value() == who.image());
  }
}

TEST_CASE("Snapshots: a long log ends in one, old files go, and a reader that lags follows") {
  auto w = new_world();
  Process p(*w, {1 << 20, 2000});
  p.done(registering(1, 1));
  Image lagging;
  Reader reader(w->storage, dir.metadata_log_dir());
  REQUIRE(reader.catch_up(lagging));
  Process other(*w, {1 << 20, 2000});
  other.done(registering(2, 2));
  int rolls = 0;
  std::string last_segment;
  for (int i = 0; i < 300; i++) {
    p.done(creating("t" + std::to_string(i), i));
    if (i % 3 != 0) p.done([=](const Image& image) { return delete_topic(image, "t" + std::to_string(i)); });
    std::vector<std::string> logs, snapshots;
    for (const std::string& name : files_of(*w)) (name.ends_with(".log") ? logs : snapshots).push_back(name);
    REQUIRE(logs.size() <= 2);  // this generation, and the one before it
    REQUIRE(snapshots.size() <= 2);
    rolls += logs.back() != last_segment;
    last_segment = logs.back();
    if (i % 10 == 0) {
      REQUIRE(reader.catch_up(lagging));
      REQUIRE(lagging == p.image());
    }
    if (i % 50 == 0) other.done(creating("o" + std::to_string(i), 1000 + i));
  }
  CHECK(rolls > 3);
  CHECK(p.troubles.empty());
  REQUIRE(reader.catch_up(lagging));
  CHECK(lagging == p.image());
  CHECK(replayed(*w).value() == p.image());
}

TEST_CASE("Snapshots: a large cluster is not written anew with each small change") {
  auto w = new_world();
  Process p(*w, {1 << 20, 2000});
  p.done(registering(1, 1));
  for (int i = 0; i < 150; i++) p.done(creating("t" + std::to_string(i), i, 3));
  w->storage.calls.clear();
  for (int i = 0; i < 40; i++) p.done(creating("u" + std::to_string(i), 500 + i));
  CHECK(count_calls(*w, "rename") <= 2);
}

TEST_CASE("Snapshots: damaged at any byte, it is refused while nothing else holds what it held") {
  auto w = new_world();
  Process p(*w, {1 << 20, 500});
  p.done(registering(1, 1));
  for (int i = 0; i < 8; i++) p.done(creating("t" + std::to_string(i), i));
  std::string name;
  for (const std::string& n : files_of(*w))
    if (n.ends_with(".checkpoint")) name = dir.metadata_log_dir() + "/" + n;
  REQUIRE_FALSE(name.empty());
  std::string& bytes = w->storage.files.at(name)->bytes;
  const std::string whole = bytes;
  CHECK(decode_snapshot(whole));
  for (size_t cut = 0; cut < whole.size(); cut++) CHECK_FALSE(decode_snapshot(Bytes(whole).substr(0, cut)));
  for (size_t at = 0; at < whole.size(); at += 7) {
    bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    auto image = replayed(*w);
    if (image) CHECK(*image == p.image());  // base offset and leader epoch say nothing here
    else CHECK(image.error().code == Errc::damaged);
  }
  bytes = whole;
  CHECK(replayed(*w).value() == p.image());
}

TEST_CASE("Snapshots: a crash at any call while one is made leaves the same cluster") {
  for (int n = 1; n < 60; n++) {
    INFO(n);
    auto w = new_world();
    Process p(*w, {1 << 20, 500});
    p.done(registering(1, 1));
    while (p.image().topics().size() < 3)
      p.done(creating("t" + std::to_string(p.image().topics().size()), static_cast<int>(p.image().topics().size())));
    p.submit(creating("long-enough-to-end-the-segment", 77, 6));
    for (int i = 0; i < 3; i++) w->jobs.run_one();  // written; what follows is the roll
    Image before = p.image();
    w->storage.calls.clear();
    w->storage.fail("", Errc::io_error, n, true);
    w->jobs.run_all();
    bool reached = w->storage.calls.size() >= static_cast<size_t>(n);
    CHECK(p.troubles.size() == (reached ? 1u : 0u));
    w->storage.heal();
    w->storage.cut_power();
    REQUIRE(replayed(*w).value() == before);
    Process next(*w);
    next.done(creating("next", 78));
    CHECK(replayed(*w).value() == next.image());
    CHECK(next.image().topics().size() == before.topics().size() + 1);
    if (!reached) return;
  }
  FAIL("the roll never ended");
}

TEST_CASE("Long transactions: several batches count together, or not at all") {
  auto w = new_world();
  const Transactions::Limits small{1000, 4 << 20};
  Process p(*w, small);
  p.done(registering(1, 1));
  Image before = p.image();
  size_t start = log_bytes(*w).size();
  // Begin, topic, 40 partitions, End.
  CHECK(p.done(creating("wide", 1, 40)) == "44");
  CHECK(p.image().next_offset() == Offset(46));
  CHECK(p.image().topic("wide")->partitions.size() == 40);
  CHECK(replayed(*w).value() == p.image());
  const std::string whole = log_bytes(*w);
  std::vector<size_t> ends = batch_ends(whole);
  CHECK(ends.size() > 4);
  for (size_t cut = start; cut < whole.size(); cut += 3) {
    INFO(cut);
    log_bytes(*w) = whole.substr(0, cut);
    REQUIRE(replayed(*w).value() == before);
  }
  // Whatever of the later batches a power cut took, the transaction is gone as a whole.
  for (size_t batch = 2; batch < ends.size(); batch++) {
    log_bytes(*w) = whole;
    log_bytes(*w)[ends[batch] - 1] ^= 1;
    REQUIRE(replayed(*w).value() == before);
  }
  Process next(*w, small);
  CHECK(next.done(creating("t", 2)) == "4");
  CHECK(next.troubles.size() == 1);
  CHECK(replayed(*w).value() == next.image());
}

TEST_CASE("Long transactions: damage inside one that ended, with others behind it, is damage") {
  auto w = new_world();
  const Transactions::Limits small{1000, 4 << 20};
  Process p(*w, small);
  p.done(registering(1, 1));
  p.done(creating("wide", 1, 40));
  p.done(creating("behind", 2));
  std::vector<size_t> ends = batch_ends(log_bytes(*w));
  log_bytes(*w)[ends[3] - 1] ^= 1;
  CHECK(replayed(*w).error().code == Errc::damaged);
}

TEST_CASE("Long transactions: a broker's epoch is the offset of its record there too") {
  auto w = new_world();
  const Transactions::Limits small{1000, 4 << 20};
  Process p(*w, small);
  p.done(registering(1, 1));
  p.done(creating("wide", 1, 60));
  Offset next = p.image().next_offset();
  p.done(registering(1, 2));
  CHECK(p.image().broker(BrokerId(1))->epoch.value == next.value + 1);
  Image image;
  Reader reader(w->storage, dir.metadata_log_dir());
  auto update = reader.read();
  bool found = false;
  for (const NumberedRecord& r : update->records)
    if (auto* b = std::get_if<RegisterBrokerRecord>(&r.record);
        b && r.offset.value == b->broker_epoch && b->broker_epoch == next.value + 1)
      found = true;
  CHECK(found);
}

TEST_CASE("Log: the batch of a new topic is Kafka's, byte for byte") {
  NewTopic t;
  t.name = "startup";
  for (size_t i = 0; i < 16; i++) t.id.bytes[i] = static_cast<unsigned char>(i);
  Image image;
  REQUIRE(image.apply(register_broker(image, {BrokerId(1), uuid(1), {}, {t.id}}).value()[0], Offset(0)));
  auto records = create_topic(image, t, {{BrokerId(1)}, 0}, BrokerSettings());
  auto encoded = encode_transaction(*records, Offset(5), Timestamp(1'700'000'000'000));
  REQUIRE(encoded);
  record::BatchView batch(encoded->bytes);
  CHECK(batch.crc_is_valid());
  CHECK(batch.base_offset() == Offset(5));
  CHECK(batch.leader_epoch() == LeaderEpoch(1));
  CHECK(batch.attributes() == 0);
  CHECK(batch.producer_id() == producer_id_none);
  const std::string id("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16);
  const std::string topic = std::string("\x01\x02\x00\x08startup", 11) + id + std::string(1, '\0');
  const std::string partition = std::string("\x01\x03\x02\x00\x00\x00\x00", 7) + id +
                                std::string("\x02\x00\x00\x00\x01\x02\x00\x00\x00\x01\x01\x01\x00\x00\x00\x01", 16) +
                                std::string(8, '\0') + "\x02" + id + std::string(1, '\0');
  record::RecordReader reader;
  record::Record r;
  REQUIRE(reader.open(batch, 1 << 20));
  REQUIRE(reader.next(r).value());
  CHECK_FALSE(r.key);
  CHECK(std::string(*r.value) == topic);
  REQUIRE(reader.next(r).value());
  CHECK(std::string(*r.value) == partition);
  CHECK_FALSE(reader.next(r).value());
}

TEST_CASE("Transactions: whoever is answered may end it") {
  auto w = new_world();
  auto p = std::make_unique<Process>(*w);
  p->transactions->submit(registering(1, 1), [&](Result<Offset>) { p->transactions.reset(); });
  p->transactions->submit(creating("t", 1), [&](Result<Offset>) { FAIL("answered after the end"); });
  w->jobs.run_all();
  CHECK(w->storage.locks.empty());
  CHECK(replayed(*w).value().topic("t"));
}
