// Exit codes, in one place. The manual's table of them is in commands.cpp.
#pragma once

#include <string_view>

#include "base/result.h"

namespace bobbin::cmd {

inline constexpr int exit_done = 0;
inline constexpr int exit_no = 1;         // the cluster says no, or a part was done
inline constexpr int exit_usage = 2;      // no cluster could accept the text
inline constexpr int exit_no_answer = 3;  // nobody answered in time, and nothing was acknowledged
inline constexpr int exit_damaged = 4;

// The exit code of a command that failed so, having done nothing.
int exit_code(Errc code);

// Says "bobbin: <message>" on stderr, safe for a terminal, and returns the exit code of the error.
int fail(const Error& error);

// The same, and where the text was at fault, which help to look into ("topic create").
int fail(const Error& error, std::string_view command);

// Says so and returns exit_usage. `command` ("topic create") names the help to look into.
int fail_usage(std::string_view command, std::string_view message);

}  // namespace bobbin::cmd
