#include "client/producer/producer.h"

#include <algorithm>

#include "client/admin/sentences.h"
#include "client/session.h"
#include "record/batch_builder.h"

namespace bobbin::client {

namespace {

// With what cannot go together put right.
ProducerOptions settled(ProducerOptions options) {
  if (options.acks == Acks::none) options.idempotent = false;
  options.in_flight_max = std::clamp(options.in_flight_max, 1, options.idempotent ? 5 : 1000);
  return options;
}

// Waits for the topic's partitions. Its id.
Result<TopicId> find_topic(Session& session, const std::string& topic) {
  BOBBIN_TRY(session.fetch_metadata({topic}));
  const TopicView* view = session.topology().topic(topic);
  if (!view || view->error == Errc::unknown_topic_or_partition)
    return error(Errc::unknown_topic_or_partition,
                 "there is no topic " + topic + "; `bobbin topic create " + topic + "` makes it");
  if (view->error != Errc::none && !is_retriable(view->error))
    return kafka_error(static_cast<int16_t>(view->error), std::nullopt, "topic " + topic);
  if (view->partitions.empty())
    return error(Errc::leader_not_available, "topic " + topic + " has no partitions yet; try again");
  return view->id;
}

}  // namespace

// --- opening ---

Result<std::unique_ptr<Producer>> Producer::open(Session& session, std::string topic, const ProducerOptions& options) {
  const ProducerOptions sane = settled(options);
  BOBBIN_TRY_ASSIGN(topic_id, find_topic(session, topic));
  BOBBIN_TRY_ASSIGN(limits, SizeLimits::read(session, topic));
  Identity identity;
  if (sane.idempotent) {
    BOBBIN_TRY_ASSIGN(acquired, acquire_identity(session));
    identity = acquired;
  }
  return std::unique_ptr<Producer>(
      new Producer(session, std::move(topic), sane, {topic_id, std::move(limits), identity}));
}

Producer::Producer(Session& session, std::string topic, const ProducerOptions& options, Opened opened)
    : session_(session), topic_(std::move(topic)), options_(options), limits_(std::move(opened.limits)),
      tally_(options_.delivered), accumulator_({session_, topic_, options_, tally_, progress_},
                                               {options_.compression, opened.identity.id, opened.identity.epoch,
                                                static_cast<size_t>(limits_.batch_bytes_max())}),
      exchange_({session_, topic_, options_, accumulator_, tally_, progress_}, opened.topic_id,
                limits_.request_bytes_max()) {}

int32_t Producer::partitions() const {
  const TopicView* view = session_.topology().topic(topic_);
  return view ? static_cast<int32_t>(view->partitions.size()) : 0;
}

// --- records ---

Status Producer::send(const OutRecord& record) {
  if (exchange_.broken()) return *exchange_.broken();
  size_t bytes_max = record::BatchBuilder::record_bytes_max(record.key, record.value, record.headers);
  // The upper bound may be above the limit; then it is looked at exactly.
  if (bytes_max + record::batch_header_bytes > static_cast<size_t>(limits_.batch_bytes_max()))
    BOBBIN_TRY(limits_.check(record));
  BOBBIN_TRY_ASSIGN(queue, accumulator_.queue_for(record, bytes_max));
  if (queue->has_failed()) return *queue->failure();
  if (!accumulator_.has_room(*queue, bytes_max)) {
    BOBBIN_TRY(seal(*queue));
    // Answers were taken in meanwhile: what goes into a partition that ended would wait for ever.
    if (queue->has_failed()) return *queue->failure();
  }
  accumulator_.add(*queue, record, bytes_max);
  return {};
}

Result<Producer::TakenLines> Producer::send_lines(Bytes lines, char delimiter, uint64_t first_number) {
  if (exchange_.broken()) return *exchange_.broken();
  BOBBIN_TRY_ASSIGN(queue, accumulator_.queue_for({}, 0));
  if (queue->has_failed()) return *queue->failure();
  auto taken = accumulator_.add_lines(*queue, lines, delimiter, first_number);
  TakenLines told{taken.bytes, static_cast<uint64_t>(taken.count)};
  // What is left did not fit: the batch is full. One that is alone and still does not fit is for send().
  bool is_full = taken.bytes < lines.size() && !queue->open().is_empty();
  if (is_full) BOBBIN_TRY(seal(*queue));
  return told;
}

// A full batch leaves at once, and what has been answered meanwhile is taken: input that never runs dry keeps the
// brokers busy without a call of poll().
Status Producer::seal(PartitionQueue& queue) {
  if (Status s = accumulator_.seal(queue); !s) return exchange_.give_up(std::move(s).error());
  return step({}, 0);
}

// --- sending ---

Status Producer::poll(std::span<os::WaitFd> also, int64_t wait_ms) {
  if (exchange_.broken()) return *exchange_.broken();
  accumulator_.look_at_clock();
  return step(also, wait_ms);
}

Status Producer::step(std::span<os::WaitFd> also, int64_t wait_ms) {
  if (auto sent = exchange_.send(); !sent) return exchange_.give_up(std::move(sent).error());
  if (Status s = session_.wait(also, poll_ms(wait_ms)); !s) return exchange_.give_up(std::move(s).error());
  // What the answers made room for leaves now, not with the next call.
  auto sent = exchange_.send();
  if (!sent) return exchange_.give_up(std::move(sent).error());
  if (*sent) session_.flush();
  if (exchange_.broken()) return *exchange_.broken();
  if (tally_.buffered_bytes() == 0) return {};
  const int64_t now = session_.now_ms();
  if (auto why = progress_.disk_failure(options_.storage_refusals_ms_max, options_.timeout_ms, now))
    return exchange_.give_up(std::move(*why));
  if (!progress_.is_over(options_.timeout_ms, now)) return {};
  std::string what = awaited();
  return exchange_.give_up(error(Errc::no_answer, "no progress for " + std::to_string(options_.timeout_ms) + " ms" +
                                                      (what.empty() ? "" : ", waiting for " + what) +
                                                      "; `bobbin broker status` tells what runs"));
}

Status Producer::finish() {
  Status status;
  while (!exchange_.broken() && !is_idle()) {
    push();
    status = poll({}, -1);
    if (!status) break;
  }
  if (first_failed()) return first_failed()->error;
  if (exchange_.broken()) return *exchange_.broken();
  return status;
}

int64_t Producer::poll_ms(int64_t wait_ms) const {
  if (tally_.buffered_bytes() == 0 || wait_ms == 0) return wait_ms;
  int64_t first = std::min(progress_.over_at(options_.timeout_ms), exchange_.due_ms());
  int64_t most = std::max<int64_t>(first - session_.now_ms(), 0);
  return wait_ms < 0 ? most : std::min(wait_ms, most);
}

std::string Producer::awaited() const {
  if (tally_.buffered_bytes() == 0) return {};
  std::string what = session_.awaited();
  return what.empty() ? exchange_.awaited() : what;
}

}  // namespace bobbin::client
