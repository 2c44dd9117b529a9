// What somebody typed, sorted by the table of commands: which command, which options with which texts, which words.
// Numbers, durations and the like are still texts here; the accessors read them and speak of the option by its name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "cmd/words/commands.h"

namespace bobbin::cmd {

class Arguments {
 public:
  // Finds the command and reads its options. Errc::usage with a sentence: an unknown command or option (and the nearest
  // known one), a value that is missing, or one that is none of those allowed.
  static Result<Arguments> parse(const std::vector<std::string>& typed);

  const Command* command() const { return command_; }  // nullptr: none was named
  std::string_view group() const { return group_; }    // "topic" of a lone `bobbin topic`

  bool has(std::string_view option) const { return values_.contains(option); }
  // The last value given.
  std::optional<std::string> text(std::string_view option) const;
  const std::vector<std::string>& all(std::string_view option) const;
  // Errc::usage unless absent or a number within the bounds.
  Result<std::optional<int64_t>> number(std::string_view option, int64_t min, int64_t max) const;
  Result<std::optional<int64_t>> duration_ms(std::string_view option) const;
  Result<std::optional<Timestamp>> time(std::string_view option, Timestamp now) const;

  const std::vector<std::string>& words() const { return words_; }
  // Names given as words or as --topic.
  std::vector<std::string> topics() const;
  // Numbers given as --partition N[,N...], ascending, each once.
  Result<std::vector<PartitionId>> partitions() const;

  // For tests.
  void set(std::string option, std::string value) { values_[std::move(option)].push_back(std::move(value)); }

 private:
  Status find(std::vector<std::string>& typed);
  Status read(const std::vector<std::string>& typed);
  Status check_values() const;

  const Command* command_ = nullptr;
  std::string group_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> words_;
};

// What was typed is at fault, whatever the cluster.
inline Error usage(std::string message) { return error(Errc::usage, std::move(message)); }

// "k=v" in two; nothing without '='.
std::optional<std::pair<std::string, std::string>> key_and_value(std::string_view text);

// The bytes that a text with \n, \t, \r, \0, \\ and \xNN means. Errc::usage for any other backslash.
Result<std::string> unescaped(std::string_view text, std::string_view option);

}  // namespace bobbin::cmd
