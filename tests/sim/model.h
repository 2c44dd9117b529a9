// Model: what the cluster has promised, and whether what is seen keeps it.
//
// Of each partition it knows what stands at which offset. How long that must stay:
//   certain   for ever: acknowledged to acks=all or read by a consumer under flush.policy=ack, and all before it
//   known     until the next power cut: acknowledged to acks=1, or under flush.policy=os
//   doubtful  a power cut came after it: what is left of it is a beginning; the first other thing seen in its place
//             says where the cut is
// A partition is of one topic id: a topic made anew begins anew.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/id.h"
#include "sim/stage.h"

namespace bobbin::sim {

struct TopicPlan {
  std::string name;
  int32_t partitions = 1;
  int16_t replicas = 1;
  bool os = false;     // flush.policy=os
  bool trims = false;  // retention deletes its oldest segments
  std::vector<std::pair<std::string, std::string>> configs;
};

struct Topic {
  enum class State { there, perhaps, gone };  // perhaps: a delete was asked for, and nobody knows what became of it
  TopicPlan plan;
  TopicId id;
  State state = State::there;
  int32_t partitions_promised = 1;
  std::map<std::string, std::string> configs_promised;
  // Asked for, and nobody knows what became of it: a request whose connection is lost may still be handled, also after one
  // that was sent later on another connection.
  std::map<std::string, std::multiset<std::string>> configs_unclear;
  bool may_have_moved = false;  // to other brokers, one of its partitions

  // What one broker alone has, and another may lead without: acknowledged to acks=1, where there is, or was, another copy.
  bool has_others() const { return plan.replicas > 1 || may_have_moved; }
};

struct Place {
  TopicId topic;
  int32_t partition = 0;
  auto operator<=>(const Place&) const = default;
};

class Model {
 public:
  explicit Model(Stage& stage) : stage_(stage) {}

  // --- topics, by what was answered
  void created(const TopicPlan& plan, TopicId id, int32_t partitions);
  void deleting(TopicId id);
  void deleted(TopicId id);
  Topic* find(TopicId id);
  std::vector<TopicId> topics(Topic::State state) const;  // in the order in which they were made
  std::map<TopicId, Topic>& all() { return topics_; }

  // --- records
  // A producer that waits for all of the replicas in sync.
  void note_producer(Place place, int64_t id) { wait_for_all_.insert({place, id}); }
  bool waits_for_all(Place place, int64_t id) const { return wait_for_all_.contains({place, id}); }

  // `values` were acknowledged from `base` on.
  void acknowledged(Place place, int64_t base, const std::vector<std::string>& values, bool all);
  // A consumer got this.
  void read(Place place, int64_t offset, const std::string& value);
  // A leader says that consumers may read up to here.
  void promised(Place place, int64_t high_watermark);
  void power_cut();

  // Below it nothing ever changes.
  int64_t certain_end(Place place);
  // Where the log ends at least, if there was no power cut.
  int64_t known_end(Place place);
  // A whole reading from `start` to `end`, in healed times: is everything there?
  void check_whole(Place place, int64_t start, int64_t end);

 private:
  struct Record {
    std::string value;
    bool doubtful = false;
  };
  struct Part {
    std::map<int64_t, Record> records;
    std::map<std::string, int64_t> offsets;
    int64_t certain_end = 0;  // the log never ends before it
  };
  void stands(Place place, Part& part, int64_t offset, const std::string& value, const char* how);
  void forget_doubtful_from(Place place, Part& part, int64_t offset);
  bool is_os(Place place);
  std::string text(Place place);

  Stage& stage_;
  std::map<TopicId, Topic> topics_;
  std::vector<TopicId> order_;
  std::map<Place, Part> parts_;
  std::set<std::pair<Place, int64_t>> wait_for_all_;
};

// What one reading from an offset on has to look like: no value twice, producers' numbers ascend.
class Reading {
 public:
  // "p3/17": number 17 of a producer's stream "p3". The sentence says what is wrong.
  std::optional<std::string> next(int64_t offset, const std::string& value);

 private:
  std::map<std::string, std::pair<int64_t, int64_t>> last_;  // stream: number, offset
};

}  // namespace bobbin::sim
