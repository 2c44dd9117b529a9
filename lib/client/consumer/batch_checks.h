// BatchChecks: what can be wrong with a batch that came, said with the name of its partition.
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "record/batch.h"

namespace bobbin::client {

class BatchChecks {
 public:
  // `bytes_max`: of one batch.
  BatchChecks(std::string partition_name, size_t bytes_max) : name_(std::move(partition_name)), bytes_max_(bytes_max) {}

  const std::string& name() const { return name_; }
  size_t bytes_max() const { return bytes_max_; }
  std::string where(Offset at) const { return name_ + ": the batch at offset " + to_string(at); }

  // `rest` begins with what should be a batch, and may be a part of one; more than magic_at bytes of it are there. What no
  // checksum covers. Errc::damaged, unsupported_for_message_format, message_too_large.
  Status check_shape(Bytes rest, Offset at) const;
  Status check_crc(const record::BatchView& batch) const;

 private:
  std::string name_;
  size_t bytes_max_;
};

}  // namespace bobbin::client
