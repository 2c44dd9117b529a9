#include "cmd/cluster.h"

#include "base/host_port.h"
#include "base/text.h"
#include "base/topic_name.h"
#include "base/units.h"
#include "client/address.h"
#include "cmd/output/output.h"
#include "cmd/output/output_files.h"
#include "local/starter.h"
#include "os/environment.h"
#include "os/filesystem.h"
#include "os/posix/clock.h"

namespace bobbin::cmd {
namespace {

// The addresses of --bootstrap-server, each with its port.
Result<std::string> bootstrap_of(const std::string& text) {
  auto bad = [](std::string_view one) {
    return error(Errc::usage, "--bootstrap-server: '" + std::string(one) + "' is no HOST:PORT");
  };
  if (text.empty()) return bad(text);
  std::string out;
  for (std::string_view one : split(text, ',')) {
    auto address = client::parse_address(one);
    if (!address) return bad(one);
    out += (out.empty() ? "" : ",") + host_port(address->host, address->port);
  }
  return out;
}

}  // namespace

Result<home::ClusterDir> local_cluster(const Arguments& arguments) {
  if (arguments.has("bootstrap-server"))
    return error(
        Errc::usage,
        "--bootstrap-server names a cluster elsewhere; this command is about the brokers of a local one (--dir)");
  // What a script has not set is not the default: it would be another cluster than was meant.
  const auto given = arguments.text("dir");
  if (given && given->empty()) return error(Errc::usage, "--dir is empty; name a directory");
  BOBBIN_TRY_ASSIGN(dir, home::choose_dir(given, os::environment));
  BOBBIN_TRY_ASSIGN(root, os::resolved_dir(dir));
  home::ClusterDir cluster{root};
  // A broker's own log is standard error of its process.
  bool is_broker = arguments.has("foreground") || (arguments.command() && arguments.command()->name == "broker run");
  if (!is_broker) BOBBIN_TRY(check_standard_outputs(cluster));
  return cluster;
}

Result<client::Target> target(const Arguments& arguments, int64_t timeout_ms) {
  client::Target target;
  BOBBIN_TRY_ASSIGN(patience, arguments.duration_ms("timeout"));
  target.timeout_ms = patience.value_or(timeout_ms);
  if (auto bootstrap = arguments.text("bootstrap-server")) {
    BOBBIN_TRY_ASSIGN(addresses, bootstrap_of(*bootstrap));
    if (arguments.has("dir")) return error(Errc::usage, "--dir and --bootstrap-server are two clusters; give one");
    target.bootstrap = addresses;
  } else {
    BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
    target.dir = cluster.root;
    target.autostart = !arguments.has("no-start") && !local::autostart_is_forbidden();
  }
  target.say = [quiet = arguments.has("quiet"), &arguments](const std::string& line) {
    if (!quiet) notice(arguments, line);
  };
  return target;
}

Result<std::unique_ptr<client::Session>> connect(const Arguments& arguments, int64_t timeout_ms) {
  BOBBIN_TRY_ASSIGN(where, target(arguments, timeout_ms));
  return client::Session::open(std::move(where));
}

Result<std::unique_ptr<client::Session>> connect_to_living(const Arguments& arguments, int64_t timeout_ms) {
  BOBBIN_TRY_ASSIGN(where, target(arguments, timeout_ms));
  where.autostart = false;
  return client::Session::open(std::move(where));
}

Timestamp now() { return os::PosixClock().wall(); }
int64_t mono_ms() { return os::PosixClock().mono_ms(); }

Result<std::vector<BrokerId>> broker_ids(const Arguments& arguments) {
  std::vector<BrokerId> ids;
  for (const std::string& word : arguments.words()) {
    BOBBIN_TRY_ASSIGN(id, parse_number(word, 1, INT32_MAX, "a broker's id"));
    ids.push_back(BrokerId(static_cast<int32_t>(id)));
  }
  return ids;
}

Status check_names(const std::vector<std::string>& names) {
  if (names.empty()) return error(Errc::usage, "name a topic");
  for (const std::string& name : names) BOBBIN_TRY(check_topic_name(name));
  return {};
}

Result<std::string> one_topic(const Arguments& arguments) {
  std::vector<std::string> names = arguments.topics();
  if (names.size() > 1) return error(Errc::usage, "name one topic, not " + std::to_string(names.size()));
  BOBBIN_TRY(check_names(names));
  return names[0];
}

}  // namespace bobbin::cmd
