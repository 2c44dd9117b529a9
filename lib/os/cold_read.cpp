#include "os/cold_read.h"

#include <algorithm>
#include <utility>

namespace bobbin::os {

namespace {

// Whoever reads a log from the beginning misses one stretch after the other: each job reads ahead, the more of them one
// question needs the farther.
constexpr uint64_t ahead_bytes_min = 1 << 20, ahead_bytes_max = 64 << 20;
constexpr int tries_max = 16;
constexpr size_t chunk_bytes = 256 << 10;

thread_local NoWait* current_one = nullptr;

// Into memory, where it stays for a while: what it says is of no interest here, nor why it cannot be read.
void read_through(Storage& storage, const NoWait::Missing& missing, uint64_t ahead_bytes) {
  auto file = storage.open(missing.path, Open::read);
  if (!file) return;
  std::string chunk(chunk_bytes, '\0');
  const uint64_t end = missing.at + std::max(missing.bytes, ahead_bytes);
  for (uint64_t at = missing.at; at < end;) {
    auto got = (*file)->read(std::span<char>(chunk.data(), std::min<uint64_t>(chunk.size(), end - at)), at);
    if (!got || *got == 0) return;
    at += *got;
  }
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
  const uint64_t ahead_bytes = std::min(ahead_bytes_min << std::min(tries_ - 1, tries_max), ahead_bytes_max);
  world.jobs.submit(
      [&storage = world.storage, missing = std::exchange(missing_, {}), ahead_bytes] {
        for (const NoWait::Missing& m : missing) read_through(storage, m, ahead_bytes);
      },
      std::move(then));
}

}  // namespace bobbin::os
