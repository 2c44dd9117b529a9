// Sizes, durations and times as people write them, and the way back. Every error is a sentence for the person who
// typed the text (Errc::usage).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"

namespace bobbin {

// "1048576", "64MiB", "10k", "1.5GiB": bytes. As in GNU tools a lone letter counts in 1024s (k = K = KiB) and "kB",
// "MB", "GB", "TB" in 1000s. Never negative.
Result<int64_t> parse_size(std::string_view text);

// "500ms", "2m", "1h30m", "7d", "1.5s", "2w": milliseconds. A unit is needed (only "0" goes without): a bare number
// belongs to Kafka's own `...ms` names. Never negative.
Result<int64_t> parse_duration_ms(std::string_view text);

// A point in time: milliseconds since 1970 ("1767225600000"; "-1500" is before it), ISO 8601 ("2026-01-31", "2026-01-31T10:00",
// "2026-01-31 10:00:05.250+02:00"; without a zone it is UTC, as in Kafka's tools), "now", or "-1h": so long before `now`.
Result<Timestamp> parse_time(std::string_view text, Timestamp now);

// A whole decimal number within [min, max]; `what` begins the sentence of the error ("--partitions").
Result<int64_t> parse_number(std::string_view text, int64_t min, int64_t max, std::string_view what);

// The largest unit that divides it, so that parsing gives the same number: "64MiB", "1000B" is "1000".
std::string size_text(int64_t bytes);
// "7d", "1h30m", "250ms"; the same number when parsed.
std::string duration_text(int64_t ms);
// "2026-01-31T10:00:05.250Z".
std::string time_text(Timestamp time);

}  // namespace bobbin
