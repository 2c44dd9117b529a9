#include "config/configs.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/host_port.h"
#include "base/number.h"
#include "base/text.h"
#include "base/units.h"
#include "config/config_table.h"

namespace bobbin::config {
namespace {

Error refuse(std::string_view name, std::string why) {
  return error(Errc::invalid_config, std::string(name) + ": " + std::move(why));
}

int64_t ms_per(ConfigUnit unit) {
  if (unit == ConfigUnit::seconds) return 1000;
  if (unit == ConfigUnit::minutes) return 60'000;
  if (unit == ConfigUnit::hours) return 3'600'000;
  return 1;
}

std::string_view unit_words(ConfigUnit unit) {
  switch (unit) {
    case ConfigUnit::bytes:
      return " of bytes, also as 64MiB";
    case ConfigUnit::ms:
      return " of milliseconds, also as 7d";
    case ConfigUnit::seconds:
      return " of seconds, also as 5m";
    case ConfigUnit::minutes:
      return " of minutes, also as 7d";
    case ConfigUnit::hours:
      return " of hours, also as 7d";
    case ConfigUnit::none:
      break;
  }
  return "";
}

// The number in the key's own unit: "7d" as milliseconds, minutes or hours.
std::optional<int64_t> number_of(const ConfigKey& key, std::string_view text) {
  if (auto plain = number_in<int64_t>(text)) return plain;
  if (key.unit == ConfigUnit::none) return std::nullopt;
  auto with_unit = key.unit == ConfigUnit::bytes ? parse_size(text) : parse_duration_ms(text);
  if (!with_unit || *with_unit % ms_per(key.unit) != 0) return std::nullopt;
  return *with_unit / ms_per(key.unit);
}

std::string range_words(const ConfigKey& key) {
  int64_t type_max =
      key.type == ConfigType::int32 ? std::numeric_limits<int32_t>::max() : std::numeric_limits<int64_t>::max();
  std::string least = std::to_string(key.min);
  if (key.unit == ConfigUnit::bytes && key.min >= 1024) least += " (" + size_text(key.min) + ")";
  std::string words = (key.or_no_limit ? "-1 (no limit) or at least " : "at least ") + least;
  if (key.type == ConfigType::int32 || key.max < type_max) words += ", at most " + std::to_string(key.max);
  return words;
}

bool is_in_range(const ConfigKey& key, int64_t v) {
  return (key.or_no_limit && v == -1) || (v >= key.min && v <= key.max);
}

bool is_number(const ConfigKey& key) { return key.type == ConfigType::int32 || key.type == ConfigType::int64; }

Result<std::string> checked_number(const ConfigKey& key, std::string_view text) {
  auto v = number_of(key, text);
  if (!v)
    return refuse(key.name, "'" + escaped_for_line(text) + "' is not a number" + std::string(unit_words(key.unit)) +
                                "; it must be " + range_words(key));
  if (!is_in_range(key, *v))
    return refuse(key.name, escaped_for_line(text) + " is out of range: it must be " + range_words(key));
  return std::to_string(*v);
}

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (std::string_view w : words) out += (out.empty() ? "" : ", ") + std::string(w);
  return out;
}

bool has(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Result<std::string> checked_boolean(const ConfigKey& key, std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (lower == "true" || lower == "false") return lower;
  return refuse(key.name, "'" + escaped_for_line(text) + "' is neither true nor false");
}

// Of a list with commas; one too many at its end is nothing.
std::vector<std::string_view> items_of(std::string_view text) {
  if (text.size() > 1 && text.ends_with(',')) text.remove_suffix(1);
  std::vector<std::string_view> items = split(text, ',');
  for (std::string_view& item : items) item = trimmed(item);
  return items;
}

// "PARTITION:BROKER"; nothing: it is none.
std::optional<std::pair<PartitionId, BrokerId>> replica_in(std::string_view item) {
  const size_t colon = std::min(item.find(':'), item.size());
  const auto partition = number_in<int32_t>(item.substr(0, colon));
  const auto broker = number_in<int32_t>(item.substr(std::min(colon + 1, item.size())));
  if (!partition || !broker || *partition < 0 || *broker < 0) return std::nullopt;
  return std::pair(PartitionId(*partition), BrokerId(*broker));
}

Result<std::string> checked_list(const ConfigKey& key, std::string_view text) {
  std::vector<std::string_view> items;
  std::optional<std::string_view> wrong;
  auto is_right = [&](std::string_view item) {
    if (key.words.empty()) return text.empty() || text == "*" || replica_in(item);
    return has(key.words, item);
  };
  for (std::string_view item : items_of(text)) {
    if (!is_right(item)) wrong = item;
    if (!has(items, item)) items.push_back(item);
  }
  if (wrong)
    return refuse(key.name, "'" + escaped_for_line(*wrong) + "' is not " +
                                (key.words.empty() ? "PARTITION:BROKER, as 0:2" : "one of " + joined(key.words)) +
                                " (several with commas, or empty)");
  std::string out;
  for (std::string_view item : items) out += (out.empty() ? "" : ",") + std::string(item);
  return out;
}

Error no_listener(std::string_view text, std::string_view why) {
  return refuse("listeners", "'" + escaped_for_line(text) + "' is not HOST:PORT, as 127.0.0.1:9092" + std::string(why));
}

// HOST:PORT, also with Kafka's scheme, which it gets; "[::1]:9092" for IPv6; no host for every interface, as in Kafka.
Result<std::string> checked_listener(std::string_view text) {
  if (text.empty()) return std::string();
  auto bad = [&](std::string_view why) { return no_listener(text, why); };
  if (text.find(',') != text.npos) return bad(": a broker has one listener");
  BOBBIN_TRY_ASSIGN(parts, parse_listener(text));
  if (parts.name != "PLAINTEXT") return bad(": listeners speak PLAINTEXT");
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%*";
  if (parts.host.find_first_not_of(letters) != parts.host.npos) return bad("");
  return parts.text();
}

Result<std::string> checked_word(const ConfigKey& key, std::string_view text) {
  if (key.name == "listeners") return checked_listener(text);
  if (key.words.empty() || has(key.words, text)) return std::string(text);
  return refuse(key.name, "'" + escaped_for_line(text) + "' is not one of " + joined(key.words));
}

std::span<const ConfigKey> table_of(ConfigScope scope) {
  return scope == ConfigScope::topic ? topic_configs() : broker_configs();
}

Error unknown(ConfigScope scope, std::string_view name) {
  std::string whose = scope == ConfigScope::topic ? "topics" : "brokers";
  if (has(refused_configs(scope), name))
    return refuse(name, "this setting of Kafka has no effect here, so it is not accepted");
  std::vector<std::string_view> names;
  for (const ConfigKey& key : table_of(scope)) names.push_back(key.name);
  std::string said = "unknown setting of " + whose;
  ConfigScope other = scope == ConfigScope::topic ? ConfigScope::broker : ConfigScope::topic;
  if (find_config(other, name))
    said += ", but one of " + std::string(scope == ConfigScope::topic ? "brokers" : "topics");
  if (auto near = nearest_name(name, names)) said += "; did you mean " + std::string(*near) + "?";
  return refuse(escaped_for_line(name), said);
}

// A value in the unit of `wanted`: hours become milliseconds, no limit stays no limit.
std::string converted(const std::string& value, const ConfigKey* from, const ConfigKey& wanted) {
  int64_t factor = from ? ms_per(from->unit) / ms_per(wanted.unit) : 1;
  auto v = factor > 1 ? number_in<int64_t>(value) : std::nullopt;
  int64_t product = 0;
  if (!v || *v < 0 || __builtin_mul_overflow(*v, factor, &product)) return value;
  return std::to_string(product);
}

void add(std::vector<ConfigValue>& chain, const ConfigKey& key, std::string_view name, const ConfigMap* map,
         ConfigSource source) {
  if (!map) return;
  auto found = map->find(name);
  if (found == map->end()) return;
  const ConfigKey* from = source == ConfigSource::topic ? nullptr : find_config(ConfigScope::broker, name);
  std::string value = converted(found->second, from, key);
  auto v = number_in<int64_t>(value);
  if (is_number(key) && !(v && is_in_range(key, *v))) return;
  chain.push_back({name, std::move(value), source});
}

template <class T>
T number(ConfigScope scope, std::string_view name, const ConfigLayers& layers) {
  const ConfigKey* key = find_config(scope, name);
  check(key, "a setting that is in the table");
  return static_cast<T>(number_in<int64_t>(effective(*key, layers).value).value_or(0));
}

bool is_set(ConfigScope scope, std::string_view name, const ConfigLayers& layers) {
  return effective(*find_config(scope, name), layers).source != ConfigSource::built_in;
}

// Of those that are added to the time of day, at most 35,000 years.
constexpr int64_t duration_ms_max = int64_t{1} << 50;
int64_t duration(ConfigScope scope, std::string_view name, const ConfigLayers& layers) {
  return std::min(number<int64_t>(scope, name, layers), duration_ms_max);
}
int64_t duration_of_seconds(ConfigScope scope, std::string_view name, const ConfigLayers& layers) {
  return std::min(number<int64_t>(scope, name, layers), duration_ms_max / 1000) * 1000;
}

std::string text(ConfigScope scope, std::string_view name, const ConfigLayers& layers) {
  const ConfigKey* key = find_config(scope, name);
  check(key, "a setting that is in the table");
  return effective(*key, layers).value;
}

}  // namespace

const ConfigKey* find_config(ConfigScope scope, std::string_view name) {
  for (const ConfigKey& key : table_of(scope))
    if (key.name == name) return &key;
  return nullptr;
}

bool is_outlived_config(ConfigScope scope, std::string_view name, std::string_view value) {
  const ConfigKey* key = find_config(scope, name);
  auto v = key && is_number(*key) ? number_of(*key, trimmed(value)) : std::nullopt;
  return v && *v >= key->min_before && *v < key->min;
}

Result<std::string> checked_config(ConfigScope scope, std::string_view name, std::string_view value) {
  const ConfigKey* key = find_config(scope, name);
  if (!key) return unknown(scope, name);
  value = trimmed(value);
  switch (key->type) {
    case ConfigType::boolean:
      return checked_boolean(*key, value);
    case ConfigType::int32:
    case ConfigType::int64:
      return checked_number(*key, value);
    case ConfigType::list:
      return checked_list(*key, value);
    case ConfigType::string:
      break;
  }
  return checked_word(*key, value);
}

std::vector<ConfigValue> effective_chain(const ConfigKey& key, const ConfigLayers& layers) {
  std::vector<ConfigValue> chain;
  if (key.scope == ConfigScope::topic) add(chain, key, key.name, layers.topic, ConfigSource::topic);
  std::span<const std::string_view> names = key.scope == ConfigScope::topic ? key.synonyms : std::span(&key.name, 1);
  for (std::string_view name : names) {
    add(chain, key, name, layers.dynamic_broker, ConfigSource::dynamic_broker);
    add(chain, key, name, layers.dynamic_default, ConfigSource::dynamic_default);
    add(chain, key, name, layers.static_file, ConfigSource::static_file);
  }
  chain.push_back({names.empty() ? key.name : names.back(), std::string(key.default_value), ConfigSource::built_in});
  return chain;
}

ConfigValue effective(const ConfigKey& key, const ConfigLayers& layers) { return effective_chain(key, layers).front(); }

TopicSettings topic_settings(const ConfigLayers& layers) {
  constexpr ConfigScope scope = ConfigScope::topic;
  TopicSettings s;
  s.delete_policy = s.compact_policy = false;
  std::string policies = text(scope, "cleanup.policy", layers);
  for (std::string_view policy : items_of(policies)) {
    if (policy == "delete") s.delete_policy = true;
    if (policy == "compact") s.compact_policy = true;
  }
  s.compression_type = text(scope, "compression.type", layers);
  s.flush_policy = text(scope, "flush.policy", layers) == "os" ? FlushPolicy::os : FlushPolicy::ack;
  s.file_delete_delay_ms = duration(scope, "file.delete.delay.ms", layers);
  s.index_interval_bytes = number<int32_t>(scope, "index.interval.bytes", layers);
  s.max_message_bytes = number<int32_t>(scope, "max.message.bytes", layers);
  s.log_append_time = text(scope, "message.timestamp.type", layers) == "LogAppendTime";
  s.timestamp_before_max_ms = number<int64_t>(scope, "message.timestamp.before.max.ms", layers);
  s.timestamp_after_max_ms = number<int64_t>(scope, "message.timestamp.after.max.ms", layers);
  s.min_insync_replicas = number<int32_t>(scope, "min.insync.replicas", layers);
  s.leader_throttled = text(scope, "leader.replication.throttled.replicas", layers);
  s.follower_throttled = text(scope, "follower.replication.throttled.replicas", layers);
  s.retention_bytes = number<int64_t>(scope, "retention.bytes", layers);
  s.retention_ms = number<int64_t>(scope, "retention.ms", layers);
  s.segment_bytes = number<int32_t>(scope, "segment.bytes", layers);
  s.segment_index_bytes = number<int32_t>(scope, "segment.index.bytes", layers);
  s.segment_jitter_ms = number<int64_t>(scope, "segment.jitter.ms", layers);
  s.segment_ms = number<int64_t>(scope, "segment.ms", layers);
  return s;
}

bool names_replica(std::string_view list, PartitionId partition, BrokerId broker) {
  if (list.empty()) return false;
  if (list == "*") return true;
  for (std::string_view item : items_of(list))
    if (replica_in(item) == std::pair(partition, broker)) return true;
  return false;
}

BrokerSettings broker_settings(const ConfigLayers& layers) {
  constexpr ConfigScope scope = ConfigScope::broker;
  BrokerSettings s;
  s.num_partitions = number<int32_t>(scope, "num.partitions", layers);
  s.default_replication_factor =
      static_cast<int16_t>(std::min(number<int32_t>(scope, "default.replication.factor", layers), 32767));
  s.auto_create_topics = text(scope, "auto.create.topics.enable", layers) == "true";
  s.retention_check_interval_ms = duration(scope, "log.retention.check.interval.ms", layers);
  s.socket_request_max_bytes = number<int32_t>(scope, "socket.request.max.bytes", layers);
  s.connections_max_idle_ms = number<int64_t>(scope, "connections.max.idle.ms", layers);
  s.connections_max = number<int32_t>(scope, "max.connections", layers);
  s.connections_per_ip_max = number<int32_t>(scope, "max.connections.per.ip", layers);
  s.connections_a_second_max = number<int32_t>(scope, "max.connection.creation.rate", layers);
  s.queued_request_bytes_max = number<int64_t>(scope, "queued.max.request.bytes", layers);
  s.producer_id_expiration_ms = number<int64_t>(scope, "producer.id.expiration.ms", layers);
  s.idle_exit_ms = duration(scope, "idle.exit.ms", layers);
  s.session_timeout_ms = number<int32_t>(scope, "broker.session.timeout.ms", layers);
  s.replica_lag_ms_max = duration(scope, "replica.lag.time.max.ms", layers);
  s.leader_throttle = number<int64_t>(scope, "leader.replication.throttled.rate", layers);
  s.follower_throttle = number<int64_t>(scope, "follower.replication.throttled.rate", layers);
  s.leader_rebalance = text(scope, "auto.leader.rebalance.enable", layers) == "true";
  s.leader_check_interval_ms = duration_of_seconds(scope, "leader.imbalance.check.interval.seconds", layers);
  s.leader_imbalance_percent_max = number<int32_t>(scope, "leader.imbalance.per.broker.percentage", layers);
  s.group_session_ms_min = number<int32_t>(scope, "group.min.session.timeout.ms", layers);
  s.group_session_ms_max = number<int32_t>(scope, "group.max.session.timeout.ms", layers);
  s.group_size_max = number<int32_t>(scope, "group.max.size", layers);
  s.groups_memory_max = number<int64_t>(scope, "group.memory.max.bytes", layers);
  s.group_initial_delay_ms = number<int32_t>(scope, "group.initial.rebalance.delay.ms", layers);
  s.is_group_initial_delay_set = is_set(scope, "group.initial.rebalance.delay.ms", layers);
  s.offset_metadata_max = number<int32_t>(scope, "offset.metadata.max.bytes", layers);
  s.offsets_retention_ms = int64_t{60'000} * number<int32_t>(scope, "offsets.retention.minutes", layers);
  s.offsets_check_interval_ms = duration(scope, "offsets.retention.check.interval.ms", layers);
  s.offsets_topic_partitions = number<int32_t>(scope, "offsets.topic.num.partitions", layers);
  s.offsets_topic_replicas = number<int32_t>(scope, "offsets.topic.replication.factor", layers);
  s.offsets_topic_segment_bytes = number<int32_t>(scope, "offsets.topic.segment.bytes", layers);
  s.listeners = text(scope, "listeners", layers);
  s.insecure_listen = text(scope, "insecure.listen.enable", layers) == "true";
  s.core_dumps = text(scope, "core.dumps.enable", layers) == "true";
  return s;
}

std::string ListenerParts::text() const { return name + "://" + address(); }

std::string ListenerParts::address() const { return host_port(host, port); }

Result<ListenerParts> parse_listener(std::string_view text) {
  auto bad = [&](std::string_view why) { return no_listener(text, why); };
  ListenerParts parts;
  std::string_view rest = text;
  if (size_t scheme = rest.find("://"); scheme != rest.npos) {
    parts.name = rest.substr(0, scheme);
    rest.remove_prefix(scheme + 3);
  }
  auto at = split_host_port(rest);
  if (!at) return bad("");
  std::string_view port = at->port.value_or("");
  if (port.empty() || port.find_first_not_of("0123456789") != port.npos) return bad("");
  auto number = number_in<uint16_t>(port);
  if (!number) return bad(": there is no port " + std::string(port));
  parts.port = *number;
  // "::1:9092" may be meant as two things.
  if (!at->in_brackets && at->host.find(':') != at->host.npos) return bad(", or [::1]:9092");
  parts.host = at->host;
  return parts;
}

std::string listener_of(std::string_view first, BrokerId id) {
  auto parts = parse_listener(first);
  if (!parts || parts->port == 0) return std::string(first);
  std::string of_first = std::to_string(parts->port), text = parts->text();
  return text.substr(0, text.size() - of_first.size()) + std::to_string(int64_t{parts->port} + id.value - 1);
}

}  // namespace bobbin::config
