#include "cluster/following.h"

#include <algorithm>

namespace bobbin::cluster {

Following::Following(std::unique_ptr<Copy> copy, const Reign& reign, Offset committed)
    : copy_(std::move(copy)), leader_(reign.leader), replicas_(reign.in_sync.replicas), epoch_(reign.epoch),
      committed_(committed) {}

void Following::follow(const Reign& reign) {
  leader_ = reign.leader;
  replicas_ = reign.in_sync.replicas;
  epoch_ = reign.epoch;
}

std::optional<Following::Position> Following::position() const {
  if (leader_ == broker_none || copy_->failed()) return std::nullopt;
  const Offset end = copy_->log_end();
  if (copy_->promised_end() < end && !planted(Mutant::ask_before_sync)) return std::nullopt;
  if (end == copy_->log_start()) return Position{std::max(end, start_.value_or(end)), leader_epoch_none};
  return Position{end, last_epoch()};
}

LeaderEpoch Following::last_epoch() const {
  const Offset end = copy_->log_end();
  return end == copy_->log_start() ? leader_epoch_none : copy_->log_->epochs().epoch_at(end - 1);
}

Status Following::take(Bytes batches) {
  auto taken = copy_->log_->append(batches, epoch_, log::AppendOrigin::replication);
  if (!taken) return std::move(taken).error();
  return {};
}

void Following::learn(Offset leader_high_watermark) {
  // As Kafka's followers do. What the leader has deleted nobody compares any more, and it need not be what this log has there.
  // One that has records ends before it only where its leader has just cut its own, which the next answer says.
  if (start_ && *start_ > copy_->log_start()) (void)copy_->log_->advance_log_start(*start_);
  committed_ = std::max(committed_, std::min(leader_high_watermark, copy_->log_end()));
}

// As Kafka's AbstractFetcherThread.getOffsetTruncationState: where both agree at the latest. If this log knows that epoch only
// by an earlier one, the next answer says more.
Result<Offset> Following::cut_for(const log::EpochEnd& theirs) const {
  const log::EpochEnd ours = copy_->log_->epochs().end_of(theirs.epoch, copy_->log_end());
  Offset at = std::min(copy_->log_end(), theirs.end);
  if (ours.epoch != leader_epoch_none) at = std::min(at, ours.end);
  if (planted(Mutant::cut_to_watermark)) return committed_;
  if (at >= committed_ || planted(Mutant::cut_committed)) return at;
  return error(Errc::damaged, log::dir_name(copy_->name()) + ": the leader has no records from offset " +
                                  to_string(at) + " on, and those below " + to_string(committed_) + " were committed");
}

}  // namespace bobbin::cluster
