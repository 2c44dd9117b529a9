#!/usr/bin/env bash
# retention.sh PROGRAM: old segments go by size and by time, whole, oldest first, whether or not anybody read them.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

mkdir -p "$BOBBIN_DIR"
echo '"log.retention.check.interval.ms" = 200' > "$BOBBIN_DIR/bobbin.toml"
head -c 5000000 /dev/zero | tr '\0' x | fold -w 1000 > "$work/lines"

echo "-- by size"
bobbin topic create size -q -c segment.bytes=1MiB -c retention.bytes=2MiB
bobbin produce size -q < "$work/lines"
first() { bobbin topic offsets "$1" --output json | jq '.[0].first'; }
[ -n "$(first size)" ] || fail "no first offset: $(bobbin topic offsets size --output json)"
went() { [ "$(first "$1")" -gt 0 ]; }
eventually 20 went size || fail "nothing went: $(bobbin topic offsets size)"
left=$(bobbin consume size -e -q | wc -l)
if (( left < 2000 || left >= 5000 )); then fail "$left of 5000 are left"; fi

echo "-- by time, and everything, also the active segment"
bobbin topic create time -q -c retention.ms=500
seq 100 | bobbin produce time -q
eventually 20 went time || fail "nothing went: $(bobbin topic offsets time)"
expect "records left" 0 "$(bobbin consume time -e -q | wc -l)"
seq 3 | bobbin produce time -q
