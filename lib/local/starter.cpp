#include "local/starter.h"

#include <algorithm>
#include <memory>

#include "base/ids.h"
#include "home/cluster_dir.h"
#include "home/cluster_links.h"
#include "local/place.h"
#include "local/probe.h"
#include "local/starter_lock.h"
#include "os/environment.h"
#include "os/filesystem.h"
#include "os/posix/clock.h"
#include "os/posix/random.h"
#include "os/posix/storage.h"
#include "os/process.h"
#include "os/wait.h"

namespace bobbin::local {

using home::ClusterDir;

namespace {

constexpr int64_t removal_ms = 1000;

Error does_not_answer(const ClusterDir& dir, BrokerId id) {
  return error(Errc::no_answer, "it holds its lock and does not answer at " + dir.broker_socket(id) +
                                    "; `bobbin broker status` tells whether it is stopped or hangs");
}

// One starter's work on one directory; holds the starter lock from found() or join() on.
class Starter {
 public:
  Starter(const std::string& dir, const StartOptions& options) : dir_{dir}, options_(options) {}

  bool exists() { return storage_.stat(dir_.root).ok(); }
  bool is_identified() { return home::cluster_id(storage_, dir_).ok(); }
  bool is_founded() { return storage_.stat(dir_.metadata_log_dir()).ok(); }
  bool has_traces() { return home::has_traces(storage_, dir_); }
  Result<bool> is_ours() {
    BOBBIN_TRY_ASSIGN(owner, os::owner_of(dir_.root));
    return owner == os::current_uid();
  }

  Status check() {
    BOBBIN_TRY(check_place(dir_.root, options_.say));
    return home::check_links(dir_);
  }

  // Whoever removes all of a directory removes itself last: it is waited for, a moment.
  void await_removal() {
    for (int64_t waited_ms = 0; waited_ms < removal_ms && os::was_just_emptied(dir_.root, removal_ms); waited_ms += 10)
      (void)os::wait({}, 10);
  }

  // A new cluster, or one that a person wants: what is missing is made.
  Status found() {
    BOBBIN_TRY(check());
    return make();
  }
  Status make() {
    BOBBIN_TRY(home::make_root(storage_, dir_));
    BOBBIN_TRY(lock());
    BOBBIN_TRY(home::create(storage_, random_, dir_));
    return {};
  }

  // A cluster that was there before. Whoever removes all of its directory must not find new names in it: not even the lock is
  // made, and what else is missing only once nothing of it goes.
  Status join() {
    joined_ = true;
    storage_.refuse_new_names(true);
    Status locked = lock();
    if (!locked && locked.error().code == Errc::not_found) return is_removed(dir_.starter_lock());
    return locked;
  }

  // Who founded it has died before it was done, or somebody removes it.
  Status finish_founding() {
    if (is_identified()) return {};
    BOBBIN_TRY(may_make(BrokerId(1), dir_.metadata_properties()));
    joined_ = false;
    storage_.refuse_new_names(false);
    BOBBIN_TRY(home::create(storage_, random_, dir_));
    return {};
  }

  Result<std::vector<BrokerId>> known() { return home::brokers(storage_, dir_); }
  bool is_alive(BrokerId id) { return home::is_alive(storage_, dir_, id); }
  bool any_alive(const std::vector<BrokerId>& ids) {
    return std::any_of(ids.begin(), ids.end(), [this](BrokerId id) { return is_alive(id); });
  }
  Result<home::StopOrder> stop_order() { return home::read_stop_order(storage_, dir_); }

  Status check_order(BrokerId id) {
    BOBBIN_TRY_ASSIGN(order, stop_order());
    if (!order.covers(id)) return {};
    return error(Errc::stopped,
                 "broker " + to_string(id) + " was ordered to stop (`bobbin broker start` starts it again)");
  }

  // One that cannot be read is nobody's word that brokers may run.
  Status end_stop_order() {
    BOBBIN_TRY(stop_order());
    return home::write_stop_order(storage_, dir_, {});
  }
  // These may run again.
  Status end_stop_order(const std::vector<BrokerId>& ids) {
    BOBBIN_TRY_ASSIGN(order, stop_order());
    if (order.empty()) return {};
    home::StopOrder rest;
    if (order.all) {
      BOBBIN_TRY_ASSIGN(all, known());
      rest.ids = all;
    } else {
      rest.ids = order.ids;
    }
    std::erase_if(rest.ids, [&](BrokerId id) { return holds(ids, id); });
    if (rest == order) return {};
    return home::write_stop_order(storage_, dir_, rest);
  }

  Started start(BrokerId id) {
    Started started{id, is_alive(id), {}};
    if (!started.was_running) started.status = spawn(id);
    return started;
  }

 private:
  Status lock() {
    BOBBIN_TRY_ASSIGN(taken, take_starter_lock(storage_, dir_, options_.timeout_ms));
    lock_ = std::move(taken);
    return {};
  }

  Error is_removed(const std::string& missing) {
    return error(Errc::no_answer,
                 missing + " is gone: is the directory being removed? If not, `bobbin broker start` makes it anew");
  }

  uint64_t stamp(BrokerId id) {
    return os::folders_stamp(dir_.root) + os::folders_stamp(dir_.metadata_dir()) +
           os::folders_stamp(dir_.broker_dir(id));
  }

  // Whether what is `missing` may be made by one who only joined: nothing else goes for a moment.
  Status may_make(BrokerId id, const std::string& missing) {
    const uint64_t before = stamp(id);
    (void)os::wait({}, removal_ms);
    return exists() && stamp(id) == before ? Status() : is_removed(missing);
  }

  // Of what a start would make anew, what is not there. Nobody else deletes these, or hardly ever.
  std::optional<std::string> missing_of(BrokerId id) {
    for (const std::string& path : {dir_.broker_lock(id), dir_.broker_log(id), dir_.metadata_log_dir(),
                                    dir_.metadata_lock(), dir_.metadata_durable()})
      if (!storage_.stat(path)) return path;
    return std::nullopt;
  }

  Status spawn(BrokerId id) {
    BOBBIN_TRY(home::check_links(dir_, id));
    const auto missing = missing_of(id);
    if (missing && joined_) BOBBIN_TRY(may_make(id, *missing));
    if (missing) tell_begins_anew(id);
    os::DaemonOptions daemon;
    daemon.exe = options_.program.empty() ? os::self_exe() : options_.program;
    daemon.args = {"broker", "run",         "--dir",      dir_.root,
                   "--id",   to_string(id), "--ready-fd", std::to_string(os::ready_fd)};
    continue_as_before(id, daemon.args);
    daemon.args.insert(daemon.args.end(), options_.arguments.begin(), options_.arguments.end());
    if (!missing) daemon.args.push_back("--again");
    daemon.log_path = dir_.broker_log(id);
    daemon.log_is_there = !missing;
    daemon.ready_timeout_ms = options_.timeout_ms;
    auto pid = os::spawn_daemon(daemon);
    if (pid) {
      if (options_.say) tell_started(id, *pid);
      return {};
    }
    Error why = std::move(pid).error().in("it did not start");
    // Its death is no order to stop.
    if (why.code == Errc::stopped) why.code = Errc::no_answer;
    why.message += "; `bobbin broker logs " + to_string(id) + "` may say more";
    return why;
  }

  void tell_begins_anew(BrokerId id) {
    const bool was_there = !os::exists(dir_.broker_dir(id)) && home::read_facts(storage_, dir_, id).ok();
    if (was_there && options_.say)
      options_.say("broker " + to_string(id) + ": its folder " + dir_.broker_dir(id) +
                   " is gone: it begins with an empty one, and takes from other brokers what they have");
  }

  void tell_started(BrokerId id, int32_t pid) {
    options_.say("started broker " + to_string(id) + " (pid " + std::to_string(pid) + ") in " + dir_.root);
    auto facts = home::read_facts(storage_, dir_, id);
    if (facts && facts->open_to_others) options_.say(home::open_door_warning(id, *facts));
  }

  // Where nobody says otherwise, one that died goes on as it was started by a person.
  void continue_as_before(BrokerId id, std::vector<std::string>& args) {
    auto facts = home::read_facts(storage_, dir_, id);
    const bool was_by_person = facts && facts->started_by_person;
    if (options_.by_person || was_by_person) args.push_back("--by-person");
    if (!was_by_person || !options_.arguments.empty()) return;
    for (const std::string& setting : facts->settings) args.insert(args.end(), {"--set", setting});
  }

  ClusterDir dir_;
  const StartOptions& options_;
  os::PosixStorage storage_;
  os::PosixRandom random_;
  std::unique_ptr<os::Lock> lock_;
  bool joined_ = false;
};

// One that a person wants to run.
struct Wanted {
  Started told;
  bool is_settled;
  std::optional<Probe> probe;  // of one that holds its lock
};

bool is_open(const Wanted& one) { return !one.is_settled; }

void start_or_ask(Starter& starter, const ClusterDir& dir, Wanted& one) {
  if (one.is_settled || one.probe) return;
  one.told = starter.start(one.told.id);
  one.is_settled = !one.told.was_running;
  if (one.is_settled) return;
  auto probe = Probe::begin(dir, one.told.id);
  if (probe) {
    one.probe = std::move(*probe);
  } else if (probe.error().code == Errc::permission_denied) {
    one.told.status = std::move(probe).error();
    one.is_settled = true;
  }
}

// Waits for any answer, at most so long, and takes what there is. Who cannot be asked, or has hung up, is looked at again soon.
Status hear(std::vector<Wanted>& wanted, int64_t wait_ms) {
  std::vector<os::WaitFd> fds;
  std::vector<Wanted*> asked;
  for (Wanted& one : wanted) {
    if (one.is_settled) continue;
    if (!one.probe) {
      wait_ms = std::min<int64_t>(wait_ms, 2);
      continue;
    }
    fds.push_back(one.probe->wait_fd());
    asked.push_back(&one);
  }
  BOBBIN_TRY(os::wait(fds, wait_ms));
  for (Wanted* one : asked) {
    one->probe->advance();
    one->is_settled = one->probe->state() == Probe::State::answers;
    if (one->probe->state() == Probe::State::silent) one->probe.reset();
  }
  return {};
}

// Where a person wants them to run: one that holds its lock, and does not answer, may be one that was killed and is not yet
// gone. All of these are waited for together, be it that they answer or that they let go.
Result<std::vector<Started>> start_surely(Starter& starter, const ClusterDir& dir, const std::vector<BrokerId>& ids,
                                          int64_t timeout_ms) {
  os::PosixClock clock;
  const int64_t give_up_at = clock.mono_ms() + timeout_ms;
  std::vector<Wanted> wanted;
  for (BrokerId id : ids) wanted.push_back({{id, false, {}}, false, {}});
  for (bool is_late = false; !is_late && std::any_of(wanted.begin(), wanted.end(), is_open);) {
    is_late = clock.mono_ms() >= give_up_at;
    for (Wanted& one : wanted) start_or_ask(starter, dir, one);
    if (std::any_of(wanted.begin(), wanted.end(), is_open))
      BOBBIN_TRY(hear(wanted, std::max<int64_t>(give_up_at - clock.mono_ms(), 0)));
  }
  std::vector<Started> started;
  for (Wanted& one : wanted) {
    if (!one.is_settled) one.told.status = does_not_answer(dir, one.told.id);
    started.push_back(std::move(one.told));
  }
  return started;
}

Error is_anothers(const std::string& dir) {
  return error(Errc::no_answer, "no broker of " + dir + " runs, and the directory is another user's, who starts them");
}

Error not_allowed(const std::string& dir, const std::string& why) {
  return error(Errc::no_answer, "no broker of " + dir + " runs, and " + why + "; `bobbin broker start` starts one");
}

}  // namespace

bool autostart_is_forbidden() { return os::environment("BOBBIN_AUTOSTART") == "never"; }

std::vector<BrokerId> first_ids(int32_t count) {
  std::vector<BrokerId> ids;
  for (int32_t n = 1; n <= count; n++) ids.emplace_back(n);
  return ids;
}

Result<std::vector<Started>> start(const std::string& dir, std::vector<BrokerId> ids, const StartOptions& options) {
  for (BrokerId id : ids)
    if (id.value < 1) return error(Errc::usage, "a broker's id is a number from 1 on, not " + to_string(id));
  Starter starter(dir, options);
  BOBBIN_TRY(starter.found());
  if (ids.empty()) {
    BOBBIN_TRY_ASSIGN(known, starter.known());
    ids = known.empty() ? first_ids(1) : known;
  }
  BOBBIN_TRY(starter.end_stop_order(ids));
  return start_surely(starter, ClusterDir{dir}, ids, options.timeout_ms);
}

Status found(const std::string& dir, const StartOptions& options) { return Starter(dir, options).found(); }

Status prepare(const std::string& dir, BrokerId id, const StartOptions& options) {
  Starter starter(dir, options);
  BOBBIN_TRY(starter.check());
  if (Status links = home::check_links(ClusterDir{dir}, id); !links)
    return std::move(links).error().in("broker " + to_string(id));
  BOBBIN_TRY(starter.make());
  return starter.end_stop_order({id});
}

Result<std::vector<Started>> ensure_running(const std::string& dir, bool allowed, const StartOptions& options) {
  Starter starter(dir, options);
  if (starter.exists()) {
    BOBBIN_TRY_ASSIGN(known, starter.known());
    if (starter.any_alive(known)) return std::vector<Started>{};
    BOBBIN_TRY_ASSIGN(is_ours, starter.is_ours());
    if (!is_ours && starter.is_founded()) return is_anothers(dir);
  }
  if (autostart_is_forbidden()) return not_allowed(dir, "BOBBIN_AUTOSTART=never forbids to start one");
  if (!allowed) return not_allowed(dir, options.why_not_allowed);
  starter.await_removal();
  if (starter.has_traces()) {
    BOBBIN_TRY(starter.check());
    BOBBIN_TRY(starter.join());
    BOBBIN_TRY(starter.finish_founding());
  } else {
    BOBBIN_TRY(starter.found());
  }
  BOBBIN_TRY_ASSIGN(ids, starter.known());
  // Somebody else was faster while we queued.
  if (starter.any_alive(ids)) return std::vector<Started>{};
  if (ids.empty()) ids = first_ids(1);
  BOBBIN_TRY(starter.end_stop_order());
  std::vector<Started> started;
  for (BrokerId id : ids) started.push_back(starter.start(id));
  return started;
}

Result<Started> revive(const std::string& dir, BrokerId id, bool allowed, const StartOptions& options) {
  Starter starter(dir, options);
  if (!starter.exists()) return error(Errc::no_answer, "the cluster directory " + dir + " is gone");
  if (starter.is_alive(id)) return Started{id, true, {}};
  BOBBIN_TRY_ASSIGN(is_ours, starter.is_ours());
  if (!is_ours) return is_anothers(dir);
  if (!allowed || autostart_is_forbidden()) return not_allowed(dir, "it may not be started by itself");
  BOBBIN_TRY(starter.check_order(id));
  BOBBIN_TRY(starter.join());
  BOBBIN_TRY(starter.check_order(id));
  if (!starter.is_identified())
    return error(Errc::no_answer, "the cluster directory " + dir + " is gone");  // while we queued
  return starter.start(id);
}

}  // namespace bobbin::local
