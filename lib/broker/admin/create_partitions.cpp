// CreatePartitions 0 to 3. `count` is the new total. A topic that is named twice is answered once and left as it is.
#include "protocol/messages/create_partitions.h"
#include "broker/admin/submitting.h"
#include "broker/named_once.h"
#include "broker/requests.h"
#include "metadata/changes.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::CreatePartitionsRequest;
using Response = protocol::CreatePartitionsResponse;

struct Creating {
  Answer answer;
  Reply reply;
  RequestMessage message;
  NamedOnce named;
  uint64_t start;  // of the placement

  const RequestMessage::CreatePartitionsTopic& topic(size_t i) const { return message.topics[named.first[i]]; }
};

std::vector<std::vector<BrokerId>> assignments_of(const RequestMessage::CreatePartitionsTopic& asked) {
  std::vector<std::vector<BrokerId>> assignments;
  if (!asked.assignments) return assignments;
  for (const auto& a : *asked.assignments) {
    auto& replicas = assignments.emplace_back();
    for (int32_t b : a.broker_ids) replicas.push_back(BrokerId(b));
  }
  return assignments;
}

Result<metadata::Records> change(const AdminContext& admin, const Creating& creating, size_t i,
                                 const metadata::Image& image) {
  if (creating.named.repeated[i]) return error(Errc::invalid_request, "the topic is named twice in one request");
  const auto& asked = creating.topic(i);
  if (asked.assignments && asked.assignments->empty())
    return error(Errc::invalid_replica_assignment, "an empty list of assignments is given: give none, or one for each");
  auto records = metadata::create_partitions(image, asked.name, asked.count, assignments_of(asked),
                                             placement_now(admin, creating.start));
  if (records && creating.message.validate_only) return metadata::Records{};
  return records;
}

void answer(Creating& creating, const Outcomes& results) {
  Response response;
  for (size_t i = 0; i < creating.named.first.size(); i++) {
    auto& told = response.results.emplace_back();
    told.name = creating.topic(i).name;
    if (!results[i]) {
      told.error_code = wire_code(results[i].error().code);
      told.error_message = results[i].error().message;
    }
    protocol::encode_ahead<Response>(response.results, creating.answer.version);
  }
  creating.reply.send_pieces(creating.answer.pieces_of(response, response.results));
}

// How many partitions the request adds, as the metadata is now; what it names wrongly adds none.
int64_t partitions_added(const metadata::Image& image, const Creating& creating) {
  int64_t added = 0;
  for (size_t i = 0; i < creating.named.first.size(); i++)
    if (const metadata::Topic* topic = image.topic(creating.topic(i).name))
      added += std::max<int64_t>(0, creating.topic(i).count - static_cast<int64_t>(topic->partitions.size()));
  return added;
}

void create_partitions(AdminContext& admin, const Request& request, RequestMessage message, Reply reply) {
  auto creating = std::make_shared<Creating>(
      Creating{answer_to(request), std::move(reply), std::move(message), {}, admin.world.random.next()});
  const auto& topics = creating->message.topics;
  creating->named = named_once(topics.size(), [&](size_t i) { return std::string_view(topics[i].name); });
  if (auto few = check_changes(creating->named.first.size(), partitions_added(admin.metadata.image(), *creating)); !few)
    return answer(*creating, Outcomes::all(few));
  submit_all(
      admin, creating->named.first.size(),
      [&admin, creating](size_t i, const metadata::Image& image) { return change(admin, *creating, i, image); },
      [creating](const Outcomes& results) { answer(*creating, results); });
}

}  // namespace

extern constinit const ServedApi create_partitions_api = served<create_partitions>();

}  // namespace bobbin::broker
