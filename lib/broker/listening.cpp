#include "broker/listening.h"

#include <algorithm>

namespace bobbin::broker {

namespace {
constexpr int64_t retry_ms_min = 1000, retry_ms_max = 30'000;  // asking for a name's address may take long
}  // namespace

void Listening::begin(const config::BrokerSettings& settings, std::function<void(bool)> then) {
  setting_ = settings.listeners;
  insecure_ = settings.insecure_listen;
  listen(std::move(then));
}

void Listening::follow(const config::BrokerSettings& settings, std::function<void()> changed) {
  const bool is_new = settings.listeners != setting_ || settings.insecure_listen != insecure_;
  if (!is_new && !(next_try_ms_ && world_.clock.mono_ms() >= *next_try_ms_)) return;
  if (is_new) next_try_ms_.reset();
  begin(settings, [is_new, changed = std::move(changed)](bool listens) {
    if (listens || is_new) changed();
  });
}

void Listening::listen(std::function<void(bool)> then) {
  endpoints_.clear();
  const bool was_tried = next_try_ms_.has_value();
  next_try_ms_.reset();  // none while one is under way
  auto heard = [this, was_tried, then](Result<std::optional<metadata::Endpoint>> endpoint) {
    if (ended_) return;
    if (endpoint && *endpoint) endpoints_ = {**endpoint};
    if (!endpoint) {
      if (!was_tried)
        say_("cannot listen at " + setting_ + ": " + endpoint.error().message + "; tried again from time to time");
      pause_ms_ = was_tried ? std::min(pause_ms_ * 2, retry_ms_max) : retry_ms_min;
      next_try_ms_ = world_.clock.mono_ms() + pause_ms_;
    }
    then(endpoint.ok());
  };
  listen_(config::listener_of(setting_, self_), insecure_, heard);
}

}  // namespace bobbin::broker
