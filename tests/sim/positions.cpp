#include "sim/positions.h"

namespace bobbin::sim {

namespace {
std::string text(const std::string& group, const Part& part) {
  return "group " + group + " at " + part.topic + "-" + std::to_string(part.partition);
}
}  // namespace

void Positions::sent(const std::string& group, const Part& part, int64_t position) {
  known_[{group, part}].sent.insert(position);
}

void Positions::acknowledged(const std::string& group, const Part& part, int64_t position) {
  Known& known = known_[{group, part}];
  if (position < known.floor)
    stage_.violate(text(group, part) + ": " + std::to_string(position) + " is acknowledged behind " +
                   std::to_string(known.floor));
  known.floor = std::max(known.floor, position);
  stage_.counters.add(Event::position_committed);
}

int64_t Positions::floor(const std::string& group, const Part& part) const {
  const auto it = known_.find({group, part});
  return it == known_.end() ? -1 : it->second.floor;
}

void Positions::told(const std::string& group, const Part& part, int64_t position, int64_t floor_when_asked) {
  Known& known = known_[{group, part}];
  if (position < floor_when_asked)
    return stage_.violate(text(group, part) + ": the position is " + std::to_string(position) + ", it was " +
                          std::to_string(floor_when_asked));
  if (position >= 0 && !known.sent.contains(position))
    return stage_.violate(text(group, part) + ": the position is " + std::to_string(position) +
                          ", which nobody committed");
  known.floor = std::max(known.floor, position);
}

void Positions::shared(const std::string& group, int32_t generation, const std::string& member,
                       const std::string& share) {
  shares_[{group, generation, member}].insert(share);
}

void Positions::told_share(const std::string& group, int32_t generation, const std::string& member,
                           const std::string& share) {
  const auto it = shares_.find({group, generation, member});
  if (it == shares_.end() ? !share.empty() : !it->second.contains(share))
    stage_.violate("group " + group + " in generation " + std::to_string(generation) + ": " + member +
                   " is told the share '" + share + "', which its leader did not give it");
}

}  // namespace bobbin::sim
