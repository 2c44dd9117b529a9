#include "cmd/consume/matching_topics.h"

#include "client/admin/topics.h"

namespace bobbin::cmd {

Result<std::vector<std::string>> matching_topics(client::Session& session, const TopicPatterns& patterns,
                                                 const std::string& text) {
  BOBBIN_TRY_ASSIGN(topics, client::list_topics(session));
  std::vector<std::string> names;
  for (const client::TopicView& topic : topics)
    if (!topic.internal && patterns.match(topic.name)) names.push_back(topic.name);
  if (names.empty())
    return error(Errc::unknown_topic_or_partition, "no topic matches " + text + " (bobbin topic list shows the names)");
  return names;
}

}  // namespace bobbin::cmd
