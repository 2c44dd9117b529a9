// The same on the real disk, with real locks and helper threads.
#include <catch2/catch.hpp>

#include <poll.h>
#include <stdlib.h>

#include "home/cluster_dir.h"
#include "metadata/broker_changes.h"
#include "metadata/changes.h"
#include "metadata/transactions.h"
#include "os/posix/world.h"
#include "record/batch_builder.h"

using namespace bobbin;
using namespace bobbin::config;
using namespace bobbin::home;
using namespace bobbin::metadata;

namespace {

struct TemporaryDir {
  TemporaryDir() {
    char name[] = "/tmp/bobbin-metadata-XXXXXX";
    REQUIRE(mkdtemp(name));
    path = name;
  }
  ~TemporaryDir() {
    os::PosixStorage storage;
    (void)os::remove_tree(storage, path);
  }
  std::string path;
};

Uuid uuid(int n) {
  Uuid id;
  id.bytes[0] = static_cast<unsigned char>(n);
  id.bytes[1] = static_cast<unsigned char>(n >> 8);
  id.bytes[15] = 1;
  return id;
}

// A broker's metadata with helpers of its own, as in a process of its own.
struct Process {
  explicit Process(const ClusterDir& dir)
      : world(os::PosixWorld::create().value()),
        transactions(std::make_unique<Transactions>(world->world(), dir, Transactions::Hooks{},
                                                    Transactions::Limits{1 << 20, 4000})) {}

  std::unique_ptr<os::PosixWorld> world;
  std::unique_ptr<Transactions> transactions;
  int answered = 0;
};

// Waits until a helper of either is done, at most ten seconds: one may wait for the lock that the other holds.
bool turn(Process& a, Process& b) {
  pollfd fds[] = {{a.world->jobs().fd(), POLLIN, 0}, {b.world->jobs().fd(), POLLIN, 0}};
  if (poll(fds, 2, 10'000) <= 0) return false;
  a.world->jobs().run_completed();
  b.world->jobs().run_completed();
  return true;
}

}  // namespace

TEST_CASE("Transactions on a real disk: two brokers write at once, readers follow, nothing is lost") {
  TemporaryDir tmp;
  ClusterDir dir{tmp.path + "/cluster"};
  {
    os::PosixStorage storage;
    os::PosixRandom random;
    REQUIRE(create(storage, random, dir));
  }
  Process a(dir), b(dir);
  constexpr int topics = 60;
  for (Process* p : {&a, &b}) {
    int32_t id = p == &a ? 1 : 2;
    auto count = [p](Result<Offset> r) { p->answered += r.ok() ? 1 : 1'000'000; };
    p->transactions->submit(
        [=](const Image& image) {
          return register_broker(image, {BrokerId(id), uuid(id), {}, {}});
        },
        count);
    for (int i = 0; i < topics; i++)
      p->transactions->submit(
          [=](const Image& image) {
            NewTopic t;
            t.name = "t" + std::to_string(id) + "-" + std::to_string(i);
            t.id = uuid(id * 1000 + i);
            return create_topic(image, t, {{BrokerId(id)}, 0}, BrokerSettings());
          },
          i % 2 ? count : Done([p, count](Result<Offset> r) {
            count(std::move(r));
            p->transactions->catch_up();
          }));
  }
  os::PosixStorage storage;
  Reader reader(storage, dir.metadata_log_dir());
  Image image;
  while (a.answered < topics + 1 || b.answered < topics + 1) {
    REQUIRE(turn(a, b));
    REQUIRE(reader.catch_up(image));
  }
  CHECK(a.answered == topics + 1);
  CHECK(b.answered == topics + 1);
  for (Process* p : {&a, &b}) {
    bool current = false;
    p->transactions->catch_up([&](Status s) { current = s.ok(); });
    while (!current || p->transactions->is_busy()) REQUIRE(turn(a, b));
  }
  REQUIRE(reader.catch_up(image));
  CHECK(image.topics().size() == 2 * topics);
  CHECK(a.transactions->image() == image);
  CHECK(b.transactions->image() == image);
  CHECK_FALSE(storage.is_locked(dir.metadata_lock()));
}

namespace {

// A metadata log of files with these bytes, and then so long that a hole follows them.
struct MetadataFiles {
  MetadataFiles() {
    os::PosixStorage storage;
    REQUIRE(storage.make_dir(path));
  }
  std::string put(const std::string& name, Bytes bytes, std::optional<uint64_t> size = {}) {
    os::PosixStorage storage;
    auto file = std::move(*storage.open(path + "/" + name, os::Open::create));
    REQUIRE(file->write(bytes, 0));
    if (size) REQUIRE(file->truncate(*size));
    return path + "/" + name;
  }
  // What a reader makes of them.
  Status read() {
    os::PosixStorage storage;
    Image image;
    return Reader(storage, path).catch_up(image);
  }
  TemporaryDir tmp;
  std::string path = tmp.path + "/log";
};

std::string batch_of(const std::string& value, int16_t attributes = 0) {
  record::BatchBuilder builder;
  builder.add(Timestamp(1), std::nullopt, Bytes(value));
  std::string batch = builder.seal({}).value();
  record::BatchView view(batch);
  store_be(batch.data() + 21, attributes);
  record::stamp_producer(batch.data(), batch.size(), view.producer_id(), view.producer_epoch(), view.base_sequence());
  return batch;
}

void must_be_damage(const Status& status, const std::string& file) {
  REQUIRE_FALSE(status.ok());
  INFO(status.error().message);
  CHECK(status.error().code == Errc::damaged);
  CHECK(status.error().message.find(file) != std::string::npos);
}

}  // namespace

TEST_CASE("Metadata log: a segment or a snapshot that says any size is damage, and not read") {
  for (uint64_t size : {(uint64_t{256} << 20) + 1, uint64_t{3} << 30, uint64_t{1} << 42}) {
    MetadataFiles segment;
    std::string damaged = segment.put(segment_name(Offset(0)), "", size);
    must_be_damage(segment.read(), damaged);
    MetadataFiles snapshot;
    std::string sound = encode_snapshot(Image(), Timestamp(1)).value();
    std::string other = snapshot.put(snapshot_name(Offset(5)), sound, size);
    must_be_damage(snapshot.read(), other);
  }
}

TEST_CASE("Metadata log: a batch that cannot be unpacked is damage") {
  std::string record = encode_record(NoOpRecord());
  MetadataFiles good;
  good.put(segment_name(Offset(0)), batch_of(record));
  CHECK(good.read().ok());
  for (int16_t attributes : {int16_t{7}, int16_t{6}, int16_t{5}, int16_t{1}, int16_t{4}}) {
    MetadataFiles files;
    std::string damaged = files.put(segment_name(Offset(0)), batch_of(record, attributes));
    must_be_damage(files.read(), damaged);
  }
}

TEST_CASE("Metadata log: bytes that look like batches over and over are not summed for each of them") {
  std::string liar;
  for (int i = 0; i < 10'000; i++) {
    std::string head(61, '\0');
    store_be(head.data(), int64_t{5});
    store_be(head.data() + 8, int32_t{200'000});
    head[16] = record::magic_v2;
    liar += head;
  }
  MetadataFiles files;
  std::string damaged = files.put(segment_name(Offset(0)), batch_of(encode_record(NoOpRecord())) + liar);
  must_be_damage(files.read(), damaged);
}
