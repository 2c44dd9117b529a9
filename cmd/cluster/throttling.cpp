#include "cmd/cluster/throttling.h"

#include <map>

#include "base/ids.h"
#include "base/units.h"
#include "client/admin/cluster.h"
#include "client/admin/configs.h"
#include "client/admin/topics.h"

namespace bobbin::cmd {
namespace {

using client::ConfigChange;
using Operation = ConfigChange::Operation;

constexpr const char* of_leaders = "leader.replication.throttled.replicas";
constexpr const char* of_followers = "follower.replication.throttled.replicas";

// Of a topic, as its configs name them: PARTITION:BROKER with commas.
struct Named {
  std::string leaders, followers;
};

void add(std::string& list, PartitionId partition, BrokerId broker) {
  list += (list.empty() ? "" : ",") + to_string(partition) + ":" + to_string(broker);
}

// Whoever has a copy may lead meanwhile.
std::map<std::string, Named> named_in(const std::vector<PlannedMove>& moves) {
  std::map<std::string, Named> topics;
  for (const PlannedMove& move : moves) {
    Named& named = topics[move.topic];
    for (BrokerId id : move.now) add(named.leaders, move.partition, id);
    for (BrokerId id : move.wanted)
      if (!holds(move.now, id)) add(named.followers, move.partition, id);
  }
  return topics;
}

Status set_rates(client::Session& session, Operation how, const std::string& rate) {
  BOBBIN_TRY_ASSIGN(cluster, client::describe_cluster(session));
  for (const client::Node& node : cluster.nodes)
    BOBBIN_TRY(client::alter_configs(
        session, client::ResourceType::broker, to_string(node.id),
        {{"leader.replication.throttled.rate", rate, how}, {"follower.replication.throttled.rate", rate, how}}));
  return {};
}

}  // namespace

Result<std::optional<Throttling>> throttling(const Arguments& arguments) {
  const auto text = arguments.text("throttle");
  if (!text) return std::optional<Throttling>();
  if (*text == "none") return std::optional<Throttling>(Throttling{});
  const auto rate = parse_size(*text);
  if (!rate || *rate < 1) return usage("--throttle: '" + *text + "' is no rate: bytes a second, as 10MiB, or none");
  return std::optional<Throttling>(Throttling{*rate});
}

Status throttle_moves(client::Session& session, const std::vector<PlannedMove>& moves, const Throttling& to) {
  if (!to.bytes_a_second) return clear_throttle(session);
  for (const auto& [topic, named] : named_in(moves))
    BOBBIN_TRY(client::alter_configs(
        session, client::ResourceType::topic, topic,
        {{of_leaders, named.leaders, Operation::set}, {of_followers, named.followers, Operation::set}}));
  return set_rates(session, Operation::set, std::to_string(*to.bytes_a_second));
}

Status clear_throttle(client::Session& session) {
  BOBBIN_TRY_ASSIGN(topics, client::list_topics(session));
  std::vector<client::ConfigQuestion> questions;
  for (const client::TopicView& topic : topics)
    for (const char* config : {of_leaders, of_followers})
      questions.push_back({client::ResourceType::topic, topic.name, config});
  BOBBIN_TRY_ASSIGN(values, client::read_configs(session, client::any_node, questions));
  for (size_t i = 0; i < questions.size(); i++)
    if (values[i] && !values[i]->empty())
      BOBBIN_TRY(client::alter_configs(session, client::ResourceType::topic, questions[i].resource,
                                       {{questions[i].config, "", Operation::unset}}));
  return set_rates(session, Operation::unset, "");
}

}  // namespace bobbin::cmd
