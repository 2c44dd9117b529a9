// Groups: members that do anything at any time, and a journal that fails. A seed says all of it.
#include <map>

#include "group/some_group.h"

namespace bobbin::group {
namespace {

using test::some_join;
using test::SomeGroup;
using test::Told;

// One that knows what it was told last, as a client does.
struct Client {
  Caller caller{.member_id = ""};
  Join asked;
  std::vector<Told<Joined>> joins;
  std::vector<Told<Synced>> syncs;
  std::vector<Told<Errc>> beats;
  bool is_leader = false;

  bool waits() const { return !joins.empty() && joins.back().waits(); }
  void hear() {
    if (joins.empty() || joins.back().waits()) return;
    const Joined& told = joins.back().answer();
    if (told.error == Errc::none || told.error == Errc::member_id_required) caller.member_id = told.member_id;
    if (told.error == Errc::unknown_member_id || told.error == Errc::fenced_instance_id) caller.member_id = "";
    if (told.error != Errc::none) return;
    caller.generation = told.generation;
    is_leader = told.leader == told.member_id;
  }
};

class Walk {
 public:
  explicit Walk(uint64_t seed) : random_(seed), g({.size_max = 5}) {
    for (size_t i = 0; i < 6; i++) {
      Client client;
      client.asked = some_join();
      client.asked.is_near = i % 2 == 0;
      client.asked.needs_known_id = i % 3 != 0;
      client.asked.can_skip_assignment = i == 4;
      client.asked.session_timeout_ms = 6'000 + static_cast<int32_t>(i) * 3'000;
      if (i >= 4) client.asked.caller.instance_id = "i-" + std::to_string(i);
      client.caller.instance_id = client.asked.caller.instance_id;
      client.caller.lifeline = i % 2 == 0 ? i + 1 : 0;
      clients_.push_back(std::move(client));
    }
  }

  void step() {
    Client& client = clients_[random_.below(clients_.size())];
    switch (random_.below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return join(client);
      case 4:
      case 5:
      case 6:
        return sync(client);
      case 7:
      case 8:
        return beat(client, 0);
      case 9:
        return beat(client, 4'000);
      case 10:
        if (random_.below(3) == 0) (void)g.group.leave(client.caller);
        return;
      case 11:
        if (client.caller.lifeline != 0 && random_.below(3) == 0) g.group.end_lifeline(client.caller.lifeline);
        else g.group.wake(client.caller.lifeline);
        return;
      case 12:
        return turn_journal();
      case 13:
        (void)g.group.check_commit(client.caller);
        return;
      default:
        return g.pass(static_cast<int64_t>(random_.below(random_.below(8) == 0 ? 70'000 : 2'000)));
    }
  }
  void check_invariants() {
    for (Client& client : clients_) client.hear();
    const Standing& now = g.group.standing();
    REQUIRE(now.generation >= last_generation_);
    last_generation_ = now.generation;
    // Beside those that may join there are static members that are away.
    if (now.is<Completing>() || now.is<Stable>()) REQUIRE(now.members.size() <= 5 + 2);
    REQUIRE(now.is<Empty>() <= now.members.empty());
    if (!now.members.empty()) REQUIRE(now.members.find(now.members.leader()));
    for (const auto& [id, member] : now.members.all()) {
      REQUIRE(id == member.id);
      if (now.is<Stable>()) REQUIRE_FALSE(member.syncing);
      if (!now.is<Completing>()) REQUIRE_FALSE(member.syncing);
      if (now.is<Preparing>()) REQUIRE_FALSE(member.parked);
      if (now.is<Completing>()) REQUIRE_FALSE(member.joining);
      if (now.is<Stable>() && member.joining) REQUIRE(member.instance_id);
    }
    // A generation that members live in is in the journal.
    if (now.is<Stable>()) REQUIRE(read_group(*g.group.kept().promised())->generation == now.generation);
    if (!g.journal.log.empty()) REQUIRE(g.group.kept().written() == g.journal.log.back().value);
    check_told();
  }
  // All that anybody asked was answered, once.
  void end() {
    g.journal.promise_all();
    g.group.end(Errc::not_coordinator);
    for (const Client& client : clients_) {
      for (const auto& each : client.joins) REQUIRE(each.times() == 1);
      for (const auto& each : client.syncs) REQUIRE(each.times() == 1);
      for (const auto& each : client.beats) REQUIRE(each.times() == 1);
    }
  }
  // Everybody does as he is told; then the group comes to rest with all that it has room for.
  void settle() {
    g.journal.promise_all();
    g.journal.holds = false;
    g.journal.refuses.reset();
    for (int rounds = 0; rounds < 200; rounds++) {
      for (Client& client : clients_) {
        client.hear();
        if (g.beat(client.caller) == Errc::none) sync(client);
        else if (!client.waits()) join(client);
      }
      g.pass(500);
    }
    for (Client& client : clients_) client.hear();
    REQUIRE(g.state() == "Stable");
    REQUIRE(g.group.standing().members.size() == 5);
    for (const auto& [id, member] : g.group.standing().members.all()) REQUIRE(member.assignment == share_of(id));
  }
  std::set<std::string> states_seen;

 private:
  static std::string share_of(const std::string& id) { return "share of " + id; }

  void join(Client& client) {
    client.hear();
    Join asked = client.asked;
    asked.caller = client.caller;
    if (random_.below(20) == 0) asked.protocols = {{"sticky", ""}, {"range", "topics"}};
    client.joins.push_back(g.join(asked));
    client.hear();
    // Static members have no use for a second life of the same process.
    if (client.asked.caller.instance_id && random_.below(8) == 0) client.caller.member_id = "";
  }
  void sync(Client& client) {
    client.hear();
    std::vector<std::pair<std::string, std::string>> shares;
    if (client.is_leader)
      for (const auto& [id, member] : g.group.standing().members.all()) shares.emplace_back(id, share_of(id));
    Told<Synced> told;
    g.group.sync({client.caller, "consumer", std::nullopt, std::move(shares)}, told.callback());
    client.syncs.push_back(std::move(told));
  }
  void beat(Client& client, int32_t park_ms) {
    client.hear();
    client.beats.push_back(g.heartbeat(client.caller, park_ms));
  }
  void turn_journal() {
    switch (random_.below(6)) {
      case 0:
        g.journal.holds = true;
        return;
      case 1:
        if (random_.below(3) == 0) return g.journal.lose_all();
        [[fallthrough]];
      case 2:
      case 3:
        g.journal.promise_all();
        g.journal.holds = false;
        g.journal.refuses.reset();
        return;
      case 4:
        g.journal.refuses = Errc::not_enough_replicas;
        return;
      default:
        if (g.journal.held() > 0) g.journal.promise();
        return;
    }
  }
  void check_told() {
    states_seen.insert(g.state());
    std::map<std::string, int32_t> generations;
    for (const Client& client : clients_) {
      for (const auto& each : client.joins) {
        REQUIRE(each.times() <= 1);
        if (each.waits() || each.answer().error != Errc::none) continue;
        int32_t& generation = generations[each.answer().member_id];
        generation = std::max(generation, each.answer().generation);
      }
      for (const auto& each : client.syncs) REQUIRE(each.times() <= 1);
      for (const auto& each : client.beats) REQUIRE(each.times() <= 1);
    }
    const Standing& now = g.group.standing();
    if (!now.is<Stable>()) return;
    for (const auto& [id, member] : now.members.all())
      if (!member.instance_id) REQUIRE(generations[id] == now.generation);
  }

  test::SeededRandom random_;
  SomeGroup g;
  std::vector<Client> clients_;
  int32_t last_generation_ = 0;
};

TEST_CASE("Groups: whatever members and their journal do, everybody is answered once") {
  std::set<std::string> seen;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    CAPTURE(seed);
    Walk walk(seed);
    for (int steps = 0; steps < 400; steps++) {
      walk.step();
      walk.check_invariants();
    }
    walk.end();
    seen.insert(walk.states_seen.begin(), walk.states_seen.end());
  }
  CHECK(seen == std::set<std::string>{"CompletingRebalance", "Empty", "PreparingRebalance", "Stable"});
}

TEST_CASE("Groups: whatever was before, a group comes to rest when its members do as they are told") {
  for (uint64_t seed = 1; seed <= 30; seed++) {
    CAPTURE(seed);
    Walk walk(seed);
    for (int steps = 0; steps < 200; steps++) walk.step();
    walk.settle();
  }
}

}  // namespace
}  // namespace bobbin::group
