// Surroundings: what a command is told of its record, beside the value on its standard input: variables of its environment, and
// where they would not do (a key with a NUL, what is larger than 64 KiB) files that it finds under the names in them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/exec/owned_record.h"

namespace bobbin::cmd {

inline constexpr size_t variable_bytes_max = 64 << 10;

struct Surroundings {
  std::vector<std::string> variables;  // NAME=VALUE
  std::vector<std::string> files;      // what descriptors hold from os::child_files_fd on
};

// The variables of this program itself, less those that tell of a record: a worker may be started by a command of another one.
std::vector<std::string> inherited_variables(const std::vector<std::string>& all);

// [{"key":K,"value":V},...], as `consume -J` prints it.
std::string headers_json(const record::Record& record);

// Of one record.
Surroundings surroundings_of(const OwnedRecord& record, std::string_view group, int attempt);
// Of a batch, which is not empty: where it begins and ends, and how many records there are.
Surroundings surroundings_of(const std::vector<const OwnedRecord*>& batch, std::string_view group, int attempt);

}  // namespace bobbin::cmd
