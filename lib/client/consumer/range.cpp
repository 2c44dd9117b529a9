#include "client/consumer/range.h"

#include <algorithm>

namespace bobbin::client {

namespace {

Offset start_of(const Start& start, const LogTold& log) {
  switch (start.kind) {
    case Start::Kind::beginning:
      break;
    case Start::Kind::end:
      return log.end;
    case Start::Kind::offset:
      return Offset(start.value);
    case Start::Kind::from_start:
      return start.value > log.end - log.first ? log.end : log.first + start.value;
    case Start::Kind::from_end:
      return start.value > log.end - log.first ? log.first : log.end - start.value;
    case Start::Kind::time:
      return log.start_time == offset_none ? log.end : log.start_time;
  }
  return log.first;
}

std::optional<Offset> stop_of(const Stop& stop, const LogTold& log) {
  switch (stop.kind) {
    case Stop::Kind::never:
      break;
    case Stop::Kind::end:
      return log.end;
    case Stop::Kind::offset:
      return std::min(Offset(stop.value), log.end);
    case Stop::Kind::time:
      return log.stop_time == offset_none ? log.end : log.stop_time;
  }
  return std::nullopt;
}

}  // namespace

Error is_out_of_range(const std::string& name, Offset offset, Offset first, Offset end) {
  return error(Errc::offset_out_of_range, name + ": offset " + to_string(offset) + " is out of range: the log holds " +
                                              to_string(first) + " to " + to_string(end) + " (the end)");
}

Result<ReadingRange> range_of(const Start& start, const Stop& stop, OutOfRange out_of_range, const LogTold& log,
                              std::optional<Offset> own_start, const std::string& name) {
  if (log.first > log.end)
    return error(Errc::malformed, name + ": its leader tells of a log from " + to_string(log.first) + " to " +
                                      to_string(log.end) + ", which cannot be");
  ReadingRange range{own_start ? *own_start : start_of(start, log), stop_of(stop, log)};
  // Nothing lies between the two: fine. But whoever goes on at a position behind the end read what is not there any more.
  const bool nothing_to_read =
      range.stop && range.start >= *range.stop && (range.start <= log.end || stop.kind == Stop::Kind::offset);
  if (nothing_to_read || (range.start >= log.first && range.start <= log.end)) return range;
  if (out_of_range == OutOfRange::fail) return is_out_of_range(name, range.start, log.first, log.end);
  range.start = out_of_range == OutOfRange::end ? log.end : log.first;
  return range;
}

}  // namespace bobbin::client
