// Generations: how a group comes from one generation to the next (standing.h): everybody joins again, one of them shares the
// work, the shares are kept in the journal, and everybody is told his own. And who is taken for gone meanwhile.
//
// Used by the deciding thread. Rules and errors are those of Kafka 3.x's GroupCoordinator.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "group/journal.h"
#include "group/kept.h"
#include "group/room.h"
#include "group/standing.h"
#include "os/seam.h"

namespace bobbin::group {

// group.* of the broker's configs.
struct GroupLimits {
  int32_t size_max = INT32_MAX;
  int32_t initial_rebalance_delay_ms = 3000;
  bool delays_near = false;  // members of this machine, too
};

// What a coordinator does for its groups.
struct GroupContext {
  os::World& world;
  Journal& journal;
  const GroupLimits& limits;
  Room& room;
  std::function<void(const std::string& group, int64_t at_mono_ms)> wake_at;  // run() is wanted then, or before
};

class Generations {
 public:
  Generations(std::string group, GroupContext& context) : id_(std::move(group)), context_(context) {}

  const Standing& standing() const { return standing_; }
  Standing& standing() { return standing_; }
  // As a journal tells of it; nothing: it tells that there is none.
  void restore(const std::optional<StoredGroup>& stored);

  // Everybody is to join again.
  void rebalance();
  // The first members of a group wait for others.
  void wait_for_others();
  // The next generation, if all have joined.
  void complete_if_joined();
  // `why` is for what the member still waits for.
  void remove(Member& member, Errc why);
  // The leader says who gets what.
  void share(const std::vector<std::pair<std::string, std::string>>& assignments);
  // The group as it stands, into the journal. `done` is dropped if the group has ended meanwhile: whoever waits was told.
  void write(std::function<void(Errc)> done);
  // What the journal holds of it; nothing: it holds none. Not how it is between two generations.
  Kept<std::optional<std::string>>& kept() { return kept_; }
  const Kept<std::optional<std::string>>& kept() const { return kept_; }

  // It has been heard of.
  void seen(Member& member);
  void wake_at(int64_t ms) { context_.wake_at(id_, ms); }
  int64_t now() const { return context_.world.clock.mono_ms(); }
  // What is due.
  void run(int64_t now_ms);
  void end(Errc why);

 private:
  void complete();
  void end_without_members();
  void forget_assignments(Errc why);
  void tell_assignments();
  std::optional<int64_t> sync_by_ms() const;
  bool is_gone(const Member& member, int64_t now_ms) const;
  void wake_again(int64_t now_ms);
  void enter(State state);

  std::string id_;
  GroupContext& context_;
  std::shared_ptr<const void> life_ = std::make_shared<char>();
  Standing standing_;
  Kept<std::optional<std::string>> kept_;
};

}  // namespace bobbin::group
