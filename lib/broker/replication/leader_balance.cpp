#include "broker/replication/leader_balance.h"

#include "metadata/elections.h"

namespace bobbin::broker {

void LeaderBalance::follow(const config::BrokerSettings& settings) {
  is_enabled_ = settings.leader_rebalance;
  interval_ms_ = settings.leader_check_interval_ms;
  imbalance_percent_max_ = settings.leader_imbalance_percent_max;
  if (!looked_ms_) looked_ms_ = world_.clock.mono_ms();
  has_news_ = true;
}

std::optional<int64_t> LeaderBalance::next_deadline_ms() const {
  if (!is_enabled_ || !has_news_ || is_balancing_) return std::nullopt;
  return *looked_ms_ + interval_ms_;
}

void LeaderBalance::run() {
  const auto due = next_deadline_ms();
  const int64_t now = world_.clock.mono_ms();
  if (!due || now < *due) return;
  looked_ms_ = now;
  has_news_ = false;
  if (!metadata::balance_leaders(transactions_.image(), imbalance_percent_max_).empty()) balance();
}

void LeaderBalance::balance() {
  is_balancing_ = true;
  auto moved = std::make_shared<size_t>(0);
  transactions_.submit(
      [moved, percent_max = imbalance_percent_max_](const metadata::Image& image) {
        auto records = metadata::balance_leaders(image, percent_max);
        *moved = records.size();
        return records;
      },
      [this, moved](Result<Offset> done) {
        is_balancing_ = false;
        if (!done) has_news_ = true;
        if (!done) return say_("leaders do not go back where they were placed: " + done.error().message);
        if (*moved > 0)
          say_(std::to_string(*moved) + " partitions are led again by the brokers where they were placed");
      });
}

}  // namespace bobbin::broker
