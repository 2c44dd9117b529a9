// Standard input and output as descriptors: pipes, files and terminals, blocking or not (their other owners decide that
// and may change it while we run).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "os/fd.h"

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
// From now on standard error is standard output, or goes nowhere.
void redirect_standard_error(bool to_standard_output);
// Opens a file for writing, or makes it; a regular one is emptied. A FIFO waits for its reader.
Result<Fd> open_output(const std::string& path);
// Where the next read of a regular file starts.
Result<uint64_t> position(int fd);

// Writes everything, waiting where it must. Errc::disconnected: the reader has gone; disk_full.
Status write_all(int fd, Bytes bytes);
// Write and read what can be written and read now. Where nothing can, they may wait for a moment (some 20 ms), but never
// longer, whatever the descriptor is, blocking or not: a terminal takes less than poll() promises, and input that
// others read as well may be gone. Empty: nothing was taken, or nothing was there. 0 bytes read are the end.
Result<std::optional<size_t>> write_some(int fd, Bytes bytes);
Result<std::optional<size_t>> read_some(int fd, std::span<char> into);
// A message for a person on standard error: waits for its reader, but not for one that does not read when the process was
// told to end (is_told_to_end() of signals.h), nor for longer than `wait_ms` (-1: as long as it takes). Whether all of it
// was written.
bool complain(Bytes text, int64_t wait_ms = -1);

// How many bytes a pipe holds at most; empty: not a pipe.
std::optional<size_t> pipe_capacity(int fd);
// Asks for a larger pipe; harmless where that is refused.
void set_pipe_capacity(int fd, size_t bytes);
// Bytes in a pipe or socket that its reader has not taken yet (FIONREAD); also after the reader has gone.
std::optional<size_t> unread_bytes(int fd);
// Width of the terminal in columns; empty: not a terminal.
std::optional<unsigned> terminal_columns(int fd);

}  // namespace bobbin::os
