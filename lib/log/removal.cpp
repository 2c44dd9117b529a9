#include "log/removal.h"

namespace bobbin::log {

namespace {

Status rename_all(os::Storage& storage, const std::string& dir, const std::vector<std::string>& paths) {
  BOBBIN_TRY(storage.sync_dir(dir));
  for (const std::string& path : paths) {
    Status renamed = storage.rename(path, path + ".deleted");
    if (!renamed && renamed.error().code != Errc::not_found) return renamed;
    if (path.ends_with(".log")) BOBBIN_TRY(storage.sync_dir(dir));
  }
  return {};
}

}  // namespace

void Removal::add(std::vector<std::string> paths, int64_t delay_ms) {
  check(!is_busy(), "one after the other");
  held_ = std::move(paths);
  delay_ms_ = delay_ms;
}

void Removal::begin() {
  if (held_.empty()) return;
  std::vector<std::string> paths = std::exchange(state_->unfinished, {});
  for (std::string& path : std::exchange(held_, {})) paths.push_back(std::move(path));
  state_->renaming = true;
  auto outcome = std::make_shared<Status>();
  auto work = [&storage = world_.storage, dir = dir_, paths, outcome] { *outcome = rename_all(storage, dir, paths); };
  auto done = [state = state_, paths, outcome, &clock = world_.clock, delay_ms = delay_ms_] {
    state->renaming = false;
    if (!*outcome) {
      state->error = outcome->error();
      state->unfinished = paths;
      return;
    }
    for (const std::string& path : paths) state->files.push_back({clock.mono_ms() + delay_ms, path + ".deleted"});
  };
  world_.jobs.submit(std::move(work), std::move(done));
}

void Removal::discard(std::vector<std::string> paths) {
  if (paths.empty()) return;
  auto work = [&storage = world_.storage, paths = std::move(paths)] {
    for (const std::string& path : paths) (void)storage.unlink(path);  // the next open tries again
  };
  world_.jobs.submit(std::move(work), [] {});
}

std::optional<int64_t> Removal::due(int64_t now_mono_ms) {
  std::vector<std::string> paths;
  auto& files = state_->files;
  while (!files.empty() && files.front().first <= now_mono_ms) {
    paths.push_back(files.front().second);
    files.pop_front();
  }
  discard(std::move(paths));
  if (files.empty()) return std::nullopt;
  return files.front().first;
}

}  // namespace bobbin::log
