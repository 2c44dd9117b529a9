#!/usr/bin/env bash
# bad_names.sh PROGRAM: a metadata log that names topics as none can be called, with right checksums: damage to everybody,
# and never a path, a command or an escape sequence.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

# code ARGUMENT...: the exit code of the program; what it says is in $work/err
code() { timeout 60 "$program" "$@" > "$work/out" 2> "$work/err" < /dev/null && echo 0 || echo $?; }

bobbin topic create -q topic-name
echo x | bobbin produce -q topic-name
bobbin broker stop -q
mv "$BOBBIN_DIR" "$work/whole"
mkdir "$work/deep"

# rename FROM TO: the topic in the metadata log, in as many bytes; every batch gets its right checksum
rename() {
  python3 - "$BOBBIN_DIR"/metadata/__cluster_metadata-0/*.log "$1" "$2" "$(dirname "$0")/../tools" <<'PY'
import struct
import sys

sys.dont_write_bytecode = True
path, before, name = sys.argv[1], sys.argv[2].encode(), sys.argv[3].encode()
sys.path.insert(0, sys.argv[4])
from kafka_wire import crc32c  # noqa: E402
data = bytearray(open(path, "rb").read())
assert len(name) == len(before) and data.count(before) == 1
at = data.find(before)
data[at:at + len(name)] = name
at = 0
while at < len(data):
    length, = struct.unpack_from(">i", data, at + 8)
    struct.pack_into(">I", data, at + 17, crc32c(data[at + 21:at + 12 + length]))
    at += 12 + length
open(path, "wb").write(data)
PY
}

# shellcheck disable=SC2016  # not expanded: that is the point
for name in '../../xxxx' '../deep/xx' '$(date >x)' 'red'$'\e''[31mxx' 'a/b/c/d/ee' '..........'; do
  export BOBBIN_DIR=$work/deep/cluster
  cp -r "$work/whole" "$BOBBIN_DIR"
  rename topic-name "$name"
  wanted=4
  [ "$name" != '..........' ] || wanted=0  # dots are fine, but for one and two
  expect "$name: broker start" $wanted "$(code broker start)"
  for command in "topic list" "consume t -e" "topic delete t" "complete topics"; do
    (( wanted )) || break
    # shellcheck disable=SC2086  # words
    expect "$name: $command" 4 "$(code $command)"
    ! grep -q $'\e' "$work/err" || fail "$command prints an escape sequence: $(cat -v "$work/err")"
  done
  (( wanted )) || bobbin broker stop -q
  find "$work" -path "$BOBBIN_DIR" -prune -o -path "$work/whole" -prune -o -name '*xx*' -print | grep . && fail "$name: a path"
  rm -rf "$BOBBIN_DIR"
done

echo "-- the names of brokers' own topics: none is made, and one that an earlier version made is read and deleted"
export BOBBIN_DIR=$work/reserved
for name in __cluster_metadata __consumer_offsets __transaction_state; do
  expect "topic create $name" 2 "$(code topic create "$name")"
  grep -qF "'$name' is what brokers call a topic of their own: choose another name" "$work/err" || fail "topic create $name says: $(cat "$work/err")"
  expect "produce $name" 2 "$(code produce "$name")"
  grep -qF "'$name' is what brokers call a topic of their own" "$work/err" || fail "produce $name says: $(cat "$work/err")"
  before=${name/__/q.}
  seq 3 | bobbin produce -q "$before"
done
expect "what is there" "q.cluster_metadata q.consumer_offsets q.transaction_state" "$(bobbin topic list --output json | jq -r 'map(.name) | join(" ")')"
bobbin broker stop -q
for name in __cluster_metadata __consumer_offsets __transaction_state; do
  before=${name/__/q.}
  rename "$before" "$name"
  mv "$BOBBIN_DIR/broker-1/$before-0" "$BOBBIN_DIR/broker-1/$name-0"
  sed -i "s/^$before /$name /" "$BOBBIN_DIR"/broker-1/*-checkpoint
done
expect "all are listed" "__cluster_metadata __consumer_offsets __transaction_state" "$(bobbin topic list --output json | jq -r 'map(.name) | join(" ")')"
for name in __cluster_metadata __consumer_offsets __transaction_state; do
  expect "$name is described" "$name" "$(bobbin topic describe "$name" --output json | jq -r '.[0].name')"
  expect "$name is completed" "$name" "$(bobbin complete topics | grep -x "$name")"
  if [ "$name" = __cluster_metadata ]; then
    seq 4 5 | bobbin produce -q "$name"
    expect "$name is written and read" "$(seq 5)" "$(bobbin consume -q -e "$name")"
  else  # what brokers write themselves today
    if seq 4 5 | bobbin produce -q "$name" 2> "$work/err"; then fail "$name is written"; fi
    grep -q "$name is written by brokers alone" "$work/err" || fail "produce says: $(cat "$work/err")"
    expect "$name is read" "$(seq 3)" "$(bobbin consume -q -e "$name")"
  fi
  expect "$name is there" 1 "$(code topic create "$name")"
  grep -q 'exists already' "$work/err" || fail "topic create $name says: $(cat "$work/err")"
  bobbin topic delete -q "$name"
  expect "$name is made anew" 2 "$(code topic create "$name")"
done
expect "all are gone" 0 "$(bobbin topic list --output json | jq length)"
