#include "bobbin/producer.h"

#include <utility>
#include <vector>

#include "base/topic_name.h"
#include "bobbin/internal/convert.h"
#include "client/admin/topics.h"
#include "client/producer/producer.h"

namespace bobbin::api {

using internal::public_error;
using internal::public_status;

namespace {

bobbin::Status check_options(const ProducerOptions& options) {
  BOBBIN_TRY(check_topic_name(options.topic));
  BOBBIN_TRY(internal::check_duration(options.linger, "ProducerOptions::linger"));
  BOBBIN_TRY(internal::check_duration(options.timeout, "ProducerOptions::timeout"));
  if (options.partition) BOBBIN_TRY(internal::check_partitions({*options.partition}));
  auto refuse = [](const char* what) { return bobbin::error(Errc::usage, std::string("ProducerOptions::") + what); };
  if (options.acks != Acks::all && options.acks != Acks::leader && options.acks != Acks::none)
    return refuse("acks is all, leader or none");
  if (options.compression > Compression::zstd) return refuse("compression is none of those that there are");
  if (options.partitioner > Partitioner::random) return refuse("partitioner is none of those that there are");
  if (options.batch_bytes == 0 || options.buffer_bytes_max == 0)
    return refuse("batch_bytes and buffer_bytes_max are at least 1");
  return {};
}

// What the client told while it was at work, told on when it is not.
struct Kept {
  PartitionId partition;
  std::vector<uint64_t> tags;
  Offset first_offset = offset_none;
  std::optional<Error> error;
};

}  // namespace

struct Producer::State {
  ProducerOptions options;
  std::unique_ptr<client::Session> session;
  std::unique_ptr<client::Producer> client;
  std::vector<record::Header> headers;
  std::vector<Kept> kept;
  bool telling = false;
  bool broken = false;

  bobbin::Status open(const Cluster& cluster);
  client::ProducerOptions client_options();
  bobbin::Status poll(int64_t wait_ms);
  bobbin::Status send(const OutRecord& record);
  bobbin::Result<size_t> send_lines(std::string_view lines, char delimiter, uint64_t first_tag);
  bool is_the_records_fault(const bobbin::Error& why, const OutRecord& record) const;
  void tell();
};

client::ProducerOptions Producer::State::client_options() {
  client::ProducerOptions to;
  to.acks = options.acks;
  to.compression = options.compression;
  to.batch_bytes = options.batch_bytes;
  to.linger_ms = options.linger.count();
  to.partitioner = options.partitioner;
  if (options.partition) to.partition = PartitionId(*options.partition);
  to.timeout_ms = options.timeout.count();
  to.buffer_bytes_max = options.buffer_bytes_max;
  if (options.delivered)
    to.delivered = [this](const client::Delivery& of) {
      Kept one{of.partition, {of.numbers.begin(), of.numbers.end()}, of.first_offset, {}};
      if (of.error) one.error = public_error(*of.error);
      kept.push_back(std::move(one));
    };
  return to;
}

bobbin::Status Producer::State::open(const Cluster& cluster) {
  BOBBIN_TRY(check_options(options));
  BOBBIN_TRY_ASSIGN(connected, internal::connect(cluster));
  session = std::move(connected);
  if (options.create_topic) {
    client::NewTopic wanted;
    wanted.name = options.topic;
    BOBBIN_TRY(client::ensure_topic(*session, wanted));
  }
  BOBBIN_TRY_ASSIGN(opened, client::Producer::open(*session, options.topic, client_options()));
  client = std::move(opened);
  if (options.partition && *options.partition >= client->partitions())
    return bobbin::error(Errc::unknown_topic_or_partition, "topic " + options.topic + " has no partition " +
                                                               std::to_string(*options.partition) + ", only 0 to " +
                                                               std::to_string(client->partitions() - 1));
  session->set_timeout_ms(options.timeout.count());
  return {};
}

bobbin::Status Producer::State::poll(int64_t wait_ms) {
  bobbin::Status polled = client->poll({}, wait_ms);
  broken = broken || !polled;
  return polled;
}

// Of one that was not taken: others do not suffer.
bool Producer::State::is_the_records_fault(const bobbin::Error& why, const OutRecord& record) const {
  return why.code == Errc::message_too_large || (why.code == Errc::unknown_topic_or_partition && record.partition);
}

bobbin::Status Producer::State::send(const OutRecord& record) {
  while (client->is_full()) BOBBIN_TRY(poll(-1));
  client::OutRecord out;
  out.key = record.key;
  out.value = record.value;
  if (!record.headers.empty()) {
    headers.clear();
    for (const Header& header : record.headers) headers.push_back({header.key, header.value});
    out.headers = headers;
  }
  if (record.timestamp) out.timestamp = bobbin::Timestamp(record.timestamp->time_since_epoch().count());
  if (record.partition) out.partition = PartitionId(*record.partition);
  out.number = record.tag;
  bobbin::Status sent = client->send(out);
  if (!sent && !is_the_records_fault(sent.error(), record)) poll(0).ok();
  return sent;
}

// One by one where each record has to be seen, or does not fit with others.
bobbin::Result<size_t> Producer::State::send_lines(std::string_view lines, char delimiter, uint64_t first_tag) {
  size_t taken = 0;
  uint64_t tag = first_tag;
  while (taken < lines.size()) {
    while (client->is_full()) BOBBIN_TRY(poll(-1));
    std::string_view rest = lines.substr(taken);
    if (client->takes_lines()) {
      BOBBIN_TRY_ASSIGN(run, client->send_lines(rest, delimiter, tag));
      taken += run.bytes;
      tag += run.count;
      if (run.count > 0) continue;
    }
    size_t end = rest.find(delimiter);
    if (end == std::string_view::npos) break;
    BOBBIN_TRY(send({.value = rest.substr(0, end), .tag = tag++}));
    taken += end + 1;
  }
  return taken;
}

// A callback that sends may bring more to tell: they come behind what is being told.
void Producer::State::tell() {
  if (telling) return;
  telling = true;
  for (std::vector<Kept> now; !kept.empty();) {
    now = std::exchange(kept, {});
    for (const Kept& one : now) {
      Delivery delivery{one.partition.value, one.tags, {}, one.error ? &*one.error : nullptr};
      if (one.first_offset != offset_none) delivery.first_offset = one.first_offset.value;
      options.delivered(delivery);
    }
  }
  telling = false;
}

Producer::Producer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Producer::~Producer() = default;
Producer::Producer(Producer&&) noexcept = default;
Producer& Producer::operator=(Producer&&) noexcept = default;

Result<Producer> Producer::open(const Cluster& cluster, const ProducerOptions& options) {
  auto state = std::make_unique<State>();
  state->options = options;
  if (auto opened = state->open(cluster); !opened) return public_error(std::move(opened).error());
  return Producer(std::move(state));
}

Status Producer::send(const OutRecord& record) {
  bobbin::Status sent = state_->send(record);
  if (!state_->kept.empty()) state_->tell();
  if (sent) return {};
  return public_error(std::move(sent).error());
}

Result<size_t> Producer::send_lines(std::string_view lines, char delimiter, uint64_t first_tag) {
  auto taken = state_->send_lines(lines, delimiter, first_tag);
  if (!state_->kept.empty()) state_->tell();
  if (taken) return *taken;
  return public_error(std::move(taken).error());
}

Status Producer::poll(milliseconds wait) {
  client::Producer& client = *state_->client;
  auto settled = [&client] { return client.acked() + client.failed(); };
  uint64_t before = settled();
  client.push();
  bobbin::Status polled = state_->poll(0);
  bool wants_more = wait.count() != 0 && !client.is_idle() && settled() == before;
  if (polled && wants_more) polled = state_->poll(wait.count() < 0 ? -1 : wait.count());
  state_->tell();
  return public_status(std::move(polled));
}

Status Producer::flush() {
  bobbin::Status flushed = state_->client->finish();
  // The first failure may be a partition's alone: the client tells whether it goes on.
  if (!flushed) state_->poll(0).ok();
  state_->tell();
  return public_status(std::move(flushed));
}

bool Producer::is_full() const { return state_->client->is_full(); }
bool Producer::is_idle() const { return state_->client->is_idle(); }
bool Producer::is_broken() const { return state_->broken; }
uint64_t Producer::sent() const { return state_->client->sent(); }
uint64_t Producer::acknowledged() const { return state_->client->acked(); }
uint64_t Producer::failed() const { return state_->client->failed(); }

std::optional<Failure> Producer::first_failure() const {
  const auto& first = state_->client->first_failed();
  if (!first) return std::nullopt;
  return Failure{first->number, first->partition.value, public_error(first->error)};
}

const std::string& Producer::topic() const { return state_->client->topic(); }
int32_t Producer::partitions() const { return state_->client->partitions(); }
int32_t Producer::max_message_bytes() const { return state_->client->max_message_bytes(); }
std::string Producer::awaited() const { return state_->client->awaited(); }

}  // namespace bobbin::api
