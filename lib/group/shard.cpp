#include "group/shard.h"

#include <algorithm>

#include "assignor/subscription.h"

namespace bobbin::group {

std::optional<std::set<std::string>> subscribed_topics(const Group& group) {
  std::set<std::string> topics;
  if (group.standing().is<Empty>()) return topics;
  if (group.standing().protocol_type != "consumer" || !group.standing().protocol) return std::nullopt;
  for (const auto& [id, member] : group.standing().members.all()) {
    const std::string* metadata = member.metadata_for(*group.standing().protocol);
    auto subscription = assignor::decode_subscription(metadata ? *metadata : "");
    if (!subscription) return std::nullopt;
    topics.insert(subscription->topics.begin(), subscription->topics.end());
  }
  return topics;
}

Shard::~Shard() {
  for (auto& [id, entry] : entries_) count(*entry, 0);
}

// --- what the log says ---

Shard::Entry& Shard::entry_of(const std::string& id) {
  auto& entry = entries_[id];
  if (!entry) entry = std::make_shared<Entry>(id, context_);
  return *entry;
}

Status Shard::replay(Bytes key, std::optional<Bytes> value) {
  BOBBIN_TRY_ASSIGN(read, read_key(key));
  if (const auto* of = std::get_if<OffsetKey>(&read)) {
    Offsets::Value stored;
    if (value) {
      BOBBIN_TRY_ASSIGN(known, read_offset(*value));
      stored = std::move(known);
    }
    entry_of(of->group).offsets.restore({of->topic, of->partition}, std::move(stored));
  } else if (const auto* group = std::get_if<GroupKey>(&read)) {
    std::optional<StoredGroup> stored;
    if (value) {
      BOBBIN_TRY_ASSIGN(known, read_group(*value));
      stored = std::move(known);
    }
    entry_of(group->group).group.restore(stored);
  }
  return {};
}

void Shard::begin() {
  std::vector<std::string> ids;
  for (const auto& [id, entry] : entries_) ids.push_back(id);
  for (const std::string& id : ids) look_at(id);
  for (auto& [id, entry] : entries_) entry->group.begin();
}

std::vector<JournalRecord> Shard::live_records(std::string& after, size_t records_max) const {
  std::vector<JournalRecord> records;
  for (auto it = after.empty() ? entries_.begin() : entries_.upper_bound(after);
       it != entries_.end() && records.size() < records_max; ++it) {
    const auto& [id, entry] = *it;
    after = id;
    if (const auto& kept = entry->group.kept().written()) records.push_back({group_key(id), *kept});
    for (const auto& [at, stored] : entry->offsets.written())
      records.push_back({offset_key(id, at.first, at.second), offset_value(stored)});
  }
  return records;
}

// --- requests ---

Group* Shard::find(const std::string& id) {
  auto it = entries_.find(id);
  return it == entries_.end() ? nullptr : &it->second->group;
}

const Offsets* Shard::offsets_of(const std::string& id) const {
  auto it = entries_.find(id);
  return it == entries_.end() ? nullptr : &it->second->offsets;
}

void Shard::join(const std::string& id, const Join& asked, JoinDone done) {
  if (!find(id) && !asked.caller.member_id.empty()) {
    Joined told;
    told.error = Errc::unknown_member_id;
    told.member_id = asked.caller.member_id;
    return done(std::move(told));
  }
  note_lifeline(asked.caller, id);
  entry_of(id).group.join(asked, std::move(done));
  look_at(id);
}

void Shard::sync(const std::string& id, const Sync& asked, SyncDone done) {
  Group* group = find(id);
  if (!group) return done({.error = Errc::unknown_member_id});
  note_lifeline(asked.caller, id);
  group->sync(asked, std::move(done));
  look_at(id);
}

void Shard::heartbeat(const std::string& id, const Caller& caller, int32_t park_ms, HeartbeatDone done) {
  Group* group = find(id);
  if (!group) return done(Errc::unknown_member_id);
  note_lifeline(caller, id);
  group->heartbeat(caller, park_ms, std::move(done));
}

Errc Shard::leave(const std::string& id, const Caller& caller) {
  Group* group = find(id);
  if (!group) return Errc::unknown_member_id;
  const Errc left = group->leave(caller);
  look_at(id);
  return left;
}

// A group that nothing is known of: it was never stored, and nobody is on the way into it.
void Shard::drop_if_nothing(const std::string& id) {
  auto it = entries_.find(id);
  if (it == entries_.end() || !it->second->is_idle() || !it->second->offsets.empty()) return;
  if (it->second->group.standing().generation != 0) return;
  count(*it->second, 0);
  entries_.erase(it);
}

void Shard::count(Entry& entry, size_t bytes) {
  context_.room.used += bytes - entry.counted;
  entry.counted = bytes;
}

void Shard::look_at(const std::string& id) {
  drop_if_nothing(id);
  if (auto it = entries_.find(id); it != entries_.end()) count(*it->second, it->second->bytes());
}

void Shard::write_offsets(Entry& entry, std::vector<std::pair<TopicAndPartition, Offsets::Value>> changes,
                          std::vector<JournalRecord> more, std::function<void(Errc)> done) {
  std::vector<JournalRecord> records = std::move(more);
  std::vector<std::pair<TopicAndPartition, uint64_t>> numbers;
  for (const auto& [at, value] : changes) {
    records.push_back({offset_key(entry.group.id(), at.first, at.second),
                       value ? std::optional<std::string>(offset_value(*value)) : std::nullopt});
    numbers.emplace_back(at, entry.offsets.write(at, value));
  }
  entry.writes++;
  count(entry, entry.bytes());
  auto kept = entries_.at(entry.group.id());
  context_.journal.write(std::move(records),
                         [this, kept, numbers = std::move(numbers), done = std::move(done)](const Status& written) {
                           kept->writes--;
                           for (const auto& [at, number] : numbers) {
                             if (written) kept->offsets.promise(at, number);
                             else kept->offsets.lose(at, number);
                           }
                           look_at(kept->group.id());
                           done(written ? Errc::none : coordinator_error(written.error().code));
                         });
}

size_t Shard::growth(const std::string& id, const std::vector<Commit>& commits) const {
  static const Offsets none;
  const Offsets* offsets = offsets_of(id);
  size_t sum = offsets ? 0 : sizeof(Entry);
  for (const Commit& commit : commits) sum += (offsets ? *offsets : none).growth(commit.at, commit.value);
  return sum;
}

void Shard::commit(const std::string& id, const Caller& caller, std::vector<Commit> commits,
                   std::function<void(Errc)> done) {
  Group* group = find(id);
  if (!group && caller.generation >= 0) return done(Errc::group_id_not_found);
  if (group)
    if (Errc e = group->check_commit(caller); e != Errc::none) return done(e);
  if (commits.empty()) return done(Errc::none);
  if (!context_.room.takes(growth(id, commits))) return done(Errc::invalid_commit_offset_size);
  std::vector<std::pair<TopicAndPartition, Offsets::Value>> changes;
  for (Commit& commit : commits) changes.emplace_back(std::move(commit.at), std::move(commit.value));
  write_offsets(entry_of(id), std::move(changes), {}, std::move(done));
}

void Shard::remove(const std::string& id, std::function<void(Errc)> done) {
  Group* group = find(id);
  if (!group || group->standing().is<Dead>()) return done(Errc::group_id_not_found);
  if (!group->standing().is<Empty>()) return done(Errc::non_empty_group);
  auto entry = entries_.at(id);
  std::vector<std::pair<TopicAndPartition, Offsets::Value>> changes;
  for (const auto& [at, stored] : entry->offsets.promised()) changes.emplace_back(at, std::nullopt);
  const uint64_t number = entry->group.kept().write(std::nullopt);
  write_offsets(*entry, std::move(changes), {{group_key(id), std::nullopt}}, [this, entry, number, done](Errc error) {
    if (error == Errc::none) {
      entry->group.kept().promise(number);
      // Somebody may have joined meanwhile, or have committed: then it is a new group.
      if (entry->group.is_idle()) entry->group.restore(std::nullopt);
    } else {
      entry->group.kept().lose(number);
    }
    look_at(entry->group.id());
    done(error);
  });
}

void Shard::remove_offsets(const std::string& id, std::vector<TopicAndPartition> which,
                           std::function<void(Errc)> done) {
  auto entry = entries_.find(id);
  if (entry == entries_.end()) return done(Errc::group_id_not_found);
  std::vector<std::pair<TopicAndPartition, Offsets::Value>> changes;
  for (TopicAndPartition& at : which)
    if (entry->second->offsets.find(at)) changes.emplace_back(std::move(at), std::nullopt);
  if (changes.empty()) return done(Errc::none);
  write_offsets(*entry->second, std::move(changes), {}, std::move(done));
}

// --- time ---

void Shard::end_lifeline(uint64_t lifeline) {
  const auto node = lifelines_.extract(lifeline);
  if (!node) return;
  for (const std::string& id : node.mapped()) {
    if (Group* group = find(id)) group->end_lifeline(lifeline);
    look_at(id);
  }
}

void Shard::wake(uint64_t lifeline) {
  const auto it = lifelines_.find(lifeline);
  if (it == lifelines_.end()) return;
  for (const std::string& id : it->second)
    if (Group* group = find(id)) group->wake(lifeline);
}

void Shard::expire(int64_t retention_ms) {
  const Timestamp now = context_.world.clock.wall();
  std::vector<std::string> ids;
  for (const auto& [id, entry] : entries_) ids.push_back(id);
  for (const std::string& id : ids) {
    auto entry = entries_.at(id);
    if (!entry->group.standing().is<Empty>() && !entry->group.standing().is<Stable>()) continue;
    auto subscribed = subscribed_topics(entry->group);
    if (!subscribed) continue;
    const bool counts_from_state =
        entry->group.standing().is<Empty>() && !entry->group.standing().protocol_type.empty();
    auto over = entry->offsets.expired({.now = now,
                                        .retention_ms = retention_ms,
                                        .since = counts_from_state ? entry->group.standing().since : timestamp_none,
                                        .kept = std::move(*subscribed)});
    if (!over.empty()) remove_offsets(id, over, [](Errc) {});
    else if (entry->offsets.empty() && entry->is_idle()) remove(id, [](Errc) {});
  }
}

void Shard::forget_topics(const std::function<bool(const std::string&)>& is_gone) {
  std::vector<std::string> ids;
  for (const auto& [id, entry] : entries_) ids.push_back(id);
  for (const std::string& id : ids) {
    std::vector<TopicAndPartition> gone;
    for (const auto& [at, stored] : entries_.at(id)->offsets.promised())
      if (is_gone(at.first)) gone.push_back(at);
    if (!gone.empty()) remove_offsets(id, std::move(gone), [](Errc) {});
  }
}

void Shard::wake_at(const std::string& id, int64_t at) {
  auto [it, is_new] = wakes_.emplace(id, at);
  if (!is_new && it->second <= at) return;
  if (!is_new) wake_order_.erase({it->second, id});
  it->second = at;
  wake_order_.insert({at, id});
}

void Shard::run(int64_t now_ms) {
  while (!wake_order_.empty() && wake_order_.begin()->first <= now_ms) {
    const std::string id = wake_order_.begin()->second;
    wake_order_.erase(wake_order_.begin());
    wakes_.erase(id);
    if (Group* group = find(id)) group->run(now_ms);
    look_at(id);
  }
}

std::optional<int64_t> Shard::next_deadline_ms() const {
  if (wake_order_.empty()) return std::nullopt;
  return wake_order_.begin()->first;
}

void Shard::end(Errc why) {
  for (auto& [id, entry] : entries_) entry->group.end(why);
}

std::vector<const Group*> Shard::groups() const {
  std::vector<const Group*> all;
  for (const auto& [id, entry] : entries_) all.push_back(&entry->group);
  return all;
}

}  // namespace bobbin::group
