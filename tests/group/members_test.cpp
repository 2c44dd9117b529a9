#include "group/members.h"

#include <catch2/catch.hpp>

namespace bobbin::group {
namespace {

Member member_of(const std::string& id, std::vector<std::string> protocols, std::optional<std::string> instance = {}) {
  Member member;
  member.id = id;
  member.instance_id = std::move(instance);
  for (const std::string& name : protocols) member.protocols.push_back({name, "topics of " + id});
  return member;
}

Members members_of(std::initializer_list<Member> all) {
  Members members;
  for (const Member& each : all) members.add(each);
  return members;
}

TEST_CASE("Members: the first one leads, and when it goes the next one by id") {
  Members members = members_of({member_of("b", {"range"}), member_of("c", {"range"}), member_of("a", {"range"})});
  CHECK(members.leader() == "b");
  members.remove("c");
  CHECK(members.leader() == "b");
  members.remove("b");
  CHECK(members.leader() == "a");
  CHECK(members.is_leader("a"));
  members.remove("a");
  CHECK(members.empty());
  CHECK(members.leader().empty());
  CHECK_FALSE(members.is_leader(""));
}

TEST_CASE("Members: a leader that did not join again gives way to one that did") {
  Members members = members_of({member_of("a", {"range"}), member_of("b", {"range"}), member_of("c", {"range"})});
  CHECK_FALSE(members.lead_by_joined());
  CHECK(members.leader() == "a");
  members.find("c")->joining = [](Joined) {};
  CHECK(members.joining() == 1);
  CHECK(members.lead_by_joined());
  CHECK(members.leader() == "c");
  members.find("b")->joining = [](Joined) {};
  CHECK(members.lead_by_joined());
  CHECK(members.leader() == "c");
}

TEST_CASE("Members: a static member is found by its instance, and one that takes its place keeps what it had") {
  Members members = members_of({member_of("a", {"range"}, "i-1"), member_of("b", {"range"})});
  members.find("a")->assignment = "share";
  CHECK(members.find_static("i-1")->id == "a");
  CHECK(members.find_static("i-2") == nullptr);

  CHECK(members.replace("a", "z").id == "z");
  CHECK(members.find("a") == nullptr);
  CHECK(members.find_static("i-1")->id == "z");
  CHECK(members.find("z")->assignment == "share");
  CHECK(members.leader() == "z");
  CHECK(members.size() == 2);

  members.remove("z");
  CHECK(members.find_static("i-1") == nullptr);
}

TEST_CASE("Members: who comes must know one of the protocols that all know") {
  const Members none;
  CHECK(none.share_one_of({{"anything", ""}}));
  const Members members = members_of({member_of("a", {"range", "sticky"}), member_of("b", {"sticky", "roundrobin"})});
  CHECK(members.share_one_of({{"roundrobin", ""}, {"sticky", ""}}));
  CHECK_FALSE(members.share_one_of({{"range", ""}, {"roundrobin", ""}}));
  CHECK_FALSE(members.share_one_of({}));
}

TEST_CASE("Members: most votes win, each for the first that it names of those that all know") {
  // Two name "sticky" first; "cooperative" is nobody's choice, as one does not know it.
  CHECK(members_of({member_of("a", {"range", "sticky"}), member_of("b", {"cooperative", "sticky", "range"}),
                    member_of("c", {"sticky", "range"})})
            .chosen_protocol() == "sticky");
  CHECK(members_of({member_of("a", {"range", "sticky"}), member_of("b", {"range", "sticky"}),
                    member_of("c", {"sticky", "range"})})
            .chosen_protocol() == "range");
}

TEST_CASE("Members: of equally many votes, the leader's order decides") {
  CHECK(members_of({member_of("a", {"sticky", "range"}), member_of("b", {"range", "sticky"})}).chosen_protocol() ==
        "sticky");
  CHECK(members_of({member_of("b", {"range", "sticky"}), member_of("a", {"sticky", "range"})}).chosen_protocol() ==
        "range");
}

TEST_CASE("Members: a protocol that one member names twice counts once") {
  const Members members = members_of({member_of("a", {"range", "range", "sticky"}), member_of("b", {"sticky"})});
  CHECK(members.chosen_protocol() == "sticky");
  CHECK_FALSE(members.share_one_of({{"range", ""}}));
}

TEST_CASE("Members: the longest rebalance time-out is that of all") {
  Members members;
  CHECK(members.rebalance_timeout_ms() == 1);
  members.add(member_of("a", {"range"})).rebalance_timeout_ms = 5'000;
  members.add(member_of("b", {"range"})).rebalance_timeout_ms = 60'000;
  CHECK(members.rebalance_timeout_ms() == 60'000);
  members.remove("b");
  CHECK(members.rebalance_timeout_ms() == 5'000);
}

TEST_CASE("Members: what they hold is counted") {
  Members members;
  CHECK(members.bytes() == 0);
  Member& member = members.add(member_of("abc", {"range"}));
  const size_t before = members.bytes();
  member.assignment = "12345";
  CHECK(members.bytes() == before + 5);
  members.remove("abc");
  CHECK(members.bytes() == 0);
}

}  // namespace
}  // namespace bobbin::group
