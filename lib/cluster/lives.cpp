#include "cluster/lives.h"

#include <algorithm>

#include "base/text.h"
#include "base/uuid.h"

namespace bobbin::cluster {

namespace {

constexpr std::string_view lives_file = "broker-lives";

std::string path_in(const std::string& folder) { return folder + "/" + std::string(lives_file); }

}  // namespace

std::vector<Uuid> with_life(const Uuid& beginning, const std::vector<Uuid>& before) {
  std::vector<Uuid> lives{beginning};
  for (const Uuid& life : before)
    if (lives.size() < lives_max && std::find(lives.begin(), lives.end(), life) == lives.end()) lives.push_back(life);
  return lives;
}

std::vector<Uuid> read_lives(os::Storage& storage, const std::string& folder) {
  std::vector<Uuid> lives;
  auto text = os::read_whole_file(storage, path_in(folder));
  if (!text) return lives;
  for (std::string_view rest = *text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (auto life = parse_uuid(rest.substr(0, end))) lives.push_back(*life);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lives;
}

Status write_lives(os::Storage& storage, const std::string& folder, const std::vector<Uuid>& lives) {
  std::string text;
  for (const Uuid& life : lives) text += to_string(life) + "\n";
  return os::write_whole_file(storage, path_in(folder), text);
}

}  // namespace bobbin::cluster
