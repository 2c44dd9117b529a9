// What a request names once, and what it names again: naming a thing twice must not cost twice, nor be done twice.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bobbin::broker {

struct NamedOnce {
  std::vector<size_t> first;   // where each thing is named first, ascending
  std::vector<size_t> last;    // and where last
  std::vector<bool> repeated;  // of each of these: whether it is named again
};

// `key_of(i)` of 0 to count - 1, something that can be ordered. By sorting: a table of hashes has an order of inserting that
// makes it slow, and a stranger chooses it.
template <class KeyOf>
NamedOnce named_once(size_t count, KeyOf&& key_of) {
  std::vector<size_t> order(count);
  for (size_t i = 0; i < count; i++) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    auto by_key = key_of(a) <=> key_of(b);
    return by_key == 0 ? a < b : by_key < 0;
  });
  std::vector<std::pair<size_t, size_t>> found;
  for (size_t i = 0; i < count;) {
    size_t end = i + 1;
    while (end < count && key_of(order[end]) == key_of(order[i])) end++;
    found.emplace_back(order[i], order[end - 1]);
    i = end;
  }
  std::sort(found.begin(), found.end());
  NamedOnce once;
  for (const auto& [first, last] : found) {
    once.first.push_back(first);
    once.last.push_back(last);
    once.repeated.push_back(first != last);
  }
  return once;
}

// Of each of them: whether it is named more than once.
template <class KeyOf>
std::vector<bool> named_repeatedly(size_t count, KeyOf&& key_of) {
  std::vector<size_t> order(count);
  for (size_t i = 0; i < count; i++) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return key_of(a) < key_of(b); });
  std::vector<bool> repeated(count);
  for (size_t i = 1; i < count; i++)
    if (key_of(order[i]) == key_of(order[i - 1])) repeated[order[i]] = repeated[order[i - 1]] = true;
  return repeated;
}

}  // namespace bobbin::broker
