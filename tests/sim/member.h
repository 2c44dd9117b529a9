// Member: one of a group that shares the partitions of all topics, by Kafka's classic protocol. It commits positions, and asks
// for them whenever it gets its share.
//
//   find ──> join ──> sync ──> fetch ──> work ─┐
//    ^  another broker   ^                │  ^──┘
//    └── coordinates     └── it is to join again
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/caller.h"
#include "sim/model.h"
#include "sim/positions.h"

namespace bobbin::sim {

class Member : public Actor {
 public:
  Member(Stage& stage, Network& network, Nodes& nodes, Model& model, Positions& positions, int number);

  bool wants_to_act() override;
  void act() override;
  std::optional<int64_t> deadline() override { return rests_until_; }

  // From now on it is done when it has committed once more, if it has something to read.
  void begin_last_round();
  bool is_done() const { return last_round_ && has_worked_; }
  std::string unfinished() const;

 private:
  enum class Step { find, join, sync, fetch, work };

  void find();
  void join();
  void sync();
  void fetch();
  void work();
  void beat();
  void commit();
  std::map<std::string, std::string> shares() const;
  bool take_share(const std::string& text);
  // What to do after an error; false: it is none that a coordinator may give here.
  bool follow(Errc code);
  void begin_anew();
  void go(Step step) { step_ = step; }
  template <class Request, class Response, class F>
  void ask(int16_t version, const Request& request, F then);
  void rest(uint64_t ms_max) { rests_until_ = stage_.clock.mono + static_cast<int64_t>(stage_.between(1, ms_max)); }
  std::string text() const { return "member " + std::to_string(number_) + " (" + id_ + ")"; }

  Stage& stage_;
  Model& model_;
  Positions& positions_;
  Caller caller_;
  int number_;
  std::string group_;
  Step step_ = Step::find;
  size_t node_ = 0;
  std::string id_;
  int32_t generation_ = -1;
  bool leads_ = false;
  std::vector<std::string> members_;  // told to the leader
  std::map<Part, int64_t> its_;       // its share, and its positions there
  bool has_fetched_ = false;          // in this generation
  bool asking_ = false;
  bool last_round_ = false;
  bool has_worked_ = false;
  std::optional<int64_t> rests_until_;
};

}  // namespace bobbin::sim
