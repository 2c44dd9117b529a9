// AlterPartitionReassignments 0 and 1: partitions begin to move to other brokers, or (replicas null) their moves are taken back. All
// of a request are one change of the metadata, which is answered when it is on the disk, whatever timeout_ms says; moves are done
// later, when who is added is in sync (metadata/reassignments.h). A partition that is named twice is answered once and left as it
// is. A topic that the request names several times is answered as often.
#include "protocol/messages/alter_partition_reassignments.h"
#include "broker/admin/submitting.h"
#include "broker/named_once.h"
#include "broker/requests.h"
#include "metadata/reassignments.h"

namespace bobbin::broker {

namespace {

using RequestMessage = protocol::AlterPartitionReassignmentsRequest;
using Response = protocol::AlterPartitionReassignmentsResponse;

struct Which {
  std::string_view topic;
  int32_t partition;
  const std::optional<std::vector<int32_t>>* replicas;
};

struct Altering {
  Answer answer;
  Reply reply;
  RequestMessage message;
  std::vector<Which> all_named = {};
  NamedOnce named = {};
  std::vector<Status> results = {};
};

int64_t ids_named(const RequestMessage& message) {
  int64_t count = 0;
  for (const auto& topic : message.topics)
    for (const auto& p : topic.partitions)
      if (p.replicas) count += static_cast<int64_t>(p.replicas->size());
  return count;
}

Result<metadata::Records> change(const Altering& altering, const metadata::Image& image, const Which& which) {
  const PartitionId partition(which.partition);
  if (!*which.replicas) return metadata::cancel_move(image, which.topic, partition);
  const auto& ids = **which.replicas;
  return metadata::begin_move(image, {.topic = which.topic,
                                      .partition = partition,
                                      .replicas = {ids.begin(), ids.end()},
                                      .may_change_count = altering.message.allow_replication_factor_change});
}

metadata::Records change(Altering& altering, const metadata::Image& image) {
  metadata::Records out;
  altering.results.clear();
  for (size_t i = 0; i < altering.named.first.size(); i++) {
    if (altering.named.repeated[i]) {
      altering.results.emplace_back(error(Errc::invalid_request, "the partition is named twice in one request"));
      continue;
    }
    auto records = change(altering, image, altering.all_named[altering.named.first[i]]);
    altering.results.push_back(records ? Status() : Status(records.error()));
    if (records) out.insert(out.end(), records->begin(), records->end());
  }
  return out;
}

void answer(Altering& altering, const Status& changed) {
  Response response;
  response.allow_replication_factor_change = altering.message.allow_replication_factor_change;
  if (!changed) {
    response.error_code = wire_code(changed.error().code);
    response.error_message = changed.error().message;
  }
  for (size_t i = 0; i < altering.named.first.size(); i++) {
    const Which& which = altering.all_named[altering.named.first[i]];
    if (response.responses.empty() || response.responses.back().name != which.topic) {
      protocol::encode_ahead<Response>(response.responses, altering.answer.version);
      response.responses.push_back({.name = std::string(which.topic), .partitions = {}});
    }
    auto& told = response.responses.back().partitions.emplace_back();
    told.partition_index = which.partition;
    const Status& result = changed ? altering.results[i] : changed;
    if (result) continue;
    told.error_code = wire_code(result.error().code);
    told.error_message = result.error().message;
  }
  altering.reply.send_pieces(altering.answer.pieces_of(response, response.responses));
}

void alter_partition_reassignments(AdminContext& admin, const Request& request, RequestMessage message, Reply reply) {
  auto altering = std::make_shared<Altering>(Altering{answer_to(request), std::move(reply), std::move(message)});
  for (const auto& topic : altering->message.topics)
    for (const auto& p : topic.partitions) altering->all_named.push_back({topic.name, p.partition_index, &p.replicas});
  const auto& named = altering->all_named;
  altering->named = named_once(named.size(), [&](size_t i) { return std::tie(named[i].topic, named[i].partition); });
  if (auto few = check_changes(altering->named.first.size(), ids_named(altering->message)); !few)
    return answer(*altering, few);
  submit_all(
      admin, 1, [altering](size_t, const metadata::Image& image) { return change(*altering, image); },
      [altering](const Outcomes& results) { answer(*altering, results[0]); });
}

}  // namespace

extern constinit const ServedApi alter_partition_reassignments_api = served<alter_partition_reassignments>();

}  // namespace bobbin::broker
