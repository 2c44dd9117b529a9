// Fuzz targets: one function for each kind of bytes that come from outside. It gets any bytes and must neither crash, nor
// read beyond them, nor take more memory or time than they are worth; what it believes of them it checks with must().
//
// The table in targets.cpp names them all. The same functions are run by two programs: `fuzz` (driver.cpp) takes what is
// kept in corpus/NAME.hex, one input a line; `fuzz_clang` is libFuzzer, which looks for more from there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace bobbin::fuzz {

using Run = void (*)(Bytes input);

struct Target {
  std::string_view name;
  Run run;
  size_t input_bytes_max = 4096;  // larger ones find nothing more, later
};

std::span<const Target> targets();
const Target* find_target(std::string_view name);

inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}
inline void must(const Status& status, const char* what) {
  if (!status) std::fprintf(stderr, "%s\n", status.error().message.c_str());
  must(status.ok(), what);
}

// Takes an input apart: numbers from its front, and pieces that say their length in two bytes. At its end all is 0 and
// empty.
class Pieces {
 public:
  explicit Pieces(Bytes input) : rest_(input) {}

  template <std::integral T>
  T number() {
    if (rest_.size() < sizeof(T)) {
      rest_ = {};
      return 0;
    }
    T value = load_be<T>(rest_.data());
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  Bytes piece() {
    const size_t wanted = number<uint16_t>();
    const size_t bytes = std::min(wanted, rest_.size());
    Bytes taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  Bytes rest() const { return rest_; }

 private:
  Bytes rest_;
};

// Gives the batches that lie in `log` right checksums, which no chance would.
void seal_batches(std::string& log);

// --- the targets, by the file that they are in

void request(Bytes);  // messages.cpp
void answer(Bytes);
void metadata_record(Bytes);

void group_records(Bytes);  // group_records.cpp

void batch(Bytes);  // batches.cpp
void fetched(Bytes);
void gzip(Bytes);
void snappy(Bytes);
void lz4(Bytes);
void zstd(Bytes);

void metadata_log(Bytes);  // logs.cpp
void segment(Bytes);
void offset_index(Bytes);  // indexes.cpp
void time_index(Bytes);

void checkpoint(Bytes);  // state_files.cpp
void topic_ids(Bytes);
void leader_epochs(Bytes);
void producer_snapshot(Bytes);
void partition_metadata(Bytes);
void clean_shutdown(Bytes);
void meta_properties(Bytes);
void durable_end(Bytes);
void cluster_properties(Bytes);
void broker_state(Bytes);
void stop_order(Bytes);
void config_file(Bytes);

void subscription(Bytes);  // groups.cpp
void assignment(Bytes);
void assign(Bytes);

}  // namespace bobbin::fuzz
