#!/usr/bin/env bash
# descriptors.sh PROGRAM: a broker that may open few files serves many partitions: first records, an orderly restart and
# one after kill -9, more records, and nothing is refused for good or lost.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

partitions=600
if is_sanitized; then partitions=250; fi  # still more than there are descriptors
ulimit -n 160
bobbin broker start -q 2> "$work/err" || fail "no start with few descriptors: $(cat "$work/err")"
bobbin topic create many -q -p $partitions
bobbin topic create lazy -q -p $partitions -c flush.policy=os

# fill TOPIC WORD: a record in each partition
fill() {
  seq 0 $((partitions - 1)) | sed "s/.*/{\"partition\":&,\"value\":\"$2 &\"}/" > "$work/in"
  timeout 100 "$program" produce "$1" -q -J < "$work/in" 2> "$work/err" || fail "$1, $2: exit code $? $(cat "$work/err")"
}
# holds TOPIC WORD...
holds() {
  local topic=$1
  shift
  for word in "$@"; do seq -f "$word %.0f" 0 $((partitions - 1)); done | sort > "$work/wanted"
  timeout 100 "$program" consume "$topic" -e -q 2> "$work/err" | sort > "$work/got" || fail "reading $topic: $(cat "$work/err")"
  same "$topic holds $*" "$work/wanted" "$work/got"
}

for topic in many lazy; do
  fill $topic one
  holds $topic one
done
bobbin broker stop -q
[ -e "$BOBBIN_DIR/broker-1/.kafka_cleanshutdown" ] || fail "an orderly end is noted"
bobbin broker start -q
for topic in many lazy; do
  fill $topic two
  holds $topic one two
done
pid=$(broker_pid)
kill -KILL "$pid"
eventually 20 is_gone "$pid"
bobbin broker start -q
for topic in many lazy; do
  fill $topic three
  holds $topic one two three
done
if grep -E 'OFFLINE|DAMAGED|cannot be opened' "$BOBBIN_DIR/broker-1.log"; then fail "a lack of descriptors is no broken disk"; fi
