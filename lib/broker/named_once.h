// What a request names once, and what it names again: naming a thing twice must not cost twice, nor be done twice.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <tuple>
#include <utility>
#include <vector>

namespace bobbin::broker {

struct NamedOnce {
  std::vector<size_t> first;   // where each thing is named first, ascending
  std::vector<size_t> last;    // and where last
  std::vector<bool> repeated;  // of each of these: whether it is named again
};

template <class Key>
size_t spread_of(const Key& key) {
  return std::hash<Key>()(key);
}
template <class... Parts>
size_t spread_of(const std::tuple<Parts...>& key) {
  size_t all = 0;
  std::apply([&](const auto&... part) { ((all = all * 0x9e3779b97f4a7c15 + spread_of(part)), ...); }, key);
  return all;
}
template <class First, class Second>
size_t spread_of(const std::pair<First, Second>& key) {
  return spread_of(std::tie(key.first, key.second));
}

// The places, so that the same things lie side by side, each thing's in the order of naming.
template <class KeyOf>
std::vector<size_t> side_by_side(size_t count, KeyOf&& key_of) {
  std::vector<std::pair<size_t, size_t>> order(count);
  for (size_t i = 0; i < count; i++) order[i] = {spread_of(key_of(i)), i};
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    auto by_key = key_of(a.second) <=> key_of(b.second);
    return by_key == 0 ? a.second < b.second : by_key < 0;
  });
  std::vector<size_t> places(count);
  for (size_t i = 0; i < count; i++) places[i] = order[i].second;
  return places;
}

// `key_of(i)` of 0 to count - 1, something that can be ordered and hashed. By sorting: a table of hashes has an order of
// inserting that makes it slow, and a stranger chooses it. By hash first: long names with the same beginning take long to
// compare, and if a stranger makes their hashes the same, that is all he gets.
template <class KeyOf>
NamedOnce named_once(size_t count, KeyOf&& key_of) {
  const std::vector<size_t> order = side_by_side(count, key_of);
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
  const std::vector<size_t> order = side_by_side(count, key_of);
  std::vector<bool> repeated(count);
  for (size_t i = 1; i < count; i++)
    if (key_of(order[i]) == key_of(order[i - 1])) repeated[order[i]] = repeated[order[i - 1]] = true;
  return repeated;
}

}  // namespace bobbin::broker
