// How consume prints a record: as -f says, as a JSON object, or as (key and) value with a delimiter. A format is
// parsed once; printing appends to a buffer and never fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cmd/input/lines.h"
#include "record/batch.h"

namespace bobbin::cmd {

struct Printed {
  std::string_view topic;
  PartitionId partition;
  const record::Record& record;
};

class Format {
 public:
  struct Plain {
    std::string delimiter = "\n";                   // after each record
    std::optional<std::string> key_delimiter = {};  // key and this before each value
    std::string null_text = {};                     // for a null key or value
    bool value = true;
    bool sized = false;  // --frame u32be: the length before, no delimiter
    // The columns of Kafka's console consumer before key and value, in its order: print.timestamp ... `separator` stands
    // between columns. Without any column, and no value, nothing is printed at all.
    bool timestamp = false, partition = false, offset = false, delivery = false, epoch = false, headers = false;
    std::string headers_separator = ",";
    std::string separator = "\t";
  };
  static Format plain(Plain how);
  static Format json();
  // Letters of -f; see the manual. Errc::usage for a letter that means nothing.
  static Result<Format> letters(std::string_view text, std::string null_text);

  // Bytes of keys, values and headers are shown so that they cannot steer a terminal.
  void escape_for_terminal() { escape_ = true; }

  void append(std::string& out, const Printed& printed);
  // Each record is its value and the delimiter, byte for byte.
  bool is_values_only() const;
  const Plain& plain_parts() const { return plain_; }

 private:
  struct Part {
    char letter = 0;          // 0: the text itself
    std::string text;         // of %d and %h: what stood in the braces
    std::vector<Part> inner;  // of %h{...}
  };
  enum class Kind { plain, json, letters };

  static Result<std::vector<Part>> parse(std::string_view text, std::string_view known);
  void append_plain(std::string& out, const Printed& printed);
  void append_json(std::string& out, const Printed& printed);
  void append_part(std::string& out, const Part& part, const Printed& printed);
  void append_header(std::string& out, const Part& part, const record::Header& header);
  // NAME, `divider`, VALUE, `separator`, ...
  void append_headers(std::string& out, const record::Record& record, char divider, std::string_view separator);
  bool append_columns(std::string& out, const Printed& printed);
  void append_bytes(std::string& out, const std::optional<Bytes>& bytes, std::string_view encoding = {});
  void read_headers(const record::Record& record);

  Kind kind_ = Kind::plain;
  Plain plain_;
  std::vector<Part> parts_;
  bool escape_ = false;
  std::vector<record::Header> headers_;
};

}  // namespace bobbin::cmd
