#include "cluster/leading.h"

namespace bobbin::cluster {

Leading::Leading(std::unique_ptr<Copy> copy, BrokerId self, const Reign& reign, Offset high_watermark, int64_t now)
    : copy_(std::move(copy)), self_(self), epoch_(reign.epoch), high_watermark_(high_watermark),
      in_sync_(self, reign.in_sync, copy_->log_end(), now) {}

void Leading::update(const config::TopicSettings& settings, const log::LogConfig& config) {
  copy_->update(settings, config);
  advance();
}

void Leading::reign(const Reign& reign, int64_t now) {
  if (reign.epoch == epoch_ || planted(Mutant::keep_progress)) {
    epoch_ = reign.epoch;
    in_sync_.take(reign.in_sync, now);
  } else {
    epoch_ = reign.epoch;
    in_sync_ = InSync(self_, reign.in_sync, copy_->log_end(), now);
  }
  advance();
}

Result<log::Appended> Leading::append(Bytes batch, std::vector<log::RecordError>* record_errors) {
  return counted(log().append(batch, epoch_, log::AppendOrigin::client, record_errors), batch.size());
}

Result<log::Appended> Leading::append(log::Inspection inspected, size_t bytes) {
  return counted(log().append(std::move(inspected), epoch_), bytes);
}

Result<log::Appended> Leading::counted(Result<log::Appended> appended, size_t bytes) {
  if (!appended) return appended;
  appended_bytes_ += bytes;
  unpromised_.emplace_back(copy_->log_end(), appended_bytes_);
  return appended;
}

Result<Offset> Leading::delete_below(Offset start) {
  if (copy_->failed()) return *copy_->failed();
  const std::string name = log::dir_name(copy_->name());
  if (!log().reading().may_delete())
    return error(Errc::policy_violation, name + ": its configs keep all of its records");
  const Offset to = start == offset_none ? high_watermark_ : start;
  if (to < Offset(0) || to > high_watermark_)
    return error(Errc::offset_out_of_range,
                 name + ": offset " + to_string(to) + " is not in 0 to " + to_string(high_watermark_));
  if (to > copy_->log_start()) {
    BOBBIN_TRY(log().advance_log_start(to));
    shown_.reset();  // whoever reads in place has to ask again
  }
  return to;
}

bool Leading::advance() {
  const Offset promised = in_sync_.committed(copy_->promised_end()).value_or(high_watermark_);
  if (promised <= high_watermark_) return false;
  high_watermark_ = promised;
  for (; !unpromised_.empty() && unpromised_.front().first <= promised; unpromised_.pop_front())
    promised_bytes_ = unpromised_.front().second;
  show_end();
  return true;
}

const region::ShownEnd* Leading::show_in(region::Region& region) {
  if (shown_) return &*shown_;
  auto generation = static_cast<uint64_t>(epoch_.value);
  auto slot = region.claim(id().topic, id().partition, generation);
  if (!slot) return nullptr;
  shown_.emplace(region, *slot, generation);
  show_end();
  return &*shown_;
}

void Leading::show_end() {
  if (shown_) shown_->show({log().segments().active_base(), high_watermark_});
}

log::EpochEnd Leading::end_of(LeaderEpoch epoch) const {
  const auto& known = log().epochs().entries();
  if (known.empty()) return {epoch, copy_->log_end()};
  if (epoch > known.back().epoch) return {known.back().epoch, copy_->log_end()};
  return log().epochs().end_of(epoch, copy_->log_end());
}

log::EpochEnd where_ended(const Leading& leading, LeaderEpoch epoch) {
  if (epoch == leader_epoch_none || epoch > leading.epoch()) return {};
  if (epoch == leading.epoch()) return {epoch, leading.copy().log_end()};
  // Before all that are known, as any.
  return epoch < LeaderEpoch(0) ? log::EpochEnd{epoch, leading.copy().log_start()} : leading.end_of(epoch);
}

Result<std::string> Leading::read(Offset from, size_t bytes_max, bool at_least_one, Below below) {
  const Offset end = below == Below::log_end ? copy_->log_end() : high_watermark_;
  return log().read(from, end, bytes_max, at_least_one);
}

}  // namespace bobbin::cluster
