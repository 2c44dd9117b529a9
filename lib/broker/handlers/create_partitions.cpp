// CreatePartitions 0 to 3. `count` is the new total.
#include "broker/handlers/handlers.h"
#include "metadata/changes.h"

namespace bobbin::broker {

void handle(Broker& broker, const Request& request, protocol::CreatePartitionsRequest message, Reply reply) {
  struct Pending {
    Answer answer;
    Reply reply;
    std::vector<std::string> names;
  };
  auto pending = std::make_shared<Pending>(Pending{answer_to(request), std::move(reply), {}});
  std::map<std::string, int> named;
  for (const auto& topic : message.topics) named[topic.name]++;

  std::vector<metadata::Change> changes;
  for (const auto& asked : message.topics) {
    pending->names.push_back(asked.name);
    std::vector<std::vector<BrokerId>> assignments;
    if (asked.assignments)
      for (const auto& a : *asked.assignments) {
        auto& replicas = assignments.emplace_back();
        for (int32_t b : a.broker_ids) replicas.push_back(BrokerId(b));
      }
    changes.push_back([name = asked.name, count = asked.count, assignments, twice = named[asked.name] > 1,
                       validate_only = message.validate_only,
                       placement = metadata::Placement{broker.live_brokers(), broker.world().random.next()}](
                          const metadata::Image& image) -> Result<metadata::Records> {
      if (twice) return error(Errc::invalid_request, "the topic is named twice in one request");
      auto records = metadata::create_partitions(image, name, count, assignments, placement);
      if (records && validate_only) return metadata::Records{};
      return records;
    });
  }
  submit_all(broker, std::move(changes), [pending](std::vector<Status> results) {
    protocol::CreatePartitionsResponse response;
    for (size_t i = 0; i < results.size(); i++) {
      auto& told = response.results.emplace_back();
      told.name = pending->names[i];
      if (results[i]) continue;
      told.error_code = wire_code(results[i].error().code);
      told.error_message = results[i].error().message;
    }
    pending->reply.send(pending->answer.frame(response));
  });
}

}  // namespace bobbin::broker
