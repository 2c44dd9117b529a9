// Consumer: reads the partitions of topics in order, from a start to a stop, with the speed and the promises of
// `bobbin consume`: each record once, every batch's checksum verified; of a cluster on this machine straight from the
// leaders' files. There are no groups: where to go on is the caller's to keep (positions()).
//
//   auto consumer = bobbin::api::Consumer::open({}, {.topics = {{"orders"}}, .stop = Stop::end()});
//   if (!consumer) return complain(consumer.error());
//   while (!consumer->is_done()) {
//     auto taken = consumer->poll([&](const Record& record) { use(record.value); }, std::chrono::seconds(1));
//     if (!taken) return complain(taken.error());
//   }
//
// Records of one partition come in the order of their offsets; those of several partitions in any order between them.
//
// Threads: a Consumer is used by one thread at a time and starts none. Nothing moves between its calls. Two of them in
// two threads do not disturb each other. A process that forks uses it in one of the two processes only.
//
// A consumer that waits uses no CPU time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "bobbin/cluster.h"
#include "bobbin/error.h"
#include "bobbin/values.h"

namespace bobbin::api {

// A place in one partition that counts more than Start does.
struct PartitionStart {
  int32_t partition = 0;
  int64_t offset = 0;
};

struct Subscription {
  std::string topic{};
  std::vector<int32_t> partitions{};     // empty: all, also those that are added later (read from their beginning)
  std::vector<PartitionStart> starts{};  // for partitions that go on where somebody kept them
};

struct ConsumerOptions {
  std::vector<Subscription> topics{};
  Start start{};
  Stop stop{};
  bool wait_for_topics = false;  // a topic that is not there is waited for, then read from its first record
  OutOfRange out_of_range = OutOfRange::fail;
  milliseconds timeout{10'000};           // without an answer from a broker that is needed, then Code::no_answer
  int32_t fetch_bytes_max = 8 << 20;      // of one answer of a broker
  int32_t partition_bytes_max = 1 << 20;  // of one partition in it; a batch that is larger comes nevertheless
  milliseconds fetch_wait{500};           // how long a broker may hold a question that has no answer yet
  size_t batch_bytes_max = 256 << 20;     // what one batch may decompress to
  // poll() looks again and again, with yields, instead of sleeping, and so do the brokers that it waits for, as long as it
  // does: the lowest latency for a core each.
  bool busy = false;
};

// A record as it lies in the log. Every view is good until the callback that gets it returns.
struct Record {
  std::string_view topic{};
  int32_t partition = 0;
  int64_t offset = 0;
  Timestamp timestamp = no_timestamp;
  std::optional<std::string_view> key{};  // none: null, which is not the same as empty
  std::optional<std::string_view> value{};
  int32_t headers_count = 0;
  std::string_view headers_bytes{};  // encoded; read_headers() reads them

  // Replaces what `into` held; its views are good as long as the record's. malformed: the bytes are not headers.
  Status read_headers(std::vector<Header>& into) const;
};

struct Position {
  std::string topic{};
  int32_t partition = 0;
  int64_t next = 0;  // offset of the record that comes next: what to keep in order to go on
  std::optional<int64_t> stop{};
  std::optional<int64_t> high_watermark{};  // the end of what may be read, as last heard; none: not yet
};

class Consumer {
 public:
  // Connects, starts a broker where that is allowed and none lives, and finds the positions. Blocks, at most
  // cluster.timeout without progress.
  // usage, invalid_topic_exception: an option or a name that cannot be; unknown_topic_or_partition: a topic or partition
  // is not there (unless wait_for_topics); offset_out_of_range; no_answer; stopped.
  static Result<Consumer> open(const Cluster& cluster, const ConsumerOptions& options);
  ~Consumer();
  // What was moved from can be assigned to or destroyed, and nothing else.
  Consumer(Consumer&&) noexcept;
  Consumer& operator=(Consumer&&) noexcept;

  // Calls take(const Record&) for each record that is at hand, and returns for how many. Only if there is none, waits
  // for some at most `wait` (0: only looks; negative: until there are some). 0 is no error: the time is up, something
  // moved without bringing records, a signal handler returned, or is_done(). One call hands over about a mebibyte of
  // each partition at most, so that the caller comes to other things.
  //
  // `take` returns nothing, or a bool: false says that this record was taken and the next ones wait for the next poll().
  // It must not call the consumer. An exception of its own passes through; the consumer must not be used after it.
  //
  // An error is told behind the records before it, and by every later poll(): damaged or corrupt_message (a wrong
  // checksum), offset_out_of_range, inconsistent_topic_id (the topic was deleted and made anew), no_answer, stopped.
  template <class Take>
  requires std::is_invocable_v<Take&, const Record&> Result<size_t> poll(Take&& take, milliseconds wait) {
    auto call = [&take](const Record& record) -> bool {
      if constexpr (std::is_void_v<std::invoke_result_t<Take&, const Record&>>) {
        take(record);
        return true;
      } else {
        return take(record);
      }
    };
    return poll_with([](void* with, const Record& record) { return (*static_cast<decltype(call)*>(with))(record); },
                     &call, wait);
  }

  bool is_done() const;    // every partition has reached its stop
  bool is_at_end() const;  // every partition's position was at its high watermark when last heard of
  // Of every partition that is read, by what poll() handed over.
  std::vector<Position> positions() const;
  // What is awaited, for a person ("topic orders, which is not there yet"); empty: nothing but records.
  std::string awaited() const;

 private:
  struct State;
  explicit Consumer(std::unique_ptr<State> state);
  Result<size_t> poll_with(bool (*take)(void* with, const Record&), void* with, milliseconds wait);
  std::unique_ptr<State> state_;
};

}  // namespace bobbin::api
