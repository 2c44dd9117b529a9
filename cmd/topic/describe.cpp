#include "base/number.h"
#include "base/text.h"
#include "base/uuid.h"
#include "client/admin/configs.h"
#include "client/admin/reassignments.h"
#include "client/admin/replica_ends.h"
#include "client/admin/sentences.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/output/json_envelope.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "cmd/topic/loss.h"
#include "cmd/words/shared_options.h"
#include "home/broker_folders.h"

namespace bobbin::cmd {
namespace {

// How long a broker is waited for that is asked how far its copies go: on this machine, who is alive answers at once.
constexpr int64_t patience_ms = 200, patience_afar_ms = 2000;

struct Described {
  client::TopicView view;
  std::vector<client::Config> configs;           // that were set on the topic
  std::optional<int32_t> min_isr;                // that counts; none: the cluster does not tell
  std::optional<std::string> flush_policy = {};  // none: it has no such config, as Kafka's
  client::ReplicaEnds ends = {};
  Devices devices = {};                                    // of a local cluster's brokers
  std::map<PartitionId, client::MoveUnderWay> moves = {};  // of those that are being moved
};

// --- which partitions

const client::MoveUnderWay& move_of(const Described& topic, size_t number) {
  static const client::MoveUnderWay none{};
  auto found = topic.moves.find(PartitionId(static_cast<int32_t>(number)));
  return found == topic.moves.end() ? none : found->second;
}
// How many it is to have all the time: those that a move only brings do not count before that is done (as Kafka's tool has it).
size_t replicas_of(const Described& topic, size_t number) {
  return topic.view.partitions[number].replicas.size() - move_of(topic, number).adding.size();
}
bool is_under_replicated(const Described& topic, size_t number) {
  return topic.view.partitions[number].isr.size() < replicas_of(topic, number);
}
bool is_unavailable(const client::PartitionView& p) { return p.leader.value < 0; }
// Kafka's: min.insync.replicas may be larger than there are replicas.
size_t needed(const Described& topic) { return static_cast<size_t>(std::max(topic.min_isr.value_or(1), 1)); }

struct Filter {
  bool under_replicated = false, unavailable = false, under_min_isr = false, at_min_isr = false;

  bool is_set() const { return under_replicated || unavailable || under_min_isr || at_min_isr; }
  bool takes(const Described& topic, size_t number) const {
    const client::PartitionView& p = topic.view.partitions[number];
    if (!is_set()) return true;
    return (under_replicated && is_under_replicated(topic, number)) || (unavailable && is_unavailable(p)) ||
           (under_min_isr && p.isr.size() < needed(topic)) || (at_min_isr && p.isr.size() == needed(topic));
  }
};

// --- what is told of one

std::optional<Offset> end_of(const Described& topic, size_t number, BrokerId id) {
  auto found = topic.ends.find({PartitionId(static_cast<int32_t>(number)), id});
  return found == topic.ends.end() ? std::nullopt : std::optional(found->second);
}

// How many records a follower's copy lacks; none: one of both was not heard of.
std::optional<int64_t> lag_of(const Described& topic, size_t number, BrokerId id) {
  auto theirs = end_of(topic, number, id);
  auto all = end_of(topic, number, topic.view.partitions[number].leader);
  if (!theirs || !all) return std::nullopt;
  return std::max<int64_t>(*all - *theirs, 0);
}

std::string lag_text(const Described& topic, size_t number) {
  const client::PartitionView& p = topic.view.partitions[number];
  std::string out;
  for (BrokerId id : p.replicas) {
    if (id == p.leader) continue;
    auto lag = lag_of(topic, number, id);
    out += (out.empty() ? "" : ",") + to_string(id) + ":" + (lag ? std::to_string(*lag) : "?");
  }
  return out.empty() ? "-" : out;
}

// Until compaction is there, nobody shall believe that it happens.
bool wants_compaction(const Described& topic) {
  for (const auto& [name, value] : topic.configs)
    if (name == "cleanup.policy" && value.find("compact") != std::string::npos) return true;
  return false;
}

// Empty: the cluster does not say enough.
std::string loss_of(const Described& topic) {
  if (!topic.flush_policy || topic.view.partitions.empty()) return {};
  // Copies that are being made do not count yet.
  std::vector<client::PartitionView> partitions = topic.view.partitions;
  for (size_t i = 0; i < partitions.size(); i++)
    for (BrokerId id : move_of(topic, i).adding) std::erase(partitions[i].replicas, id);
  return loss_text({partitions, needed(topic), *topic.flush_policy == "ack"}, topic.devices);
}

std::string durability_text(const Described& topic) {
  std::string out;
  if (topic.flush_policy) out += "flush.policy=" + *topic.flush_policy;
  if (topic.min_isr) out += (out.empty() ? "" : " ") + ("min.insync.replicas=" + std::to_string(*topic.min_isr));
  const std::string loss = loss_of(topic);
  return out.empty() ? out : "  " + out + (loss.empty() ? "" : "  (" + loss + ")") + "\n";
}

// --- in each form

std::string as_json(const Described& topic, size_t number) {
  const client::PartitionView& p = topic.view.partitions[number];
  std::string out = "{\"partition\":" + std::to_string(number);
  out += ",\"leader\":" + (p.leader.value < 0 ? std::string("null") : to_string(p.leader));
  out += ",\"leader_epoch\":" + to_string(p.leader_epoch);
  out += ",\"replicas\":[" + ids_text(p.replicas) + "],\"isr\":[" + ids_text(p.isr) + "],\"offline\":[" +
         ids_text(p.offline) + "]";
  const client::MoveUnderWay& move = move_of(topic, number);
  out += ",\"adding\":[" + ids_text(move.adding) + "],\"removing\":[" + ids_text(move.removing) + "]";
  out += ",\"lag\":{";
  bool first = true;
  for (BrokerId id : p.replicas) {
    if (id == p.leader) continue;
    const auto lag = lag_of(topic, number, id);
    out += (first ? "\"" : ",\"") + to_string(id) + "\":" + (lag ? std::to_string(*lag) : std::string("null"));
    first = false;
  }
  return out + "}}";
}

// On how many disks each partition's copies lie at least. Only this machine knows.
std::string disks_json(const Described& topic) {
  return topic.devices.empty() ? "null" : std::to_string(disks_of(topic.view.partitions, topic.devices));
}

std::string as_json(const Described& topic, const Filter& filter) {
  std::string out = "{\"name\":";
  append_json_text(out, topic.view.name);
  out += ",\"id\":" + (topic.view.id.is_zero() ? "null" : "\"" + to_string(topic.view.id) + "\"");
  out += ",\"min_insync_replicas\":" + (topic.min_isr ? std::to_string(*topic.min_isr) : std::string("null"));
  out += ",\"flush_policy\":" + (topic.flush_policy ? "\"" + *topic.flush_policy + "\"" : std::string("null"));
  out += ",\"disks\":" + disks_json(topic);
  out += ",\"partitions\":[";
  bool first = true;
  for (size_t i = 0; i < topic.view.partitions.size(); i++) {
    if (!filter.takes(topic, i)) continue;
    out += (first ? "" : ",") + as_json(topic, i);
    first = false;
  }
  out += "],\"configs\":{";
  first = true;
  for (const auto& [name, value] : topic.configs) {
    append_json_text(out += first ? "" : ",", name);
    append_json_text(out += ":", value);
    first = false;
  }
  return out + "}" + (wants_compaction(topic) ? ",\"note\":\"not compacted yet\"}" : "}");
}

// "+3 -1"
std::string move_text(const client::MoveUnderWay& move) {
  std::string out = move.adding.empty() ? "" : "+" + ids_text(move.adding);
  if (!move.removing.empty()) out += (out.empty() ? "-" : " -") + ids_text(move.removing);
  return out;
}

std::vector<Cell> row(const Described& topic, size_t number) {
  const client::PartitionView& p = topic.view.partitions[number];
  const Cell leader = p.leader.value < 0 ? Cell() : Cell(p.leader.value);
  const std::string move = move_text(move_of(topic, number));
  return {static_cast<int64_t>(number),
          leader,
          ids_text(p.replicas),
          ids_text(p.isr),
          p.leader_epoch.value,
          lag_text(topic, number),
          move.empty() ? Cell() : Cell(move)};
}

std::string as_text(const Described& topic, const Filter& filter) {
  std::string out = "topic " + escaped_for_line(topic.view.name) +
                    (topic.view.id.is_zero() ? "" : "  id " + to_string(topic.view.id)) + "\n";
  out += durability_text(topic);
  for (const auto& [name, value] : topic.configs)
    out += "  " + escaped_for_line(name) + "=" + escaped_for_line(value) + "\n";
  if (wants_compaction(topic)) out += "  not compacted yet: this version deletes nothing of it\n";
  Listing partitions({"partition", "leader", "replicas", "isr", "epoch", "lag", "moving"});
  for (size_t i = 0; i < topic.view.partitions.size(); i++)
    if (filter.takes(topic, i)) partitions.add(row(topic, i));
  return out + partitions.render(OutputForm::text);
}

std::string as_tsv(const Described& topic, const Filter& filter) {
  Listing partitions({"name", "partition", "leader", "replicas", "isr", "epoch", "lag", "moving"});
  for (size_t i = 0; i < topic.view.partitions.size(); i++) {
    if (!filter.takes(topic, i)) continue;
    std::vector<Cell> cells = row(topic, i);
    cells.insert(cells.begin(), Cell(topic.view.name));
    partitions.add(std::move(cells));
  }
  return partitions.render(OutputForm::tsv);
}

// --- asking

Status take_configs(client::Session& session, Described& topic) {
  BOBBIN_TRY_ASSIGN(entries, client::describe_configs(session, client::ResourceType::topic, topic.view.name));
  for (const client::ConfigEntry& entry : entries) {
    const std::string value = entry.value.value_or("");
    if (entry.source == 1) topic.configs.push_back({entry.name, value});
    if (entry.name == "min.insync.replicas") topic.min_isr = number_in<int32_t>(value);
    if (entry.name == "flush.policy") topic.flush_policy = value;
  }
  return {};
}

// A cluster that is too old to tell has none.
void take_moves(client::Session& session, std::vector<Described>& topics) {
  auto moves = client::moves_under_way(session);
  if (!moves) return;
  for (client::MoveUnderWay& move : *moves)
    for (Described& topic : topics)
      if (topic.view.name == move.topic) topic.moves.emplace(move.partition, std::move(move));
}

Result<std::vector<client::TopicView>> views(client::Session& session, const std::vector<std::string>& names) {
  return names.empty() ? client::list_topics(session) : client::describe_topics(session, names);
}

std::vector<Described> describe(client::Session& session, std::vector<client::TopicView> found, Report& report) {
  std::vector<Described> topics;
  for (client::TopicView& view : found) {
    if (view.error != Errc::none && view.partitions.empty()) {
      report.failed(client::kafka_error(static_cast<int16_t>(view.error), std::nullopt, "topic " + view.name));
      continue;
    }
    Described topic{.view = std::move(view), .configs = {}, .min_isr = {}};
    if (Status told = take_configs(session, topic); !told) {
      report.failed(told.error());
      continue;
    }
    topics.push_back(std::move(topic));
    report.done();
  }
  return topics;
}

// How far they go, and on which disks they are.
void look_at_copies(client::Session& session, std::vector<Described>& topics) {
  const bool is_local = session.is_local();
  for (Described& topic : topics) {
    topic.ends = client::replica_ends(session, topic.view, is_local ? patience_ms : patience_afar_ms);
    if (!is_local) continue;
    std::vector<BrokerId> replicas;
    for (const client::PartitionView& p : topic.view.partitions)
      replicas.insert(replicas.end(), p.replicas.begin(), p.replicas.end());
    topic.devices = home::devices({session.target().dir}, replicas);
  }
}

// Whether any partition was let through.
bool leave_out_others(std::vector<Described>& topics, const Filter& filter) {
  if (!filter.is_set()) return false;
  std::erase_if(topics, [&](const Described& topic) {
    for (size_t i = 0; i < topic.view.partitions.size(); i++)
      if (filter.takes(topic, i)) return false;
    return true;
  });
  return !topics.empty();
}

std::string rendered(const std::vector<Described>& topics, OutputForm form, const Filter& filter) {
  std::string out = form == OutputForm::json ? "[" : "";
  for (size_t i = 0; i < topics.size(); i++) {
    if (form == OutputForm::json) out += (i ? ",\n" : "") + as_json(topics[i], filter);
    else if (form == OutputForm::tsv) out += as_tsv(topics[i], filter);
    else out += (i ? "\n" : "") + as_text(topics[i], filter);
  }
  return form == OutputForm::json ? out + "]\n" : out;
}

int run(const Arguments& arguments) {
  std::vector<std::string> names = arguments.topics();
  if (!names.empty())
    if (Status status = check_names(names); !status) return fail(status.error());
  const Filter filter{arguments.has("under-replicated"), arguments.has("unavailable"), arguments.has("under-min-isr"),
                      arguments.has("at-min-isr")};
  auto session = connect(arguments);
  if (!session) return fail(session.error());
  auto found = views(**session, names);
  if (!found) return fail(found.error());
  Report report;
  std::vector<Described> topics = describe(**session, std::move(*found), report);
  if (!topics.empty()) take_moves(**session, topics);
  const bool any = leave_out_others(topics, filter);
  look_at_copies(**session, topics);
  const int printed = print(rendered(topics, output_form(arguments), filter));
  if (report.exit_code() != exit_done) return report.exit_code();
  return any ? exit_no : printed;
}

constexpr Option options[] = {
    topic_names,
    {.name = "under-replicated",
     .aliases = "under-replicated-partitions",
     .doc = "Only partitions with fewer in sync than they have replicas, not counting those that a move is only "
            "making; exit code 1 if "
            "there are any."},
    {.name = "unavailable",
     .aliases = "unavailable-partitions",
     .doc = "Only partitions that nobody leads; exit code 1 if there are any."},
    {.name = "under-min-isr",
     .aliases = "under-min-isr-partitions",
     .doc =
         "Only partitions with fewer in sync than min.insync.replicas, which take no records under acks=all; exit "
         "code 1 if there are any. As Kafka's, also those that have fewer replicas than that: these take records while "
         "all of them are in sync."},
    {.name = "at-min-isr",
     .aliases = "at-min-isr-partitions",
     .doc = "Only partitions with exactly as many in sync as min.insync.replicas; exit code 1 if there are any."},
};

constexpr Example examples[] = {
    {"bobbin topic describe orders", "leaders, replicas, in-sync replicas, what followers lack, and configs"},
    {"bobbin topic describe --under-replicated -q", "exit code 1 if a copy of anything is missing or behind"},
    {"bobbin topic describe --output json", "all topics, for scripts"},
};

}  // namespace

extern constinit const Command topic_describe{
    .name = "topic describe",
    .arguments = "[NAME...]",
    .summary = "Show partitions, leaders, replicas and configs of topics",
    .description =
        "Shows the topics of these names, or all. In JSON, each is "
        "{\"name\", \"id\", \"min_insync_replicas\", \"flush_policy\", \"disks\", \"partitions\": [{\"partition\", "
        "\"leader\", \"leader_epoch\", \"replicas\", \"isr\", \"offline\", \"adding\", \"removing\", \"lag\": {}}], "
        "\"configs\": {}}; the leader is a number or null, and configs holds what was set on the topic.\n\n"
        "While a partition is being moved (see bobbin-cluster-reassign(1)), its replicas are those that it is to have "
        "and then those "
        "that are to go; which copies are being made (+) and which are to go (-) stands under MOVING.\n\n"
        "The lag is the number of records that a follower's copy lacks of its leader's, by the follower's id: asked of "
        "both "
        "at nearly the same time; ? (in JSON null) where one of them does not answer. Under the name stands what of "
        "the "
        "acknowledged records can be lost, see bobbin-guarantees(7). In a local cluster, copies on one disk count as "
        "one "
        "there; in JSON, \"disks\" is on how many disks each partition's copies lie at least, or null.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
