// From a line to a record: key and value apart, nulls, headers, or what a JSON object says.
#pragma once

#include <vector>

#include "client/producer/producer.h"
#include "cmd/output/json_envelope.h"
#include "cmd/produce/options.h"

namespace bobbin::cmd {

class RecordMaker {
 public:
  explicit RecordMaker(const ProduceOptions& options);
  // A line is a value, without key, headers, or a time of its own.
  bool takes_lines_as_they_are() const;
  // The record's views are good until the next call, and as long as `line`. Errc::malformed: why the line is none.
  Status make(Bytes line, client::OutRecord& into);

 private:
  Status from_json(Bytes line, client::OutRecord& into);
  std::optional<Bytes> nullable(Bytes bytes) const;

  const ProduceOptions& options_;
  std::vector<record::Header> headers_;
  Envelope envelope_;
};

}  // namespace bobbin::cmd
