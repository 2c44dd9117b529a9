#include "broker/refusals.h"

namespace bobbin::broker {

namespace {

bool passes(Errc code) {
  if (is_write_refused(code)) return true;
  switch (code) {
    case Errc::io_error:
    case Errc::busy:
    case Errc::kafka_storage_error:
    case Errc::damaged:
    case Errc::misplaced:
    case Errc::not_leader_or_follower:
    case Errc::leader_not_available:
    case Errc::not_enough_replicas:
    case Errc::unknown_topic_or_partition:
    case Errc::unknown_topic_id:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Refusals::note(const Sender& sender, Sequence first, const Status& outcome) {
  if (outcome) {
    refused_.erase(sender);
  } else if (passes(outcome.error().code)) {
    refused_.try_emplace(sender, first);
    if (refused_.size() > refused_max) refused_.erase(refused_.begin());
  }
}

void Refusals::forget(transport::ConnectionId connection) {
  Sender from;
  from.connection = connection;
  from.partition = INT32_MIN;
  auto first = refused_.lower_bound(from);
  auto last = first;
  while (last != refused_.end() && last->first.connection == connection) ++last;
  refused_.erase(first, last);
}

}  // namespace bobbin::broker
