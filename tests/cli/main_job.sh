#!/usr/bin/env bash
# main_job.sh PROGRAM: lines from a pipe into a log that lasts, and out again, where nothing was set up.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

echo "-- a million lines, and a broker that starts by itself"
seq 1000000 | bobbin produce numbers 2> "$work/err"
grep -q 'numbers' "$work/err" || fail "nothing is said of the new topic: $(cat "$work/err")"
grep -q '7d' "$work/err" || fail "the retention is not told: $(cat "$work/err")"
expect "lines" 1000000 "$(bobbin consume numbers -e | wc -l)"
bobbin consume numbers -e | cmp - <(seq 1000000) || fail "other lines came back"

echo "-- a live pipe: a line is seen though the input stays open"
mkfifo "$work/pipe"
"$program" produce app < "$work/pipe" 2> /dev/null &
started+=($!)
exec 7> "$work/pipe"
echo "INFO first" >&7
eventually 20 bash -c "'$program' consume app -e 2> /dev/null | grep -q first" || fail "the first line is not seen"
"$program" consume app -o end > "$work/live" 2> /dev/null &
reader=$!
started+=("$reader")
# It has its place when lines begin to come: lines are sent until one does.
n=0
sees() { n=$((n + 1)); echo "ERROR line $n" >&7; sleep 0.05; [ -s "$work/live" ]; }
eventually 20 sees || fail "the follower sees nothing"
! grep -q first "$work/live" || fail "-o end shows what was there before"
kill -TERM "$reader"
wait "$reader" && fail "a consume that was ended by TERM says 0"
exec 7>&-
wait "${started[0]}" || fail "produce of a closed pipe"

echo "-- bytes stay what they are"
printf 'a\r\n\n\0b\n\xff\xfe\n\n  x \nlast' > "$work/odd"
bobbin produce odd < "$work/odd" 2> /dev/null
bobbin consume odd -e > "$work/back"
{ cat "$work/odd"; echo; } > "$work/wanted"
same "odd bytes" "$work/wanted" "$work/back"
expect "records" 7 "$(bobbin consume odd -e -f x | wc -c)"

echo "-- a million empty lines"
bobbin produce empty -q < <(yes '' | head -n 1000000)
expect "empty lines" 1000000 "$(bobbin consume empty -e | wc -l)"
expect "bytes of empty lines" 1000000 "$(bobbin consume empty -e | wc -c)"

echo "-- no input, a file, a binary"
bobbin produce nothing < /dev/null 2> /dev/null
bobbin topic list --output json | jq -e '.[] | select(.name == "nothing")' > /dev/null || fail "empty input makes no topic"
bobbin produce binary --frame whole < "$program" -q 2> /dev/null && fail "a record over max.message.bytes is accepted"
head -c 900000 "$program" > "$work/binary"
bobbin produce whole --frame whole -q < "$work/binary"
bobbin consume whole -e --frame whole > "$work/back"
same "binary" "$work/binary" "$work/back"
bobbin topic create large -q -c max.message.bytes=104000000
head -c 100000000 /dev/zero | tr '\0' x > "$work/line"
bobbin produce large < "$work/line"
bobbin consume large -e > "$work/back"
expect "size of a long line" 100000001 "$(stat -c %s "$work/back")"
cmp -n 100000000 "$work/line" "$work/back" || fail "a long line"
