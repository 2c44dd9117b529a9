#include "cluster/young_logs.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "log/text_lines.h"
#include "os/path.h"
#include "record/batch.h"

namespace bobbin::cluster {

namespace {

constexpr Bytes version = "0\n";

// False: it is no line, or not all of one.
bool parse_line(Bytes line, YoungLogs::All& into) {
  std::vector<Bytes> words;
  for (size_t space; (space = line.find(' ')) != Bytes::npos; line.remove_prefix(space + 1))
    words.push_back(line.substr(0, space));
  words.push_back(line);
  if (words.size() != 3 && words.size() != 4) return false;
  auto which = log::parse_dir_name(words[0]);
  auto end = number_in<int64_t>(words[1]);
  auto topic = parse_uuid(words[2]);
  auto start = words.size() == 4 ? number_in<int64_t>(words[3]) : std::optional<int64_t>(0);
  if (!which || !end || *end < 0 || Offset(*end) > record::log_end_max || !topic) return false;
  if (!start || *start < 0 || *start > *end) return false;
  into[*which] = {*topic, Offset(*end), Offset(*start)};
  return true;
}

std::string lines_of(const YoungLogs::All& all) {
  std::string lines;
  for (const auto& [which, told] : all) {
    lines += log::dir_name(which) + " " + to_string(told.end) + " " + to_string(told.topic);
    lines += told.start > Offset(0) ? " " + to_string(told.start) + "\n" : "\n";
  }
  return lines;
}

}  // namespace

Result<YoungLogs> YoungLogs::read(os::Storage& storage, std::string path) {
  YoungLogs young(storage, std::move(path));
  auto text = os::read_whole_file(storage, young.path_);
  if (!text && text.error().code == Errc::damaged) return std::move(text).error();
  Bytes rest = text ? Bytes(*text) : Bytes();
  if (!rest.starts_with(version)) return young;
  young.end_ = version.size();
  rest.remove_prefix(version.size());
  for (size_t size; (size = rest.find('\n')) != Bytes::npos; rest.remove_prefix(size + 1)) {
    if (!parse_line(rest.substr(0, size), young.found_)) break;
    young.end_ += size + 1;
  }
  return young;
}

void YoungLogs::note(const log::TopicPartition& which, const Told& told) {
  unwritten_[which] = told;
  keep_start(which, told);
}

void YoungLogs::keep_start(const log::TopicPartition& which, const Told& told) {
  if (told.start > Offset(0)) starts_[which] = told;
}

void YoungLogs::forget(const log::TopicPartition& which) {
  for (All* all : {&unwritten_, &starts_, &starts_before_}) all->erase(which);
}

void YoungLogs::begin_anew() {
  end_ = 0;
  starts_before_ = std::exchange(starts_, {});
}

// Behind it lies at most what a power cut left, which does not parse: it is cut off, or it might go on to.
std::function<Status()> YoungLogs::write_work() {
  auto tells_start = [](const auto& line) { return line.second.start > Offset(0); };
  std::string text = end_ == 0 ? std::string(version) + lines_of(starts_before_) : std::string();
  const All lines = std::exchange(unwritten_, {});
  const bool is_synced = std::any_of(lines.begin(), lines.end(), tells_start) || (end_ == 0 && !starts_before_.empty());
  text += lines_of(lines);
  const uint64_t at = std::exchange(end_, end_ + text.size());
  return [storage = storage_, path = path_, at, is_synced, text = std::move(text)]() -> Status {
    BOBBIN_TRY_ASSIGN(file, storage->open(path, os::Open::create));
    BOBBIN_TRY(file->truncate(at));
    BOBBIN_TRY(file->write(text, at));
    if (!is_synced) return {};
    BOBBIN_TRY(file->sync());
    return storage->sync_dir(os::parent_of(path));
  };
}

}  // namespace bobbin::cluster
