#include "cmd/input/whole_file.h"

#include <cstdio>
#include <memory>

#include "cmd/words/arguments.h"

namespace bobbin::cmd {

namespace {
constexpr size_t file_bytes_max = 64 << 20;
}

Result<std::string> whole_file(const std::string& path, std::string_view option) {
  const std::string name(option);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{nullptr, std::fclose};
  std::FILE* from = stdin;
  if (path != "-") {
    file.reset(std::fopen(path.c_str(), "re"));
    if (!file) return usage(name + ": " + path + " cannot be read");
    from = file.get();
  }
  std::string text;
  char piece[65536];
  while (const size_t n = std::fread(piece, 1, sizeof piece, from)) {
    text.append(piece, n);
    if (text.size() > file_bytes_max) return usage(name + ": more than 64 MiB");
  }
  if (std::ferror(from)) return usage(name + ": " + path + " cannot be read");
  return text;
}

}  // namespace bobbin::cmd
