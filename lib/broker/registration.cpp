#include "broker/registration.h"

#include <algorithm>

#include "cluster/lives.h"

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

bool Registration::is_known() const {
  const metadata::Broker* self = transactions_.image().broker(self_);
  return self && self->incarnation == incarnation_;
}

void Registration::look_at(const cluster::Folder& folder) {
  folder_ = folder.path();
  directory_ = folder.directory_id();
  const std::vector<Uuid> lives = cluster::read_lives(world_.storage, folder_);
  const metadata::Broker* before = transactions_.image().broker(self_);
  const bool is_known =
      !before || lives.empty() || std::find(lives.begin(), lives.end(), before->incarnation) != lives.end();
  is_lossy_ = folder.is_new() || !is_known;
  if (!is_known)
    hooks_.say("DAMAGED: " + folder_ +
               " is not as this broker left it, but an older copy: it counts nowhere before it has what others have");
}

Status Registration::note_life() {
  // The one that is registered still may be of a folder that is gone.
  std::vector<Uuid> lives = cluster::read_lives(world_.storage, folder_);
  if (const metadata::Broker* before = transactions_.image().broker(self_))
    lives.insert(lives.begin(), before->incarnation);
  BOBBIN_TRY(cluster::write_lives(world_.storage, folder_, cluster::with_life(incarnation_, lives)));
  is_life_noted_ = true;
  return {};
}

void Registration::write(std::vector<metadata::Endpoint> endpoints, std::function<void(Status)> then) {
  if (!is_life_noted_)
    if (Status noted = note_life(); !noted) return then(std::move(noted));
  // What the folder holds since this life told that it lacks something is its own: whoever is taken for dead and lives begins
  // another life with all that it has.
  metadata::Registration wanted{self_, incarnation_, std::move(endpoints), {directory_}, is_lossy_ && !is_known()};
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
