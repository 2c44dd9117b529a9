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

# rename TO: the topic in the metadata log, in as many bytes; every batch gets its right checksum
rename() {
  python3 - "$BOBBIN_DIR"/metadata/__cluster_metadata-0/*.log "$1" "$(dirname "$0")/../tools" <<'PY'
import struct
import sys

sys.dont_write_bytecode = True
path, name = sys.argv[1], sys.argv[2].encode()
sys.path.insert(0, sys.argv[3])
from kafka_wire import crc32c  # noqa: E402
data = bytearray(open(path, "rb").read())
assert len(name) == len(b"topic-name") and data.count(b"topic-name") == 1
at = data.find(b"topic-name")
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
  rename "$name"
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
