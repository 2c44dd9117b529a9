// Admin: makes, deletes and makes anew topics, adds partitions, moves them, alters configs, elects leaders, one thing at a time; and asks brokers now
// and then for what clients ask: Metadata, DescribeConfigs, ends of logs.
#pragma once

#include <set>

#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/metadata.h"
#include "sim/caller.h"
#include "sim/model.h"

namespace bobbin::sim {

class Admin : public Actor {
 public:
  Admin(Stage& stage, Network& network, Nodes& nodes, Model& model, const Profile& profile);

  bool wants_to_act() override;
  void act() override;
  std::optional<int64_t> deadline() override { return rests_until_; }

  // From now on it changes nothing any more, but that in some runs it elects leaders.
  void stop() { stopped_ = true; }
  // Asks every broker for all topics and compares with the model; done when all have answered.
  void begin_last_look();
  bool is_done() const { return looking_.empty() && !asking_; }

 private:
  void create(const TopicPlan& plan, bool anew);
  void remove();
  void add_partitions();
  void alter_config();
  void elect_leaders();
  struct Partition {
    std::string topic;
    int32_t number;
  };
  std::optional<Partition> what_moves() const;
  void move();
  void reassign(const Partition& which, const std::optional<std::vector<int32_t>>& target);
  bool could_lead_again() const;
  void look(size_t node, bool last);
  // What does not fit the model; nothing if all does.
  std::optional<std::string> compare(const protocol::MetadataResponse& told, size_t node);
  TopicPlan plan();
  std::optional<TopicId> any_topic();
  template <class Request, class Response>
  void ask(int16_t version, const Request& request, std::function<void(std::optional<Response>)> then);
  void rest(uint64_t ms_max) { rests_until_ = stage_.clock.mono + static_cast<int64_t>(stage_.between(1, ms_max)); }

  Stage& stage_;
  Nodes& nodes_;
  Model& model_;
  const Profile& profile_;
  Caller caller_;
  bool elects_to_the_end_;
  bool asking_ = false;
  bool stopped_ = false;
  int topics_made_ = 0;
  std::vector<TopicPlan> free_names_;  // of topics that are deleted for sure
  std::set<size_t> looking_;
  int looks_left_ = 100;  // brokers may need a moment to hear of the latest changes
  std::optional<int64_t> rests_until_;
};

}  // namespace bobbin::sim
