#include "sim/life_storage.h"

#include "os/cold_read.h"

namespace bobbin::sim {

using test::Call;

namespace {

Error gone(const std::string& path) { return error(Errc::io_error, path + ": this life is over"); }
Error broken(const std::string& path) { return error(Errc::io_error, path + ": an injected fault"); }

class LifeLock : public os::Lock {
 public:
  explicit LifeLock(std::shared_ptr<std::unique_ptr<os::Lock>> held) : held_(std::move(held)) {}
  ~LifeLock() override { held_->reset(); }

 private:
  std::shared_ptr<std::unique_ptr<os::Lock>> held_;
};

}  // namespace

class LifeFile : public os::File {
 public:
  LifeFile(LifeStorage& life, std::unique_ptr<os::File> file, std::string path)
      : life_(life), file_(std::move(file)), path_(std::move(path)) {}

  Result<size_t> read(std::span<char> into, uint64_t at) override {
    os::NoWait* no_wait = os::NoWait::current();
    if (no_wait && life_.is_cold()) return no_wait->miss(path_, at, into.size());
    return life_.call(Call::read, path_, [&] { return file_->read(into, at); });
  }
  Result<uint64_t> size() override {
    return life_.call(Call::size, path_, [&] { return file_->size(); });
  }
  Status truncate(uint64_t size) override {
    return life_.call(Call::truncate, path_, [&] { return file_->truncate(size); });
  }

  Status write(std::span<const Bytes> parts, uint64_t at) override {
    if (life_.dead_) return gone(path_);
    bool last = life_.is_last_call(Call::write);
    bool fails = !last && life_.must_fail(Call::write, path_);
    if (!last && !fails) {
      life_.wrote_(path_);
      return file_->write(parts, at);
    }
    std::string all;
    for (Bytes part : parts) all += part;
    Bytes some = Bytes(all).substr(0, life_.stage_.random.below(all.size() + 1));
    life_.wrote_(path_);
    (void)file_->write(std::span<const Bytes>(&some, 1), at);
    if (fails) {
      life_.stage_.counters.add(Event::short_write);
      return broken(path_);
    }
    life_.die_in(Call::write, path_);
    return gone(path_);
  }

  Status sync() override {
    if (!life_.dead_ && life_.must_fail(Call::sync, path_)) {
      life_.lost_a_sync_ = true;
      life_.stage_.counters.add(Event::failed_sync);
      life_.stage_.disk.inject({1, false, Errc::io_error, 0, {Call::sync}, true});
      (void)file_->sync();
      life_.stage_.disk.heal();
      return broken(path_);
    }
    return life_.call(Call::sync, path_, [&] { return file_->sync(); });
  }
  Result<bool> is_at(const std::string& path) override {
    return life_.call(Call::stat, path_, [&] { return file_->is_at(path); });
  }

 private:
  LifeStorage& life_;
  std::unique_ptr<os::File> file_;
  std::string path_;
};

void LifeStorage::end() {
  dead_ = true;
  for (HeldLock& lock : locks_) lock->reset();
  locks_.clear();
}

bool LifeStorage::is_cold() {
  constexpr uint64_t one_in = 8;
  if (dead_ || stage_.cold_random.below(one_in) != 0) return false;
  stage_.counters.add(Event::cold_read);
  return true;
}

bool LifeStorage::is_last_call(Call kind) {
  bool counted_out = crash_in_ > 0 && --crash_in_ == 0;
  return counted_out || crash_kind_ == kind;
}

bool LifeStorage::must_fail(Call kind, const std::string& path) {
  if (!failing_.contains(kind)) return false;
  failing_.clear();
  hurt_ = true;
  stage_.note([&] { return "FAULT: " + std::string(name(kind)) + " of " + path + " fails"; });
  return true;
}

void LifeStorage::die_in(Call kind, const std::string& path) {
  died_in_ = kind;
  stage_.counters.add_crash(kind);
  stage_.note([&] { return "FAULT: a broker dies in " + std::string(name(kind)) + " of " + path; });
  end();
}

template <class Do>
auto LifeStorage::call(Call kind, const std::string& path, Do call) -> decltype(call()) {
  if (dead_) return gone(path);
  bool last = is_last_call(kind);
  if (!last && must_fail(kind, path)) {
    stage_.counters.add(kind == Call::sync_dir ? Event::failed_sync_dir : Event::failed_call);
    return broken(path);
  }
  if (!last) return call();
  if (stage_.chance(1, 2)) (void)call();
  die_in(kind, path);
  return gone(path);
}

Result<std::unique_ptr<os::File>> LifeStorage::open(const std::string& path, os::Open how) {
  auto opened = call(Call::open, path, [&] { return stage_.disk.open(path, how); });
  if (!opened) return opened;
  // What it owns it opens for writing, and what belongs to others it looks at in jobs, which may wait.
  if (how == os::Open::read && os::NoWait::current()) stage_.counters.add(Event::read_in_place);
  return std::unique_ptr<os::File>(std::make_unique<LifeFile>(*this, std::move(*opened), path));
}
Result<os::Stat> LifeStorage::stat(const std::string& path) {
  return call(Call::stat, path, [&] { return stage_.disk.stat(path); });
}
Result<std::vector<std::string>> LifeStorage::list(const std::string& dir) {
  return call(Call::list, dir, [&] { return stage_.disk.list(dir); });
}
Status LifeStorage::make_dir(const std::string& path) {
  return call(Call::make_dir, path, [&] { return stage_.disk.make_dir(path); });
}
Status LifeStorage::rename(const std::string& from, const std::string& to) {
  return call(Call::rename, from, [&] {
    wrote_(to);
    return stage_.disk.rename(from, to);
  });
}
Status LifeStorage::unlink(const std::string& path) {
  return call(Call::unlink, path, [&] { return stage_.disk.unlink(path); });
}
Status LifeStorage::remove_dir(const std::string& path) {
  return call(Call::remove_dir, path, [&] { return stage_.disk.remove_dir(path); });
}
Status LifeStorage::sync_dir(const std::string& path) {
  return call(Call::sync_dir, path, [&] { return stage_.disk.sync_dir(path); });
}
Result<std::unique_ptr<os::Lock>> LifeStorage::try_lock(const std::string& path) {
  auto taken = call(Call::lock, path, [&] { return stage_.disk.try_lock(path); });
  if (!taken) return taken;
  auto held = std::make_shared<std::unique_ptr<os::Lock>>(std::move(*taken));
  std::erase_if(locks_, [](const HeldLock& lock) { return !*lock; });
  locks_.push_back(held);
  return std::unique_ptr<os::Lock>(std::make_unique<LifeLock>(std::move(held)));
}

}  // namespace bobbin::sim
