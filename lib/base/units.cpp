#include "base/units.h"

#include <array>
#include <chrono>
#include <limits>
#include <span>

#include "base/number.h"
#include "base/text.h"

namespace bobbin {
namespace {

using Wide = __int128;

constexpr int64_t int64_max = std::numeric_limits<int64_t>::max();

struct Unit {
  std::string_view name;
  int64_t factor;
};

constexpr int64_t kib = 1024;
constexpr int64_t mib = kib * kib;
constexpr int64_t gib = mib * kib;
constexpr int64_t tib = gib * kib;

constexpr std::array size_units{
    Unit{"", 1},
    Unit{"b", 1},
    Unit{"k", kib},
    Unit{"kib", kib},
    Unit{"kb", 1000},
    Unit{"m", mib},
    Unit{"mib", mib},
    Unit{"mb", 1000 * 1000},
    Unit{"g", gib},
    Unit{"gib", gib},
    Unit{"gb", 1000 * 1000 * 1000},
    Unit{"t", tib},
    Unit{"tib", tib},
    Unit{"tb", int64_t{1000} * 1000 * 1000 * 1000},
};

constexpr int64_t second = 1000;
constexpr int64_t minute = 60 * second;
constexpr int64_t hour = 60 * minute;
constexpr int64_t day = 24 * hour;

constexpr std::array duration_units{
    Unit{"ms", 1}, Unit{"s", second}, Unit{"m", minute}, Unit{"h", hour}, Unit{"d", day}, Unit{"w", 7 * day},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view take_while(std::string_view& text, bool (*belongs)(char)) {
  size_t n = 0;
  while (n < text.size() && belongs(text[n])) n++;
  std::string_view taken = text.substr(0, n);
  text.remove_prefix(n);
  return taken;
}

// "12" or "1.5" as a fraction of integers: exact, so that 0.1 s is 100 ms.
struct Decimal {
  int64_t digits = 0;
  int64_t divisor = 1;
};

std::optional<Decimal> take_decimal(std::string_view& text) {
  std::string_view whole = take_while(text, is_digit);
  std::string_view part;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    part = take_while(text, is_digit);
    if (part.empty()) return std::nullopt;
  }
  if (whole.empty() || whole.size() + part.size() > 18) return std::nullopt;
  Decimal d;
  for (char c : whole) d.digits = d.digits * 10 + (c - '0');
  for (char c : part) {
    d.digits = d.digits * 10 + (c - '0');
    d.divisor *= 10;
  }
  return d;
}

std::optional<int64_t> times(Decimal number, int64_t factor) {
  Wide product = Wide{number.digits} * factor;
  if (product % number.divisor != 0 || product / number.divisor > int64_max) return std::nullopt;
  return static_cast<int64_t>(product / number.divisor);
}

std::optional<int64_t> factor_of(std::span<const Unit> units, std::string_view name, bool any_case) {
  std::string lower(name);
  if (any_case)
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const Unit& u : units)
    if (u.name == lower) return u.factor;
  return std::nullopt;
}

Error not_a_size(std::string_view text) {
  return error(Errc::usage,
               "'" + escaped_for_line(text) + "' is not a size: write bytes (1048576) or a unit (64MiB, 10k, 1GB)");
}

Error not_a_duration(std::string_view text) {
  bool bare = !text.empty();
  for (char c : text) bare = bare && is_digit(c);
  return error(Errc::usage, "'" + escaped_for_line(text) + "' is not a duration: " +
                                (bare ? "a unit is missing (" + std::string(text) + "ms, " + std::string(text) + "s)"
                                      : "write a number and a unit (500ms, 10s, 2m, 1h30m, 7d)"));
}

Error not_a_time(std::string_view text) {
  return error(Errc::usage, "'" + escaped_for_line(text) +
                                "' is not a time: write milliseconds since 1970, a date (2026-01-31), a date and time "
                                "(2026-01-31T10:00Z), or how long ago (-1h)");
}

// Exactly `digits` digits.
std::optional<int> take_digits(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int v = 0;
  for (size_t i = 0; i < digits; i++) {
    if (!is_digit(text[i])) return std::nullopt;
    v = v * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return v;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int64_t> take_date_ms(std::string_view& text) {
  auto y = take_digits(text, 4);
  if (!y || !take(text, '-')) return std::nullopt;
  auto m = take_digits(text, 2);
  if (!m || !take(text, '-')) return std::nullopt;
  auto d = take_digits(text, 2);
  if (!d) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(*y), std::chrono::month(static_cast<unsigned>(*m)),
                                   std::chrono::day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * day;
}

// ".250": milliseconds; finer digits are read and left out.
std::optional<int64_t> take_fraction_ms(std::string_view& text) {
  if (!take(text, '.') && !take(text, ',')) return 0;
  std::string_view digits = take_while(text, is_digit);
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  int64_t ms = 0;
  for (size_t i = 0; i < 3; i++) ms = ms * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return ms;
}

std::optional<int64_t> take_clock_ms(std::string_view& text) {
  auto h = take_digits(text, 2);
  if (!h || *h > 23 || !take(text, ':')) return std::nullopt;
  auto m = take_digits(text, 2);
  if (!m || *m > 59) return std::nullopt;
  int64_t ms = *h * hour + *m * minute;
  if (!take(text, ':')) return ms;
  auto s = take_digits(text, 2);
  if (!s || *s > 59) return std::nullopt;
  auto fraction = take_fraction_ms(text);
  if (!fraction) return std::nullopt;
  return ms + *s * second + *fraction;
}

// "", "Z", "+02", "+0200", "-05:30": milliseconds east of UTC.
std::optional<int64_t> take_zone_ms(std::string_view& text) {
  if (text.empty() || take(text, 'Z') || take(text, 'z')) return 0;
  bool west = text[0] == '-';
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  auto h = take_digits(text, 2);
  if (!h || *h > 18) return std::nullopt;
  int64_t east = *h * hour;
  bool colon = take(text, ':');
  if (colon || !text.empty()) {
    auto m = take_digits(text, 2);
    if (!m || *m > 59) return std::nullopt;
    east += *m * minute;
  }
  return west ? -east : east;
}

std::optional<int64_t> iso_ms(std::string_view text) {
  auto ms = take_date_ms(text);
  if (!ms || text.empty()) return ms;
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  auto clock = take_clock_ms(text);
  if (!clock) return std::nullopt;
  auto zone = take_zone_ms(text);
  if (!zone || !text.empty()) return std::nullopt;
  return *ms + *clock - *zone;
}

std::string two(int64_t v) { return std::string(v < 10 ? "0" : "") + std::to_string(v); }

std::string padded(int64_t v, size_t digits) {
  std::string s = std::to_string(v);
  return std::string(s.size() < digits ? digits - s.size() : 0, '0') + s;
}

}  // namespace

Result<int64_t> parse_size(std::string_view text) {
  std::string_view rest = trimmed(text);
  auto number = take_decimal(rest);
  if (!number) return not_a_size(text);
  auto factor = factor_of(size_units, trimmed(rest), true);
  if (!factor) return not_a_size(text);
  auto bytes = times(*number, *factor);
  if (!bytes) return not_a_size(text);
  return *bytes;
}

Result<int64_t> parse_duration_ms(std::string_view text) {
  std::string_view rest = trimmed(text);
  if (rest == "0") return int64_t{0};
  if (rest.empty()) return not_a_duration(text);
  int64_t sum = 0;
  while (!rest.empty()) {
    auto number = take_decimal(rest);
    if (!number) return not_a_duration(text);
    auto factor = factor_of(duration_units, take_while(rest, is_letter), false);
    if (!factor) return not_a_duration(text);
    auto ms = times(*number, *factor);
    if (!ms || *ms > int64_max - sum) return not_a_duration(text);
    sum += *ms;
  }
  return sum;
}

Result<Timestamp> parse_time(std::string_view text, Timestamp now) {
  std::string_view t = trimmed(text);
  if (t == "now") return now;
  if (auto ms = number_in<int64_t>(t)) return Timestamp(*ms);
  if (t.size() > 1 && t[0] == '-') {
    auto ago = parse_duration_ms(t.substr(1));
    if (!ago) return not_a_time(text);
    return now - *ago;
  }
  if (auto ms = iso_ms(t)) return Timestamp(*ms);
  return not_a_time(text);
}

Result<int64_t> parse_number(std::string_view text, int64_t min, int64_t max, std::string_view what) {
  auto v = number_in<int64_t>(trimmed(text));
  if (v && *v >= min && *v <= max) return *v;
  std::string said = std::string(what) + ": '" + escaped_for_line(text) + "' is not a number";
  if (v) said = std::string(what) + ": " + std::to_string(*v) + " is out of range";
  if (max == int64_max) return error(Errc::usage, said + " (at least " + std::to_string(min) + ")");
  return error(Errc::usage, said + " (from " + std::to_string(min) + " to " + std::to_string(max) + ")");
}

std::string size_text(int64_t bytes) {
  constexpr std::array<Unit, 4> units{Unit{"TiB", tib}, Unit{"GiB", gib}, Unit{"MiB", mib}, Unit{"KiB", kib}};
  for (const Unit& u : units)
    if (bytes != 0 && bytes % u.factor == 0) return std::to_string(bytes / u.factor) + std::string(u.name);
  return std::to_string(bytes);
}

std::string duration_text(int64_t ms) {
  constexpr std::array<Unit, 5> units{Unit{"d", day}, Unit{"h", hour}, Unit{"m", minute}, Unit{"s", second},
                                      Unit{"ms", 1}};
  if (ms <= 0) return ms == 0 ? "0" : std::to_string(ms) + "ms";
  std::string out;
  for (const Unit& u : units) {
    if (ms < u.factor) continue;
    out += std::to_string(ms / u.factor) + std::string(u.name);
    ms %= u.factor;
  }
  return out;
}

std::string time_text(Timestamp time) {
  int64_t days = time.value / day - (time.value % day < 0 ? 1 : 0);
  // Beyond year 9999 there is no such text; a timestamp may still hold anything.
  if (days > 2932896 || days < -719162) return to_string(time);
  int64_t ms = time.value - days * day;
  std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return padded(int{date.year()}, 4) + "-" + two(unsigned{date.month()}) + "-" + two(unsigned{date.day()}) + "T" +
         two(ms / hour) + ":" + two(ms / minute % 60) + ":" + two(ms / second % 60) + "." + padded(ms % second, 3) +
         "Z";
}

}  // namespace bobbin
