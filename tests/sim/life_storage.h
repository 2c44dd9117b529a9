// LifeStorage: the disk as one life of a broker sees it. The disk itself is shared by all brokers and survives them;
// the life can end at any call, from then on nothing that is left of it reaches the disk, and its locks are free.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/stage.h"

namespace bobbin::sim {

class LifeStorage : public os::Storage {
 public:
  // `wrote` is told the path of every file that was written or renamed to.
  LifeStorage(Stage& stage, std::function<void(const std::string&)> wrote) : stage_(stage), wrote_(std::move(wrote)) {}
  ~LifeStorage() override { end(); }

  // The life ends in the `calls`-th call from now (from 1): before it had an effect, after it, or, of a write, half-way.
  void crash_after(uint64_t calls) { crash_in_ = calls; }
  void crash_in_next(test::Call kind) { crash_kind_ = kind; }  // or in the next of this kind
  void do_not_crash() {
    crash_in_ = 0;
    crash_kind_.reset();
  }
  // The next call of one of these kinds fails once, as if the disk were broken; a write after some of its bytes.
  void fail_next(std::set<test::Call> kinds) { failing_ = std::move(kinds); }
  void end();

  bool is_dead() const { return dead_; }
  std::optional<test::Call> died_in() const { return died_in_; }
  bool was_hurt() const { return hurt_; }  // some call failed for a reason other than want of room
  bool lost_a_sync() const { return lost_a_sync_; }

  Result<std::unique_ptr<os::File>> open(const std::string& path, os::Open how) override;
  Result<os::Stat> stat(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& dir) override;
  Status make_dir(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status unlink(const std::string& path) override;
  Status remove_dir(const std::string& path) override;
  Status sync_dir(const std::string& path) override;
  Result<std::unique_ptr<os::Lock>> try_lock(const std::string& path) override;
  Result<std::unique_ptr<os::Lock>> lock(const std::string& path) override { return try_lock(path); }
  bool is_locked(const std::string& path) override { return stage_.disk.is_locked(path); }

 private:
  friend class LifeFile;
  using HeldLock = std::shared_ptr<std::unique_ptr<os::Lock>>;

  // Does `call`, unless the life is over, ends with it, or it is to fail.
  template <class Do>
  auto call(test::Call kind, const std::string& path, Do call) -> decltype(call());
  // Whether what is read is not in memory, this time.
  bool is_cold();
  bool is_last_call(test::Call kind);
  bool must_fail(test::Call kind, const std::string& path);
  void die_in(test::Call kind, const std::string& path);

  Stage& stage_;
  std::function<void(const std::string&)> wrote_;
  bool dead_ = false;
  uint64_t crash_in_ = 0;
  std::optional<test::Call> crash_kind_;
  std::set<test::Call> failing_;
  std::optional<test::Call> died_in_;
  bool hurt_ = false;
  bool lost_a_sync_ = false;
  std::vector<HeldLock> locks_;
};

}  // namespace bobbin::sim
