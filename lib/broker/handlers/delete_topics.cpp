// DeleteTopics 1 to 6, by name or (6) by id. Answered when the removal is on the disk; the files go a moment later.
#include "broker/handlers/handlers.h"
#include "metadata/changes.h"

namespace bobbin::broker {

void handle(Broker& broker, const Request& request, protocol::DeleteTopicsRequest message, Reply reply) {
  using Result_ = protocol::DeleteTopicsResponse::DeletableTopicResult;
  struct Pending {
    Answer answer;
    Reply reply;
    std::vector<Result_> told;
  };
  auto pending = std::make_shared<Pending>(Pending{answer_to(request), std::move(reply), {}});
  if (request.version < 6)
    for (auto& topic : message.topic_names) message.topics.push_back({std::move(topic), {}});

  std::vector<metadata::Change> changes;
  for (const auto& asked : message.topics) {
    auto& told = pending->told.emplace_back();
    told.name = asked.name;
    told.topic_id = asked.topic_id;
    if (asked.name) {
      if (const auto* topic = broker.image().topic(*asked.name)) told.topic_id = topic->id;
    } else if (const auto* topic = broker.image().topic(asked.topic_id)) {
      told.name = topic->name;
    }
    changes.push_back([asked](const metadata::Image& image) -> Result<metadata::Records> {
      if (asked.name && !asked.topic_id.is_zero()) return error(Errc::invalid_request, "a topic is named by name or by id, not both");
      return asked.name ? metadata::delete_topic(image, *asked.name) : metadata::delete_topic(image, asked.topic_id);
    });
  }
  submit_all(broker, std::move(changes), [pending](std::vector<Status> results) {
    protocol::DeleteTopicsResponse response;
    response.responses = std::move(pending->told);
    for (size_t i = 0; i < results.size(); i++) {
      if (results[i]) continue;
      response.responses[i].error_code = wire_code(results[i].error().code);
      if (!results[i].error().message.empty()) response.responses[i].error_message = results[i].error().message;
    }
    pending->reply.send(pending->answer.frame(response));
  });
}

}  // namespace bobbin::broker
