// One produce, from its options to its exit code: takes records from the input, gives them to the producer, and tells
// how many were acknowledged.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client/producer/producer.h"
#include "client/session.h"
#include "cmd/input/input.h"
#include "cmd/input/record_maker.h"
#include "cmd/output/progress.h"
#include "cmd/output/stream_writer.h"
#include "cmd/produce/options.h"
#include "cmd/produce/rejects.h"
#include "cmd/topic/limits.h"
#include "cmd/waiting.h"
#include "os/signals.h"

namespace bobbin::cmd {

class Production {
 public:
  // `arguments` outlive it.
  Production(const Arguments& arguments, ProduceOptions options)
      : arguments_(arguments), options_(std::move(options)), maker_(options_), waiting_(arguments),
        progress_(arguments, "sent") {}

  // Opens the input and what is written to, finds the cluster, makes the topic. Blocks. An error: nothing was read.
  Status open();
  // Sends the input until it ends, a line is refused or a signal comes. Blocks as long as the input stays open.
  Status run();
  // Waits for what was sent, tells what became of it, and returns the exit code. `outcome` is that of run().
  int finish(Status outcome);

 private:
  Status check_outputs();
  Status create_topic();
  Status take_lines(bool& dry);
  Status take(const Line& line);
  Status take_whole_lines();
  Status refuse(const Line& line, std::string why);
  Status look_at_answers();
  Status poll(bool for_input);
  Status wait_for_room();
  void tee();
  void take_signal();
  bool is_ending() const { return signal_.has_value(); }
  bool must_stop() const { return signals_seen_ > 1 || refused_ || producer_->first_failed(); }
  int report(const Error& why);

  const Arguments& arguments_;
  ProduceOptions options_;
  RecordMaker maker_;
  Waiting waiting_;
  Progress progress_;
  std::optional<Input> input_;
  std::unique_ptr<client::Session> session_;
  std::unique_ptr<client::Producer> producer_;
  std::optional<os::Signals> signals_;
  std::optional<StreamWriter> stdout_;
  Rejects rejects_;
  TopicLimits limits_;
  std::string tee_bytes_;
  uint64_t looked_at_ = 0;  // bytes of input when the answers were last looked at
  uint64_t acked_before_ = 0;
  bool input_ended_ = false;
  bool input_ready_ = false;  // poll() saw that the input is readable
  bool stdout_closed_ = false;
  bool lines_are_values_ = false;  // and nothing else
  std::optional<int> signal_;
  int signals_seen_ = 0;
  std::optional<Error>
      refused_;  // why reading ended early: --on-error stop, an input or a stdout that fails; what came before is sent
};

}  // namespace bobbin::cmd
