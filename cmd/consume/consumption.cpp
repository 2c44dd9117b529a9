#include "cmd/consume/consumption.h"

#include <algorithm>

#include "cmd/consume/matching_topics.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "os/bus_error.h"
#include "os/process.h"
#include "os/stdio.h"
#include "os/wait.h"

namespace bobbin::cmd {

namespace {

constexpr int64_t crowd_ms = 200;  // between looks for others that do not sleep
constexpr size_t whole_batch_bytes_max = 16 << 20;
constexpr size_t write_bytes = 256 << 10;  // written when so much is formatted, or nothing further is at hand

}  // namespace

Consumption::Consumption(const Arguments& arguments, ConsumeOptions options)
    : arguments_(arguments), options_(std::move(options)), waiting_(arguments), progress_(arguments, "read") {
  if (!options_.raw && os::is_terminal(os::stdout_fd)) options_.format.escape_for_terminal();
}

Status Consumption::open() {
  os::exit_on_bus_error(exit_damaged);
  BOBBIN_TRY_ASSIGN(patterns, TopicPatterns::compile(options_.regex ? options_.topics : std::vector<std::string>()));
  BOBBIN_TRY_ASSIGN(session, connect(arguments_));
  session_ = std::move(session);
  if (!options_.is_bounded() && !arguments_.has("timeout")) session_->set_timeout_ms(connected_timeout_ms);
  std::vector<std::string> names = options_.topics;
  if (options_.regex) {
    BOBBIN_TRY_ASSIGN(matching, matching_topics(*session_, patterns, options_.topics[0]));
    names = matching;
  }
  is_busy_ = arguments_.has("busy");
  session_->set_busy(is_busy_);
  BOBBIN_TRY_ASSIGN(signals, os::Signals::take());
  signals_.emplace(std::move(signals));
  stdout_.emplace(os::stdout_fd, signals_->fd());
  last_record_ms_ = mono_ms();
  if (options_.group) return begin_in_group(std::move(names));
  client::ConsumerOptions consumer;
  for (const std::string& name : names) consumer.topics.push_back({name, options_.partitions});
  consumer.start = options_.start;
  consumer.stop = options_.stop;
  consumer.wait_for_topics = !options_.is_bounded();
  consumer.timeout_ms = session_->target().timeout_ms;
  BOBBIN_TRY_ASSIGN(opened, client::Consumer::open(*session_, consumer));
  consumer_ = std::move(opened);
  return {};
}

bool Consumption::take(std::string_view topic, PartitionId partition, const record::Record& record) {
  if (has_all()) return false;
  options_.format.append(out_, {topic, partition, record});
  taken_++;
  if (!group_) return go_on();
  group_->taken.note(topic, partition, record.offset + 1, stdout_->written() + out_.size());
  return go_on() && options_.commit != ConsumeOptions::Commit::each;
}

Result<client::Sink::Batch> Consumption::take_batch(std::string_view, PartitionId, record::RecordReader& records) {
  if (group_) return Batch::one_by_one;
  auto count = static_cast<uint64_t>(records.records_left());
  // A batch that became large is written piece by piece.
  bool is_plain =
      options_.format.is_values_only() && !options_.unbuffered && records.bytes_left() <= whole_batch_bytes_max;
  if (!is_plain || (options_.records_max && count > *options_.records_max - taken_)) return Batch::one_by_one;
  BOBBIN_TRY_ASSIGN(appended, records.append_values(out_, options_.format.plain_parts().delimiter,
                                                    options_.format.plain_parts().null_text));
  taken_ += static_cast<uint64_t>(appended);
  return go_on() ? Batch::taken : Batch::taken_and_enough;
}

bool Consumption::go_on() {
  if (out_.size() < write_bytes && !options_.unbuffered) return !has_all();
  write_status_ = write();
  return write_status_ && !closed_ && !interrupted_ && !has_all();
}

Status Consumption::write() {
  if (out_.empty() || closed_) return {};
  if (group_ && options_.at_most_once) {
    group_->taken.take_to(UINT64_MAX);
    BOBBIN_TRY(group_->commit_now());
  }
  auto outcome = stdout_->write(out_);
  out_.clear();
  if (!outcome) return std::move(outcome).error();
  closed_ = *outcome == StreamWriter::Outcome::closed;
  interrupted_ = *outcome == StreamWriter::Outcome::interrupted;
  return {};
}

int64_t Consumption::next_wait_ms() const {
  int64_t wait_ms = waiting_.next_ms(true);
  if (is_busy_ && !crowd_told_) wait_ms = wait_ms < 0 ? crowd_ms : std::min(wait_ms, crowd_ms);
  if (!options_.idle_timeout_ms) return wait_ms;
  int64_t left = std::max<int64_t>(0, last_record_ms_ + *options_.idle_timeout_ms - mono_ms());
  return wait_ms < 0 ? left : std::min(wait_ms, left);
}

// Told once. Others may come later, so that it is looked for as long as nothing was to be told.
void Consumption::look_for_crowd() {
  int pollers = crowd_told_ || !is_busy_ ? 0 : consumer_->pollers();
  if (pollers <= os::usable_cores()) return;
  crowd_told_ = true;
  notice(arguments_, "--busy: " + std::to_string(pollers) + " processes look for records all the time, and there are " +
                         std::to_string(os::usable_cores()) +
                         " cores: they take turns, which may cost more than sleeping");
}

void Consumption::say_what_is_awaited() {
  std::string awaited = consumer_->awaited();
  if (!awaited.empty()) return waiting_.on(awaited, true);
  bool from_end = options_.start.kind == client::Start::Kind::end;
  waiting_.on(from_end ? "new records; -o beginning shows those that are there" : "new records; -e stops at the end");
}

Result<int> Consumption::run_alone() {
  while (!consumer_->is_done() && !has_all()) {
    os::WaitFd fds[] = {{.fd = signals_->fd(), .want_read = true}, {.fd = os::stdout_fd}};
    uint64_t before = taken_;
    Status polled = consumer_->poll(*this, fds, next_wait_ms());
    // What came before an error is printed before it is told.
    if (write_status_) write_status_ = write();
    BOBBIN_TRY(std::move(write_status_));
    BOBBIN_TRY(std::move(polled));
    if (closed_ || fds[1].hangup) return exit_done;
    if (fds[0].readable || interrupted_)
      if (auto signal = signals_->next()) {
        progress_.clear();
        os::die_of_signal(*signal);
      }
    progress_.show(taken_);
    look_for_crowd();
    if (taken_ != before) {
      last_record_ms_ = mono_ms();
      waiting_.moved();
    } else if (options_.idle_timeout_ms && mono_ms() - last_record_ms_ >= *options_.idle_timeout_ms) {
      return options_.records_max && !has_all() ? exit_no : exit_done;
    } else {
      say_what_is_awaited();
    }
  }
  return exit_done;
}

int Consumption::report(const Error& why) const {
  if (taken_ == 0 || exit_code(why.code) != exit_no_answer) return fail(why);
  fail(error(why.code, std::to_string(taken_) + " records were read; " + why.message));
  return exit_no;
}

}  // namespace bobbin::cmd
