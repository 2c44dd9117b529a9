// Consumption: one consume, from its options to its exit code. It is the sink of the records.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/consumer/consumer.h"
#include "cmd/cluster.h"
#include "cmd/consume/group_reading.h"
#include "cmd/consume/options.h"
#include "cmd/output/progress.h"
#include "cmd/output/stream_writer.h"
#include "cmd/topic/patterns.h"
#include "cmd/waiting.h"
#include "os/signals.h"

namespace bobbin::cmd {

class Consumption final : public client::Sink {
 public:
  Consumption(const Arguments& arguments, ConsumeOptions options);

  Status open();
  Result<int> run() { return group_ ? run_in_group() : run_alone(); }
  int report(const Error& why) const;

  bool take(std::string_view topic, PartitionId partition, const record::Record& record) override;
  Result<Batch> take_batch(std::string_view topic, PartitionId partition, record::RecordReader& records) override;

 private:
  Result<int> run_alone();
  Status write();
  bool go_on();
  bool has_all() const { return options_.records_max && taken_ >= *options_.records_max; }
  int64_t next_wait_ms() const;
  void say_what_is_awaited();
  void look_for_crowd();

  // group_consumption.cpp
  Result<int> run_in_group();
  Status begin_in_group(std::vector<std::string> names);
  Result<bool> change_partitions();
  Result<std::optional<int>> read_in_group();
  std::optional<int> what_ends_it() const;
  Status end_reading();
  Status leave_group();
  uint64_t note_taken();
  void wait_for_reader();
  Status stay_member();

  const Arguments& arguments_;
  ConsumeOptions options_;
  Waiting waiting_;
  Progress progress_;
  std::unique_ptr<client::Session> session_;
  std::unique_ptr<client::Consumer> consumer_;
  std::unique_ptr<GroupReading> group_;  // none: it reads alone
  std::optional<os::Signals> signals_;
  std::optional<StreamWriter> stdout_;
  std::string out_;
  uint64_t taken_ = 0;
  int64_t last_record_ms_ = 0;
  Status write_status_;
  bool closed_ = false;       // the reader has gone
  bool interrupted_ = false;  // a signal came while it did not read
  bool is_busy_ = false;      // --busy
  bool crowd_told_ = false;
};

}  // namespace bobbin::cmd
