#include "base/errc.h"

namespace bobbin {

namespace {
struct Row {
  Errc code;
  std::string_view name;
  bool retriable;
  bool refreshes;
};

constexpr Row rows[] = {
    {Errc::unknown_server_error, "UNKNOWN_SERVER_ERROR", false, false},
    {Errc::none, "NONE", false, false},
    {Errc::offset_out_of_range, "OFFSET_OUT_OF_RANGE", false, false},
    {Errc::corrupt_message, "CORRUPT_MESSAGE", true, false},
    {Errc::unknown_topic_or_partition, "UNKNOWN_TOPIC_OR_PARTITION", true, true},
    {Errc::invalid_fetch_size, "INVALID_FETCH_SIZE", false, false},
    {Errc::leader_not_available, "LEADER_NOT_AVAILABLE", true, true},
    {Errc::not_leader_or_follower, "NOT_LEADER_OR_FOLLOWER", true, true},
    {Errc::request_timed_out, "REQUEST_TIMED_OUT", true, false},
    {Errc::broker_not_available, "BROKER_NOT_AVAILABLE", false, false},
    {Errc::replica_not_available, "REPLICA_NOT_AVAILABLE", true, true},
    {Errc::message_too_large, "MESSAGE_TOO_LARGE", false, false},
    {Errc::stale_controller_epoch, "STALE_CONTROLLER_EPOCH", false, false},
    {Errc::offset_metadata_too_large, "OFFSET_METADATA_TOO_LARGE", false, false},
    {Errc::network_exception, "NETWORK_EXCEPTION", true, true},
    {Errc::coordinator_load_in_progress, "COORDINATOR_LOAD_IN_PROGRESS", true, false},
    {Errc::coordinator_not_available, "COORDINATOR_NOT_AVAILABLE", true, false},
    {Errc::not_coordinator, "NOT_COORDINATOR", true, false},
    {Errc::invalid_topic_exception, "INVALID_TOPIC_EXCEPTION", false, false},
    {Errc::record_list_too_large, "RECORD_LIST_TOO_LARGE", false, false},
    {Errc::not_enough_replicas, "NOT_ENOUGH_REPLICAS", true, false},
    {Errc::not_enough_replicas_after_append, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", true, false},
    {Errc::invalid_required_acks, "INVALID_REQUIRED_ACKS", false, false},
    {Errc::illegal_generation, "ILLEGAL_GENERATION", false, false},
    {Errc::inconsistent_group_protocol, "INCONSISTENT_GROUP_PROTOCOL", false, false},
    {Errc::invalid_group_id, "INVALID_GROUP_ID", false, false},
    {Errc::unknown_member_id, "UNKNOWN_MEMBER_ID", false, false},
    {Errc::invalid_session_timeout, "INVALID_SESSION_TIMEOUT", false, false},
    {Errc::rebalance_in_progress, "REBALANCE_IN_PROGRESS", false, false},
    {Errc::invalid_commit_offset_size, "INVALID_COMMIT_OFFSET_SIZE", false, false},
    {Errc::topic_authorization_failed, "TOPIC_AUTHORIZATION_FAILED", false, false},
    {Errc::group_authorization_failed, "GROUP_AUTHORIZATION_FAILED", false, false},
    {Errc::cluster_authorization_failed, "CLUSTER_AUTHORIZATION_FAILED", false, false},
    {Errc::invalid_timestamp, "INVALID_TIMESTAMP", false, false},
    {Errc::unsupported_sasl_mechanism, "UNSUPPORTED_SASL_MECHANISM", false, false},
    {Errc::illegal_sasl_state, "ILLEGAL_SASL_STATE", false, false},
    {Errc::unsupported_version, "UNSUPPORTED_VERSION", false, false},
    {Errc::topic_already_exists, "TOPIC_ALREADY_EXISTS", false, false},
    {Errc::invalid_partitions, "INVALID_PARTITIONS", false, false},
    {Errc::invalid_replication_factor, "INVALID_REPLICATION_FACTOR", false, false},
    {Errc::invalid_replica_assignment, "INVALID_REPLICA_ASSIGNMENT", false, false},
    {Errc::invalid_config, "INVALID_CONFIG", false, false},
    {Errc::not_controller, "NOT_CONTROLLER", true, false},
    {Errc::invalid_request, "INVALID_REQUEST", false, false},
    {Errc::unsupported_for_message_format, "UNSUPPORTED_FOR_MESSAGE_FORMAT", false, false},
    {Errc::policy_violation, "POLICY_VIOLATION", false, false},
    {Errc::out_of_order_sequence_number, "OUT_OF_ORDER_SEQUENCE_NUMBER", false, false},
    {Errc::duplicate_sequence_number, "DUPLICATE_SEQUENCE_NUMBER", false, false},
    {Errc::invalid_producer_epoch, "INVALID_PRODUCER_EPOCH", false, false},
    {Errc::invalid_txn_state, "INVALID_TXN_STATE", false, false},
    {Errc::invalid_producer_id_mapping, "INVALID_PRODUCER_ID_MAPPING", false, false},
    {Errc::invalid_transaction_timeout, "INVALID_TRANSACTION_TIMEOUT", false, false},
    {Errc::concurrent_transactions, "CONCURRENT_TRANSACTIONS", true, false},
    {Errc::transaction_coordinator_fenced, "TRANSACTION_COORDINATOR_FENCED", false, false},
    {Errc::transactional_id_authorization_failed, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", false, false},
    {Errc::security_disabled, "SECURITY_DISABLED", false, false},
    {Errc::operation_not_attempted, "OPERATION_NOT_ATTEMPTED", false, false},
    {Errc::kafka_storage_error, "KAFKA_STORAGE_ERROR", true, true},
    {Errc::log_dir_not_found, "LOG_DIR_NOT_FOUND", false, false},
    {Errc::sasl_authentication_failed, "SASL_AUTHENTICATION_FAILED", false, false},
    {Errc::unknown_producer_id, "UNKNOWN_PRODUCER_ID", false, false},
    {Errc::reassignment_in_progress, "REASSIGNMENT_IN_PROGRESS", false, false},
    {Errc::delegation_token_auth_disabled, "DELEGATION_TOKEN_AUTH_DISABLED", false, false},
    {Errc::delegation_token_not_found, "DELEGATION_TOKEN_NOT_FOUND", false, false},
    {Errc::delegation_token_owner_mismatch, "DELEGATION_TOKEN_OWNER_MISMATCH", false, false},
    {Errc::delegation_token_request_not_allowed, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", false, false},
    {Errc::delegation_token_authorization_failed, "DELEGATION_TOKEN_AUTHORIZATION_FAILED", false, false},
    {Errc::delegation_token_expired, "DELEGATION_TOKEN_EXPIRED", false, false},
    {Errc::invalid_principal_type, "INVALID_PRINCIPAL_TYPE", false, false},
    {Errc::non_empty_group, "NON_EMPTY_GROUP", false, false},
    {Errc::group_id_not_found, "GROUP_ID_NOT_FOUND", false, false},
    {Errc::fetch_session_id_not_found, "FETCH_SESSION_ID_NOT_FOUND", true, false},
    {Errc::invalid_fetch_session_epoch, "INVALID_FETCH_SESSION_EPOCH", true, false},
    {Errc::listener_not_found, "LISTENER_NOT_FOUND", true, true},
    {Errc::topic_deletion_disabled, "TOPIC_DELETION_DISABLED", false, false},
    {Errc::fenced_leader_epoch, "FENCED_LEADER_EPOCH", true, true},
    {Errc::unknown_leader_epoch, "UNKNOWN_LEADER_EPOCH", true, false},
    {Errc::unsupported_compression_type, "UNSUPPORTED_COMPRESSION_TYPE", false, false},
    {Errc::stale_broker_epoch, "STALE_BROKER_EPOCH", false, false},
    {Errc::offset_not_available, "OFFSET_NOT_AVAILABLE", true, false},
    {Errc::member_id_required, "MEMBER_ID_REQUIRED", false, false},
    {Errc::preferred_leader_not_available, "PREFERRED_LEADER_NOT_AVAILABLE", true, true},
    {Errc::group_max_size_reached, "GROUP_MAX_SIZE_REACHED", false, false},
    {Errc::fenced_instance_id, "FENCED_INSTANCE_ID", false, false},
    {Errc::eligible_leaders_not_available, "ELIGIBLE_LEADERS_NOT_AVAILABLE", true, true},
    {Errc::election_not_needed, "ELECTION_NOT_NEEDED", true, true},
    {Errc::no_reassignment_in_progress, "NO_REASSIGNMENT_IN_PROGRESS", false, false},
    {Errc::group_subscribed_to_topic, "GROUP_SUBSCRIBED_TO_TOPIC", false, false},
    {Errc::invalid_record, "INVALID_RECORD", false, false},
    {Errc::unstable_offset_commit, "UNSTABLE_OFFSET_COMMIT", true, false},
    {Errc::throttling_quota_exceeded, "THROTTLING_QUOTA_EXCEEDED", true, false},
    {Errc::producer_fenced, "PRODUCER_FENCED", false, false},
    {Errc::resource_not_found, "RESOURCE_NOT_FOUND", false, false},
    {Errc::duplicate_resource, "DUPLICATE_RESOURCE", false, false},
    {Errc::unacceptable_credential, "UNACCEPTABLE_CREDENTIAL", false, false},
    {Errc::inconsistent_voter_set, "INCONSISTENT_VOTER_SET", false, false},
    {Errc::invalid_update_version, "INVALID_UPDATE_VERSION", false, false},
    {Errc::feature_update_failed, "FEATURE_UPDATE_FAILED", false, false},
    {Errc::principal_deserialization_failure, "PRINCIPAL_DESERIALIZATION_FAILURE", false, false},
    {Errc::snapshot_not_found, "SNAPSHOT_NOT_FOUND", false, false},
    {Errc::position_out_of_range, "POSITION_OUT_OF_RANGE", false, false},
    {Errc::unknown_topic_id, "UNKNOWN_TOPIC_ID", true, true},
    {Errc::duplicate_broker_registration, "DUPLICATE_BROKER_REGISTRATION", false, false},
    {Errc::broker_id_not_registered, "BROKER_ID_NOT_REGISTERED", false, false},
    {Errc::inconsistent_topic_id, "INCONSISTENT_TOPIC_ID", true, true},
    {Errc::inconsistent_cluster_id, "INCONSISTENT_CLUSTER_ID", false, false},
    {Errc::transactional_id_not_found, "TRANSACTIONAL_ID_NOT_FOUND", false, false},
    {Errc::fetch_session_topic_id_error, "FETCH_SESSION_TOPIC_ID_ERROR", true, false},
    {Errc::ineligible_replica, "INELIGIBLE_REPLICA", false, false},
    {Errc::new_leader_elected, "NEW_LEADER_ELECTED", false, false},
    {Errc::offset_moved_to_tiered_storage, "OFFSET_MOVED_TO_TIERED_STORAGE", false, false},
    {Errc::fenced_member_epoch, "FENCED_MEMBER_EPOCH", false, false},
    {Errc::unreleased_instance_id, "UNRELEASED_INSTANCE_ID", false, false},
    {Errc::unsupported_assignor, "UNSUPPORTED_ASSIGNOR", false, false},
    {Errc::stale_member_epoch, "STALE_MEMBER_EPOCH", false, false},
    {Errc::mismatched_endpoint_type, "MISMATCHED_ENDPOINT_TYPE", false, false},
    {Errc::unsupported_endpoint_type, "UNSUPPORTED_ENDPOINT_TYPE", false, false},
    {Errc::unknown_controller_id, "UNKNOWN_CONTROLLER_ID", false, false},
    {Errc::unknown_subscription_id, "UNKNOWN_SUBSCRIPTION_ID", false, false},
    {Errc::telemetry_too_large, "TELEMETRY_TOO_LARGE", false, false},
    {Errc::invalid_registration, "INVALID_REGISTRATION", false, false},
    {Errc::transaction_abortable, "TRANSACTION_ABORTABLE", false, false},
    {Errc::invalid_record_state, "INVALID_RECORD_STATE", false, false},
    {Errc::share_session_not_found, "SHARE_SESSION_NOT_FOUND", true, false},
    {Errc::invalid_share_session_epoch, "INVALID_SHARE_SESSION_EPOCH", true, false},
    {Errc::fenced_state_epoch, "FENCED_STATE_EPOCH", false, false},
    {Errc::invalid_voter_key, "INVALID_VOTER_KEY", false, false},
    {Errc::duplicate_voter, "DUPLICATE_VOTER", false, false},
    {Errc::voter_not_found, "VOTER_NOT_FOUND", false, false},
    {Errc::invalid_regular_expression, "INVALID_REGULAR_EXPRESSION", false, false},
    {Errc::rebootstrap_required, "REBOOTSTRAP_REQUIRED", false, false},
    {Errc::streams_invalid_topology, "STREAMS_INVALID_TOPOLOGY", false, false},
    {Errc::streams_invalid_topology_epoch, "STREAMS_INVALID_TOPOLOGY_EPOCH", false, false},
    {Errc::streams_topology_fenced, "STREAMS_TOPOLOGY_FENCED", false, false},
    {Errc::share_session_limit_reached, "SHARE_SESSION_LIMIT_REACHED", true, false},
    {Errc::usage, "usage", false, false},
    {Errc::io_error, "io_error", false, false},
    {Errc::disk_full, "disk_full", false, false},
    {Errc::not_found, "not_found", false, false},
    {Errc::damaged, "damaged", false, false},
    {Errc::no_answer, "no_answer", false, false},
    {Errc::disconnected, "disconnected", false, false},
    {Errc::malformed, "malformed", false, false},
    {Errc::stopped, "stopped", false, false},
    {Errc::busy, "busy", false, false},
    {Errc::interrupted, "interrupted", false, false},
    {Errc::permission_denied, "permission_denied", false, false},
    {Errc::quota_exceeded, "quota_exceeded", false, false},
    {Errc::file_too_large, "file_too_large", false, false},
    {Errc::read_only, "read_only", false, false},
    {Errc::not_in_memory, "not_in_memory", false, false},
    {Errc::misplaced, "misplaced", false, false},
};

const Row* find(Errc code) {
  for (const Row& row : rows)
    if (row.code == code) return &row;
  return nullptr;
}
}  // namespace

Errc errc_from_wire(int16_t code) {
  return code < static_cast<int16_t>(Errc::unknown_server_error) ? Errc::unknown_server_error : static_cast<Errc>(code);
}

std::string_view name(Errc code) {
  const Row* row = find(code);
  return row ? row->name : "UNKNOWN";
}

bool is_write_refused(Errc code) {
  return code == Errc::disk_full || code == Errc::quota_exceeded || code == Errc::file_too_large ||
         code == Errc::read_only || code == Errc::permission_denied;
}

bool is_retriable(Errc code) {
  const Row* row = find(code);
  return row && row->retriable;
}

bool refreshes_metadata(Errc code) {
  const Row* row = find(code);
  return row && row->refreshes;
}

}  // namespace bobbin
