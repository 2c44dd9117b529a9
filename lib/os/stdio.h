// Standard input and output as descriptors: pipes, files and terminals, blocking or not (their other owners decide that
// and may change it while we run).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace bobbin::os {

inline constexpr int stdin_fd = 0;
inline constexpr int stdout_fd = 1;
inline constexpr int stderr_fd = 2;

bool is_terminal(int fd);
bool is_fifo(int fd);
bool is_regular(int fd);
bool is_directory(int fd);
bool is_open(int fd);
// Puts /dev/null where standard output or error is closed: else the next file or socket to be opened would get its number,
// and what is printed. A write to a closed standard output fails as before (EBADF). Called once, before anything is opened.
void hold_standard_outputs();
// Where the next read of a regular file starts.
Result<uint64_t> position(int fd);

// Writes everything, waiting where it must. Errc::disconnected: the reader has gone; disk_full.
Status write_all(int fd, Bytes bytes);
// Reads what there is, waiting for the first byte; 0 is the end. Empty: a signal came first.
Result<std::optional<size_t>> read_some(int fd, std::span<char> into);

// How many bytes a pipe holds at most; empty: not a pipe.
std::optional<size_t> pipe_capacity(int fd);
// Asks for a larger pipe; harmless where that is refused.
void set_pipe_capacity(int fd, size_t bytes);
// Bytes in a pipe or socket that its reader has not taken yet (FIONREAD); also after the reader has gone.
std::optional<size_t> unread_bytes(int fd);
// Width of the terminal in columns; empty: not a terminal.
std::optional<unsigned> terminal_columns(int fd);

}  // namespace bobbin::os
