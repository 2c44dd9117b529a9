// The two index files of a segment, with any bytes in them: every look-up ends and answers with an entry that is there, and
// one of a file that ascends with the right one.
#include <algorithm>
#include <vector>

#include "fuzz/target.h"
#include "log/memory_world.h"
#include "log/offset_index.h"
#include "log/time_index.h"

namespace bobbin::fuzz {

using namespace log;

namespace {

struct IndexWorld {
  explicit IndexWorld(Bytes file) {
    must(world.storage.make_dir("/d"), "a folder");
    world.storage.put("/d/index", file);
  }
  test::MemoryWorld world;
  Files files{world.storage, 4};
};

constexpr int64_t base = 1000;

// How many entries have a key of at most `most`; the keys ascend.
size_t count_up_to(const std::vector<int64_t>& keys, int64_t most) {
  return static_cast<size_t>(std::upper_bound(keys.begin(), keys.end(), most) - keys.begin());
}

template <class Entry>
void same(const Result<std::optional<Entry>>& found, const std::vector<Entry>& entries, std::optional<size_t> wanted,
          bool ascends) {
  must(found.ok(), "a look-up in an index that was loaded");
  if (*found) must(std::find(entries.begin(), entries.end(), **found) != entries.end(), "the answer is an entry");
  if (!ascends) return;
  must(found->has_value() == wanted.has_value(), "there is an answer, or none");
  if (wanted) must(**found == entries[*wanted], "it is the right one");
}

// Of one behind the last of `count` entries.
std::optional<size_t> before(size_t count) { return count == 0 ? std::nullopt : std::optional(count - 1); }

}  // namespace

// What is looked for in eight bytes, then the file.
void offset_index(Bytes input) {
  Pieces pieces(input);
  auto wanted = pieces.number<int64_t>() % (int64_t{1} << 33);
  IndexWorld world(pieces.rest());
  OffsetIndex index(world.files, "/d/index", Offset(base));
  if (!index.file().load())
    return must(pieces.rest().size() % OffsetIndex::entry_bytes != 0, "whole entries are an index");
  std::vector<IndexEntry> entries;
  std::vector<int64_t> offsets, positions;
  for (size_t at = 0; at < pieces.rest().size(); at += OffsetIndex::entry_bytes) {
    const char* entry = pieces.rest().data() + at;
    entries.push_back({Offset(base + load_be<int32_t>(entry)), load_be<uint32_t>(entry + 4)});
    offsets.push_back(entries.back().last_offset.value);
    positions.push_back(static_cast<int64_t>(entries.back().position));
  }
  bool ascends = std::is_sorted(offsets.begin(), offsets.end()) && std::is_sorted(positions.begin(), positions.end()) &&
                 (offsets.empty() || offsets.front() >= base);
  std::vector<int64_t> questions = {wanted, base, base + wanted};
  if (!offsets.empty())
    questions.insert(questions.end(), {offsets.front(), offsets.back(), offsets[offsets.size() / 2]});
  for (int64_t q : questions) {
    same(index.floor(Offset(q)), entries, before(count_up_to(offsets, q)), ascends);
    size_t below = count_up_to(offsets, q - 1), up_to = count_up_to(positions, std::max<int64_t>(q, 0));
    same(index.ceil(Offset(q)), entries, below == entries.size() ? std::nullopt : std::optional(below), ascends);
    same(index.behind(static_cast<uint64_t>(std::max<int64_t>(q, 0))), entries,
         up_to == entries.size() ? std::nullopt : std::optional(up_to), ascends);
  }
  must(index.truncate(Offset(wanted)), "a cut");
  if (ascends) must(index.file().count() == count_up_to(offsets, wanted - 1), "what is below stays");
  index.add({Offset(base + 5), 7});
  must(index.last()->value() == IndexEntry{Offset(base + 5), 7}, "what was added is the last");
  must(index.file().flush().ok(), "and is written");
}

void time_index(Bytes input) {
  Pieces pieces(input);
  auto wanted = pieces.number<int64_t>();
  IndexWorld world(pieces.rest());
  TimeIndex index(world.files, "/d/index", Offset(base));
  if (!index.file().load())
    return must(pieces.rest().size() % TimeIndex::entry_bytes != 0, "whole entries are an index");
  must(index.load_last(), "its last entry");
  std::vector<TimeEntry> entries;
  std::vector<int64_t> times, offsets;
  for (size_t at = 0; at < pieces.rest().size(); at += TimeIndex::entry_bytes) {
    const char* entry = pieces.rest().data() + at;
    entries.push_back({Timestamp(load_be<int64_t>(entry)), Offset(base + load_be<int32_t>(entry + 8))});
    times.push_back(entries.back().timestamp.value);
    offsets.push_back(entries.back().offset.value);
  }
  bool ascends = std::is_sorted(times.begin(), times.end()) && std::is_sorted(offsets.begin(), offsets.end()) &&
                 (offsets.empty() || offsets.front() >= base);
  std::vector<int64_t> questions = {wanted, 0, INT64_MAX, INT64_MIN};
  if (!times.empty()) questions.insert(questions.end(), {times.front(), times.back(), times[times.size() / 2]});
  for (int64_t q : questions) same(index.floor(Timestamp(q)), entries, before(count_up_to(times, q)), ascends);
  for (int64_t q : {base, base + wanted % (int64_t{1} << 33)})
    same(index.before(Offset(q)), entries, before(count_up_to(offsets, q - 1)), ascends);
  must(index.truncate(Offset(base + 5)), "a cut");
  if (ascends) must(index.file().count() == count_up_to(offsets, base + 4), "what is below stays");
}

}  // namespace bobbin::fuzz
