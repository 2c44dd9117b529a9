// LogFailure: why a log takes nothing any more, if so: set once, for ever, by a failed write or sync, or by what somebody did to
// its files. Whatever passes is no failure: what was refused, when somebody mends it; a lack of descriptors, by itself.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace bobbin::log {

class LogFailure {
 public:
  explicit LogFailure(std::string dir) : dir_(std::move(dir)) {}

  // What stopped a change of the log. Gives the error that its caller is told: damaged or kafka_storage_error if it failed now.
  Error of(Error e);
  // The same of a change that was left half done: it failed, whatever the reason.
  Error end_with(Error e);
  // It failed, whatever `why` is.
  void set(const Error& why);
  // The first one; nothing: it has not failed.
  const std::optional<Error>& why() const { return why_; }

 private:
  std::string dir_;
  std::optional<Error> why_;
};

}  // namespace bobbin::log
