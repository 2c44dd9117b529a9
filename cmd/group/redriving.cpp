#include "cmd/group/redriving.h"

#include <algorithm>

#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "os/wait.h"
#include "record/batch.h"

namespace bobbin::cmd {

namespace {

constexpr size_t letters_bytes_max = 4 << 20;  // that are read before they are sent
constexpr int64_t member_ms = 500;

}  // namespace

Redriving::Redriving(const Arguments& arguments, client::Session& session, const std::string& group, Topics topics)
    : arguments_(arguments), session_(session), topics_(std::move(topics)) {
  options_.group = group_of(group);
  options_.stop = {client::Stop::Kind::end, 0};
  for (const auto& [letters, topic] : topics_) options_.topics.push_back(letters);
}

uint64_t Redriving::count(const std::string& topic) const {
  const auto found = targets_.find(topic);
  return found == targets_.end() ? 0 : found->second.producer->acked();
}

Status Redriving::run() {
  BOBBIN_TRY_ASSIGN(signals, os::Signals::take());
  signals_.emplace(std::move(signals));
  BOBBIN_TRY_ASSIGN(group, GroupReading::open(session_, options_, options_.topics,
                                              [this](const std::string& what) { notice(arguments_, what); }));
  group_ = std::move(group);
  Status status;
  while (status && !signal_) {
    auto is_ready = change_partitions();
    if (!is_ready) status = std::move(is_ready).error();
    else if (group_->is_settled() && (!consumer_ || consumer_->is_done())) break;
    else if (*is_ready) status = read();
  }
  consumer_.reset();
  group_->leave();
  if (status && group_->has_failed())
    return error(Errc::unknown_member_id, "some may have been sent twice; what is left is for the next redrive");
  return status;
}

// False: it has to look again. There is nothing to end here: what was read is committed already.
Result<bool> Redriving::change_partitions() {
  BOBBIN_TRY_ASSIGN(step, group_->advance());
  if (step == GroupReading::Step::hand_over || step == GroupReading::Step::lost) {
    consumer_.reset();
    group_->forget();
    group_->handed_over();
    return false;
  }
  if (step != GroupReading::Step::begin) return true;
  BOBBIN_TRY_ASSIGN(opened, group_->open_consumer());
  consumer_ = std::move(opened);
  return true;
}

Status Redriving::read() {
  os::WaitFd fds[] = {{.fd = signals_->fd(), .want_read = true}};
  const int64_t due = group_->due_ms();
  const int64_t wait_ms = due == INT64_MAX ? -1 : std::max<int64_t>(due - session_.now_ms(), 0);
  Status polled = consumer_ ? consumer_->poll(*this, fds, wait_ms) : session_.wait(fds, wait_ms);
  if (fds[0].readable) take_signal();
  // What came before an error is sent before it is told, and what is acknowledged is committed whatever became of the rest.
  Status sent = send_back();
  Status answered = wait_for_answers();
  BOBBIN_TRY(std::move(sent));
  BOBBIN_TRY(std::move(answered));
  return polled;
}

bool Redriving::take(std::string_view letters, PartitionId partition, const record::Record& record) {
  letters_.emplace_back(letters, partition, record);
  letters_bytes_ += letters_.back().bytes();
  return letters_bytes_ < letters_bytes_max;
}

Status Redriving::send_back() {
  letters_bytes_ = 0;
  for (const OwnedRecord& letter : std::exchange(letters_, {})) {
    BOBBIN_TRY(send_back(letter));
    sent_[letter.place()] = letter.offset() + 1;
  }
  return {};
}

Status Redriving::pass_stray(const OwnedRecord& letter, Error why) {
  strays_++;
  fail(std::move(why).in(letter.name()));
  return {};
}

Status Redriving::send_back(const OwnedRecord& letter) {
  const std::string& topic = topics_.at(letter.topic());
  const record::Record record = letter.record();
  std::vector<record::Header> headers;
  if (record.headers_count > 0) BOBBIN_TRY(record::parse_headers(record, headers));
  auto origin = origin_of(headers);
  if (!origin) return pass_stray(letter, std::move(origin.error()).in("it is no dead letter, and stays where it is"));
  if (origin->topic != topic)
    return pass_stray(letter, error(Errc::malformed, "it is of topic " + origin->topic + ", and stays where it is"));
  BOBBIN_TRY_ASSIGN(target, target_for(topic));
  client::OutRecord out;
  out.key = record.key;
  out.value = record.value;
  out.headers = origin->headers;
  // One that is too old for the topic would be deleted before anybody has read it.
  if (target->limits.objection(origin->timestamp, now(), false).empty()) out.timestamp = origin->timestamp;
  if (origin->partition.value >= 0 && origin->partition.value < target->producer->partitions())
    out.partition = origin->partition;
  while (target->producer->is_full()) BOBBIN_TRY(poll(*target->producer));
  if (Status sent = target->producer->send(out); !sent) return std::move(sent.error()).in(topic);
  return {};
}

Status Redriving::wait_for_answers() {
  if (sent_.empty()) return {};
  for (auto& [topic, target] : targets_) {
    while (!target.producer->is_idle()) {
      target.producer->push();
      BOBBIN_TRY(poll(*target.producer));
    }
    if (target.producer->first_failed()) return Error(target.producer->first_failed()->error).in(topic);
  }
  for (const auto& [place, next] : std::exchange(sent_, {})) group_->taken.reached(place, next);
  Status committed = group_->commit_now();
  return group_->has_failed() ? Status() : committed;
}

// It stays a member meanwhile; what else there is to do for that is done after it.
Status Redriving::poll(client::Producer& producer) {
  os::WaitFd fds[] = {{.fd = signals_->fd(), .want_read = true}};
  BOBBIN_TRY(producer.poll(fds, member_ms));
  if (fds[0].readable) take_signal();
  if (gives_up_) return error(Errc::interrupted, "a second signal came before the rest was acknowledged");
  BOBBIN_TRY(group_->advance());
  return {};
}

void Redriving::take_signal() {
  const auto signal = signals_->next();
  if (!signal) return;
  gives_up_ = signal_.has_value();
  signal_ = signal;
}

Result<Redriving::Target*> Redriving::target_for(const std::string& topic) {
  if (auto found = targets_.find(topic); found != targets_.end()) return &found->second;
  BOBBIN_TRY_ASSIGN(producer, client::Producer::open(session_, topic, {}));
  BOBBIN_TRY_ASSIGN(limits, read_topic_limits(session_, topic));
  return &targets_.emplace(topic, Target{std::move(producer), limits}).first->second;
}

}  // namespace bobbin::cmd
