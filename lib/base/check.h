// check(): for what cannot happen. Always on; a broken invariant ends the process before it can end a log.
#pragma once

#include <string_view>

namespace bobbin {

[[noreturn]] void check_failed(std::string_view what, const char* file, int line);

inline void check(bool holds, std::string_view what, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (!holds) [[unlikely]]
    check_failed(what, file, line);
}

}  // namespace bobbin
