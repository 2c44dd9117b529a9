// The JSON form of a record, both ways and byte for byte:
//
//   {"topic":T,"partition":N,"offset":N,"timestamp":MS,"key":K,"value":V,"headers":[{"key":K,"value":V},...]}
//
// Bytes that are valid UTF-8 are a string; others are base64 under "key_b64" and "value_b64". null is null, empty is "".
// Headers keep order and duplicates. Control characters and what could steer a terminal are written as \uNNNN.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "record/types.h"

namespace bobbin::cmd {

struct HeaderText {
  std::string key;
  std::optional<std::string> value;
  bool operator==(const HeaderText&) const = default;
};

// What an object says to a producer; "topic" and "offset" are read over.
struct Envelope {
  std::optional<PartitionId> partition;  // absent or null: the partitioner's
  std::optional<Timestamp> timestamp;    // absent or null: now; any number is one, also -1 and those before 1970
  std::optional<std::string> key;        // absent or null: null
  std::optional<std::string> value;
  std::vector<HeaderText> headers;
  bool operator==(const Envelope&) const = default;
};

// Overwrites `into` (and so keeps its memory). Errc::malformed with what is wrong: not one JSON object, an unknown field,
// one given twice, a value of another kind, text that is not UTF-8, bad base64.
Status parse_envelope(Bytes json, Envelope& into);

// Appending writers, from which consume builds the object.
void append_json_string(std::string& out, Bytes utf8);
// Of a name or a config's value, which may hold anything: bytes that are not UTF-8 are written as \xNN.
void append_json_text(std::string& out, std::string_view text);
// "name":"text" | "name":null | "name_b64":"..."
void append_json_bytes(std::string& out, std::string_view name, const std::optional<Bytes>& bytes);
// [{"key":K,"value":V},...]
void append_json_headers(std::string& out, std::span<const record::Header> headers);

void append_base64(std::string& out, Bytes bytes);
// Nothing unless it is canonical: padded, no other characters, no stray bits.
std::optional<std::string> parse_base64(std::string_view text);

}  // namespace bobbin::cmd
