// Working: a consume whose records commands take (--exec, --exec-batch), from its options to its exit code.
//
// A record is done when its command ended with 0, or when its dead letter was acknowledged; the group's position in a partition is
// the first record that is not. Whoever ends in order, or hands its partitions over, first lets end what runs, and does what
// lies before something that is done: nothing is done twice.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/consumer/consumer.h"
#include "cmd/cluster.h"
#include "cmd/consume/group_reading.h"
#include "cmd/consume/options.h"
#include "cmd/exec/dead_letters.h"
#include "cmd/exec/done.h"
#include "cmd/exec/schedule.h"
#include "cmd/exec/workers.h"
#include "cmd/topic/patterns.h"
#include "cmd/waiting.h"
#include "os/signals.h"

namespace bobbin::cmd {

class Working final : public client::Sink {
 public:
  // Of options with a group and a command.
  Working(const Arguments& arguments, ConsumeOptions options);

  Status open();
  // Blocks until everything is done that is to be done; an exit code.
  int run();

  bool take(std::string_view topic, PartitionId partition, const record::Record& record) override;

 private:
  Result<std::vector<std::string>> topic_names(const TopicPatterns& patterns);
  // Until something ends it.
  Result<int> work();
  Result<bool> change_partitions();
  void lose_partitions();
  std::optional<int> what_ends_it() const;
  // What is begun comes to its end, and is committed.
  Status end_reading();
  // After an error: no more is begun.
  Status abandon();
  Status commit_all();
  int report(const Result<int>& outcome, const Status& left);

  // One look at everything, with a wait.
  Status step();
  Status collect_commands();
  Status collect_letters();
  Status judge(const Workers::Ended& ended);
  void pass(const std::vector<OwnedRecord>& done);
  Status start_commands();
  Status wait();
  int64_t wait_ms() const;
  void take_signal();
  void say_what_is_awaited();
  bool has_all() const { return options_.records_max && passed_ + schedule_.records() >= *options_.records_max; }
  bool is_idle() const { return schedule_.is_idle() && workers_.running() == 0 && dead_letters_->is_idle(); }
  bool is_reading() const {
    // A consumer that has come to its stop waits for nothing.
    return consumer_ && !consumer_->is_done() && !has_all() && !reading_failed_ && !schedule_.is_full() && !signal_;
  }

  const Arguments& arguments_;
  ConsumeOptions options_;
  Waiting waiting_;
  std::unique_ptr<client::Session> session_;
  std::unique_ptr<client::Consumer> consumer_;
  std::unique_ptr<GroupReading> group_;
  std::unique_ptr<DeadLetters> dead_letters_;
  std::optional<os::Signals> signals_;
  Schedule schedule_;
  Workers workers_;
  Done done_;
  uint64_t passed_ = 0;                  // records that are done
  int64_t moved_ms_ = 0;                 // when a record came, or was done
  std::optional<Error> reading_failed_;  // what came before it is done first
  std::optional<int> signal_;
  bool gives_up_ = false;  // what fails from now on does so because somebody wants to leave
};

}  // namespace bobbin::cmd
