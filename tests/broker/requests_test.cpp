// Requests: the way of a frame to its handler. The handlers are those of this file: they answer what they were given.
#include "broker/requests.h"

#include "broker/data/named_partitions.h"
#include "broker/one_broker.h"
#include "broker/some_contexts.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/produce.h"

using namespace bobbin;
using namespace bobbin::broker;

namespace {

void answer_at_once(FactsContext&, const Request& r, protocol::ApiVersionsRequest, Reply reply) {
  reply.send(answer_to(r).frame(protocol::ApiVersionsResponse()));
}

// Answered by the next job.
template <class Response, class Context, class Message>
void answer_later(Context& context, const Request& r, Message, Reply reply) {
  auto kept = std::make_shared<Reply>(std::move(reply));
  context.world.jobs.submit([] {}, [kept, answer = answer_to(r)] { kept->send(answer.frame(Response())); });
}

// Answers the name it was given for each partition: whether it is there, and whether its log can be read now.
void answer_names(DataContext& data, const Request& r, protocol::ListOffsetsRequest message, Reply reply) {
  auto again = decode_again<protocol::ListOffsetsRequest>(r.body, r.version);  // the body is valid while it runs
  if (!again || *again != message) return reply.close();
  protocol::ListOffsetsResponse response;
  for (const auto& t : message.topics) {
    auto& told = response.topics.emplace_back();
    told.name = t.name;
    const metadata::Topic* topic = data.metadata.image().topic(t.name);
    const bool is_open = topic && data.replicas.opened().find_leading({topic->id, PartitionId(0)});
    told.partitions.push_back({0, static_cast<int16_t>(topic ? 0 : 3), -1, is_open ? 1 : 0, -1, {}});
  }
  reply.send(answer_to(r).frame(response));
}
Needs names_in(const DataContext& data, const protocol::ListOffsetsRequest& message, int16_t) {
  Needs needs;
  for (const auto& t : message.topics) add_need(needs, data, data.metadata.image().topic(t.name), 0);
  return needs;
}

constexpr ServedApi produce = served<answer_later<protocol::ProduceResponse, DataContext, protocol::ProduceRequest>>();
constexpr ServedApi list_offsets = served<answer_names, names_in>();
constexpr ServedApi api_versions = served<answer_at_once>({1, 3});
constexpr ServedApi create_topics =
    served<answer_later<protocol::CreateTopicsResponse, AdminContext, protocol::CreateTopicsRequest>>();
constexpr std::reference_wrapper<const ServedApi> served_here[] = {produce, list_offsets, api_versions, create_topics};

struct Asked : test::SomeContexts {
  explicit Asked(size_t memory_max = SIZE_MAX) : SomeContexts(served_here, memory_max) {}

  // As it comes, and goes when it was taken: who needs it longer has a copy.
  void take(ConnectionId id, std::string frame) {
    requests.take(id, frame);
    frame.assign(frame.size(), '\xff');
  }
  template <class Message>
  void ask(ConnectionId id, int16_t version, const Message& message) {
    take(id, protocol::encode_request(7, "test", version, message).substr(4));
  }
  void ask_names(ConnectionId id, const std::vector<std::string>& names) {
    protocol::ListOffsetsRequest request;
    for (const auto& name : names) request.topics.push_back({name, {{0, -1, -1}}});
    ask(id, 7, request);
  }
  // What was answered to a question of names, each as "name", "no name", or "closed name".
  std::vector<std::string> told(ConnectionId id) {
    std::vector<std::string> all;
    for (const std::string& frame : sent[id]) {
      Bytes body = Bytes(frame).substr(4);
      REQUIRE(protocol::decode_response_header(protocol::ApiKey::list_offsets, 7, body).ok());
      auto response = protocol::decode<protocol::ListOffsetsResponse>(body, 7);
      REQUIRE(response.ok());
      for (const auto& t : response->topics) {
        const auto& p = t.partitions.at(0);
        all.push_back((p.error_code ? "no " : p.offset ? "" : "closed ") + t.name);
      }
    }
    return all;
  }

  Requests requests{apis, contexts};
};

using Names = std::vector<std::string>;

protocol::CreateTopicsRequest topics_named(size_t count, size_t name_bytes) {
  protocol::CreateTopicsRequest request;
  for (size_t i = 0; i < count; i++) request.topics.emplace_back().name = std::string(name_bytes, 'n');
  return request;
}

}  // namespace

TEST_CASE(
    "Requests: what is of no API that is served, of no version or no sense closes its connection, nobody else's") {
  for (const std::string& frame :
       {std::string("\x77\x77\0\0\0\0\0\1\xff\xff", 10),          // of no API at all
        std::string("\0\x16\0\4\0\0\0\1\xff\xff\0\0\0\0\0", 15),  // InitProducerId, which is not in the list
        std::string("\0\0\0\1\0\0\0\1\xff\xff", 10),              // Produce of a version without messages
        std::string("\0\2\0\4\0\0\0\1\xff\xff\0\0\0\5", 14),      // a body that ends too early
        std::string("\0", 1), std::string()}) {
    Asked a;
    a.take(a.one, frame);
    CHECK(a.closed == std::set<ConnectionId>{a.one});
    CHECK(a.sent[a.one].empty());
    a.ask(a.two, 3, protocol::ApiVersionsRequest());
    CHECK(a.sent[a.two].size() == 1);
  }
}

TEST_CASE("Requests: before it is closed, what was asked before is answered") {
  Asked a;
  a.ask(a.one, 9, protocol::ProduceRequest());
  a.take(a.one, "");
  CHECK(a.closed.empty());
  a.w.jobs.run_all();
  CHECK(a.sent[a.one].size() == 1);
  CHECK(a.closed.contains(a.one));
}

TEST_CASE("Requests: ApiVersions of a version that is not served is told the range in version 0's layout") {
  Asked a;
  a.take(a.one, std::string("\0\x12\0\x63\0\0\0\x07\0\x01x\x00", 12));
  REQUIRE(a.sent[a.one].size() == 1);
  Bytes frame = Bytes(a.sent[a.one][0]).substr(4);
  CHECK(*protocol::decode_response_header(protocol::ApiKey::api_versions, 0, frame) == 7);
  auto told = protocol::decode<protocol::ApiVersionsResponse>(frame, 0);
  REQUIRE(told.ok());
  CHECK(told->error_code == static_cast<int16_t>(Errc::unsupported_version));
  REQUIRE(told->api_keys.size() == 1);
  CHECK(told->api_keys[0].api_key == 18);
  CHECK((told->api_keys[0].min_version == 1 && told->api_keys[0].max_version == 3));
  CHECK(a.closed.empty());
}

TEST_CASE("Requests: only Produce may be longer than 8 MiB, and the log tells what else was") {
  Asked a;
  const std::string records(9 << 20, 'r');
  protocol::ProduceRequest request;
  request.topic_data.push_back({"t", {}, {{0, records}}});
  a.ask(a.one, 9, request);
  a.w.jobs.run_all();
  CHECK(a.sent[a.one].size() == 1);
  a.ask(a.two, 7, topics_named(300, 32'000));
  CHECK(a.closed == std::set<ConnectionId>{a.two});
  REQUIRE(a.refused.size() == 1);
  CHECK(a.refused[0].starts_with("CreateTopics has 96"));
}

TEST_CASE("Requests: what is not answered at once holds back what is behind it, a Produce only as one of too many") {
  Asked a;
  a.ask(a.one, 3, protocol::ApiVersionsRequest());
  CHECK_FALSE(a.connections.is_held(a.one));
  a.ask(a.one, 9, protocol::ProduceRequest());
  CHECK_FALSE(a.connections.is_held(a.one));
  a.ask(a.one, 7, topics_named(1, 1));
  CHECK(a.connections.is_held(a.one));
  a.w.jobs.run_all();
  CHECK_FALSE(a.connections.is_held(a.one));
  for (int i = 0; i < 999; i++) a.ask(a.one, 9, protocol::ProduceRequest());
  CHECK_FALSE(a.connections.is_held(a.one));
  a.ask(a.one, 9, protocol::ProduceRequest());
  CHECK(a.connections.is_held(a.one));
}

TEST_CASE("Requests: until it is answered a request holds its bytes and what it names, and a Produce not its records") {
  Asked a;
  auto request = topics_named(10, 100);
  const size_t body_bytes = protocol::encode_request(7, "test", 7, request).size();
  a.ask(a.one, 7, request);
  CHECK(a.budget.used() > 10 * 256 + 10 * 100);
  CHECK(a.budget.used() < 20 * 256 + body_bytes);
  a.w.jobs.run_all();
  CHECK(a.budget.used() == 0);
  const std::string records(1 << 20, 'r');
  protocol::ProduceRequest produce_of_many;
  produce_of_many.topic_data.push_back({"t", {}, {{0, records}}});
  a.ask(a.one, 9, produce_of_many);
  CHECK(a.budget.used() > 0);
  CHECK(a.budget.used() < 4096);
  a.w.jobs.run_all();
  CHECK(a.budget.used() == 0);
}

TEST_CASE("Requests: one that finds no memory is not handled, and comes again when there is room") {
  Asked a(100'000);
  auto held = a.budget.take(90'000);
  a.ask(a.one, 7, topics_named(100, 100));
  CHECK(a.w.jobs.count() == 0);  // its handler would have submitted one
  CHECK(a.connections.is_held(a.one));
  CHECK(a.connections.unanswered(a.one) == 0);
  a.memory.let_in();
  CHECK_FALSE(a.connections.next_kept_frame());
  held.resize(0);
  a.memory.let_in();
  auto again = a.connections.next_kept_frame();
  REQUIRE(again);
  a.take(again->first, again->second);
  a.w.jobs.run_all();
  CHECK(a.sent[a.one].size() == 1);
  CHECK(a.closed.empty());
}

TEST_CASE("Requests: what it names is looked for in the metadata once more, and what comes to light is opened") {
  Asked a;
  a.create_elsewhere("new");
  a.ask_names(a.one, {"new", "nowhere"});
  CHECK(a.connections.is_away(a.one));
  CHECK(a.told(a.one).empty());
  CHECK(a.topic("new") == nullptr);
  a.w.jobs.run_all();
  CHECK(a.told(a.one) == Names{"new", "no nowhere"});
  CHECK_FALSE(a.connections.is_away(a.one));
  CHECK(a.budget.used() == 0);
}

TEST_CASE("Requests: who needs a closed log waits for the job that opens it, and nobody waits along") {
  Asked a;
  for (const char* name : {"t", "u"}) a.create(name);
  a.open_log(a.topic("u"), 0);
  a.ask_names(a.one, {"t", "u"});
  CHECK(a.connections.is_away(a.one));
  const uint64_t looks = a.w.storage.calls(test::Call::list);
  a.ask_names(a.two, {"u"});
  CHECK(a.told(a.two) == Names{"u"});
  CHECK(a.told(a.one).empty());
  a.w.jobs.run_all();
  CHECK(a.told(a.one) == Names{"t", "u"});
  CHECK_FALSE(a.connections.is_away(a.one));
  CHECK(a.w.storage.calls(test::Call::list) - looks <= 1);  // of the log's folder, not of the metadata's
}

TEST_CASE("Requests: a client that goes while its request waits leaves nothing behind") {
  Asked a;
  a.create("t");
  a.ask_names(a.one, {"nowhere", "t"});
  CHECK(a.budget.used() > 0);
  a.connections.gone(a.one);
  a.w.jobs.run_all();
  CHECK(a.sent[a.one].empty());
  CHECK(a.closed.empty());
  CHECK(a.budget.used() == 0);
}

TEST_CASE("Requests: what follows one that is not answered yet on its connection is handled after it") {
  test::OneBroker b;
  auto id = b.connect();
  protocol::CreateTopicsRequest create;
  create.topics.emplace_back().name = "t";
  create.topics[0].num_partitions = 1;
  create.topics[0].replication_factor = 1;
  const std::string batch = test::batch_of({"a"});
  b.ask(id, 7, create);
  b.ask(id, 9, b.produce_request("t", batch));  // would find no topic
  b.ask(id, 12, b.fetch_request("t", 0, 0));
  CHECK(b.waiting(id) == 0);
  b.settle();
  REQUIRE(b.waiting(id) == 3);
  CHECK(b.answer<protocol::CreateTopicsResponse>(id, 7)->topics[0].error_code == 0);
  CHECK(b.answer<protocol::ProduceResponse>(id, 9)->responses[0].partition_responses[0].base_offset == 0);
  CHECK(b.answer<protocol::FetchResponse>(id, 12)->responses[0].partitions[0].error_code == 0);
}
