#include "cmd/named_topics.h"

#include <algorithm>

#include "client/admin/sentences.h"
#include "client/admin/topics.h"
#include "cmd/cluster.h"

namespace bobbin::cmd {

bool NamedPartitions::covers(PartitionId number) const {
  return partitions.empty() || std::find(partitions.begin(), partitions.end(), number) != partitions.end();
}

Result<NamedPartitions> named_partitions(const Arguments& arguments) {
  NamedPartitions named{.topics = arguments.topics(), .partitions = {}};
  if (!named.topics.empty()) BOBBIN_TRY(check_names(named.topics));
  std::sort(named.topics.begin(), named.topics.end());
  named.topics.erase(std::unique(named.topics.begin(), named.topics.end()), named.topics.end());
  BOBBIN_TRY_ASSIGN(partitions, arguments.partitions());
  named.partitions = std::move(partitions);
  if (!named.partitions.empty() && named.topics.empty()) return usage("--partition: name the topic, too");
  return named;
}

Result<std::vector<client::TopicView>> those_there(client::Session& session, const std::vector<std::string>& topics,
                                                   Report& report) {
  BOBBIN_TRY_ASSIGN(views, topics.empty() ? client::list_topics(session) : client::describe_topics(session, topics));
  std::erase_if(views, [&](const client::TopicView& view) {
    const bool is_there = view.error == Errc::none || !view.partitions.empty();
    if (!is_there)
      report.failed(client::kafka_error(static_cast<int16_t>(view.error), std::nullopt, "topic " + view.name));
    return !is_there;
  });
  return views;
}

void report_missing(const std::vector<client::TopicView>& topics, const std::vector<PartitionId>& partitions,
                    Report& report) {
  for (const client::TopicView& view : topics)
    for (PartitionId number : partitions)
      if (static_cast<size_t>(number.value) >= view.partitions.size())
        report.failed(
            error(Errc::unknown_topic_or_partition, "topic " + view.name + " has no partition " + to_string(number)));
}

}  // namespace bobbin::cmd
