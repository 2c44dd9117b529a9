#include "cmd/exec/dead_letter.h"

#include <catch2/catch.hpp>

#include "record/batch_builder.h"

using namespace bobbin;
using namespace bobbin::cmd;

namespace {

using Texts = std::vector<std::pair<std::string, std::string>>;

Texts texts(const std::vector<record::Header>& headers) {
  Texts all;
  for (const record::Header& each : headers) all.emplace_back(each.key, each.value.value_or("(null)"));
  return all;
}

// A batch of one record with these headers, and the record as it is read.
struct Read {
  explicit Read(const std::vector<record::Header>& headers) {
    record::BatchBuilder builder;
    builder.add(Timestamp(5), "k", "v", headers);
    bytes = builder.seal({.base_offset = Offset(7)}).value();
    REQUIRE(reader.open(record::BatchView(bytes), 1000));
    REQUIRE(reader.next(record).value());
  }
  OwnedRecord from(std::string topic, int32_t partition) const { return {topic, PartitionId(partition), record}; }

  std::string bytes;
  record::RecordReader reader;
  record::Record record;
};

std::vector<record::Header> whole() {
  return {{"__bobbin.errors.topic", "orders"},      {"__bobbin.errors.partition", "3"},
          {"__bobbin.errors.offset", "7"},          {"__bobbin.errors.timestamp", "5"},
          {"__bobbin.errors.group", "g"},           {"__bobbin.errors.attempts", "4"},
          {"__bobbin.errors.reason", "exit code 1"}};
}

std::string why_not(std::vector<record::Header> headers) {
  auto origin = origin_of(headers);
  return origin ? "it is one" : origin.error().message;
}

}  // namespace

TEST_CASE("Dead letters: topic and group name their topic, if a topic can be called so") {
  CHECK(dead_letters_of("orders", "workers").value() == "orders.workers.dlq");
  CHECK(dead_letters_of("orders", "a/b").error().code == Errc::usage);
  CHECK(dead_letters_of("orders", std::string(238, 'g')).ok());
  CHECK(!dead_letters_of("orders", std::string(239, 'g')).ok());
}

TEST_CASE("Dead letters: how a command ended, in words") {
  using Kind = os::ChildEnd::Kind;
  CHECK(reason_of({Kind::exited, 3}) == "exit code 3");
  CHECK(reason_of({Kind::killed, 9}) == "signal 9 (Killed)");
}

TEST_CASE("Dead letters: a record gets headers behind its own, and comes back from them") {
  const Read read({{"trace", "1"}, {"none", std::nullopt}});
  const OwnedRecord record = read.from("orders", 3);
  const DeadLetter letter(record, {"g", 4, "exit code 1"});
  const auto headers = letter.headers().value();
  Texts wanted{{"trace", "1"}, {"none", "(null)"}};
  for (const auto& each : texts(whole())) wanted.push_back(each);
  CHECK(texts(headers) == wanted);
  const Origin origin = origin_of(headers).value();
  CHECK(std::tuple(origin.topic, origin.partition, origin.offset, origin.timestamp) ==
        std::tuple("orders", PartitionId(3), Offset(7), Timestamp(5)));
  CHECK(texts(origin.headers) == Texts{{"trace", "1"}, {"none", "(null)"}});
}

TEST_CASE("Dead letters: of a dead letter that failed, too, the last ones count") {
  const Read read(whole());
  const OwnedRecord record = read.from("orders.g.dlq", 0);
  const DeadLetter letter(record, {"h", 1, "exit code 2"});
  const auto headers = letter.headers().value();
  const Origin origin = origin_of(headers).value();
  CHECK(origin.topic == "orders.g.dlq");
  CHECK(texts(origin.headers) == texts(whole()));
}

TEST_CASE("Dead letters: what is none says what it lacks") {
  CHECK(why_not({}) == "the header __bobbin.errors.topic is missing");
  CHECK(why_not(whole()) == "it is one");
  for (size_t i = 0; i < 4; i++) {
    auto headers = whole();
    const std::string name(headers[i].key);
    headers.erase(headers.begin() + static_cast<ptrdiff_t>(i));
    CHECK(why_not(headers) == "the header " + name + " is missing");
    headers = whole();
    headers[i].value = i == 0 ? "no/name" : "x";
    CHECK(why_not(headers) == "the header " + name + (i == 0 ? " names no topic" : " is no number"));
    headers[i].value.reset();
    CHECK(why_not(headers) != "it is one");
  }
}
