// latency open|closed [--chain] [--cpu-of PID] COUNT RATE-OR-PRODUCERS MS -- PRODUCER... -- CONSUMER...: how long a
// record takes from a pipe into PRODUCER to the pipe out of CONSUMER. Both are commands that stay up: one reads lines
// on stdin, the other writes them to stdout.
//
// open:   COUNT warm-up records, then one each 1/RATE seconds for MS milliseconds, whether or not earlier ones have
//         arrived. A record is timed twice: from when it was due, which is what a user would have seen (nobody is
//         spared because the sender was held up), and from its write, which leaves the sleep of this client out.
// closed: as many producers, each with one record under way; the next one leaves when the last one was seen.
//         COUNT is not used.
// --chain: stdout of the producer is stdin of the consumer, so that `cat -- cat` shows what the pipes alone cost.
//
// Prints one JSON object: nanoseconds, records, and CPU nanoseconds of the producers, the consumer and PID. Each line
// is checked when it arrives: its bytes, and in an open loop that each comes once and in order.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "measuring.h"

namespace {

using measuring::cpu_ns;
using measuring::now_ns;
using measuring::sleep_until;

constexpr size_t line_bytes = 100;
constexpr int64_t patience_ms = 60'000;

std::vector<pid_t> children;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "latency: %s\n", what.c_str());
  for (const pid_t child : children) kill(child, SIGKILL);
  _exit(1);
}

struct Pipe {
  int out = -1;
  int in = -1;
};

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
  return {ends[0], ends[1]};
}

pid_t start(const std::vector<char*>& command, int in, int out) {
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (in >= 0) dup2(in, 0);
    if (out >= 0) dup2(out, 1);
    std::vector<char*> words = command;
    words.push_back(nullptr);
    execvp(words[0], words.data());
    _exit(127);
  }
  children.push_back(child);
  return child;
}

// "0000000042 000003 xxx...": the number of the record and of its producer.
void write_line(char* line, uint32_t record, uint32_t producer) {
  std::memset(line, 'x', line_bytes);
  char head[32];
  const int bytes = std::snprintf(head, sizeof head, "%010u %06u ", record, producer);
  std::memcpy(line, head, static_cast<size_t>(bytes));
  line[line_bytes - 1] = '\n';
}

struct Seen {
  uint32_t record;
  uint32_t producer;
};

Seen read_line(const char* line) {
  const Seen seen{static_cast<uint32_t>(std::strtoul(line, nullptr, 10)),
                  static_cast<uint32_t>(std::strtoul(line + 11, nullptr, 10))};
  char wanted[line_bytes];
  write_line(wanted, seen.record, seen.producer);
  if (std::memcmp(line, wanted, line_bytes) != 0) fail("a line came back changed: " + std::string(line, line_bytes));
  return seen;
}

// Calls on_line for each whole line until it returns false.
template <typename OnLine>
void read_lines(int pipe, OnLine on_line) {
  char buffer[64 * 1024];
  size_t held = 0;
  while (true) {
    pollfd readable{pipe, POLLIN, 0};
    if (poll(&readable, 1, static_cast<int>(patience_ms)) <= 0) fail("no record came for a minute");
    const ssize_t got = read(pipe, buffer + held, sizeof buffer - held);
    if (got <= 0) fail("the consumer ended early");
    held += static_cast<size_t>(got);
    size_t at = 0;
    for (; held - at >= line_bytes; at += line_bytes) {
      if (!on_line(buffer + at)) return;
    }
    std::memmove(buffer, buffer + at, held - at);
    held -= at;
  }
}

void send(int pipe, uint32_t record, uint32_t producer) {
  char line[line_bytes];
  write_line(line, record, producer);
  if (write(pipe, line, line_bytes) != static_cast<ssize_t>(line_bytes)) fail("a producer ended early");
}

void print_percentiles(const char* name, const std::vector<int64_t>& times) {
  if (times.empty()) fail("no measurement");
  std::printf("\"%s\": {", name);
  measuring::print_percentiles(times);
  std::printf("}");
}

struct Options {
  bool is_open = false;
  bool is_chain = false;
  pid_t broker = 0;
  size_t count = 0;
  size_t number = 0;
  int64_t ms = 0;
  std::vector<char*> producer;
  std::vector<char*> consumer;
};

void measure_open(const Options& options, const std::vector<pid_t>& processes, int into, int out_of) {
  const size_t warm = options.count;
  const size_t total = warm + options.number * static_cast<size_t>(options.ms) / 1000;
  const int64_t period_ns = 1'000'000'000 / static_cast<int64_t>(options.number);
  std::vector<int64_t> sent(total), seen(total);
  std::atomic<size_t> arrived{0};
  std::thread reader([&] {
    uint32_t next = 0;
    read_lines(out_of, [&](const char* line) {
      const int64_t now = now_ns();
      if (read_line(line).record != next) fail("records came twice, not at all or out of order");
      seen[next++] = now;
      arrived.store(next, std::memory_order_release);
      return next < total;
    });
  });

  send(into, 0, 0);  // its way is open when the first record is there
  while (arrived.load(std::memory_order_acquire) == 0) usleep(1000);
  const int64_t began = now_ns() + 1'000'000;
  const auto due = [&](size_t record) { return began + static_cast<int64_t>(record) * period_ns; };
  int64_t cpu_before = cpu_ns(processes);
  for (size_t record = 1; record < total; ++record) {
    sleep_until(due(record));
    if (record == warm) cpu_before = cpu_ns(processes);
    sent[record] = now_ns();
    send(into, static_cast<uint32_t>(record), 0);
  }
  reader.join();
  const int64_t cpu = cpu_ns(processes) - cpu_before;

  std::vector<int64_t> from_due, from_write;
  for (size_t record = std::max<size_t>(1, warm); record < total; ++record) {
    from_due.push_back(seen[record] - due(record));
    from_write.push_back(seen[record] - sent[record]);
  }
  std::printf("{\"records\": %zu, \"cpu_ns\": %lld, ", from_due.size(), static_cast<long long>(cpu));
  print_percentiles("from_due", from_due);
  std::printf(", ");
  print_percentiles("from_write", from_write);
  std::printf("}\n");
}

void measure_closed(const Options& options, const std::vector<pid_t>& processes, const std::vector<int>& into,
                    int out_of) {
  std::vector<uint32_t> next(into.size(), 1);
  std::vector<int64_t> sent(into.size());
  std::vector<int64_t> times;
  size_t connected = 0;
  int64_t began = 0, cpu_before = 0;
  for (size_t i = 0; i < into.size(); ++i) {
    sent[i] = now_ns();
    send(into[i], 0, static_cast<uint32_t>(i));
  }
  read_lines(out_of, [&](const char* line) {
    const Seen seen = read_line(line);
    const int64_t now = now_ns();
    if (seen.record == 0 && ++connected == into.size()) {
      began = now;
      cpu_before = cpu_ns(processes);
    }
    if (began != 0 && sent[seen.producer] > began) times.push_back(now - sent[seen.producer]);
    if (began != 0 && now - began > options.ms * 1'000'000 && !times.empty()) return false;
    sent[seen.producer] = now_ns();
    send(into[seen.producer], next[seen.producer]++, seen.producer);
    return true;
  });
  const int64_t took = now_ns() - began;
  const int64_t cpu = cpu_ns(processes) - cpu_before;
  std::printf("{\"records\": %zu, \"cpu_ns\": %lld, \"records_per_s\": %.1f, ", times.size(),
              static_cast<long long>(cpu), static_cast<double>(times.size()) * 1e9 / static_cast<double>(took));
  print_percentiles("from_write", times);
  std::printf("}\n");
}

Options parse(int count, char** words) {
  Options options;
  int at = 1;
  options.is_open = count > 1 && std::string(words[at++]) == "open";
  for (; at < count && words[at][0] == '-' && std::strlen(words[at]) > 2; ++at) {
    const std::string option = words[at];
    if (option == "--chain") options.is_chain = true;
    if (option == "--cpu-of" && at + 1 < count) options.broker = static_cast<pid_t>(std::atoi(words[++at]));
  }
  if (count - at < 7) fail("its source tells the arguments");
  options.count = std::strtoull(words[at], nullptr, 10);
  options.number = std::strtoull(words[at + 1], nullptr, 10);
  options.ms = std::strtoll(words[at + 2], nullptr, 10);
  at += 4;
  for (; at < count && std::string(words[at]) != "--"; ++at) options.producer.push_back(words[at]);
  options.consumer.assign(words + std::min(at + 1, count), words + count);
  if (options.producer.empty() || options.consumer.empty() || options.number == 0)
    fail("its source tells the arguments");
  return options;
}

}  // namespace

int main(int count, char** words) {
  const Options options = parse(count, words);
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_TIMERSLACK, 1);
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

  const Pipe chain = make_pipe();
  const Pipe result = make_pipe();
  start(options.consumer, options.is_chain ? chain.out : nowhere, result.in);
  std::vector<int> into;
  for (size_t i = 0; i < (options.is_open ? 1 : options.number); ++i) {
    const Pipe pipe = make_pipe();
    start(options.producer, pipe.out, options.is_chain ? chain.in : nowhere);
    close(pipe.out);
    into.push_back(pipe.in);
  }
  close(chain.in);
  close(chain.out);
  close(result.in);

  std::vector<pid_t> processes = children;
  if (options.broker > 0) processes.push_back(options.broker);
  if (options.is_open) {
    measure_open(options, processes, into[0], result.out);
  } else {
    measure_closed(options, processes, into, result.out);
  }
  std::fflush(stdout);

  // Producers end with their input; the consumer follows for ever.
  for (const int pipe : into) close(pipe);
  int failed = 0;
  for (size_t i = 1; i < children.size(); ++i) {
    int status = 0;
    waitpid(children[i], &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) failed = 1;
  }
  kill(children[0], SIGTERM);
  waitpid(children[0], nullptr, 0);
  if (failed) std::fprintf(stderr, "latency: a producer failed\n");
  return failed;
}
