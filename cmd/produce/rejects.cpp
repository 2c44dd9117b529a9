#include "cmd/produce/rejects.h"

#include "os/stdio.h"

namespace bobbin::cmd {
namespace {
constexpr size_t write_bytes = 64 << 10;
}

Status Rejects::open(const ProduceOptions& options) {
  how_ = options.on_error;
  if (how_ != OnError::keep) return {};
  path_ = options.reject_file;
  BOBBIN_TRY_ASSIGN(file, os::open_output(path_));
  file_ = std::move(file);
  watch(-1);
  return {};
}

void Rejects::watch(int signal_fd) {
  if (file_.is_open()) writer_.emplace(file_.value(), signal_fd);
}

void Rejects::add(const std::string& place, const std::string& why) {
  if (count_++ == 0) first_ = place + ": " + why;
}

void Rejects::write(Bytes bytes, bool is_ending) {
  if (!writer_ || bad_) return;
  waiting_ += bytes;
  if (waiting_.size() >= write_bytes) flush(is_ending);
}

// A reader of a pipe that does not read any more must not keep the rest from being sent: it is told at the end.
void Rejects::flush(bool is_ending) {
  auto outcome = writer_->write(waiting_, is_ending);
  waiting_.clear();
  if (!outcome) bad_ = std::move(outcome).error();
  else if (*outcome != StreamWriter::Outcome::written) bad_ = error(Errc::io_error, "its reader does not read");
}

Status Rejects::close(bool is_ending) {
  if (!writer_) return {};
  if (!bad_) flush(is_ending);
  if (bad_) return error(Errc::io_error, path_ + ": not every refused line could be written there: " + bad_->message);
  return {};
}

}  // namespace bobbin::cmd
