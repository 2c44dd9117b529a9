// Which cluster a command acts on, from its global options.
#pragma once

#include <memory>
#include <string>

#include "client/session.h"
#include "cmd/words/arguments.h"
#include "home/cluster_dir.h"

namespace bobbin::cmd {

// The local cluster's directory, absolute and without symbolic links on its way; it need not exist. Errc::usage with
// --bootstrap-server.
Result<home::ClusterDir> local_cluster(const Arguments&);

// Of a produce, or a consume without an end, once it was connected: it outlasts a broker that hangs and is replaced.
inline constexpr int64_t connected_timeout_ms = 120'000;

// `timeout_ms` counts unless --timeout was given.
Result<client::Target> target(const Arguments&, int64_t timeout_ms = 10'000);

// Connects; on a local cluster starts brokers where that is allowed, and says so.
Result<std::unique_ptr<client::Session>> connect(const Arguments&, int64_t timeout_ms = 10'000);
// The same, but never starts one.
Result<std::unique_ptr<client::Session>> connect_to_living(const Arguments&, int64_t timeout_ms = 10'000);

// Milliseconds since 1970.
Timestamp now();
int64_t mono_ms();

// Ids of brokers given as words. Errc::usage.
Result<std::vector<BrokerId>> broker_ids(const Arguments&);

// Checks each name by Kafka's rules, before any cluster is asked. Errc::usage for none at all.
Status check_names(const std::vector<std::string>& names);
// Exactly one topic, as a word or as --topic.
Result<std::string> one_topic(const Arguments&);

}  // namespace bobbin::cmd
