// Slots: how one broker shows the state of its partitions in shared memory. The broker is the only writer; clients map
// the same words read-only. Nobody waits for anybody: a writer never looks at its readers, a reader tries a bounded
// number of times and otherwise asks the broker, and either may be killed between any two of its steps.
//
//   a slot, in 64-bit words                             a table
//   +--------------------------------+ 0                +---------+   +--------+--------+--------+-- - -
//   | identity: topic (2 words),     |                  | claimed |   | slot 0 | slot 1 | slot 2 |
//   |   partition, generation        |                  +---------+   +--------+--------+--------+-- - -
//   | retired          0, then 1     | 32               slots from 0 to `claimed` are there; there are never fewer,
//   | published        groups so far | 40               and none is used for a second identity
//   | copy 0: Words words            | 48
//   | copy 1: Words words            |
//   +--------------------------------+ a multiple of 64: two slots share no cache line
//
// The words that belong together are a group. Group number n is written into copy n % 2 while readers use the other one;
// then `published` becomes n. Zeros, which new memory is, are a table without slots and slots without a group.
//
// Memory is reached through a policy, `Atomics`: StdAtomics here, a checker of all interleavings in tests/metadata. That
// checker finds a violation for each order below that is made weaker.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include "base/check.h"
#include "base/id.h"

namespace bobbin::region {

template <class A>
concept AtomicWords = requires(const uint64_t& seen, uint64_t& own, uint64_t value, std::memory_order order) {
  { A::load(seen, order) } -> std::same_as<uint64_t>;
  { A::store(own, value, order) } -> std::same_as<void>;
};

// Words between processes. A word that is never torn by a plain instruction needs no lock, so a load does not write, and
// the mapping may be read-only.
struct StdAtomics {
  static_assert(std::atomic_ref<uint64_t>::is_always_lock_free);

  static uint64_t load(const uint64_t& word, std::memory_order order) {
    return std::atomic_ref<uint64_t>(const_cast<uint64_t&>(word)).load(order);
  }
  static void store(uint64_t& word, uint64_t value, std::memory_order order) {
    std::atomic_ref<uint64_t>(word).store(value, order);
  }
};

// What a reader gets whole, or not at all. The units are those of whoever gives the words a meaning.
template <size_t Words>
using Group = std::array<uint64_t, Words>;

template <size_t Words>
struct PublishedGroup {
  uint64_t published;  // number of the last group, from 1; 0: none yet. Its low bit is the copy that holds it.
  uint64_t copies[2][Words];
};

// For the one writer. Whoever reads the group sees everything that was stored before this call.
template <AtomicWords Atomics, size_t Words>
void publish(PublishedGroup<Words>& to, const Group<Words>& group) {
  // Relaxed: nobody else stores into it.
  const uint64_t number = Atomics::load(to.published, std::memory_order::relaxed) + 1;
  for (size_t i = 0; i < Words; i++) {
    // Partner: the loads of words in read(). Who meets a word of this group while reading the one before the last, which
    // was in the same copy, also sees that the last was published, and discards what it read.
    Atomics::store(to.copies[number % 2][i], group[i], std::memory_order::release);
  }
  // Partner: the first load of `published` in read().
  Atomics::store(to.published, number, std::memory_order::release);
}

// A try takes tens of nanoseconds and fails only when a group was published during it.
inline constexpr int slot_tries_max = 8;

// The last group, or one that was the last during this call; never an older one than this thread got before. nullopt:
// nothing is published yet, or `tries_max` times the writer was faster: ask the broker instead.
template <AtomicWords Atomics, size_t Words>
std::optional<Group<Words>> read(const PublishedGroup<Words>& from, int tries_max = slot_tries_max) {
  for (int tries = 0; tries < tries_max; tries++) {
    // Partner: the store of `published` in publish(). The group, and what was stored before it, is visible.
    const uint64_t number = Atomics::load(from.published, std::memory_order::acquire);
    if (number == 0) return std::nullopt;
    Group<Words> group;
    for (size_t i = 0; i < Words; i++) {
      // Partner: the stores of words in publish().
      group[i] = Atomics::load(from.copies[number % 2][i], std::memory_order::acquire);
    }
    // Relaxed: the loads of the words keep it behind them, and nothing is read on the strength of it.
    if (Atomics::load(from.published, std::memory_order::relaxed) == number) return group;
  }
  return std::nullopt;
}

// Whose slot it is. `generation` tells slots of the same partition apart: a partition that comes back gets a new slot
// with another one.
struct SlotIdentity {
  uint64_t topic[2];   // the bytes of the TopicId, as they lie in memory
  uint64_t partition;  // PartitionId
  uint64_t generation;

  static SlotIdentity of(const TopicId& topic, PartitionId partition, uint64_t generation) {
    const auto words = std::bit_cast<std::array<uint64_t, 2>>(topic.bytes);
    return {{words[0], words[1]}, static_cast<uint64_t>(partition.value), generation};
  }
  bool operator==(const SlotIdentity&) const = default;
};

template <size_t Words>
struct alignas(64) Slot {
  SlotIdentity identity;  // written before `claimed` covers the slot, then never again
  uint64_t retired;       // 1: its owner has given it up, for ever
  PublishedGroup<Words> group;
};

static_assert(std::is_trivially_copyable_v<Slot<5>> && std::is_standard_layout_v<Slot<5>>);
static_assert(sizeof(SlotIdentity) == 32);
static_assert(offsetof(SlotIdentity, partition) == 16 && offsetof(SlotIdentity, generation) == 24);
static_assert(offsetof(PublishedGroup<5>, copies) == 8 && sizeof(PublishedGroup<5>) == 88);
static_assert(offsetof(Slot<5>, retired) == 32 && offsetof(Slot<5>, group) == 40);
static_assert(sizeof(Slot<5>) == 128 && alignof(Slot<5>) == 64);

// The writing side of a table, for one thread of one process at a time. The memory must outlive it. A successor in the
// same memory may go on where a writer was killed, once it holds the lock that the kernel took from the dead.
template <AtomicWords Atomics, size_t Words>
class SlotWriter {
 public:
  // `slots` are those that are reserved; with more of them, make a new writer over the same beginning.
  // Relaxed: the count is the writer's own, or a predecessor's, whose end came before.
  SlotWriter(uint64_t& claimed, std::span<Slot<Words>> slots)
      : claimed_(claimed), slots_(slots), count_(Atomics::load(claimed, std::memory_order::relaxed)) {
    check(count_ <= slots_.size(), "fewer slots than were claimed");
  }

  // The number of the new slot, from 0, which has no group yet. nullopt: all are used, reserve more.
  std::optional<uint64_t> claim(const SlotIdentity& identity) {
    if (count_ == slots_.size()) return std::nullopt;
    SlotIdentity& to = slots_[count_].identity;
    // Relaxed: covered by the count. What a writer left here that was killed before the count is overwritten.
    for (size_t i = 0; i < 2; i++) Atomics::store(to.topic[i], identity.topic[i], std::memory_order::relaxed);
    Atomics::store(to.partition, identity.partition, std::memory_order::relaxed);
    Atomics::store(to.generation, identity.generation, std::memory_order::relaxed);
    // Partner: the load of `claimed` in SlotReader::identity().
    Atomics::store(claimed_, count_ + 1, std::memory_order::release);
    return count_++;
  }

  // As region::publish(). The slot is claimed and not retired.
  void publish(uint64_t slot, const Group<Words>& group) { region::publish<Atomics>(live(slot).group, group); }

  // The slot is claimed and not retired. Who sees it retired sees everything that was stored before, such as the slot
  // that takes its place.
  void retire(uint64_t slot) {
    // Partner: the load of `retired` in SlotReader::read().
    Atomics::store(live(slot).retired, 1, std::memory_order::release);
  }

 private:
  Slot<Words>& live(uint64_t slot) {
    check(slot < count_, "a slot is claimed before it is used");
    // Relaxed: nobody else stores into it.
    check(Atomics::load(slots_[slot].retired, std::memory_order::relaxed) == 0, "a retired slot stays as it is");
    return slots_[slot];
  }

  uint64_t& claimed_;
  std::span<Slot<Words>> slots_;
  uint64_t count_;
};

// The reading side of a table, for any thread of any process that has the memory mapped, which must outlive it.
template <AtomicWords Atomics, size_t Words>
class SlotReader {
 public:
  // `slots` are those that are mapped, which may be fewer than there are, or more than are claimed.
  SlotReader(const uint64_t& claimed, std::span<const Slot<Words>> slots) : claimed_(claimed), slots_(slots) {}

  // nullopt: not claimed, or not mapped here.
  std::optional<SlotIdentity> identity(uint64_t slot) const {
    // Partner: the store of `claimed` in SlotWriter::claim().
    if (slot >= slots_.size() || slot >= Atomics::load(claimed_, std::memory_order::acquire)) return std::nullopt;
    const SlotIdentity& from = slots_[slot].identity;
    // Relaxed: they were stored before the count, and are never stored again.
    return SlotIdentity{{Atomics::load(from.topic[0], std::memory_order::relaxed),
                         Atomics::load(from.topic[1], std::memory_order::relaxed)},
                        Atomics::load(from.partition, std::memory_order::relaxed),
                        Atomics::load(from.generation, std::memory_order::relaxed)};
  }

  // As region::read(), of the slot that the broker said is `told`'s. nullopt also: it is another's, or it is retired.
  // Ask the broker in any case, which also tells where the partition is now.
  std::optional<Group<Words>> read(uint64_t slot, const SlotIdentity& told, int tries_max = slot_tries_max) const {
    if (identity(slot) != told) return std::nullopt;
    const auto group = region::read<Atomics>(slots_[slot].group, tries_max);
    // Partner: the store of `retired` in SlotWriter::retire().
    if (Atomics::load(slots_[slot].retired, std::memory_order::acquire) != 0) return std::nullopt;
    return group;
  }

 private:
  const uint64_t& claimed_;
  std::span<const Slot<Words>> slots_;
};

}  // namespace bobbin::region
