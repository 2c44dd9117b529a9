#include "cmd/topic/patterns.h"

#include <re2/re2.h>

#include <algorithm>

namespace bobbin::cmd {

TopicPatterns::TopicPatterns() = default;
TopicPatterns::TopicPatterns(TopicPatterns&&) noexcept = default;
TopicPatterns::~TopicPatterns() = default;

Result<TopicPatterns> TopicPatterns::compile(const std::vector<std::string>& texts) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // names are ASCII, and a pattern may be any bytes
  options.set_never_capture(true);
  TopicPatterns compiled;
  for (const std::string& text : texts) {
    auto pattern = std::make_unique<re2::RE2>(text, options);
    if (!pattern->ok())
      return error(Errc::usage, "'" + text +
                                    "' is no regular expression that is taken (RE2's syntax, without look-around): " +
                                    pattern->error());
    compiled.patterns_.push_back(std::move(pattern));
  }
  return compiled;
}

bool TopicPatterns::match(std::string_view name) const {
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const auto& pattern) {
    return re2::RE2::FullMatch({name.data(), name.size()}, *pattern);
  });
}

}  // namespace bobbin::cmd
