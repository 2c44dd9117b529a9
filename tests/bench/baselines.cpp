// baselines COMMAND ARGUMENT...: what this machine can do at best, for tests/bench/run to put beside bobbin. Each
// command prints one JSON object. Times are nanoseconds, and percentiles are over single operations.
//
//   generate FILE COUNT SIZE words|zeros START   COUNT lines of SIZE bytes, the newline included, each with its number,
//                                           the first START. FILE may be -, and then there is no JSON
//   touch BYTES                             makes the host give this much memory to the machine
//   futex ROUNDS                            two processes on two cores wake each other; a round is there and back
//   spin ROUNDS                             the same over shared memory, each polling with yields
//   sync FOLDER THREADS GROUP SIZE MS       each thread: pwrite of GROUP records of SIZE bytes, fdatasync, again
//   mapped FOLDER COUNT SIZE                store records from memory into a fresh mapped file; read them in another
//                                           process, which maps the file itself; and again, both at once
//   mkdirs FOLDER COUNT                     mkdir, open of a file in it, fsync of that file
//   cold FILE COUNT                         pread of 4 KiB that is not in the page cache
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "measuring.h"

namespace {

using measuring::now_ns;
using Times = std::vector<int64_t>;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "baselines: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

void check(bool ok, const std::string& what) {
  if (!ok) fail(what);
}

size_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

// A file that is gone from the folder as soon as it is there.
int unnamed_file(const std::string& folder) {
  const std::string path = folder + "/baseline-" + std::to_string(getpid());
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  check(file >= 0, path);
  unlink(path.c_str());
  return file;
}

void* shared_memory(size_t bytes) {
  void* memory = measuring::shared_memory(bytes);
  check(memory != MAP_FAILED, "mmap");
  return memory;
}

void print_percentiles(const Times& times) {
  check(!times.empty(), "no measurement");
  measuring::print_percentiles(times);
}

void write_all(int file, const char* data, size_t bytes) {
  while (bytes > 0) {
    const ssize_t written = write(file, data, bytes);
    if (written < 0 && errno == EINTR) continue;
    check(written > 0, "write");
    data += written;
    bytes -= static_cast<size_t>(written);
  }
}

// Lines of words, so that they compress as text does (three or four to one), or of zeros, whose blocks can be punched
// out of a file.
void generate(const std::string& path, size_t count, size_t size, bool words, size_t start) {
  const int file = path == "-" ? STDOUT_FILENO : open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  check(file >= 0, path);
  std::mt19937 random(1);
  std::vector<std::string> dictionary;
  for (int i = 0; i < 1024; ++i) {
    std::string word;
    for (size_t letters = 3 + random() % 8; word.size() < letters;) word += static_cast<char>('a' + random() % 26);
    dictionary.push_back(word + ' ');
  }
  std::string text;
  while (text.size() < size + (1 << 20)) text += dictionary[random() % dictionary.size()];

  std::string buffer;
  for (size_t i = start; i < start + count; ++i) {
    std::string line = std::to_string(i);
    if (line.size() + 1 < 20 && size > 24) line.insert(0, 20 - line.size(), '0');
    if (line.size() + 1 > size) line.erase(0, line.size() + 1 - size);
    if (words) {
      if (line.size() + 1 < size) line += ' ';
      line.append(text, random() % (1 << 20), size - 1 - line.size());
    } else {
      line.resize(size - 1, '\0');
    }
    buffer += line;
    buffer += '\n';
    if (buffer.size() > (1 << 20)) {
      write_all(file, buffer.data(), buffer.size());
      buffer.clear();
    }
  }
  write_all(file, buffer.data(), buffer.size());
  if (path == "-") return;
  close(file);
  std::printf("{\"bytes\": %zu}\n", count * size);
}

void touch(size_t bytes) {
  char* memory = static_cast<char*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  check(memory != MAP_FAILED, "mmap");
  const int64_t began = now_ns();
  for (size_t at = 0; at < bytes; at += 4096) memory[at] = 1;
  std::printf("{\"ns\": %lld}\n", static_cast<long long>(now_ns() - began));
}

// Two words, each on a cache line of its own: the number of the round that each side has reached.
struct Court {
  alignas(128) std::atomic<uint32_t> there;
  alignas(128) std::atomic<uint32_t> back;
};

void wait_by_futex(std::atomic<uint32_t>& word, uint32_t round) {
  for (uint32_t seen = word.load(); seen != round; seen = word.load()) {
    syscall(SYS_futex, &word, FUTEX_WAIT, seen, nullptr, nullptr, 0);
  }
}

void set_by_futex(std::atomic<uint32_t>& word, uint32_t round) {
  word.store(round);
  syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

void wait_by_yield(std::atomic<uint32_t>& word, uint32_t round) {
  while (word.load(std::memory_order_acquire) != round) sched_yield();
}

void set_plainly(std::atomic<uint32_t>& word, uint32_t round) { word.store(round, std::memory_order_release); }

// On two cores where there are two: on one, a wake is six times as cheap, but client and broker seldom share one.
void stay_on_core(int wanted) {
  cpu_set_t allowed, one;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2) return;
  CPU_ZERO(&one);
  for (int core = 0, seen = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed) && seen++ == wanted) CPU_SET(core, &one);
  }
  sched_setaffinity(0, sizeof one, &one);
}

template <typename Wait, typename Set>
void ping_pong(uint32_t rounds, Wait wait, Set set) {
  auto* court = new (shared_memory(sizeof(Court))) Court{};
  const uint32_t warm = rounds / 10 + 1;
  const pid_t other = measuring::fork_child();
  check(other >= 0, "fork");
  stay_on_core(other == 0 ? 1 : 0);
  if (other == 0) {
    for (uint32_t round = 1; round <= warm + rounds; ++round) {
      wait(court->there, round);
      set(court->back, round);
    }
    _exit(0);
  }
  Times times;
  times.reserve(rounds);
  for (uint32_t round = 1; round <= warm + rounds; ++round) {
    const int64_t began = now_ns();
    set(court->there, round);
    wait(court->back, round);
    if (round > warm) times.push_back(now_ns() - began);
  }
  waitpid(other, nullptr, 0);
  std::printf("{");
  print_percentiles(times);
  std::printf("}\n");
}

void sync_loop(const char* folder, size_t threads, size_t group, size_t size, int64_t ms) {
  const int file = unnamed_file(folder);
  const std::string records(group * size, 'x');
  std::atomic<off_t> end{0};
  std::vector<Times> times(threads);
  const int64_t began = now_ns();
  const auto loop = [&](Times& own) {
    for (int64_t start = now_ns(); start - began < ms * 1'000'000; start = now_ns()) {
      const off_t at = end.fetch_add(static_cast<off_t>(records.size()));
      check(pwrite(file, records.data(), records.size(), at) == static_cast<ssize_t>(records.size()), "pwrite");
      check(fdatasync(file) == 0, "fdatasync");
      own.push_back(now_ns() - start);
    }
  };
  std::vector<std::thread> others;
  for (size_t i = 1; i < threads; ++i) others.emplace_back(loop, std::ref(times[i]));
  loop(times[0]);
  for (auto& other : others) other.join();
  const int64_t took = now_ns() - began;
  Times all;
  for (const auto& own : times) all.insert(all.end(), own.begin(), own.end());
  std::printf("{\"records_per_s\": %.1f, ", static_cast<double>(all.size() * group) * 1e9 / static_cast<double>(took));
  print_percentiles(all);
  std::printf("}\n");
}

struct Records {
  std::string bytes;
  size_t count;
  size_t size;

  size_t piece() const { return std::max<size_t>(1, (64 << 10) / size); }  // how many are published at once
};

Records numbered_records(size_t count, size_t size) {
  Records records{std::string(count * size, 'x'), count, size};
  for (size_t i = 0; i < count; ++i) {
    std::memcpy(records.bytes.data() + i * size, &i, std::min(size, sizeof i));
  }
  return records;
}

// What a writer and a reader of one mapped file tell each other.
struct Followed {
  alignas(128) std::atomic<bool> is_ready;
  alignas(128) std::atomic<size_t> stored;
  alignas(128) int64_t read_began_ns;
  int64_t read_ended_ns;
  uint64_t sum;
};

char* map_records(int file, const Records& records, int protection) {
  void* memory = mmap(nullptr, records.bytes.size(), protection, MAP_SHARED, file, 0);
  check(memory != MAP_FAILED, "mmap");
  return static_cast<char*>(memory);
}

void store_records(char* into, const Records& records, Followed& followed) {
  for (size_t at = 0; at < records.count;) {
    for (const size_t end = std::min(records.count, at + records.piece()); at < end; ++at) {
      std::memcpy(into + at * records.size, records.bytes.data() + at * records.size, records.size);
    }
    followed.stored.store(at, std::memory_order_release);
  }
}

void read_records(int file, const Records& records, Followed& followed) {
  followed.is_ready = true;
  while (followed.stored.load() == 0) sched_yield();
  followed.read_began_ns = now_ns();
  const char* from = map_records(file, records, PROT_READ);
  measuring::Checksum sum;
  for (size_t at = 0; at < records.count;) {
    const size_t end = followed.stored.load(std::memory_order_acquire);
    if (end == at) sched_yield();
    for (; at < end; ++at) sum.add(from + at * records.size, records.size);
  }
  followed.read_ended_ns = now_ns();
  followed.sum = sum.value();
}

pid_t start_reader(int file, const Records& records, Followed& followed) {
  const pid_t reader = measuring::fork_child();
  check(reader >= 0, "fork");
  if (reader == 0) {
    read_records(file, records, followed);
    _exit(0);
  }
  return reader;
}

void wait_for(pid_t reader, const Followed& followed, uint64_t sum) {
  int status = 0;
  waitpid(reader, &status, 0);
  check(status == 0 && followed.sum == sum, "what was read from the mapped file is not what was stored");
}

// A fresh file without a name, mapped by the one who stores.
class MappedFile {
 public:
  MappedFile(const char* folder, const Records& records) : file_(unnamed_file(folder)), bytes_(records.bytes.size()) {
    check(ftruncate(file_, static_cast<off_t>(bytes_)) == 0, "ftruncate");
    memory_ = map_records(file_, records, PROT_READ | PROT_WRITE);
  }
  ~MappedFile() {
    munmap(memory_, bytes_);
    close(file_);
  }
  MappedFile(const MappedFile&) = delete;

  int file() const { return file_; }
  char* memory() { return memory_; }

 private:
  int file_;
  size_t bytes_;
  char* memory_ = nullptr;
};

Followed& new_followed() { return *new (shared_memory(sizeof(Followed))) Followed{}; }

void mapped(const char* folder, size_t count, size_t size) {
  const Records records = numbered_records(count, size);
  measuring::Checksum sum;
  for (size_t i = 0; i < count; ++i) sum.add(records.bytes.data() + i * size, size);
  // Not counted: memory that the host has yet to hand over costs 20 times as much.
  store_records(MappedFile(folder, records).memory(), records, new_followed());

  Followed& apart = new_followed();
  int64_t store_ns = 0;
  {
    MappedFile mapping(folder, records);
    const int64_t began = now_ns();
    store_records(mapping.memory(), records, apart);
    store_ns = now_ns() - began;
    wait_for(start_reader(mapping.file(), records, apart), apart, sum.value());
  }

  Followed& together = new_followed();
  MappedFile mapping(folder, records);
  const pid_t reader = start_reader(mapping.file(), records, together);
  while (!together.is_ready) sched_yield();
  const int64_t began = now_ns();
  store_records(mapping.memory(), records, together);
  wait_for(reader, together, sum.value());
  std::printf("{\"store_ns\": %lld, \"read_ns\": %lld, \"both_ns\": %lld}\n", static_cast<long long>(store_ns),
              static_cast<long long>(apart.read_ended_ns - apart.read_began_ns),
              static_cast<long long>(together.read_ended_ns - began));
}

void mkdirs(const char* folder, size_t count) {
  const int64_t began = now_ns();
  for (size_t i = 0; i < count; ++i) {
    const std::string name = std::string(folder) + "/raw-" + std::to_string(i);
    check(mkdir(name.c_str(), 0700) == 0, name);
    const int file = open((name + "/file").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    check(file >= 0, name);
    check(fsync(file) == 0, "fsync");
    close(file);
  }
  std::printf("{\"ns\": %lld}\n", static_cast<long long>(now_ns() - began));
}

void cold(const char* path, size_t count) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  check(file >= 0, path);
  struct stat facts {};
  check(fstat(file, &facts) == 0, path);
  const auto pages = static_cast<uint64_t>(facts.st_size / 4096);
  check(pages > 0, "a file below 4 KiB");
  posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM);
  std::mt19937_64 random(static_cast<uint64_t>(now_ns()));
  Times times;
  char page[4096];
  for (size_t i = 0; i < count; ++i) {
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    const auto at = static_cast<off_t>(random() % pages * 4096);
    const int64_t began = now_ns();
    check(pread(file, page, sizeof page, at) > 0, "pread");
    times.push_back(now_ns() - began);
  }
  std::printf("{");
  print_percentiles(times);
  std::printf("}\n");
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  const auto is = [&](const char* name, size_t parameters) {
    return arguments.size() == parameters + 1 && arguments[0] == name;
  };
  if (is("generate", 5)) {
    generate(words[2], number(words[3]), number(words[4]), arguments[4] == "words", number(words[6]));
  } else if (is("touch", 1)) {
    touch(number(words[2]));
  } else if (is("futex", 1)) {
    ping_pong(static_cast<uint32_t>(number(words[2])), wait_by_futex, set_by_futex);
  } else if (is("spin", 1)) {
    ping_pong(static_cast<uint32_t>(number(words[2])), wait_by_yield, set_plainly);
  } else if (is("sync", 5)) {
    sync_loop(words[2], number(words[3]), number(words[4]), number(words[5]), static_cast<int64_t>(number(words[6])));
  } else if (is("mapped", 3)) {
    mapped(words[2], number(words[3]), number(words[4]));
  } else if (is("mkdirs", 2)) {
    mkdirs(words[2], number(words[3]));
  } else if (is("cold", 2)) {
    cold(words[2], number(words[3]));
  } else {
    std::fprintf(stderr, "baselines: its source tells the commands\n");
    return 2;
  }
  return 0;
}
