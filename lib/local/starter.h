// Starting the brokers of a cluster directory: who may, in which order, and how a starter learns that a broker is ready.
// Starters queue on DIR/starter.lock and look again once they hold it, so that twenty of them start one broker.
//
// All functions block, at most about timeout_ms.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"

namespace bobbin::local {

struct StartOptions {
  std::vector<std::string> arguments = {};  // put behind `bobbin broker run --dir DIR --id N --ready-fd FD`
  bool by_person = false;                   // adds --by-person: the broker stays when it is idle
  int64_t timeout_ms = 30'000;
  std::string program = {};  // empty: this one
  std::string why_not_allowed = "--no-start forbids to start one";
  std::function<void(const std::string& line)> say = {};
};

struct Started {
  BrokerId id;
  bool was_running = false;
  Status status;  // why it does not run, with the words that the broker left; they do not name it
};

// `broker start`: makes the cluster if there is none, ends the stop order for these brokers, starts those that do not
// live; one that holds its lock runs when it answers at its socket (probe.h), else its status is Errc::no_answer. No ids: all
// that the cluster has, at least broker 1. Errc::usage: an id below 1; and what check_place says.
Result<std::vector<Started>> start(const std::string& dir, std::vector<BrokerId> ids, const StartOptions& options);

// `broker add`: makes the cluster if there is none.
Status found(const std::string& dir, const StartOptions& options);

// `broker start --foreground`: what start() does before it starts this broker, for one that will run in this process.
Status prepare(const std::string& dir, BrokerId id, const StartOptions& options);

// `broker start -n COUNT`: brokers 1 to COUNT.
std::vector<BrokerId> first_ids(int32_t count);

// A new command found no living broker: starts all that the cluster has (a new cluster: broker 1) and ends a stop order.
// Fine at once if a broker lives. Errc::no_answer with what to do when `allowed` is false or the directory is another user's.
Result<std::vector<Started>> ensure_running(const std::string& dir, bool allowed, const StartOptions& options);

// A running command needs a broker that died: starts it again. Errc::stopped: a stop order covers it.
Result<Started> revive(const std::string& dir, BrokerId id, bool allowed, const StartOptions& options);

// Whether the environment forbids auto-start (BOBBIN_AUTOSTART=never).
bool autostart_is_forbidden();

}  // namespace bobbin::local
