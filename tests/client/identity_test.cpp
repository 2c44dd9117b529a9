#include "client/producer/identity.h"

#include "client/answering.h"
#include "protocol/messages/init_producer_id.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;

namespace {

using Giving = Answering<InitProducerIdRequest, InitProducerIdResponse>;

InitProducerIdResponse given(Errc code, int64_t id = -1, int16_t epoch = -1) {
  InitProducerIdResponse response;
  response.error_code = static_cast<int16_t>(code);
  response.producer_id = id;
  response.producer_epoch = epoch;
  return response;
}

}  // namespace

TEST_CASE("Identity: it is what the cluster gives, asked for again while that passes") {
  FakeCluster cluster;
  int times = 0;
  Giving giving(cluster, [&](const InitProducerIdRequest&) {
    return std::optional(times++ < 2 ? given(Errc::coordinator_load_in_progress) : given(Errc::none, 4711, 3));
  });
  auto identity = acquire_identity(*open_session(cluster));
  REQUIRE(identity.ok());
  CHECK(identity->id == ProducerId(4711));
  CHECK(identity->epoch == ProducerEpoch(3));
  CHECK(giving.requests().size() == 3);
}

TEST_CASE("Identity: what cannot be one, or is refused, is told") {
  FakeCluster cluster;
  auto session = open_session(cluster);
  for (auto [id, epoch] : {std::pair<int64_t, int16_t>{-1, 0}, {5, -1}}) {
    Giving giving(cluster, given(Errc::none, id, epoch));
    auto identity = acquire_identity(*session);
    REQUIRE_FALSE(identity.ok());
    CHECK(identity.error().code == Errc::malformed);
    CHECK(identity.error().message == "the cluster gives a producer id that cannot be (" + std::to_string(id) + ")");
  }
  Giving giving(cluster, given(Errc::cluster_authorization_failed));
  auto refused = acquire_identity(*session);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message == "a producer id: you may not do this");
}

TEST_CASE("Identity: a cluster that is never ready is given up after the time-out") {
  FakeCluster cluster;
  Giving giving(cluster, given(Errc::coordinator_load_in_progress));
  auto session = open_session(cluster);
  session->set_timeout_ms(100);
  auto identity = acquire_identity(*session);
  REQUIRE_FALSE(identity.ok());
  CHECK(identity.error().code == Errc::no_answer);
}
