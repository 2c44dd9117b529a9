// A group over a world in memory and a journal in memory, and who asks it.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "group/group.h"
#include "log/memory_world.h"

namespace bobbin::test {

// A journal in memory, which may keep its writers waiting, refuse what they write, or lose it.
class MemoryJournal : public group::Journal {
 public:
  void write(std::vector<group::JournalRecord> records, Done done) override {
    if (refuses) return done(error(*refuses, "refused"));
    writes++;
    const size_t at = log.size();
    log.insert(log.end(), records.begin(), records.end());
    if (!holds) return done({});
    held_.push_back({at, std::move(done)});
  }
  size_t held() const { return held_.size(); }
  // The first of those that wait.
  void promise() {
    Held first = std::move(held_.front());
    held_.pop_front();
    first.done({});
  }
  void promise_all() {
    while (!held_.empty()) promise();
  }
  // All that wait, and what they wrote is not there.
  void lose_all(Errc why = Errc::not_leader_or_follower) {
    if (!held_.empty()) log.resize(held_.front().log_size_before);
    for (Held& each : std::exchange(held_, {})) each.done(error(why, "lost"));
  }

  std::vector<group::JournalRecord> log;
  int writes = 0;
  bool holds = false;
  std::optional<Errc> refuses;

 private:
  struct Held {
    size_t log_size_before;
    Done done;
  };
  std::deque<Held> held_;
};

// What somebody who asked was told.
template <class T>
class Told {
 public:
  std::function<void(T)> callback() const {
    return [kept = kept_](T what) { kept->push_back(std::move(what)); };
  }
  bool waits() const { return kept_->empty(); }
  size_t times() const { return kept_->size(); }
  const T& answer() const {
    REQUIRE(kept_->size() == 1);
    return kept_->front();
  }

 private:
  std::shared_ptr<std::vector<T>> kept_ = std::make_shared<std::vector<T>>();
};

inline group::Join some_join(std::string member_id = "") {
  group::Join join;
  join.caller.member_id = std::move(member_id);
  join.client_id = "app";
  join.client_host = "/127.0.0.1";
  join.is_near = true;
  join.session_timeout_ms = 10'000;
  join.rebalance_timeout_ms = 60'000;
  join.protocol_type = "consumer";
  join.protocols = {{"range", "topics"}};
  return join;
}

inline group::Join static_join(std::string instance_id) {
  group::Join join = some_join();
  join.caller.instance_id = std::move(instance_id);
  join.can_skip_assignment = true;
  return join;
}

class SomeGroup {
 public:
  explicit SomeGroup(group::GroupLimits with = {}) : limits(with) {}

  Told<group::Joined> join(const group::Join& asked) {
    Told<group::Joined> told;
    group.join(asked, told.callback());
    return told;
  }
  Told<group::Synced> sync(const group::Caller& caller,
                           std::vector<std::pair<std::string, std::string>> assignments = {}) {
    Told<group::Synced> told;
    group.sync({caller, "consumer", "range", std::move(assignments)}, told.callback());
    return told;
  }
  Told<Errc> heartbeat(const group::Caller& caller, int32_t park_ms = 0) {
    Told<Errc> told;
    group.heartbeat(caller, park_ms, told.callback());
    return told;
  }
  Errc beat(const group::Caller& caller) { return heartbeat(caller).answer(); }

  // Who is in the generation that there is.
  group::Caller caller(const std::string& member_id) const {
    return {.member_id = member_id, .generation = group.standing().generation};
  }
  // The first generation of so many members, the leader first. Nobody knows his share yet.
  std::vector<std::string> begin_completing(size_t count) { return begin_completing(count, some_join()); }
  std::vector<std::string> begin_completing(size_t count, group::Join asked) {
    asked.is_near = false;
    std::vector<Told<group::Joined>> told;
    for (size_t i = 0; i < count; i++) told.push_back(join(asked));
    pass(limits.initial_rebalance_delay_ms);
    std::vector<std::string> ids;
    for (const auto& each : told) ids.push_back(each.answer().member_id);
    return ids;
  }
  std::vector<std::string> begin_stable(size_t count) { return begin_stable(count, some_join()); }
  std::vector<std::string> begin_stable(size_t count, const group::Join& asked) {
    std::vector<std::string> ids = begin_completing(count, asked);
    sync_all(ids);
    return ids;
  }
  // The leader gives each "share of <id>".
  void sync_all(const std::vector<std::string>& ids) {
    std::vector<std::pair<std::string, std::string>> shares;
    for (const std::string& id : ids) shares.emplace_back(id, "share of " + id);
    for (const std::string& id : ids) sync(caller(id), shares);
    REQUIRE(state() == "Stable");
  }

  std::string state() const { return std::string(name_of(group.standing().state)); }
  int32_t generation() const { return group.standing().generation; }
  bool has(const std::string& id) const { return group.standing().members.find(id) != nullptr; }

  // Time passes as it does for a coordinator, which runs the group when that wanted it.
  void pass(int64_t ms) {
    const int64_t until = world.clock.mono + ms;
    while (!wakes.empty() && *wakes.begin() <= until) {
      world.clock.pass(std::max<int64_t>(*wakes.begin() - world.clock.mono, 0));
      run();
    }
    world.clock.pass(until - world.clock.mono);
  }
  void run() {
    const int64_t now = world.clock.mono;
    wakes.erase(wakes.begin(), wakes.upper_bound(now));
    group.run(now);
    REQUIRE((wakes.empty() || *wakes.begin() > now));  // else it would run for ever
  }

  MemoryWorld world;
  MemoryJournal journal;
  group::GroupLimits limits;
  std::set<int64_t> wakes;
  group::Room room;
  group::GroupContext context{world.world, journal, limits, room,
                              [this](const std::string&, int64_t at) { wakes.insert(at); }};
  group::Group group{"g", context};
};

}  // namespace bobbin::test
