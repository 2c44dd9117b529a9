// Storage over system calls. One object may serve every thread.
//
// Errors: system_error() of os/errors.h with the path. Symbolic links are not followed in the last part of a file's path;
// a link to a directory is a directory.
#pragma once

#include <atomic>

#include "os/fd.h"
#include "os/seam.h"

namespace bobbin::os {

class PosixStorage final : public Storage {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, Open how) override;
  Result<Stat> stat(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& dir) override;
  Status make_dir(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status unlink(const std::string& path) override;
  Status remove_dir(const std::string& path) override;
  Status sync_dir(const std::string& path) override;
  Result<std::unique_ptr<Lock>> try_lock(const std::string& path) override;
  Result<std::unique_ptr<Lock>> lock(const std::string& path) override;
  // A lock that cannot be looked at (no descriptors, no permission) counts as held: a living broker must never be
  // taken for dead.
  bool is_locked(const std::string& path) override;

  // Whoever removes a directory fails if new names appear in it. While this is set none is made, not even for a moment: what
  // would make one is Errc::busy, a lock that is not there Errc::not_found; what has a name already can be written.
  void refuse_new_names(bool refuse) { refuses_new_names_ = refuse; }
  // From now on a new name is made only if `may` says so, and taken back where it does not say so any more a moment
  // later. Asked by whichever thread makes one; to be set before there are others.
  void make_names_where(std::function<bool(const std::string& path)> may) { may_make_names_ = std::move(may); }

 private:
  bool may_not_make(const std::string& path) const {
    return refuses_new_names_ || (may_make_names_ && !may_make_names_(path));
  }
  Result<Fd> make(const std::string& path, int flags);
  Status check_name(const std::string& path) const;
  Result<std::unique_ptr<Lock>> take_lock(const std::string& path, int command);

  std::atomic<bool> refuses_new_names_ = false;
  std::function<bool(const std::string& path)> may_make_names_;
};

}  // namespace bobbin::os
