// Chunk: batches are taken one after the other, and of a file none is believed that does not fit where it lies. What a
// reader makes of it is in partition_reader_test.cpp.
#include "client/consumer/chunk.h"

#include <catch2/catch.hpp>

#include "client/fake_broker.h"

using namespace bobbin;
using namespace bobbin::client;
using fake::make_batch;

namespace {

const BatchChecks checks("t-0", 1 << 20);

std::string two_batches() { return make_batch({"a", "b"}, 10) + make_batch({"c"}, 12); }

}  // namespace

TEST_CASE("Chunk: its batches come in their order, whoever keeps their bytes") {
  const std::string bytes = two_batches();
  const bool in_place = GENERATE(false, true);
  Chunk chunk = in_place ? Chunk::in_place(nullptr, bytes, Offset(10), Offset(13)) : Chunk::of_answer(nullptr, bytes);
  CHECK(chunk.is_in_place() == in_place);
  CHECK(chunk.bytes() == bytes.size());
  std::vector<int64_t> starts;
  while (!chunk.is_empty()) {
    auto batch = chunk.front(checks, Offset(10));
    REQUIRE(batch.ok());
    starts.push_back(batch->base_offset().value);
    chunk.pop(*batch);
    CHECK(chunk.at() == batch->next_offset());
  }
  CHECK(starts == std::vector<int64_t>{10, 12});
}

TEST_CASE("Chunk: a checksum is looked at where something of the batch is wanted") {
  std::string bytes = two_batches();
  bytes[record::batch_header_bytes + 6] ^= 1;
  Chunk chunk = Chunk::of_answer(nullptr, bytes);
  auto damaged = chunk.front(checks, Offset(11));
  REQUIRE_FALSE(damaged.ok());
  CHECK(damaged.error().code == Errc::damaged);
  CHECK(damaged.error().message == "t-0: the batch at offset 10 is damaged (its checksum is wrong)");
  CHECK(chunk.front(checks, Offset(12)).ok());
}

TEST_CASE("Chunk: in place a batch lies between the one before it and the one behind it, or is damaged") {
  auto first_fits = [](const std::string& bytes, int64_t at, int64_t end) {
    Chunk chunk = Chunk::in_place(nullptr, bytes, Offset(at), Offset(end));
    auto front = chunk.front(checks, Offset(at));
    if (!front) CHECK(front.error().message == "t-0: the batch at offset " + std::to_string(at) + " is damaged");
    return front.ok();
  };
  const std::string bytes = two_batches();
  CHECK(first_fits(bytes, 10, 13));
  CHECK(first_fits(bytes, 11, 13));                                                     // asked for in the middle of it
  CHECK_FALSE(first_fits(bytes, 12, 13));                                               // it ends before
  CHECK_FALSE(first_fits(bytes, 10, 11));                                               // the leader's word ends before
  CHECK_FALSE(first_fits(make_batch({"a", "b"}, 10) + make_batch({"c"}, 11), 10, 13));  // the next one begins before
  CHECK(first_fits(make_batch({"a", "b"}, 10) + make_batch({"c"}, 20), 10, 21));        // a hole that compaction left
  const std::string first = make_batch({"a", "b"}, 10);
  CHECK(first_fits(first, 10, 12));
  CHECK_FALSE(first_fits(first.substr(0, first.size() - 1), 10, 12));  // not whole
  CHECK_FALSE(first_fits(first.substr(0, 10), 10, 12));
}
