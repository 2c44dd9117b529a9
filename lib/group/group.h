// Group: a group of consumers by Kafka's classic protocol, as its members ask it. They agree who of them does which part of the
// work; the group carries what they say to each other and does not understand it. How it moves on is in generations.h.
//
// What must outlive the coordinator goes into the journal: the shares of a generation, and that nobody is left. The times of
// members are kept here alone: after a failover they begin anew.
//
// Used by the deciding thread. Callbacks may come before a call returns.
#pragma once

#include <string>

#include "group/generations.h"

namespace bobbin::group {

class Group {
 public:
  Group(std::string id, GroupContext& context)
      : id_(std::move(id)), context_(context), generations_(id_, context), now_(generations_.standing()) {}
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  // As a journal tells of it. begin() once all is read.
  void restore(const std::optional<StoredGroup>& stored) { generations_.restore(stored); }
  void begin();

  // --- Kafka's requests ---
  void join(const Join& asked, JoinDone done);
  void sync(const Sync& asked, SyncDone done);
  // Answered with rebalance_in_progress where the member is to join again. `park_ms`: at the latest after so long; else with the
  // news.
  void heartbeat(const Caller& caller, int32_t park_ms, HeartbeatDone done);
  Errc leave(const Caller& caller);
  // Whether positions may be committed by that caller. Counts as a heartbeat.
  Errc check_commit(const Caller& caller);

  // The connection was closed that members lived by.
  void end_lifeline(uint64_t lifeline);
  // A heartbeat that waits on it for news is answered.
  void wake(uint64_t lifeline);
  // What is due.
  void run(int64_t now_ms) { generations_.run(now_ms); }
  // Another coordinator, or none: everybody who waits is told so.
  void end(Errc why) { generations_.end(why); }

  // --- what is there ---
  const std::string& id() const { return id_; }
  const Standing& standing() const { return now_; }
  // Nobody is in it, or about to be.
  bool is_idle() const { return now_.is<Empty>() && now_.members.awaited.empty() && !kept().is_under_way(); }
  size_t bytes() const;  // in memory, about
  // What the journal holds of it; for who writes that it is gone.
  Kept<std::optional<std::string>>& kept() { return generations_.kept(); }
  const Kept<std::optional<std::string>>& kept() const { return generations_.kept(); }

 private:
  void join_anew(const Join& asked, JoinDone done);
  void join_again(const Join& asked, JoinDone done);
  void add(const Join& asked, std::string member_id, JoinDone done);
  void update(Member& member, const Join& asked, JoinDone done);
  void replace_static(Member& old, const Join& asked, JoinDone done);
  void keep_replaced(const std::string& member_id, const std::string& old_id, bool can_skip);
  bool has_room_for(const Join& asked) const;
  bool takes_protocols(const Join& asked) const;
  std::string make_member_id(const Join& asked) const;
  Result<Member*> current(const Caller& caller);

  std::string id_;
  GroupContext& context_;
  Generations generations_;
  Standing& now_;
};

}  // namespace bobbin::group
