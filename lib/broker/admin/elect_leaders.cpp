// ElectLeaders 0 to 2, of preferred leaders (0), and of any where nobody leads (1), be it one that lacks records. All
// elections of a request are one change of the metadata, which is answered when it is on the disk, whatever timeout_ms
// says. A partition that is named twice is answered once and left as it is. Of a request for all (null) those
// partitions are not told of that need no election, as in Kafka.
#include "protocol/messages/elect_leaders.h"
#include "broker/admin/submitting.h"
#include "broker/named_once.h"
#include "broker/requests.h"
#include "metadata/elections.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::ElectLeadersRequest;
using Response = protocol::ElectLeadersResponse;

constexpr int8_t of_preferred = 0, of_any = 1;

struct Which {
  std::string_view topic;
  int32_t partition;
};

struct Electing {
  Answer answer;
  Reply reply;
  RequestMessage message;
  std::vector<Which> all_named = {};
  NamedOnce named = {};
  std::vector<Response::ReplicaElectionResult> results = {};

  bool for_all() const { return !message.topic_partitions; }
};

void tell(Electing& electing, const Which& which, const Status& status) {
  if (electing.for_all() && !status && status.error().code == Errc::election_not_needed) return;
  auto& results = electing.results;
  if (results.empty() || results.back().topic != which.topic)
    results.push_back({.topic = std::string(which.topic), .partition_result = {}});
  auto& told = results.back().partition_result.emplace_back();
  told.partition_id = which.partition;
  if (status) return;
  told.error_code = wire_code(status.error().code);
  told.error_message = status.error().message;
}

void elect(Electing& electing, const metadata::Image& image, const Which& which, metadata::Records& out) {
  const PartitionId partition(which.partition);
  auto elected = electing.message.election_type == of_preferred
                     ? metadata::elect_preferred_leader(image, which.topic, partition)
                     : metadata::elect_any_leader(image, which.topic, partition);
  tell(electing, which, elected ? Status() : Status(elected.error()));
  if (elected) out.emplace_back(std::move(*elected));
}

metadata::Records change(Electing& electing, const metadata::Image& image) {
  metadata::Records out;
  electing.results.clear();
  for (size_t i = 0; i < electing.named.first.size(); i++) {
    const Which& which = electing.all_named[electing.named.first[i]];
    if (!electing.named.repeated[i]) elect(electing, image, which, out);
    else tell(electing, which, error(Errc::invalid_request, "the partition is named twice in one request"));
  }
  if (!electing.for_all()) return out;
  for (const auto& [name, topic] : image.topics())
    for (size_t i = 0; i < topic.partitions.size(); i++) elect(electing, image, {name, static_cast<int32_t>(i)}, out);
  return out;
}

// Version 0 has no error for the whole.
void refuse(Electing& electing, const Error& why) {
  if (electing.for_all() && electing.answer.version == 0) return electing.reply.refuse(why);
  Response response;
  response.error_code = wire_code(why.code);
  electing.results.clear();
  for (size_t first : electing.named.first) tell(electing, electing.all_named[first], why);
  response.replica_election_results = std::move(electing.results);
  electing.reply.send(electing.answer.frame(response));
}

void answer(Electing& electing, const Status& changed) {
  if (!changed) return refuse(electing, changed.error());
  Response response;
  response.replica_election_results = std::move(electing.results);
  electing.reply.send(electing.answer.frame(response));
}

void elect_leaders(AdminContext& admin, const Request& request, RequestMessage message, Reply reply) {
  auto electing = std::make_shared<Electing>(Electing{answer_to(request), std::move(reply), std::move(message)});
  if (!electing->for_all())
    for (const auto& topic : *electing->message.topic_partitions)
      for (int32_t partition : topic.partitions) electing->all_named.push_back({topic.topic, partition});
  const auto& named = electing->all_named;
  electing->named = named_once(named.size(), [&](size_t i) { return std::tie(named[i].topic, named[i].partition); });
  const int8_t type = electing->message.election_type;
  if (type != of_preferred && type != of_any)
    return refuse(*electing, error(Errc::invalid_request, "there is no election of type " + std::to_string(type)));
  if (auto few = check_changes(electing->named.first.size()); !few) return refuse(*electing, few.error());
  submit_all(
      admin, 1, [electing](size_t, const metadata::Image& image) { return change(*electing, image); },
      [electing](const Outcomes& results) { answer(*electing, results[0]); });
}

}  // namespace

extern constinit const ServedApi elect_leaders_api = served<elect_leaders>();

}  // namespace bobbin::broker
