// Strong ids: numbers that the log and the cluster talk about, each a type of its own, so that an offset is
// never passed where a partition is meant. Widths are those of Kafka's protocol.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace bobbin {

template <class Tag, class Rep>
struct Id {
  using rep = Rep;
  Rep value{};

  constexpr Id() = default;
  constexpr explicit Id(Rep v) : value(v) {}
  auto operator<=>(const Id&) const = default;

  constexpr Id operator+(Rep n) const { return Id(static_cast<Rep>(value + n)); }
  constexpr Id operator-(Rep n) const { return Id(static_cast<Rep>(value - n)); }
  constexpr Rep operator-(Id other) const { return static_cast<Rep>(value - other.value); }
  constexpr Id& operator+=(Rep n) {
    value = static_cast<Rep>(value + n);
    return *this;
  }
};

using Offset = Id<struct OffsetTag, int64_t>;            // place of a record in its partition, from 0
using PartitionId = Id<struct PartitionTag, int32_t>;    // number of a partition in its topic, from 0
using BrokerId = Id<struct BrokerTag, int32_t>;          // number of a broker in its cluster, from 1
using LeaderEpoch = Id<struct LeaderEpochTag, int32_t>;  // one reign of one leader over one partition
using BrokerEpoch = Id<struct BrokerEpochTag, int64_t>;  // one life of a broker: the offset of its registration
using ProducerId = Id<struct ProducerIdTag, int64_t>;    // -1: none
using ProducerEpoch = Id<struct ProducerEpochTag, int16_t>;
using Sequence = Id<struct SequenceTag, int32_t>;    // wraps to 0 after 2147483647
using Timestamp = Id<struct TimestampTag, int64_t>;  // milliseconds since 1970, -1: none

template <class Tag, class Rep>
std::string to_string(Id<Tag, Rep> id) {
  return std::to_string(id.value);
}

inline constexpr Offset offset_none{-1};
inline constexpr BrokerId broker_none{-1};
inline constexpr LeaderEpoch leader_epoch_none{-1};
inline constexpr ProducerId producer_id_none{-1};
inline constexpr Timestamp timestamp_none{-1};

// 128 bits, as Kafka names topics, directories and clusters. Zero means none.
struct Uuid {
  std::array<unsigned char, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
  bool is_zero() const { return *this == Uuid{}; }
};

// A topic's id: a deleted topic and a new one of the same name differ by it.
using TopicId = Uuid;

}  // namespace bobbin

template <class Tag, class Rep>
struct std::hash<bobbin::Id<Tag, Rep>> {
  size_t operator()(bobbin::Id<Tag, Rep> id) const noexcept { return std::hash<Rep>()(id.value); }
};

template <>
struct std::hash<bobbin::Uuid> {
  size_t operator()(const bobbin::Uuid& id) const noexcept {
    size_t h = 0;
    for (size_t i = 0; i < 8; i++) h = h << 8 | id.bytes[i];
    return h;
  }
};
