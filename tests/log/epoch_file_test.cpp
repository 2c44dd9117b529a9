// The file of leader epochs: what it does not know yet holds the recovery point back.
#include "log/epoch_file.h"

#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

Epochs epochs_of(std::initializer_list<EpochStart> entries) {
  Epochs out;
  for (const EpochStart& e : entries) out.assign(e.epoch, e.start);
  return out;
}

const Epochs one_epoch = epochs_of({{LeaderEpoch(0), Offset(0)}});

}  // namespace

TEST_CASE("EpochFile: an epoch that the file does not know holds the recovery point back until it is written") {
  EpochFile file(one_epoch, true, Offset(0));
  CHECK(file.known_below(Offset(10)) == Offset(10));
  file.assign(LeaderEpoch(0), Offset(10));  // nothing new
  CHECK(file.known_below(Offset(20)) == Offset(20));
  file.assign(LeaderEpoch(1), Offset(20));
  CHECK(file.known_below(Offset(30)) == Offset(20));
  CHECK(file.known_below(Offset(15)) == Offset(15));
  CHECK_FALSE(file.is_due());
  CHECK_FALSE(file.begin());  // not asked for
  file.write_next();
  CHECK(file.is_due());
  CHECK(file.begin() == "0\n2\n0 0\n1 20\n");
  CHECK(file.known_below(Offset(30)) == Offset(20));  // it may still fail
  file.done(true);
  CHECK(file.known_below(Offset(30)) == Offset(30));
  file.write_next();
  CHECK_FALSE(file.begin());
}

TEST_CASE("EpochFile: what could not be written is due again") {
  EpochFile file(one_epoch, true, Offset(0));
  file.assign(LeaderEpoch(1), Offset(20));
  file.write_next();
  REQUIRE(file.begin());
  file.done(false);
  CHECK(file.is_due());
  CHECK(file.known_below(Offset(30)) == Offset(20));
  REQUIRE(file.begin());
  file.done(true);
  CHECK(file.known_below(Offset(30)) == Offset(30));
}

TEST_CASE("EpochFile: a change while it is written is not in it") {
  EpochFile file(one_epoch, true, Offset(0));
  file.assign(LeaderEpoch(1), Offset(20));
  file.write_next();
  REQUIRE(file.begin());
  file.assign(LeaderEpoch(2), Offset(40));
  file.done(true);
  CHECK(file.known_below(Offset(50)) <= Offset(40));
  file.write_next();
  CHECK(file.begin() == "0\n3\n0 0\n1 20\n2 40\n");
}

TEST_CASE("EpochFile: a cut counts from the new end on, a new start takes nothing of what is known") {
  EpochFile file(epochs_of({{LeaderEpoch(0), Offset(0)}, {LeaderEpoch(1), Offset(20)}}), true, Offset(0));
  SECTION("cut") {
    file.cut(Offset(15));
    CHECK(file.epochs() == one_epoch);
    CHECK(file.known_below(Offset(30)) == Offset(15));
  }
  SECTION("start") {
    file.begin_at(Offset(25), Offset(30));
    CHECK(file.epochs() == epochs_of({{LeaderEpoch(1), Offset(25)}}));
    CHECK(file.known_below(Offset(30)) == Offset(30));
    CHECK(file.known_below(Offset(35)) == Offset(30));
  }
}
