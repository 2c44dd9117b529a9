// A world in memory for tests and simulation: storage with an image of what runs and one of what a power cut leaves,
// faults at chosen calls, a clock that stands still until told, jobs that run when told.
//
// Every file has its contents now and as last synced; every directory its names now and as last synced.
//   kill()       the process dies: everything that was written stays (the page cache lives on); open files are dead
//   power_cut()  the machine dies: of what was not synced, each 512-byte sector, each change of a file's size and each
//                change of a name survives or not, by the seed
// Handles that were open before either answer io_error: nothing of the old process can touch the new one.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "os/seam.h"

namespace bobbin::test {

// Every kind of call that a Storage or File serves; for counting and for aiming faults.
enum class Call {
  open,
  stat,
  list,
  make_dir,
  rename,
  unlink,
  remove_dir,
  sync_dir,
  lock,
  read,
  write,
  size,
  truncate,
  sync
};

// What goes wrong, and when: at the `at`-th call (from 1) of those that `only` names (all, if empty), once or from then
// on. A write fails after `written` of its bytes (a short write). A sync that `loses` does what a kernel does: it takes
// what it could not write for written, so that no later sync writes it either, unless it is stored again.
struct Fault {
  uint64_t at = 0;
  bool for_good = false;
  Errc code = Errc::io_error;
  size_t written = 0;
  std::set<Call> only;
  bool loses = false;
};

class MemoryStorage : public os::Storage {
 public:
  explicit MemoryStorage(os::Clock& clock) : clock_(clock) { dirs_[""] = dirs_["/"] = Dir{}; }

  // --- Storage
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
  bool is_locked(const std::string& path) override;

  // --- faults
  void inject(Fault fault) {
    fault_ = std::move(fault);
    seen_ = 0;
    hits_ = 0;
  }
  void heal() { fault_.reset(); }
  uint64_t calls() const { return calls_; }  // since the beginning
  uint64_t hits() const { return hits_; }    // faults since inject()
  uint64_t calls(Call kind) const { return calls_by_kind_.count(kind) ? calls_by_kind_.at(kind) : 0; }
  // Bytes that may be stored in all; what would exceed them is disk_full, after as much as fits.
  void set_room(std::optional<uint64_t> bytes) { room_ = bytes; }
  uint64_t used() const;
  // How many files may be open at once; one more is busy, as for a process without descriptors.
  void set_handles_max(std::optional<size_t> count) { handles_max_ = count; }

  // Files that are not in memory, until somebody reads them and waits.
  std::set<std::string> cold;

  // --- crashes
  void kill();
  void power_cut(os::Random& random);
  // The kernel needs memory: of what a failed sync gave up, each sector is read again as the disk has it, or stays, by the
  // seed.
  void evict_lost(os::Random& random);

  // --- for the test itself, without faults
  bool exists(const std::string& path) const { return find(path) != nullptr; }
  std::string contents(const std::string& path) const { return find(path) ? find(path)->now : std::string(); }
  void put(const std::string& path, Bytes contents);  // synced, with all names that lead to it
  void erase(const std::string& path);                // the same for its absence
  void erase_tree(const std::string& dir);
  std::vector<std::string> paths(const std::string& below) const;
  std::vector<std::string> files(const std::string& dir) const;  // names, ascending
  // As it is; and what of it no power cut takes. nullptr: there is none, or of the latter: its name may go, or one before it.
  const std::string* bytes(const std::string& path) const;
  const std::string* synced(const std::string& path) const;
  // Directories in which a file became another, or was synced, since the last call.
  std::set<std::string> take_changed() { return std::exchange(changed_, {}); }
  // A copy of all files and names, as if just booted; open handles and locks are not copied.
  struct Image;
  std::shared_ptr<const Image> save() const;
  void restore(const Image& image);
  size_t open_handles() const { return *handles_; }

 private:
  friend class MemoryFile;
  friend class MemoryLock;
  struct Node {  // a file, by whatever name
    std::string now;
    std::string synced;
    Timestamp modified;
    std::map<uint64_t, bool> touched;  // sectors written since the last sync
    std::set<uint64_t> lost;           // sectors that a failed sync gave up
    bool resized = false;              // since the last sync
  };
  using NodePtr = std::shared_ptr<Node>;
  struct Dir {
    std::map<std::string, NodePtr> now;  // files
    std::map<std::string, NodePtr> synced;
    std::set<std::string> dirs_now;  // directories
    std::set<std::string> dirs_synced;
  };

 public:
  struct Image {
    std::map<std::string, Dir> dirs;
  };

 private:
  static std::string parent(const std::string& path) {
    size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : slash == 0 ? "/" : path.substr(0, slash);
  }
  static std::string leaf(const std::string& path) { return path.substr(path.rfind('/') + 1); }
  static std::string join(const std::string& dir, const std::string& name) {
    return dir.empty() ? name : dir == "/" ? "/" + name : dir + "/" + name;
  }
  NodePtr find(const std::string& path) const;
  Status enter(Call kind, const std::string& what);
  void note_change(const std::string& path) { changed_.insert(parent(path)); }
  // How many of the next `bytes` may be written, and the error after them, if any.
  std::pair<size_t, Status> admit_write(size_t bytes, uint64_t growth, const std::string& what);
  void survive(Node& node, os::Random& random);
  static std::map<std::string, Dir> copy(const std::map<std::string, Dir>& dirs);

  os::Clock& clock_;
  std::map<std::string, Dir> dirs_;
  std::set<std::string> changed_;
  std::set<std::string> locked_;
  std::optional<Fault> fault_;
  std::optional<uint64_t> room_;
  std::optional<size_t> handles_max_;
  uint64_t seen_ = 0, hits_ = 0, calls_ = 0;
  std::map<Call, uint64_t> calls_by_kind_;
  uint64_t life_ = 0;  // handles of earlier lives are dead
  size_t short_write_ = 0;
  std::shared_ptr<size_t> handles_ = std::make_shared<size_t>(0);
};

class ManualClock : public os::Clock {
 public:
  int64_t mono_ms() override { return mono; }
  Timestamp wall() override { return Timestamp(wall_ms); }
  void pass(int64_t ms) { mono += ms, wall_ms += ms; }
  int64_t mono = 1000;
  int64_t wall_ms = 1700000000000;
};

// splitmix64
class SeededRandom : public os::Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t next() override {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  uint64_t below(uint64_t n) { return next() % n; }

 private:
  uint64_t state_;
};

// Jobs wait until the test runs them, one by one, in any order.
class ManualJobs : public os::Jobs {
 public:
  void submit(std::function<void()> work, std::function<void()> done) override {
    waiting_.push_back({std::move(work), std::move(done)});
  }
  size_t count() const { return waiting_.size(); }
  void run(size_t i = 0) {
    Job job = std::move(waiting_[i]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    job.work();
    job.done();
  }
  void run_all() {
    while (count()) run();
  }
  void drop_all() { waiting_.clear(); }  // the process died

 private:
  struct Job {
    std::function<void()> work, done;
  };
  std::vector<Job> waiting_;
};

struct MemoryWorld {
  explicit MemoryWorld(uint64_t seed = 1) : random(seed), storage(clock) {}
  ManualClock clock;
  SeededRandom random;
  MemoryStorage storage;
  ManualJobs jobs;
  os::World world{clock, random, storage, jobs};

  void kill() {
    jobs.drop_all();
    storage.kill();
  }
  void power_cut() {
    jobs.drop_all();
    storage.power_cut(random);
  }
};

}  // namespace bobbin::test
