#!/usr/bin/env bash
# damage.sh PROGRAM: a byte that changed on the disk below what was once flushed is told and never cut away; what lies
# before it is still read.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

for i in 1 2 3; do seq $((i * 1000)) $((i * 1000 + 999)) | bobbin produce t -q; done
bobbin broker stop -q
log=$BOBBIN_DIR/broker-1/t-0/00000000000000000000.log
size=$(stat -c %s "$log")
at=$((size - 2000))  # in the last batch
byte=$(dd if="$log" bs=1 skip=$at count=1 status=none | od -An -tu1 | tr -d ' ')
printf '%b' "\\x$(printf %02x $((byte ^ 1)))" | dd of="$log" bs=1 seek=$at conv=notrunc status=none

result=0
timeout 60 "$program" consume t -e -q > "$work/read" 2> "$work/err" || result=$?
expect "exit code" 4 "$result"
(seq 1000 1999; seq 2000 2999) > "$work/wanted"
head -n 2000 "$work/read" > "$work/first"
same "what lies before the damage" "$work/wanted" "$work/first"
expect "size of the file" "$size" "$(stat -c %s "$log")"
"$program" broker logs | grep -qF "$log: " || fail "the broker's log does not name the damaged file"
