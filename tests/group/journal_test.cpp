#include "group/journal.h"

#include <catch2/catch.hpp>

namespace bobbin::group {
namespace {

TEST_CASE("Journal: what a log refuses is told to members as Kafka's coordinator tells it") {
  // They try again.
  for (Errc of_log : {Errc::unknown_topic_or_partition, Errc::not_enough_replicas,
                      Errc::not_enough_replicas_after_append, Errc::request_timed_out})
    CHECK(coordinator_error(of_log) == Errc::coordinator_not_available);
  // They find out who coordinates now.
  for (Errc of_log : {Errc::not_leader_or_follower, Errc::kafka_storage_error})
    CHECK(coordinator_error(of_log) == Errc::not_coordinator);
  for (Errc of_log : {Errc::message_too_large, Errc::record_list_too_large, Errc::invalid_fetch_size})
    CHECK(coordinator_error(of_log) == Errc::unknown_server_error);
}

TEST_CASE("Journal: an error that is none of Kafka's does not leave the broker") {
  CHECK(coordinator_error(Errc::io_error) == Errc::coordinator_not_available);
  CHECK(coordinator_error(Errc::disk_full) == Errc::coordinator_not_available);
  CHECK(coordinator_error(Errc::invalid_request) == Errc::invalid_request);
}

}  // namespace
}  // namespace bobbin::group
