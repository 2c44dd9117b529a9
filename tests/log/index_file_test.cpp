// IndexFile: a lookup finds what counting finds, whatever the keys are like, and reads little.
#include "log/index_file.h"

#include <random>

#include "base/bytes.h"
#include "log/log_fixture.h"

using namespace bobbin;
using namespace bobbin::test;

namespace {

int64_t key_of(const char* entry) { return load_be<int64_t>(entry); }

struct Index {
  explicit Index(const std::vector<int64_t>& keys, size_t stored) {
    REQUIRE(file.create().ok());
    for (size_t i = 0; i < keys.size(); i++) {
      std::string entry;
      append_be(entry, keys[i]);
      file.add(entry);
      if (i + 1 == stored) REQUIRE(file.flush().ok());
    }
  }
  uint64_t count(int64_t most, std::optional<int64_t> least = std::nullopt) {
    auto n = file.count_up_to(most, key_of, least);
    REQUIRE(n.ok());
    return *n;
  }
  Fixture f;
  Files files{f.w.storage, 4};
  IndexFile file{files, "/data/x.index", 8};
};

}  // namespace

TEST_CASE("IndexFile: a lookup finds what counting finds") {
  auto shape = GENERATE(0, 1, 2, 3, 4);
  auto size = GENERATE(as<size_t>(), 0, 1, 2, 511, 512, 513, 1023, 1024, 5000);
  std::mt19937_64 random(static_cast<uint64_t>(shape) * 100 + size);
  std::vector<int64_t> keys;
  int64_t key = shape == 3 ? -1'000'000'000'000 : 0;
  for (size_t i = 0; i < size; i++) {
    if (shape == 0) key += 3;                                            // as offsets are
    if (shape == 1) key += static_cast<int64_t>(random() % 100);         // with equal ones
    if (shape == 2) key += i % 1000 == 0 ? 1'000'000'000'000 : 1;        // with leaps
    if (shape == 3) key = i + 1 < size ? key + 1 : int64_t{1} << 62;     // one far away
    if (shape == 4) key += key < (int64_t{1} << 61) ? key / 20 + 1 : 1;  // ever faster
    keys.push_back(key);
  }
  Index index(keys, std::min(size, size * 2 / 3));
  CAPTURE(shape, size);
  std::vector<int64_t> asked{INT64_MIN, -1, 0, 1, INT64_MAX};
  for (int i = 0; i < 200 && size > 0; i++)
    asked.push_back(keys[random() % size] + static_cast<int64_t>(random() % 3) - 1);
  for (int64_t most : asked) {
    auto wanted = static_cast<uint64_t>(std::upper_bound(keys.begin(), keys.end(), most) - keys.begin());
    CAPTURE(most);
    REQUIRE(index.count(most) == wanted);
    if (shape != 3) REQUIRE(index.count(most, 0) == wanted);
  }
}

TEST_CASE("IndexFile: entries that are added, and cut away, count at once") {
  std::vector<int64_t> keys(3000);
  for (size_t i = 0; i < keys.size(); i++) keys[i] = static_cast<int64_t>(i) * 2;
  Index index(keys, 3000);
  CHECK(index.count(5998) == 3000);
  std::string more;
  append_be(more, int64_t{9000});
  index.file.add(more);
  CHECK(index.count(8999) == 3000);
  CHECK(index.count(9000) == 3001);
  REQUIRE(index.file.truncate(1000).ok());
  CHECK(index.count(9000) == 1000);
  CHECK(index.count(1997) == 999);
  REQUIRE(index.file.load().ok());
  CHECK(index.count(9000) == 1000);
}

TEST_CASE("IndexFile: keys that do not ascend give some number of entries") {
  std::mt19937_64 random(7);
  std::vector<int64_t> keys(4000);
  for (auto& key : keys) key = static_cast<int64_t>(random());
  Index index(keys, 4000);
  for (int i = 0; i < 500; i++) CHECK(index.count(static_cast<int64_t>(random())) <= 4000);
}
