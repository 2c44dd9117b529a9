// Leader epochs: where each reign began, as Kafka's leader-epoch-checkpoint says it.
#include <catch2/catch.hpp>

#include "log/epochs.h"

using namespace bobbin;
using namespace bobbin::log;

namespace {

Epochs epochs_of(std::initializer_list<std::pair<int32_t, int64_t>> entries) {
  Epochs epochs;
  for (auto [epoch, start] : entries) REQUIRE(epochs.assign(LeaderEpoch(epoch), Offset(start)));
  return epochs;
}

std::pair<int32_t, int64_t> end_of(const Epochs& epochs, int32_t epoch, int64_t log_end) {
  EpochEnd end = epochs.end_of(LeaderEpoch(epoch), Offset(log_end));
  return {end.epoch.value, end.end.value};
}

}  // namespace

TEST_CASE("Epochs: each reign ends where the next one begins, and the last one with the log") {
  const Epochs epochs = epochs_of({{2, 10}, {3, 20}, {7, 25}});
  using End = std::pair<int32_t, int64_t>;
  CHECK(end_of(epochs, 7, 30) == End{7, 30});
  CHECK(end_of(epochs, 3, 30) == End{3, 25});
  CHECK(end_of(epochs, 2, 30) == End{2, 20});
  CHECK(end_of(epochs, 5, 30) == End{3, 25});  // nobody reigned in it: the one before
  CHECK(end_of(epochs, 0, 30) == End{0, 10});  // before all that are known
  CHECK(end_of(epochs, 1, 30) == End{1, 10});
  CHECK(end_of(epochs, 8, 30) == End{-1, -1});  // nobody knows it yet
  CHECK(end_of(epochs, -1, 30) == End{-1, -1});
  CHECK(end_of(Epochs(), 3, 30) == End{-1, -1});
  const std::vector<std::pair<int64_t, int32_t>> reigns{{0, -1}, {9, -1}, {10, 2}, {19, 2},
                                                        {20, 3}, {24, 3}, {25, 7}, {1000, 7}};
  for (auto [offset, epoch] : reigns) CHECK(epochs.epoch_at(Offset(offset)) == LeaderEpoch(epoch));
}

TEST_CASE("Epochs: the records of a new reign take the place of what an older one said of them") {
  Epochs epochs = epochs_of({{2, 10}, {3, 20}});
  CHECK_FALSE(epochs.assign(LeaderEpoch(3), Offset(20)));
  CHECK_FALSE(epochs.assign(LeaderEpoch(3), Offset(40)));  // goes on
  CHECK_FALSE(epochs.assign(LeaderEpoch(-1), Offset(40)));
  CHECK(epochs.assign(LeaderEpoch(3), Offset(15)));
  CHECK(epochs.encode() == "0\n2\n2 10\n3 15\n");
  CHECK(epochs.assign(LeaderEpoch(4), Offset(15)));
  CHECK(epochs.encode() == "0\n2\n2 10\n4 15\n");
  CHECK(epochs.assign(LeaderEpoch(5), Offset(3)));
  CHECK(epochs.encode() == "0\n1\n5 3\n");
}

TEST_CASE("Epochs: cut at either end, to the offset") {
  struct Cut {
    int64_t at;
    std::string from_end, from_start;
  };
  const std::string all = "0\n3\n2 10\n3 20\n7 25\n";
  for (const Cut& cut :
       {Cut{9, "0\n0\n", all}, Cut{10, "0\n0\n", all}, Cut{11, "0\n1\n2 10\n", "0\n3\n2 11\n3 20\n7 25\n"},
        Cut{19, "0\n1\n2 10\n", "0\n3\n2 19\n3 20\n7 25\n"}, Cut{20, "0\n1\n2 10\n", "0\n2\n3 20\n7 25\n"},
        Cut{21, "0\n2\n2 10\n3 20\n", "0\n2\n3 21\n7 25\n"}, Cut{25, "0\n2\n2 10\n3 20\n", "0\n1\n7 25\n"},
        Cut{26, all, "0\n1\n7 26\n"}, Cut{99, all, "0\n1\n7 99\n"}}) {
    CAPTURE(cut.at);
    Epochs epochs = epochs_of({{2, 10}, {3, 20}, {7, 25}});
    CHECK(epochs.truncate_from_end(Offset(cut.at)) == (cut.from_end != all));
    CHECK(epochs.encode() == cut.from_end);
    epochs = epochs_of({{2, 10}, {3, 20}, {7, 25}});
    CHECK(epochs.truncate_from_start(Offset(cut.at)) == (cut.from_start != all));
    CHECK(epochs.encode() == cut.from_start);
  }
}

TEST_CASE("Epochs: the file is read as it was written, and nothing else is taken for one") {
  const std::string text = "0\n2\n2 10\n3 20\n";
  CHECK(Epochs::parse(text).value().encode() == text);
  CHECK(Epochs::parse("0\n0\n").value().encode() == "0\n0\n");
  for (const char* bad : {"", "0\n", "1\n0\n", "0\n2\n2 10\n", "0\n1\n2 10", "0\n1\n2\n", "0\n1\n2 -1\n",
                          "0\n1\n-2 1\n", "0\n1\n2 10 3\n", "0\n2\n3 20\n2 10\n", "0\n2\n2 10\n2 20\n",
                          "0\n2\n2 10\n3 9\n", "0\n1\n2 99999999999999999999\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(Epochs::parse(bad));
  }
}
