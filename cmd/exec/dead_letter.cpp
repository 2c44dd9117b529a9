#include "cmd/exec/dead_letter.h"

#include <algorithm>
#include <cstring>

#include "base/number.h"
#include "base/topic_name.h"
#include "cmd/words/arguments.h"
#include "record/batch.h"

namespace bobbin::cmd {

namespace {

constexpr std::string_view topic_header = "__bobbin.errors.topic", partition_header = "__bobbin.errors.partition",
                           offset_header = "__bobbin.errors.offset", timestamp_header = "__bobbin.errors.timestamp",
                           group_header = "__bobbin.errors.group", attempts_header = "__bobbin.errors.attempts",
                           reason_header = "__bobbin.errors.reason";

template <class Number>
Result<Number> number_of(std::span<const record::Header> headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& each) { return each.key == name; });
  if (found == headers.end()) return error(Errc::malformed, "the header " + std::string(name) + " is missing");
  const auto number = number_in<Number>(found->value.value_or(Bytes()));
  if (!number) return error(Errc::malformed, "the header " + std::string(name) + " is no number");
  return *number;
}

}  // namespace

Result<std::string> dead_letters_of(const std::string& topic, const std::string& group) {
  std::string name = topic + "." + group + ".dlq";
  if (check_topic_name(name)) return name;
  return usage("what fails of topic " + topic + " goes to the topic TOPIC.GROUP.dlq, and no topic can be called " +
               name + ": give the group a short name of letters, digits, '.', '_' and '-'");
}

std::string reason_of(const os::ChildEnd& end) {
  if (end.kind == os::ChildEnd::Kind::exited) return "exit code " + std::to_string(end.number);
  const char* name = ::sigdescr_np(end.number);
  return "signal " + std::to_string(end.number) + (name ? std::string(" (") + name + ")" : "");
}

DeadLetter::DeadLetter(const OwnedRecord& record, const Death& death)
    : record_(record), told_{{topic_header, record.topic()},
                             {partition_header, std::to_string(record.partition().value)},
                             {offset_header, std::to_string(record.offset().value)},
                             {timestamp_header, std::to_string(record.timestamp().value)},
                             {group_header, death.group},
                             {attempts_header, std::to_string(death.attempts)},
                             {reason_header, death.reason}} {}

Result<std::vector<record::Header>> DeadLetter::headers() const {
  std::vector<record::Header> all;
  const record::Record record = record_.record();
  if (record.headers_count > 0) BOBBIN_TRY(record::parse_headers(record, all));
  for (const auto& [name, value] : told_) all.push_back({name, value});
  return all;
}

Result<Origin> origin_of(const std::vector<record::Header>& headers) {
  const auto last = std::find_if(headers.rbegin(), headers.rend(),
                                 [](const record::Header& each) { return each.key == topic_header; });
  if (last == headers.rend()) return error(Errc::malformed, "the header " + std::string(topic_header) + " is missing");
  const size_t at = static_cast<size_t>(last.base() - headers.begin()) - 1;
  const auto told = std::span(headers).subspan(at);
  Origin origin;
  origin.topic = std::string(told[0].value.value_or(Bytes()));
  if (!check_topic_name(origin.topic))
    return error(Errc::malformed, "the header " + std::string(topic_header) + " names no topic");
  BOBBIN_TRY_ASSIGN(partition, number_of<int32_t>(told, partition_header));
  BOBBIN_TRY_ASSIGN(offset, number_of<int64_t>(told, offset_header));
  BOBBIN_TRY_ASSIGN(timestamp, number_of<int64_t>(told, timestamp_header));
  origin.partition = PartitionId(partition);
  origin.offset = Offset(offset);
  origin.timestamp = Timestamp(timestamp);
  origin.headers.assign(headers.begin(), headers.begin() + static_cast<ptrdiff_t>(at));
  return origin;
}

}  // namespace bobbin::cmd
