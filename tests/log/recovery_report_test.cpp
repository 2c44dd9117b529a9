// RecoveryReport: what people are told of damage, and that it is told once.
#include "log/recovery_report.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::log;

TEST_CASE("RecoveryReport: one offset is one, several are told from the first to the last") {
  CHECK(offsets(Offset(3), Offset(3)) == "offset 3");
  CHECK(offsets(Offset(3), Offset(4)) == "offsets 3 to 4");
  CHECK(offsets(Offset(0), Offset(INT64_MAX)) == "offsets 0 to 9223372036854775807");
}

TEST_CASE("RecoveryReport: damage says where it lies and what cannot be read, or that nothing is lost") {
  Damage damage{"/d/t-0/5.log", 120, Offset(7), Offset(9), "not what was written"};
  CHECK(text(damage) ==
        "/d/t-0/5.log: not what was written at 120: offsets 7 to 8 cannot be read here; everything else can");
  damage.next = Offset(8);
  CHECK(text(damage) == "/d/t-0/5.log: not what was written at 120: offset 7 cannot be read here; everything else can");
  damage.position = 0;  // the file as a whole
  CHECK(text(damage) == "/d/t-0/5.log: not what was written: offset 7 cannot be read here; everything else can");
  damage.next = damage.first;
  CHECK(text(damage) == "/d/t-0/5.log: not what was written: this is passed over, and no record is lost");
}

TEST_CASE("RecoveryReport: the end of a damage is not told again, other damage is") {
  RecoveryReport report;
  report.note_damage("a.log", 100, Offset(5), Offset(20), "torn");
  report.note_damage("a.log", 180, Offset(5), Offset(20), "the same");
  report.note_damage("a.log", 180, Offset(19), Offset(20), "its end");
  report.note_damage("a.log", 180, Offset(7), Offset(9), "its middle");
  CHECK(report.damage.size() == 1);
  report.note_damage("a.log", 180, Offset(19), Offset(21), "one further");
  report.note_damage("a.log", 90, Offset(4), Offset(21), "one before");
  report.note_damage("b.log", 90, Offset(4), Offset(21), "another file");
  REQUIRE(report.damage.size() == 4);
  CHECK(report.damage[0].what == "torn");
  CHECK(report.damage[1].what == "one further");
  CHECK(report.damage[2].what == "one before");
  CHECK(report.damage[3].file == "b.log");
}
