// Times before 1970, for which requests have no word: they are found by reading.
#include "client/admin/early_times.h"

#include "client/admin/offsets.h"
#include "client/answering.h"
#include "protocol/messages/list_offsets.h"
#include "record/batch_builder.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;

namespace {

using Listing = Answering<ListOffsetsRequest, ListOffsetsResponse>;

// A topic of one partition whose records have these times. Its leader finds times from 1970 on as Kafka does.
struct Early {
  explicit Early(const std::vector<int64_t>& record_times) : times(record_times) {
    cluster.add_topic("t", 1);
    for (int64_t time : times) {
      record::BatchBuilder builder;
      builder.add(Timestamp(time), std::nullopt, "v");
      auto batch = builder.seal({});
      REQUIRE(batch.ok());
      cluster.with([&](FakeCluster& c) { c.append("t", 0, *batch); });
    }
  }
  std::optional<ListOffsetsResponse> answer(const ListOffsetsRequest& request) const {
    const int64_t at = request.topics.at(0).partitions.at(0).timestamp;
    if (at < 0) return std::nullopt;  // an end
    ListOffsetsResponse response;
    response.topics.push_back({"t", {{0, 0, -1, -1, -1, std::nullopt}}});
    for (size_t i = 0; i < times.size(); i++)
      if (times[i] >= at) {
        response.topics[0].partitions[0].offset = static_cast<int64_t>(i);
        response.topics[0].partitions[0].timestamp = times[i];
        break;
      }
    return response;
  }
  // Offset and time of what is found; -1 for neither.
  std::pair<int64_t, int64_t> find(int64_t at) {
    Listing listing(cluster, [this](const ListOffsetsRequest& request) { return answer(request); });
    auto found = list_offsets(*open_session(cluster), "t", at_time(Timestamp(at)));
    REQUIRE(found.ok());
    REQUIRE(found->size() == 1);
    REQUIRE(found->front().status.ok());
    for (const auto& request : listing.requests())
      for (const auto& p : request.topics.at(0).partitions) CHECK(p.timestamp >= -2);  // none that a broker refuses
    return {found->front().offset.value, found->front().timestamp.value};
  }
  std::vector<int64_t> times;
  FakeCluster cluster;
};

using Found = std::pair<int64_t, int64_t>;

}  // namespace

TEST_CASE("Early times: the first record that is not older is found, before and after 1970") {
  Early log({-5000, -3000, -4000, 10, 20});
  CHECK(log.find(INT64_MIN) == Found{0, -5000});
  CHECK(log.find(-5000) == Found{0, -5000});
  CHECK(log.find(-4999) == Found{1, -3000});
  CHECK(log.find(-3000) == Found{1, -3000});
  CHECK(log.find(-2999) == Found{3, 10});
  CHECK(log.find(-2) == Found{3, 10});
}

TEST_CASE("Early times: a record without a time has the time -1") {
  Early log({-7000, -1, 30});
  CHECK(log.find(-6999) == Found{1, -1});
  CHECK(log.find(-1) == Found{1, -1});
}

TEST_CASE("Early times: a log that ends before 1970 is read to its end, one without records has no answer") {
  Early log({-5000, -3000});
  CHECK(log.find(-3000) == Found{1, -3000});
  CHECK(log.find(-2999) == Found{-1, -1});
  Early empty({});
  CHECK(empty.find(-5000) == Found{-1, -1});
}

TEST_CASE("Early times: what a leader refuses is told of its partition, and a missing topic as such") {
  Early log({-5000});
  const auto code = static_cast<int16_t>(Errc::topic_authorization_failed);
  log.cluster.set_script([&](const fake::Seen& seen) -> fake::Plan {
    if (seen.key != ApiKey::list_offsets) return {};
    return {fake::Fault::error_before, code};
  });
  auto session = open_session(log.cluster);
  auto refused = list_offsets_before_1970(*session, "t", Timestamp(-5000), {});
  REQUIRE(refused.ok());
  CHECK(refused->at(0).status.error().code == Errc::topic_authorization_failed);
  CHECK(list_offsets_before_1970(*session, "missing", Timestamp(-5000), {}).error().code ==
        Errc::unknown_topic_or_partition);
}
