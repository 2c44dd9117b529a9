#include <set>

#include "base/units.h"
#include "client/admin/topics.h"
#include "client/consumer/consumer.h"
#include "cmd/cluster.h"
#include "cmd/consume/options.h"
#include "cmd/exit.h"
#include "cmd/input/framing_options.h"
#include "cmd/output/output.h"
#include "cmd/output/progress.h"
#include "cmd/output/stream_writer.h"
#include "cmd/topic/patterns.h"
#include "cmd/waiting.h"
#include "os/bus_error.h"
#include "os/process.h"
#include "os/signals.h"
#include "os/stdio.h"
#include "os/wait.h"

namespace bobbin::cmd {
namespace {

constexpr int64_t crowd_ms = 200;  // between looks for others that do not sleep
constexpr size_t whole_batch_bytes_max = 16 << 20;
constexpr size_t write_bytes = 256 << 10;  // written when so much is formatted, or nothing further is at hand

// One consume, from its options to its exit code. It is the sink of the records.
class Consumption final : public client::Sink {
 public:
  Consumption(const Arguments& arguments, ConsumeOptions options)
      : arguments_(arguments), options_(std::move(options)), waiting_(arguments), progress_(arguments, "read") {
    if (!options_.raw && os::is_terminal(os::stdout_fd)) options_.format.escape_for_terminal();
  }

  Status open();
  Result<int> run();
  int report(const Error& why) const;

  bool take(std::string_view topic, PartitionId partition, const record::Record& record) override;
  Result<Batch> take_batch(std::string_view topic, PartitionId partition, record::RecordReader& records) override;

 private:
  Result<std::vector<std::string>> matching_topics(const TopicPatterns& patterns);
  Status write();
  bool go_on();
  bool has_all() const { return options_.records_max && taken_ >= *options_.records_max; }
  int64_t next_wait_ms() const;
  void say_what_is_awaited();
  void look_for_crowd();

  const Arguments& arguments_;
  ConsumeOptions options_;
  Waiting waiting_;
  Progress progress_;
  std::unique_ptr<client::Session> session_;
  std::unique_ptr<client::Consumer> consumer_;
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

Result<std::vector<std::string>> Consumption::matching_topics(const TopicPatterns& patterns) {
  BOBBIN_TRY_ASSIGN(topics, client::list_topics(*session_));
  std::vector<std::string> names;
  for (const client::TopicView& topic : topics)
    if (!topic.internal && patterns.match(topic.name)) names.push_back(topic.name);
  if (names.empty())
    return error(Errc::unknown_topic_or_partition,
                 "no topic matches " + options_.topics[0] + " (bobbin topic list shows the names)");
  return names;
}

Status Consumption::open() {
  os::exit_on_bus_error(exit_damaged);
  BOBBIN_TRY_ASSIGN(patterns, TopicPatterns::compile(options_.regex ? options_.topics : std::vector<std::string>()));
  BOBBIN_TRY_ASSIGN(session, connect(arguments_));
  session_ = std::move(session);
  std::vector<std::string> names = options_.topics;
  if (options_.regex) {
    BOBBIN_TRY_ASSIGN(matching, matching_topics(patterns));
    names = matching;
  }
  client::ConsumerOptions consumer;
  for (const std::string& name : names) consumer.topics.push_back({name, options_.partitions});
  consumer.start = options_.start;
  consumer.stop = options_.stop;
  consumer.wait_for_topics = !options_.is_bounded();
  consumer.timeout_ms = session_->target().timeout_ms;
  BOBBIN_TRY_ASSIGN(opened, client::Consumer::open(*session_, consumer));
  consumer_ = std::move(opened);
  is_busy_ = arguments_.has("busy");
  session_->set_busy(is_busy_);
  BOBBIN_TRY_ASSIGN(signals, os::Signals::take());
  signals_.emplace(std::move(signals));
  stdout_.emplace(os::stdout_fd, signals_->fd());
  last_record_ms_ = mono_ms();
  return {};
}

bool Consumption::take(std::string_view topic, PartitionId partition, const record::Record& record) {
  if (has_all()) return false;
  options_.format.append(out_, {topic, partition, record});
  taken_++;
  return go_on();
}

Result<client::Sink::Batch> Consumption::take_batch(std::string_view, PartitionId, record::RecordReader& records) {
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

Result<int> Consumption::run() {
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

int run(const Arguments& arguments) {
  auto options = read_consume_options(arguments, now());
  if (!options) return fail(options.error(), "consume");
  Consumption consumption(arguments, std::move(*options));
  if (Status opened = consumption.open(); !opened) return fail(opened.error());
  auto code = consumption.run();
  return code ? *code : consumption.report(code.error());
}

constexpr Option options[] = {
    {.name = "topic",
     .shorts = "t",
     .value = "TOPIC",
     .doc = "A topic, for those who write it as an option.",
     .repeats = true},
    {.name = "offset",
     .shorts = "o",
     .value = "WHERE",
     .doc = "Where to start, and perhaps to stop: beginning (the default), end, N, +N (from the first), -N (before the "
            "end), N:M, :end, @TIME, @TIME:TIME, @-1h:end, and as in kcat s@TIME and e@TIME. start, earliest, oldest, "
            "latest and newest are understood. A TIME is milliseconds since 1970 (-1500 lies before it), ISO 8601, or "
            "a time ago such as -1h. May be given twice, once with a start and once with an end. An end beyond the "
            "last record is where the partition ends now. N beyond it is an error, but not in N:M.",
     .repeats = true},
    {.name = "from-beginning", .doc = "Start at the first record, which is the default."},
    {.name = "partition", .shorts = "p", .value = "N[,N...]", .doc = "Only these partitions.", .repeats = true},
    {.name = "max-messages", .shorts = "nc", .value = "N", .doc = "Stop after so many records."},
    {.name = "exit",
     .shorts = "e",
     .aliases = "no-follow",
     .doc = "Stop at the ends that the partitions have at the start."},
    {.name = "format",
     .shorts = "f",
     .value = "FORMAT",
     .doc = "Print each record so, with nothing after it. %s or %v value, %S or %V its size (-1: null), %R its size in "
            "4 bytes, %k key, %K its size, %t topic, %p partition, %o offset, %T timestamp in milliseconds, %d{%F %T} "
            "the time through strftime in UTC, %h headers, %H their number, %% a percent sign; %v{hex}, %v{base64}, "
            "%k{hex} and %k{base64}; %h{%k=%v } prints each header so; \\n \\t \\r \\\\ \\0 \\xNN."},
    {.name = "json",
     .shorts = "J",
     .doc = "Print each record as a JSON object on a line, byte-exact: key_b64 and value_b64 hold bytes that are not "
            "UTF-8."},
    delimiter_option,
    {.name = "key-delimiter", .shorts = "K", .value = "TEXT", .doc = "Print the key and this text before each value."},
    {.name = "nulls", .shorts = "Z", .doc = "Print null as NULL; without it, null prints as nothing."},
    {.name = "null", .value = "TEXT", .doc = "Print null as this text."},
    {.name = "unbuffered", .shorts = "u", .doc = "Write after each record, not when no further one is at hand."},
    {.name = "busy",
     .doc = "Look again and again for new records instead of sleeping, and let the brokers that are waited for do the "
            "same: the lowest latency, for a core each."},
    {.name = "regex",
     .shorts = "r",
     .doc = "The topics are regular expressions (RE2's, without look-around), each matched against the whole name when "
            "the command starts."},
    {.name = "include",
     .aliases = "whitelist",
     .value = "REGEX",
     .doc = "Kafka's form of --regex with a topic.",
     .repeats = true},
    {.name = "frame",
     .value = "line|nul|u32be|whole",
     .doc = "How records are printed: as lines; ended by NUL; after their length in 4 bytes, big-endian; or with "
            "nothing between them."},
    {.name = "idle-timeout",
     .value = "DURATION",
     .doc = "End when no record came for so long: exit 0, or 1 if --max-messages was not reached."},
    {.name = "timeout-ms", .value = "MS", .doc = "Kafka's form of --idle-timeout, in milliseconds."},
    {.name = "raw", .doc = "Print control characters as they are, also on a terminal."},
    {.name = "property",
     .aliases = "formatter-property",
     .value = "NAME=VALUE",
     .doc = "Kafka's properties of a formatter: print.key, print.value, print.timestamp, print.partition, "
            "print.offset, print.delivery, print.epoch, print.headers, key.separator, line.separator, "
            "headers.separator, null.literal. The form is then that of Kafka's console consumer, in which null is "
            "\"null\" unless null.literal, -Z or --null says something else.",
     .repeats = true},
};

constexpr Example examples[] = {
    {"bobbin consume numbers -e | wc -l", "everything up to now"},
    {"bobbin consume app -o end | grep ERROR", "only what comes from now on"},
    {"bobbin consume app -o @-1h:end", "the last hour"},
    {"bobbin consume app -o -10 -n 10", "the last ten of a topic with one partition"},
    {"bobbin consume app -e -f '%d{%F %T} %p/%o %s\\n'", "with time, partition and offset"},
};

}  // namespace

extern constinit const Command consume{
    .name = "consume",
    .arguments = "[TOPIC...]",
    .summary = "Print the records of topics",
    .description =
        "Prints the value of each record and a newline, in order within each partition, from the beginning, and waits "
        "for more. A topic that does not exist yet is waited for, unless an end was asked for; consume never creates "
        "one. A reader that goes away ends it quietly.\n\n"
        "On a terminal, control characters are shown as \\xNN; anywhere else every byte is printed as it is.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
