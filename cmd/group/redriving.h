// Redriving: one redrive: sends dead letters (cmd/exec/dead_letter.h) back to where they came from, up to the ends that their
// topics have at the start.
//
// It is a member of the group GROUP.redrive, which keeps how far it has come: redrives at the same time share the work. What was
// read is sent and acknowledged, and then committed, before more is read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/consumer/consumer.h"
#include "client/producer/producer.h"
#include "cmd/cluster.h"
#include "cmd/consume/group_reading.h"
#include "cmd/consume/options.h"
#include "cmd/exec/dead_letter.h"
#include "cmd/exec/owned_record.h"
#include "cmd/topic/limits.h"
#include "os/signals.h"

namespace bobbin::cmd {

class Redriving final : public client::Sink {
 public:
  // By the topics of dead letters: the topics that they came from.
  using Topics = std::map<std::string, std::string>;
  // The session must outlive it.
  Redriving(const Arguments& arguments, client::Session& session, const std::string& group, Topics topics);

  static std::string group_of(const std::string& group) { return group + ".redrive"; }

  // Blocks. A signal that came is told by signal().
  Status run();
  std::optional<int> signal() const { return signal_; }
  // How many were acknowledged, by the topics that they went to.
  uint64_t count(const std::string& topic) const;
  // How many were no dead letters, which was said of each.
  uint64_t strays() const { return strays_; }

  bool take(std::string_view topic, PartitionId partition, const record::Record& record) override;

 private:
  struct Target {
    std::unique_ptr<client::Producer> producer;
    TopicLimits limits;
  };
  Result<bool> change_partitions();
  Status read();
  Status send_back();
  Status send_back(const OwnedRecord& letter);
  Status pass_stray(const OwnedRecord& letter, Error why);
  Status wait_for_answers();
  Status poll(client::Producer& producer);
  Result<Target*> target_for(const std::string& topic);
  void take_signal();

  const Arguments& arguments_;
  client::Session& session_;
  Topics topics_;
  ConsumeOptions options_;
  std::optional<os::Signals> signals_;
  std::unique_ptr<GroupReading> group_;
  std::unique_ptr<client::Consumer> consumer_;
  std::map<std::string, Target> targets_;
  std::vector<OwnedRecord> letters_;  // that were read, and are not sent yet
  size_t letters_bytes_ = 0;
  client::Positions sent_;  // behind what is not acknowledged yet
  uint64_t strays_ = 0;
  std::optional<int> signal_;
  bool gives_up_ = false;  // a second one came
};

}  // namespace bobbin::cmd
