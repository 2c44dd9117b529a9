#include "cmd/produce/production.h"

#include "base/units.h"
#include "client/admin/configs.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "cmd/output/output_files.h"
#include "cmd/topic/new_topic.h"
#include "os/stdio.h"
#include "os/wait.h"

namespace bobbin::cmd {
namespace {

// After so many bytes of input the answers are looked at, however fast the input is.
constexpr uint64_t look_bytes = 256 << 10;

}  // namespace

Status Production::open() {
  BOBBIN_TRY_ASSIGN(input, Input::open(options_.files, options_.framing));
  input_.emplace(std::move(input));
  BOBBIN_TRY(check_outputs());
  BOBBIN_TRY_ASSIGN(session, connect(arguments_));
  session_ = std::move(session);
  if (!options_.given_timeout_ms) session_->set_timeout_ms(options_.timeout_ms);
  BOBBIN_TRY(create_topic());
  BOBBIN_TRY_ASSIGN(producer, client::Producer::open(*session_, options_.topic, options_.producer));
  producer_ = std::move(producer);
  if (options_.timestamp || options_.json) {
    BOBBIN_TRY_ASSIGN(limits, read_topic_limits(*session_, options_.topic));
    limits_ = limits;
  }
  if (options_.timestamp)
    if (std::string objection = limits_.objection(*options_.timestamp, now(), options_.allow_expired);
        !objection.empty())
      return error(Errc::invalid_timestamp, "--timestamp: " + objection);
  BOBBIN_TRY(rejects_.open(options_));
  BOBBIN_TRY_ASSIGN(signals, os::Signals::take());
  signals_.emplace(std::move(signals));
  rejects_.watch(signals_->fd());
  // A JSON line may be six times as long as what it says.
  auto record_bytes_max = static_cast<size_t>(producer_->max_message_bytes());
  BOBBIN_TRY(input_->limit(options_.json ? record_bytes_max * 6 + 65536 : record_bytes_max,
                           [this](Bytes piece) { rejects_.write(piece, is_ending()); }));
  if (options_.tee) stdout_.emplace(os::stdout_fd, signals_->fd());
  lines_are_values_ = maker_.takes_lines_as_they_are() && producer_->takes_lines() &&
                      options_.framing.frame == Frame::line && options_.framing.delimiter.size() == 1;
  return {};
}

Status Production::check_outputs() {
  std::optional<home::ClusterDir> cluster;
  if (!arguments_.has("bootstrap-server")) {
    BOBBIN_TRY_ASSIGN(local, local_cluster(arguments_));
    cluster = local;
  }
  return cmd::check_outputs({input_->descriptors(), options_.topic}, {options_.reject_file, options_.tee},
                            cluster ? &*cluster : nullptr);
}

Status Production::create_topic() {
  if (!options_.create) return {};
  client::NewTopic topic;
  topic.name = options_.topic;
  BOBBIN_TRY_ASSIGN(made, client::ensure_topic(*session_, topic));
  if (!made || arguments_.has("quiet")) return {};
  client::CreatedTopic told;
  told.name = options_.topic;
  if (auto views = client::describe_topics(*session_, {options_.topic});
      views && !views->empty() && !(*views)[0].partitions.empty()) {
    told.partitions = static_cast<int32_t>((*views)[0].partitions.size());
    told.replication_factor = static_cast<int16_t>((*views)[0].partitions[0].replicas.size());
  }
  if (auto configs = client::describe_configs(*session_, client::ResourceType::topic, options_.topic))
    for (const client::ConfigEntry& entry : *configs) told.configs.push_back({entry.name, entry.value.value_or("")});
  notice(arguments_, told_new_topic(told));
  return {};
}

Status Production::run() {
  while (!input_ended_ && !must_stop()) {
    bool dry = false;
    uint64_t ordinal_before = input_->ordinal();
    BOBBIN_TRY(take_lines(dry));
    if (input_ended_ || must_stop()) break;
    if (dry && input_->ordinal() == ordinal_before) {
      // A record longer than a read: signals and answers do not wait for its end.
      BOBBIN_TRY(poll(false));
      if (signal_) continue;
    }
    if (!dry) {
      BOBBIN_TRY(wait_for_room());
      continue;
    }
    os::WaitFd look[] = {{.fd = input_->fd(), .want_read = true}};
    BOBBIN_TRY(os::wait(look, 0));
    if (!look[0].readable && !look[0].hangup) {
      // The input ran dry: what is there goes out now, though it stays open.
      producer_->push();
      tee();
      if (must_stop()) break;
      do {
        BOBBIN_TRY(poll(true));
      } while (!input_ready_ && !signal_ && !must_stop() && !stdout_closed_);
      if (!input_ready_) continue;
    }
    if (Status got = input_->read(); !got) refused_ = std::move(got).error();
  }
  tee();
  return {};
}

// Takes lines until the input is dry or has ended, the producer is full, or it is time to look at the answers.
Status Production::take_lines(bool& dry) {
  Line line;
  while (!producer_->is_full()) {
    if (lines_are_values_) BOBBIN_TRY(take_whole_lines());
    if (producer_->is_full() || must_stop()) return {};
    auto next = input_->next(line);
    if (!next) {
      refused_ = std::move(next).error();
      return {};
    }
    dry = *next == Input::Next::dry;
    input_ended_ = *next == Input::Next::end;
    if (dry || input_ended_) return {};
    BOBBIN_TRY(take(line));
    BOBBIN_TRY(look_at_answers());
    if (must_stop()) return {};
  }
  return {};
}

// All that was read, but what send_lines() leaves to send(), and not too much between two looks at the answers.
Status Production::take_whole_lines() {
  while (!producer_->is_full()) {
    Bytes lines = input_->whole_lines();
    if (lines.empty()) return {};
    auto taken = producer_->send_lines(lines, options_.framing.delimiter[0], input_->ordinal() + 1);
    if (!taken) return producer_->first_failed() ? Status() : std::move(taken).error();
    if (taken->count == 0) return {};
    if (options_.tee && !stdout_closed_) tee_bytes_ += lines.substr(0, taken->bytes);
    input_->take(taken->bytes, taken->count);
    if (tee_bytes_.size() >= look_bytes) tee();
    BOBBIN_TRY(look_at_answers());
    if (must_stop()) return {};
  }
  return {};
}

// After so much input, unless it is time to stop anyway.
Status Production::look_at_answers() {
  if (must_stop() || input_->bytes_taken() - looked_at_ < look_bytes) return {};
  looked_at_ = input_->bytes_taken();
  return poll(false);
}

Status Production::take(const Line& line) {
  if (line.too_long)
    return refuse(line, "it has " + std::to_string(line.length) + " bytes, and " + producer_->size_limit());
  client::OutRecord record;
  record.number = input_->ordinal();
  if (Status made = maker_.make(line.bytes, record); !made) return refuse(line, made.error().message);
  if (options_.json && record.timestamp)
    if (std::string objection = limits_.objection(*record.timestamp, now(), options_.allow_expired); !objection.empty())
      return refuse(line, objection);
  Status sent = producer_->send(record);
  if (sent) {
    if (options_.tee && !stdout_closed_) tee_bytes_ += line.framed;
    if (tee_bytes_.size() >= look_bytes) tee();
    return {};
  }
  Errc code = sent.error().code;
  bool is_the_lines_fault =
      code == Errc::message_too_large || (code == Errc::unknown_topic_or_partition && record.partition);
  if (is_the_lines_fault) return refuse(line, sent.error().message);
  if (producer_->first_failed()) return {};  // told at the end, with the first of them
  return sent;
}

Status Production::refuse(const Line& line, std::string why) {
  rejects_.add(input_->place(), why);
  if (!line.too_long) rejects_.write(line.framed, is_ending());
  if (rejects_.stops()) refused_ = error(Errc::malformed, input_->place() + ": " + why);
  return {};
}

Status Production::wait_for_room() {
  if (producer_->is_full()) return poll(false);
  return {};
}

// Lets answers in. Waits only if the producer is full, or for input.
Status Production::poll(bool for_input) {
  bool full = producer_->is_full();
  int stdout_watched = options_.tee && !stdout_closed_ ? os::stdout_fd : -1;
  os::WaitFd fds[] = {{.fd = signals_->fd(), .want_read = true},
                      {.fd = for_input ? input_->fd() : -1, .want_read = true},
                      {.fd = stdout_watched}};
  bool awaits = !producer_->is_idle();
  int64_t wait_ms = for_input || full ? waiting_.next_ms(awaits) : 0;
  BOBBIN_TRY(producer_->poll(fds, wait_ms));
  input_ready_ = for_input && (fds[1].readable || fds[1].hangup);
  stdout_closed_ |= options_.tee && fds[2].hangup;
  if (fds[0].readable) take_signal();
  if (producer_->acked() != acked_before_ || !awaits) waiting_.moved();
  acked_before_ = producer_->acked();
  progress_.show(acked_before_);
  if (full || for_input) waiting_.on(awaits ? producer_->awaited() : "");
  return {};
}

// A reader of the copy that goes away ends the copy, not the job: exit 0 still means every record.
void Production::tee() {
  if (tee_bytes_.empty() || stdout_closed_) return;
  auto outcome = stdout_->write(tee_bytes_, is_ending());
  tee_bytes_.clear();
  if (!outcome) {
    refused_ = std::move(outcome).error();
    return;
  }
  stdout_closed_ |= *outcome == StreamWriter::Outcome::closed;
  if (*outcome == StreamWriter::Outcome::interrupted) {
    take_signal();
    stdout_closed_ = true;  // its reader does not read, and somebody wants to leave
  }
}

// The first one ends the reading: what was read from a pipe is sent, as nobody else has it. The second ends the waiting.
void Production::take_signal() {
  auto signal = signals_->next();
  if (!signal) return;
  signal_ = signal;
  signals_seen_++;
  input_->stop();
}

// Everything that was taken is sent and waited for, unless a second signal comes; then the truth is told.
int Production::finish(Status outcome) {
  while (outcome && !producer_->is_idle() && signals_seen_ < 2) {
    producer_->push();
    os::WaitFd fds[] = {{.fd = signals_->fd(), .want_read = true}};
    outcome = producer_->poll(fds, waiting_.next_ms(true));
    if (fds[0].readable) take_signal();
    if (producer_->acked() != acked_before_) waiting_.moved();
    acked_before_ = producer_->acked();
    waiting_.on(producer_->awaited());
  }
  progress_.clear();
  if (Status kept = rejects_.close(is_ending()); outcome && !kept) outcome = std::move(kept);
  if (producer_->first_failed())
    return report(Error(producer_->first_failed()->error).in(input_->place(producer_->first_failed()->number)));
  if (!outcome) return report(outcome.error());
  if (!producer_->is_idle())
    return report(error(Errc::interrupted, "a second signal came before the rest was acknowledged"));
  if (refused_) {
    int code = report(*refused_);
    if (signal_) os::die_of_signal(*signal_);  // it came in the middle of a record, which is none now
    return code;
  }
  if (rejects_.count() > 0)
    notice(arguments_, std::to_string(rejects_.count()) + " of " + std::to_string(input_->ordinal()) +
                           " were not sent, the first is " + rejects_.first());
  if (signal_) os::die_of_signal(*signal_);
  return exit_done;
}

int Production::report(const Error& why) {
  std::string count =
      std::to_string(producer_->acked()) + " of " + std::to_string(input_->ordinal()) +
      (options_.producer.acks == client::Acks::none ? " records were sent; " : " records were acknowledged; ");
  if (input_->ordinal() == 0) count.clear();  // it failed before the first record was taken
  int code = fail(error(why.code, count + why.message));
  bool nothing_done = producer_->acked() == 0 && !refused_;
  return nothing_done && code != exit_usage ? code : exit_no;
}

}  // namespace bobbin::cmd
