// The body of a broker process: one Broker, its sockets, its folder's lock, and one place where it sleeps.
#pragma once

#include <csignal>
#include <functional>
#include <optional>
#include <string>

#include "config/configs.h"
#include "home/cluster_dir.h"

namespace bobbin::broker {

struct ProgramOptions {
  home::ClusterDir dir;  // made already
  BrokerId id;
  config::ConfigMap static_configs;      // bobbin.toml and --set
  std::vector<std::string> settings;     // those of --set as they were given, for who starts it again
  std::optional<std::string> listeners;  // asked for with this start (and in static_configs): nothing else will do
  bool by_person = false;                // stays when idle
  bool again = false;                    // it ran here before: where its folder is missing, somebody is removing it
  int ready_fd = -1;        // told when requests are answered, or why never (os/process.h); -1: nobody waits
  bool foreground = false;  // HUP ends it too, and so does an address that cannot be listened at
  std::string version;
  std::function<void(const std::string& line)> say;  // its log
};

// Asks one that is idle to stay, as if by_person had been said.
inline constexpr int stay_signal = SIGUSR1;

// Runs until it is told to end (INT, TERM), its directory goes away, or nobody has used it for idle.exit.ms. Returns
// when everything is closed. Errc::busy: this broker runs already.
Status run_program(const ProgramOptions& options);

}  // namespace bobbin::broker
