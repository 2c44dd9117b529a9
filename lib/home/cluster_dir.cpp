#include "home/cluster_dir.h"

#include <algorithm>

#include "base/ids.h"
#include "base/number.h"
#include "base/text.h"
#include "base/uuid.h"
#include "os/path.h"

namespace bobbin::home {
namespace {

constexpr uint64_t state_bytes_max = 1 << 20;  // of one of these files: a few lines, or one for each broker or setting

std::optional<std::string> set_value(const Environment& environment, const char* name) {
  auto value = environment(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

std::string without_end_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// Makes a directory durably, and those above it.
Status make_path(os::Storage& storage, const std::string& path) {
  auto stat = storage.stat(path);
  if (stat) {
    if (stat->is_dir) return {};
    if (stat->is_link) return storage.make_dir(path);  // says where it leads
    return error(Errc::io_error, path + " is not a directory: choose another one with --dir");
  }
  if (stat.error().code != Errc::not_found) return std::move(stat).error();
  std::string parent = os::parent_of(path);
  if (parent != path) BOBBIN_TRY(make_path(storage, parent));
  BOBBIN_TRY(storage.make_dir(path));
  return storage.sync_dir(parent);
}

// The lines of a text as (key, value); a line without '=' is a key alone. '#' begins a comment.
template <class F>
void for_each_line(std::string_view text, F f) {
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#') continue;
    size_t equals = std::min(line.find('='), line.size());
    f(line.substr(0, equals), equals < line.size() ? line.substr(equals + 1) : std::string_view());
  }
}

// "broker-7" is 7; any other spelling is none.
std::optional<BrokerId> broker_of(std::string_view name) {
  constexpr std::string_view prefix = "broker-";
  if (name.substr(0, prefix.size()) != prefix) return std::nullopt;
  name.remove_prefix(prefix.size());
  auto id = number_in<int32_t>(name, 1);
  if (!id || name[0] == '0') return std::nullopt;
  return BrokerId(*id);
}

// Whether a name tells of a broker, and of which: its folder, or what stays beside it when that is gone.
std::optional<BrokerId> told_by(os::Storage& storage, const ClusterDir& dir, std::string_view name) {
  const bool is_folder = !name.ends_with(".state") && !name.ends_with(".log");
  auto id = broker_of(name.substr(0, is_folder ? name.size() : name.rfind('.')));
  auto stat = id ? storage.stat(dir.root + "/" + std::string(name)) : Result<os::Stat>(error(Errc::not_found));
  if (!stat) return std::nullopt;
  const bool is_right = is_folder ? stat->is_dir || stat->is_link : !stat->is_dir && !stat->is_link && !stat->is_other;
  return is_right ? id : std::nullopt;
}

}  // namespace

Result<std::string> choose_dir(const std::optional<std::string>& flag, const Environment& environment) {
  if (flag && !flag->empty()) return without_end_slashes(*flag);
  if (auto dir = set_value(environment, "BOBBIN_DIR")) return without_end_slashes(*dir);
  // The XDG specification: a relative path is to be ignored.
  auto data = set_value(environment, "XDG_DATA_HOME");
  if (data && data->front() == '/') return without_end_slashes(*data) + "/bobbin";
  if (auto home = set_value(environment, "HOME")) return without_end_slashes(*home) + "/.local/share/bobbin";
  return error(Errc::usage, "there is no place for the cluster: give --dir, or set BOBBIN_DIR or HOME");
}

Status make_root(os::Storage& storage, const ClusterDir& dir) { return make_path(storage, dir.root); }

namespace {

// Brokers' folders name the cluster that they are of: where they are, its own file is not made with another name.
Status check_not_lost(os::Storage& storage, const ClusterDir& dir) {
  if (storage.stat(dir.metadata_properties())) return {};
  BOBBIN_TRY_ASSIGN(ids, brokers(storage, dir));
  for (BrokerId id : ids) {
    std::string told = dir.broker_dir(id) + "/meta.properties";
    // A link to a folder that is not there now: it was made for this cluster.
    auto folder = storage.stat(dir.broker_dir(id));
    const bool is_away = folder && folder->is_link && !folder->is_dir;
    if (is_away) told = dir.broker_dir(id);
    if (is_away || storage.stat(told))
      return error(Errc::damaged, dir.metadata_properties() + " is missing, and " + told +
                                      " is of a cluster that was here: restore " + dir.metadata_dir() +
                                      " from a copy (cluster.id stands in that file, too), or move the folders of the "
                                      "brokers away to begin anew");
  }
  return {};
}

}  // namespace

Result<std::string> create(os::Storage& storage, os::Random& random, const ClusterDir& dir) {
  BOBBIN_TRY(make_path(storage, dir.root));
  BOBBIN_TRY(check_not_lost(storage, dir));
  BOBBIN_TRY(make_path(storage, dir.metadata_log_dir()));
  auto made = cluster_id(storage, dir);
  if (made || made.error().code != Errc::not_found) return made;
  std::string id = to_string(os::random_uuid(random));
  BOBBIN_TRY(os::write_whole_file(storage, dir.metadata_properties(), "version=1\ncluster.id=" + id + "\n"));
  return id;
}

bool has_traces(os::Storage& storage, const ClusterDir& dir) {
  auto names = storage.list(dir.root);
  return names && std::any_of(names->begin(), names->end(), [&](const std::string& name) {
           const std::string path = dir.root + "/" + name;
           return path == dir.metadata_dir() || path == dir.starter_lock() || path == dir.stop_order() ||
                  name.starts_with("broker-");
         });
}

Result<std::string> cluster_id(os::Storage& storage, const ClusterDir& dir) {
  BOBBIN_TRY_ASSIGN(text, os::read_whole_file(storage, dir.metadata_properties(), state_bytes_max));
  std::string id;
  for_each_line(text, [&](std::string_view key, std::string_view value) {
    if (trimmed(key) == "cluster.id") id = trimmed(value);
  });
  if (id.empty())
    return error(Errc::damaged,
                 dir.metadata_properties() + " has no cluster.id: restore it from a broker's meta.properties");
  return id;
}

Result<std::vector<BrokerId>> brokers(os::Storage& storage, const ClusterDir& dir) {
  std::vector<BrokerId> ids;
  auto names = storage.list(dir.root);
  if (!names && names.error().code == Errc::not_found) return ids;
  if (!names) return std::move(names).error();
  for (const std::string& name : *names)
    if (auto id = told_by(storage, dir, name)) ids.push_back(*id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

bool is_alive(os::Storage& storage, const ClusterDir& dir, BrokerId id) {
  return storage.is_locked(dir.broker_lock(id));
}

bool StopOrder::covers(BrokerId id) const { return all || holds(ids, id); }

Result<StopOrder> read_stop_order(os::Storage& storage, const ClusterDir& dir) {
  StopOrder order;
  auto text = os::read_whole_file(storage, dir.stop_order(), state_bytes_max);
  if (!text && text.error().code == Errc::not_found) return order;
  if (!text) return std::move(text).error();
  for_each_line(*text, [&](std::string_view line, std::string_view) {
    if (line == "all") order.all = true;
    if (auto id = number_in<int32_t>(line)) order.ids.push_back(BrokerId(*id));
  });
  std::sort(order.ids.begin(), order.ids.end());
  return order;
}

Status write_stop_order(os::Storage& storage, const ClusterDir& dir, const StopOrder& order) {
  if (order.empty()) {
    auto gone = storage.unlink(dir.stop_order());
    if (!gone && gone.error().code != Errc::not_found) return gone;
    return gone ? storage.sync_dir(dir.root) : Status();
  }
  std::string text = order.all ? "all\n" : "";
  for (BrokerId id : order.ids) text += to_string(id) + "\n";
  return os::write_whole_file(storage, dir.stop_order(), text);
}

Result<BrokerFacts> read_facts(os::Storage& storage, const ClusterDir& dir, BrokerId id) {
  BOBBIN_TRY_ASSIGN(text, os::read_whole_file(storage, dir.broker_facts(id), state_bytes_max));
  BrokerFacts facts;
  for_each_line(text, [&](std::string_view key, std::string_view value) {
    if (key == "pid") facts.pid = number_in<int64_t>(value).value_or(0);
    if (key == "start_time") facts.start_time = number_in<int64_t>(value).value_or(0);
    if (key == "started_by_person") facts.started_by_person = value == "true";
    if (key == "address") facts.address = value;
    if (key == "deaf") facts.deaf = value;
    if (key == "pid_namespace") facts.pid_namespace = value;
    if (key == "open_to_others") facts.open_to_others = value == "true";
    if (key == "listener") facts.listener = value;
    if (key == "version") facts.version = value;
    if (key == "set") facts.settings.emplace_back(value);
  });
  return facts;
}

Status write_facts(os::Storage& storage, const ClusterDir& dir, BrokerId id, const BrokerFacts& facts) {
  std::string text = "pid=" + std::to_string(facts.pid) + "\nstart_time=" + std::to_string(facts.start_time) +
                     "\nstarted_by_person=" + (facts.started_by_person ? "true" : "false") +
                     "\naddress=" + facts.address + (facts.deaf.empty() ? "" : "\ndeaf=" + facts.deaf) +
                     (facts.listener.empty() ? "" : "\nlistener=" + facts.listener) + "\nversion=" + facts.version +
                     "\n";
  if (!facts.pid_namespace.empty()) text += "pid_namespace=" + facts.pid_namespace + "\n";
  if (facts.open_to_others) text += "open_to_others=true\n";
  for (const std::string& setting : facts.settings)
    if (setting.find('\n') == std::string::npos) text += "set=" + setting + "\n";
  return os::write_whole_file(storage, dir.broker_facts(id), text);
}

std::string open_door_warning(BrokerId id, const BrokerFacts& facts) {
  return "WARNING: broker " + to_string(id) + " listens at " + facts.address +
         ": whoever reaches it from another machine reads, writes and deletes without being asked who he is "
         "(insecure.listen.enable)";
}

}  // namespace bobbin::home
