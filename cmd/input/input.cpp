#include "cmd/input/input.h"

#include <cerrno>
#include <cstring>

#include "os/stdio.h"

namespace bobbin::cmd {
namespace {

constexpr size_t pipe_bytes = 1 << 20;

}  // namespace

Result<Input> Input::open(std::vector<std::string> files, Framing framing) {
  std::vector<Source> sources;
  if (files.empty()) files.push_back("-");
  for (std::string& name : files) {
    Source source;
    if (name != "-") {
      source.file = {std::fopen(name.c_str(), "re"), std::fclose};
      if (!source.file) return error(Errc::not_found, name + ": " + std::strerror(errno));
      source.name = std::move(name);
    }
    if (os::is_directory(source.fd()))
      return error(Errc::usage,
                   (name == "-" ? "stdin" : source.name) + " is a directory; what is sent comes from files");
    sources.push_back(std::move(source));
  }
  Input input(std::move(sources), std::move(framing));
  BOBBIN_TRY(input.begin());
  return input;
}

Status Input::limit(size_t record_bytes_max, std::function<void(Bytes)> spill) {
  framing_.record_bytes_max = record_bytes_max;
  spill_ = std::move(spill);
  return begin();
}

int Input::Source::fd() const { return file ? fileno(file.get()) : os::stdin_fd; }

int Input::fd() const { return sources_[current_].fd(); }

std::vector<int> Input::descriptors() const {
  std::vector<int> all;
  for (const Source& source : sources_) all.push_back(source.fd());
  return all;
}

// Files are read like pipes, not mapped: one that is cut meanwhile (logs are rotated by copying) would end us by SIGBUS,
// and the kernel's own (/proc, /sys) claim to be empty. Reading starts where the descriptor stands.
Status Input::begin() {
  sources_[current_].first_ordinal = ordinal_;
  if (!os::is_open(fd())) return error(Errc::io_error, "stdin is closed; give it a file, a pipe or /dev/null");
  is_file_ = os::is_regular(fd());
  if (!is_file_) os::set_pipe_capacity(fd(), pipe_bytes);
  lines_ = std::make_unique<Lines>(framing_);
  lines_->spill_into(spill_);
  return {};
}

void Input::stop() {
  stopped_ = true;
  lines_->end();
}

Result<Input::Next> Input::next(Line& into) {
  while (true) {
    if (stopped_ && is_file_) return Next::end;
    switch (lines_->next(into)) {
      case Lines::Next::record:
        ordinal_++;
        bytes_taken_ += into.length;
        return Next::record;
      case Lines::Next::more:
        return Next::dry;
      case Lines::Next::torn:
        return error(Errc::malformed,
                     "the input ends in the middle of " + place(ordinal_ + 1) + ": its length says more than there is");
      case Lines::Next::end:
        break;
    }
    if (stopped_ || current_ + 1 == sources_.size()) return Next::end;
    current_++;
    BOBBIN_TRY(begin());
  }
}

void Input::take(size_t bytes, uint64_t count) {
  lines_->take(bytes, count);
  ordinal_ += count;
  bytes_taken_ += bytes - count;
}

Status Input::read() {
  std::span<char> room = lines_->room();
  auto got = os::read_some(fd(), room);
  if (!got) return std::move(got).error().in(sources_[current_].name.empty() ? "stdin" : sources_[current_].name);
  if (!*got) return {};
  if (**got == 0) lines_->end();
  else lines_->filled(**got);
  return {};
}

std::string Input::place() const { return place(ordinal_); }

std::string Input::place(uint64_t number) const {
  size_t i = current_;
  while (i > 0 && number <= sources_[i].first_ordinal) i--;
  std::string what = framing_.frame == Frame::line && framing_.delimiter == "\n" ? "line " : "record ";
  std::string name = sources_[i].name.empty() ? "" : sources_[i].name + " ";
  return name + what + std::to_string(number - sources_[i].first_ordinal);
}

}  // namespace bobbin::cmd
