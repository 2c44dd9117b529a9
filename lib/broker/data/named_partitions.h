// The partitions that a request for records names: what has to be opened for them, who leads them, and what is told where
// another broker does.
#pragma once

#include "broker/addresses.h"
#include "broker/data/context.h"
#include "broker/requests.h"

namespace bobbin::broker {

// Adds what has to be done before this partition of a request can be looked at. nullptr: the topic is unknown.
void add_need(Needs& needs, const DataContext& data, const metadata::Topic* topic, int32_t partition);

// Its leader, if that is this broker; else Kafka's error.
Result<cluster::Leading*> find_leader(const DataContext& data, const metadata::Topic& topic, int32_t partition);

// What is told of `why`: damage on the disk. Where another copy is in sync, its broker leads in a moment, and who asked is to look
// for it; the copy here is made anew. Nothing as `id`: there is no such partition.
Error unless_another_leads(DataContext& data, std::optional<cluster::TopicPartition> id, Error why);

// KIP-320: whether the epoch that a client believes in is this reign's. `epoch` -1: it does not say.
Errc check_leader_epoch(const cluster::Leading& leading, int32_t epoch);

// KIP-951: who leads it now, and where, for a Fetch or a Produce that came to the wrong broker. `told` is the answer's part
// for that partition. Nothing is told of a leader that does not live.
template <class Told, class Response>
void tell_leader(const DataContext& data, ConnectionId asking, const metadata::Topic& topic, int32_t partition,
                 Told& told, Response& response) {
  const auto& now = topic.partitions[static_cast<size_t>(partition)];
  if (now.leader == broker_none || !data.metadata.is_live(now.leader)) return;
  told.current_leader = {now.leader.value, now.leader_epoch.value};
  for (const auto& known : response.node_endpoints)
    if (known.node_id == now.leader.value) return;
  HostPort at = address_for(data.connections, data.metadata, asking, now.leader);
  response.node_endpoints.push_back({now.leader.value, at.host, at.port, std::nullopt});
}

}  // namespace bobbin::broker
