#include "cmd/produce/options.h"

#include "base/topic_name.h"
#include "cmd/cluster.h"
#include "cmd/input/framing_options.h"
#include "cmd/words/properties.h"
#include "record/compression.h"

namespace bobbin::cmd {
namespace {

Status read_topic(const Arguments& arguments, ProduceOptions& into) {
  into.files = arguments.all("lines");
  std::vector<std::string> words = arguments.words();
  if (auto topic = arguments.text("topic")) {
    into.topic = *topic;
  } else if (!words.empty()) {
    into.topic = words[0];
    words.erase(words.begin());
  } else {
    return usage("name a topic");
  }
  if (!words.empty() && into.files.empty())
    return usage("'" + words[0] + "' is one word too many; files of lines are named with --lines (-l)");
  into.files.insert(into.files.end(), words.begin(), words.end());
  return check_topic_name(into.topic);
}

HeaderText parse_header(const std::string& text) {
  size_t divider = text.find_first_of("=:");
  if (divider == std::string::npos) return {text, std::nullopt};
  return {text.substr(0, divider), text.substr(divider + 1)};
}

Status read_acks(const Arguments& arguments, ProduceOptions& into) {
  std::string acks = arguments.text("acks").value_or(arguments.has("no-sync") ? "1" : "all");
  into.producer.acks = acks == "1" ? client::Acks::leader : acks == "0" ? client::Acks::none : client::Acks::all;
  if (arguments.has("no-sync") && into.producer.acks != client::Acks::leader)
    return usage("--no-sync is --acks 1; it cannot be --acks " + acks);
  if (into.producer.acks == client::Acks::none) into.producer.idempotent = false;
  return {};
}

Status read_on_error(const Arguments& arguments, ProduceOptions& into) {
  std::string text = arguments.text("on-error").value_or("stop");
  if (text == "skip") into.on_error = OnError::skip;
  if (text.starts_with("file=")) {
    into.on_error = OnError::keep;
    into.reject_file = text.substr(5);
    if (into.reject_file.empty()) return usage("--on-error file= names no file");
  }
  return {};
}

// Kafka's console producer: a tab divides where nothing else is said.
Status read_properties(const Arguments& arguments, ProduceOptions& into) {
  static constexpr std::string_view known[] = {"parse.key", "key.separator", "null.marker", "ignore.error"};
  bool parse_key = false;
  std::string separator = "\t";
  for (const std::string& text : arguments.all("property")) {
    auto pair = key_and_value(text);
    if (!pair) return usage("--property: '" + text + "' is no NAME=VALUE");
    const auto& [name, value] = *pair;
    if (name == "parse.key") {
      BOBBIN_TRY_ASSIGN(on, parse_truth(name, value));
      parse_key = on;
    } else if (name == "key.separator") {
      BOBBIN_TRY_ASSIGN(bytes, unescaped(value, "key.separator"));
      if (bytes.empty()) return usage("key.separator is empty");
      separator = bytes;
    } else if (name == "null.marker") {
      into.null_texts.push_back(value);
    } else if (name == "ignore.error") {
      BOBBIN_TRY_ASSIGN(on, parse_truth(name, value));
      if (on && into.on_error == OnError::stop) into.on_error = OnError::skip;
    } else {
      return unknown_property(name, known);
    }
  }
  if (parse_key && !into.key_delimiter) into.key_delimiter = separator;
  return {};
}

Status check_combinations(const Arguments& arguments, const ProduceOptions& options) {
  if (options.key && options.key_delimiter) return usage("--key and --key-delimiter both say the key; give one");
  if (options.json && (options.key || options.key_delimiter || !options.headers.empty() || !options.null_texts.empty()))
    return usage("--json says keys, values, headers and nulls by itself; it goes without -k, -K, -H, -Z and --null");
  if (options.json && options.framing.frame == Frame::whole)
    return usage("--json reads an object from each record; --frame whole has only one");
  if (options.framing.frame == Frame::whole && options.files.size() > 1)
    return usage("--frame whole takes one input; give one file");
  if (arguments.has("allow-expired") && !options.timestamp && !options.json)
    return usage("--allow-expired is for given timestamps; there is no --timestamp and no --json");
  return {};
}

}  // namespace

Result<ProduceOptions> read_produce_options(const Arguments& arguments, Timestamp now) {
  ProduceOptions options;
  BOBBIN_TRY(read_topic(arguments, options));
  BOBBIN_TRY_ASSIGN(framing, read_framing(arguments));
  BOBBIN_TRY_ASSIGN(partition, arguments.number("partition", -1, INT32_MAX));
  BOBBIN_TRY_ASSIGN(timestamp, arguments.time("timestamp", now));
  BOBBIN_TRY_ASSIGN(timeout, arguments.duration_ms("timeout"));
  options.framing = framing;
  options.json = arguments.has("json");
  options.key = arguments.text("key");
  if (auto text = arguments.text("key-delimiter")) {
    BOBBIN_TRY_ASSIGN(bytes, unescaped(*text, "--key-delimiter"));
    if (bytes.empty()) return usage("--key-delimiter is empty");
    options.key_delimiter = bytes;
  }
  if (arguments.has("nulls")) options.null_texts.push_back("");
  if (auto text = arguments.text("null")) options.null_texts.push_back(*text);
  for (const std::string& text : arguments.all("header")) options.headers.push_back(parse_header(text));
  if (partition && *partition >= 0) options.producer.partition = PartitionId(static_cast<int32_t>(*partition));
  if (auto text = arguments.text("partitioner")) options.producer.partitioner = *client::parse_partitioner(*text);
  if (auto text = arguments.text("compression")) options.producer.compression = *record::parse_compression(*text);
  options.timestamp = timestamp;
  options.given_timeout_ms = timeout;
  options.timeout_ms = timeout.value_or(connected_timeout_ms);
  options.producer.timeout_ms = options.timeout_ms;
  options.create = !arguments.has("no-create");
  options.allow_expired = arguments.has("allow-expired");
  options.tee = arguments.has("tee");
  BOBBIN_TRY(read_acks(arguments, options));
  BOBBIN_TRY(read_on_error(arguments, options));
  BOBBIN_TRY(read_properties(arguments, options));
  BOBBIN_TRY(check_combinations(arguments, options));
  return options;
}

}  // namespace bobbin::cmd
