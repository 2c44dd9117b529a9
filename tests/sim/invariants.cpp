#include "sim/invariants.h"

#include <algorithm>

#include "base/ids.h"
#include "metadata/metadata_log.h"
#include "metadata/partition_change.h"
#include "metadata/reassignments.h"

namespace bobbin::sim {

namespace {

// Logs change with nearly every step: they are looked at when the metadata says something else of them, and so often.
constexpr uint64_t logs_every = 32;
constexpr uint64_t replay_every = 512;

std::string list(const std::vector<BrokerId>& ids) {
  std::string out;
  for (BrokerId id : ids) out += (out.empty() ? "" : ",") + to_string(id);
  return "{" + out + "}";
}

std::string broker(BrokerId id) { return "broker " + to_string(id); }
BrokerId id_of(const Node& node) { return BrokerId(static_cast<int32_t>(node.index()) + 1); }

const DiskBatch* find_batch(const std::vector<DiskBatch>& batches, Offset base) {
  auto it = std::lower_bound(batches.begin(), batches.end(), base,
                             [](const DiskBatch& batch, Offset offset) { return batch.base < offset; });
  return it != batches.end() && it->base == base ? &*it : nullptr;
}

}  // namespace

bool Invariants::Known::has_config(std::string_view key, std::string_view value) const {
  const config::ConfigMap& set = image.configs(config::ConfigScope::topic, topic.name);
  auto it = set.find(key);
  return it != set.end() && (value.empty() || it->second == value);
}

std::vector<BrokerId> Invariants::Known::candidates() const {
  std::vector<BrokerId> ids = partition.isr;
  ids.insert(ids.end(), partition.eligible_leaders.begin(), partition.eligible_leaders.end());
  return ids;
}

std::string Invariants::Known::text() const {
  return name() + " (leader " + to_string(partition.leader) + ", leader epoch " + to_string(partition.leader_epoch) +
         ", partition epoch " + std::to_string(partition.partition_epoch) + ", replicas " + list(partition.replicas) +
         ", adding " + list(partition.adding_replicas) + ", removing " + list(partition.removing_replicas) + ", isr " +
         list(partition.isr) + ", eligible " + list(partition.eligible_leaders) + ")";
}

// --- when

void Invariants::after_step() {
  steps_++;
  changed_.merge(stage_.disk.take_changed());
  find_newest();
  for (auto& node : nodes_) {
    if (!node->take_acted() || !node->is_ready()) continue;
    look_at_image(*node);
    look_at_roles(*node);
  }
  if (look_now_ || steps_ % logs_every == 0) look_at_logs();
  if (steps_ % replay_every == 0)
    for (auto& node : nodes_)
      if (node->is_ready()) look_at_replay(*node);
}

void Invariants::at_rest() {
  find_newest();
  look_at_logs();
  for (auto& node : nodes_)
    if (node->is_ready()) look_at_replay(*node);
  if (!newest_) return;
  for_each_partition(*newest_, [this](const Known& which) { look_at_sequences(which); });
}

void Invariants::power_cut() {
  std::erase_if(committed_, [](const auto& each) { return each.second.is_os; });
  look_now_ = true;
}

// A broker epoch is where its registration lies in the metadata log: what lies there now was told before.
void Invariants::lost_folder(BrokerId who) {
  metadata::Reader reader(stage_.disk, dir_.metadata_log_dir());
  auto update = reader.read();
  lost_[who] = BrokerEpoch(update ? update->next_offset.value : INT64_MAX);
}

bool Invariants::can_spare(BrokerId who) {
  find_newest();
  if (!newest_) return false;
  bool can = std::none_of(lost_.begin(), lost_.end(), [&](const auto& other) { return is_exempt(other.first); });
  for_each_partition(*newest_, [&](const Known& which) {
    const metadata::Partition& p = which.partition;
    for (const auto& [other, life] : lost_)
      if (holds(p.replicas, other) && !holds(p.isr, other)) can = false;
    const auto candidates = which.candidates();
    if (std::all_of(candidates.begin(), candidates.end(), [&](BrokerId id) { return id == who; })) can = false;
  });
  return can;
}

bool Invariants::is_exempt(BrokerId who) const {
  auto it = lost_.find(who);
  const metadata::Broker* known = newest_->broker(who);
  return it != lost_.end() && (!known || known->epoch < it->second);
}

// --- what is known

Node* Invariants::ready(BrokerId id) {
  Node& node = *nodes_.at(static_cast<size_t>(id.value) - 1);
  return node.is_ready() ? &node : nullptr;
}

void Invariants::find_newest() {
  newest_ = nullptr;
  for (auto& node : nodes_) {
    if (!node->is_ready() || node->broker().image().next_offset() < newest_offset_) continue;
    newest_ = &node->broker().image();
    newest_offset_ = newest_->next_offset();
  }
}

std::optional<Invariants::Known> Invariants::find(const metadata::Image& image, const PartitionOf& id) const {
  const metadata::Topic* topic = image.topic(id.topic);
  const auto number = static_cast<size_t>(id.partition.value);
  if (!topic || number >= topic->partitions.size()) return std::nullopt;
  return Known{image, *topic, topic->partitions[number], id};
}

template <class Visit>
void Invariants::for_each_partition(const metadata::Image& image, const Visit& visit) {
  for (const auto& [name, topic] : image.topics())
    for (size_t i = 0; i < topic.partitions.size() && !stage_.violation(); i++)
      visit(Known{image, topic, topic.partitions[i], {topic.id, PartitionId(static_cast<int32_t>(i))}});
}

// --- images

void Invariants::look_at_image(Node& node) {
  const metadata::Image& image = node.broker().image();
  Life& life = lives_[id_of(node)];
  if (life.number != node.lives()) {
    life = Life();
    life.number = node.lives();
  }
  if (image.next_offset() == life.image) return;
  const std::string who = broker(id_of(node));
  if (image.next_offset() < life.image)
    violate("I10", who + " had read the metadata up to " + to_string(life.image) + ", and has it up to " +
                       to_string(image.next_offset()));
  life.image = image.next_offset();
  look_at_brokers(image, life, who);
  for_each_partition(image, [&](const Known& which) {
    auto [seen, is_new] = life.partition_epochs.try_emplace(which.id, which.partition.partition_epoch);
    if (!is_new && seen->second == which.partition.partition_epoch) return;
    if (seen->second > which.partition.partition_epoch)
      violate("I10", who + " has " + which.text() + " after partition epoch " + std::to_string(seen->second));
    seen->second = which.partition.partition_epoch;
    look_at_state(which, who);
    look_at_shape(which);
  });
}

void Invariants::look_at_brokers(const metadata::Image& image, Life& life, const std::string& who) {
  for (const auto& [id, known] : image.brokers()) {
    BrokerEpoch& epoch = life.broker_epochs.try_emplace(id, known.epoch).first->second;
    if (known.epoch < epoch)
      violate("I10",
              who + " has broker epoch " + to_string(known.epoch) + " of " + broker(id) + " after " + to_string(epoch));
    epoch = known.epoch;
    if (incarnations_.try_emplace({id, known.epoch}, known.incarnation).first->second != known.incarnation)
      violate("I10", "two lives of " + broker(id) + " have broker epoch " + to_string(known.epoch));
    if (!known.fenced) continue;
    for_each_partition(image, [&, id = id](const Known& which) {
      if (holds(which.partition.isr, id)) violate("I14", broker(id) + " is fenced, and in sync with " + which.text());
    });
  }
}

void Invariants::look_at_state(const Known& which, const std::string& who) {
  unlooked_.insert(which.id);
  look_now_ = true;
  auto& states = states_[which.id];
  const metadata::Partition& now = which.partition;
  auto [at, is_new] = states.try_emplace(now.partition_epoch, now);
  if (at->second != now) violate("I10", who + " has another " + which.text() + " than somebody else");
  auto check_order = [&](const metadata::Partition& before, const metadata::Partition& after) {
    if (before.leader_epoch > after.leader_epoch ||
        (before.leader_epoch == after.leader_epoch && before.leader != after.leader))
      violate("I10", which.text() + ": leader " + to_string(before.leader) + " of epoch " +
                         to_string(before.leader_epoch) + " is followed by " + to_string(after.leader) + " of epoch " +
                         to_string(after.leader_epoch));
  };
  if (at != states.begin()) check_order(std::prev(at)->second, now);
  if (is_new && at != states.begin() && std::prev(at)->first + 1 == at->first)
    look_at_move(std::prev(at)->second, which);
  if (std::next(at) != states.end()) check_order(now, std::next(at)->second);
}

bool Invariants::nothing_moves() {
  find_newest();
  if (!newest_) return false;
  bool nothing = true;
  for_each_partition(*newest_, [&](const Known& which) { nothing &= !metadata::is_moving(which.partition); });
  return nothing;
}

void Invariants::look_at_move(const metadata::Partition& before, const Known& which) {
  const metadata::Partition& now = which.partition;
  for (BrokerId id : before.replicas) {
    if (holds(now.replicas, id)) continue;
    stage_.counters.add(Event::copy_moved_away);
    if (!holds(before.removing_replicas, id)) violate("I21", broker(id) + " was not to go from " + which.text());
    if (holds(before.adding_replicas, id)) continue;
    for (BrokerId stays : now.replicas)
      if (!holds(now.isr, stays))
        violate("I21",
                broker(id) + " has no copy any more, and " + broker(stays) + " is not in sync with " + which.text());
  }
}

void Invariants::look_at_shape(const Known& which) {
  const metadata::Partition& p = which.partition;
  auto wrong = [&](const std::string& what) { violate("I14", what + ": " + which.text()); };
  if (p.leader != broker_none && !holds(p.isr, p.leader)) wrong("the leader is not in sync");
  const auto enough = static_cast<size_t>(metadata::min_isr_of(which.image, which.topic, p));
  if (p.isr.size() >= enough && !p.eligible_leaders.empty()) wrong("enough are in sync, and somebody is eligible");
  std::set<BrokerId> once;
  for (BrokerId id : which.candidates()) {
    if (!once.insert(id).second) wrong(broker(id) + " is in sync or eligible twice");
    if (!holds(p.replicas, id)) wrong(broker(id) + " is in sync or eligible, and has no copy");
  }
}

// --- roles

void Invariants::look_at_roles(Node& node) {
  auto& roles = lives_[id_of(node)].roles;
  node.broker().replicas().opened().for_each([&](cluster::Replica& replica) {
    const cluster::Leading* leading = replica.leading();
    const cluster::Following* following = replica.following() ? replica.following() : replica.succeeding();
    const cluster::Copy& copy = *replica.copy();
    const Role now{leading != nullptr,
                   leading ? leading->epoch() : following->epoch(),
                   leading ? leading->high_watermark() : following->committed(),
                   copy.durable_end(),
                   copy.log_start(),
                   copy.log_end(),
                   leading && leading->in_sync().has_enough()};
    Role& before = roles[replica.id()];
    if (before == now) return;
    if (auto which = find(node.broker().image(), replica.id())) look_at_role(node, before, now, *which);
    if (now.end < before.end) look_now_ = true;  // it was cut
    before = now;
    unlooked_.insert(replica.id());
  });
}

void Invariants::look_at_role(Node& node, Role& before, const Role& now, const Known& which) {
  const std::string who = broker(id_of(node)) + (now.leads ? ", leading " : ", following ") + which.text();
  const cluster::Copy& copy = *node.broker().replicas().opened().find_copy(which.id);
  if ((now.shown > now.end && !begins_anew(copy, which)) || (now.leads && copy.log_start() > now.shown))
    violate("I17", who + ": the log begins at " + to_string(copy.log_start()) + ", the high watermark is " +
                       to_string(now.shown) + ", the log ends at " + to_string(now.end));
  if (!now.leads) {
    auto known = committed_.find(which.id);
    const Offset end = known == committed_.end() ? Offset(0) : known->second.end;
    if (now.shown > end)
      violate("I7", who + " knows as committed what lies below " + to_string(now.shown) +
                        ", and no leader has committed more than what lies below " + to_string(end));
    return;
  }
  const bool is_new = !before.leads || before.epoch != now.epoch;
  if (!is_new && now.shown < before.shown)
    violate("I11", who + ": the high watermark was " + to_string(before.shown) + ", and is " + to_string(now.shown));
  if (is_new) begin_reign(node, which, now.epoch);
  if (is_new || now.shown > before.shown || now.start > before.start) commit(node, which, now.shown);
  if (!is_new && now.shown > before.shown && newest_)
    if (auto newest = find(*newest_, which.id)) look_at_waiting(*newest);
  if (!is_new && now.end > before.end && !before.has_enough && !now.has_enough)
    look_at_refused(node, before.end, which);
}

// Where too few are in sync, acks=all is refused before anything is appended.
void Invariants::look_at_refused(Node& node, Offset from, const Known& which) {
  for (const DiskBatch& batch : log_of(id_of(node), which).batches())
    if (batch.base >= from && model_.waits_for_all({which.id.topic, which.id.partition.value}, batch.producer.value))
      return violate("R5", broker(id_of(node)) + " appends " + batch.text() + " to " + which.text() +
                               ", of a producer that waits for all, and too few are in sync");
}

// A follower that has nothing any more of what its leader still has knows what is committed before it has it.
bool Invariants::begins_anew(const cluster::Copy& copy, const Known& which) const {
  return which.is_trimmed() && copy.log_start() == copy.log_end();
}

void Invariants::begin_reign(Node& node, const Known& which, LeaderEpoch epoch) {
  const std::pair<BrokerId, uint64_t> ruler{id_of(node), node.lives()};
  auto [first, is_new] = reigns_.try_emplace({which.id, epoch}, ruler);
  // What nobody else has a copy of goes on on a full disk as it was in the last life.
  const bool may_go_on = node.is_put_off() && which.partition.replicas.size() == 1;
  if (first->second != ruler && !may_go_on)
    violate("I10", broker(ruler.first) + " in its life " + std::to_string(ruler.second) + " leads " + which.text() +
                       " in the reign of " + broker(first->second.first) + " in its life " +
                       std::to_string(first->second.second));
  const auto newest = newest_ ? find(*newest_, which.id) : std::nullopt;
  auto known = committed_.find(which.id);
  if (!newest || known == committed_.end()) return;
  if (newest->partition.leader != ruler.first || newest->partition.leader_epoch != epoch) return;
  if (auto why = missing(log_of(ruler.first, which), which, known->second.deleted, known->second.end);
      why && !is_exempt(ruler.first))
    violate("I1", broker(ruler.first) + " begins to lead " + which.text() + ", and " + *why);
}

void Invariants::commit(Node& node, const Known& which, Offset high_watermark) {
  auto [known, is_new] = committed_.try_emplace(which.id);
  Committed& c = known->second;
  c.is_os = which.is_os();
  c.deleted = std::max(c.deleted, node.broker().replicas().opened().find_copy(which.id)->log_start());
  if (high_watermark <= c.end) return;
  const DiskLog& log = log_of(id_of(node), which);
  const std::string who =
      broker(id_of(node)) + " commits what lies below " + to_string(high_watermark) + " of " + which.text() + ", and ";
  if (log.end() < high_watermark) return violate("I17", who + "on its disk the log ends at " + to_string(log.end()));
  if (const Offset kept = log.synced_end(start_of(id_of(node), which)); !c.is_os && kept < high_watermark)
    return violate("I12", who + "a power cut leaves what lies below " + to_string(kept));
  if (c.batches.empty()) c.start = c.end = std::max(c.end, log.start());
  const DiskBatch* batch = find_batch(log.batches(), c.end);
  if (!batch && c.end < high_watermark)
    return violate("I4", who + "no batch of it begins at " + to_string(c.end) + ", up to where all was committed");
  for (; c.end < high_watermark; batch++) {
    c.batches.push_back(*batch);
    c.end = batch->next;
  }
}

// --- disks

DiskLog& Invariants::log_of(BrokerId who, const Known& which) {
  const std::string folder = dir_.broker_dir(who) + "/" + which.name();
  auto [at, is_new] = logs_.try_emplace(folder, stage_.disk, folder);
  at->second.read(which.id.topic, which.is_trimmed());
  return at->second;
}

// What lies before it is not to be kept any more. Of one who is dead it is guessed: its last segment is.
Offset Invariants::start_of(BrokerId who, const Known& which) {
  Node* node = ready(who);
  const cluster::Copy* copy = node ? node->broker().replicas().opened().find_copy(which.id) : nullptr;
  if (copy) return copy->log_start();
  return which.is_trimmed() ? log_of(who, which).last_segment() : Offset(0);
}

std::optional<std::string> Invariants::missing(const DiskLog& log, const Known& which, Offset from,
                                               Offset below) const {
  const Committed& c = committed_.at(which.id);
  below = std::min(below, c.end);
  // A power cut took what was not flushed of a follower, or it was away, and its leader's log begins behind that by now: it begins
  // there, too.
  // So it does where its leader deleted all that was committed, as whoever coordinates groups does when it has written anew.
  if ((which.is_os() || which.is_trimmed() || c.deleted >= below) && from >= below) return std::nullopt;
  if (log.end() < below)
    return "its log ends at " + to_string(log.end()) + ", where what lies below " + to_string(below) + " was committed";
  if (log.start() > c.start && !which.is_trimmed())
    return "its log begins at " + to_string(log.start()) + ", where nothing was to be deleted";
  from = std::max({from, c.start, log.start()});
  auto ours = std::lower_bound(c.batches.begin(), c.batches.end(), from,
                               [](const DiskBatch& batch, Offset offset) { return batch.base < offset; });
  auto theirs = std::lower_bound(log.batches().begin(), log.batches().end(), from,
                                 [](const DiskBatch& batch, Offset offset) { return batch.base < offset; });
  for (; ours != c.batches.end() && ours->base < below; ++ours, ++theirs)
    if (theirs == log.batches().end() || *theirs != *ours)
      return "its log has " + (theirs == log.batches().end() ? std::string("nothing") : theirs->text()) + ", where " +
             ours->text() + " was committed";
  return std::nullopt;
}

bool Invariants::has_changed(const Known& which) const {
  if (unlooked_.contains(which.id)) return true;
  return std::any_of(which.partition.replicas.begin(), which.partition.replicas.end(),
                     [&](BrokerId id) { return changed_.contains(dir_.broker_dir(id) + "/" + which.name()); });
}

// Its topic may be deleted already, and nobody who lives knows it yet.
bool Invariants::is_going(const Known& which) const {
  const Topic* topic = model_.find(which.id.topic);
  return topic && topic->state != Topic::State::there;
}

void Invariants::look_at_logs() {
  look_now_ = false;
  if (!newest_) return;
  for_each_partition(*newest_, [this](const Known& which) {
    if (!has_changed(which) || is_going(which)) return;
    look_at_candidates(which);
    look_at_leader(which);
    for (auto& node : nodes_)
      if (node->is_ready()) look_at_copy(*node, which);
    compare_copies(which);
  });
  changed_.clear();
  unlooked_.clear();
}

void Invariants::look_at_candidates(const Known& which) {
  auto known = committed_.find(which.id);
  if (known == committed_.end()) return;
  for (BrokerId id : which.candidates()) {
    if (is_exempt(id)) continue;
    if (auto why = missing(log_of(id, which), which, known->second.deleted, known->second.end))
      violate("I2", broker(id) + (holds(which.partition.isr, id) ? " is in sync with " : " is eligible for ") +
                        which.text() + ", and " + *why);
  }
}

cluster::Leading* Invariants::leading(const Known& which) {
  const metadata::Partition& p = which.partition;
  Node* node = p.leader == broker_none ? nullptr : ready(p.leader);
  cluster::Leading* found = node ? node->broker().replicas().opened().find_leading(which.id) : nullptr;
  return found && found->epoch() == p.leader_epoch ? found : nullptr;
}

void Invariants::look_at_waiting(const Known& which) {
  cluster::Leading* now = leading(which);
  if (!now || !now->in_sync().has_enough()) return;
  for (BrokerId id : which.candidates())
    if (id != which.partition.leader && !now->in_sync().counts(id))
      violate("I3",
              broker(which.partition.leader) + " leads " + which.text() + ", and does not wait for " + broker(id));
}

void Invariants::look_at_leader(const Known& which) {
  const metadata::Partition& p = which.partition;
  cluster::Leading* now = leading(which);
  if (!now) return;
  look_at_waiting(which);
  const cluster::InSync& in_sync = now->in_sync();
  for (BrokerId id : p.replicas) {
    const auto told = in_sync.follower(id).end;
    if (!told || !in_sync.is_member(id) || !holds(p.isr, id) || is_exempt(id)) continue;
    const DiskLog& log = log_of(id, which);
    const Offset end = which.is_os() ? log.end() : log.synced_end(start_of(id, which));
    // An empty log begins where the leader's does (Following::begin_at).
    if (*told > std::max(end, now->copy().log_start()))
      violate("I12", broker(p.leader) + " leads " + which.text() + " and counts " + broker(id) + " up to " +
                         to_string(*told) + ", whose disk keeps what lies below " + to_string(end));
  }
}

void Invariants::look_at_copy(Node& node, const Known& which) {
  const auto& opened = node.broker().replicas().opened();
  const cluster::Copy* copy = opened.find_copy(which.id);
  if (!copy) return;
  const std::string who = broker(id_of(node)) + " has a copy of " + which.text();
  const DiskLog& log = log_of(id_of(node), which);
  // Of an empty log nothing has to be there.
  if (const Offset kept = log.synced_end(copy->log_start()); copy->durable_end() > std::max(kept, copy->log_start()))
    violate("I12", who + " that is on the disk up to " + to_string(copy->durable_end()) +
                       ", and a power cut leaves what lies below " + to_string(kept));
  if (!committed_.contains(which.id) || begins_anew(*copy, which)) return;
  cluster::Leading* leads = opened.find_leading(which.id);
  cluster::Following* follows = opened.find_following(which.id);
  if (!follows) follows = opened.find_succeeding(which.id);
  const Offset shown = leads ? leads->high_watermark() : follows->committed();
  if (auto why = missing(log, which, copy->log_start(), shown))
    violate("I5", who + " whose high watermark is " + to_string(shown) + ", and " + *why);
}

void Invariants::compare_copies(const Known& which) {
  const auto& replicas = which.partition.replicas;
  for (size_t i = 0; i < replicas.size(); i++) {
    for (size_t j = i + 1; j < replicas.size(); j++) {
      const auto& ours = log_of(replicas[i], which).batches();
      const auto& theirs = log_of(replicas[j], which).batches();
      auto a = ours.begin(), b = theirs.begin();
      while (a != ours.end() && b != theirs.end()) {
        if (a->base == b->base && a->epoch == b->epoch && *a != *b)
          violate("I6", which.text() + ": " + broker(replicas[i]) + " has " + a->text() + ", " + broker(replicas[j]) +
                            " has " + b->text());
        if (a->base < b->base) ++a;
        else if (b->base < a->base) ++b;
        else ++a, ++b;
      }
    }
  }
}

// --- seldom

void Invariants::look_at_replay(Node& node) {
  const metadata::Image& image = node.broker().image();
  metadata::Reader reader(stage_.disk, dir_.metadata_log_dir());
  metadata::Image replayed;
  auto update = reader.read(image.next_offset());
  if (Status read = update ? metadata::apply(*update, replayed) : Status(update.error()); !read)
    return violate("I15", "the metadata log cannot be read: " + read.error().message);
  // A snapshot is of all before it: who is behind it finds less than it has, or more.
  if (replayed.next_offset() != image.next_offset()) return;
  if (replayed != image)
    violate("I15", broker(id_of(node)) + " has another image of the metadata up to " + to_string(image.next_offset()) +
                       " than the log says");
}

void Invariants::look_at_sequences(const Known& which) {
  // Where retention deletes records, their producers may be forgotten with them, and begin anew.
  if (which.partition.leader == broker_none || which.is_trimmed()) return;
  std::map<std::pair<ProducerId, ProducerEpoch>, DiskBatch> last;
  for (const DiskBatch& batch : log_of(which.partition.leader, which).batches()) {
    if (batch.producer == producer_id_none) continue;
    auto [before, is_first] = last.try_emplace({batch.producer, batch.producer_epoch}, batch);
    // Whom a log does not know (any more: a power cut took what it knew of him) may begin anywhere.
    const Sequence wanted = before->second.sequence + before->second.records;
    if (!is_first && batch.sequence != wanted)
      return violate("I18", which.text() + ": " + batch.text() + " is of producer " + to_string(batch.producer) +
                                " from sequence " + to_string(batch.sequence) + " on, and " + to_string(wanted) +
                                " would follow");
    before->second = batch;
  }
}

}  // namespace bobbin::sim
