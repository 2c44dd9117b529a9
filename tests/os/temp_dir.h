// TempDir: a directory of a test's own, gone with it.
#pragma once

#include <stdlib.h>

#include <string>

#include "base/check.h"
#include "os/posix/storage.h"

namespace test {

class TempDir {
 public:
  TempDir() {
    const char* base = ::getenv("TMPDIR");
    path_ = base && *base ? base : "/tmp";
    path_ += "/bobbin-test-XXXXXX";
    bobbin::check(::mkdtemp(path_.data()) != nullptr, "a directory can be made");
  }
  TempDir(const TempDir&) = delete;
  ~TempDir() {
    bobbin::os::PosixStorage storage;
    (void)bobbin::os::remove_tree(storage, path_);
  }

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace test
