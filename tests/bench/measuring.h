// What the helpers of tests/bench/run measure with: clocks, percentiles, children that do not outlive them, and a
// checksum that costs little.
#pragma once

#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

namespace measuring {

inline int64_t now_ns(clockid_t clock = CLOCK_MONOTONIC) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// CPU time of those that are there; 0 or less is no process.
inline int64_t cpu_ns(const std::vector<pid_t>& processes) {
  int64_t sum = 0;
  for (const pid_t process : processes) {
    clockid_t clock{};
    if (process > 0 && clock_getcpuclockid(process, &clock) == 0) sum += now_ns(clock);
  }
  return sum;
}

inline void sleep_until(int64_t when_ns) {
  const timespec time{when_ns / 1'000'000'000, when_ns % 1'000'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR) {}
}

// The members of a JSON object, without its braces. There is at least one time.
inline void print_percentiles(std::vector<int64_t> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    const auto place = static_cast<size_t>(share * static_cast<double>(times.size()));
    return static_cast<long long>(times[std::min(times.size() - 1, place)]);
  };
  std::printf("\"p50\": %lld, \"p99\": %lld, \"p999\": %lld, \"max\": %lld", at(0.5), at(0.99), at(0.999), at(1));
}

// fork(); the child is ended with its parent, even if that is killed.
inline pid_t fork_child() {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
  }
  return child;
}

// Memory that children share, filled with zeros; MAP_FAILED if there is none.
inline void* shared_memory(size_t bytes) {
  return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

// Over records in their order: every byte and every size counts. A few nanoseconds for 100 bytes.
class Checksum {
 public:
  void add(const char* data, size_t bytes) {
    uint64_t sum = bytes;
    for (; bytes >= sizeof sum; data += sizeof sum, bytes -= sizeof sum) sum += word(data, sizeof sum);
    value_ = std::rotl(value_, 7) + sum + word(data, bytes);
  }
  uint64_t value() const { return value_; }

 private:
  static uint64_t word(const char* data, size_t bytes) {
    uint64_t word = 0;
    std::memcpy(&word, data, bytes);
    return word;
  }
  uint64_t value_ = 0;
};

}  // namespace measuring
