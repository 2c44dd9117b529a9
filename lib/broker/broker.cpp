#include "broker/broker.h"

#include <algorithm>

#include "broker/routes.h"
#include "metadata/changes.h"

namespace bobbin::broker {

namespace {
constexpr int64_t registration_retry_ms = 1000;
constexpr int64_t flush_retry_ms = 100, first_client_ms = 5000;  // for whoever started it to come
}  // namespace

Broker::Broker(os::World& world, Wire& wire, BrokerOptions options, BrokerHooks hooks)
    : world_(world), wire_(wire), options_(std::move(options)), hooks_(std::move(hooks)),
      transactions_(
          world, options_.dir,
          {[this](const metadata::Delta& delta) { image_changed(delta); },
           [this](const Error& e) { say_metadata_trouble(e); }, [this] { say("metadata: the log is whole again"); }},
          {.boot = options_.boot_id}),
      connections_(wire, [this](ConnectionId id, const Error& why) { say_refused(id, why); }),
      flusher_(
          world, [this](cluster::Partition& partition, Beside beside) { write_beside(partition, beside); },
          [this](const cluster::TopicPartition& id, Offset end, const Status& status) { flushed(id, end, status); }),
      checkpointer_(world, flusher_, hooks_.say, [this](const cluster::TopicPartition& id) { moved(id); }),
      inspections_(world.jobs, options_.helpers),
      request_memory_(hooks_.request_memory, connections_, [this](ConnectionId id) { come_back(id); }),
      producer_ids_(transactions_, options_.id), listening_(world, options_.id, hooks_.listen, hooks_.say),
      housekeeping_(
          world, [this] { return settings().retention_check_interval_ms; },
          [this] {
            flush_dirty();
            start_flushes();
          }),
      busy_clients_(hooks_.region) {
  incarnation_ = os::random_uuid(world.random);
}

Broker::~Broker() = default;

// --- start ---

void Broker::start(std::function<void(Status)> ready) {
  auto id = home::cluster_id(world_.storage, options_.dir);
  if (!id) return ready(std::move(id).error());
  cluster_id_ = *id;
  transactions_.catch_up([this, ready](Status read) {
    if (!read) return ready(std::move(read).error());
    open_folder(ready);
  });
}

void Broker::open_folder(std::function<void(Status)> ready) {
  auto opened = cluster::Partitions::open(
      world_, options_.dir.broker_dir(options_.id), options_.id, cluster_id_,
      [say = hooks_.say](const std::string& line) { say(line); }, options_.files, options_.boot_id);
  if (!opened) return ready(std::move(opened).error());
  partitions_ = std::move(*opened);
  if (image().next_offset() == Offset(0) && partitions_->folder().has_partitions())
    return ready(error(Errc::damaged,
                       options_.dir.metadata_log_dir() + ": the metadata log is empty, but " +
                           options_.dir.broker_dir(options_.id) +
                           " holds partitions: restore the log from a copy, or move that folder away to begin anew"));
  if (partitions_->folder().is_new() && image().broker(options_.id))
    say("DAMAGED: " + options_.dir.broker_dir(options_.id) +
        " was gone: what this broker's partitions held is lost, and they begin anew");
  listening_.begin(settings(), [this, ready](bool) {
    register_self([this, ready](Status registered) {
      registered = put_off_registration(std::move(registered));
      if (registered) registered = partitions_->sort_out(image());
      if (registered) begin_to_serve();
      ready(std::move(registered));
    });
  });
}

// Its partitions are known from here on: what is denied is not there.
void Broker::begin_to_serve() {
  serving_ = true;
  image_changed(metadata::Delta::all());
  housekeeping_.begin();
  idle_since_ms_ = world_.clock.mono_ms() + first_client_ms;
}

void Broker::register_self(std::function<void(Status)> ready) {
  metadata::Registration registration{
      options_.id, incarnation_, listening_.endpoints(), {partitions_->folder().directory_id()}};
  transactions_.submit(
      [registration](const metadata::Image& image) { return metadata::register_broker(image, registration); },
      [this, ready](Result<Offset> done) {
        if (!done) return ready(std::move(done).error());
        if (const metadata::Broker* self = image().broker(options_.id)) epoch_ = self->epoch;
        producer_ids_.registered(epoch_);
        ready({});
      });
}

// A full disk is no reason to keep anybody from reading: others know it as it was in its last life, until there is room.
Status Broker::put_off_registration(Status failed) {
  const metadata::Broker* self = image().broker(options_.id);
  if (failed || failed.error().code != Errc::disk_full || !self) return failed;
  say("not registered yet: " + failed.error().message);
  epoch_ = self->epoch;
  producer_ids_.registered(epoch_);
  next_registration_ms_ = world_.clock.mono_ms() + registration_retry_ms;
  return {};
}

void Broker::register_if_due(int64_t now) {
  if (!next_registration_ms_ || now < *next_registration_ms_) return;
  next_registration_ms_.reset();
  register_self([this](Status registered) {
    if (registered) return say("registered: there is room again");
    next_registration_ms_ = world_.clock.mono_ms() + registration_retry_ms;
  });
}

config::BrokerSettings Broker::settings() const {
  return config::broker_settings(image().broker_layers(options_.id, &options_.static_configs));
}

// --- metadata ---

void Broker::on_metadata_changed() { transactions_.catch_up(); }

void Broker::say_metadata_trouble(const Error& e) {
  if (e.code != Errc::damaged) return say("metadata: " + e.message);
  say("metadata: DAMAGED: " + e.message +
      "; until then this broker goes on with what it knows, deletes nothing and takes no change");
}

void Broker::look_again(std::function<void()> then) {
  transactions_.catch_up([this, then = std::move(then)](Status read) {
    knows_latest_metadata_ = read.ok();
    if (!closing_) then();  // else whoever waits is told by the end of the connection
  });
}

void Broker::image_changed(const metadata::Delta& delta) {
  if (hooks_.region) hooks_.region->show_metadata_end(image().next_offset());
  if (!serving_ || closing_) return;
  const config::BrokerSettings now = settings();
  partitions_->reconcile(image(), delta, &options_.static_configs, now.producer_id_expiration_ms);
  if (hooks_.settings_changed) hooks_.settings_changed(now);
  follow_listeners(now);
  if (delta.anew || delta.broker_configs) purgatory_.moved_all();
  else purgatory_.moved(delta.topics);
}

void Broker::follow_listeners(const config::BrokerSettings& now) {
  listening_.follow(now, [this] {
    register_self([this](Status registered) {
      if (!registered) say("the new listener is not registered: " + registered.error().message);
    });
  });
}

bool Broker::is_live(BrokerId id) { return id == options_.id || home::is_alive(world_.storage, options_.dir, id); }

std::vector<BrokerId> Broker::live_brokers() {
  std::vector<BrokerId> live;
  for (const auto& [id, broker] : image().brokers())
    if (is_live(id)) live.push_back(id);
  return live;
}

// --- connections ---

void Broker::on_connected(ConnectionId id, const Peer& peer) {
  connections_.open(id, peer);
  idle_since_ms_.reset();
}

void Broker::on_disconnected(ConnectionId id) {
  // What is away is still to be appended, and must not overtake what was refused before it.
  if (!connections_.is_away(id)) refusals_.forget(id);
  connections_.gone(id);
  busy_clients_.forget(id);
  if (connections_.count() == 0) idle_since_ms_ = world_.clock.mono_ms();
}

void Broker::on_frame(ConnectionId id, Bytes frame) {
  if (closing_ || !connections_.peer(id)) return;
  if (connections_.is_held(id))
    return connections_.keep_frame(id, std::string(frame), request_memory_.budget().take(frame.size()));
  route(*this, id, frame);
}

void Broker::come_back(ConnectionId id) {
  if (connections_.peer(id)) return connections_.come_back(id);
  refusals_.forget(id);
}

std::optional<int64_t> Broker::idle_since_ms() const {
  return connections_.count() == 0 ? idle_since_ms_ : std::nullopt;
}

// --- rounds ---

void Broker::appended(cluster::Partition& partition, size_t bytes) {
  bool is_synced = partition.settings().flush_policy == config::FlushPolicy::ack;
  // Many logs that wait for a sync hold many descriptors.
  bool many = partitions_->open_count() > options_.files.kept;
  checkpointer_.appended(bytes, is_synced || many);
  if (is_synced) flusher_.want(partition.id());
  partition.appended(bytes);
  if (partition.advance()) moved(partition.id());
}

void Broker::say_storage_trouble(const std::string& line) {
  storage_trouble_.say(world_.clock.mono_ms(), line, hooks_.say);
}

void Broker::say_of_client(const std::string& line) { of_clients_.say(world_.clock.mono_ms(), line, hooks_.say); }

void Broker::say_refused(ConnectionId id, const Error& why) {
  const Peer* peer = connections_.peer(id);
  say_of_client("a request of " + (peer ? peer->address : "somebody who has gone") + " is refused: " + why.message);
}

void Broker::run() {
  if (closed_ || !partitions_) return;
  int64_t now = world_.clock.mono_ms();
  turns_.run_one();
  for (const cluster::TopicPartition& id : partitions_->take_opened()) moved(id);
  for (bool again = true; again;) {
    again = false;
    request_memory_.let_in();
    while (auto kept = connections_.next_kept_frame()) {
      if (!closing_ && connections_.peer(kept->first)) route(*this, kept->first, kept->second);
      again = true;
    }
    purgatory_.run(now);
    again = again || purgatory_.has_moved();
  }
  start_flushes();
  if (serving_ && !closing_) {
    housekeeping_.run(*partitions_);
    register_if_due(now);
    if (auto due = listening_.next_try_ms(); due && now >= *due) follow_listeners(settings());
  }
  if (serving_) checkpointer_.run(*partitions_, closing_);
  if (closing_ && turns_.empty() && flusher_.is_idle() && checkpointer_.is_idle() && !partitions_->is_opening() &&
      inspections_.is_idle() && !transactions_.is_busy())
    finish_closing();
}

// Under flush.policy=ack every append is flushed as soon as the disk is free; under os only for the checkpoint.
void Broker::start_flushes() {
  if (!partitions_) return;
  for (const cluster::TopicPartition& id : partitions_->take_unsettled()) flusher_.want(id);
  if (partitions_->take_found_damage()) checkpointer_.want_all();
  if (!unflushed_.empty() && world_.clock.mono_ms() >= next_flush_try_ms_)
    for (const cluster::TopicPartition& id : std::exchange(unflushed_, {})) flusher_.want(id);
  if (partitions_->take_shortage()) flush_dirty();  // whatever their policy
  flusher_.start(*partitions_);
}

void Broker::write_beside(cluster::Partition& partition, Beside beside) {
  log::Log& log = partition.log();
  Status written = beside == Beside::close ? log.prepare_to_close() : log.checkpoint(world_.clock.wall());
  if (!written) say(partition.topic_name() + ": no checkpoint: " + written.error().message);
}

void Broker::flush_dirty() {
  partitions_->for_each_open([this](cluster::Partition& p) {
    if (p.log().is_dirty()) flusher_.want(p.id());
  });
}

void Broker::flushed(const cluster::TopicPartition& id, Offset end, const Status& status) {
  cluster::Partition* partition = partitions_->find_open(id);
  if (!partition) return;
  bool had_failed = partition->log().failed().has_value();
  partition->log().flush_done(end, status);
  if (!status && status.error().code == Errc::busy) {  // no descriptor was free
    say_storage_trouble(partition->topic_name() + ": not flushed yet: " + status.error().message);
    unflushed_.push_back(id);
    next_flush_try_ms_ = world_.clock.mono_ms() + flush_retry_ms;
    return;
  }
  if (!status) {
    partitions_->take_offline(partition->topic_name() + ": " + status.error().message);
    purgatory_.moved_all();
    return;
  }
  if (const auto& failed = partition->log().failed(); failed && !had_failed) {
    say("DAMAGED: " + failed->message);
    checkpointer_.want_all();  // at the next start it tells how far the log had been
    return moved(id);
  }
  if (!partition->is_checkpointed() && partition->log().durable_end() > Offset(0)) checkpointer_.want_young(id);
  if (partition->advance()) moved(id);
  if (partition->waits_for_flush() && partition->settings().flush_policy == config::FlushPolicy::ack) flusher_.want(id);
}

std::optional<int64_t> Broker::next_deadline_ms() const {
  if (closing_ && !closed_ && !turns_.empty()) return 0;
  if (closed_ || !serving_ || closing_) return std::nullopt;
  int64_t next = turns_.empty() ? housekeeping_.next_deadline_ms() : 0;
  if (auto due = checkpointer_.deadline_ms()) next = std::min(next, *due);
  if (!unflushed_.empty()) next = std::min(next, next_flush_try_ms_);
  if (auto due = listening_.next_try_ms()) next = std::min(next, *due);
  if (next_registration_ms_) next = std::min(next, *next_registration_ms_);
  if (auto parked = purgatory_.next_deadline_ms()) next = std::min(next, *parked);
  return next;
}

// --- end ---

void Broker::shut_down(std::function<void()> done) {
  on_closed_ = std::move(done);
  if (closing_) return;
  closing_ = true;
  listening_.end();
  housekeeping_.end();
  inspections_.forget_waiting();
  if (!partitions_) {
    closed_ = true;
    return on_closed_();
  }
  if (serving_) partitions_->retain_all();
  partitions_->for_each_open([this](cluster::Partition& p) { flusher_.want(p.id(), Beside::close); });
  run();
}

void Broker::finish_closing() {
  purgatory_.moved_all();
  purgatory_.run(world_.clock.mono_ms());  // what the last flush made true is still answered
  if (auto closed = partitions_->close(epoch_); !closed) say("not closed cleanly: " + closed.error().message);
  connections_.close_all();
  closed_ = true;
  if (on_closed_) on_closed_();
}

}  // namespace bobbin::broker
