// The parts that the bytes of a group's members are made of: the oldest forms of Kafka's protocol, without compact lengths and
// tags. Of this folder alone.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "assignor/topic_partitions.h"
#include "base/bytes.h"
#include "base/check.h"

namespace bobbin::assignor::wire {

// Reads from the front. Once something is wrong it stays at the end, and all that it gives is 0 and empty.
class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }

  template <std::integral T>
  T number() {
    Bytes bytes = take(sizeof(T));
    return failed_ ? T{0} : load_be<T>(bytes.data());
  }
  // How many elements come, each of at least so many bytes: no more than the bytes that are left can hold.
  size_t count(size_t element_bytes_min) {
    auto count = number<int32_t>();
    if (count < 0 || static_cast<size_t>(count) > rest_.size() / element_bytes_min) fail();
    return failed_ ? 0 : static_cast<size_t>(count);
  }
  std::string string() {
    auto bytes = number<int16_t>();
    if (bytes < 0) fail();
    return std::string(failed_ ? Bytes() : take(static_cast<size_t>(bytes)));
  }
  // A negative length is null.
  template <std::signed_integral Length>
  std::optional<std::string> nullable() {
    auto bytes = number<Length>();
    if (failed_ || bytes < 0) return std::nullopt;
    return std::string(take(static_cast<size_t>(bytes)));
  }
  std::vector<std::string> strings() {
    std::vector<std::string> all(count(2));
    for (std::string& each : all) each = string();
    return all;
  }
  std::vector<TopicPartitions> topic_partitions() {
    std::vector<TopicPartitions> all(count(6));
    for (TopicPartitions& each : all) {
      each.topic = string();
      each.partitions.resize(count(4));
      for (PartitionId& partition : each.partitions) partition = PartitionId(number<int32_t>());
    }
    return all;
  }

 private:
  Bytes take(size_t bytes) {
    if (bytes > rest_.size()) fail();
    Bytes taken = rest_.substr(0, failed_ ? 0 : bytes);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  void fail() {
    failed_ = true;
    rest_ = {};
  }

  Bytes rest_;
  bool failed_ = false;
};

template <std::signed_integral Length>
void put_length(std::string& to, size_t length) {
  check(length <= static_cast<size_t>(std::numeric_limits<Length>::max()), "a length that its field can hold");
  append_be(to, static_cast<Length>(length));
}
inline void put_string(std::string& to, const std::string& text) {
  put_length<int16_t>(to, text.size());
  to += text;
}
template <std::signed_integral Length>
void put_nullable(std::string& to, const std::optional<std::string>& text) {
  if (!text) return append_be(to, Length{-1});
  put_length<Length>(to, text->size());
  to += *text;
}
inline void put_topic_partitions(std::string& to, const std::vector<TopicPartitions>& all) {
  put_length<int32_t>(to, all.size());
  for (const TopicPartitions& each : all) {
    put_string(to, each.topic);
    put_length<int32_t>(to, each.partitions.size());
    for (PartitionId partition : each.partitions) append_be(to, partition.value);
  }
}

}  // namespace bobbin::assignor::wire
