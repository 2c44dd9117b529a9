#include "cmd/consume/options.h"

#include "base/text.h"
#include "base/topic_name.h"
#include "base/units.h"
#include "cmd/consume/offset_spec.h"
#include "cmd/exec/dead_letter.h"
#include "cmd/input/framing_options.h"
#include "cmd/words/properties.h"

namespace bobbin::cmd {
namespace {

client::Start start_of(const Place& place) {
  using From = Place::Kind;
  using To = client::Start::Kind;
  switch (place.kind) {
    case From::beginning:
      return {To::beginning, 0};
    case From::end:
      return {To::end, 0};
    case From::absolute:
      return {To::offset, place.value};
    case From::from_start:
      return {To::from_start, place.value};
    case From::from_end:
      return {To::from_end, place.value};
    case From::time:
      break;
  }
  return {To::time, place.value};
}

client::Stop stop_of(const Place& place) {
  if (place.kind == Place::Kind::absolute) return {client::Stop::Kind::offset, place.value};
  if (place.kind == Place::Kind::time) return {client::Stop::Kind::time, place.value};
  return {client::Stop::Kind::end, 0};
}

Status read_range(const Arguments& arguments, Timestamp now, ConsumeOptions& into) {
  OffsetSpec spec;
  for (const std::string& text : arguments.all("offset")) {
    BOBBIN_TRY_ASSIGN(more, parse_offset_spec(text, now));
    BOBBIN_TRY(merge(spec, more));
  }
  if (arguments.has("from-beginning")) {
    if (spec.start && spec.start->kind != Place::Kind::beginning)
      return usage("--from-beginning and --offset say different starts; give one");
    spec.start = Place{};
  }
  into.has_start = spec.start.has_value();
  if (spec.start) into.start = start_of(*spec.start);
  if (spec.stop) into.stop = stop_of(*spec.stop);
  else if (arguments.has("exit")) into.stop = {client::Stop::Kind::end, 0};
  return {};
}

Status read_topics(const Arguments& arguments, ConsumeOptions& into) {
  into.topics = arguments.topics();
  into.regex = arguments.has("regex") || arguments.has("include");
  if (arguments.has("include")) {
    if (!into.topics.empty()) return usage("--include is in place of a topic; give one");
    into.topics = arguments.all("include");
  }
  if (into.topics.empty()) return usage("name a topic");
  std::sort(into.topics.begin(), into.topics.end());
  into.topics.erase(std::unique(into.topics.begin(), into.topics.end()), into.topics.end());
  if (into.regex) return {};
  for (const std::string& name : into.topics) BOBBIN_TRY(check_topic_name(name));
  return {};
}

Status read_property(const std::string& name, const std::string& value, Format::Plain& into, bool& print_key) {
  static constexpr std::string_view known[] = {
      "print.key",   "print.value",   "print.timestamp", "print.partition", "print.offset",      "print.delivery",
      "print.epoch", "print.headers", "key.separator",   "line.separator",  "headers.separator", "null.literal"};
  if (name == "null.literal") return into.null_text = value, Status();
  for (auto [text, target] : {std::pair("key.separator", &into.separator), std::pair("line.separator", &into.delimiter),
                              std::pair("headers.separator", &into.headers_separator)}) {
    if (name != text) continue;
    BOBBIN_TRY_ASSIGN(bytes, unescaped(value, name));
    *target = bytes;
    return {};
  }
  bool* truths[] = {&print_key,   &into.value,    &into.timestamp, &into.partition,
                    &into.offset, &into.delivery, &into.epoch,     &into.headers};
  for (size_t i = 0; i < std::size(truths); i++) {
    if (name != known[i]) continue;
    BOBBIN_TRY_ASSIGN(on, parse_truth(name, value));
    *truths[i] = on;
    return {};
  }
  return unknown_property(name, known);
}

Status read_plain(const Arguments& arguments, Format::Plain& into) {
  BOBBIN_TRY_ASSIGN(framing, read_framing(arguments));
  into.delimiter = framing.frame == Frame::line ? framing.delimiter : "";
  into.sized = framing.frame == Frame::u32be;
  bool print_key = false;
  // The form is that of Kafka's console consumer, unless our own options say more.
  if (arguments.has("property") && !arguments.has("null") && !arguments.has("nulls")) into.null_text = "null";
  for (const std::string& text : arguments.all("property")) {
    auto pair = key_and_value(text);
    if (!pair) return usage("--property: '" + text + "' is no NAME=VALUE");
    BOBBIN_TRY(read_property(pair->first, pair->second, into, print_key));
  }
  if (print_key) into.key_delimiter = into.separator;
  if (auto text = arguments.text("key-delimiter")) {
    BOBBIN_TRY_ASSIGN(bytes, unescaped(*text, "--key-delimiter"));
    into.key_delimiter = bytes;
  }
  return {};
}

Status read_format(const Arguments& arguments, ConsumeOptions& into) {
  std::string null_text = arguments.text("null").value_or(arguments.has("nulls") ? "NULL" : "");
  bool plain_wanted = arguments.has("delimiter") || arguments.has("key-delimiter") || arguments.has("frame") ||
                      arguments.has("property");
  if (arguments.has("json") &&
      (arguments.has("format") || plain_wanted || arguments.has("nulls") || arguments.has("null")))
    return usage("--json has a form of its own; it goes without -f, -D, -K, -Z, --null, --frame and --property");
  if (arguments.has("format") && plain_wanted)
    return usage("--format says everything; it goes without -D, -K, --frame and --property");
  if (arguments.has("json")) {
    into.format = Format::json();
    return {};
  }
  if (auto text = arguments.text("format")) {
    BOBBIN_TRY_ASSIGN(format, Format::letters(*text, null_text));
    into.format = std::move(format);
    return {};
  }
  Format::Plain plain;
  plain.null_text = null_text;
  BOBBIN_TRY(read_plain(arguments, plain));
  if (arguments.has("exec") && !arguments.has("delimiter") && !arguments.has("property"))
    plain.delimiter.clear();  // the exact value
  into.format = Format::plain(std::move(plain));
  return {};
}

Status read_idle_timeout(const Arguments& arguments, ConsumeOptions& into) {
  BOBBIN_TRY_ASSIGN(duration, arguments.duration_ms("idle-timeout"));
  BOBBIN_TRY_ASSIGN(ms, arguments.number("timeout-ms", 0, INT64_MAX / 4));
  if (duration && ms) return usage("--idle-timeout and --timeout-ms are the same; give one");
  into.idle_timeout_ms = duration ? duration : ms;
  return {};
}

Status read_group(const Arguments& arguments, ConsumeOptions& into) {
  into.group = arguments.text("group");
  if (!into.group) {
    for (const char* name : {"commit", "at-most-once"})
      if (arguments.has(name)) return usage("--" + std::string(name) + " is for a group: name it with -g");
    return {};
  }
  if (into.group->empty()) return usage("--group: a group has a name");
  if (!into.partitions.empty()) return usage("--partition and --group: a group shares its partitions out by itself");
  if (into.stop.kind != client::Stop::Kind::never && into.stop.kind != client::Stop::Kind::end)
    return usage("--offset with --group says where a new group starts; a stop can only be the end (-e)");
  into.at_most_once = arguments.has("at-most-once");
  const std::string commit = arguments.text("commit").value_or("batch");
  if (commit == "each") into.commit = ConsumeOptions::Commit::each;
  else if (commit == "exit") into.commit = ConsumeOptions::Commit::exit;
  else if (commit == "none") into.commit = ConsumeOptions::Commit::none;
  else if (commit != "batch") return usage("--commit: '" + commit + "' is none of each, batch, exit, none");
  if (into.at_most_once && arguments.has("commit") && commit != "batch")
    return usage("--at-most-once commits before each write; it goes without --commit");
  return {};
}

Status read_exec(const Arguments& arguments, ConsumeOptions& into) {
  const auto command = arguments.text("exec"), batch_command = arguments.text("exec-batch");
  if (command && batch_command) return usage("--exec and --exec-batch: give one");
  if (!command && !batch_command) {
    for (const char* name : {"workers", "retries", "backoff", "batch-records"})
      if (arguments.has(name)) return usage("--" + std::string(name) + " is for commands: name one with --exec");
    return {};
  }
  const std::string name = command ? "--exec" : "--exec-batch";
  if (!into.group) return usage(name + " is for a group, which keeps what is done: name it with -g");
  if (arguments.has("unbuffered") || arguments.has("raw"))
    return usage(name + ": commands print what is printed; it goes without --unbuffered and --raw");
  if (command && arguments.has("batch-records")) return usage("--batch-records is for --exec-batch");
  ExecOptions exec{.command = command ? *command : *batch_command, .takes_batches = batch_command.has_value()};
  if (exec.command.find_first_not_of(" \t\n") == std::string::npos) return usage(name + ": a command has a name");
  if (exec.takes_batches) exec.batch_records_max = 1000;
  BOBBIN_TRY_ASSIGN(records, arguments.number("batch-records", 1, 1'000'000));
  BOBBIN_TRY_ASSIGN(workers, arguments.number("workers", 1, 1000));
  BOBBIN_TRY_ASSIGN(retries, arguments.number("retries", 0, 1'000'000));
  BOBBIN_TRY_ASSIGN(backoff_ms, arguments.duration_ms("backoff"));
  if (records) exec.batch_records_max = static_cast<size_t>(*records);
  if (workers) exec.workers = static_cast<size_t>(*workers);
  if (retries) exec.retries = static_cast<int>(*retries);
  if (backoff_ms) exec.backoff_ms = *backoff_ms;
  into.exec = std::move(exec);
  if (into.regex) return {};
  for (const std::string& topic : into.topics) BOBBIN_TRY(dead_letters_of(topic, *into.group));
  return {};
}

}  // namespace

Result<ConsumeOptions> read_consume_options(const Arguments& arguments, Timestamp now) {
  ConsumeOptions options;
  BOBBIN_TRY(read_topics(arguments, options));
  BOBBIN_TRY_ASSIGN(partitions, arguments.partitions());
  options.partitions = std::move(partitions);
  BOBBIN_TRY(read_range(arguments, now, options));
  BOBBIN_TRY(read_group(arguments, options));
  BOBBIN_TRY(read_exec(arguments, options));
  BOBBIN_TRY(read_format(arguments, options));
  BOBBIN_TRY(read_idle_timeout(arguments, options));
  BOBBIN_TRY_ASSIGN(records, arguments.number("max-messages", 0, INT64_MAX));
  if (records) options.records_max = static_cast<uint64_t>(*records);
  options.unbuffered = arguments.has("unbuffered");
  options.raw = arguments.has("raw");
  return options;
}

}  // namespace bobbin::cmd
