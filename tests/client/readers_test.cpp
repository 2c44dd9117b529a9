// Readers: partitions that are read together. Where each begins, and what is asked for, is in consumer_test.cpp.
#include "client/consumer/readers.h"

#include "client/answering.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using fake::FakeCluster;
using fake::make_batch;

namespace {

struct Collector final : Sink {
  std::vector<std::string> seen;
  bool take(std::string_view topic, PartitionId p, const record::Record& r) override {
    seen.push_back(std::string(topic) + "-" + to_string(p) + "@" + to_string(r.offset));
    return true;
  }
};

struct Two {
  Two() {
    cluster.add_topic("t", 2);
    for (int p : {0, 1}) cluster.with([p](FakeCluster& c) { c.append("t", p, make_batch({"a", "b", "c"})); });
    session = open_session(cluster);
    REQUIRE(session->fetch_metadata({"t"}).ok());
    readers.emplace(*session, options);
  }
  PartitionReader* add(int32_t partition) {
    auto added = readers->add("t", session->topology().topic("t")->id, PartitionId(partition));
    REQUIRE(added.ok());
    return *added;
  }

  FakeCluster cluster;
  std::unique_ptr<Session> session;
  ReadOptions options;
  std::optional<Readers> readers;
  Collector sink;
};

}  // namespace

TEST_CASE("Readers: each partition is read once, from where it was put to its stop, in turns") {
  Two two;
  CHECK(two.readers->is_done());
  CHECK_FALSE(two.readers->has_topic("t"));
  PartitionReader* one = two.add(1);
  REQUIRE(one);
  CHECK(two.add(1) == nullptr);
  CHECK(two.readers->has_topic("t"));
  one->seek(Offset(1));
  one->set_stop(Offset(3));
  two.add(0)->set_stop(Offset(2));
  while (!two.readers->is_done()) REQUIRE(two.readers->poll(two.sink, {}, -1).ok());
  std::multiset<std::string> seen(two.sink.seen.begin(), two.sink.seen.end());
  CHECK(seen == std::multiset<std::string>{"t-0@0", "t-0@1", "t-1@1", "t-1@2"});
}

TEST_CASE("Readers: who read nothing yet goes on with what is left, others only if they may") {
  for (bool from_beginning : {true, false})
    for (OutOfRange policy : {OutOfRange::fail, OutOfRange::beginning, OutOfRange::end}) {
      CAPTURE(from_beginning, static_cast<int>(policy));
      Two two;
      two.options.out_of_range = policy;
      two.readers.emplace(*two.session, two.options);
      PartitionReader* reader = two.add(0);
      reader->from_beginning = from_beginning;
      reader->seek(Offset(50));
      reader->set_stop(Offset(60));
      Status status;
      while (status && (reader->next() == Offset(50) || reader->out_of_range))
        status = two.readers->poll(two.sink, {}, -1);
      const bool fails = !from_beginning && policy == OutOfRange::fail;
      CHECK(status.ok() != fails);
      if (fails) CHECK(status.error().code == Errc::offset_out_of_range);
      else CHECK(reader->next() == Offset(!from_beginning && policy == OutOfRange::end ? 3 : 0));
    }
}
