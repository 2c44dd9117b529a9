// Positions: what members of groups were told, and whether what they are told later fits.
//
//   a position never goes back behind one that was acknowledged or told (I20), and none is told that nobody sent
//   a share is told as the leader of that generation gave it
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "sim/stage.h"

namespace bobbin::sim {

struct Part {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const Part&) const = default;
};

class Positions {
 public:
  explicit Positions(Stage& stage) : stage_(stage) {}

  void sent(const std::string& group, const Part& part, int64_t position);
  void acknowledged(const std::string& group, const Part& part, int64_t position);
  // What a member that asks from now on is told at least.
  int64_t floor(const std::string& group, const Part& part) const;
  // -1: there is none.
  void told(const std::string& group, const Part& part, int64_t position, int64_t floor_when_asked);

  // Several leaders may have given out shares of one generation, if its coordinator died before it kept them.
  void shared(const std::string& group, int32_t generation, const std::string& member, const std::string& share);
  void told_share(const std::string& group, int32_t generation, const std::string& member, const std::string& share);

 private:
  struct Known {
    int64_t floor = -1;
    std::set<int64_t> sent;
  };
  Stage& stage_;
  std::map<std::pair<std::string, Part>, Known> known_;
  std::map<std::tuple<std::string, int32_t, std::string>, std::set<std::string>> shares_;
};

}  // namespace bobbin::sim
