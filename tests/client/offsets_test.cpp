// Offsets: which questions go to leaders, and which are answered by reading (early_times.h).
#include "client/admin/offsets.h"

#include "client/answering.h"
#include "protocol/messages/list_offsets.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using namespace bobbin::protocol;
using fake::FakeCluster;

TEST_CASE("Offsets: leaders are asked for ends and for times since 1970, times before are looked for") {
  FakeCluster cluster;
  cluster.add_topic("t", 2);
  cluster.with([](FakeCluster& c) { c.append("t", 1, fake::make_batch({"v"})); });  // of a second after 1970
  auto session = open_session(cluster);
  Answering<ListOffsetsRequest, ListOffsetsResponse> listing(cluster,
                                                             [](const ListOffsetsRequest&) { return std::nullopt; });
  auto asked = [&](At query) {
    const size_t before = listing.requests().size();
    auto found = list_offsets(*session, "t", query, {PartitionId(1)});
    REQUIRE(found.ok());
    REQUIRE(found->size() == 1);
    CHECK(found->at(0).status.ok());
    std::set<int64_t> times;
    const auto requests = listing.requests();
    for (size_t i = before; i < requests.size(); i++)
      for (const auto& p : requests[i].topics.at(0).partitions) times.insert(p.timestamp);
    return std::pair(found->at(0).offset.value, times);
  };
  using Asked = std::pair<int64_t, std::set<int64_t>>;
  CHECK(asked(At::latest()) == Asked{1, {-1}});
  CHECK(asked(At::earliest()) == Asked{0, {-2}});
  CHECK(asked(at_time(Timestamp(0))) == Asked{0, {0}});
  for (int64_t early : {int64_t{-1}, int64_t{-2}, INT64_MIN}) {
    const Asked looked = asked(at_time(Timestamp(early)));
    CHECK(looked.first == 0);             // of a leader, -1 would be the end
    CHECK(*looked.second.begin() >= -2);  // ends, and no time that it has no word for
  }
}
