// append_lines TOPIC FILE: appends each line of FILE as a record. What stands before the first tab of a line is its key;
// a line without a tab has none. Each line that does not get into the topic is named on stderr, with the reason.
// Exit 0: every line is acknowledged, which means: on the disk. 1: some are not. 2: it was called wrongly.
#include <bobbin/producer.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

using namespace bobbin::api;

namespace {

// One line as a record; its views are into the line.
OutRecord record_of(std::string_view line, uint64_t number) {
  OutRecord record;
  record.tag = number;
  if (size_t tab = line.find('\t'); tab != std::string_view::npos) {
    record.key = line.substr(0, tab);
    line.remove_prefix(tab + 1);
  }
  record.value = line;
  return record;
}

class Appending {
 public:
  Appending(std::string topic, const char* file) : topic_(std::move(topic)), file_(file), lines_(file) {}
  int run();

 private:
  void report(uint64_t line, const Error& why) {
    failed_++;
    std::fprintf(stderr, "%s:%llu: %s\n", file_, static_cast<unsigned long long>(line), why.message.c_str());
  }

  std::string topic_;
  const char* file_;
  std::ifstream lines_;
  uint64_t failed_ = 0;
};

int Appending::run() {
  if (!lines_) {
    std::fprintf(stderr, "%s: cannot be read\n", file_);
    return 2;
  }
  // Lines that were taken and did not get there; those that were not even taken are told by send().
  auto delivered = [this](const Delivery& delivery) {
    if (!delivery.error) return;
    for (uint64_t line : delivery.tags) report(line, *delivery.error);
  };
  Cluster cluster;
  cluster.say = [](std::string_view line) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
  };
  auto producer = Producer::open(cluster, {.topic = topic_, .delivered = delivered});
  if (!producer) {
    std::fprintf(stderr, "%s\n", producer.error().message.c_str());
    return 1;
  }
  uint64_t number = 0;
  // A broken producer takes nothing more: to name all the other lines would help nobody.
  for (std::string line; !producer->is_broken() && std::getline(lines_, line);) {
    number++;
    if (Status sent = producer->send(record_of(line, number)); !sent) report(number, sent.error());
  }
  // Success or not, each record is told of by now.
  bool complete = producer->flush().ok() && failed_ == 0 && lines_.eof();
  std::printf("%llu of %llu lines are acknowledged\n", static_cast<unsigned long long>(producer->acknowledged()),
              static_cast<unsigned long long>(number));
  return complete ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::fprintf(stderr, "usage: %s TOPIC FILE\n", words[0]);
    return 2;
  }
  return Appending(words[1], words[2]).run();
}
