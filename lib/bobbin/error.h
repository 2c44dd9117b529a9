// What the library answers with: a value or an Error. Nothing here throws, and no function of the library lets an
// exception out that it raised itself (memory that cannot be had is std::bad_alloc, as everywhere).
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace bobbin::api {

// Kafka's error codes under Kafka's numbers, and below -1000 the library's own, which never travel on a wire. Those that
// callers decide by have names here; a cluster may answer with any other number of Kafka's: name() knows all of them.
enum class Code : int16_t {
  unknown_server_error = -1,
  none = 0,
  offset_out_of_range = 1,
  corrupt_message = 2,
  unknown_topic_or_partition = 3,
  leader_not_available = 5,
  not_leader_or_follower = 6,
  request_timed_out = 7,
  message_too_large = 10,
  network_exception = 13,
  invalid_topic_exception = 17,
  record_list_too_large = 18,
  not_enough_replicas = 19,
  not_enough_replicas_after_append = 20,
  topic_authorization_failed = 29,
  cluster_authorization_failed = 31,
  invalid_timestamp = 32,
  unsupported_version = 35,
  topic_already_exists = 36,
  invalid_partitions = 37,
  invalid_replication_factor = 38,
  invalid_config = 40,
  invalid_request = 42,
  policy_violation = 44,
  out_of_order_sequence_number = 45,
  invalid_producer_epoch = 47,
  kafka_storage_error = 56,
  invalid_record = 87,
  producer_fenced = 90,
  unknown_topic_id = 100,
  inconsistent_topic_id = 103,

  usage = -1001,     // no cluster could accept it: an option, a number, a name
  io_error = -1002,  // the operating system said no; the message holds its words
  disk_full = -1003,
  not_found = -1004,     // no such file or directory
  damaged = -1005,       // bytes that were once good are not
  no_answer = -1006,     // nobody answered in time
  disconnected = -1007,  // the other end went away
  malformed = -1008,     // bytes that do not parse
  stopped = -1009,       // the cluster was ordered to stop
  busy = -1010,          // somebody else holds it
  interrupted = -1011,
  permission_denied = -1012,  // somebody else's file, socket or process
  quota_exceeded = -1013,     // of the disk, for this user
  file_too_large = -1014,     // for a limit of the process or the file system
  read_only = -1015,          // the file system
  misplaced = -1017,          // a FIFO, a socket, a link ... lies where a file or a folder belongs
};

// Kafka's name in capitals ("MESSAGE_TOO_LARGE"), or ours in small letters; "UNKNOWN" for a number nobody knows.
std::string_view name(Code code);

struct [[nodiscard]] Error {
  Code code = Code::unknown_server_error;
  std::string message;    // a sentence for a person: what failed, where, and what to do next; no newline at its end
  bool may_pass = false;  // the same call may succeed later without anybody changing it
};

// A value or an Error. Asking for the one that is not there ends the process (std::abort).
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return *check(std::get_if<0>(&held_)); }
  const T& value() const& { return *check(std::get_if<0>(&held_)); }
  T&& value() && { return std::move(*check(std::get_if<0>(&held_))); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const { return *check(std::get_if<1>(&held_)); }

 private:
  template <class P>
  static P* check(P* held) {
    if (!held) std::abort();
    return held;
  }
  std::variant<T, Error> held_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    if (!error_) std::abort();
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace bobbin::api
