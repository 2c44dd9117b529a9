#include "cmd/group/reset_way.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "base/units.h"
#include "cmd/group/positions_file.h"
#include "cmd/input/whole_file.h"

namespace bobbin::cmd {
namespace {

using Kind = ResetWay::Kind;

Result<client::Positions> positions_in(const std::string& path, const std::string& group) {
  BOBBIN_TRY_ASSIGN(text, whole_file(path, "--from-file"));
  auto parsed = parse_positions(text);
  if (!parsed) return usage("--from-file: " + parsed.error().message);
  client::Positions positions;
  for (const FiledPosition& p : *parsed) {
    if (!p.group.empty() && p.group != group) continue;
    if (!positions.emplace(client::Place(p.topic, p.partition), p.offset).second)
      return usage("--from-file: " + p.topic + "-" + to_string(p.partition) + " is there twice");
  }
  if (positions.empty()) return usage("--from-file: " + path + " has nothing of group " + group);
  return positions;
}

// Also with a '+', as in Kafka's "--shift-by +5".
Result<int64_t> shift_of(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return parse_number(text, INT64_MIN + 1, INT64_MAX, "--shift-by");
}

Result<ResetWay> way_of(const Arguments& arguments, std::string_view option, const std::string& group, Timestamp now) {
  const std::string text = arguments.text(option).value_or("");
  if (option == "to-earliest") return ResetWay{Kind::earliest};
  if (option == "to-latest") return ResetWay{Kind::latest};
  if (option == "to-current") return ResetWay{Kind::current};
  if (option == "to-offset") {
    BOBBIN_TRY_ASSIGN(offset, arguments.number(option, 0, INT64_MAX));
    return ResetWay{Kind::offset, *offset};
  }
  if (option == "to-datetime") {
    BOBBIN_TRY_ASSIGN(time, arguments.time(option, now));
    return ResetWay{Kind::time, time->value};
  }
  if (option == "by-duration") {
    auto ms = any_duration_ms(text);
    if (!ms) return std::move(ms).error().in("--by-duration");
    return ResetWay{Kind::time, now.value - *ms};
  }
  if (option == "shift-by") {
    BOBBIN_TRY_ASSIGN(by, shift_of(text));
    return ResetWay{Kind::shift, by};
  }
  BOBBIN_TRY_ASSIGN(file, positions_in(text, group));
  return ResetWay{Kind::file, 0, std::move(file)};
}

// "90.5S": milliseconds, and what follows. Nothing: it does not begin so.
std::optional<int64_t> take_part(std::string_view& text, std::string_view units, const int64_t* unit_ms) {
  const size_t end = text.find_first_not_of("0123456789.");
  if (end == 0 || end == std::string_view::npos) return std::nullopt;
  const size_t unit = units.find(text[end]);
  if (unit == std::string_view::npos) return std::nullopt;
  const size_t dot = text.find('.');
  auto whole = number_in<int64_t>(text.substr(0, std::min(dot, end)), 0, INT64_MAX / 1000 / 86'400'000);
  if (!whole) return std::nullopt;
  int64_t ms = *whole * unit_ms[unit];
  if (dot < end) {
    std::string fraction(text.substr(dot + 1, end - dot - 1));
    fraction.resize(3, '0');
    auto thousandths = number_in<int64_t>(fraction, 0);
    if (!thousandths || text[end] != 'S') return std::nullopt;
    ms += *thousandths;
  }
  text.remove_prefix(end + 1);
  return ms;
}

NewPosition within(const ResetLog& log, Offset wanted) {
  const Offset inside = std::clamp(wanted, log.first, std::max(log.first, log.end));
  return {inside, inside != wanted};
}

Offset shifted(Offset from, int64_t by) {
  int64_t sum = 0;
  if (__builtin_add_overflow(from.value, by, &sum)) return Offset(by < 0 ? INT64_MIN : INT64_MAX);
  return Offset(sum);
}

}  // namespace

Result<int64_t> any_duration_ms(std::string_view text) {
  if (!text.starts_with('P')) return parse_duration_ms(text);
  static constexpr int64_t day_ms[] = {86'400'000}, time_ms[] = {3'600'000, 60'000, 1000};
  std::string_view rest = text.substr(1);
  int64_t all_ms = 0;
  bool in_time = false, any = false;
  while (!rest.empty()) {
    if (!in_time && rest.starts_with('T')) {
      in_time = true;
      any = false;
      rest.remove_prefix(1);
      continue;
    }
    auto part = in_time ? take_part(rest, "HMS", time_ms) : take_part(rest, "D", day_ms);
    if (!part || __builtin_add_overflow(all_ms, *part, &all_ms)) any = false;
    if (!part) break;
    any = true;
  }
  if (!any || !rest.empty())
    return usage("'" + std::string(text) + "' is no duration; write it as 1h30m, or as ISO 8601 does: PT1H30M");
  return all_ms;
}

Result<ResetWay> reset_way(const Arguments& arguments, const std::string& group, Timestamp now) {
  static constexpr std::string_view ways[] = {"to-earliest", "to-latest",   "to-current", "to-offset",
                                              "to-datetime", "by-duration", "shift-by",   "from-file"};
  std::optional<std::string_view> chosen;
  for (std::string_view way : ways) {
    if (!arguments.has(way)) continue;
    if (chosen) return usage("--" + std::string(*chosen) + " and --" + std::string(way) + ": give one of them");
    chosen = way;
  }
  if (!chosen)
    return usage(
        "say where to: --to-earliest, --to-latest, --to-current, --to-offset, --to-datetime, --by-duration, "
        "--shift-by or --from-file");
  return way_of(arguments, *chosen, group, now);
}

std::optional<NewPosition> new_position(const ResetWay& way, const ResetLog& log, std::optional<Offset> wanted) {
  switch (way.kind) {
    case Kind::earliest:
      return NewPosition{log.first};
    case Kind::latest:
      return NewPosition{log.end};
    case Kind::current:
      return NewPosition{log.current.value_or(log.end)};
    case Kind::offset:
      return within(log, Offset(way.value));
    case Kind::time:
      return NewPosition{log.at_time == offset_none ? log.end : log.at_time};
    case Kind::shift:
      return log.current ? std::optional(within(log, shifted(*log.current, way.value))) : std::nullopt;
    case Kind::file:
      return within(log, wanted.value_or(log.end));
  }
  return std::nullopt;
}

}  // namespace bobbin::cmd
