#include "cmd/consume/working.h"

#include <algorithm>

#include "base/units.h"
#include "cmd/consume/matching_topics.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "os/bus_error.h"
#include "os/stdio.h"

namespace bobbin::cmd {

namespace {

constexpr int64_t letters_ms = 20;                          // while something is under way that no descriptor tells of
constexpr int exit_cannot_run = 126, exit_not_found = 127;  // what a shell says of a command that it cannot run

// Few wait, since whoever leaves has to do what lies before the last that is done; enough for the keys to be many.
Schedule::Rules rules_of(const ConsumeOptions& options) {
  const ExecOptions& exec = *options.exec;
  Schedule::Rules rules;
  rules.retries = exec.retries;
  rules.backoff.first_ms = exec.backoff_ms;
  rules.batch_records_max = exec.batch_records_max;
  rules.by_key = !exec.takes_batches;
  rules.records_max = exec.takes_batches ? 2 * exec.workers * exec.batch_records_max : 32 + 8 * exec.workers;
  if (options.at_most_once) rules.records_max = exec.workers * exec.batch_records_max;
  return rules;
}

bool reader_has_gone() {
  os::WaitFd out[] = {{.fd = os::stdout_fd}};
  return os::wait(out, 0) && out[0].hangup;
}

}  // namespace

// --- beginning ---

Working::Working(const Arguments& arguments, ConsumeOptions options)
    : arguments_(arguments), options_(std::move(options)), waiting_(arguments), schedule_(rules_of(options_)),
      workers_(options_.exec->command, options_.exec->workers) {}

// Dead letters of this very group match the expressions that its topics match, and would be its work for ever.
Result<std::vector<std::string>> Working::topic_names(const TopicPatterns& patterns) {
  if (!options_.regex) return options_.topics;
  BOBBIN_TRY_ASSIGN(names, matching_topics(*session_, patterns, options_.topics[0]));
  std::erase_if(names, [this](const std::string& name) { return name.ends_with("." + *options_.group + ".dlq"); });
  if (names.empty()) return error(Errc::unknown_topic_or_partition, "only topics of dead letters match");
  for (const std::string& name : names) BOBBIN_TRY(dead_letters_of(name, *options_.group));
  return names;
}

Status Working::open() {
  os::exit_on_bus_error(exit_damaged);
  BOBBIN_TRY_ASSIGN(patterns, TopicPatterns::compile(options_.regex ? options_.topics : std::vector<std::string>()));
  BOBBIN_TRY_ASSIGN(session, connect(arguments_));
  session_ = std::move(session);
  if (!options_.is_bounded() && !arguments_.has("timeout")) session_->set_timeout_ms(connected_timeout_ms);
  session_->set_busy(arguments_.has("busy"));
  BOBBIN_TRY_ASSIGN(names, topic_names(patterns));
  BOBBIN_TRY_ASSIGN(signals, os::Signals::take());
  signals_.emplace(std::move(signals));
  moved_ms_ = mono_ms();
  dead_letters_ = std::make_unique<DeadLetters>(*session_);
  BOBBIN_TRY_ASSIGN(group, GroupReading::open(*session_, options_, names,
                                              [this](const std::string& what) { notice(arguments_, what); }));
  group_ = std::move(group);
  return {};
}

// --- partitions come and go ---

void Working::lose_partitions() {
  consumer_.reset();
  group_->forget(!schedule_.is_idle());
  schedule_.forget();
  done_.forget();
}

// False: it has to look again.
Result<bool> Working::change_partitions() {
  BOBBIN_TRY_ASSIGN(step, group_->advance());
  switch (step) {
    case GroupReading::Step::hand_over:
      BOBBIN_TRY(end_reading());
      lose_partitions();
      group_->handed_over();
      return false;
    case GroupReading::Step::lost:
      lose_partitions();
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

Status Working::end_reading() {
  consumer_.reset();
  // What was committed before it began is nobody else's.
  if (!options_.at_most_once) schedule_.wind_down();
  while (!is_idle()) {
    BOBBIN_TRY_ASSIGN(now, group_->advance());
    if (now == GroupReading::Step::lost) lose_partitions();
    BOBBIN_TRY(step());
  }
  return commit_all();
}

Status Working::abandon() {
  consumer_.reset();
  gives_up_ = true;
  schedule_.drop_waiting();
  while (workers_.running() > 0) {
    BOBBIN_TRY(collect_commands());
    if (!group_->advance() || !wait()) {
      // The cluster is lost; the commands are not.
      std::vector<os::WaitFd> fds;
      workers_.watch(fds);
      BOBBIN_TRY(os::wait(fds, letters_ms));
    }
  }
  // What it takes at most once, and has not committed, was not begun.
  return options_.at_most_once ? Status() : commit_all();
}

// Where the partitions are somebody else's by now, advance() says so.
Status Working::commit_all() {
  Status committed = group_->commit_now();
  return group_->has_failed() ? Status() : committed;
}

// --- the whole ---

std::optional<int> Working::what_ends_it() const {
  if (signal_ || gives_up_) return exit_done;
  if (!is_idle()) return std::nullopt;
  if (reading_failed_) return exit_no;
  if (has_all()) return exit_done;
  if (options_.is_bounded() && group_->is_settled() && (!consumer_ || consumer_->is_done())) return exit_done;
  if (options_.idle_timeout_ms && mono_ms() - moved_ms_ >= *options_.idle_timeout_ms)
    return options_.records_max ? exit_no : exit_done;
  return std::nullopt;
}

Result<int> Working::work() {
  for (;;) {
    BOBBIN_TRY_ASSIGN(is_ready, change_partitions());
    if (!is_ready) continue;
    if (auto code = what_ends_it()) return *code;
    BOBBIN_TRY(step());
  }
}

int Working::run() {
  Result<int> outcome = work();
  Status left = outcome ? end_reading() : abandon();
  if (outcome && !left) {
    outcome = left.error();
    left = abandon();
  }
  group_->leave();
  const int code = report(outcome, left);
  if (signal_) os::die_of_signal(*signal_);
  return code;
}

int Working::report(const Result<int>& outcome, const Status& left) {
  int code = outcome ? *outcome : exit_no;
  if (reading_failed_) code = fail(*reading_failed_);
  else if (!outcome) code = fail(outcome.error());
  else if (!left) code = fail(left.error());
  for (const auto& [topic, count] : dead_letters_->counts())
    fail(error(Errc::unknown_server_error, std::to_string(count) + (count == 1 ? " record" : " records") +
                                               " failed, and went to the topic " + topic +
                                               " (`bobbin group redrive` sends it back)"));
  const bool is_partial = passed_ > 0 || !dead_letters_->counts().empty() || group_->has_failed();
  if (code == exit_done) return dead_letters_->counts().empty() && !group_->has_failed() ? exit_done : exit_no;
  return code == exit_no_answer && is_partial ? exit_no : code;
}

// --- records and their commands ---

bool Working::take(std::string_view topic, PartitionId partition, const record::Record& record) {
  OwnedRecord owned(topic, partition, record);
  done_.took(owned.place(), owned.offset());
  if (options_.at_most_once)
    if (auto next = done_.done(owned.place(), owned.offset())) group_->taken.reached(owned.place(), *next);
  schedule_.add(std::move(owned));
  moved_ms_ = mono_ms();
  waiting_.moved();
  return !schedule_.is_full() && !has_all();
}

void Working::pass(const std::vector<OwnedRecord>& done) {
  for (const OwnedRecord& record : done)
    if (auto next = done_.done(record.place(), record.offset())) group_->taken.reached(record.place(), *next);
  passed_ += done.size();
  if (!done.empty()) moved_ms_ = mono_ms();
}

Status Working::judge(const Workers::Ended& ended) {
  if (ended.end.is_success()) return pass(schedule_.succeeded(ended.lane)), Status();
  if (!gives_up_ && reader_has_gone()) gives_up_ = true;
  const bool cannot = ended.end.kind == os::ChildEnd::Kind::exited &&
                      (ended.end.number == exit_cannot_run || ended.end.number == exit_not_found);
  if (gives_up_ || cannot) schedule_.withdrawn(ended.lane);
  if (!gives_up_ && cannot)
    return error(Errc::not_found, "the shell cannot run the command (exit code " + std::to_string(ended.end.number) +
                                      "), and its record is not done: " + options_.exec->command);
  if (gives_up_) return {};
  const auto failed = schedule_.failed(ended.lane, mono_ms());
  if (failed.then != Schedule::Failed::Then::dead) return {};
  const std::string reason = reason_of(ended.end);
  notice(arguments_, failed.record->name() + ": the command failed " + std::to_string(failed.attempts) +
                         (failed.attempts == 1 ? " time: " : " times, at last: ") + reason + "; it is a dead letter");
  return dead_letters_->send(ended.lane, *failed.record, {*options_.group, failed.attempts, reason});
}

// All of them, whatever is wrong with one.
Status Working::collect_commands() {
  Status first;
  for (const Workers::Ended& ended : workers_.collect()) {
    Status judged = judge(ended);
    if (first) first = std::move(judged);
  }
  if (gives_up_) schedule_.drop_waiting();
  return first;
}

Status Working::collect_letters() {
  BOBBIN_TRY(dead_letters_->poll());
  for (LaneId lane : dead_letters_->acknowledged()) pass(schedule_.buried(lane));
  return {};
}

Status Working::start_commands() {
  while (workers_.has_room() && !gives_up_) {
    const auto turn = schedule_.next(mono_ms());
    if (!turn) return {};
    std::string input;
    for (const OwnedRecord* each : turn->records)
      options_.format.append(input, {each->topic(), each->partition(), each->record()});
    Surroundings around = options_.exec->takes_batches
                              ? surroundings_of(turn->records, *options_.group, turn->attempt)
                              : surroundings_of(*turn->records.front(), *options_.group, turn->attempt);
    if (Status started = workers_.start(turn->lane, input, std::move(around)); !started) {
      schedule_.withdrawn(turn->lane);
      return started;
    }
  }
  return {};
}

// --- time passes ---

Status Working::step() {
  BOBBIN_TRY(collect_commands());
  BOBBIN_TRY(collect_letters());
  using Commit = ConsumeOptions::Commit;
  if (options_.commit == Commit::each || options_.at_most_once) BOBBIN_TRY(commit_all());
  else group_->commit_if_due();
  // What could not be committed before it began is somebody else's.
  if (options_.at_most_once && group_->has_failed()) schedule_.drop_waiting();
  BOBBIN_TRY(start_commands());
  return wait();
}

int64_t Working::wait_ms() const {
  int64_t ms = waiting_.next_ms(true);
  auto at_most = [&](int64_t bound) {
    bound = std::max<int64_t>(bound, 0);
    ms = ms < 0 ? bound : std::min(ms, bound);
  };
  if (group_->due_ms() != INT64_MAX) at_most(group_->due_ms() - session_->now_ms());
  if (schedule_.due_ms() != INT64_MAX && workers_.has_room()) at_most(schedule_.due_ms() - mono_ms());
  if (options_.idle_timeout_ms && is_idle()) at_most(moved_ms_ + *options_.idle_timeout_ms - mono_ms());
  if (!dead_letters_->is_idle()) at_most(letters_ms);
  return ms;
}

Status Working::wait() {
  std::vector<os::WaitFd> fds = {{.fd = signals_->fd(), .want_read = true}, {.fd = os::stdout_fd}};
  workers_.watch(fds);
  const bool reads = is_reading();
  Status waited = reads ? consumer_->poll(*this, fds, wait_ms()) : session_->wait(fds, wait_ms());
  if (!waited && reads) reading_failed_ = waited.error();
  else BOBBIN_TRY(std::move(waited));
  if (fds[1].hangup) gives_up_ = true;
  if (fds[0].readable) take_signal();
  if (is_idle()) say_what_is_awaited();
  else waiting_.moved();
  return {};
}

// The first one lets end what runs, the second does not.
void Working::take_signal() {
  const auto signal = signals_->next();
  if (!signal) return;
  if (signal_) {
    gives_up_ = true;
    workers_.kill();
    return;
  }
  signal_ = signal;
  if (workers_.running() > 0)
    notice(arguments_,
           "what runs comes to its end (" + std::to_string(workers_.running()) + " now); another signal kills it");
}

void Working::say_what_is_awaited() {
  if (consumer_) {
    const std::string awaited = consumer_->awaited();
    if (!awaited.empty()) return waiting_.on(awaited, true);
    return waiting_.on("new records; -e stops at the end");
  }
  waiting_.on(group_->awaited(), true);
}

}  // namespace bobbin::cmd
