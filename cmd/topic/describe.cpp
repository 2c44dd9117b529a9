#include "base/text.h"
#include "base/uuid.h"
#include "client/admin/configs.h"
#include "client/admin/sentences.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/output/json_envelope.h"
#include "cmd/output/output.h"
#include "cmd/output/report.h"
#include "cmd/words/shared_options.h"

namespace bobbin::cmd {
namespace {

struct Described {
  client::TopicView view;
  std::vector<client::Config> configs;  // that were set on the topic
};

std::string ids_text(const std::vector<BrokerId>& ids) {
  std::string out;
  for (BrokerId id : ids) out += (out.empty() ? "" : ",") + to_string(id);
  return out;
}

// Until compaction is there, nobody shall believe that it happens.
bool wants_compaction(const Described& topic) {
  for (const auto& [name, value] : topic.configs)
    if (name == "cleanup.policy" && value.find("compact") != std::string::npos) return true;
  return false;
}

std::string as_json(const Described& topic) {
  std::string out = "{\"name\":";
  append_json_text(out, topic.view.name);
  out += ",\"id\":" + (topic.view.id.is_zero() ? "null" : "\"" + to_string(topic.view.id) + "\"") + ",\"partitions\":[";
  for (size_t i = 0; i < topic.view.partitions.size(); i++) {
    const client::PartitionView& p = topic.view.partitions[i];
    out += (i ? ",{\"partition\":" : "{\"partition\":") + std::to_string(i);
    out += ",\"leader\":" + (p.leader.value < 0 ? std::string("null") : to_string(p.leader));
    out += ",\"leader_epoch\":" + to_string(p.leader_epoch);
    out += ",\"replicas\":[" + ids_text(p.replicas) + "],\"isr\":[" + ids_text(p.isr) + "],\"offline\":[" +
           ids_text(p.offline) + "]}";
  }
  out += "],\"configs\":{";
  bool first = true;
  for (const auto& [name, value] : topic.configs) {
    append_json_text(out += first ? "" : ",", name);
    append_json_text(out += ":", value);
    first = false;
  }
  return out + "}" + (wants_compaction(topic) ? ",\"note\":\"not compacted yet\"}" : "}");
}

std::string as_text(const Described& topic) {
  std::string out = "topic " + escaped_for_line(topic.view.name) +
                    (topic.view.id.is_zero() ? "" : "  id " + to_string(topic.view.id)) + "\n";
  for (const auto& [name, value] : topic.configs)
    out += "  " + escaped_for_line(name) + "=" + escaped_for_line(value) + "\n";
  if (wants_compaction(topic)) out += "  not compacted yet: this version deletes nothing of it\n";
  Listing partitions({"partition", "leader", "replicas", "isr"});
  for (size_t i = 0; i < topic.view.partitions.size(); i++) {
    const client::PartitionView& p = topic.view.partitions[i];
    partitions.add({static_cast<int64_t>(i), p.leader.value < 0 ? Cell() : Cell(p.leader.value), ids_text(p.replicas),
                    ids_text(p.isr)});
  }
  return out + partitions.render(OutputForm::text);
}

std::string as_tsv(const Described& topic) {
  Listing partitions({"name", "partition", "leader", "replicas", "isr"});
  for (size_t i = 0; i < topic.view.partitions.size(); i++) {
    const client::PartitionView& p = topic.view.partitions[i];
    partitions.add({topic.view.name, static_cast<int64_t>(i), p.leader.value < 0 ? Cell() : Cell(p.leader.value),
                    ids_text(p.replicas), ids_text(p.isr)});
  }
  return partitions.render(OutputForm::tsv);
}

Result<std::vector<client::Config>> set_configs(client::Session& session, const std::string& topic) {
  BOBBIN_TRY_ASSIGN(entries, client::describe_configs(session, client::ResourceType::topic, topic));
  std::vector<client::Config> pairs;
  for (const client::ConfigEntry& entry : entries)
    if (entry.source == 1) pairs.push_back({entry.name, entry.value.value_or("")});
  return pairs;
}

Result<std::vector<client::TopicView>> views(client::Session& session, const std::vector<std::string>& names) {
  return names.empty() ? client::list_topics(session) : client::describe_topics(session, names);
}

int run(const Arguments& arguments) {
  std::vector<std::string> names = arguments.topics();
  if (!names.empty())
    if (Status status = check_names(names); !status) return fail(status.error());
  auto session = connect(arguments);
  if (!session) return fail(session.error());
  auto found = views(**session, names);
  if (!found) return fail(found.error());
  Report report;
  std::vector<Described> topics;
  for (client::TopicView& view : *found) {
    if (view.error != Errc::none && view.partitions.empty()) {
      report.failed(client::kafka_error(static_cast<int16_t>(view.error), std::nullopt, "topic " + view.name));
      continue;
    }
    auto configs = set_configs(**session, view.name);
    if (!configs) {
      report.failed(configs.error());
      continue;
    }
    topics.push_back({std::move(view), std::move(*configs)});
    report.done();
  }
  OutputForm form = output_form(arguments);
  std::string out = form == OutputForm::json ? "[" : "";
  for (size_t i = 0; i < topics.size(); i++) {
    if (form == OutputForm::json) out += (i ? ",\n" : "") + as_json(topics[i]);
    else if (form == OutputForm::tsv) out += as_tsv(topics[i]);
    else out += (i ? "\n" : "") + as_text(topics[i]);
  }
  if (form == OutputForm::json) out += "]\n";
  // A failure prints on stderr alone, unless a part is there to be shown.
  int printed = topics.empty() && report.exit_code() != exit_done ? exit_done : print(out);
  return report.exit_code() != exit_done ? report.exit_code() : printed;
}

constexpr Option options[] = {topic_names};

constexpr Example examples[] = {
    {"bobbin topic describe orders", "leaders, replicas, in-sync replicas and configs"},
    {"bobbin topic describe --output json", "all topics, for scripts"},
};

}  // namespace

extern constinit const Command topic_describe{
    .name = "topic describe",
    .arguments = "[NAME...]",
    .summary = "Show partitions, leaders, replicas and configs of topics",
    .description =
        "Shows the topics of these names, or all. In JSON, each is "
        "{\"name\",\"id\",\"partitions\":[{\"partition\",\"leader\",\"leader_epoch\",\"replicas\",\"isr\"}],"
        "\"configs\":{}}; the leader is a number or null, and configs holds what was set on the topic.",
    .options = options,
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
