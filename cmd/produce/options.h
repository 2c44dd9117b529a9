// What a produce shall do, read from its arguments: everything is checked here, before a cluster is asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/producer/producer.h"
#include "cmd/input/lines.h"
#include "cmd/output/json_envelope.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {

// What happens to a line that cannot be sent.
enum class OnError { stop, skip, keep };

struct ProduceOptions {
  std::string topic;
  std::vector<std::string> files;  // empty: stdin
  client::ProducerOptions producer;
  bool create = true;
  int64_t timeout_ms = 0;  // once connected
  std::optional<int64_t> given_timeout_ms;

  Framing framing;
  bool json = false;
  std::optional<std::string> key;
  std::optional<std::string> key_delimiter;
  std::vector<std::string> null_texts;  // a value or key of exactly this is null
  std::vector<HeaderText> headers;
  std::optional<Timestamp> timestamp;
  bool allow_expired = false;

  bool tee = false;
  OnError on_error = OnError::stop;
  std::string reject_file;  // of OnError::keep
};

// Errc::usage with a sentence.
Result<ProduceOptions> read_produce_options(const Arguments& arguments, Timestamp now);

}  // namespace bobbin::cmd
