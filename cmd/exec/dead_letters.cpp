#include "cmd/exec/dead_letters.h"

#include <algorithm>

#include "base/number.h"
#include "client/admin/configs.h"
#include "client/admin/topics.h"
#include "client/session.h"

namespace bobbin::cmd {

namespace {

constexpr int8_t set_on_topic = 1;              // a config's source
constexpr int32_t headers_bytes_max = 8 << 10;  // of a dead letter's own: two names of 249 bytes and little else

// It takes whatever the topic takes, as safely, and keeps it until somebody has looked: nobody else has it any more.
Result<client::NewTopic> topic_for(client::Session& session, const std::string& topic, const std::string& name) {
  client::NewTopic made;
  made.name = name;
  made.configs.push_back({"retention.ms", "-1"});
  if (const client::TopicView* view = session.topology().topic(topic); view && !view->partitions.empty())
    made.replication_factor = static_cast<int16_t>(view->partitions[0].replicas.size());
  BOBBIN_TRY_ASSIGN(configs, client::describe_configs(session, client::ResourceType::topic, topic));
  for (const client::ConfigEntry& config : configs) {
    const bool is_safety = config.name == "min.insync.replicas" || config.name == "flush.policy";
    if (is_safety && config.source == set_on_topic && config.value)
      made.configs.push_back({config.name, *config.value});
    if (config.name != "max.message.bytes" || !config.value) continue;
    const auto bytes = number_in<int32_t>(*config.value, 0, INT32_MAX - headers_bytes_max);
    if (bytes) made.configs.push_back({config.name, std::to_string(*bytes + headers_bytes_max)});
  }
  return made;
}

}  // namespace

Result<client::Producer*> DeadLetters::producer_for(const std::string& topic, const std::string& name) {
  auto& producer = producers_[name];
  if (producer) return producer.get();
  BOBBIN_TRY(session_.fetch_metadata({name}));
  const client::TopicView* view = session_.topology().topic(name);
  if (!view || view->error == Errc::unknown_topic_or_partition) {
    BOBBIN_TRY_ASSIGN(wanted, topic_for(session_, topic, name));
    BOBBIN_TRY_ASSIGN(is_new, client::ensure_topic(session_, wanted));
    (void)is_new;  // or another member was quicker
  }
  client::ProducerOptions options;
  options.delivered = [this, name](const client::Delivery& delivery) {
    if (delivery.error) return;  // which poll() tells
    acknowledged_.insert(acknowledged_.end(), delivery.numbers.begin(), delivery.numbers.end());
    counts_[name] += delivery.numbers.size();
  };
  BOBBIN_TRY_ASSIGN(opened, client::Producer::open(session_, name, options));
  producer = std::move(opened);
  return producer.get();
}

Status DeadLetters::send(LaneId lane, const OwnedRecord& record, const Death& death) {
  BOBBIN_TRY_ASSIGN(name, dead_letters_of(record.topic(), death.group));
  auto producer = producer_for(record.topic(), name);
  if (!producer) return std::move(producer.error()).in(name);
  const DeadLetter letter(record, death);
  BOBBIN_TRY_ASSIGN(headers, letter.headers());
  const record::Record view = record.record();
  client::OutRecord out;
  out.key = view.key;
  out.value = view.value;
  out.headers = headers;
  out.number = lane;
  if (Status sent = (*producer)->send(out); !sent) return std::move(sent.error()).in(name);
  (*producer)->push();
  return {};
}

Status DeadLetters::poll() {
  for (auto& [name, producer] : producers_) {
    if (!producer || producer->is_idle()) continue;
    Status polled = producer->poll({}, 0);
    if (producer->first_failed()) return Error(producer->first_failed()->error).in(name);
    if (!polled) return std::move(polled.error()).in(name);
  }
  return {};
}

bool DeadLetters::is_idle() const {
  return std::all_of(producers_.begin(), producers_.end(),
                     [](const auto& each) { return !each.second || each.second->is_idle(); });
}

}  // namespace bobbin::cmd
