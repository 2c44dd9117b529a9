#include "cmd/consume/offset_spec.h"

#include "base/text.h"
#include "base/units.h"

namespace bobbin::cmd {
namespace {

constexpr std::string_view words[] = {"beginning", "start", "earliest", "oldest", "end", "latest", "newest", "stored"};

Error bad_offset(std::string message) { return error(Errc::usage, "--offset: " + std::move(message)); }

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<Place> parse_place(std::string_view text) {
  if (text == "beginning" || text == "start" || text == "earliest" || text == "oldest")
    return Place{Place::Kind::beginning};
  if (text == "end" || text == "latest" || text == "newest") return Place{Place::Kind::end};
  if (text == "stored")
    return bad_offset("'stored' is the place of a group, and groups are not there yet; use beginning, end or a number");
  Place::Kind kind = text.starts_with('+')   ? Place::Kind::from_start
                     : text.starts_with('-') ? Place::Kind::from_end
                                             : Place::Kind::absolute;
  std::string_view digits = kind == Place::Kind::absolute ? text : text.substr(1);
  if (all_digits(digits)) {
    auto number = parse_number(digits, 0, INT64_MAX, "--offset");
    if (!number) return std::move(number).error();
    return Place{kind, *number};
  }
  auto near = nearest_name(text, words);
  return bad_offset("'" + std::string(text) + "' is no place" +
                    (near ? "; did you mean " + std::string(*near) + "?"
                          : "; it is beginning, end, N, +N, -N, N:M, :end, @TIME or @TIME:TIME"));
}

Result<Place> parse_time_place(std::string_view text, Timestamp now) {
  if (text.starts_with('@')) text.remove_prefix(1);
  if (text == "end" || text == "latest" || text == "newest") return Place{Place::Kind::end};
  if (text == "beginning" || text == "start" || text == "earliest" || text == "oldest")
    return Place{Place::Kind::beginning};
  auto time = parse_time(text, now);
  if (!time) return std::move(time).error().in("--offset");
  return Place{Place::Kind::time, time->value};
}

// "@a:b": a time may hold colons, so the whole is tried first, then every colon from the left.
Result<OffsetSpec> parse_times(std::string_view text, Timestamp now) {
  auto whole = parse_time_place(text, now);
  if (whole) return OffsetSpec{*whole, std::nullopt};
  for (size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', colon + 1)) {
    std::string_view left = text.substr(0, colon);
    std::string_view right = text.substr(colon + 1);
    auto start = left.empty() ? Result<Place>(Place{}) : parse_time_place(left, now);
    auto stop = right.empty() ? Result<Place>(Place{}) : parse_time_place(right, now);
    if (!start || !stop || (!right.empty() && stop->kind == Place::Kind::beginning)) continue;
    OffsetSpec spec{*start, *stop};
    if (right.empty()) spec.stop.reset();
    if (spec.start->kind == Place::Kind::time && spec.stop && spec.stop->kind == Place::Kind::time &&
        spec.stop->value < spec.start->value)
      return bad_offset("'@" + std::string(text) + "' ends before it starts");
    return spec;
  }
  return std::move(whole).error();
}

}  // namespace

Result<OffsetSpec> parse_offset_spec(std::string_view text, Timestamp now) {
  if (text.starts_with("s@") || text.starts_with("e@")) {
    BOBBIN_TRY_ASSIGN(place, parse_time_place(text.substr(2), now));
    OffsetSpec spec;
    (text[0] == 's' ? spec.start : spec.stop) = place;
    return spec;
  }
  if (text.starts_with('@')) return parse_times(text.substr(1), now);
  OffsetSpec spec;
  size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    BOBBIN_TRY_ASSIGN(start, parse_place(text));
    spec.start = start;
    return spec;
  }
  std::string_view left = text.substr(0, colon);
  std::string_view right = text.substr(colon + 1);
  if (!left.empty()) {
    BOBBIN_TRY_ASSIGN(start, parse_place(left));
    spec.start = start;
  }
  if (!right.empty()) {
    auto stop = right.starts_with('@') ? parse_time_place(right, now) : parse_place(right);
    if (!stop) return std::move(stop).error();
    spec.stop = *stop;
  }
  if (spec.stop && (spec.stop->kind == Place::Kind::from_start || spec.stop->kind == Place::Kind::from_end ||
                    spec.stop->kind == Place::Kind::beginning))
    return bad_offset("'" + std::string(right) + "' is no place to stop at; a stop is N, end or @TIME");
  if (left.empty() && right.empty()) return bad_offset("':' alone says nothing; write N:M or :end");
  if (spec.start && spec.stop && spec.start->kind == spec.stop->kind && spec.start->kind == Place::Kind::absolute &&
      spec.stop->value < spec.start->value)
    return bad_offset("'" + std::string(text) + "' ends before it starts");
  return spec;
}

Status merge(OffsetSpec& into, const OffsetSpec& more) {
  if ((into.start && more.start) || (into.stop && more.stop))
    return bad_offset("was given twice; twice is only for a start and an end");
  if (more.start) into.start = more.start;
  if (more.stop) into.stop = more.stop;
  return {};
}

}  // namespace bobbin::cmd
