// Which cluster a producer, a consumer or an admin talks to, and the words that they share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bobbin/values.h"

namespace bobbin::api {

// As it stands: the cluster of this machine that the bobbin commands use.
struct Cluster {
  // "host:port[,host:port...]": a cluster over TCP, bobbin's or Apache Kafka's. Empty: the one in `dir`.
  std::string bootstrap{};
  // The cluster's directory. Empty: $BOBBIN_DIR, else $XDG_DATA_HOME/bobbin, else ~/.local/share/bobbin. A relative one
  // is taken from where the process is when it opens something. Together with `bootstrap` it is Code::usage.
  std::string dir{};
  // When no broker of `dir` lives, one is started in the background, as the commands do. It ends by itself when it was
  // idle for a while. BOBBIN_AUTOSTART=never forbids it whatever stands here.
  bool autostart = true;
  // The program that brokers are started with. Empty: `bobbin`, looked for in PATH when something is opened.
  std::string program{};
  // How long calls that block go on without progress before they fail with Code::no_answer. A producer that is open
  // has a time-out of its own.
  milliseconds timeout{10'000};
  std::string client_id = "bobbin";
  // Told what a person should know ("started broker 1 (pid 7) in /data/c"), a line without its newline. May be empty.
  // Called in the thread of the call that it concerns, and must not call back into the library.
  std::function<void(std::string_view line)> say{};
};

// A header of a record. A value that is missing is null in Kafka's words, which is not the same as empty.
struct Header {
  std::string_view key{};
  std::optional<std::string_view> value{};
};

}  // namespace bobbin::api
