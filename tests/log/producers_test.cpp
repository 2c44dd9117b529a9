// Producers: which batch may follow which (KIP-98), what is remembered of each producer, and its file.
#include "log/producers.h"

#include "base/crc32c.h"
#include "log/log_fixture.h"
#include "record/control.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

constexpr int64_t for_ever = INT64_MAX / 2;

// What a partition hears of its producers: batches that are checked, and taken in at the next offset.
struct Heard {
  // "ok", the base offset of what it duplicates, or the error's name.
  std::string check(From from, int count = 1) const {
    const std::string bytes = batch(count, t0, from);
    auto checked = producers.check(record::BatchView(bytes));
    if (!checked) return std::string(name(checked.error().code));
    return *checked ? "duplicate of " + to_string((*checked)->first_offset()) : "ok";
  }
  void take(From from, int count = 1, int64_t time = t0) {
    std::string bytes = batch(count, time, from);
    apply(bytes);
    next += count;
  }
  // Part of a transaction.
  void take_transactional(int64_t id) {
    record::BatchBuilder builder;
    builder.add(Timestamp(t0), "k", "v");
    apply(*builder.seal({.transactional = true,
                         .producer_id = ProducerId(id),
                         .producer_epoch = ProducerEpoch(0),
                         .base_sequence = Sequence(producers.find(ProducerId(id)) ? 1 : 0)}));
    next++;
  }
  void end_transaction(int64_t id, int16_t epoch, int32_t coordinator) {
    auto bytes = record::control_batch(
        record::ControlType::commit, record::end_transaction_value(coordinator), Timestamp(t0),
        {.transactional = true, .producer_id = ProducerId(id), .producer_epoch = ProducerEpoch(epoch)});
    apply(*bytes, Producers::Marker{coordinator});
    next++;
  }
  void apply(std::string bytes, std::optional<Producers::Marker> marker = std::nullopt) {
    record::stamp(bytes.data(), Offset(next), LeaderEpoch(0));
    producers.apply(record::BatchView(bytes), Timestamp(t0), marker, for_ever);
  }
  Producers producers;
  int64_t next = 0;
};

}  // namespace

TEST_CASE("Producers: each sequence follows the last one, whatever the batch's size") {
  Heard h;
  CHECK(h.check({7, 0, 5}) == "ok");  // nobody knows it: it may begin anywhere
  h.take({7, 0, 5}, 3);
  CHECK(h.check({7, 0, 8}) == "ok");
  CHECK(h.check({7, 0, 7}) == "OUT_OF_ORDER_SEQUENCE_NUMBER");
  CHECK(h.check({7, 0, 9}) == "OUT_OF_ORDER_SEQUENCE_NUMBER");
  CHECK(h.check({7, 0, 0}) == "OUT_OF_ORDER_SEQUENCE_NUMBER");
  CHECK(h.check({8, 0, 100}) == "ok");  // another producer
  CHECK(h.check({}) == "ok");           // none at all
  CHECK(h.check({}, 3) == "ok");
}

TEST_CASE("Producers: after the largest sequence comes 0, also within a batch") {
  Heard h;
  h.take({7, 0, INT32_MAX});
  CHECK(h.check({7, 0, 0}) == "ok");
  CHECK(h.check({7, 0, 1}) == "OUT_OF_ORDER_SEQUENCE_NUMBER");
  Heard across;
  across.take({7, 0, INT32_MAX - 1}, 4);  // ..., MAX, 0, 1
  CHECK(across.check({7, 0, 2}) == "ok");
  CHECK(across.check({7, 0, INT32_MAX - 1}, 4) == "duplicate of 0");
  CHECK(across.producers.find(ProducerId(7))->last()->last_sequence == Sequence(1));
  CHECK(across.producers.find(ProducerId(7))->last()->first_sequence() == Sequence(INT32_MAX - 1));
}

TEST_CASE("Producers: the last five batches are known when they come again, the sixth is not") {
  Heard h;
  for (int i = 0; i < 6; i++) h.take({7, 0, i * 2}, 2);
  CHECK(h.check({7, 0, 0}, 2) == "OUT_OF_ORDER_SEQUENCE_NUMBER");
  for (int i = 1; i < 6; i++) CHECK(h.check({7, 0, i * 2}, 2) == "duplicate of " + std::to_string(i * 2));
  CHECK(h.check({7, 0, 4}, 1) == "OUT_OF_ORDER_SEQUENCE_NUMBER");  // half of one is none of them
  CHECK(h.check({7, 0, 3}, 2) == "OUT_OF_ORDER_SEQUENCE_NUMBER");
  CHECK(h.check({7, 0, 4}, 4) == "OUT_OF_ORDER_SEQUENCE_NUMBER");
}

TEST_CASE("Producers: a later epoch begins at 0, an earlier one is over") {
  Heard h;
  h.take({7, 3, 0}, 4);
  CHECK(h.check({7, 2, 4}) == "INVALID_PRODUCER_EPOCH");
  CHECK(h.check({7, 2, 0}, 4) == "INVALID_PRODUCER_EPOCH");  // no duplicate of what a later epoch sent
  CHECK(h.check({7, 4, 4}) == "OUT_OF_ORDER_SEQUENCE_NUMBER");
  CHECK(h.check({7, 4, 0}) == "ok");
  h.take({7, 4, 0});
  CHECK(h.check({7, 3, 4}) == "INVALID_PRODUCER_EPOCH");
  CHECK(h.producers.find(ProducerId(7))->batch_count == 1);
  auto refused = h.producers.check(record::BatchView(batch(1, t0, {7, 3, 4})));
  CHECK(refused.error().message == "producer 7: epoch 3 is older than 4");
}

TEST_CASE("Producers: a transaction is open from its first batch to its marker") {
  Heard h;
  h.take({1, 0, 0}, 5);
  CHECK_FALSE(h.producers.first_open_transaction());
  h.take_transactional(7);  // at 5
  h.take_transactional(8);  // at 6
  h.take_transactional(7);  // at 7
  CHECK(h.producers.first_open_transaction() == Offset(5));
  h.end_transaction(7, 0, 12);
  CHECK(h.producers.first_open_transaction() == Offset(6));
  CHECK(h.producers.find(ProducerId(7))->coordinator_epoch == 12);
  CHECK(h.producers.find(ProducerId(7))->batch_count == 2);  // a marker is none of them
  h.end_transaction(8, 0, 12);
  CHECK_FALSE(h.producers.first_open_transaction());
}

TEST_CASE("Producers: a marker of a new epoch leaves no sequence to follow but the first") {
  Heard h;
  h.take_transactional(7);
  h.end_transaction(7, 1, 0);
  CHECK(h.producers.find(ProducerId(7))->last() == nullptr);
  CHECK(h.check({7, 1, 0}) == "ok");
  CHECK(h.check({7, 1, 1}) == "OUT_OF_ORDER_SEQUENCE_NUMBER");
  CHECK(h.check({7, 0, 1}) == "INVALID_PRODUCER_EPOCH");
}

TEST_CASE("Producers: who is idle is forgotten, to the millisecond, but not with an open transaction") {
  Heard h;
  h.take({1, 0, 0}, 1, t0);
  h.take({2, 0, 0}, 1, t0 + 1);
  h.take_transactional(3);
  h.producers.expire(Timestamp(t0 + 999), 1000);
  CHECK(h.producers.size() == 3);
  h.producers.expire(Timestamp(t0 + 1000), 1000);
  CHECK(h.producers.find(ProducerId(1)) == nullptr);
  CHECK(h.producers.size() == 2);
  h.producers.expire(Timestamp(t0 + 1'000'000), 1000);
  CHECK(h.producers.size() == 1);
  CHECK(h.producers.find(ProducerId(3)) != nullptr);
  CHECK(h.check({1, 0, 77}) == "ok");  // as if it had never been
}

TEST_CASE("Producers: of too many those go that were idle longest, none with an open transaction") {
  Heard h;
  h.take_transactional(9);
  for (int id : {1, 2, 3, 4}) h.take({id, 0, 0}, 1, t0 + 10 * id);
  h.producers.limit(5);
  CHECK(h.producers.size() == 5);
  h.producers.limit(3);
  CHECK(h.producers.size() == 3);
  CHECK_FALSE(h.producers.find(ProducerId(2)));
  CHECK(h.producers.find(ProducerId(3)));
  h.producers.limit(0);
  CHECK(h.producers.size() == 1);
  CHECK(h.producers.find(ProducerId(9)));
}

TEST_CASE("Producers: records before a snapshot give back the batches that it does not hold, if they agree with it") {
  Heard records;
  for (int i = 0; i < 3; i++) records.take({7, 0, i});
  auto snapshot = Producers::decode_snapshot(records.producers.encode_snapshot());
  REQUIRE(snapshot.ok());
  CHECK(snapshot->find(ProducerId(7))->batch_count == 1);
  SECTION("they agree") {
    snapshot->recall(records.producers);
    CHECK(snapshot->find(ProducerId(7))->batch_count == 3);
    CHECK(snapshot->find(ProducerId(7))->batches[0].last_offset == Offset(0));
  }
  SECTION("they end later") {
    records.take({7, 0, 3});
    snapshot->recall(records.producers);
    CHECK(snapshot->find(ProducerId(7))->batch_count == 1);
  }
  SECTION("they are of another epoch") {
    Heard other;
    for (int i = 0; i < 3; i++) other.take({7, 1, i});
    snapshot->recall(other.producers);
    CHECK(snapshot->find(ProducerId(7))->batch_count == 1);
  }
  SECTION("they know others, who stay unknown") {
    records.take({8, 0, 0});
    snapshot->recall(records.producers);
    CHECK(snapshot->size() == 1);
  }
}

TEST_CASE("Producers: a snapshot holds the last batch of each, in the order of their ids") {
  Heard h;
  h.take({300, 2, 5}, 4);
  h.take_transactional(7);
  const std::string bytes = h.producers.encode_snapshot();
  REQUIRE(bytes.size() == 10 + 2 * 46);
  CHECK(load_be<int32_t>(bytes.data() + 6) == 2);
  CHECK(load_be<int64_t>(bytes.data() + 10) == 7);
  CHECK(load_be<int64_t>(bytes.data() + 10 + 46) == 300);
  auto back = Producers::decode_snapshot(bytes);
  REQUIRE(back.ok());
  CHECK(back->encode_snapshot() == bytes);
  CHECK(back->first_open_transaction() == Offset(4));
  const ProducerState& state = *back->find(ProducerId(300));
  CHECK(state.epoch == ProducerEpoch(2));
  CHECK(*state.last() == SentBatch{Sequence(8), Offset(3), 3, Timestamp(t0 + 3)});
  CHECK(Producers::decode_snapshot(Producers().encode_snapshot())->size() == 0);
}

TEST_CASE("Producers: a snapshot that was cut, lengthened or changed anywhere is damaged") {
  Heard h;
  h.take({7, 0, 0});
  const std::string good = h.producers.encode_snapshot();
  auto code = [](const std::string& bytes) { return Producers::decode_snapshot(bytes).error().code; };
  for (size_t size = 0; size < good.size(); size++) REQUIRE(code(good.substr(0, size)) == Errc::damaged);
  for (size_t at = 0; at < good.size(); at++) {
    std::string bad = good;
    bad[at] ^= 4;
    CAPTURE(at);
    REQUIRE(code(bad) == Errc::damaged);
  }
  CHECK(code(good + "x") == Errc::damaged);
  for (int32_t count : {-1, 0, 2, INT32_MAX}) {
    std::string bad = good;
    store_be(bad.data() + 6, count);
    store_be(bad.data() + 2, crc32c(Bytes(bad).substr(6)));
    CAPTURE(count);
    CHECK(code(bad) == Errc::damaged);
  }
}
