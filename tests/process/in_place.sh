#!/usr/bin/env bash
# in_place.sh PROGRAM: consumers read the segments of a broker of this machine where they lie. Whatever becomes of those
# files meanwhile (retention, a deleted topic, a dead broker, damage): what is printed is right, and what is not printed
# is told.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

mkdir -p "$BOBBIN_DIR"
echo '"log.retention.check.interval.ms" = 200' > "$BOBBIN_DIR/bobbin.toml"
lines=300000
seq -f 'line %.0f of those that are read where they lie, in the segments of a broker' $lines > "$work/lines"

# new_topic NAME [OPTION...]: with small segments
new_topic() { bobbin topic create "$@" -q -c segment.bytes=1MiB; }
filled() {
  new_topic "$1"
  bobbin produce "$1" -q < "$work/lines"
}

# --- a consumer that is stopped in the middle: its reader takes nothing until it is told to

maps_segments() { grep -q "/$1-[0-9]*/[0-9]*\.log" "/proc/$consumer/maps"; }
# The pipe holds at least half of what it can.
is_full() {
  python3 - <<'PY'
import fcntl
import struct
import sys
import termios

capacity = fcntl.fcntl(4, 1032)  # F_GETPIPE_SZ
unread, = struct.unpack("i", fcntl.ioctl(4, termios.FIONREAD, bytes(4)))
sys.exit(unread < capacity / 2)
PY
}
is_stopped() { grep -q '^State:.T' "/proc/$consumer/status"; }

# stop_in_the_middle TOPIC [OPTION...]: sets $consumer
stop_in_the_middle() {
  rm -f "$work/pipe"
  mkfifo "$work/pipe"
  exec 3<> "$work/pipe"
  "$program" consume "$@" -q > "$work/pipe" 2> "$work/err" 3>&- &
  consumer=$!
  started+=("$consumer")
  exec 4< "$work/pipe"
  exec 3>&-
  eventually 30 is_full || fail "it prints nothing: $(cat "$work/err")"
  maps_segments "$1" || fail "it does not read in place"
  kill -STOP "$consumer"
  eventually 10 is_stopped || fail "it does not stop"
}

# goes_on_to_exit CODE: what it printed is in $work/read
goes_on_to_exit() {
  kill -CONT "$consumer"
  timeout 60 cat <&4 > "$work/read" || fail "it does not end"
  exec 4<&-
  local result=0
  wait "$consumer" || result=$?
  [ "$result" = "$1" ] || fail "exit code $result instead of $1: $(cat "$work/err")"
}

# What was printed is the beginning of what was produced, in whole lines, and at least so many.
begins() {
  local count
  count=$(wc -l < "$work/read")
  (( count >= $1 )) || fail "only $count lines"
  head -n "$count" "$work/lines" > "$work/wanted"
  same "what was printed" "$work/wanted" "$work/read"
}

echo "-- byte for byte"
filled all
bobbin consume all -e -q > "$work/read"
same "all lines" "$work/lines" "$work/read"

echo "-- from the middle to the middle"
bobbin consume all -o 123457:200001 -q > "$work/read"
sed -n '123458,200001p' "$work/lines" > "$work/wanted"
same "a part" "$work/wanted" "$work/read"
bobbin consume all -o -5 -e -q > "$work/read"
tail -n 5 "$work/lines" > "$work/wanted"
same "the last ones" "$work/wanted" "$work/read"

echo "-- several partitions at once"
new_topic several -p 4
for p in 0 1 2 3; do sed -n "$((p + 1))~4p" "$work/lines" | bobbin produce several -p "$p" -q; done
bobbin consume several -e -q -f '%p %o %s\n' > "$work/read"
for p in 0 1 2 3; do
  sed -n "s/^$p //p" "$work/read" > "$work/part"
  sed -n "$((p + 1))~4p" "$work/lines" | awk '{ print NR - 1, $0 }' > "$work/wanted"
  same "partition $p" "$work/wanted" "$work/part"
done

echo "-- a topic that is deleted and made anew meanwhile"
stop_in_the_middle all -e
bobbin topic delete all -q
new_topic all
sed 's/^line/other/' "$work/lines" | bobbin produce all -q
goes_on_to_exit 1
begins 1000
grep -q "deleted and made anew" "$work/err" || fail "it says: $(cat "$work/err")"

echo "-- a topic that is deleted meanwhile"
stop_in_the_middle several -e -p 0
bobbin topic delete several -q
goes_on_to_exit 1
grep -q "topic several was deleted" "$work/err" || fail "it says: $(cat "$work/err")"

echo "-- retention takes what is being read"
filled short
bobbin topic config short -q file.delete.delay.ms=0
stop_in_the_middle short -e
bobbin topic config short -q retention.bytes=2MiB
first_is_gone() { ! compgen -G "$BOBBIN_DIR/broker-1/short-0/00000000000000000000.log*" > /dev/null; }
eventually 30 first_is_gone || fail "retention does nothing: $(bobbin topic offsets short)"
goes_on_to_exit 1
begins 10000
first=$(bobbin topic offsets short --output json | jq '.[0].first')
grep -q "out of range: the log holds $first to $lines" "$work/err" || fail "it says: $(cat "$work/err")"

echo "-- the broker is killed while it is stopped, and while it reads"
filled killed
stop_in_the_middle killed -e
kill -KILL "$(broker_pid)"
goes_on_to_exit 0
same "lines" "$work/lines" "$work/read"
stop_in_the_middle killed -e
kill -CONT "$consumer"
kill -KILL "$(broker_pid)"
goes_on_to_exit 0
same "lines" "$work/lines" "$work/read"

echo "-- a follower while segments roll"
new_topic live
"$program" consume live -o end -q > "$work/live" 2> "$work/err" &
follower=$!
started+=("$follower")
# What comes after its first line must come to the last one.
sees() {
  echo first | bobbin produce live -q
  [ -s "$work/live" ]
}
eventually 30 sees || fail "it sees nothing: $(cat "$work/err")"
split -n l/12 "$work/lines" "$work/part-"
for part in "$work"/part-*; do bobbin produce live -q < "$part"; done
is_there() { [ "$(tail -n 1 "$work/live")" = "$(tail -n 1 "$work/lines")" ]; }
eventually 60 is_there || fail "it does not see the end: $(tail -n 1 "$work/live"), $(cat "$work/err")"
kill -TERM "$follower"
wait "$follower" || true
grep -v '^first$' "$work/live" > "$work/read"
same "what the follower saw" "$work/lines" "$work/read"
[ "$(find "$BOBBIN_DIR/broker-1/live-0" -name '*.log' | wc -l)" -gt 10 ] || fail "nothing rolled"

echo "-- damage in the middle of a segment"
bobbin broker stop -q
# Flips a byte of a record and prints the first offset of its batch.
damaged=$(python3 - "$BOBBIN_DIR/broker-1/live-0" <<'PY'
import glob
import struct
import sys

path = sorted(glob.glob(sys.argv[1] + "/*.log"))[5]
with open(path, "r+b") as file:
    data = file.read()
    batches, at = [], 0
    while at + 61 <= len(data):
        batches.append(at)
        at += 12 + struct.unpack_from(">i", data, at + 8)[0]
    at = batches[len(batches) // 2]
    file.seek(at + 100)
    file.write(bytes([data[at + 100] ^ 1]))
    print(struct.unpack_from(">q", data, at)[0])
PY
)
result=0
timeout 60 "$program" consume live -e -q -f '%o %s\n' > "$work/read" 2> "$work/err" || result=$?
expect "exit code" 4 "$result"
expect "lines before the damage" "$damaged" "$(wc -l < "$work/read")"
awk '$2 != "first" { sub(/^[0-9]+ /, ""); print }' "$work/read" > "$work/part"
head -n "$(wc -l < "$work/part")" "$work/lines" > "$work/wanted"
same "what lies before the damage" "$work/wanted" "$work/part"
grep -q "from offset $damaged on are damaged" "$work/err" || fail "it says: $(cat "$work/err")"

echo "-- a file that somebody cuts while it is read"
bobbin topic create cut -q -c segment.bytes=64MiB
bobbin produce cut -q < "$work/lines"
stop_in_the_middle cut -e
truncate -s 0 "$BOBBIN_DIR"/broker-1/cut-0/*.log
goes_on_to_exit 4
grep -q '^bobbin: a file became shorter' "$work/err" || fail "it says: $(cat "$work/err")"
head -c "$(wc -c < "$work/read")" "$work/lines" > "$work/wanted"
same "what was printed" "$work/wanted" "$work/read"
