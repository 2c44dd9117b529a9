#include "cmd/output/output_files.h"

#include <algorithm>

#include "log/checkpoints.h"
#include "os/file_id.h"
#include "os/filesystem.h"
#include "os/stdio.h"

namespace bobbin::cmd {
namespace {

Error refused(const std::string& what) {
  return error(Errc::usage, what + ", which is read and must not be written: nothing was done");
}

// Of the files that a cluster is made of; others may lie beside them.
bool is_of_layout(const std::string& name) {
  return name.starts_with("metadata/") || name.starts_with("broker-") || name == "bobbin.toml" ||
         name == "starter.lock" || name == "stopped";
}

template <class Where>  // a descriptor or a path
bool is_of_cluster(const home::ClusterDir& cluster, const Where& where) {
  auto root = os::real_path(cluster.root);
  if (!root) return false;
  auto name = os::name_below(*root, where);
  return name && is_of_layout(*name);
}

// In a log of this topic, whoever leads it.
bool is_log_of(const home::ClusterDir& cluster, const std::string& topic, int fd) {
  auto root = os::real_path(cluster.root);
  auto name = root ? os::name_below(*root, fd) : std::nullopt;
  if (!name || !name->starts_with("broker-")) return false;
  size_t begin = name->find('/') + 1, end = name->find('/', begin);
  if (begin == 0 || end == std::string::npos) return false;
  auto which = log::parse_dir_name(name->substr(begin, end - begin));
  return which && which->topic == topic;
}

bool is_among(const std::optional<os::FileId>& id, const std::vector<int>& descriptors) {
  return id && std::any_of(descriptors.begin(), descriptors.end(), [&](int fd) { return os::file_id(fd) == id; });
}

}  // namespace

Status check_standard_outputs(const home::ClusterDir& cluster) {
  bool out = is_of_cluster(cluster, os::stdout_fd), err = is_of_cluster(cluster, os::stderr_fd);
  if (err) os::redirect_standard_error(!out);
  if (out) return refused("standard output is a file of the cluster in " + cluster.root);
  if (err) return refused("standard error is a file of the cluster in " + cluster.root);
  return {};
}

Status check_outputs(const Inputs& inputs, const Outputs& outputs, const home::ClusterDir* cluster) {
  bool out = is_among(os::file_id(os::stdout_fd), inputs.descriptors),
       err = is_among(os::file_id(os::stderr_fd), inputs.descriptors);
  if (err) os::redirect_standard_error(!out);
  if (!outputs.file.empty() && is_among(os::file_id(outputs.file), inputs.descriptors))
    return refused(outputs.file + " is an input file");
  if (out && outputs.prints_data) return refused("standard output is an input file");
  if (err) return refused("standard error is an input file");
  if (!cluster) return {};
  if (!outputs.file.empty() && is_of_cluster(*cluster, outputs.file))
    return refused(outputs.file + " is a file of the cluster in " + cluster->root);
  for (int fd : inputs.descriptors)
    if (is_log_of(*cluster, inputs.topic, fd))
      return refused("the input is the log of topic " + inputs.topic + " itself");
  return {};
}

}  // namespace bobbin::cmd
