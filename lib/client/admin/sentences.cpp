#include "client/admin/sentences.h"

#include "base/text.h"

namespace bobbin::client {

namespace {

std::string_view sentence(Errc code) {
  switch (code) {
    case Errc::unknown_topic_or_partition:
    case Errc::unknown_topic_id:
      return "is not there";
    case Errc::topic_already_exists:
      return "exists already";
    case Errc::invalid_topic_exception:
      return "cannot be a topic's name: 1 to 249 of letters, digits, '.', '_' and '-'";
    case Errc::invalid_partitions:
      return "the number of partitions is not possible";
    case Errc::invalid_replication_factor:
      return "that many replicas are not possible with these brokers";
    case Errc::leader_not_available:
      return "has no leader now";
    case Errc::offset_not_available:
      return "where it ends is not known now: its leader has just begun, or fewer brokers are in sync than "
             "min.insync.replicas";
    case Errc::not_leader_or_follower:
      return "is led by another broker by now";
    case Errc::preferred_leader_not_available:
      return "its preferred leader is not running, or not in sync";
    case Errc::topic_authorization_failed:
    case Errc::cluster_authorization_failed:
    case Errc::group_authorization_failed:
      return "you may not do this";
    case Errc::not_enough_replicas:
    case Errc::not_enough_replicas_after_append:
      return "too few replicas are in sync (min.insync.replicas)";
    case Errc::message_too_large:
    case Errc::record_list_too_large:
      return "a batch is larger than the topic's max.message.bytes";
    case Errc::kafka_storage_error:
      return "the broker's disk does not work; `bobbin broker logs` says more";
    case Errc::request_timed_out:
      return "the brokers did not finish in time";
    case Errc::offset_out_of_range:
      return "the offset lies outside the log";
    case Errc::corrupt_message:
      return "is damaged, on its way or on the broker's disk; `bobbin broker logs` names the file";
    case Errc::policy_violation:
      return "the cluster's policy forbids it";
    case Errc::group_id_not_found:
      return "is not there";
    case Errc::non_empty_group:
      return "has members; stop them first";
    case Errc::group_subscribed_to_topic:
      return "members of the group read this topic; stop them first";
    case Errc::invalid_group_id:
      return "cannot be a group's name";
    default:
      return "";
  }
}

}  // namespace

Error kafka_error(int16_t code, const std::optional<std::string>& message, const std::string& what) {
  auto errc = errc_from_wire(code);
  std::string said = message && !message->empty() ? escaped_for_line(*message) : std::string(sentence(errc));
  if (said.empty()) return error(errc, what + ": the cluster says " + std::string(name(errc)));
  return error(errc, what + ": " + said);
}

}  // namespace bobbin::client
