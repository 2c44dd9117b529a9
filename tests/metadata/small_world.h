// A small world in memory for the tests of this folder: files as strings, locks as a set, jobs that run one by one when
// the test says so, and storage calls that fail on demand. Nothing of it survives the test.
#pragma once

#include <utility>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "os/seam.h"

namespace test {

using namespace bobbin;

struct MemoryFile {
  std::string bytes;
  std::string synced;  // what a power cut leaves
};

class SmallStorage final : public os::Storage {
 public:
  std::map<std::string, std::shared_ptr<MemoryFile>> files;
  std::set<std::string> dirs{"/", "/c"};
  std::set<std::string> locks;
  std::vector<std::string> calls;  // "write /c/metadata/..."

  // The nth call from now on whose text begins with `prefix` fails (and all later ones, if `for_good`).
  void fail(std::string prefix, Errc code, int nth = 1, bool for_good = false) {
    fault_ = {std::move(prefix), code, nth, for_good};
  }
  void heal() { fault_.reset(); }

  // The power goes: every file is what was synced last.
  void cut_power() {
    for (auto& [path, file] : files) file->bytes = file->synced;
  }

  Result<std::unique_ptr<os::File>> open(const std::string& path, os::Open how) override {
    BOBBIN_TRY(call("open " + path));
    bool there = files.count(path) > 0;
    if (!there && (how == os::Open::read || how == os::Open::write)) return missing(path);
    if (there && how == os::Open::create_new) return error(Errc::busy, path);
    if (!dirs.count(parent(path))) return missing(parent(path));
    if (!there) files[path] = std::make_shared<MemoryFile>();
    return std::unique_ptr<os::File>(new OpenFile(*this, path, files[path]));
  }
  Result<os::Stat> stat(const std::string& path) override {
    if (dirs.count(path)) return os::Stat{0, true, {}};
    auto found = files.find(path);
    if (found == files.end()) return missing(path);
    return os::Stat{found->second->bytes.size(), false, {}};
  }
  Result<std::vector<std::string>> list(const std::string& dir) override {
    BOBBIN_TRY(call("list " + dir));
    if (!dirs.count(dir)) return missing(dir);
    std::set<std::string> names;
    for (const auto& [path, file] : files)
      if (parent(path) == dir) names.insert(path.substr(dir.size() + 1));
    for (const std::string& path : dirs)
      if (path != "/" && parent(path) == dir) names.insert(path.substr(dir.size() + 1));
    return std::vector<std::string>(names.begin(), names.end());
  }
  Status make_dir(const std::string& path) override {
    BOBBIN_TRY(call("make_dir " + path));
    dirs.insert(path);
    return {};
  }
  Status rename(const std::string& from, const std::string& to) override {
    BOBBIN_TRY(call("rename " + to));
    auto found = files.find(from);
    if (found == files.end()) return missing(from);
    files[to] = found->second;
    files.erase(from);
    return {};
  }
  Status unlink(const std::string& path) override {
    BOBBIN_TRY(call("unlink " + path));
    return files.erase(path) ? Status() : missing(path);
  }
  Status remove_dir(const std::string& path) override {
    dirs.erase(path);
    return {};
  }
  Status sync_dir(const std::string& path) override { return call("sync_dir " + path); }
  Result<std::unique_ptr<os::Lock>> try_lock(const std::string& path) override {
    if (!locks.insert(path).second) return error(Errc::busy, path);
    return std::unique_ptr<os::Lock>(new HeldLock(*this, path));
  }
  Result<std::unique_ptr<os::Lock>> lock(const std::string& path) override {
    BOBBIN_TRY(call("lock " + path));
    return try_lock(path);
  }
  bool is_locked(const std::string& path) override { return locks.count(path) > 0; }

 private:
  struct Fault {
    std::string prefix;
    Errc code;
    int nth;
    bool for_good;
  };

  class HeldLock final : public os::Lock {
   public:
    HeldLock(SmallStorage& storage, std::string path) : storage_(storage), path_(std::move(path)) {}
    ~HeldLock() override { storage_.locks.erase(path_); }

   private:
    SmallStorage& storage_;
    std::string path_;
  };

  class OpenFile final : public os::File {
   public:
    OpenFile(SmallStorage& storage, std::string path, std::shared_ptr<MemoryFile> file)
        : storage_(storage), path_(std::move(path)), file_(std::move(file)) {}
    Result<size_t> read(std::span<char> into, uint64_t at) override {
      BOBBIN_TRY(storage_.call("read " + path_));
      const std::string& bytes = file_->bytes;
      if (at >= bytes.size()) return size_t{0};
      return bytes.copy(into.data(), into.size(), at);
    }
    Status write(std::span<const Bytes> parts, uint64_t at) override {
      auto allowed = storage_.call("write " + path_);
      std::string all;
      for (Bytes part : parts) all += part;
      // A write that fails may have written a beginning.
      if (!allowed) all.resize(all.size() / 2);
      if (file_->bytes.size() < at + all.size()) file_->bytes.resize(at + all.size());
      file_->bytes.replace(at, all.size(), all);
      return allowed;
    }
    Result<uint64_t> size() override { return file_->bytes.size(); }
    Status truncate(uint64_t size) override {
      BOBBIN_TRY(storage_.call("truncate " + path_));
      file_->bytes.resize(size);
      return {};
    }
    Status sync() override {
      BOBBIN_TRY(storage_.call("sync " + path_));
      file_->synced = file_->bytes;
      return {};
    }
    Result<bool> is_at(const std::string& path) override {
      auto found = storage_.files.find(path);
      return found != storage_.files.end() && found->second == file_;
    }

   private:
    SmallStorage& storage_;
    std::string path_;
    std::shared_ptr<MemoryFile> file_;
  };

  static std::string parent(const std::string& path) {
    size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
  }
  static Error missing(const std::string& path) { return error(Errc::not_found, path + ": no such file"); }

  Status call(const std::string& what) {
    calls.push_back(what);
    if (!fault_ || !what.starts_with(fault_->prefix) || --fault_->nth > 0) return {};
    Errc code = fault_->code;
    if (!fault_->for_good) fault_.reset();
    return error(code, what + ": made to fail");
  }

  std::optional<Fault> fault_;
};

class SmallJobs final : public os::Jobs {
 public:
  void submit(std::function<void()> work, std::function<void()> done) override {
    queue_.push_back({std::move(work), std::move(done)});
  }
  bool run_one() {
    if (queue_.empty()) return false;
    auto [work, done] = std::move(queue_.front());
    queue_.pop_front();
    work();
    work = nullptr;
    if (auto meanwhile = std::exchange(before_done, nullptr)) meanwhile();
    done();
    return true;
  }
  void run_all() {
    for (int i = 0; run_one(); i++)
      if (i > 100'000) throw std::runtime_error("jobs without end");
  }
  // The process dies: what waits is never done.
  void drop_all() { queue_.clear(); }
  size_t waiting() const { return queue_.size(); }

  // Happens once, between the work of the next job and the moment when it is told.
  std::function<void()> before_done;

 private:
  std::deque<std::pair<std::function<void()>, std::function<void()>>> queue_;
};

class SmallClock final : public os::Clock {
 public:
  int64_t now = 1'700'000'000'000;
  int64_t mono_ms() override { return now; }
  Timestamp wall() override { return Timestamp(now); }
};

class SmallRandom final : public os::Random {
 public:
  uint64_t next() override { return state_ = state_ * 6364136223846793005u + 1442695040888963407u; }

 private:
  uint64_t state_ = 1;
};

// One computer: a disk, and as many processes as the test makes.
struct SmallWorld {
  SmallStorage storage;
  SmallClock clock;
  SmallRandom random;
  SmallJobs jobs;
  os::World world{clock, random, storage, jobs};
};

}  // namespace test
