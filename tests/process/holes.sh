#!/usr/bin/env bash
# holes.sh PROGRAM: files that are missing, or end too early at the edge of a batch, are damage: what lies before is read,
# then it is exit 4, over the unix socket (where files are read in place) and over TCP; the broker's log names them.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

folder=$BOBBIN_DIR/broker-1/x-0
make() {
  bobbin broker stop -q > /dev/null 2>&1 || true
  rm -rf "$BOBBIN_DIR"
  bobbin topic create x -q -c segment.bytes=1048576 2> /dev/null
  seq 300000 | bobbin produce x -q
  bobbin broker stop -q
  mapfile -t segments < <(ls "$folder"/*.log)
  (( ${#segments[@]} >= 4 )) || fail "several segments: ${segments[*]}"
}
# The lines that must come before the damage.
damaged() {
  local code
  for way in "" "-b 127.0.0.1:$port"; do
    code=0
    # shellcheck disable=SC2086  # no address is no argument
    timeout 60 "$program" consume x -e -q $way > "$work/out" 2> "$work/err" || code=$?
    expect "$1 $way: the exit code" 4 "$code"
    seq "$2" | cmp - "$work/out" || fail "$1 $way: what lies before is printed, and nothing else"
  done
  grep -q "DAMAGED" "$BOBBIN_DIR/broker-1.log" || fail "$1: the broker's log says so"
}
listen() {
  bobbin broker start -q --listen 127.0.0.1:0 2> /dev/null
  port=$(bobbin broker status --output json | jq -r '.[0].address' | sed 's/.*://')
}
base() { echo $((10#$(basename "$1" .log))); }

make
python3 - "${segments[1]}" << 'P'
import struct, sys
data = open(sys.argv[1], 'rb').read()
at = last = 0
while at + 12 <= len(data):
    last, at = at, at + 12 + struct.unpack('>i', data[at + 8:at + 12])[0]
open(sys.argv[1], 'r+b').truncate(last)
print(struct.unpack('>q', data[last:last + 8])[0])
P
listen

eventually 20 grep -q 'DAMAGED: .*offsets' "$BOBBIN_DIR/broker-1.log" || fail "the start looks at the ends of segments"
first=$(grep -o 'DAMAGED: .*offsets [0-9]*' "$BOBBIN_DIR/broker-1.log" | head -n 1 | grep -o '[0-9]*$')
damaged "a segment without its last batch" "$first"

make
rm "${segments[1]}"
listen
damaged "a segment that is gone" "$(base "${segments[1]}")"

make
rm "${segments[-1]}"
listen
damaged "the last segment is gone" "$(base "${segments[-1]}")"

make
rm "${segments[0]}"
listen
damaged "the first segment is gone" 0

make
rm -rf "$folder"
listen
damaged "the partition's folder is gone" 0

make
truncate -s 0 "$BOBBIN_DIR"/metadata/__cluster_metadata-0/*.log
code=0
bobbin topic list > "$work/out" 2> "$work/err" || code=$?
expect "an empty metadata log beside partitions: the exit code" 4 "$code"
grep -q "metadata log is empty" "$work/err" || fail "it says so: $(cat "$work/err")"
