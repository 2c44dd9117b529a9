#include <catch2/catch.hpp>
#include <filesystem>

#include "bobbin/internal/convert.h"

using namespace bobbin::api;
using bobbin::Errc;

TEST_CASE("library: its codes are Kafka's") {
  auto same = [](Code ours, Errc theirs) { return static_cast<int>(ours) == static_cast<int>(theirs); };
  CHECK(same(Code::none, Errc::none));
  CHECK(same(Code::unknown_server_error, Errc::unknown_server_error));
  CHECK(same(Code::offset_out_of_range, Errc::offset_out_of_range));
  CHECK(same(Code::corrupt_message, Errc::corrupt_message));
  CHECK(same(Code::unknown_topic_or_partition, Errc::unknown_topic_or_partition));
  CHECK(same(Code::leader_not_available, Errc::leader_not_available));
  CHECK(same(Code::not_leader_or_follower, Errc::not_leader_or_follower));
  CHECK(same(Code::request_timed_out, Errc::request_timed_out));
  CHECK(same(Code::message_too_large, Errc::message_too_large));
  CHECK(same(Code::network_exception, Errc::network_exception));
  CHECK(same(Code::invalid_topic_exception, Errc::invalid_topic_exception));
  CHECK(same(Code::record_list_too_large, Errc::record_list_too_large));
  CHECK(same(Code::not_enough_replicas, Errc::not_enough_replicas));
  CHECK(same(Code::not_enough_replicas_after_append, Errc::not_enough_replicas_after_append));
  CHECK(same(Code::topic_authorization_failed, Errc::topic_authorization_failed));
  CHECK(same(Code::cluster_authorization_failed, Errc::cluster_authorization_failed));
  CHECK(same(Code::invalid_timestamp, Errc::invalid_timestamp));
  CHECK(same(Code::unsupported_version, Errc::unsupported_version));
  CHECK(same(Code::topic_already_exists, Errc::topic_already_exists));
  CHECK(same(Code::invalid_partitions, Errc::invalid_partitions));
  CHECK(same(Code::invalid_replication_factor, Errc::invalid_replication_factor));
  CHECK(same(Code::invalid_config, Errc::invalid_config));
  CHECK(same(Code::invalid_request, Errc::invalid_request));
  CHECK(same(Code::policy_violation, Errc::policy_violation));
  CHECK(same(Code::out_of_order_sequence_number, Errc::out_of_order_sequence_number));
  CHECK(same(Code::invalid_producer_epoch, Errc::invalid_producer_epoch));
  CHECK(same(Code::kafka_storage_error, Errc::kafka_storage_error));
  CHECK(same(Code::invalid_record, Errc::invalid_record));
  CHECK(same(Code::producer_fenced, Errc::producer_fenced));
  CHECK(same(Code::unknown_topic_id, Errc::unknown_topic_id));
  CHECK(same(Code::inconsistent_topic_id, Errc::inconsistent_topic_id));
  CHECK(same(Code::usage, Errc::usage));
  CHECK(same(Code::io_error, Errc::io_error));
  CHECK(same(Code::disk_full, Errc::disk_full));
  CHECK(same(Code::quota_exceeded, Errc::quota_exceeded));
  CHECK(same(Code::file_too_large, Errc::file_too_large));
  CHECK(same(Code::read_only, Errc::read_only));
  CHECK(same(Code::misplaced, Errc::misplaced));
  CHECK(same(Code::not_found, Errc::not_found));
  CHECK(same(Code::damaged, Errc::damaged));
  CHECK(same(Code::no_answer, Errc::no_answer));
  CHECK(same(Code::disconnected, Errc::disconnected));
  CHECK(same(Code::malformed, Errc::malformed));
  CHECK(same(Code::stopped, Errc::stopped));
  CHECK(same(Code::busy, Errc::busy));
  CHECK(same(Code::interrupted, Errc::interrupted));
  CHECK(name(Code::message_too_large) == "MESSAGE_TOO_LARGE");
  CHECK(name(Code::no_answer) == "no_answer");
  CHECK(name(static_cast<Code>(132)) == "STREAMS_TOPOLOGY_FENCED");
  CHECK(name(static_cast<Code>(999)) == "UNKNOWN");
}

TEST_CASE("library: an error says whether it may pass, and always says something") {
  auto told = [](Errc code) { return internal::public_error(bobbin::error(code)); };
  CHECK(told(Errc::not_leader_or_follower).may_pass);
  CHECK(told(Errc::no_answer).may_pass);
  CHECK(told(Errc::disk_full).may_pass);
  CHECK_FALSE(told(Errc::message_too_large).may_pass);
  CHECK_FALSE(told(Errc::damaged).may_pass);
  CHECK_FALSE(told(Errc::stopped).may_pass);
  CHECK_FALSE(told(Errc::usage).may_pass);
  CHECK(told(Errc::no_answer).message == "no_answer");
  CHECK(internal::public_error(bobbin::error(Errc::usage, "no")).message == "no");
}

TEST_CASE("library: the program of the brokers is an executable file in an absolute folder of PATH") {
  CHECK(internal::find_program("sh", "/nowhere:/bin:/usr/bin") == "/bin/sh");
  CHECK(internal::find_program("sh", "") == "");
  CHECK(internal::find_program("sh", ":.:bin") == "");
  CHECK(internal::find_program("passwd", "/etc") == "");  // a file, but nothing to execute
  CHECK(internal::find_program("bin", "/usr") == "");     // a folder
  CHECK(internal::find_program("sh", "/nowhere::/bin") == "/bin/sh");
  // Not even one that lies there: `bin` is a folder of where we are.
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path("/");
  CHECK(internal::find_program("sh", "bin:./bin:../bin") == "");
  std::filesystem::current_path(before);
}
