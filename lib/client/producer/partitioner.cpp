#include "client/producer/partitioner.h"

#include <array>

#include "base/check.h"

namespace bobbin::client {

namespace {

struct Name {
  PartitionerKind kind;
  std::string_view text;
};
constexpr std::array<Name, 5> names{{{PartitionerKind::murmur2, "murmur2"},
                                     {PartitionerKind::crc32, "crc32"},
                                     {PartitionerKind::sticky, "sticky"},
                                     {PartitionerKind::round_robin, "round-robin"},
                                     {PartitionerKind::random, "random"}}};

uint32_t load_le32(const char* at) {
  uint32_t v;
  std::memcpy(&v, at, sizeof v);
  if constexpr (std::endian::native == std::endian::big) v = __builtin_bswap32(v);
  return v;
}

constexpr std::array<uint32_t, 256> crc32_table = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; bit++) c = (c & 1) ? 0xedb88320u ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  return table;
}();

}  // namespace

std::optional<PartitionerKind> parse_partitioner(std::string_view text) {
  for (const auto& n : names)
    if (n.text == text) return n.kind;
  return std::nullopt;
}

std::string_view to_string(PartitionerKind kind) {
  for (const auto& n : names)
    if (n.kind == kind) return n.text;
  return "?";
}

uint32_t murmur2(Bytes key) {
  constexpr uint32_t m = 0x5bd1e995;
  constexpr int r = 24;
  uint32_t h = 0x9747b28cu ^ static_cast<uint32_t>(key.size());
  size_t words = key.size() / 4;
  for (size_t i = 0; i < words; i++) {
    uint32_t k = load_le32(key.data() + i * 4);
    k *= m;
    k ^= k >> r;
    k *= m;
    h *= m;
    h ^= k;
  }
  Bytes tail = key.substr(words * 4);
  if (!tail.empty()) {
    for (size_t i = tail.size(); i-- > 0;) h ^= static_cast<uint32_t>(static_cast<unsigned char>(tail[i])) << (8 * i);
    h *= m;
  }
  h ^= h >> 13;
  h *= m;
  h ^= h >> 15;
  return h;
}

uint32_t crc32(Bytes key) {
  uint32_t c = 0xffffffffu;
  for (char byte : key) c = crc32_table[(c ^ static_cast<unsigned char>(byte)) & 0xff] ^ (c >> 8);
  return ~c;
}

Partitioner::Partitioner(PartitionerKind kind, int32_t partitions, uint64_t seed, size_t sticky_bytes)
    : kind_(kind), partitions_(partitions), state_(seed | 1), sticky_bytes_(sticky_bytes) {
  check(partitions > 0, "a topic has a partition");
}

PartitionId Partitioner::choose(std::optional<Bytes> key, size_t bytes) {
  if (partitions_ == 1) return PartitionId(0);
  auto count = static_cast<uint32_t>(partitions_);
  auto at_random = [&] { return PartitionId(static_cast<int32_t>(random() % count)); };
  switch (kind_) {
    case PartitionerKind::murmur2:
      if (!key) return sticky(bytes);
      return PartitionId(static_cast<int32_t>((murmur2(*key) & 0x7fffffffu) % count));
    case PartitionerKind::crc32:
      if (!key || key->empty()) return at_random();
      return PartitionId(static_cast<int32_t>(crc32(*key) % count));
    case PartitionerKind::sticky:
      return sticky(bytes);
    case PartitionerKind::round_robin:
      current_ = (current_ + 1) % partitions_;
      return PartitionId(current_);
    case PartitionerKind::random:
      return at_random();
  }
  return PartitionId(0);
}

// Another one than the last: with two partitions a random choice would often stay where it is.
PartitionId Partitioner::sticky(size_t bytes) {
  if (current_ < 0) {
    current_ = static_cast<int32_t>(random() % static_cast<uint32_t>(partitions_));
  } else if (current_bytes_ >= sticky_bytes_) {
    auto step = 1 + static_cast<int32_t>(random() % static_cast<uint32_t>(partitions_ - 1));
    current_ = (current_ + step) % partitions_;
    current_bytes_ = 0;
  }
  current_bytes_ += bytes;
  return PartitionId(current_);
}

// xorshift64*: good enough to spread records.
uint64_t Partitioner::random() {
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  return (state_ * 0x2545f4914f6cdd1dull) >> 16;
}

}  // namespace bobbin::client
