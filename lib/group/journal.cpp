#include "group/journal.h"

namespace bobbin::group {

Errc coordinator_error(Errc of_log) {
  switch (of_log) {
    case Errc::unknown_topic_or_partition:
    case Errc::not_enough_replicas:
    case Errc::not_enough_replicas_after_append:
    case Errc::request_timed_out:
      return Errc::coordinator_not_available;
    case Errc::not_leader_or_follower:
    case Errc::kafka_storage_error:
      return Errc::not_coordinator;
    case Errc::message_too_large:
    case Errc::record_list_too_large:
    case Errc::invalid_fetch_size:
      return Errc::unknown_server_error;
    default:
      return of_log > Errc::unknown_server_error ? of_log : Errc::coordinator_not_available;
  }
}

}  // namespace bobbin::group
