#include "bobbin/internal/convert.h"

#include <filesystem>

#include "home/cluster_dir.h"
#include "os/environment.h"
#include "os/filesystem.h"

namespace bobbin::api {

std::string_view name(Code code) { return bobbin::name(static_cast<Errc>(code)); }

namespace internal {
namespace {

// Kafka's word for its own codes. Of ours: what another moment may change, not what a person has to.
bool may_pass(Errc code) {
  switch (code) {
    case Errc::disk_full:
    case Errc::quota_exceeded:
    case Errc::no_answer:
    case Errc::disconnected:
    case Errc::busy:
    case Errc::interrupted:
      return true;
    default:
      return is_retriable(code);
  }
}

bobbin::Result<std::string> absolute(const std::string& path) {
  if (path.starts_with('/')) return path;
  BOBBIN_TRY_ASSIGN(here, os::current_dir());
  return here + "/" + path;
}

}  // namespace

Error public_error(bobbin::Error error) {
  if (error.message.empty()) error.message = bobbin::name(error.code);
  return {static_cast<Code>(error.code), std::move(error.message), may_pass(error.code)};
}

bobbin::Status check_duration(milliseconds duration, std::string_view what) {
  if (duration.count() >= 0 && duration.count() <= INT32_MAX) return {};
  return bobbin::error(Errc::usage,
                       std::string(what) + " is 0 to 2147483647 ms, not " + std::to_string(duration.count()));
}

bobbin::Status check_partitions(const std::vector<int32_t>& partitions) {
  for (int32_t p : partitions)
    if (p < 0) return bobbin::error(Errc::usage, "a partition's number is 0 or more, not " + std::to_string(p));
  return {};
}

std::string find_program(std::string_view name, std::string_view path) {
  using Perms = std::filesystem::perms;
  while (!path.empty()) {
    std::string_view folder = path.substr(0, path.find(':'));
    path.remove_prefix(std::min(path.size(), folder.size() + 1));
    // Whoever is in a folder does not mean to execute what lies there: only absolute ones are looked into.
    if (!folder.starts_with('/')) continue;
    std::filesystem::path file = std::filesystem::path(folder) / name;
    std::error_code bad;
    auto status = std::filesystem::status(file, bad);
    if (bad || status.type() != std::filesystem::file_type::regular) continue;
    if ((status.permissions() & (Perms::owner_exec | Perms::group_exec | Perms::others_exec)) != Perms::none)
      return file;
  }
  return {};
}

bobbin::Result<std::unique_ptr<client::Session>> connect(const Cluster& cluster) {
  BOBBIN_TRY(check_duration(cluster.timeout, "Cluster::timeout"));
  client::Target target;
  target.timeout_ms = cluster.timeout.count();
  target.client_id = cluster.client_id;
  if (cluster.say) target.say = [say = cluster.say](const std::string& line) { say(line); };
  if (!cluster.bootstrap.empty()) {
    if (!cluster.dir.empty())
      return bobbin::error(Errc::usage, "Cluster::dir and Cluster::bootstrap are two clusters; give one");
    target.bootstrap = cluster.bootstrap;
    return client::Session::open(std::move(target));
  }
  BOBBIN_TRY_ASSIGN(dir, home::choose_dir(cluster.dir, os::environment));
  BOBBIN_TRY_ASSIGN(root, os::resolved_dir(dir));
  target.dir = root;
  if (cluster.program.empty()) {
    target.program = find_program("bobbin", os::environment("PATH").value_or(""));
  } else {
    BOBBIN_TRY_ASSIGN(program, absolute(cluster.program));
    target.program = program;
  }
  target.autostart = cluster.autostart && !target.program.empty();
  target.why_no_autostart = cluster.autostart
                                ? "there is no program bobbin in PATH to start one with (or name it: Cluster::program)"
                                : "Cluster::autostart is false";
  return client::Session::open(std::move(target));
}

}  // namespace internal
}  // namespace bobbin::api
