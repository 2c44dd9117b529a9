// A shard over a world in memory and a journal in memory, and who asks it.
#pragma once

#include <algorithm>
#include <map>

#include "assignor/subscription.h"
#include "group/shard.h"
#include "group/some_group.h"

namespace bobbin::test {

struct SomeShard {
  SomeShard() = default;
  // What this journal says, read again.
  explicit SomeShard(const std::vector<group::JournalRecord>& log) {
    for (const group::JournalRecord& record : log) {
      std::optional<Bytes> value;
      if (record.value) value = Bytes(*record.value);
      REQUIRE(shard.replay(record.key, value).ok());
    }
    shard.begin();
  }

  Told<Errc> commit(const std::string& id, const group::TopicAndPartition& at, int64_t offset,
                    group::Caller caller = {.member_id = ""}) {
    Told<Errc> told;
    group::StoredOffset stored;
    stored.offset = Offset(offset);
    stored.commit_timestamp = world.clock.wall();
    shard.commit(id, caller, {{at, stored}}, told.callback());
    return told;
  }
  // -1: none.
  int64_t offset_of(const std::string& id, const group::TopicAndPartition& at) const {
    const group::Offsets* offsets = shard.offsets_of(id);
    const group::StoredOffset* stored = offsets ? offsets->find(at) : nullptr;
    return stored ? stored->offset.value : -1;
  }
  Told<Errc> remove(const std::string& id) {
    Told<Errc> told;
    shard.remove(id, told.callback());
    return told;
  }
  Told<Errc> remove_offsets(const std::string& id, std::vector<group::TopicAndPartition> which) {
    Told<Errc> told;
    shard.remove_offsets(id, std::move(which), told.callback());
    return told;
  }
  Told<group::Joined> join(const std::string& id, const group::Join& asked) {
    Told<group::Joined> told;
    shard.join(id, asked, told.callback());
    return told;
  }
  // A stable group of one, near, which reads these topics.
  group::Caller begin_stable(const std::string& id, std::vector<std::string> topics = {"orders"}) {
    group::Join asked = some_join();
    assignor::Subscription subscription;
    subscription.topics = std::move(topics);
    asked.protocols = {{"range", assignor::encode(subscription)}};
    const group::Joined told = join(id, asked).answer();
    const group::Caller caller{.member_id = told.member_id, .generation = told.generation};
    Told<group::Synced> synced;
    shard.sync(id, {caller, {}, {}, {{caller.member_id, "share"}}}, synced.callback());
    REQUIRE(shard.find(id)->standing().is<group::Stable>());
    return caller;
  }
  void leave(const std::string& id, const group::Caller& caller) {
    REQUIRE(shard.leave(id, caller) == Errc::none);
    REQUIRE(shard.find(id)->standing().is<group::Empty>());
  }
  void pass(int64_t ms) {
    const int64_t until = world.clock.mono + ms;
    for (auto due = shard.next_deadline_ms(); due && *due <= until; due = shard.next_deadline_ms()) {
      world.clock.pass(std::max<int64_t>(*due - world.clock.mono, 0));
      shard.run(world.clock.mono);
      REQUIRE((!shard.next_deadline_ms() || *shard.next_deadline_ms() > world.clock.mono));
    }
    world.clock.pass(until - world.clock.mono);
  }
  std::vector<group::JournalRecord> live(size_t a_piece = 2) const {
    std::vector<group::JournalRecord> all;
    std::string after;
    for (;;) {
      auto some = shard.live_records(after, a_piece);
      if (some.empty()) return all;
      all.insert(all.end(), some.begin(), some.end());
    }
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const group::Group* each : shard.groups()) all.push_back(each->id());
    return all;
  }

  MemoryWorld world;
  MemoryJournal journal;
  group::GroupLimits limits;
  group::Room room;
  group::Shard shard{world.world, journal, limits, room};
};

// What is true after these records: the last of each key.
inline std::map<std::string, std::string> last_of(const std::vector<group::JournalRecord>& log) {
  std::map<std::string, std::string> last;
  for (const group::JournalRecord& record : log) {
    if (record.value) last[record.key] = *record.value;
    else last.erase(record.key);
  }
  return last;
}

// Whoever reads the journal, or what would be rewritten of it, knows what this one knows.
inline void check_replay(const SomeShard& before) {
  const auto truth = last_of(before.journal.log);
  CHECK(last_of(before.live()) == truth);
  CHECK(before.live().size() == truth.size());
  for (const auto& log : {before.journal.log, before.live()}) {
    const SomeShard after(log);
    CHECK(last_of(after.live()) == truth);
  }
}

}  // namespace bobbin::test
