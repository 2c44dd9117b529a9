#include "client/producer/refusal.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::client;
using Answer = protocol::ProduceResponse::PartitionProduceResponse;

namespace {

Answer answer(Errc code, const std::optional<std::string>& message = std::nullopt) {
  Answer told;
  told.error_code = static_cast<int16_t>(code);
  told.error_message = message;
  return told;
}

std::string sentence(const Answer& told) { return refusal_of(told, "t-0").error.message; }

}  // namespace

TEST_CASE("Refusal: it names the partition, says what the broker said, and what can be done") {
  CHECK(refusal_of(answer(Errc::invalid_record, "no key"), "t-0").code == Errc::invalid_record);
  CHECK(sentence(answer(Errc::invalid_record, "no key")) ==
        "t-0: no key: the topic does not take such records (a compacted topic needs keys)");
  CHECK(sentence(answer(Errc::topic_authorization_failed)) == "t-0: you may not do this");
  CHECK_THAT(sentence(answer(Errc::out_of_order_sequence_number)),
             Catch::EndsWith(": the broker has lost records that it had acknowledged, or another producer uses this "
                             "one's id"));
}

TEST_CASE("Refusal: what a broker said of a time is not said twice") {
  CHECK(sentence(answer(Errc::invalid_timestamp, "two days in the future")) == "t-0: two days in the future");
  CHECK_THAT(sentence(answer(Errc::invalid_timestamp)), Catch::Contains("message.timestamp.before.max.ms"));
}

TEST_CASE("Refusal: the first record of which something else is told is named") {
  Answer told = answer(Errc::invalid_record, "bad");
  told.record_errors.push_back({0, std::nullopt});
  told.record_errors.push_back({1, "bad"});
  told.record_errors.push_back({2, "no key"});
  told.record_errors.push_back({3, "too old"});
  CHECK_THAT(sentence(told), Catch::EndsWith(" (record 2 of its batch: no key)"));
}

TEST_CASE("Refusal: damage on the leader's disk is no refusal that passes") {
  Answer told = answer(Errc::kafka_storage_error, "a FIFO");
  told.is_damaged = true;
  Refusal refusal = refusal_of(told, "t-0");
  CHECK(refusal.code == Errc::damaged);
  CHECK(refusal.error.code == Errc::damaged);
  CHECK(refusal.error.message == "t-0: a FIFO");
}

TEST_CASE("Refusal: only who may not write, or is fenced, is refused everywhere") {
  for (Errc code : {Errc::invalid_producer_epoch, Errc::producer_fenced, Errc::topic_authorization_failed,
                    Errc::cluster_authorization_failed})
    CHECK(is_fatal_to_all(code));
  for (Errc code : {Errc::none, Errc::damaged, Errc::invalid_record, Errc::message_too_large, Errc::no_answer})
    CHECK_FALSE(is_fatal_to_all(code));
}
