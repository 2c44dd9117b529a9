#include "broker/broker.h"

#include <algorithm>

#include "broker/apis.h"

namespace bobbin::broker {

namespace {
constexpr int64_t first_client_ms = 5000;  // for whoever started it to come

std::string metadata_trouble(const Error& e) {
  if (e.code != Errc::damaged) return "metadata: " + e.message;
  return "metadata: DAMAGED: " + e.message +
         "; until then this broker goes on with what it knows, deletes nothing and takes no change";
}

std::string refusal(const Peer* peer, const Error& why) {
  return "a request of " + (peer ? peer->address : "somebody who has gone") + " is refused: " + why.message;
}

}  // namespace

Broker::Broker(os::World& world, Wire& wire, BrokerOptions options, BrokerHooks hooks)
    : world_(world), wire_(wire), options_(std::move(options)), hooks_(std::move(hooks)),
      transactions_(world, options_.dir,
                    {[this](const metadata::Delta& delta) { image_changed(delta); },
                     [this](const Error& e) { hooks_.say(metadata_trouble(e)); },
                     [this] { hooks_.say("metadata: the log is whole again"); }},
                    {.boot = options_.boot_id}),
      view_(world, options_.dir, transactions_, options_.id, options_.static_configs),
      client_log_(world.clock, hooks_.say),
      connections_(
          wire, [this](ConnectionId id, const Error& why) { say_of_client(refusal(connections_.peer(id), why)); },
          [this](ConnectionId id) { refusals_.forget(id); }),
      inspections_(world.jobs, options_.helpers), request_memory_(hooks_.request_memory, connections_),
      producer_ids_(world, transactions_, options_.id),
      registration_(world, transactions_, options_.id,
                    {hooks_.say, [this](BrokerEpoch epoch) { producer_ids_.registered(epoch); },
                     [this](std::function<void(Status)> then) { register_self(std::move(then)); }}),
      listening_(world, options_.id, hooks_.listen, hooks_.say), busy_clients_(hooks_.region) {}

Broker::~Broker() = default;

Broker::Open::Open(Broker& b, std::unique_ptr<cluster::Replicas> opened)
    : replicas(std::move(opened)),
      durability(b.world_, *replicas, b.purgatory_, b.client_log_, b.hooks_.say, b.options_.files.kept,
                 {.follower_counts =
                      [this](const auto& id) {
                        if (peers) peers->note_ready(id);
                      },
                  .damaged = [this](const auto& id) { (void)repairs.note(id, Repairs::Fault::in_files); },
                  .unread = [this](const auto& id) { (void)repairs.note(id, Repairs::Fault::of_disk); }}),
      isr_upkeep(b.world_, b.transactions_, *replicas, b.purgatory_, b.options_.id, b.hooks_.say,
                 [this](BrokerId who) {
                   if (peers) peers->suspect(who);
                 }),
      leader_balance(b.world_, b.transactions_, b.hooks_.say),
      succession(b.world_, b.transactions_, b.options_.dir, b.options_.id, *replicas, durability, b.hooks_.say),
      repairs(b.world_, b.transactions_, *replicas, b.registration_, b.options_.id, b.hooks_.say),
      retention(b.world_, *replicas, b.hooks_.say), fetch_sessions(b.world_),
      housekeeping(
          b.world_, retention, [&b] { return b.settings().retention_check_interval_ms; },
          [this] {
            durability.flush_dirty();
            durability.start_flushes();
          }),
      coordinators(b.world_, b.view_, *replicas, durability, b.purgatory_, b.turns_, b.hooks_.say),
      contexts{
          .data = {.world = b.world_,
                   .metadata = b.view_,
                   .replicas = *replicas,
                   .durability = durability,
                   .connections = b.connections_,
                   .memory = b.request_memory_,
                   .purgatory = b.purgatory_,
                   .turns = b.turns_,
                   .log = b.client_log_,
                   .producer_ids = b.producer_ids_,
                   .refusals = b.refusals_,
                   .inspections = b.inspections_,
                   .inspect_now_bytes_max = b.options_.inspect_now_bytes_max,
                   .in_place_bytes_min = b.options_.in_place_bytes_min,
                   .wire = b.wire_,
                   .busy_clients = b.busy_clients_,
                   .sessions = fetch_sessions,
                   .isr_upkeep = isr_upkeep,
                   .repairs = repairs,
                   .throttle = throttle,
                   .region = b.hooks_.region},
          .admin = {b.world_, b.view_, b.transactions_, b.connections_, b.client_log_},
          .facts = {b.view_, b.connections_, b.turns_, b.cluster_id_, served_apis(), contexts.admin},
          .groups = {b.world_, b.view_, b.connections_, coordinators, contexts.admin},
      },
      requests(served_apis(), contexts) {
  if (b.options_.clock_seen) retention.seen_before(*b.options_.clock_seen);
  if (b.hooks_.uplinks)
    peers.emplace(ReplicationContext{b.world_, b.options_.dir, *b.hooks_.uplinks, b.view_, b.transactions_, *replicas,
                                     durability, b.registration_, b.hooks_.say},
                  b.hooks_.kill_broker);
}

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
  auto opened = cluster::Replicas::open(world_, options_.dir.broker_dir(options_.id), options_.id, cluster_id_,
                                        hooks_.say, options_.files, options_.boot_id);
  if (!opened) return ready(std::move(opened).error());
  open_.emplace(*this, std::move(*opened));
  if (Status fits = check_folder(); !fits) return ready(std::move(fits));
  listening_.begin(settings(), [this, ready](bool) {
    register_self([this, ready](Status registered) {
      registered = registration_.put_off(std::move(registered));
      if (registered) registered = replicas().sort_out(image());
      if (registered) begin_to_serve();
      ready(std::move(registered));
    });
  });
}

// Whether folder and metadata can be of one life.
Status Broker::check_folder() {
  const cluster::Folder& folder = replicas().folder();
  if (image().next_offset() == Offset(0) && folder.has_partitions())
    return error(Errc::damaged, options_.dir.metadata_log_dir() + ": the metadata log is empty, but " + folder.path() +
                                    " holds partitions: restore the log from a copy, or move that folder away to "
                                    "begin anew");
  if (folder.is_new() && image().broker(options_.id))
    hooks_.say("DAMAGED: " + folder.path() +
               " was gone: what this broker's partitions held is lost, and they begin anew");
  registration_.look_at(folder);
  producer_ids_.look_at(folder.path());
  return {};
}

void Broker::register_self(std::function<void(Status)> then) {
  if (const cluster::Folder& folder = replicas().folder(); folder.is_offline())
    return then(error(Errc::kafka_storage_error, folder.offline_reason()));
  registration_.write(listening_.endpoints(), std::move(then));
}

// Its partitions are known from here on: what is denied is not there.
void Broker::begin_to_serve() {
  serving_ = true;
  image_changed(metadata::Delta::all());
  open_->housekeeping.begin();
  idle_since_ms_ = world_.clock.mono_ms() + first_client_ms;
}

// --- metadata ---

void Broker::on_metadata_changed() { transactions_.catch_up(); }

void Broker::image_changed(const metadata::Delta& delta) {
  if (hooks_.region) hooks_.region->show_metadata_end(image().next_offset());
  if (!serving_ || closing_) return;
  const config::BrokerSettings now = settings();
  replicas().reconcile(image(), delta,
                       {.static_file = &options_.static_configs,
                        .producer_id_expiration_ms = now.producer_id_expiration_ms,
                        .is_known = registration_.is_known()});
  if (hooks_.settings_changed) hooks_.settings_changed(now);
  follow_listeners(now);
  registration_.follow();
  producer_ids_.follow();
  open_->isr_upkeep.follow(now);
  open_->isr_upkeep.follow(delta);
  open_->leader_balance.follow(now);
  open_->throttle.follow(now.leader_throttle);
  if (open_->peers) open_->peers->follow(now);
  open_->coordinators.follow(delta, now);
  if (delta.anew || delta.broker_configs) purgatory_.moved_all();
  else purgatory_.moved(delta.topics);
}

void Broker::follow_listeners(const config::BrokerSettings& now) {
  listening_.follow(now, [this] {
    register_self([this](Status registered) {
      if (!registered) hooks_.say("the new listener is not registered: " + registered.error().message);
    });
  });
}

// --- connections ---

void Broker::on_connected(ConnectionId id, const Peer& peer) {
  connections_.open(id, peer);
  idle_since_ms_.reset();
}

void Broker::on_disconnected(ConnectionId id) {
  connections_.gone(id);
  busy_clients_.forget(id);
  if (open_) open_->coordinators.disconnected(id);
  if (connections_.count() == 0) idle_since_ms_ = world_.clock.mono_ms();
}

void Broker::on_frame(ConnectionId id, Bytes frame) {
  if (closing_ || !connections_.peer(id)) return;
  if (connections_.is_held(id)) {
    connections_.keep_frame(id, std::string(frame), request_memory_.budget().take(frame.size()));
    return open_->coordinators.wake(id);
  }
  open_->requests.take(id, frame);
}

std::optional<int64_t> Broker::idle_since_ms() const {
  return connections_.count() == 0 ? idle_since_ms_ : std::nullopt;
}

// --- rounds ---

void Broker::run() {
  if (closed_ || !open_) return;
  int64_t now = world_.clock.mono_ms();
  turns_.run_one();
  for (const cluster::TopicPartition& id : replicas().take_changed()) {
    purgatory_.moved(id);
    if (open_->peers) open_->peers->note_ready(id);
    if (serving_) open_->coordinators.follow(id);
  }
  if (serving_ && !closing_) open_->coordinators.run();
  handle_requests(now);
  open_->durability.start_flushes();
  if (serving_ && !closing_) {
    open_->housekeeping.run();
    open_->isr_upkeep.run();
    open_->leader_balance.run();
    open_->succession.run();
    open_->repairs.run();
    if (open_->peers) open_->peers->run();
    registration_.write_if_due();
    if (auto due = listening_.next_try_ms(); due && now >= *due) follow_listeners(settings());
  }
  if (serving_) open_->durability.write_checkpoints(closing_);
  if (closing_ && is_quiet()) finish_closing();
}

// Those that were kept or that waited, until nothing moves any more.
void Broker::handle_requests(int64_t now) {
  for (bool again = true; again;) {
    again = false;
    request_memory_.let_in();
    while (auto kept = connections_.next_kept_frame()) {
      if (!closing_ && connections_.peer(kept->first)) open_->requests.take(kept->first, kept->second);
      again = true;
    }
    purgatory_.run(now);
    again = again || purgatory_.has_moved();
  }
}

std::optional<int64_t> Broker::next_deadline_ms() const {
  if (closing_ && !closed_ && !turns_.empty()) return 0;
  if (closed_ || !serving_ || closing_) return std::nullopt;
  int64_t next = turns_.empty() ? open_->housekeeping.next_deadline_ms() : 0;
  for (auto other :
       {open_->durability.next_deadline_ms(), open_->isr_upkeep.next_deadline_ms(),
        open_->leader_balance.next_deadline_ms(), open_->succession.next_deadline_ms(),
        open_->peers ? open_->peers->next_deadline_ms() : std::nullopt, listening_.next_try_ms(),
        open_->coordinators.next_deadline_ms(), registration_.next_try_ms(), purgatory_.next_deadline_ms()})
    if (other) next = std::min(next, *other);
  return next;
}

// --- end ---

void Broker::shut_down(std::function<void()> done) {
  on_closed_ = std::move(done);
  if (closing_) return;
  closing_ = true;
  view_.end();
  listening_.end();
  inspections_.forget_waiting();
  if (!open_) {
    closed_ = true;
    return on_closed_();
  }
  open_->housekeeping.end();
  open_->coordinators.end();
  if (open_->peers) {
    auto order = home::read_stop_order(world_.storage, options_.dir);
    open_->peers->end(order && order->all);
  }
  if (serving_) open_->retention.all_now();
  open_->durability.flush_to_close();
  run();
}

bool Broker::is_quiet() const {
  return turns_.empty() && open_->durability.is_idle() && !open_->replicas->is_opening() &&
         open_->succession.is_idle() && inspections_.is_idle() && !transactions_.is_busy();
}

void Broker::finish_closing() {
  purgatory_.moved_all();
  purgatory_.run(world_.clock.mono_ms());  // what the last flush made true is still answered
  if (auto closed = replicas().close(epoch()); !closed) hooks_.say("not closed cleanly: " + closed.error().message);
  connections_.close_all();
  closed_ = true;
  if (on_closed_) on_closed_();
}

}  // namespace bobbin::broker
