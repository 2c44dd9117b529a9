// DeleteTopics 1 to 6, by name or (6) by id. Answered when the removal is on the disk; the files go a moment later. A topic
// that is named twice is answered once and stays.
#include "protocol/messages/delete_topics.h"
#include "broker/admin/submitting.h"
#include "broker/named_once.h"
#include "broker/requests.h"
#include "metadata/changes.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::DeleteTopicsRequest;
using Response = protocol::DeleteTopicsResponse;

using Known = std::pair<std::optional<std::string>, TopicId>;

struct Deleting {
  Answer answer;
  Reply reply;
  RequestMessage message;
  NamedOnce named;
  std::vector<Known> known;  // before they went

  const RequestMessage::DeleteTopicState& topic(size_t i) const { return message.topics[named.first[i]]; }
};

Result<metadata::Records> change(const Deleting& deleting, size_t i, const metadata::Image& image) {
  const auto& asked = deleting.topic(i);
  if (deleting.named.repeated[i]) return error(Errc::invalid_request, "the topic is named twice in one request");
  if (asked.name.has_value() != asked.topic_id.is_zero())
    return error(Errc::invalid_request, "a topic is named by name or by id, and not by both");
  return asked.name ? metadata::delete_topic(image, *asked.name) : metadata::delete_topic(image, asked.topic_id);
}

void answer(Deleting& deleting, const Outcomes& results) {
  Response response;
  for (size_t i = 0; i < deleting.named.first.size(); i++) {
    auto& told = response.responses.emplace_back();
    std::tie(told.name, told.topic_id) = std::move(deleting.known[i]);
    if (!results[i]) {
      told.error_code = wire_code(results[i].error().code);
      if (!results[i].error().message.empty()) told.error_message = results[i].error().message;
    }
    protocol::encode_ahead<Response>(response.responses, deleting.answer.version);
  }
  deleting.reply.send_pieces(deleting.answer.pieces_of(response, response.responses));
}

// Name and id, as far as they are known.
Known known_of(const metadata::Image& image, const RequestMessage::DeleteTopicState& asked) {
  const metadata::Topic* topic = asked.name ? image.topic(*asked.name) : image.topic(asked.topic_id);
  if (!topic) return {asked.name, asked.topic_id};
  return {topic->name, topic->id};
}

// Of a topic that is named twice: as it is named, which may be by name here and by id there.
Known told_of(const Deleting& deleting, size_t i) {
  const auto& first = deleting.topic(i);
  const auto& last = deleting.message.topics[deleting.named.last[i]];
  return {first.name ? first.name : last.name, first.topic_id.is_zero() ? last.topic_id : first.topic_id};
}

void delete_topics(AdminContext& admin, const Request& request, RequestMessage message, Reply reply) {
  auto deleting =
      std::make_shared<Deleting>(Deleting{answer_to(request), std::move(reply), std::move(message), {}, {}});
  auto& topics = deleting->message.topics;
  if (request.version < 6)
    for (auto& topic : deleting->message.topic_names) topics.push_back({std::move(topic), {}});
  std::vector<Known> known;
  for (const auto& topic : topics) known.push_back(known_of(admin.metadata.image(), topic));
  deleting->named = named_once(topics.size(), [&](size_t i) { return std::tie(known[i].first, known[i].second); });
  const size_t count = deleting->named.first.size();
  for (size_t i = 0; i < count; i++)
    deleting->known.push_back(deleting->named.repeated[i] ? told_of(*deleting, i) : known[deleting->named.first[i]]);
  if (auto few = check_changes(count); !few) return answer(*deleting, Outcomes::all(few));
  submit_all(
      admin, count, [deleting](size_t i, const metadata::Image& image) { return change(*deleting, i, image); },
      [deleting](const Outcomes& results) { answer(*deleting, results); });
}

}  // namespace

extern constinit const ServedApi delete_topics_api = served<delete_topics>();

}  // namespace bobbin::broker
