#include "broker/registration.h"

namespace bobbin::broker {

namespace {
constexpr int64_t retry_ms = 1000;
}  // namespace

Registration::Registration(os::World& world, metadata::Transactions& transactions, BrokerId self, Hooks hooks)
    : world_(world), transactions_(transactions), self_(self), hooks_(std::move(hooks)),
      incarnation_(os::random_uuid(world.random)) {}

void Registration::take_epoch(BrokerEpoch epoch) {
  epoch_ = epoch;
  hooks_.registered(epoch);
}

void Registration::write(std::vector<metadata::Endpoint> endpoints, Uuid directory, bool lossy,
                         std::function<void(Status)> then) {
  metadata::Registration wanted{self_, incarnation_, std::move(endpoints), {directory}, lossy};
  transactions_.submit([wanted](const metadata::Image& image) { return metadata::register_broker(image, wanted); },
                       [this, then = std::move(then)](Result<Offset> done) {
                         if (!done) return then(std::move(done).error());
                         if (const metadata::Broker* self = transactions_.image().broker(self_))
                           take_epoch(self->epoch);
                         then({});
                       });
}

Status Registration::put_off(Status failed) {
  const metadata::Broker* self = transactions_.image().broker(self_);
  if (failed || failed.error().code != Errc::disk_full || !self) return failed;
  hooks_.say("not registered yet: " + failed.error().message);
  take_epoch(self->epoch);
  next_try_ms_ = world_.clock.mono_ms() + retry_ms;
  why_again_ = "there is room again";
  return {};
}

void Registration::follow() {
  const metadata::Broker* self = transactions_.image().broker(self_);
  if (!self || !self->fenced || self->epoch != epoch_ || next_try_ms_) return;
  next_try_ms_ = world_.clock.mono_ms();
  why_again_ = "others took this broker for dead";
}

void Registration::write_if_due() {
  if (!next_try_ms_ || world_.clock.mono_ms() < *next_try_ms_) return;
  next_try_ms_.reset();
  hooks_.again([this](Status registered) {
    if (registered) return hooks_.say("registered: " + why_again_);
    next_try_ms_ = world_.clock.mono_ms() + retry_ms;
  });
}

}  // namespace bobbin::broker
