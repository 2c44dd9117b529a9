// library append lines|records DIR TOPIC FILE [PID]: what a user of the C++ library gets from it, for tests/bench/run.
// library tail DIR TOPIC COUNT [PID]                 Each command prints one JSON object: nanoseconds, and CPU
// library both DIR TOPIC FILE [PID]                  nanoseconds of its processes and of PID, the broker.
// library latency DIR TOPIC WARM RATE MS
// library spread DIR TOPIC [PID]                     It prints gap_ns too.
//
// append:  the lines of FILE, all of one size and in memory before the clock starts, until all are acknowledged: by
//          send_lines(), or by a send() for each.
// tail:    that many records of a topic that holds them already. Every byte is read, into a checksum; append and both
//          print that of the lines.
// both:    append lines, and a process that follows and reads all of them. The time ends with the later one.
// latency: WARM records, then one each 1/RATE seconds for MS milliseconds, whether or not earlier ones have arrived, to
//          a process that polls for them busily. Each is timed from when it was due and from when it was sent (see
//          latency.cpp), until the callback of the other process has it; its bytes and its place are checked there.
// spread:  a record into each partition, all at once, until all are acknowledged; gap_ns is the longest time in which none
//          was: a client gives up when that exceeds its patience.
//
// The cluster's broker runs already, and nothing of it is used but the public library.
#include <bobbin/bobbin.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "measuring.h"

namespace {

using namespace bobbin::api;
using measuring::cpu_ns;
using measuring::now_ns;

constexpr milliseconds patience{30'000};
constexpr size_t record_bytes = 100;  // of the latency's

[[noreturn]] void fail(std::string_view what) {
  std::fprintf(stderr, "library: %.*s\n", static_cast<int>(what.size()), what.data());
  std::_Exit(1);
}

template <class T>
T need(Result<T> result) {
  if (!result) fail(result.error().message);
  return std::move(result).value();
}

void need(const Status& status) {
  if (!status) fail(status.error().message);
}

struct Topic {
  std::string dir;
  std::string name;

  Cluster cluster() const {
    Cluster cluster;
    cluster.dir = dir;
    cluster.autostart = false;
    return cluster;
  }
};

Producer open_producer(const Topic& topic) {
  ProducerOptions options;
  options.topic = topic.name;
  options.create_topic = false;
  return need(Producer::open(topic.cluster(), options));
}

Consumer open_consumer(const Topic& topic, bool busy = false) {
  ConsumerOptions options;
  options.topics = {{topic.name}};
  options.busy = busy;
  return need(Consumer::open(topic.cluster(), options));
}

// Records of one size, one behind the other, each with its newline.
struct Lines {
  std::string bytes;
  size_t size = 0;

  size_t count() const { return bytes.size() / size; }
  std::string_view value(size_t index) const { return std::string_view(bytes).substr(index * size, size - 1); }
};

Lines read_lines(const char* path) {
  struct stat facts {};
  if (stat(path, &facts) != 0) fail(std::string("no file ") + path);
  Lines lines{std::string(static_cast<size_t>(facts.st_size), '\0')};
  std::ifstream(path).read(lines.bytes.data(), facts.st_size);
  lines.size = lines.bytes.find('\n') + 1;
  if (lines.size == 0 || lines.bytes.size() % lines.size != 0) fail("lines of one size are needed");
  return lines;
}

uint64_t checksum(const Lines& lines) {
  measuring::Checksum sum;
  for (size_t i = 0; i < lines.count(); ++i) sum.add(lines.value(i).data(), lines.size - 1);
  return sum.value();
}

void append(Producer& producer, const Lines& lines, bool by_lines) {
  if (by_lines) {
    if (need(producer.send_lines(lines.bytes)) != lines.bytes.size()) fail("not every line was taken");
  } else {
    for (size_t i = 0; i < lines.count(); ++i) need(producer.send({.value = lines.value(i)}));
  }
  need(producer.flush());
  if (producer.acknowledged() != lines.count()) fail("not every record is acknowledged");
}

// Calls take for each record, until it was called `count` times.
template <class Take>
void consume(Consumer& consumer, uint64_t count, Take take) {
  uint64_t taken = 0;
  for (int64_t last = now_ns(); taken < count;) {
    const size_t now = need(consumer.poll(take, patience));
    taken += now;
    if (now > 0) last = now_ns();
    if (now_ns() - last > patience.count() * 1'000'000) fail("no record came for half a minute");
  }
  if (taken != count) fail("more records came than were sent");
}

uint64_t checksum(Consumer& consumer, uint64_t count) {
  measuring::Checksum sum;
  consume(consumer, count, [&](const Record& record) {
    if (!record.value) fail("a record has no value");
    sum.add(record.value->data(), record.value->size());
  });
  return sum.value();
}

void print(int64_t ns, int64_t cpu, uint64_t records, uint64_t sum) {
  std::printf("{\"ns\": %lld, \"cpu_ns\": %lld, \"records\": %llu, \"sum\": \"%llx\"}\n", static_cast<long long>(ns),
              static_cast<long long>(cpu), static_cast<unsigned long long>(records),
              static_cast<unsigned long long>(sum));
}

void measure_append(const Topic& topic, const Lines& lines, bool by_lines, pid_t broker) {
  const uint64_t sum = checksum(lines);
  Producer producer = open_producer(topic);
  const int64_t cpu_before = cpu_ns({getpid(), broker});
  const int64_t began = now_ns();
  append(producer, lines, by_lines);
  const int64_t ns = now_ns() - began;
  print(ns, cpu_ns({getpid(), broker}) - cpu_before, lines.count(), sum);
}

void measure_tail(const Topic& topic, uint64_t count, pid_t broker) {
  Consumer consumer = open_consumer(topic);
  const int64_t cpu_before = cpu_ns({getpid(), broker});
  const int64_t began = now_ns();
  const uint64_t sum = checksum(consumer, count);
  const int64_t ns = now_ns() - began;
  print(ns, cpu_ns({getpid(), broker}) - cpu_before, count, sum);
}

// What the processes of `both` and of `latency` tell each other.
struct Shared {
  alignas(128) std::atomic<bool> is_ready;  // the consumer stands at its place
  alignas(128) std::atomic<uint64_t> arrived;
  alignas(128) int64_t ended_ns;
  int64_t cpu_ns;
  uint64_t sum;
};

// A consumer in a process of its own, forked before the library is used.
template <class Run>
pid_t start_consumer(Run run) {
  const pid_t child = measuring::fork_child();
  if (child < 0) fail("fork");
  if (child == 0) {
    run();
    std::_Exit(0);
  }
  return child;
}

bool has_failed(pid_t child, int options) {
  int status = 0;
  return waitpid(child, &status, options) != 0 && status != 0;
}

template <class Condition>
void wait_until(Condition is_met, pid_t child) {
  while (!is_met()) {
    if (has_failed(child, WNOHANG)) fail("the consumer failed");
    measuring::sleep_until(now_ns() + 100'000);
  }
}

void wait_for_end(pid_t child) {
  if (has_failed(child, 0)) fail("the consumer failed");
}

Shared& share() {
  void* memory = measuring::shared_memory(sizeof(Shared));
  if (memory == MAP_FAILED) fail("no shared memory");
  return *new (memory) Shared{};
}

void measure_both(const Topic& topic, const Lines& lines, pid_t broker) {
  Shared& shared = share();
  const uint64_t sum = checksum(lines);
  const pid_t child = start_consumer([&] {
    Consumer consumer = open_consumer(topic);
    const int64_t cpu_before = cpu_ns({getpid()});
    shared.is_ready = true;
    shared.sum = checksum(consumer, lines.count());
    shared.ended_ns = now_ns();
    shared.cpu_ns = cpu_ns({getpid()}) - cpu_before;
  });
  wait_until([&] { return shared.is_ready.load(); }, child);
  Producer producer = open_producer(topic);
  const int64_t cpu_before = cpu_ns({getpid(), broker});
  const int64_t began = now_ns();
  append(producer, lines, true);
  const int64_t acknowledged = now_ns();
  wait_for_end(child);
  if (shared.sum != sum) fail("what was read is not what was sent");
  print(std::max(acknowledged, shared.ended_ns) - began, cpu_ns({getpid(), broker}) - cpu_before + shared.cpu_ns,
        lines.count(), sum);
}

void measure_spread(const Topic& topic, pid_t broker) {
  ProducerOptions options;
  int64_t last = 0, gap = 0;
  options.topic = topic.name;
  options.create_topic = false;
  options.delivered = [&](const Delivery& delivery) {
    if (delivery.error) fail(delivery.error->message);
    const int64_t now = now_ns();
    gap = std::max(gap, now - std::exchange(last, now));
  };
  Producer producer = need(Producer::open(topic.cluster(), options));
  const int32_t partitions = producer.partitions();
  const int64_t cpu_before = cpu_ns({getpid(), broker});
  const int64_t began = last = now_ns();
  for (int32_t i = 0; i < partitions; ++i) need(producer.send({.value = std::to_string(i), .partition = i}));
  need(producer.flush());
  const int64_t ns = now_ns() - began;
  std::printf("{\"ns\": %lld, \"cpu_ns\": %lld, \"records\": %d, \"gap_ns\": %lld}\n", static_cast<long long>(ns),
              static_cast<long long>(cpu_ns({getpid(), broker}) - cpu_before), partitions, static_cast<long long>(gap));
}

// A record of the latency: its number, and the rest told by it.
void write_record(char* record, uint64_t number) {
  std::memset(record, 'a' + static_cast<int>(number % 26), record_bytes);
  std::memcpy(record, &number, sizeof number);
}

void see_all(const Topic& topic, Shared& shared, int64_t* seen, size_t count) {
  Consumer consumer = open_consumer(topic, true);
  shared.is_ready = true;
  uint64_t next = 0;
  consume(consumer, count, [&](const Record& record) {
    const int64_t now = now_ns();
    char wanted[record_bytes];
    write_record(wanted, next);
    if (record.value != std::string_view(wanted, record_bytes)) fail("a record came changed, twice, or out of order");
    seen[next++] = now;
    shared.arrived.store(next, std::memory_order_release);
  });
}

void send_at_once(Producer& producer, uint64_t number) {
  char record[record_bytes];
  write_record(record, number);
  need(producer.send({.value = std::string_view(record, record_bytes)}));
  need(producer.poll(milliseconds(0)));
}

void measure_latency(const Topic& topic, size_t warm, size_t rate, size_t ms) {
  Shared& shared = share();
  const size_t total = warm + rate * ms / 1000;
  auto* seen = static_cast<int64_t*>(measuring::shared_memory(total * sizeof(int64_t)));
  if (seen == MAP_FAILED) fail("no shared memory");
  const pid_t child = start_consumer([&] { see_all(topic, shared, seen, total); });
  wait_until([&] { return shared.is_ready.load(); }, child);
  Producer producer = open_producer(topic);
  send_at_once(producer, 0);  // its way is open when the first record is there
  wait_until([&] { return shared.arrived.load(std::memory_order_acquire) > 0; }, child);

  const int64_t began = now_ns() + 1'000'000;
  const auto due = [&](size_t record) { return began + static_cast<int64_t>(record * 1'000'000'000 / rate); };
  std::vector<int64_t> sent(total);
  for (size_t record = 1; record < total; ++record) {
    measuring::sleep_until(due(record));
    sent[record] = now_ns();
    send_at_once(producer, record);
  }
  need(producer.flush());
  wait_for_end(child);

  std::vector<int64_t> from_due, from_send;
  for (size_t record = std::max<size_t>(1, warm); record < total; ++record) {
    from_due.push_back(seen[record] - due(record));
    from_send.push_back(seen[record] - sent[record]);
  }
  if (from_due.empty()) fail("no measurement");
  std::printf("{\"records\": %zu, \"from_due\": {", from_due.size());
  measuring::print_percentiles(from_due);
  std::printf("}, \"from_write\": {");
  measuring::print_percentiles(from_send);
  std::printf("}}\n");
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  const auto is = [&](const char* name, size_t parameters, size_t optional = 0) {
    return !arguments.empty() && arguments[0] == name && arguments.size() > parameters &&
           arguments.size() <= parameters + optional + 1;
  };
  const auto number = [&](size_t at) {
    return at < arguments.size() ? std::strtoull(arguments[at].c_str(), nullptr, 10) : 0;
  };
  const auto process = [&](size_t at) { return static_cast<pid_t>(number(at)); };  // 0: none
  if (is("append", 4, 1)) {
    measure_append({arguments[2], arguments[3]}, read_lines(words[5]), arguments[1] == "lines", process(5));
  } else if (is("tail", 3, 1)) {
    measure_tail({arguments[1], arguments[2]}, number(3), process(4));
  } else if (is("both", 3, 1)) {
    measure_both({arguments[1], arguments[2]}, read_lines(words[4]), process(4));
  } else if (is("latency", 5)) {
    measure_latency({arguments[1], arguments[2]}, number(3), number(4), number(5));
  } else if (is("spread", 2, 1)) {
    measure_spread({arguments[1], arguments[2]}, process(3));
  } else {
    std::fprintf(stderr, "library: its source tells the commands\n");
    return 2;
  }
  return 0;
}
