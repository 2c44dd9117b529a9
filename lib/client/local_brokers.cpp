#include "client/local_brokers.h"

#include <algorithm>

#include "home/cluster_dir.h"
#include "local/place.h"
#include "local/starter.h"

namespace bobbin::client {

namespace {

constexpr int64_t revival_pause_ms = 1000;

local::StartOptions start_options(const Target& target) {
  local::StartOptions options;
  options.program = target.program;
  options.why_not_allowed = target.why_no_autostart;
  options.arguments = target.start_arguments;
  options.timeout_ms = std::max<int64_t>(target.timeout_ms, 1000);
  options.say = target.say;
  return options;
}

}  // namespace

bool LocalBrokers::is_alive(BrokerId id) const { return home::is_alive(storage_, home::ClusterDir{target_.dir}, id); }

std::vector<BrokerId> LocalBrokers::living() const {
  std::vector<BrokerId> alive;
  auto ids = home::brokers(storage_, home::ClusterDir{target_.dir});
  if (!ids) return alive;
  for (BrokerId id : *ids)
    if (is_alive(id)) alive.push_back(id);
  return alive;
}

Result<transport::Channel> LocalBrokers::connect(BrokerId id) const {
  BOBBIN_TRY_ASSIGN(channel, transport::Channel::connect_unix(home::ClusterDir{target_.dir}.broker_socket(id)));
  BOBBIN_TRY_ASSIGN(who, channel.peer_credentials());
  BOBBIN_TRY(local::check_answerer(target_.dir, who));
  return std::move(channel);
}

bool LocalBrokers::is_too_soon(int64_t now_ms) {
  if (now_ms < not_before_) return true;
  not_before_ = now_ms + revival_pause_ms;
  return false;
}

Status LocalBrokers::start_first(int64_t now_ms) {
  if (is_too_soon(now_ms)) return {};
  BOBBIN_TRY_ASSIGN(started, local::ensure_running(target_.dir, target_.autostart, start_options(target_)));
  for (auto& broker : started)
    if (broker.status) return {};
  if (!started.empty()) return std::move(started.front().status);
  return {};
}

Status LocalBrokers::revive_all(int64_t now_ms) {
  if (is_too_soon(now_ms)) return {};
  home::ClusterDir dir{target_.dir};
  if (!storage_.stat(dir.root)) return error(Errc::no_answer, "the cluster directory " + dir.root + " is gone");
  BOBBIN_TRY_ASSIGN(ids, home::brokers(storage_, dir));
  BOBBIN_TRY_ASSIGN(order, home::read_stop_order(storage_, dir));
  bool all_stopped = !ids.empty() && std::all_of(ids.begin(), ids.end(), [&](BrokerId id) { return order.covers(id); });
  if (all_stopped || order.all)
    return error(Errc::stopped, "the brokers were ordered to stop (`bobbin broker start` starts them again)");
  for (BrokerId id : ids)
    if (!order.covers(id)) BOBBIN_TRY(revive(id));
  return {};
}

Status LocalBrokers::revive(BrokerId id) {
  auto started = local::revive(target_.dir, id, target_.autostart, start_options(target_));
  Status status = started ? std::move(started->status) : Status(std::move(started).error());
  if (!status && status.error().code == Errc::stopped) return status;
  // Nobody brings it back by starting something.
  if (!status && !storage_.stat(target_.dir)) return status;
  status ? hooks_.lives_again(id) : hooks_.did_not_start(status.error().message);
  return {};
}

Status LocalBrokers::need(const std::string& partition_name, const PartitionView& partition, int64_t now_ms) {
  std::vector<BrokerId> replicas = partition.replicas;
  if (replicas.empty() && partition.leader != broker_none) replicas.push_back(partition.leader);
  if (std::any_of(replicas.begin(), replicas.end(), [this](BrokerId id) { return is_alive(id); })) return {};
  if (replicas.empty() || now_ms < not_before_) return {};
  BOBBIN_TRY_ASSIGN(order, home::read_stop_order(storage_, home::ClusterDir{target_.dir}));
  for (BrokerId id : replicas) {
    if (order.covers(id)) continue;
    not_before_ = now_ms + revival_pause_ms;
    return revive(id);
  }
  const std::string first = to_string(replicas.front());
  return error(Errc::stopped, "broker " + first + ", which keeps " + partition_name +
                                  ", was ordered to stop (`bobbin broker start " + first + "` starts it again)");
}

}  // namespace bobbin::client
