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

# The same in a tail that is not below a recovery point yet: the broker is killed, and this machine was not.
seq 1000 1999 | bobbin produce young -q
seq 2000 2999 | bobbin produce young -q
seq 3000 3999 | bobbin produce young -q
pid=$(broker_pid)
kill -KILL "$pid"
eventually 20 is_gone "$pid"
log=$BOBBIN_DIR/broker-1/young-0/00000000000000000000.log
size=$(stat -c %s "$log")
printf 'damage' | dd of="$log" bs=1 seek=$((size / 2)) conv=notrunc status=none  # in the second batch
result=0
timeout 60 "$program" consume young -e -q > "$work/read" 2> "$work/err" || result=$?
expect "exit code after kill -9" 4 "$result"
seq 1000 1999 > "$work/wanted"
head -n 1000 "$work/read" > "$work/first"
same "what lies before the damage in the tail" "$work/wanted" "$work/first"
expect "size of the file after kill -9" "$size" "$(stat -c %s "$log")"
timeout 60 "$program" consume young -e -q -o 2000 > "$work/read"
seq 3000 3999 > "$work/wanted"
same "what lies behind it" "$work/wanted" "$work/read"

# A batch that stands twice: no record is lost, and that is what is told.
for i in 1 2 3; do seq $((i * 1000)) $((i * 1000 + 999)) | bobbin produce twice -q; done
bobbin broker stop -q
log=$BOBBIN_DIR/broker-1/twice-0/00000000000000000000.log
python3 - "$log" << 'END'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    data = file.read()
    first = 12 + struct.unpack_from(">i", data, 8)[0]
    file.seek(first)
    file.write(data)
END
seq 1000 3999 > "$work/wanted"
expect "exit code with a batch that stands twice" 0 "$(code timeout 60 "$program" consume twice -e -q)"
same "the records" "$work/wanted" "$work/out"
bobbin broker logs | grep "^.* twice-0: DAMAGED: $log: the batch of offsets 0 to 999 stands again at [0-9]*: this is passed over, and no record is lost\$" > "$work/told" ||
  fail "the log does not tell: $(bobbin broker logs | tail -n 3)"
