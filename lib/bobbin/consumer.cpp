#include "bobbin/consumer.h"

#include <algorithm>

#include "base/topic_name.h"
#include "bobbin/internal/convert.h"
#include "client/consumer/consumer.h"

namespace bobbin::api {

using internal::public_error;

namespace {

bobbin::Error usage(std::string message) { return bobbin::error(Errc::usage, std::move(message)); }

bobbin::Status check_subscription(const Subscription& subscription) {
  BOBBIN_TRY(check_topic_name(subscription.topic));
  BOBBIN_TRY(internal::check_partitions(subscription.partitions));
  for (const PartitionStart& start : subscription.starts) {
    BOBBIN_TRY(internal::check_partitions({start.partition}));
    if (start.offset < 0) return usage("PartitionStart::offset is 0 or more, not " + std::to_string(start.offset));
  }
  return {};
}

bobbin::Status check_options(const ConsumerOptions& options) {
  if (options.topics.empty()) return usage("ConsumerOptions::topics names no topic");
  for (const Subscription& subscription : options.topics) BOBBIN_TRY(check_subscription(subscription));
  BOBBIN_TRY(internal::check_duration(options.timeout, "ConsumerOptions::timeout"));
  BOBBIN_TRY(internal::check_duration(options.fetch_wait, "ConsumerOptions::fetch_wait"));
  if (options.start.kind > Start::Kind::time || options.stop.kind > Stop::Kind::time)
    return usage("ConsumerOptions: no such start or stop");
  if (options.start.value < 0 && options.start.kind != Start::Kind::time)
    return usage("ConsumerOptions::start is 0 or more");
  if (options.stop.value < 0 && options.stop.kind != Stop::Kind::time)
    return usage("ConsumerOptions::stop is 0 or more");
  if (options.fetch_bytes_max < 1 || options.partition_bytes_max < 1 || options.batch_bytes_max < 1)
    return usage("ConsumerOptions: fetch_bytes_max, partition_bytes_max and batch_bytes_max are at least 1");
  return {};
}

client::ConsumerOptions client_options(const ConsumerOptions& options) {
  client::ConsumerOptions to;
  for (const Subscription& subscription : options.topics) {
    client::Subscription& one = to.topics.emplace_back();
    one.topic = subscription.topic;
    for (int32_t p : subscription.partitions) one.partitions.emplace_back(p);
    for (const PartitionStart& start : subscription.starts)
      one.starts[PartitionId(start.partition)] = Offset(start.offset);
  }
  to.start = options.start;
  to.stop = options.stop;
  to.wait_for_topics = options.wait_for_topics;
  to.out_of_range = options.out_of_range;
  to.timeout_ms = options.timeout.count();
  to.fetch_bytes_max = options.fetch_bytes_max;
  to.partition_bytes_max = options.partition_bytes_max;
  to.fetch_wait_ms = static_cast<int32_t>(options.fetch_wait.count());
  to.batch_bytes_max = options.batch_bytes_max;
  return to;
}

// Hands each record on in the public words.
class Handover final : public client::Sink {
 public:
  Handover(bool (*to)(void*, const Record&), void* with) : to_(to), with_(with) {}

  bool take(std::string_view topic, PartitionId partition, const record::Record& record) override {
    count_++;
    return to_(with_,
               Record{topic, partition.value, record.offset.value, Timestamp(milliseconds(record.timestamp.value)),
                      record.key, record.value, record.headers_count, record.headers_bytes});
  }
  size_t count() const { return count_; }

 private:
  bool (*to_)(void*, const Record&);
  void* with_;
  size_t count_ = 0;
};

}  // namespace

Status Record::read_headers(std::vector<Header>& into) const {
  record::Record from;
  from.headers_bytes = headers_bytes;
  from.headers_count = headers_count;
  std::vector<record::Header> headers;
  into.clear();
  if (auto parsed = record::parse_headers(from, headers); !parsed) return public_error(std::move(parsed).error());
  for (const record::Header& header : headers) into.push_back({header.key, header.value});
  return {};
}

struct Consumer::State {
  std::unique_ptr<client::Session> session;
  std::unique_ptr<client::Consumer> client;
  std::optional<Error> failed;  // told when the records before it were

  bobbin::Status open(const Cluster& cluster, const ConsumerOptions& options) {
    BOBBIN_TRY(check_options(options));
    BOBBIN_TRY_ASSIGN(connected, internal::connect(cluster));
    session = std::move(connected);
    session->set_busy(options.busy);
    BOBBIN_TRY_ASSIGN(opened, client::Consumer::open(*session, client_options(options)));
    client = std::move(opened);
    return {};
  }
};

Consumer::Consumer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Consumer::~Consumer() = default;
Consumer::Consumer(Consumer&&) noexcept = default;
Consumer& Consumer::operator=(Consumer&&) noexcept = default;

Result<Consumer> Consumer::open(const Cluster& cluster, const ConsumerOptions& options) {
  auto state = std::make_unique<State>();
  if (auto opened = state->open(cluster, options); !opened) return public_error(std::move(opened).error());
  return Consumer(std::move(state));
}

// An error that comes with records is kept for the next call: the count of what was handed over is told first.
Result<size_t> Consumer::poll_with(bool (*take)(void*, const Record&), void* with, milliseconds wait) {
  if (state_->failed) return *state_->failed;
  Handover handover(take, with);
  bobbin::Status polled = state_->client->poll(handover, {}, wait.count() < 0 ? -1 : wait.count());
  if (!polled) state_->failed = public_error(std::move(polled).error());
  if (state_->failed && handover.count() == 0) return *state_->failed;
  return handover.count();
}

bool Consumer::is_done() const { return state_->client->is_done(); }
bool Consumer::is_at_end() const { return state_->client->is_at_end(); }
std::string Consumer::awaited() const { return state_->client->awaited(); }

std::vector<Position> Consumer::positions() const {
  std::vector<Position> all;
  for (const client::Position& from : state_->client->positions()) {
    Position& to = all.emplace_back();
    to.topic = from.topic;
    to.partition = from.partition.value;
    to.next = from.next.value;
    if (from.stop) to.stop = from.stop->value;
    if (from.high_watermark != offset_none) to.high_watermark = from.high_watermark.value;
  }
  return all;
}

}  // namespace bobbin::api
