// The records of __consumer_offsets. One that parses is, written and read again, the same.
#include "group/records.h"

#include "fuzz/target.h"

namespace bobbin::fuzz {

namespace {

template <class Read, class Write>
void there_and_back(Bytes bytes, Read read, Write write) {
  const auto first = read(bytes);
  if (!first) return must(!first.error().message.empty(), "what does not parse is said");
  const std::string written = write(*first);
  const auto second = read(Bytes(written));
  must(second.ok() && *second == *first, "a record that was read, written and read again");
}

std::string written(const group::Key& key) {
  if (auto* offset = std::get_if<group::OffsetKey>(&key))
    return group::offset_key(offset->group, offset->topic, offset->partition);
  if (auto* group = std::get_if<group::GroupKey>(&key)) return group::group_key(group->group);
  std::string other;
  append_be(other, std::get<group::OtherKey>(key).type);
  return other;
}

}  // namespace

// A piece that is the key; the rest is the value, of either type.
void group_records(Bytes input) {
  Pieces pieces(input);
  there_and_back(pieces.piece(), group::read_key, written);
  there_and_back(pieces.rest(), group::read_offset, group::offset_value);
  there_and_back(pieces.rest(), group::read_group, group::group_value);
}

}  // namespace bobbin::fuzz
