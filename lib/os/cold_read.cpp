#include "os/cold_read.h"

#include <algorithm>
#include <utility>

namespace bobbin::os {

namespace {

// Whoever reads a log from the beginning misses one stretch after the other: the disk is told what comes next. And whoever
// goes through a whole file to answer one question misses each time: the more often, the more is read at once.
constexpr uint64_t told_bytes = 4 << 20;
constexpr uint64_t read_bytes_min = 64 << 10, read_bytes_max = 64 << 20;
constexpr int tries_max = 16;
constexpr size_t chunk_bytes = 256 << 10;

thread_local NoWait* current_one = nullptr;

// Into memory, where it stays for a while: what it says is of no interest here, nor why it cannot be read.
void read_through(Storage& storage, const NoWait::Missing& missing, uint64_t bytes_min) {
  auto file = storage.open(missing.path, Open::read);
  if (!file) return;
  std::string chunk(chunk_bytes, '\0');
  const uint64_t end = missing.at + std::max(missing.bytes, bytes_min);
  for (uint64_t at = missing.at; at < end;) {
    auto got = (*file)->read(std::span<char>(chunk.data(), std::min<uint64_t>(chunk.size(), end - at)), at);
    if (!got || *got == 0) return;
    at += *got;
  }
  (*file)->will_need(end, told_bytes);
}

}  // namespace

NoWait::NoWait() : outer_(std::exchange(current_one, this)) {}
NoWait::~NoWait() { current_one = outer_; }
NoWait* NoWait::current() { return current_one; }

Error NoWait::miss(const std::string& path, uint64_t at, uint64_t bytes) {
  missing_.push_back({path, at, bytes});
  return error(Errc::not_in_memory, path + ": not in memory");
}

bool ColdRead::try_now(const std::function<void()>& ask) {
  if (tries_++ >= tries_max) {
    ask();
    return true;
  }
  NoWait no_wait;
  ask();
  missing_ = no_wait.take_missing();
  return missing_.empty();
}

void ColdRead::bring_in(World& world, std::function<void()> then) {
  const uint64_t bytes_min = std::min(read_bytes_min << std::min(tries_ - 1, tries_max), read_bytes_max);
  world.jobs.submit(
      [&storage = world.storage, missing = std::exchange(missing_, {}), bytes_min] {
        for (const NoWait::Missing& m : missing) read_through(storage, m, bytes_min);
      },
      std::move(then));
}

}  // namespace bobbin::os
