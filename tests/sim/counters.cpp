#include "sim/counters.h"

#include <algorithm>

namespace bobbin::sim {

std::string_view name(Event event) {
  constexpr std::array<std::string_view, static_cast<size_t>(Event::count_)> names{"kill",
                                                                                   "kill in jobs",
                                                                                   "crash at a call",
                                                                                   "crash in recovery",
                                                                                   "crash while closing",
                                                                                   "power cut",
                                                                                   "power cut after a failed sync",
                                                                                   "pause",
                                                                                   "disk full",
                                                                                   "room again",
                                                                                   "failed sync",
                                                                                   "failed directory sync",
                                                                                   "short write",
                                                                                   "failed call",
                                                                                   "clean restart",
                                                                                   "clock forward",
                                                                                   "clock back",
                                                                                   "long silence",
                                                                                   "connection lost",
                                                                                   "start failed",
                                                                                   "several brokers",
                                                                                   "topic replicated",
                                                                                   "leader changed",
                                                                                   "leaders balanced",
                                                                                   "leader elected",
                                                                                   "move begun",
                                                                                   "move taken back",
                                                                                   "copy moved away",
                                                                                   "log cut",
                                                                                   "killed by another",
                                                                                   "killed late",
                                                                                   "folder lost",
                                                                                   "producer epoch raised",
                                                                                   "zombie refused",
                                                                                   "sent again",
                                                                                   "topic created",
                                                                                   "topic deleted",
                                                                                   "topic made anew",
                                                                                   "partitions added",
                                                                                   "config altered",
                                                                                   "tail lost",
                                                                                   "segment deleted",
                                                                                   "looked at elsewhere",
                                                                                   "position committed",
                                                                                   "share told",
                                                                                   "read in place",
                                                                                   "cold read",
                                                                                   "healed"};
  return names[static_cast<size_t>(event)];
}

std::string_view name(test::Call call) {
  constexpr std::array<std::string_view, 14> names{"open",   "stat",       "list",     "make_dir", "rename",
                                                   "unlink", "remove_dir", "sync_dir", "lock",     "read",
                                                   "write",  "size",       "truncate", "sync"};
  return names[static_cast<size_t>(call)];
}

std::string Counters::text() const {
  std::string out = "steps: " + std::to_string(steps_) + "\n";
  for (size_t i = 0; i < events_.size(); i++)
    out += std::string(name(static_cast<Event>(i))) + ": " + std::to_string(events_[i]) + "\n";
  for (size_t i = 0; i < crashes_.size(); i++)
    out += "crashes in " + std::string(name(static_cast<test::Call>(i))) + ": " + std::to_string(crashes_[i]) + "\n";
  return out;
}

std::vector<std::string> Counters::missing() const {
  std::vector<std::string> out;
  constexpr std::array elsewhere{Event::folder_lost, Event::position_committed, Event::share_told};
  for (size_t i = 0; i < events_.size(); i++) {
    const auto event = static_cast<Event>(i);
    if (events_[i] == 0 && std::find(elsewhere.begin(), elsewhere.end(), event) == elsewhere.end())
      out.emplace_back(name(event));
  }
  for (size_t i = 0; i < crashes_.size(); i++)
    if (crashes_[i] == 0) out.push_back("crash in " + std::string(name(static_cast<test::Call>(i))));
  return out;
}

}  // namespace bobbin::sim
