// Field: what the protocol says of one field besides its name and type: in which versions it exists, from which on it
// may be null, its tag. Every struct of a message lists its fields once, in the order of the wire,
//
//   template <class F>
//   static constexpr void fields(F&& f) {
//     using S = MetadataRequestTopic;
//     f("topic_id", &S::topic_id, since(10).ignorable());
//     f("name", &S::name, always().nullable(10));
//   }
//
// and size, encoding, decoding and the tests walk that list. Tagged fields come last, in the order of their tags.
#pragma once

#include <cstdint>

namespace bobbin::protocol {

// Tags from here on are ours alone: Kafka numbers its own from 0 up, and skips those that it does not know.
inline constexpr int16_t private_tag = 10000;

struct Field {
  int16_t first = 0;
  int16_t last = INT16_MAX;
  int16_t nullable_from = INT16_MAX;
  int16_t tag_number = -1;  // -1: not tagged
  bool may_be_dropped = false;

  constexpr bool is_in(int16_t version) const { return first <= version && version <= last; }
  constexpr bool is_nullable_in(int16_t version) const { return version >= nullable_from; }
  constexpr bool is_tagged() const { return tag_number >= 0; }

  constexpr Field nullable(int16_t from = 0) const {
    Field f = *this;
    f.nullable_from = from;
    return f;
  }
  // Written only where it differs from its default, behind the others; only in flexible versions.
  constexpr Field tag(int16_t number) const {
    Field f = *this;
    f.tag_number = number;
    return f;
  }
  // Where a version lacks the field, dropping what it says does no harm (encodable() asks).
  constexpr Field ignorable() const {
    Field f = *this;
    f.may_be_dropped = true;
    return f;
  }
};

constexpr Field always() { return {}; }
constexpr Field since(int16_t first) { return {.first = first}; }
constexpr Field between(int16_t first, int16_t last) { return {.first = first, .last = last}; }

}  // namespace bobbin::protocol
