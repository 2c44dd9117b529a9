// Kafka's errors as sentences: the cluster's own words first, then ours, then the code's name.
#include "client/admin/sentences.h"

#include <catch2/catch.hpp>

using namespace bobbin;
using namespace bobbin::client;

namespace {

std::string said(Errc code, const std::optional<std::string>& message = std::nullopt) {
  Error e = kafka_error(static_cast<int16_t>(code), message, "topic t");
  CHECK(e.code == code);
  return e.message;
}

}  // namespace

TEST_CASE("Sentences: what the cluster says is told, in one line and without what steers a terminal") {
  CHECK(said(Errc::policy_violation, "no more than 3") == "topic t: no more than 3");
  CHECK(said(Errc::topic_already_exists, "Topic 't' already exists.") == "topic t: Topic 't' already exists.");
  const std::string escaped = said(Errc::invalid_config, "red\x1b[31m\nsecond\rthird\x7f");
  for (char c : {'\x1b', '\n', '\r', '\x7f'}) CHECK(escaped.find(c) == std::string::npos);
  CHECK(escaped.starts_with("topic t: red"));
  CHECK(escaped.find("second") != std::string::npos);
}

TEST_CASE("Sentences: where it says nothing, or an empty text, there is a sentence of ours") {
  CHECK(said(Errc::unknown_topic_or_partition) == "topic t: is not there");
  CHECK(said(Errc::unknown_topic_id) == "topic t: is not there");
  CHECK(said(Errc::topic_already_exists, "") == "topic t: exists already");
  CHECK(said(Errc::leader_not_available) == "topic t: has no leader now");
  CHECK(said(Errc::cluster_authorization_failed) == "topic t: you may not do this");
  CHECK(said(Errc::group_authorization_failed) == said(Errc::topic_authorization_failed));
  CHECK(said(Errc::not_enough_replicas).find("min.insync.replicas") != std::string::npos);
  CHECK(said(Errc::not_enough_replicas_after_append) == said(Errc::not_enough_replicas));
  CHECK(said(Errc::message_too_large).find("max.message.bytes") != std::string::npos);
  CHECK(said(Errc::kafka_storage_error).find("bobbin broker logs") != std::string::npos);
}

TEST_CASE("Sentences: a code for which there are no words is told by its name") {
  CHECK(said(Errc::rebalance_in_progress) == "topic t: the cluster says REBALANCE_IN_PROGRESS");
  CHECK(said(Errc::invalid_config, "") == "topic t: the cluster says INVALID_CONFIG");
}

TEST_CASE("Sentences: a number that is no error of Kafka's is an unknown one, not one of ours") {
  for (int16_t code : {int16_t{-2}, int16_t{-1001}, int16_t{-32768}, static_cast<int16_t>(Errc::no_answer)}) {
    CAPTURE(code);
    Error e = kafka_error(code, std::nullopt, "broker 1");
    CHECK(e.code == Errc::unknown_server_error);
    CHECK(e.message == "broker 1: the cluster says UNKNOWN_SERVER_ERROR");
  }
}
