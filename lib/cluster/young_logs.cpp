#include "cluster/young_logs.h"

#include "base/uuid.h"
#include "log/text_lines.h"
#include "record/batch.h"

namespace bobbin::cluster {

namespace {

constexpr Bytes version = "0\n";

// False: it is no line, or not all of one.
bool parse_line(Bytes line, YoungLogs::All& into) {
  size_t a = line.find(' '), b = line.rfind(' ');
  if (a == Bytes::npos || a == b) return false;
  auto which = log::parse_dir_name(line.substr(0, a));
  auto end = number_in<int64_t>(line.substr(a + 1, b - a - 1));
  auto topic = parse_uuid(line.substr(b + 1));
  if (!which || !end || *end < 0 || Offset(*end) > record::log_end_max || !topic) return false;
  into[*which] = {*topic, Offset(*end)};
  return true;
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
  unwritten_ += log::dir_name(which) + " " + to_string(told.end) + " " + to_string(told.topic) + "\n";
}

void YoungLogs::begin_anew() { end_ = 0; }

// Behind it lies at most what a power cut left, which does not parse: it is cut off, or it might go on to.
std::function<Status()> YoungLogs::write_work() {
  std::string text = end_ == 0 ? std::string(version) : std::string();
  text += std::exchange(unwritten_, {});
  const uint64_t at = std::exchange(end_, end_ + text.size());
  return [storage = storage_, path = path_, at, text = std::move(text)]() -> Status {
    BOBBIN_TRY_ASSIGN(file, storage->open(path, os::Open::create));
    BOBBIN_TRY(file->truncate(at));
    return file->write(text, at);
  };
}

}  // namespace bobbin::cluster
