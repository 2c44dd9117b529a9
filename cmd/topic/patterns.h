// Topics by regular expressions. Expressions and names may be anybody's: matching takes time in proportion to the name's
// length, whatever the expression, and memory that is bounded.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace bobbin::cmd {

class TopicPatterns {
 public:
  // Errc::usage: one is no expression of RE2's syntax (Perl's without look-around and back-references), or it is too large.
  static Result<TopicPatterns> compile(const std::vector<std::string>& texts);
  TopicPatterns(TopicPatterns&&) noexcept;
  ~TopicPatterns();

  // Whether one of them matches the whole name.
  bool match(std::string_view name) const;

 private:
  TopicPatterns();
  std::vector<std::unique_ptr<re2::RE2>> patterns_;
};

}  // namespace bobbin::cmd
