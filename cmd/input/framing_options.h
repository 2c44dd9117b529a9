// --frame and --delimiter, which say the same of what produce reads and of what consume prints.
#pragma once

#include "cmd/input/lines.h"
#include "cmd/words/arguments.h"

namespace bobbin::cmd {

inline constexpr Option delimiter_option{
    .name = "delimiter",
    .shorts = "D",
    .value = "TEXT",
    .doc = "What ends a record, instead of a newline. \\t, \\n, \\0 and \\xNN are understood."};

// What both of them say together. Errc::usage with a sentence.
Result<Framing> read_framing(const Arguments& arguments);

}  // namespace bobbin::cmd
