#include "group/offsets.h"

#include <catch2/catch.hpp>

namespace bobbin::group {
namespace {

const TopicAndPartition orders0{"orders", 0}, orders1{"orders", 1}, bills0{"bills", 0};

StoredOffset at_offset(int64_t offset, int64_t committed_ms = 1000, int64_t expires_ms = -1) {
  StoredOffset stored;
  stored.offset = Offset(offset);
  stored.metadata = "note";
  stored.commit_timestamp = Timestamp(committed_ms);
  stored.expire_timestamp = Timestamp(expires_ms);
  return stored;
}

// -1: none.
int64_t promised_at(const Offsets& offsets, const TopicAndPartition& at) {
  const StoredOffset* stored = offsets.find(at);
  return stored ? stored->offset.value : -1;
}

std::vector<int64_t> written_in(const Offsets& offsets) {
  std::vector<int64_t> all;
  for (const auto& [at, stored] : offsets.written()) all.push_back(stored.offset.value);
  return all;
}

TEST_CASE("Offsets: a position is told when it is promised, and written until then") {
  Offsets offsets;
  CHECK(offsets.empty());
  const uint64_t number = offsets.write(orders0, at_offset(5));
  CHECK(promised_at(offsets, orders0) == -1);
  CHECK(offsets.promised().empty());
  CHECK(written_in(offsets) == std::vector<int64_t>{5});
  CHECK_FALSE(offsets.empty());
  offsets.promise(orders0, number);
  CHECK(*offsets.find(orders0) == at_offset(5));
  CHECK(promised_at(offsets, orders1) == -1);
}

TEST_CASE("Offsets: positions are in the order of their topics and partitions") {
  Offsets offsets;
  for (const auto& at : {orders1, bills0, orders0}) offsets.promise(at, offsets.write(at, at_offset(at.second)));
  const auto promised = offsets.promised();
  REQUIRE(promised.size() == 3);
  CHECK(promised[0].first == bills0);
  CHECK(promised[1].first == orders0);
  CHECK(promised[2].first == orders1);
  CHECK(promised[2].second->offset == Offset(1));
}

TEST_CASE("Offsets: what did not get into the journal was never there") {
  Offsets offsets;
  offsets.lose(orders0, offsets.write(orders0, at_offset(5)));
  CHECK(offsets.empty());

  offsets.promise(orders0, offsets.write(orders0, at_offset(5)));
  offsets.lose(orders0, offsets.write(orders0, at_offset(6)));
  CHECK(promised_at(offsets, orders0) == 5);
  CHECK(written_in(offsets) == std::vector<int64_t>{5});
}

TEST_CASE("Offsets: several changes of a position may be under way") {
  Offsets offsets;
  offsets.promise(orders0, offsets.write(orders0, at_offset(1)));
  const uint64_t first = offsets.write(orders0, at_offset(2));
  const uint64_t second = offsets.write(orders0, at_offset(3));
  CHECK(promised_at(offsets, orders0) == 1);
  CHECK(written_in(offsets) == std::vector<int64_t>{3});
  SECTION("promised one after the other") {
    offsets.promise(orders0, first);
    CHECK(promised_at(offsets, orders0) == 2);
    CHECK(written_in(offsets) == std::vector<int64_t>{3});
    offsets.promise(orders0, second);
    CHECK(promised_at(offsets, orders0) == 3);
  }
  SECTION("the second refused at once") {
    offsets.lose(orders0, second);
    CHECK(written_in(offsets) == std::vector<int64_t>{2});
    offsets.promise(orders0, first);
    CHECK(promised_at(offsets, orders0) == 2);
  }
  SECTION("both lost, in their order") {
    offsets.lose(orders0, first);
    CHECK(written_in(offsets) == std::vector<int64_t>{3});
    offsets.lose(orders0, second);
    CHECK(written_in(offsets) == std::vector<int64_t>{1});
    CHECK(promised_at(offsets, orders0) == 1);
  }
}

TEST_CASE("Offsets: one that is removed is told until that is promised") {
  Offsets offsets;
  offsets.promise(orders0, offsets.write(orders0, at_offset(5)));
  const uint64_t number = offsets.write(orders0, std::nullopt);
  CHECK(promised_at(offsets, orders0) == 5);
  CHECK(written_in(offsets).empty());
  CHECK_FALSE(offsets.empty());
  offsets.promise(orders0, number);
  CHECK(offsets.empty());
}

TEST_CASE("Offsets: as the journal tells of them") {
  Offsets offsets;
  offsets.restore(orders0, at_offset(5));
  offsets.restore(orders1, at_offset(6));
  offsets.restore(orders0, at_offset(7));
  CHECK(promised_at(offsets, orders0) == 7);
  offsets.restore(orders0, std::nullopt);
  offsets.restore(bills0, std::nullopt);
  CHECK(promised_at(offsets, orders0) == -1);
  CHECK(offsets.promised().size() == 1);
}

TEST_CASE("Offsets: they expire so long after their commit, or after their group was left") {
  Offsets offsets;
  offsets.restore(orders0, at_offset(5, 1000));
  offsets.restore(bills0, at_offset(6, 2000));
  const auto expired = [&](int64_t now, int64_t since = -1) {
    return offsets.expired({.now = Timestamp(now), .retention_ms = 500, .since = Timestamp(since), .kept = {}});
  };
  using All = std::vector<TopicAndPartition>;
  CHECK(expired(1499).empty());
  CHECK(expired(1500) == All{orders0});
  CHECK(expired(2500) == All{bills0, orders0});
  CHECK(expired(2500, 2001).empty());
  CHECK(expired(2501, 2001) == All{bills0, orders0});
  // What was committed later than that lives longer.
  CHECK(expired(2000, 1500) == All{orders0});
}

TEST_CASE("Offsets: one that says when it expires does so then, whatever the broker's retention is") {
  Offsets offsets;
  offsets.restore(orders0, at_offset(5, 1000, 1100));
  offsets.restore(orders1, at_offset(5, 1000, 9000));
  const auto expired = [&](int64_t now) {
    return offsets.expired({.now = Timestamp(now), .retention_ms = 500}).size();
  };
  CHECK(expired(1099) == 0);
  CHECK(expired(1100) == 1);
  CHECK(expired(8999) == 1);
  CHECK(expired(9000) == 2);
}

TEST_CASE("Offsets: none expires of a topic that is read, or that changes just now") {
  Offsets offsets;
  offsets.restore(orders0, at_offset(5));
  offsets.restore(orders1, at_offset(5));
  offsets.restore(bills0, at_offset(5));
  (void)offsets.write(orders1, at_offset(6));
  CHECK(offsets.expired({.now = Timestamp(1'000'000), .retention_ms = 500, .kept = {"bills"}}) ==
        std::vector<TopicAndPartition>{orders0});
}

}  // namespace
}  // namespace bobbin::group
