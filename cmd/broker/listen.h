// --listen and --insecure-listen: where brokers are to listen, checked before anything is started or changed.
#pragma once

#include <optional>
#include <string>

#include "cmd/words/arguments.h"
#include "config/configs.h"

namespace bobbin::cmd {

struct Listen {
  std::string listener;   // of broker 1: "PLAINTEXT://127.0.0.1:9092"
  bool insecure = false;  // --insecure-listen: other machines may reach it
};

// Nothing without --listen. `configs` are those of bobbin.toml and --set, which may allow it, too. Resolves a name, and
// blocks so long. Errc::usage: no HOST:PORT, or other machines would reach it and nobody said that this is meant;
// Errc::not_found: a name without an address.
Result<std::optional<Listen>> listen_of(const Arguments&, const config::ConfigMap& configs);

}  // namespace bobbin::cmd
