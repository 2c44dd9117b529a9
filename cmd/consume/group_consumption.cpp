// Consumption as a member of a group.
#include "cmd/consume/consumption.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "os/stdio.h"
#include "os/wait.h"

namespace bobbin::cmd {

namespace {

constexpr int64_t look_ms = 20;            // while the reader has not taken what was written
constexpr int64_t reader_ms_max = 10'000;  // without its taking anything, at the end

}  // namespace

Status Consumption::begin_in_group(std::vector<std::string> names) {
  BOBBIN_TRY_ASSIGN(group, GroupReading::open(*session_, options_, std::move(names),
                                              [this](const std::string& what) { notice(arguments_, what); }));
  group_ = std::move(group);
  stdout_->meanwhile([this] { return stay_member(); });
  return {};
}

// While something else takes long.
Status Consumption::stay_member() {
  BOBBIN_TRY_ASSIGN(step, group_->advance());
  (void)step;  // what is to be done is done when that other thing is over
  return session_->wait({}, 0);
}

// What of it is left.
uint64_t Consumption::note_taken() {
  const uint64_t unread = os::is_fifo(os::stdout_fd) ? os::unread_bytes(os::stdout_fd).value_or(0) : 0;
  group_->taken.take_to(stdout_->written() - unread);
  return unread;
}

// Until it has taken everything, or has gone, or takes nothing any more.
void Consumption::wait_for_reader() {
  uint64_t left = UINT64_MAX;
  int64_t until = 0;
  for (;;) {
    const uint64_t unread = note_taken();
    if (unread == 0 || closed_) return;
    if (unread < left) until = mono_ms() + reader_ms_max;
    left = unread;
    if (mono_ms() >= until) return;
    os::WaitFd fds[] = {{.fd = os::stdout_fd}};
    if (!stay_member() || !session_->wait(fds, look_ms)) return;
    closed_ = closed_ || fds[0].hangup;
  }
}

// What was read is written, taken and committed; then its partitions may be somebody else's.
Status Consumption::end_reading() {
  consumer_.reset();
  BOBBIN_TRY(write());
  wait_for_reader();
  note_taken();
  return group_->commit_now();
}

Status Consumption::leave_group() {
  Status ended = end_reading();
  group_->leave();
  return ended;
}

// False: it has to look again.
Result<bool> Consumption::change_partitions() {
  BOBBIN_TRY_ASSIGN(step, group_->advance());
  switch (step) {
    case GroupReading::Step::hand_over: {
      if (Status ended = end_reading(); !ended && !group_->has_failed()) return ended.error();
      group_->forget();
      group_->handed_over();
      return false;
    }
    case GroupReading::Step::lost:
      consumer_.reset();
      group_->forget();
      return false;
    case GroupReading::Step::begin: {
      BOBBIN_TRY_ASSIGN(opened, group_->open_consumer());
      consumer_ = std::move(opened);
      return true;
    }
    default:
      return true;
  }
}

std::optional<int> Consumption::what_ends_it() const {
  if (closed_ || has_all()) return exit_done;
  if (options_.is_bounded() && group_->is_settled() && (!consumer_ || consumer_->is_done())) return exit_done;
  return std::nullopt;
}

Result<std::optional<int>> Consumption::read_in_group() {
  os::WaitFd fds[] = {{.fd = signals_->fd(), .want_read = true}, {.fd = os::stdout_fd}};
  const uint64_t before = taken_;
  int64_t wait_ms = next_wait_ms();
  auto at_most = [&](int64_t ms) {
    wait_ms = wait_ms < 0 ? std::max<int64_t>(ms, 0) : std::clamp<int64_t>(ms, 0, wait_ms);
  };
  if (group_->due_ms() != INT64_MAX) at_most(group_->due_ms() - session_->now_ms());
  if (!group_->taken.is_all_taken()) at_most(look_ms);
  Status polled = consumer_ ? consumer_->poll(*this, fds, wait_ms) : session_->wait(fds, wait_ms);
  if (write_status_) write_status_ = write();
  BOBBIN_TRY(std::move(write_status_));
  note_taken();
  BOBBIN_TRY(std::move(polled));
  closed_ = closed_ || fds[1].hangup;
  if (options_.commit == ConsumeOptions::Commit::each && taken_ != before) {
    wait_for_reader();
    BOBBIN_TRY(group_->commit_now());
  }
  group_->commit_if_due();
  if (fds[0].readable || interrupted_)
    if (auto signal = signals_->next()) {
      progress_.clear();
      out_.clear();  // what is not written was not read by anybody
      if (Status left = leave_group(); !left) fail(left.error());
      os::die_of_signal(*signal);
    }
  progress_.show(taken_);
  if (taken_ != before) {
    last_record_ms_ = mono_ms();
    waiting_.moved();
  } else if (options_.idle_timeout_ms && mono_ms() - last_record_ms_ >= *options_.idle_timeout_ms) {
    return std::optional<int>(options_.records_max && !has_all() ? exit_no : exit_done);
  } else if (consumer_) {
    say_what_is_awaited();
  } else {
    waiting_.on(group_->awaited(), true);
  }
  return std::optional<int>();
}

Result<int> Consumption::run_in_group() {
  std::optional<int> code;
  while (!code) {
    BOBBIN_TRY_ASSIGN(is_ready, change_partitions());
    if (!is_ready) continue;
    code = what_ends_it();
    if (code) break;
    BOBBIN_TRY_ASSIGN(ended, read_in_group());
    code = ended;
  }
  BOBBIN_TRY(leave_group());
  return group_->has_failed() ? exit_no : *code;
}

}  // namespace bobbin::cmd
