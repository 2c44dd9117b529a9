// UnregisterBroker: a broker that runs, or keeps something, is not forgotten.
#include "protocol/messages/unregister_broker.h"

#include "broker/one_broker.h"
#include "metadata/broker_changes.h"

using namespace bobbin;
using namespace bobbin::test;
using protocol::UnregisterBrokerRequest;
using protocol::UnregisterBrokerResponse;

TEST_CASE("UnregisterBroker: one that does not run and keeps nothing is forgotten") {
  OneBroker b;
  metadata::Transactions transactions{b.world.world, b.dir, {[](const metadata::Delta&) {}}};
  transactions.catch_up();
  transactions.submit(
      [](const metadata::Image& image) {
        return metadata::register_broker(image, {BrokerId(2), {}, {}, {}});
      },
      [](Result<Offset> done) { REQUIRE(done.ok()); });
  while (b.world.jobs.count() > 0) b.world.jobs.run();
  b.broker->on_metadata_changed();
  b.settle();
  REQUIRE(b.broker->image().broker(BrokerId(2)));
  auto ask = [&](int32_t id) {
    UnregisterBrokerRequest request;
    request.broker_id = id;
    return static_cast<Errc>(b.call<UnregisterBrokerResponse>(0, request).error_code);
  };
  CHECK(ask(1) == Errc::invalid_request);  // it runs
  CHECK(b.broker->image().broker(BrokerId(1)));
  CHECK(ask(9) == Errc::broker_id_not_registered);
  CHECK(ask(2) == Errc::none);
  CHECK_FALSE(b.broker->image().broker(BrokerId(2)));
}
