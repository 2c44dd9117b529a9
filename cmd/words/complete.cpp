#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "metadata/image.h"
#include "metadata/metadata_log.h"
#include "os/posix/storage.h"

namespace bobbin::cmd {
namespace {

Result<std::string> topic_names(const home::ClusterDir& cluster) {
  os::PosixStorage storage;
  metadata::Image image;
  metadata::Reader reader(storage, cluster.metadata_log_dir());
  BOBBIN_TRY(reader.catch_up(image));
  std::string out;
  for (const auto& [name, topic] : image.topics()) out += name + "\n";
  return out;
}

Result<std::string> broker_names(const home::ClusterDir& cluster) {
  os::PosixStorage storage;
  BOBBIN_TRY_ASSIGN(ids, home::brokers(storage, cluster));
  std::string out;
  for (BrokerId id : ids) out += to_string(id) + "\n";
  return out;
}

// Reads files only: a shell that completes a word must neither wait for a broker nor start one.
int run(const Arguments& arguments) {
  std::string what = arguments.words().empty() ? "" : arguments.words()[0];
  auto cluster = local_cluster(arguments);
  if (!cluster) return fail(cluster.error());
  if (what != "topics" && what != "brokers") return fail_usage("", "complete topics, or brokers");
  auto names = what == "topics" ? topic_names(*cluster) : broker_names(*cluster);
  return names ? print(*names) : fail(names.error());
}

}  // namespace

extern constinit const Command complete{
    .name = "complete",
    .arguments = "topics|brokers",
    .summary = "Names for the completion of shells",
    .description = "Reads the files of the cluster.",
    .hidden = true,
    .run = run,
};

}  // namespace bobbin::cmd
