#include "log/memory_world.h"

#include "os/cold_read.h"

namespace bobbin::test {

namespace {
constexpr uint64_t sector_bytes = 512;

Error no_such(const std::string& path) { return error(Errc::not_found, path + ": no such file or directory"); }
Error dead(const std::string& path) { return error(Errc::io_error, path + ": a handle of an earlier life"); }

// The sector as it was: zeros where nothing had been.
void put_back(std::string& in, const std::string& before, uint64_t sector) {
  for (uint64_t at = sector * sector_bytes; at < std::min<uint64_t>((sector + 1) * sector_bytes, in.size()); at++)
    in[at] = at < before.size() ? before[at] : '\0';
}
}  // namespace

class MemoryFile : public os::File {
 public:
  MemoryFile(MemoryStorage& storage, MemoryStorage::NodePtr node, std::string path, bool may_write)
      : storage_(storage), node_(std::move(node)), path_(std::move(path)), may_write_(may_write), life_(storage.life_),
        handles_(storage.handles_) {
    ++*handles_;
  }
  ~MemoryFile() override { --*handles_; }

  Result<size_t> read(std::span<char> into, uint64_t at) override {
    os::NoWait* no_wait = os::NoWait::current();
    if (no_wait && storage_.cold.contains(path_)) return no_wait->miss(path_, at, into.size());
    BOBBIN_TRY(enter(Call::read));
    storage_.cold.erase(path_);
    if (at >= node_->now.size()) return size_t{0};
    size_t n = std::min<size_t>(into.size(), node_->now.size() - at);
    std::copy_n(node_->now.data() + at, n, into.data());
    return n;
  }

  Status write(std::span<const Bytes> parts, uint64_t at) override {
    if (life_ != storage_.life_) return dead(path_);
    check(may_write_, "a file opened for writing");
    std::string all;
    for (Bytes part : parts) all += part;
    uint64_t growth = at + all.size() > node_->now.size() ? at + all.size() - node_->now.size() : 0;
    auto [n, status] = storage_.admit_write(all.size(), growth, path_);
    put(Bytes(all).substr(0, n), at);
    return status;
  }

  Result<uint64_t> size() override {
    BOBBIN_TRY(enter(Call::size));
    return uint64_t{node_->now.size()};
  }

  Status truncate(uint64_t size) override {
    BOBBIN_TRY(enter(Call::truncate));
    if (size == node_->now.size()) return {};
    storage_.note_change(path_);
    for (uint64_t at = std::min<uint64_t>(size, node_->now.size()); at < std::max<uint64_t>(size, node_->now.size());
         at += sector_bytes)
      node_->touched[at / sector_bytes] = true;
    node_->now.resize(size);
    node_->resized = true;
    node_->modified = storage_.clock_.wall();
    return {};
  }

  Result<bool> is_at(const std::string& path) override {
    BOBBIN_TRY(enter(Call::stat));
    return storage_.find(path) == node_;
  }

  Status sync() override {
    Status entered = enter(Call::sync);
    if (!entered && storage_.fault_ && storage_.fault_->loses)
      for (const auto& [sector, touched] : node_->touched) node_->lost.insert(sector);
    BOBBIN_TRY(std::move(entered));
    std::string synced = node_->now;
    for (uint64_t sector : node_->lost) put_back(synced, node_->synced, sector);
    node_->synced = std::move(synced);
    node_->touched.clear();
    node_->resized = false;
    storage_.note_change(path_);
    return {};
  }

 private:
  Status enter(Call kind) {
    if (life_ != storage_.life_) return dead(path_);
    return storage_.enter(kind, path_);
  }
  void put(Bytes bytes, uint64_t at) {
    if (bytes.empty()) return;
    storage_.note_change(path_);
    if (node_->now.size() < at + bytes.size()) {
      node_->now.resize(at + bytes.size());
      node_->resized = true;
    }
    std::copy(bytes.begin(), bytes.end(), node_->now.begin() + static_cast<std::ptrdiff_t>(at));
    for (uint64_t s = at / sector_bytes; s <= (at + bytes.size() - 1) / sector_bytes; s++) {
      node_->touched[s] = true;
      node_->lost.erase(s);
    }
    node_->modified = storage_.clock_.wall();
  }

  MemoryStorage& storage_;
  MemoryStorage::NodePtr node_;
  std::string path_;
  bool may_write_;
  uint64_t life_;
  std::shared_ptr<size_t> handles_;
};

class MemoryLock : public os::Lock {
 public:
  MemoryLock(MemoryStorage& storage, std::string path)
      : storage_(storage), path_(std::move(path)), life_(storage.life_) {}
  ~MemoryLock() override {
    if (life_ == storage_.life_) storage_.locked_.erase(path_);
  }

 private:
  MemoryStorage& storage_;
  std::string path_;
  uint64_t life_;
};

// --- calls

Status MemoryStorage::enter(Call kind, const std::string& what) {
  calls_++;
  calls_by_kind_[kind]++;
  if (!fault_ || (!fault_->only.empty() && !fault_->only.count(kind))) return {};
  seen_++;
  bool fails = fault_->for_good ? seen_ >= fault_->at : seen_ == fault_->at;
  if (!fails) return {};
  hits_++;
  short_write_ = fault_->written;
  return error(fault_->code, what + ": an injected fault");
}

std::pair<size_t, Status> MemoryStorage::admit_write(size_t bytes, uint64_t growth, const std::string& what) {
  if (Status entered = enter(Call::write, what); !entered) return {std::min(short_write_, bytes), entered};
  if (!room_ || growth == 0) return {bytes, {}};
  uint64_t left = *room_ > used() ? *room_ - used() : 0;
  if (growth <= left) return {bytes, {}};
  return {bytes - static_cast<size_t>(std::min<uint64_t>(bytes, growth - left)),
          error(Errc::disk_full, what + ": no room")};
}

uint64_t MemoryStorage::used() const {
  uint64_t sum = 0;
  for (const auto& [path, dir] : dirs_)
    for (const auto& [name, node] : dir.now) sum += node->now.size();
  return sum;
}

MemoryStorage::NodePtr MemoryStorage::find(const std::string& path) const {
  auto dir = dirs_.find(parent(path));
  if (dir == dirs_.end()) return nullptr;
  auto node = dir->second.now.find(leaf(path));
  return node == dir->second.now.end() ? nullptr : node->second;
}

Result<std::unique_ptr<os::File>> MemoryStorage::open(const std::string& path, os::Open how) {
  BOBBIN_TRY(enter(Call::open, path));
  if (handles_max_ && *handles_ >= *handles_max_) return error(Errc::busy, path + ": too many open files");
  NodePtr node = find(path);
  if (node && how == os::Open::create_new) return error(Errc::busy, path + ": exists");
  if (!node) {
    if (how == os::Open::read || how == os::Open::write || !dirs_.count(parent(path))) return no_such(path);
    node = std::make_shared<Node>();
    node->modified = clock_.wall();
    dirs_[parent(path)].now[leaf(path)] = node;
  }
  return std::unique_ptr<os::File>(std::make_unique<MemoryFile>(*this, node, path, how != os::Open::read));
}

Result<os::Stat> MemoryStorage::stat(const std::string& path) {
  BOBBIN_TRY(enter(Call::stat, path));
  if (NodePtr node = find(path)) return os::Stat{node->now.size(), false, node->modified};
  if (dirs_.count(path)) return os::Stat{0, true, clock_.wall()};
  return no_such(path);
}

Result<std::vector<std::string>> MemoryStorage::list(const std::string& dir) {
  BOBBIN_TRY(enter(Call::list, dir));
  auto found = dirs_.find(dir);
  if (found == dirs_.end()) return no_such(dir);
  std::set<std::string> names = found->second.dirs_now;
  for (const auto& [name, node] : found->second.now) names.insert(name);
  return std::vector<std::string>(names.begin(), names.end());
}

Status MemoryStorage::make_dir(const std::string& path) {
  BOBBIN_TRY(enter(Call::make_dir, path));
  if (dirs_.count(path)) return {};
  if (!dirs_.count(parent(path))) return no_such(path);
  dirs_[parent(path)].dirs_now.insert(leaf(path));
  dirs_[path] = Dir{};
  return {};
}

Status MemoryStorage::rename(const std::string& from, const std::string& to) {
  BOBBIN_TRY(enter(Call::rename, from));
  if (!dirs_.count(parent(to))) return no_such(to);
  note_change(from);
  note_change(to);
  if (NodePtr node = find(from)) {
    dirs_[parent(from)].now.erase(leaf(from));
    dirs_[parent(to)].now[leaf(to)] = node;
    return {};
  }
  if (!dirs_.count(from)) return no_such(from);
  std::map<std::string, Dir> moved;
  changed_.insert({from, to});
  for (auto it = dirs_.begin(); it != dirs_.end();) {
    bool inside = it->first == from || it->first.starts_with(from + "/");
    if (inside) moved[to + it->first.substr(from.size())] = std::move(it->second);
    it = inside ? dirs_.erase(it) : std::next(it);
  }
  dirs_.merge(moved);
  // A renamed directory is durable at once here: no test looks at a half-moved tree.
  for (auto* names : {&dirs_[parent(from)].dirs_now, &dirs_[parent(from)].dirs_synced}) names->erase(leaf(from));
  for (auto* names : {&dirs_[parent(to)].dirs_now, &dirs_[parent(to)].dirs_synced}) names->insert(leaf(to));
  return {};
}

Status MemoryStorage::unlink(const std::string& path) {
  BOBBIN_TRY(enter(Call::unlink, path));
  if (!find(path)) return no_such(path);
  dirs_[parent(path)].now.erase(leaf(path));
  note_change(path);
  return {};
}

Status MemoryStorage::remove_dir(const std::string& path) {
  BOBBIN_TRY(enter(Call::remove_dir, path));
  auto found = dirs_.find(path);
  if (found == dirs_.end()) return no_such(path);
  if (!found->second.now.empty() || !found->second.dirs_now.empty()) return error(Errc::busy, path + ": not empty");
  dirs_.erase(found);
  dirs_[parent(path)].dirs_now.erase(leaf(path));
  dirs_[parent(path)].dirs_synced.erase(leaf(path));
  return {};
}

Status MemoryStorage::sync_dir(const std::string& path) {
  BOBBIN_TRY(enter(Call::sync_dir, path));
  auto found = dirs_.find(path);
  if (found == dirs_.end()) return no_such(path);
  found->second.synced = found->second.now;
  found->second.dirs_synced = found->second.dirs_now;
  changed_.insert(path);
  return {};
}

Result<std::unique_ptr<os::Lock>> MemoryStorage::try_lock(const std::string& path) {
  BOBBIN_TRY(enter(Call::lock, path));
  if (locked_.count(path)) return error(Errc::busy, path + ": locked");
  if (!find(path)) {
    if (!dirs_.count(parent(path))) return no_such(path);
    dirs_[parent(path)].now[leaf(path)] = std::make_shared<Node>();
  }
  locked_.insert(path);
  return std::unique_ptr<os::Lock>(std::make_unique<MemoryLock>(*this, path));
}

bool MemoryStorage::is_locked(const std::string& path) { return locked_.count(path) > 0; }

// --- crashes

void MemoryStorage::kill() {
  life_++;
  locked_.clear();
  heal();
}

// Of a file that was not synced: its size is the old or the new one; each sector that was touched is old or new, and
// what was never written reads as zeros.
void MemoryStorage::survive(Node& node, os::Random& random) {
  if (node.touched.empty() && node.lost.empty() && !node.resized) return;
  std::string after = node.now;
  bool keeps_size = node.resized && random.next() % 2;
  if (node.resized && !keeps_size) after.resize(node.synced.size());
  std::set<uint64_t> open = node.lost;
  for (const auto& [sector, touched] : node.touched) open.insert(sector);
  for (uint64_t sector : open)
    if (random.next() % 2 == 0) put_back(after, node.synced, sector);
  node.now = node.synced = after;
  node.touched.clear();
  node.lost.clear();
  node.resized = false;
}

void MemoryStorage::evict_lost(os::Random& random) {
  for (auto& [path, dir] : dirs_)
    for (auto& [name, node] : dir.now)
      for (uint64_t sector : node->lost)
        if (random.next() % 2) put_back(node->now, node->synced, sector);
}

void MemoryStorage::power_cut(os::Random& random) {
  kill();
  // Names first: which survive, of those that came and of those that went.
  std::set<std::string> lost;
  for (auto& [path, dir] : dirs_) {
    std::map<std::string, NodePtr> after = dir.synced;
    std::set<std::string> changed;
    for (const auto& [name, node] : dir.now)
      if (!dir.synced.count(name) || dir.synced.at(name) != node) changed.insert(name);
    for (const auto& [name, node] : dir.synced)
      if (!dir.now.count(name)) changed.insert(name);
    for (const std::string& name : changed) {
      if (random.next() % 2) continue;
      auto node = dir.now.find(name);
      if (node == dir.now.end()) after.erase(name);
      else after[name] = node->second;
    }
    for (const std::string& name : dir.dirs_now)
      if (!dir.dirs_synced.count(name) && random.next() % 2) lost.insert(join(path, name));
    dir.now = dir.synced = after;
  }
  for (const std::string& path : lost) {
    dirs_[parent(path)].dirs_now.erase(leaf(path));
    std::erase_if(dirs_, [&](const auto& d) { return d.first == path || d.first.starts_with(path + "/"); });
  }
  std::set<Node*> done;
  for (auto& [path, dir] : dirs_) {
    changed_.insert(path);
    dir.dirs_synced = dir.dirs_now;
    for (auto& [name, node] : dir.now)
      if (done.insert(node.get()).second) survive(*node, random);
  }
}

// --- for tests

void MemoryStorage::put(const std::string& path, Bytes contents) {
  for (std::string dir = parent(path); !dirs_.count(dir); dir = parent(dir)) {
    dirs_[dir] = Dir{};
    if (dirs_.count(parent(dir)) == 0) continue;
  }
  for (std::string dir = parent(path); dir != parent(dir) && !dir.empty(); dir = parent(dir)) {
    dirs_[parent(dir)].dirs_now.insert(leaf(dir));
    dirs_[parent(dir)].dirs_synced.insert(leaf(dir));
  }
  auto node = std::make_shared<Node>();
  node->now = node->synced = std::string(contents);
  node->modified = clock_.wall();
  Dir& dir = dirs_[parent(path)];
  dir.now[leaf(path)] = dir.synced[leaf(path)] = node;
}

void MemoryStorage::erase(const std::string& path) {
  dirs_[parent(path)].now.erase(leaf(path));
  dirs_[parent(path)].synced.erase(leaf(path));
  note_change(path);
}

void MemoryStorage::erase_tree(const std::string& dir) {
  for (auto* names : {&dirs_[parent(dir)].dirs_now, &dirs_[parent(dir)].dirs_synced}) names->erase(leaf(dir));
  std::erase_if(dirs_, [&](const auto& d) {
    const bool inside = d.first == dir || d.first.starts_with(dir + "/");
    if (inside) changed_.insert(d.first);
    return inside;
  });
}

std::vector<std::string> MemoryStorage::paths(const std::string& below) const {
  std::vector<std::string> out;
  for (const auto& [path, dir] : dirs_)
    for (const auto& [name, node] : dir.now)
      if (join(path, name).starts_with(below)) out.push_back(join(path, name));
  return out;
}

std::vector<std::string> MemoryStorage::files(const std::string& dir) const {
  std::vector<std::string> out;
  if (auto found = dirs_.find(dir); found != dirs_.end())
    for (const auto& [name, node] : found->second.now) out.push_back(name);
  return out;
}

const std::string* MemoryStorage::bytes(const std::string& path) const {
  NodePtr node = find(path);
  return node ? &node->now : nullptr;
}

const std::string* MemoryStorage::synced(const std::string& path) const {
  for (std::string dir = parent(path); dir != "/" && !dir.empty(); dir = parent(dir)) {
    auto above = dirs_.find(parent(dir));
    if (above == dirs_.end() || !above->second.dirs_synced.contains(leaf(dir))) return nullptr;
  }
  NodePtr node = find(path);
  auto dir = dirs_.find(parent(path));
  if (!node || dir == dirs_.end()) return nullptr;
  auto name = dir->second.synced.find(leaf(path));
  return name != dir->second.synced.end() && name->second == node ? &node->synced : nullptr;
}

std::map<std::string, MemoryStorage::Dir> MemoryStorage::copy(const std::map<std::string, Dir>& dirs) {
  std::map<Node*, NodePtr> copies;
  auto copied = [&](const NodePtr& node) {
    NodePtr& c = copies[node.get()];
    if (!c) c = std::make_shared<Node>(*node);
    return c;
  };
  std::map<std::string, Dir> out = dirs;
  for (auto& [path, dir] : out) {
    for (auto& [name, node] : dir.now) node = copied(node);
    for (auto& [name, node] : dir.synced) node = copied(node);
  }
  return out;
}

std::shared_ptr<const MemoryStorage::Image> MemoryStorage::save() const {
  return std::make_shared<const Image>(Image{copy(dirs_)});
}

void MemoryStorage::restore(const Image& image) {
  kill();
  dirs_ = copy(image.dirs);
}

}  // namespace bobbin::test
