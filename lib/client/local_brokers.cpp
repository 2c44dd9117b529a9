#include "client/local_brokers.h"

#include <algorithm>

#include "home/broker_folders.h"
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

std::string name_of(BrokerId id) { return "broker " + to_string(id); }

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
  auto runs = [](const local::Started& broker) { return broker.status.ok(); };
  if (started.empty()) return {};
  if (std::none_of(started.begin(), started.end(), runs))
    return std::move(started.front().status).error().in(name_of(started.front().id));
  for (const local::Started& broker : started)
    if (!runs(broker)) tell(broker.id, broker.status.error());
  return {};
}

// Once: it goes on without this broker.
void LocalBrokers::tell(BrokerId id, const Error& why) {
  const std::string what = name_of(id) + ": " + why.message;
  hooks_.did_not_start(what);
  if (target_.say && told_.insert(id).second) target_.say(what);
}

// Its disk is not there, which no start brings back.
bool LocalBrokers::is_away(BrokerId id) {
  Status there = home::check_folder(home::ClusterDir{target_.dir}, id);
  if (!there) tell(id, there.error());
  return !there;
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
    if (!order.covers(id) && !is_away(id)) BOBBIN_TRY(revive(id));
  return {};
}

Status LocalBrokers::revive(BrokerId id) {
  auto started = local::revive(target_.dir, id, target_.autostart, start_options(target_));
  Status status = started ? std::move(started->status) : Status(std::move(started).error());
  if (started && !status) status = std::move(status).error().in(name_of(id));
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
  const std::string first = to_string(replicas.front());
  std::erase_if(replicas, [&](BrokerId id) { return order.covers(id); });
  if (!replicas.empty()) {
    not_before_ = now_ms + revival_pause_ms;
    // All of them: one alone may be fewer than min.insync.replicas. A disk that is away may come back.
    for (BrokerId id : replicas)
      if (!is_away(id)) BOBBIN_TRY(revive(id));
    return {};
  }
  return error(Errc::stopped, "broker " + first + ", which keeps " + partition_name +
                                  ", was ordered to stop (`bobbin broker start " + first + "` starts it again)");
}

}  // namespace bobbin::client
