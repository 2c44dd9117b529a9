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

# Not under a sanitizer, which must be loaded first.
faketime=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1
ten_days=(env LD_PRELOAD="$faketime" FAKETIME=+864000 DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1)
if [ -e "$faketime" ] && "${ten_days[@]}" "$program" --version > /dev/null 2>&1; then
  echo "-- a broker whose clock is ten days ahead"
  bobbin broker start -q -n 2
  bobbin topic create -q clock -r 2 -c segment.bytes=1MiB
  bobbin produce clock -q < "$work/lines"
  of_clock() { bobbin topic describe clock --output json | jq -r ".[0].partitions[0].$1"; }
  leader=$(of_clock leader)
  for id in "$(( 3 - leader ))" "$leader"; do
    bobbin broker kill -q "$id"
    "${ten_days[@]}" "$program" broker start "$id" --foreground -q 2> "$work/ahead" &
    started+=("$!")
    both() { [ "$(of_clock 'isr | length')" = 2 ]; }
    eventually 20 both || fail "broker $id does not come back: $(cat "$work/ahead")"
    told() { grep -q "the wall clock is .* minutes ahead" "$work/ahead"; }
    eventually 20 told || fail "it is not told: $(cat "$work/ahead")"
    # Its copy has what it had; that of a leader but for one segment.
    eventually 20 bash -c "[ \$(ls '$BOBBIN_DIR/broker-$id/clock-0'/*.log | wc -l) -ge 4 ]" || fail "its segments went"
  done
  bobbin cluster elect clock -q || true
  left=$(bobbin consume clock -e -q | wc -l)
  (( left >= 3500 )) || fail "$left of 5000 are left"
fi
