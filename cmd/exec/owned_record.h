// OwnedRecord: a record that outlives the batch that it came in, with the place where it lies.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/group/commits.h"
#include "record/types.h"

namespace bobbin::cmd {

class OwnedRecord {
 public:
  OwnedRecord(std::string_view topic, PartitionId partition, const record::Record& record)
      : place_(std::string(topic), partition), key_(owned(record.key)), value_(owned(record.value)),
        headers_(record.headers_bytes), parts_(record) {}

  const client::Place& place() const { return place_; }
  const std::string& topic() const { return place_.first; }
  PartitionId partition() const { return place_.second; }
  Offset offset() const { return parts_.offset; }
  Timestamp timestamp() const { return parts_.timestamp; }
  const std::optional<std::string>& key() const { return key_; }
  const std::optional<std::string>& value() const { return value_; }
  // "orders-0, offset 5"
  std::string name() const {
    return topic() + "-" + std::to_string(partition().value) + ", offset " + std::to_string(offset().value);
  }
  // A view of it; this must outlive it and stay where it is.
  record::Record record() const {
    record::Record view = parts_;
    view.key = key_ ? std::optional<Bytes>(*key_) : std::nullopt;
    view.value = value_ ? std::optional<Bytes>(*value_) : std::nullopt;
    view.headers_bytes = headers_;
    return view;
  }
  // What it takes in memory, about.
  size_t bytes() const {
    return sizeof *this + place_.first.size() + headers_.size() + (key_ ? key_->size() : 0) +
           (value_ ? value_->size() : 0);
  }

 private:
  static std::optional<std::string> owned(const std::optional<Bytes>& bytes) {
    return bytes ? std::optional<std::string>(*bytes) : std::nullopt;
  }

  client::Place place_;
  std::optional<std::string> key_, value_;
  std::string headers_;   // still encoded
  record::Record parts_;  // its views are nobody's
};

}  // namespace bobbin::cmd
