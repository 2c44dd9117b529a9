#include "log/kept_tail.h"

#include <algorithm>

namespace bobbin::log {

namespace {
constexpr uint64_t copy_bytes = 256 * 1024;  // at a time
}  // namespace

std::string kept_name(os::Storage& storage, const std::string& file, Offset at) {
  const std::string first = file + ".cut." + to_string(at);
  std::string name = first;
  for (int n = 2; storage.stat(name).ok(); n++) name = first + "-" + std::to_string(n);
  return name;
}

Result<std::string> keep_tail(os::Storage& storage, const std::string& file, uint64_t position, Offset at) {
  BOBBIN_TRY_ASSIGN(from, storage.open(file, os::Open::read));
  const std::string name = kept_name(storage, file, at);
  std::unique_ptr<os::File> to;
  std::string buffer;
  for (uint64_t done = 0;; done += buffer.size()) {
    done = from->hole_end(position + done) - position;
    buffer.resize(copy_bytes);
    BOBBIN_TRY_ASSIGN(got, from->read(std::span<char>(buffer.data(), buffer.size()), position + done));
    buffer.resize(got);
    if (got == 0) break;
    if (!to && buffer.find_first_not_of('\0') != std::string::npos) {
      BOBBIN_TRY_ASSIGN(made, storage.open(name, os::Open::create_new));
      to = std::move(made);  // zeros so far: a hole
    }
    if (to) BOBBIN_TRY(to->write(Bytes(buffer), done));
  }
  if (!to) return std::string();
  BOBBIN_TRY(to->sync());
  return name;
}

}  // namespace bobbin::log
