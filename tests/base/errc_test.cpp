// Errc: Kafka's codes under Kafka's names, and what its Java client does about each.
#include "base/errc.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace bobbin;

namespace {

constexpr int first_of_kafka = -1, last_of_kafka = 133;
constexpr int first_of_ours = -1017, last_of_ours = -1001;

// The numbers of Kafka for which this holds.
std::set<int> those(bool (*holds)(Errc)) {
  std::set<int> numbers;
  for (int code = INT16_MIN; code <= INT16_MAX; code++)
    if (holds(static_cast<Errc>(code))) numbers.insert(code);
  return numbers;
}

bool all_in(std::string_view name, std::string_view letters) {
  return !name.empty() && name.find_first_not_of(letters) == std::string_view::npos;
}

}  // namespace

TEST_CASE("Errc: every code has a name of its own, Kafka's in capitals, ours in small letters") {
  std::set<std::string_view> names;
  for (int code = first_of_kafka; code <= last_of_kafka; code++) {
    CAPTURE(code);
    CHECK(all_in(name(static_cast<Errc>(code)), "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"));
    CHECK(names.insert(name(static_cast<Errc>(code))).second);
  }
  for (int code = first_of_ours; code <= last_of_ours; code++) {
    CAPTURE(code);
    CHECK(all_in(name(static_cast<Errc>(code)), "abcdefghijklmnopqrstuvwxyz_"));
    CHECK(names.insert(name(static_cast<Errc>(code))).second);
  }
  CHECK_FALSE(names.contains("UNKNOWN"));
}

TEST_CASE("Errc: a number that nobody knows is unknown, and nobody tries again after it") {
  for (int code :
       {last_of_kafka + 1, INT16_MAX + 0, first_of_kafka - 1, last_of_ours + 1, first_of_ours - 1, INT16_MIN + 0}) {
    CAPTURE(code);
    CHECK(name(static_cast<Errc>(code)) == "UNKNOWN");
    CHECK_FALSE(is_retriable(static_cast<Errc>(code)));
    CHECK_FALSE(refreshes_metadata(static_cast<Errc>(code)));
  }
}

TEST_CASE("Errc: names are those of Kafka's numbers") {
  CHECK(name(static_cast<Errc>(-1)) == "UNKNOWN_SERVER_ERROR");
  CHECK(name(static_cast<Errc>(0)) == "NONE");
  CHECK(name(static_cast<Errc>(6)) == "NOT_LEADER_OR_FOLLOWER");
  CHECK(name(static_cast<Errc>(17)) == "INVALID_TOPIC_EXCEPTION");
  CHECK(name(static_cast<Errc>(45)) == "OUT_OF_ORDER_SEQUENCE_NUMBER");
  CHECK(name(static_cast<Errc>(87)) == "INVALID_RECORD");
  CHECK(name(static_cast<Errc>(100)) == "UNKNOWN_TOPIC_ID");
  CHECK(name(static_cast<Errc>(133)) == "SHARE_SESSION_LIMIT_REACHED");
  CHECK(name(Errc::disk_full) == "disk_full");
}

// org.apache.kafka.common.errors: what extends RetriableException, and of these what extends InvalidMetadataException.
TEST_CASE("Errc: tried again is what Kafka's Java client tries again, and nothing of ours") {
  CHECK(those(is_retriable) == std::set<int>{2,  3,  5,  6,  7,  9,  13, 14, 15, 16, 19,  20,  41,  51,  56,  70,
                                             71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106, 122, 123, 133});
}

TEST_CASE("Errc: what makes the picture of the cluster old is tried again as well") {
  const std::set<int> stale = those(refreshes_metadata), retriable = those(is_retriable);
  CHECK(stale == std::set<int>{3, 5, 6, 9, 13, 56, 72, 74, 80, 83, 84, 100, 103});
  CHECK(std::includes(retriable.begin(), retriable.end(), stale.begin(), stale.end()));
}

TEST_CASE("Errc: a write is refused where somebody can make it work, and by no code of Kafka's") {
  std::set<int> refused;
  for (Errc code :
       {Errc::disk_full, Errc::quota_exceeded, Errc::file_too_large, Errc::read_only, Errc::permission_denied})
    refused.insert(static_cast<int>(code));
  CHECK(those(is_write_refused) == refused);
}
