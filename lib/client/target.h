// Target: which cluster a command acts on, and how patient it is. Filled from the command line.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bobbin::client {

struct Target {
  std::string
      bootstrap;    // "host:port[,host:port...]": a cluster over TCP, ours or Apache Kafka's. Empty: the one in `dir`
  std::string dir;  // the cluster directory, absolute; unused with `bootstrap`
  bool autostart = true;  // may start the brokers of `dir` when none runs (--no-start, BOBBIN_AUTOSTART=never: false)
  std::string program;    // that brokers are started with; empty: this one
  std::string why_no_autostart = "--no-start forbids to start one";  // for a person
  std::vector<std::string> start_arguments;  // put behind `bobbin broker run --dir DIR --id N --ready-fd FD`
  int64_t timeout_ms = 10'000;               // --timeout: how long to go without progress
  bool busy = false;  // waits by looking again and again (with yields) instead of sleeping: the lowest latency
  std::string client_id = "bobbin";
  std::function<void(const std::string& line)>
      say;  // told what a person should know ("started broker 1"); may be empty
};

}  // namespace bobbin::client
