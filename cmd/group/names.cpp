#include "cmd/group/names.h"

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "cmd/cluster.h"

namespace bobbin::cmd {

Result<std::vector<std::string>> several_groups(const Arguments& arguments) {
  std::vector<std::string> given = arguments.all("group"), names;
  given.insert(given.end(), arguments.words().begin(), arguments.words().end());
  for (std::string& name : given) {
    if (name.empty()) return usage("a group's name is not empty");
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

Result<std::string> one_group(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(names, several_groups(arguments));
  if (names.empty()) return usage("name the group");
  if (names.size() > 1) return usage("'" + names[1] + "' is one group too many");
  return names[0];
}

bool TopicPart::takes(const client::Place& place) const {
  return topic == place.first &&
         (partitions.empty() || std::binary_search(partitions.begin(), partitions.end(), place.second));
}

Result<std::vector<TopicPart>> topic_parts(const Arguments& arguments) {
  std::vector<TopicPart> parts;
  for (const std::string& text : arguments.all("topic")) {
    const size_t colon = text.find(':');
    TopicPart& part = parts.emplace_back(TopicPart{text.substr(0, colon), {}});
    BOBBIN_TRY(check_names({part.topic}));
    if (colon == std::string::npos) continue;
    auto numbers = split(std::string_view(text).substr(colon + 1), ',');
    if (numbers.empty()) return usage("--topic: '" + text + "' names no partition behind the colon");
    for (std::string_view number : numbers) {
      BOBBIN_TRY_ASSIGN(one, parse_number(number, 0, INT32_MAX, "--topic: the partition"));
      part.partitions.emplace_back(static_cast<int32_t>(one));
    }
    std::sort(part.partitions.begin(), part.partitions.end());
    part.partitions.erase(std::unique(part.partitions.begin(), part.partitions.end()), part.partitions.end());
  }
  return parts;
}

bool any_takes(const std::vector<TopicPart>& parts, const client::Place& place) {
  return std::any_of(parts.begin(), parts.end(), [&](const TopicPart& part) { return part.takes(place); });
}

}  // namespace bobbin::cmd
