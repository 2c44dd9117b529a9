// count_words TOPIC: reads the topic from its beginning and goes on as records come, until Ctrl-C; then prints each word
// of the values with how often it came, the most frequent first. A topic that is not there yet is waited for.
// Exit 0: ended by Ctrl-C (or TERM). 1: reading failed. 2: it was called wrongly.
#include <bobbin/consumer.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace bobbin::api;

namespace {

volatile std::sig_atomic_t told_to_end = 0;

using Counts = std::map<std::string, uint64_t, std::less<>>;

void count_words_of(std::string_view text, Counts& counts) {
  constexpr std::string_view blanks = " \t\r\n";
  for (size_t at = text.find_first_not_of(blanks); at != std::string_view::npos;) {
    size_t end = std::min(text.find_first_of(blanks, at), text.size());
    std::string_view word = text.substr(at, end - at);
    auto it = counts.find(word);
    if (it == counts.end()) it = counts.emplace(word, 0).first;
    it->second++;
    at = text.find_first_not_of(blanks, end);
  }
}

void print(const Counts& counts) {
  std::vector<std::pair<std::string_view, uint64_t>> words(counts.begin(), counts.end());
  std::stable_sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [word, times] : words)
    std::printf("%llu %.*s\n", static_cast<unsigned long long>(times), static_cast<int>(word.size()), word.data());
}

int fail(const Error& why) {
  std::fprintf(stderr, "%s\n", why.message.c_str());
  return 1;
}

int run(const char* topic) {
  auto consumer = Consumer::open({}, {.topics = {{topic}}, .wait_for_topics = true});
  if (!consumer) return fail(consumer.error());
  Counts counts;
  uint64_t records = 0, told = 0;
  while (!told_to_end) {
    // A signal ends the wait; one that comes right before it is seen when the time is up.
    auto taken = consumer->poll([&](const Record& record) { count_words_of(record.value.value_or(""), counts); },
                                milliseconds(200));
    if (!taken) return fail(taken.error());
    records += *taken;
    if (told == records || !consumer->is_at_end()) continue;
    std::fprintf(stderr, "%llu records, waiting for more; Ctrl-C prints the counts\n",
                 static_cast<unsigned long long>(records));
    told = records;
  }
  print(counts);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fprintf(stderr, "usage: %s TOPIC\n", words[0]);
    return 2;
  }
  for (int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { told_to_end = 1; });
  return run(words[1]);
}
