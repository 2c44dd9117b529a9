// The table of APIs, from which requests find their handlers and ApiVersions is answered.
#include "broker/apis.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::broker;
using protocol::ApiKey;

TEST_CASE("APIs: each stands once, in the order of the keys, and there are messages for what is advertised") {
  ServedApis apis = served_apis();
  REQUIRE(apis.size() == 33);
  CHECK(std::is_sorted(apis.begin(), apis.end(), [](const ServedApi& a, const ServedApi& b) { return a.key < b.key; }));
  CHECK(std::adjacent_find(apis.begin(), apis.end(),
                           [](const ServedApi& a, const ServedApi& b) { return a.key == b.key; }) == apis.end());
  for (const ServedApi& api : apis) {
    const protocol::Api* facts = protocol::find_api(api.key);
    REQUIRE(facts);
    CAPTURE(facts->name);
    CHECK(api.serve != nullptr);
    CHECK(api.advertised.last == facts->versions.last);
    // Old librdkafka asks for version 0 of Produce before it compresses.
    CHECK(api.advertised.first == (api.key == ApiKey::produce ? 0 : facts->versions.first));
  }
}
