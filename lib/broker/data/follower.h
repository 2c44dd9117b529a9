// Followers: brokers that ask, by Fetch, for what they do not have yet of what is led here. Their questions are what tells how
// far they have come.
#pragma once

#include <optional>

#include "broker/data/context.h"
#include "protocol/messages/fetch.h"

namespace bobbin::broker {

// The broker that asks, in one of its lives.
struct Follower {
  BrokerId id;
  BrokerEpoch life;
};
// R10: one of this machine and user that is registered in that very life. Anybody else reads as a consumer does: nothing.
std::optional<Follower> follower_of(const DataContext& data, ConnectionId connection,
                                    const protocol::FetchRequest& message);

// R2: what it asks from counts in this reign, if its log is one with ours up to there.
void note_follower(DataContext& data, const Follower& follower, const protocol::FetchRequest& message);

// Whether it knows where our log begins. What was deleted is deleted when all followers know that, and somebody may wait for it.
bool knows_start(const protocol::FetchRequest::FetchPartition& asked, const cluster::Copy& copy);

// KIP-595: the log that the fetcher followed and ours part below its position, in an epoch that ends there in ours.
std::optional<log::EpochEnd> diverging(const cluster::Leading& leading,
                                       const protocol::FetchRequest::FetchPartition& asked);

}  // namespace bobbin::broker
