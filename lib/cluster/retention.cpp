#include "cluster/retention.h"

#include <algorithm>

namespace bobbin::cluster {

namespace {
constexpr int64_t removal_pause_ms = 60'000;
}  // namespace

void Retention::look_at_clock() {
  const int64_t now = world_.clock.mono_ms();
  if (const auto ahead = doubt_.look(world_.clock.wall(), now))
    say_("the wall clock is " + std::to_string(*ahead / 60'000) +
         " minutes ahead of what it was by when it was last seen: is it right? For a day one segment of a partition is "
         "removed in a minute for its age");
  if (!doubt_.is_open(now)) removed_ms_.clear();
}

log::RetentionLimits Retention::limits_for(const TopicPartition& id) const {
  const int64_t now = world_.clock.mono_ms();
  log::RetentionLimits limits;
  limits.below_start_only = !replicas_.opened().find_leading(id);
  if (!doubt_.is_open(now)) return limits;
  const auto removed = removed_ms_.find(id);
  limits.old_max = removed == removed_ms_.end() || removed->second + removal_pause_ms <= now ? 1 : 0;
  return limits;
}

void Retention::step(size_t logs_max, std::function<void(bool complete)> done) {
  look_at_clock();
  const std::set<TopicPartition>& all = replicas_.with_folder();
  std::vector<TopicPartition> ids;
  auto it = at_ ? all.upper_bound(*at_) : all.begin();
  for (; it != all.end() && ids.size() < logs_max; ++it) ids.push_back(*it);
  const bool complete = it == all.end();
  if (complete) at_.reset();
  else at_ = ids.back();
  replicas_.open(ids, [this, ids, complete, done = std::move(done)] {
    go_on(std::make_shared<Pass>(Pass{ids, [complete, done] { done(complete); }}));
  });
}

// One after the other: what a log has to look at for that may not be in memory.
void Retention::go_on(std::shared_ptr<Pass> pass) {
  for (; pass->next < pass->ids.size(); pass->next++, pass->cold = {}) {
    const TopicPartition& id = pass->ids[pass->next];
    Copy* copy = replicas_.opened().find_copy(id);
    if (!copy) continue;
    auto look = [&] {
      (void)copy->expired(world_.clock.wall(), replicas_.opened().high_watermark(id), limits_for(id));
    };
    if (!pass->cold.try_now(look)) return pass->cold.bring_in(world_, [this, pass] { go_on(pass); });
    retain(*copy);
  }
  pass->then();
}

void Retention::all_now() {
  look_at_clock();
  const std::vector<TopicPartition> ids(replicas_.with_folder().begin(), replicas_.with_folder().end());
  for (const TopicPartition& id : ids) replicas_.open_now(id);
  replicas_.opened().for_each_copy([this](Copy& copy) { retain(copy); });
}

void Retention::retain(Copy& copy) {
  Timestamp now = world_.clock.wall();
  auto rolled = copy.roll_if_due(now);
  auto gone = copy.retention(now, replicas_.opened().high_watermark(copy.id()), Offset(0), limits_for(copy.id()));
  if (!rolled) say_(copy.topic_name() + ": not rolled: " + rolled.error().message);
  if (!gone) {
    say_(copy.topic_name() + ": retention failed: " + gone.error().message);
  } else if (*gone > 0) {
    if (doubt_.is_open(world_.clock.mono_ms())) removed_ms_[copy.id()] = world_.clock.mono_ms();
    say_(log::dir_name(copy.name()) + ": retention removed " + std::to_string(*gone) +
         " segments; the log starts at offset " + to_string(copy.log_start()));
  }
}

void Retention::note_boot() {
  const std::set<TopicPartition>& all = replicas_.with_folder();
  bool all_open = std::all_of(all.begin(), all.end(), [&](const auto& id) { return replicas_.opened().find_copy(id); });
  if (all_open) replicas_.folder().note_boot();
}

std::optional<int64_t> Retention::remove_due_files(int64_t now_mono_ms) {
  std::optional<int64_t> next;
  replicas_.opened().for_each_copy([&](Copy& copy) {
    auto due = copy.due(now_mono_ms);
    if (due && (!next || *due < *next)) next = due;
  });
  return next;
}

}  // namespace bobbin::cluster
