#include "broker/groups/coordinators.h"

#include "base/mutants.h"
#include "broker/groups/offsets_topic.h"

namespace bobbin::broker {

namespace {
constexpr size_t records_a_piece = 200;
constexpr int64_t wait_ms_max = 5000;  // then clients ask again
constexpr int64_t rewrite_pause_ms = 1000;
}  // namespace

Coordinators::Led::Led(Coordinators& of, cluster::TopicPartition id, LeaderEpoch in)
    : epoch(in), journal(of.world_, of.replicas_, of.durability_, of.purgatory_, id, in),
      shard(of.world_, journal, of.limits_, of.room_) {}

void Coordinators::Led::tell_all(const Result<group::Shard*>& what) {
  for (Waiting& each : std::exchange(waiting, {})) each.use(what);
}

Coordinators::Coordinators(os::World& world, MetadataView& metadata, cluster::Replicas& replicas,
                           Durability& durability, Purgatory& purgatory, Turns& turns, cluster::Say say)
    : world_(world), metadata_(metadata), replicas_(replicas), durability_(durability), purgatory_(purgatory),
      turns_(turns), say_(std::move(say)) {}

const metadata::Topic* Coordinators::topic() const { return metadata_.image().topic(offsets_topic_name); }

std::optional<cluster::TopicPartition> Coordinators::partition_of(const std::string& group) const {
  const metadata::Topic* topic = this->topic();
  if (!topic) return std::nullopt;
  const auto count = static_cast<int32_t>(topic->partitions.size());
  return cluster::TopicPartition{topic->id, PartitionId(partition_for(group, count))};
}

// --- who asks ---

void Coordinators::with(const std::string& group, Use use) {
  const auto id = partition_of(group);
  if (!id) return use(error(Errc::coordinator_not_available, "nobody has asked who coordinates groups yet"));
  with_partition(*id, std::move(use), false);
}

const group::Group* Coordinators::find(const std::string& group) const {
  const auto id = partition_of(group);
  const auto it = id ? led_.find(*id) : led_.end();
  return it == led_.end() || !it->second->is_ready ? nullptr : it->second->shard.find(group);
}

// Whoever leads it, as far as this broker has read: another one may have told a client what is newer.
void Coordinators::with_partition(const cluster::TopicPartition& id, Use use, bool looked_again) {
  if (ended_) return use(error(Errc::coordinator_not_available, "this broker ends"));
  if (auto it = led_.find(id); it != led_.end()) {
    Led& led = *it->second;
    if (led.is_ready) return use(&led.shard);
    if (led.is_unreadable) return use(error(Errc::coordinator_not_available, "its log cannot be read"));
    led.waiting.push_back({world_.clock.mono_ms() + wait_ms_max, std::move(use)});
    return;
  }
  if (looked_again) return use(error(Errc::not_coordinator, "another broker coordinates it"));
  auto again = [this, id, use = std::move(use)] {
    follow(id);
    with_partition(id, use, true);
  };
  if (replicas_.is_closed(id)) return replicas_.open({id}, std::move(again));
  if (replicas_.opened().find_leading(id)) return again();
  metadata_.look_again([this, id, again = std::move(again)] { replicas_.open({id}, again); });
}

void Coordinators::with_all(std::function<void(Result<std::vector<group::Shard*>>)> use) {
  struct Asking {
    size_t left = 0;
    std::vector<group::Shard*> shards = {};
    std::optional<Error> failed = {};
  };
  auto asking = std::make_shared<Asking>();
  const auto ids = led_here();
  asking->left = ids.size();
  if (ids.empty()) return use(std::vector<group::Shard*>());
  for (const auto& id : ids)
    with_partition(
        id,
        [asking, use](Result<group::Shard*> shard) {
          if (shard) asking->shards.push_back(*shard);
          else if (shard.error().code != Errc::not_coordinator) asking->failed = shard.error();
          if (--asking->left > 0) return;
          if (asking->failed) return use(*asking->failed);
          use(std::move(asking->shards));
        },
        false);
}

// Those that have records here, or are open.
std::set<cluster::TopicPartition> Coordinators::led_here() const {
  std::set<cluster::TopicPartition> ids;
  const metadata::Topic* topic = this->topic();
  if (!topic) return ids;
  for (size_t i = 0; i < topic->partitions.size(); i++) {
    const cluster::TopicPartition id{topic->id, PartitionId(static_cast<int32_t>(i))};
    if (topic->partitions[i].leader == metadata_.self() && (replicas_.with_folder().contains(id) || led_.contains(id)))
      ids.insert(id);
  }
  return ids;
}

// --- who leads ---

void Coordinators::follow(const metadata::Delta& delta, const config::BrokerSettings& settings) {
  limits_ = {settings.group_size_max, settings.group_initial_delay_ms, settings.is_group_initial_delay_set};
  room_.max = static_cast<size_t>(settings.groups_memory_max);
  offsets_retention_ms_ = settings.offsets_retention_ms;
  if (std::exchange(check_interval_ms_, settings.offsets_check_interval_ms) != check_interval_ms_)
    next_check_ms_ = world_.clock.mono_ms() + check_interval_ms_;
  const metadata::Topic* topic = this->topic();
  forget_deleted(delta);
  if (!topic || (!delta.anew && !delta.topics.contains(topic->id))) return;
  const auto ids = led_here();
  const std::vector<cluster::TopicPartition> all(ids.begin(), ids.end());
  replicas_.open(all, [this, all] {
    for (const auto& id : all) follow(id);
  });
}

void Coordinators::follow(const cluster::TopicPartition& id) {
  const metadata::Topic* topic = this->topic();
  if (ended_ || !topic || id.topic != topic->id) return drop(id);
  cluster::Leading* leading = replicas_.opened().find_leading(id);
  auto it = led_.find(id);
  if (it != led_.end() && leading && it->second->epoch == leading->epoch()) return;
  drop(id);
  if (leading) lead(id, *leading);
}

void Coordinators::lead(const cluster::TopicPartition& id, cluster::Leading& leading) {
  auto led = std::make_shared<Led>(*this, id, leading.epoch());
  led->journal.keep(led);
  led_[id] = led;
  led->loading = std::make_shared<Loading>(world_, replicas_, turns_, id, leading.epoch(), led->shard,
                                           [this, id, weak = std::weak_ptr(led)](Status status) {
                                             if (auto still = weak.lock()) loaded(id, *still, std::move(status));
                                           });
  led->loading->begin();
}

void Coordinators::loaded(const cluster::TopicPartition& id, Led& led, Status status) {
  if (!status) {
    led.is_unreadable = true;
    say_("groups: partition " + to_string(id.partition) +
         " of __consumer_offsets cannot be read, so that its groups are not served: " + status.error().message);
    return led.tell_all(error(Errc::coordinator_not_available, "its log cannot be read"));
  }
  serve_when_promised(id, led);
}

void Coordinators::serve_when_promised(const cluster::TopicPartition& id, Led& led) {
  auto promised = [this, id, weak = led.weak_from_this()](const Purgatory::Moved&, bool) {
    auto still = weak.lock();
    if (!still) return true;
    const cluster::Leading* leading = replicas_.opened().find_leading(id);
    if (!leading || leading->epoch() != still->epoch) return true;
    if (leading->high_watermark() < still->loading->end() && !planted(Mutant::serve_unpromised)) return false;
    still->is_ready = true;
    still->shard.begin();
    still->tell_all(&still->shard);
    return true;
  };
  if (!promised({}, false)) purgatory_.park(INT64_MAX, {id}, std::move(promised));
}

void Coordinators::drop(const cluster::TopicPartition& id) {
  auto node = led_.extract(id);
  if (!node) return;
  Led& led = *node.mapped();
  if (led.loading) led.loading->abandon();
  led.shard.end(Errc::not_coordinator);
  led.tell_all(error(Errc::not_coordinator, "another broker coordinates it now"));
}

// --- time ---

void Coordinators::disconnected(ConnectionId id) {
  for (auto& [of, led] : led_) led->shard.end_lifeline(id.value);
}

void Coordinators::wake(ConnectionId id) {
  for (auto& [of, led] : led_) led->shard.wake(id.value);
}

void Coordinators::expire_if_due(int64_t now) {
  if (now < next_check_ms_) return;
  next_check_ms_ = now + check_interval_ms_;
  for (auto& [id, led] : led_)
    if (led->is_ready) led->shard.expire(offsets_retention_ms_);
}

void Coordinators::forget_deleted(const metadata::Delta& delta) {
  if (!delta.anew && delta.topics.empty()) return;
  bool any_gone = delta.anew;
  for (const TopicId& id : delta.topics) any_gone |= !metadata_.image().topic(id);
  if (!any_gone) return;
  for (auto& [id, led] : led_)
    if (led->is_ready)
      led->shard.forget_topics([this](const std::string& name) { return !metadata_.image().topic(name); });
}

void Coordinators::run() {
  if (ended_) return;
  const int64_t now = world_.clock.mono_ms();
  for (auto& [id, led] : led_) {
    if (!led->is_ready) {
      give_up_waiting(*led, now);
      continue;
    }
    led->shard.run(now);
    rewrite_some(id, *led);
  }
  expire_if_due(now);
}

void Coordinators::give_up_waiting(Led& led, int64_t now) {
  std::vector<Led::Waiting> over;
  while (!led.waiting.empty() && led.waiting.front().until_ms <= now) {
    over.push_back(std::move(led.waiting.front()));
    led.waiting.erase(led.waiting.begin());
  }
  for (auto& each : over) each.use(error(Errc::coordinator_load_in_progress, "its log is being read"));
}

// What is written again is in the log behind `rewrite_from`; once it is promised, nothing before that is needed.
void Coordinators::rewrite_some(const cluster::TopicPartition& id, Led& led) {
  if (!led.rewrites) {
    // Nothing has grown since.
    if (std::exchange(led.looked_at, led.journal.bytes_written()) == led.journal.bytes_written()) return;
    cluster::Leading* leading = replicas_.opened().find_leading(id);
    if (!leading) return;
    const auto at = leading->end_extent();
    const bool is_much = leading->copy().bytes() >= 2 * led.bytes_of_last;
    if (!at || at->segment <= leading->copy().log_start() || !is_much) return;
    if (world_.clock.mono_ms() < led.rewrite_not_before_ms) return;
    led.rewrites = true;
    led.rewrite_from = at->segment;
    led.rewritten.clear();
    led.written_before = led.journal.bytes_written();
  }
  auto records = led.shard.live_records(led.rewritten, records_a_piece);
  const bool is_last = records.empty();
  auto done = [this, id, is_last, weak = led.weak_from_this(), from = led.rewrite_from](const Status& written) {
    auto still = weak.lock();
    if (still && !written) {
      still->rewrites = false;
      still->rewrite_not_before_ms = world_.clock.mono_ms() + rewrite_pause_ms;
    }
    if (!still || !written || !is_last) return;
    cluster::Leading* now = replicas_.opened().find_leading(id);
    if (!now) return;
    auto removed = now->copy().retention(world_.clock.wall(), now->high_watermark(), from);
    if (!removed) say_("groups: what is written again is not removed: " + removed.error().message);
  };
  if (is_last) {
    led.rewrites = false;
    led.bytes_of_last = led.journal.bytes_written() - led.written_before;
    if (planted(Mutant::remove_unwritten)) return done({});
    return led.journal.when_promised(std::move(done));
  }
  led.journal.write(std::move(records), std::move(done));
}

std::optional<int64_t> Coordinators::next_deadline_ms() const {
  if (ended_ || led_.empty()) return std::nullopt;
  std::optional<int64_t> next = next_check_ms_;
  for (const auto& [id, led] : led_) {
    if (!led->is_ready && !led->waiting.empty()) next = std::min(*next, led->waiting.front().until_ms);
    if (!led->is_ready) continue;
    if (led->rewrites) return 0;
    if (auto due = led->shard.next_deadline_ms()) next = std::min(*next, *due);
  }
  return next;
}

void Coordinators::end() {
  ended_ = true;
  while (!led_.empty()) drop(led_.begin()->first);
}

}  // namespace bobbin::broker
