#include "base/ids.h"
#include "broker/new_folder.h"
#include "cmd/broker/places.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "local/place.h"
#include "local/starter.h"
#include "local/starter_lock.h"
#include "metadata/image.h"
#include "metadata/metadata_log.h"
#include "os/filesystem.h"
#include "os/posix/random.h"
#include "os/posix/storage.h"

namespace bobbin::cmd {
namespace {

constexpr int32_t brokers_max = 1000;

struct Wanted {
  home::ClusterDir cluster;
  std::optional<BrokerId> id;
  std::optional<std::string> data;
  bool replace = false;
  local::StartOptions options = {};
};

Result<Wanted> read(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(ids, broker_ids(arguments));
  BOBBIN_TRY_ASSIGN(patience, arguments.duration_ms("timeout"));
  Wanted wanted{cluster, std::nullopt, arguments.text("data"), arguments.has("replace")};
  if (ids.size() > 1) return error(Errc::usage, "one broker is added at a time; name one id, or none");
  if (!ids.empty()) wanted.id = ids[0];
  if (wanted.id && wanted.id->value > brokers_max)
    return error(Errc::usage,
                 "a broker's id is at most " + std::to_string(brokers_max) + ", not " + to_string(*wanted.id));
  if (wanted.replace && !(wanted.id && wanted.data))
    return error(Errc::usage, "--replace needs the broker's id, and --data: where it begins anew");
  if (wanted.data) {
    if (wanted.data->empty()) return error(Errc::usage, "--data is empty; name a directory");
    BOBBIN_TRY_ASSIGN(data, os::resolved_dir(*wanted.data));
    BOBBIN_TRY(local::check_data(cluster.root, data));
    wanted.data = data;
  }
  wanted.options.by_person = true;
  if (patience) wanted.options.timeout_ms = *patience;
  wanted.options.say = [&arguments](const std::string& line) { notice(arguments, line); };
  return wanted;
}

// Of the directory and of the metadata, which knows also those of which nothing is left.
Result<std::vector<BrokerId>> known_brokers(os::Storage& storage, const home::ClusterDir& cluster,
                                            const metadata::Image& image) {
  BOBBIN_TRY_ASSIGN(ids, home::brokers(storage, cluster));
  for (const auto& [id, broker] : image.brokers()) ids.push_back(id);
  return std::move(ids);
}

// The partitions of which this broker alone has every record that was acknowledged.
std::vector<std::string> alone_with(const metadata::Image& image, BrokerId id) {
  std::vector<std::string> names;
  for (const auto& [name, topic] : image.topics())
    for (size_t i = 0; i < topic.partitions.size(); i++) {
      std::vector<BrokerId> whole = topic.partitions[i].isr;
      const auto& eligible = topic.partitions[i].eligible_leaders;
      whole.insert(whole.end(), eligible.begin(), eligible.end());
      if (whole == std::vector{id}) names.push_back(name + "-" + std::to_string(i));
    }
  return names;
}

struct Added {
  BrokerId id;
  std::string folder;
  std::vector<std::string> lost = {};  // partitions
};

// Under the starters' lock: of two who add a broker, each has one of its own.
Result<Added> add(const Wanted& wanted) {
  const home::ClusterDir& dir = wanted.cluster;
  os::PosixStorage storage;
  BOBBIN_TRY_ASSIGN(lock, local::take_starter_lock(storage, dir, wanted.options.timeout_ms));
  (void)lock;
  metadata::Image image;
  BOBBIN_TRY(metadata::Reader(storage, dir.metadata_log_dir()).catch_up(image));
  BOBBIN_TRY_ASSIGN(known, known_brokers(storage, dir, image));
  const BrokerId last = known.empty() ? BrokerId(0) : *std::max_element(known.begin(), known.end());
  const BrokerId id = wanted.id.value_or(last + 1);
  const bool is_known = holds(known, id);
  if (wanted.data) {
    os::PosixRandom random;
    BOBBIN_TRY_ASSIGN(folder, broker::make_folder(storage, random, {dir, id, *wanted.data, is_known, wanted.replace}));
    return Added{id, folder, wanted.replace ? alone_with(image, id) : std::vector<std::string>()};
  }
  if (is_known)
    return error(Errc::busy,
                 "broker " + to_string(id) + " exists already: `bobbin broker start " + to_string(id) + "` starts it");
  BOBBIN_TRY(storage.make_dir(dir.broker_dir(id)));
  BOBBIN_TRY(storage.sync_dir(dir.root));
  return Added{id, dir.broker_dir(id)};
}

void tell(const Arguments& arguments, const Added& added) {
  constexpr size_t named_max = 10;
  const std::string name = "broker " + to_string(added.id);
  notice(arguments, "added " + name + ": its folder is " + added.folder);
  if (added.lost.empty()) return;
  std::string which;
  for (size_t i = 0; i < std::min(added.lost.size(), named_max); i++) which += (i ? ", " : "") + added.lost[i];
  if (added.lost.size() > named_max) which += " and " + std::to_string(added.lost.size() - named_max) + " more";
  notice(arguments, "WARNING: " + name + " alone had everything of " + which + ": what no other broker has is lost");
}

int start(const Arguments& arguments, const Wanted& wanted, BrokerId id) {
  const std::string name = "broker " + to_string(id);
  if (arguments.has("no-start") || local::autostart_is_forbidden()) {
    notice(arguments, "`bobbin broker start " + to_string(id) + "` starts it");
    return exit_done;
  }
  auto started = local::start(wanted.cluster.root, {id}, wanted.options);
  if (!started) return fail(started.error());
  if (Status& status = started->front().status; !status) return fail(std::move(status).error().in(name));
  notice(arguments, name + " runs");
  return exit_done;
}

int run(const Arguments& arguments) {
  auto wanted = read(arguments);
  if (!wanted) return fail(wanted.error(), "broker add");
  if (Status found = local::found(wanted->cluster.root, wanted->options); !found) return fail(found.error());
  auto added = add(*wanted);
  if (!added) return fail(added.error(), "broker add");
  tell(arguments, *added);
  if (wanted->data) warn_of_shared_disk(arguments, wanted->cluster, added->id);
  return start(arguments, *wanted, added->id);
}

constexpr Option options[] = {
    {.name = "data",
     .value = "DIR",
     .doc =
         "Its folder lies in DIR, on another disk: as DIR/bobbin-CLUSTER-broker-N, to which broker-N in the cluster's "
         "directory is a symbolic link."},
    {.name = "replace",
     .doc = "Broker ID, which the cluster has, begins anew with an empty folder in DIR, because its disk is lost. What "
            "only that disk had is lost; of the rest it takes copies from the other brokers."},
};

constexpr Example examples[] = {
    {"bobbin broker add", "one more broker, in the cluster's directory"},
    {"bobbin broker add --data /mnt/disk2", "one whose records are on another disk"},
    {"bobbin broker add 2 --data /mnt/new --replace", "the disk of broker 2 is lost"},
};

}  // namespace

extern constinit const Command broker_add{
    .name = "broker add",
    .arguments = "[ID]",
    .summary = "Add a broker to the local cluster",
    .description =
        "Adds a broker with this id, or the next free one, and starts it, as broker start does; with --no-start it is "
        "only added. New topics are placed on it, too; partitions that there are stay where they are.\n\n"
        "With --data its records are on a disk of their own: then the loss of a disk takes one copy of a topic, and "
        "not "
        "all of them (bobbin-replication(7)). While that disk is not mounted the broker does not start, and nothing is "
        "made in its place; the others go on without it. If DIR has a folder of this broker already, because the disk "
        "is "
        "mounted elsewhere now, that one is taken.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
