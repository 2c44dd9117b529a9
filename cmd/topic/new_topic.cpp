#include "cmd/topic/new_topic.h"

#include "base/number.h"
#include "base/units.h"

namespace bobbin::cmd {
namespace {

int64_t number(const std::vector<client::Config>& configs, std::string_view name, int64_t otherwise) {
  int64_t value = otherwise;
  for (const auto& [key, text] : configs)
    if (key == name) value = number_in<int64_t>(text).value_or(otherwise);
  return value;
}

std::string text(const std::vector<client::Config>& configs, std::string_view name) {
  for (const auto& [key, value] : configs)
    if (key == name) return value;
  return "";
}

std::string counted(int64_t n, const std::string& what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

}  // namespace

std::string told_new_topic(const client::CreatedTopic& topic) {
  std::string out = "created topic " + topic.name;
  if (topic.partitions > 0) out += ": " + counted(topic.partitions, "partition");
  if (topic.replication_factor > 0)
    out +=
        topic.replication_factor == 1 ? ", 1 replica" : ", " + std::to_string(topic.replication_factor) + " replicas";
  std::string policy = text(topic.configs, "cleanup.policy");
  if (!policy.empty() && policy.find("delete") == std::string::npos) return out + ", nothing is deleted";
  int64_t ms = number(topic.configs, "retention.ms", 7LL * 24 * 3600 * 1000);
  int64_t bytes = number(topic.configs, "retention.bytes", -1);
  out += ms < 0 ? ", records kept for ever" : ", records kept for " + duration_text(ms);
  return out + (bytes < 0 ? "" : ", at most " + size_text(bytes) + " a partition");
}

}  // namespace bobbin::cmd
