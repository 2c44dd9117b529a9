#include "broker/handlers.h"

#include "base/host_port.h"
#include "base/number.h"

namespace bobbin::broker {

int16_t wire_code(Errc code) {
  switch (code) {
    case Errc::io_error:
    case Errc::permission_denied:
    case Errc::disk_full:
    case Errc::quota_exceeded:
    case Errc::file_too_large:
    case Errc::read_only:
    case Errc::busy:
      return static_cast<int16_t>(Errc::kafka_storage_error);
    case Errc::damaged:
    case Errc::misplaced:
      return static_cast<int16_t>(Errc::corrupt_message);
    case Errc::malformed:
    case Errc::usage:
      return static_cast<int16_t>(Errc::invalid_request);
    default:
      break;
  }
  if (static_cast<int16_t>(code) < -1) return static_cast<int16_t>(Errc::unknown_server_error);
  return static_cast<int16_t>(code);
}

namespace {
HostPort split(const std::string& address) {
  auto at = split_host_port(address);
  if (!at || !at->port) return {address, 0};
  return {std::string(at->host), number_in<uint16_t>(*at->port).value_or(0)};
}
}  // namespace

HostPort address_for(Broker& broker, ConnectionId asking, BrokerId whom) {
  const Peer* peer = broker.connections().peer(asking);
  if (!peer || peer->unix) return {"broker-" + std::to_string(whom.value), 0};
  HostPort here = split(peer->local_address);
  if (whom == broker.options().id) return here;
  const metadata::Broker* other = broker.image().broker(whom);
  if (!other || other->endpoints.empty()) return {here.host, 0};
  const metadata::Endpoint& endpoint = other->endpoints.front();
  bool any = endpoint.host.empty() || endpoint.host == "0.0.0.0" || endpoint.host == "::";
  return {any ? here.host : endpoint.host, endpoint.port};
}

NamedTopic find_topic(const Broker& broker, const std::string& name, const Uuid& id, bool by_id) {
  const metadata::Topic* topic = by_id ? broker.image().topic(id) : broker.image().topic(name);
  if (topic) return {topic, Errc::none};
  if (!broker.knows_latest_metadata()) return {nullptr, Errc::kafka_storage_error};
  return {nullptr, by_id ? Errc::unknown_topic_id : Errc::unknown_topic_or_partition};
}

const metadata::Broker* broker_named(const metadata::Image& image, const std::string& name) {
  auto id = number_in<int32_t>(name);
  // Only as it is written: not "01".
  return id && std::to_string(*id) == name ? image.broker(BrokerId(*id)) : nullptr;
}

namespace {

template <class Message>
Needs needs_of_partitions(Broker& broker, const Message& message, int16_t version) {
  Needs needs;
  for_each_named(broker, message, version, [&](const metadata::Topic* topic, int32_t partition) {
    auto id = cluster::id_of(topic, PartitionId(partition));
    if (!id) needs.unknown |= !topic || partition >= 0;
    else if (broker.partitions().is_closed(*id)) needs.closed.push_back(*id);
  });
  return needs;
}

}  // namespace

Needs needs_of(Broker& broker, const protocol::ProduceRequest& message, int16_t version) {
  return needs_of_partitions(broker, message, version);
}
Needs needs_of(Broker& broker, const protocol::FetchRequest& message, int16_t version) {
  return needs_of_partitions(broker, message, version);
}
Needs needs_of(Broker& broker, const protocol::ListOffsetsRequest& message, int16_t version) {
  return needs_of_partitions(broker, message, version);
}

Needs needs_of(Broker& broker, const protocol::DescribeConfigsRequest& message, int16_t) {
  const metadata::Image& image = broker.image();
  return {std::any_of(message.resources.begin(), message.resources.end(), [&](const auto& asked) {
    if (asked.resource_type == 2) return !image.topic(asked.resource_name);
    return asked.resource_type == 4 && !asked.resource_name.empty() && !broker_named(image, asked.resource_name);
  })};
}

// A broker that has come a moment ago would be denied by leaving it out.
Needs needs_of(Broker&, const protocol::DescribeClusterRequest&, int16_t) { return {true}; }

Result<cluster::Partition*> find_leader(Broker& broker, const metadata::Topic& topic, int32_t partition) {
  if (partition < 0 || static_cast<size_t>(partition) >= topic.partitions.size())
    return error(Errc::unknown_topic_or_partition,
                 topic.name + " has partitions 0 to " + std::to_string(topic.partitions.size() - 1));
  return broker.partitions().leader({topic.id, PartitionId(partition)});
}

Errc check_leader_epoch(const cluster::Partition& partition, int32_t epoch) {
  if (epoch < 0 || epoch == partition.leader_epoch().value) return Errc::none;
  return epoch < partition.leader_epoch().value ? Errc::fenced_leader_epoch : Errc::unknown_leader_epoch;
}

Status check_changes(size_t things, int64_t records) {
  auto refuse = [](int64_t count, const char* what) {
    return error(Errc::policy_violation,
                 std::to_string(count) + what + std::to_string(changes_max) + " go into one request");
  };
  if (records > changes_max) return refuse(records, " partitions or settings are too many: at most ");
  if (static_cast<int64_t>(things) > changes_max)
    return refuse(static_cast<int64_t>(things), " changes are too many: at most ");
  return {};
}

void submit_all(Broker& broker, size_t count, ChangeAt change, std::function<void(const Outcomes&)> done) {
  struct Gathered {
    std::vector<Status> results;
    size_t left;
    ChangeAt change;
    std::function<void(const Outcomes&)> done;
  };
  if (count == 0) return done(Outcomes({}));
  auto gathered =
      std::make_shared<Gathered>(Gathered{std::vector<Status>(count), count, std::move(change), std::move(done)});
  for (size_t i = 0; i < count; i++)
    broker.transactions().submit(
        [gathered, i](const metadata::Image& image) { return gathered->change(i, image); },
        [&broker, gathered, i](Result<Offset> offset) {
          if (!offset && (is_write_refused(offset.error().code) || offset.error().code == Errc::io_error))
            broker.say_storage_trouble("the metadata is not changed: " + offset.error().message);
          if (!offset) gathered->results[i] = std::move(offset).error();
          if (--gathered->left == 0) gathered->done(Outcomes(std::move(gathered->results)));
        });
}

}  // namespace bobbin::broker
