#include "client/producer/tally.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::client;

namespace {

Settled failed(uint64_t records, uint64_t first) {
  Settled settled;
  settled.failed = records;
  settled.first_failed = first;
  return settled;
}

}  // namespace

TEST_CASE("Tally: what was taken is kept until it is settled, whatever its batches take meanwhile") {
  Tally tally({});
  tally.took(3, 300);
  tally.grew(-100);  // compressed
  tally.grew(20);    // split
  CHECK(tally.buffered_bytes() == 220);
  Settled settled;
  settled.acked = 2;
  settled.failed = 1;
  settled.bytes_freed = 220;
  tally.settle(PartitionId(0), settled, nullptr, Offset(7));
  CHECK(tally.buffered_bytes() == 0);
  CHECK(tally.sent() == 3);
  CHECK(tally.acked() == 2);
  CHECK(tally.failed() == 1);
  CHECK_FALSE(tally.first_failed());
}

TEST_CASE("Tally: the first failure is that of the lowest number, in whichever order they come") {
  Tally tally({});
  const Error late = error(Errc::invalid_record, "late"), early = error(Errc::damaged, "early");
  tally.settle(PartitionId(1), failed(2, 50), &late);
  CHECK(tally.first_failed()->number == 50);
  tally.settle(PartitionId(2), failed(1, 10), &early);
  tally.settle(PartitionId(3), failed(1, 30), &late);
  REQUIRE(tally.first_failed());
  CHECK(tally.first_failed()->number == 10);
  CHECK(tally.first_failed()->partition == PartitionId(2));
  CHECK(tally.first_failed()->error.message == "early");
  CHECK(tally.failed() == 4);
}

TEST_CASE("Tally: each record is told of by its number, with where it lies or why it does not") {
  std::vector<std::string> told;
  Tally tally([&](const Delivery& delivery) {
    for (uint64_t number : delivery.numbers)
      told.push_back(to_string(delivery.partition) + ": " + std::to_string(number) + " at " +
                     to_string(delivery.first_offset) + (delivery.error ? " " + delivery.error->message : ""));
  });
  Settled settled;
  settled.numbers = {4, 5};
  tally.settle(PartitionId(1), settled, nullptr, Offset(100));
  const Error why = error(Errc::invalid_record, "no");
  settled.numbers = {6};
  tally.settle(PartitionId(2), settled, &why);
  tally.settle(PartitionId(3), Settled(), &why);  // nothing was there
  CHECK(told == std::vector<std::string>{"1: 4 at 100", "1: 5 at 100", "2: 6 at -1 no"});
}
