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
  CHECK(file.begin()->text == "0\n2\n0 0\n1 20\n");
  CHECK(file.known_below(Offset(30)) == Offset(20));  // it may still fail
  file.done(EpochFile::Outcome::written);
  CHECK(file.known_below(Offset(30)) == Offset(30));
  file.write_next();
  CHECK_FALSE(file.begin());
}

TEST_CASE("EpochFile: what could not be written is due again") {
  EpochFile file(one_epoch, true, Offset(0));
  file.assign(LeaderEpoch(1), Offset(20));
  file.write_next();
  REQUIRE(file.begin());
  file.done(EpochFile::Outcome::not_written);
  CHECK(file.is_due());
  CHECK(file.known_below(Offset(30)) == Offset(20));
  REQUIRE(file.begin());
  file.done(EpochFile::Outcome::written);
  CHECK(file.known_below(Offset(30)) == Offset(30));
}

TEST_CASE("EpochFile: a change while it is written is not in it") {
  EpochFile file(one_epoch, true, Offset(0));
  file.assign(LeaderEpoch(1), Offset(20));
  file.write_next();
  REQUIRE(file.begin());
  file.assign(LeaderEpoch(2), Offset(40));
  file.done(EpochFile::Outcome::written);
  CHECK(file.known_below(Offset(50)) <= Offset(40));
  file.write_next();
  CHECK(file.begin()->text == "0\n3\n0 0\n1 20\n2 40\n");
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

TEST_CASE(
    "EpochFile: a start that moved is told when it is written, or when there is no file that tells of the old one") {
  EpochFile file(one_epoch, true, Offset(0));
  CHECK(file.tells_start());
  file.begin_at(Offset(0), Offset(30));  // where it is
  CHECK(file.tells_start());
  file.begin_at(Offset(10), Offset(30));
  CHECK_FALSE(file.tells_start());
  file.write_next();
  auto to_write = file.begin();
  REQUIRE(to_write);
  CHECK(to_write->text == "0\n1\n0 10\n");
  CHECK(to_write->moves_start);
  CHECK_FALSE(file.tells_start());
  SECTION("written") {
    file.done(EpochFile::Outcome::written);
    CHECK(file.tells_start());
    CHECK_FALSE(file.is_due());
  }
  SECTION("removed: and written as soon as there is room") {
    file.done(EpochFile::Outcome::removed);
    CHECK(file.tells_start());
    CHECK(file.is_due());
    CHECK_FALSE(file.begin()->moves_start);
  }
  SECTION("neither") {
    file.done(EpochFile::Outcome::not_written);
    CHECK_FALSE(file.tells_start());
    CHECK(file.begin()->moves_start);
  }
  SECTION("moved on meanwhile") {
    file.begin_at(Offset(20), Offset(30));
    file.done(EpochFile::Outcome::written);
    CHECK_FALSE(file.tells_start());
    file.write_next();
    CHECK(file.begin()->text == "0\n1\n0 20\n");
  }
}

TEST_CASE("EpochFile: what a start made of the epochs is not told by the file that it found") {
  EpochFile file(one_epoch, false, Offset(0));
  CHECK_FALSE(file.tells_start());
  file.written();
  CHECK(file.tells_start());
  CHECK_FALSE(file.is_changed());
  CHECK(file.known_below(Offset(30)) == Offset(30));
}
