// Shard: the groups whose state lies in one partition of __consumer_offsets, for the broker that leads it.
//
//   replay() of each record, begin() ──> requests ──> end(): somebody else leads
//
// Used by the deciding thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "group/group.h"
#include "group/offsets.h"

namespace bobbin::group {

// The topics that its members read, as far as they say so: none of an empty group. Nothing: it cannot be told.
std::optional<std::set<std::string>> subscribed_topics(const Group& group);

struct Commit {
  TopicAndPartition at;
  StoredOffset value;
};

class Shard {
 public:
  // All must outlive it.
  Shard(os::World& world, Journal& journal, const GroupLimits& limits, Room& room)
      : context_{world, journal, limits, room, [this](const std::string& id, int64_t at) { wake_at(id, at); }} {}
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // A record of the partition, in their order; a tombstone has no value. Errc::damaged: it is none that we know how to read.
  // Kinds of keys that are not ours are passed over.
  Status replay(Bytes key, std::optional<Bytes> value);
  void begin();

  // nullptr: there is none.
  Group* find(const std::string& id);
  // By request: one that is not there begins, and goes again if nothing comes of it.
  void join(const std::string& id, const Join& asked, JoinDone done);
  void sync(const std::string& id, const Sync& asked, SyncDone done);
  void heartbeat(const std::string& id, const Caller& caller, int32_t park_ms, HeartbeatDone done);
  Errc leave(const std::string& id, const Caller& caller);
  const Offsets* offsets_of(const std::string& id) const;
  // Told for all together. Who may not commit is told why before anything is written; invalid_commit_offset_size: there is no
  // room for more of them.
  void commit(const std::string& id, const Caller& caller, std::vector<Commit> commits, std::function<void(Errc)> done);
  // Kafka's DeleteGroups: group_id_not_found, non_empty_group.
  void remove(const std::string& id, std::function<void(Errc)> done);
  void remove_offsets(const std::string& id, std::vector<TopicAndPartition> which, std::function<void(Errc)> done);

  void end_lifeline(uint64_t lifeline);
  void wake(uint64_t lifeline);
  // Positions whose time is over, and groups that have neither members nor positions any more.
  void expire(int64_t retention_ms);
  // Topics that were deleted.
  void forget_topics(const std::function<bool(const std::string&)>& is_gone);
  void run(int64_t now_ms);
  std::optional<int64_t> next_deadline_ms() const;
  void end(Errc why);

  std::vector<const Group*> groups() const;
  // The records that say all that is true of the groups behind `after`, of some of them; `after` goes on. Empty: there are no
  // more.
  std::vector<JournalRecord> live_records(std::string& after, size_t records_max) const;

 private:
  struct Entry {
    Entry(const std::string& id, GroupContext& context) : group(id, context) {}
    Group group;
    Offsets offsets;
    int writes = 0;      // of positions, under way
    size_t counted = 0;  // what it takes of the room
    size_t bytes() const { return sizeof(Entry) + group.bytes() + offsets.bytes(); }
    bool is_idle() const { return group.is_idle() && writes == 0; }
  };
  Entry& entry_of(const std::string& id);
  size_t growth(const std::string& id, const std::vector<Commit>& commits) const;
  void count(Entry& entry, size_t bytes);
  void drop_if_nothing(const std::string& id);
  // It may hold more or less than before, or nothing.
  void look_at(const std::string& id);
  void write_offsets(Entry& entry, std::vector<std::pair<TopicAndPartition, Offsets::Value>> changes,
                     std::vector<JournalRecord> more, std::function<void(Errc)> done);
  void wake_at(const std::string& id, int64_t at);
  void note_lifeline(const Caller& caller, const std::string& id) {
    if (caller.lifeline != 0) lifelines_[caller.lifeline].insert(id);
  }

  GroupContext context_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  std::map<std::string, int64_t> wakes_;  // when each wants to run, at the earliest
  std::set<std::pair<int64_t, std::string>> wake_order_;
  std::map<uint64_t, std::set<std::string>> lifelines_;  // in which groups their members are, or were
};

}  // namespace bobbin::group
