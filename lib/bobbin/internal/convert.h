// Between the public words of the library and those of the client below it. Not installed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "bobbin/cluster.h"
#include "bobbin/error.h"
#include "client/session.h"

namespace bobbin::api::internal {

Error public_error(bobbin::Error error);

inline Status public_status(bobbin::Status status) {
  if (status) return {};
  return public_error(std::move(status).error());
}

// Errc::usage: no such milliseconds (negative, or more than 24 days, which no field of Kafka's holds).
bobbin::Status check_duration(milliseconds duration, std::string_view what);
bobbin::Status check_partitions(const std::vector<int32_t>& partitions);

// Connects. The program that brokers are started with is found here, as a library cannot start its own process again.
bobbin::Result<std::unique_ptr<client::Session>> connect(const Cluster& cluster);

// An executable file of this name in one of the folders of `path` (as $PATH); empty: none.
std::string find_program(std::string_view name, std::string_view path);

}  // namespace bobbin::api::internal
