#include <catch2/catch.hpp>

#include "transport/connection_quota.h"

using namespace bobbin::transport;

namespace {

// Lets one in over TCP, as a listener does.
bool comes(ConnectionQuota& quota, const std::string& ip, int64_t now_ms = 0) {
  return quota.tcp_may_come(now_ms) && quota.take_tcp(ip);
}

}  // namespace

TEST_CASE("ConnectionQuota: some of the places are for local clients alone") {
  ConnectionQuota quota(8, 2);
  for (int i = 0; i < 6; i++) CHECK(comes(quota, "a"));
  CHECK_FALSE(quota.tcp_may_come(0));
  CHECK(quota.take_unix());
  CHECK(quota.take_unix());
  CHECK_FALSE(quota.take_unix());  // all eight are taken
  quota.give_back_unix();
  CHECK_FALSE(quota.tcp_may_come(0));  // that one was no place for TCP
  CHECK(quota.take_unix());
  quota.give_back_tcp("a");
  CHECK(quota.tcp() == 5);
  CHECK(comes(quota, "a"));
}

TEST_CASE("ConnectionQuota: local clients take places of TCP, but not the other way round") {
  ConnectionQuota quota(4, 1);
  for (int i = 0; i < 3; i++) CHECK(quota.take_unix());
  CHECK(comes(quota, "a"));
  CHECK_FALSE(quota.tcp_may_come(0));
  ConnectionQuota few(1, 4);  // fewer descriptors than are kept for local clients
  CHECK_FALSE(few.tcp_may_come(0));
  CHECK(few.take_unix());
}

TEST_CASE("ConnectionQuota: max.connections counts all, and keeps out only those over TCP") {
  ConnectionQuota quota(100, 0);
  quota.set({.all_max = 3});
  CHECK(quota.take_unix());
  CHECK(comes(quota, "a"));
  CHECK(comes(quota, "b"));
  CHECK_FALSE(quota.tcp_may_come(0));
  CHECK_FALSE(quota.ask_again_ms());  // when one goes, no sooner
  CHECK(quota.take_unix());
  quota.give_back_tcp("a");
  CHECK_FALSE(quota.tcp_may_come(0));  // three are there
  quota.give_back_unix();
  CHECK(comes(quota, "a"));
  quota.set({.all_max = 4});
  CHECK(quota.tcp_may_come(0));
}

TEST_CASE("ConnectionQuota: max.connections.per.ip is each address's own") {
  ConnectionQuota quota(100, 0);
  quota.set({.per_ip_max = 2});
  CHECK(comes(quota, "a"));
  CHECK(comes(quota, "a"));
  CHECK_FALSE(comes(quota, "a"));
  CHECK(comes(quota, "b"));
  CHECK(quota.tcp() == 3);
  quota.give_back_tcp("a");
  CHECK(comes(quota, "a"));
  CHECK_FALSE(comes(quota, "a"));
  quota.set({.per_ip_max = 0});
  CHECK_FALSE(comes(quota, "c"));
  CHECK(quota.take_unix());
  // Those that are there stay; as many must go as are too many before another one comes.
  quota.set({.per_ip_max = 1});
  quota.give_back_tcp("a");
  CHECK_FALSE(comes(quota, "a"));
  quota.give_back_tcp("a");
  CHECK(comes(quota, "a"));
}

TEST_CASE("ConnectionQuota: max.connection.creation.rate counts also those that are closed at once") {
  ConnectionQuota quota(100, 0);
  quota.set({.per_ip_max = 1, .a_second_max = 3});
  CHECK(comes(quota, "a", 5000));
  CHECK_FALSE(comes(quota, "a", 5100));
  CHECK(comes(quota, "b", 5200));
  CHECK_FALSE(quota.tcp_may_come(5999));
  CHECK(quota.ask_again_ms() == 6000);
  CHECK(quota.take_unix());  // no matter to them
  quota.give_back_tcp("b");
  CHECK_FALSE(quota.tcp_may_come(5999));
  CHECK(comes(quota, "b", 6000));
  CHECK_FALSE(quota.ask_again_ms());
  CHECK(comes(quota, "c", 9000));
  CHECK(comes(quota, "d", 9999));
  CHECK(comes(quota, "e", 9999));
  CHECK_FALSE(quota.tcp_may_come(9999));
  CHECK(quota.ask_again_ms() == 10000);
}
