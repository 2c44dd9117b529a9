#include "client/consumer/batch_checks.h"

#include <catch2/catch.hpp>

#include "client/fake_broker.h"

using namespace bobbin;
using namespace bobbin::client;
using fake::make_batch;

TEST_CASE("BatchChecks: what no checksum covers is said with the partition and the offset") {
  const BatchChecks checks("t-7", 1000);
  const std::string good = make_batch({"a", "b"}, 5);
  auto said = [&](std::string bytes) {
    Status status = checks.check_shape(bytes, Offset(5));
    return status ? "" : std::string(name(status.error().code)) + " " + status.error().message;
  };
  CHECK(said(good).empty());
  CHECK(said(good.substr(0, good.size() - 1)).empty());  // the rest of it may come
  CHECK(said(good + "anything").empty());

  std::string other = good;
  other[record::magic_at] = 1;
  CHECK(said(other) ==
        std::string(name(Errc::unsupported_for_message_format)) +
            " t-7: the batch at offset 5 is of Kafka 0.10 or older (message format 1) and cannot be read");
  other = good;
  store_be(other.data() + 8, int32_t{-1});
  CHECK(said(other) ==
        std::string(name(Errc::damaged)) + " t-7: the batch at offset 5 is damaged (its length cannot be)");
  other = good;
  store_be(other.data() + 8, int32_t{1001 - 12});
  CHECK(said(other) == std::string(name(Errc::message_too_large)) +
                           " t-7: the batch at offset 5 has 1001 bytes; at most 1000 are taken");
  other = good;
  store_be(other.data() + 23, int32_t{-1});
  CHECK(said(other) ==
        std::string(name(Errc::damaged)) + " t-7: the batch at offset 5 is damaged (its offsets cannot be)");
}
