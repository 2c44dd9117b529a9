// What a consumer hands over, as values "v0", "v1", ... are compared: for topics whose records say their own offset.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client/consumer/consumer.h"

namespace bobbin::client::test {

using Values = std::vector<std::string>;

inline Values values(int64_t from, int64_t to) {
  Values all;
  for (int64_t i = from; i < to; i++) all.push_back("v" + std::to_string(i));
  return all;
}

struct Collector final : Sink {
  Values seen;
  size_t at_once = SIZE_MAX;                           // a pause after so many
  std::function<void(size_t)> before = [](size_t) {};  // each record, told how many came before it
  bool take(std::string_view, PartitionId, const record::Record& r) override {
    before(seen.size());
    seen.emplace_back(r.value.value_or("(null)"));
    return seen.size() % at_once != 0;
  }
};

}  // namespace bobbin::client::test
