#include "cmd/exec/workers.h"

#include <csignal>

#include "os/environment.h"

namespace bobbin::cmd {

Workers::Workers(std::string command, size_t count)
    : command_(std::move(command)), count_(count), inherited_(inherited_variables(os::whole_environment())) {}

Status Workers::start(LaneId lane, Bytes input, Surroundings surroundings) {
  os::ChildOptions options{{"/bin/sh", "-c", command_}, inherited_, input};
  for (std::string& variable : surroundings.variables) options.environment.push_back(std::move(variable));
  for (const std::string& file : surroundings.files) options.files.emplace_back(file);
  BOBBIN_TRY_ASSIGN(child, os::Child::start(options));
  running_.push_back({lane, std::move(child)});
  return {};
}

void Workers::watch(std::vector<os::WaitFd>& into) const {
  for (const Running& each : running_) into.push_back({.fd = each.child.fd(), .want_read = true});
}

std::vector<Workers::Ended> Workers::collect() {
  std::vector<Ended> all;
  for (size_t i = 0; i < running_.size();) {
    if (auto end = running_[i].child.end()) {
      all.push_back({running_[i].lane, *end});
      running_.erase(running_.begin() + static_cast<ptrdiff_t>(i));
    } else {
      i++;
    }
  }
  return all;
}

void Workers::kill() {
  for (Running& each : running_) each.child.signal(SIGKILL);
}

}  // namespace bobbin::cmd
