#include "client/consumer/leader_wait.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace bobbin::client;

TEST_CASE("LeaderWait: it lasts from when records are first wanted until they come") {
  LeaderWait wait;
  CHECK_FALSE(wait.lasts(0, 5000));
  CHECK(wait.due_ms(100, 1000) == INT64_MAX);
  wait.begin(1000);
  wait.begin(1050);  // nothing new
  CHECK_FALSE(wait.lasts(20, 1019));
  CHECK(wait.lasts(20, 1020));
  CHECK_FALSE(wait.is_too_long(100, 1100));
  CHECK(wait.is_too_long(100, 1101));
  CHECK(wait.due_ms(100, 1050) == 1101);
  wait.end();
  CHECK_FALSE(wait.is_too_long(100, 9000));
}

TEST_CASE("LeaderWait: while there was something to hand over nobody was patient") {
  LeaderWait wait;
  wait.begin(1000);
  wait.fed(5000);
  CHECK_FALSE(wait.is_too_long(100, 5100));
  CHECK(wait.is_too_long(100, 5101));
  CHECK(wait.lasts(20, 1020));  // what is done about the leader does not wait for that
}

TEST_CASE("LeaderWait: who owes is waited for and asked again later, who refuses owes nothing") {
  LeaderWait wait;
  CHECK(wait.may_ask(0));
  wait.begin(1000);
  wait.owe(1020);
  CHECK(wait.is_owed());
  CHECK_FALSE(wait.may_ask(1019));
  CHECK(wait.may_ask(1020));
  CHECK(wait.due_ms(100, 1010) == 1020);
  CHECK(wait.due_ms(100, 1020) == 1101);
  wait.owe(1010);  // a later moment stays
  CHECK_FALSE(wait.may_ask(1019));
  wait.refused(1014);
  CHECK_FALSE(wait.is_owed());
  CHECK(wait.may_ask(1015));
  CHECK(wait.is_too_long(100, 1200));
  wait.owe(0);
  wait.end();
  CHECK_FALSE(wait.is_owed());
}

TEST_CASE("LeaderWait: asked in vain it asks again at once, and with longer pauses the longer it fails") {
  LeaderWait wait;
  std::vector<int64_t> asked;
  for (int64_t now = 1000; now < 1200; now++) {
    if (!wait.may_ask(now)) continue;
    asked.push_back(now);
    wait.failed(now);
  }
  CHECK(asked.at(1) == 1001);
  CHECK(asked.at(4) == 1004);
  CHECK(asked.back() - asked.at(asked.size() - 2) == retry_pause_ms);
  wait.end();
  wait.failed(2000);
  CHECK(wait.may_ask(2001));
}
