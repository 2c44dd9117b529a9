#include "cluster/leading.h"

#include "base/mutants.h"

namespace bobbin::cluster {

Leading::Leading(std::unique_ptr<Copy> copy, LeaderEpoch epoch)
    : copy_(std::move(copy)), epoch_(epoch), high_watermark_(copy_->durable_end()), found_end_(copy_->log_end()) {}

void Leading::update(const config::TopicSettings& settings, LeaderEpoch epoch, const log::LogConfig& config) {
  copy_->update(settings, config);
  epoch_ = epoch;
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

bool Leading::advance() {
  bool appended_counts = !copy_->is_flushed_at_once() || planted(Mutant::ack_before_sync);
  Offset durable = copy_->is_checkpointed() ? copy_->durable_end() : high_watermark_;
  Offset promised = appended_counts ? copy_->log_end() : durable;
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

Result<std::string> Leading::read(Offset from, size_t bytes_max, bool at_least_one) {
  return log().read(from, high_watermark_, bytes_max, at_least_one);
}

}  // namespace bobbin::cluster
