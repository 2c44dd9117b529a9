#include "bobbin/admin.h"

#include "base/topic_name.h"
#include "base/uuid.h"
#include "bobbin/internal/convert.h"
#include "client/admin/cluster.h"
#include "client/admin/configs.h"
#include "client/admin/offsets.h"
#include "client/admin/sentences.h"
#include "client/admin/topics.h"

namespace bobbin::api {

using internal::public_error;
using internal::public_status;

namespace {

std::vector<int32_t> numbers(const std::vector<BrokerId>& ids) {
  std::vector<int32_t> to;
  for (BrokerId id : ids) to.push_back(id.value);
  return to;
}

std::optional<int32_t> number(BrokerId id) { return id == broker_none ? std::nullopt : std::optional(id.value); }

Status status_of(Errc code, const std::string& what) {
  if (code == Errc::none) return {};
  return public_error(client::kafka_error(static_cast<int16_t>(code), std::nullopt, what));
}

Partition public_partition(const client::PartitionView& from, const std::string& topic, int32_t number_of_it) {
  Partition to;
  to.status = status_of(from.error, topic + "-" + std::to_string(number_of_it));
  to.partition = number_of_it;
  to.leader = number(from.leader);
  to.leader_epoch = from.leader_epoch.value;
  to.replicas = numbers(from.replicas);
  to.in_sync = numbers(from.isr);
  to.offline = numbers(from.offline);
  return to;
}

Topic public_topic(const client::TopicView& from) {
  Topic to;
  to.name = from.name;
  to.status = status_of(from.error, "topic " + from.name);
  if (!from.id.is_zero()) to.id = to_string(from.id);
  to.internal = from.internal;
  for (size_t i = 0; i < from.partitions.size(); i++)
    to.partitions.push_back(public_partition(from.partitions[i], from.name, static_cast<int32_t>(i)));
  return to;
}

Result<std::vector<Topic>> public_topics(bobbin::Result<std::vector<client::TopicView>> from) {
  if (!from) return public_error(std::move(from).error());
  std::vector<Topic> to;
  for (const client::TopicView& view : *from) to.push_back(public_topic(view));
  return to;
}

// Of CreatedTopic and Outcome.
template <class From>
Result<std::vector<Outcome>> public_outcomes(bobbin::Result<std::vector<From>> from) {
  if (!from) return public_error(std::move(from).error());
  std::vector<Outcome> to;
  for (From& one : *from) to.push_back({one.name, public_status(std::move(one.status))});
  return to;
}

Status the_only(Result<std::vector<Outcome>> outcomes) {
  if (!outcomes) return outcomes.error();
  if (outcomes->size() == 1) return outcomes->front().status;
  return public_error(
      bobbin::error(Errc::malformed, "the answer is of " + std::to_string(outcomes->size()) + " topics, not of one"));
}

Result<std::vector<ConfigEntry>> public_configs(bobbin::Result<std::vector<client::ConfigEntry>> from) {
  if (!from) return public_error(std::move(from).error());
  std::vector<ConfigEntry> to;
  for (client::ConfigEntry& one : *from) {
    auto source = one.source < 0 ? ConfigEntry::Source::unknown : static_cast<ConfigEntry::Source>(one.source);
    to.push_back({std::move(one.name), std::move(one.value), source, one.read_only, std::move(one.documentation)});
  }
  return to;
}

bobbin::Status check_names(const std::vector<std::string>& names) {
  for (const std::string& name : names) BOBBIN_TRY(check_topic_name(name));
  return {};
}

PartitionOffset public_offset(client::PartitionOffset from, bool has_time) {
  PartitionOffset to;
  to.partition = from.partition.value;
  to.status = public_status(std::move(from.status));
  if (from.offset != offset_none) to.offset = from.offset.value;
  if (has_time && from.offset != offset_none) to.timestamp = Timestamp(milliseconds(from.timestamp.value));
  return to;
}

}  // namespace

struct Admin::State {
  std::unique_ptr<client::Session> session;
};

Admin::Admin(std::unique_ptr<State> state) : state_(std::move(state)) {}
Admin::~Admin() = default;
Admin::Admin(Admin&&) noexcept = default;
Admin& Admin::operator=(Admin&&) noexcept = default;

Result<Admin> Admin::open(const Cluster& cluster) {
  auto session = internal::connect(cluster);
  if (!session) return public_error(std::move(session).error());
  return Admin(std::make_unique<State>(State{std::move(*session)}));
}

Result<std::vector<Outcome>> Admin::create_topics(const std::vector<NewTopic>& topics, bool validate_only) {
  return public_outcomes(client::create_topics(*state_->session, topics, validate_only));
}

Result<std::vector<Outcome>> Admin::delete_topics(const std::vector<std::string>& names) {
  return public_outcomes(client::delete_topics(*state_->session, names));
}

Status Admin::create_topic(const NewTopic& topic) { return the_only(create_topics({topic})); }
Status Admin::delete_topic(const std::string& topic) { return the_only(delete_topics({topic})); }

Status Admin::create_partitions(const std::string& topic, int32_t total, bool validate_only) {
  return public_status(client::create_partitions(*state_->session, topic, total, validate_only));
}

Result<std::vector<Topic>> Admin::list_topics() { return public_topics(client::list_topics(*state_->session)); }

Result<std::vector<Topic>> Admin::describe_topics(const std::vector<std::string>& names) {
  if (names.empty()) return std::vector<Topic>();
  return public_topics(client::describe_topics(*state_->session, names));
}

Result<ClusterDescription> Admin::describe_cluster() {
  auto from = client::describe_cluster(*state_->session);
  if (!from) return public_error(std::move(from).error());
  ClusterDescription to;
  to.id = from->cluster_id;
  to.controller = number(from->controller);
  for (const client::Node& node : from->nodes) to.brokers.push_back({node.id.value, node.host, node.port, node.rack});
  return to;
}

Result<std::vector<ConfigEntry>> Admin::topic_configs(const std::string& topic) {
  return public_configs(client::describe_configs(*state_->session, client::ResourceType::topic, topic));
}

Result<std::vector<ConfigEntry>> Admin::broker_configs(int32_t broker) {
  return public_configs(
      client::describe_configs(*state_->session, client::ResourceType::broker, std::to_string(broker)));
}

Status Admin::change_topic_configs(const std::string& topic, const std::vector<ConfigChange>& changes,
                                   bool validate_only) {
  return public_status(
      client::alter_configs(*state_->session, client::ResourceType::topic, topic, changes, validate_only));
}

Status Admin::change_broker_configs(int32_t broker, const std::vector<ConfigChange>& changes, bool validate_only) {
  return public_status(client::alter_configs(*state_->session, client::ResourceType::broker, std::to_string(broker),
                                             changes, validate_only));
}

Result<std::vector<PartitionOffset>> Admin::offsets(const std::string& topic, At at,
                                                    const std::vector<int32_t>& partitions) {
  if (auto checked = check_names({topic}); !checked) return public_error(std::move(checked).error());
  std::vector<PartitionId> ids;
  for (int32_t p : partitions) ids.emplace_back(p);
  auto from = client::list_offsets(*state_->session, topic, at, ids);
  if (!from) return public_error(std::move(from).error());
  std::vector<PartitionOffset> to;
  bool has_time = at.kind == At::Kind::time || at.kind == At::Kind::max_timestamp;
  for (client::PartitionOffset& one : *from) to.push_back(public_offset(std::move(one), has_time));
  return to;
}

}  // namespace bobbin::api
