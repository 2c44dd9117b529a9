#include "client/admin/cluster.h"
#include "client/admin/configs.h"
#include "cmd/broker/config_file.h"
#include "cmd/broker/process.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/config_listing.h"
#include "metadata/config_layers.h"
#include "metadata/metadata_log.h"
#include "os/posix/storage.h"

namespace bobbin::cmd {
namespace {

// What a broker would go by if it started now.
Result<std::vector<client::ConfigEntry>> from_files(const home::ClusterDir& cluster, BrokerId id) {
  os::PosixStorage storage;
  metadata::Image image;
  metadata::Reader reader(storage, cluster.metadata_log_dir());
  BOBBIN_TRY(reader.catch_up(image));
  BOBBIN_TRY_ASSIGN(file, static_configs(cluster.config_file(), {}));
  config::ConfigLayers layers = metadata::broker_layers(image, id, &file);
  std::vector<client::ConfigEntry> entries;
  for (const config::ConfigKey& key : config::broker_configs()) {
    config::ConfigValue value = config::effective(key, layers);
    client::ConfigEntry entry;
    entry.name = key.name;
    entry.value = value.value;
    entry.source = static_cast<int8_t>(value.source);
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<Listing> config(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(ids, broker_ids(arguments));
  if (ids.size() > 1) return error(Errc::usage, "name one broker");
  if (arguments.has("bootstrap-server")) {
    BOBBIN_TRY_ASSIGN(session, connect_to_living(arguments));
    BOBBIN_TRY_ASSIGN(description, client::describe_cluster(*session));
    if (ids.empty() && description.nodes.empty())
      return error(Errc::malformed, "the cluster tells of no broker; name one");
    BrokerId id = ids.empty() ? description.nodes[0].id : ids[0];
    BOBBIN_TRY_ASSIGN(entries, client::describe_configs(*session, client::ResourceType::broker, to_string(id)));
    return config_listing(std::move(entries));
  }
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(brokers, broker_processes(cluster));
  bool known = ids.empty() ||
               std::any_of(brokers.begin(), brokers.end(), [&](const BrokerProcess& b) { return b.id == ids[0]; });
  if (!known)
    return error(Errc::broker_id_not_registered,
                 "there is no broker " + std::to_string(ids[0].value) + " (bobbin broker status shows them)");
  BrokerId id = !ids.empty() ? ids[0] : brokers.empty() ? BrokerId(1) : brokers[0].id;
  for (const BrokerProcess& b : brokers) {
    if (b.id != id || !b.process) continue;
    BOBBIN_TRY_ASSIGN(session, connect_to_living(arguments, 1000));
    auto entries = client::describe_configs(*session, client::ResourceType::broker, to_string(id));
    if (entries) return config_listing(std::move(*entries));
  }
  BOBBIN_TRY_ASSIGN(entries, from_files(cluster, id));
  return config_listing(std::move(entries));
}

int run(const Arguments& arguments) {
  auto listing = config(arguments);
  return listing ? print(*listing, arguments) : fail_list(listing.error(), "broker config", arguments);
}

constexpr Example examples[] = {
    {"bobbin broker config", "every config in effect, and where it comes from"},
};

}  // namespace

extern constinit const Command broker_config{
    .name = "broker config",
    .arguments = "[ID]",
    .summary = "Show the configs of a broker and where they come from",
    .description =
        "Shows the effective value of every config of the broker (the lowest id, unless one is given), and its source: "
        "the default, bobbin.toml, --set, or a change through Kafka's protocol. Never starts one.",
    .examples = examples,
    .lists = true,
    .run = run,
};

}  // namespace bobbin::cmd
