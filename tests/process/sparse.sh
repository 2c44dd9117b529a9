#!/usr/bin/env bash
# sparse.sh PROGRAM: a file with a hole in it says any size. Wherever in the directory: what only it knows is damage (4, with
# its name), what the records tell as well is built anew; nothing takes the memory or the time that the size asks for.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

bobbin topic create x -q -c segment.bytes=1048576 2> /dev/null
seq 120000 > "$work/lines"
bobbin produce x -q < "$work/lines"
bobbin broker stop -q
printf '# nothing is set\n' > "$BOBBIN_DIR/bobbin.toml"
printf '2\n' > "$BOBBIN_DIR/stopped"
mv "$BOBBIN_DIR" "$work/whole"
broker="broker-1"
partition=$broker/x-0

# try BYTES FILE COMMAND...: what the command makes of a cluster whose FILE has so many; sets $code, and $work/{out,err}.
# No more memory than 1 GiB may even be asked for (with sanitizers everything is asked for).
try() {
  local bytes=$1
  file=$2
  shift 2
  bobbin broker stop -q > /dev/null 2>&1 || bobbin broker kill -q > /dev/null 2>&1 || true
  rm -rf "$BOBBIN_DIR"
  cp -r "$work/whole" "$BOBBIN_DIR"
  [ -e "$BOBBIN_DIR/$file" ] || fail "$file is not there"
  truncate -s "$bytes" "$BOBBIN_DIR/$file" || skip "this file system has no files of $bytes"
  code=0
  (
    [ -n "${sanitized:-}" ] || ulimit -v 1048576
    exec timeout 60 "$program" "$@" --timeout 30s > "$work/out" 2> "$work/err"
  ) || code=$?
}
if is_sanitized; then sanitized=yes; fi

damaged() { # ... in what the command says, or in the broker's log
  expect "$file: the exit code of a command ($(cat "$work/err"))" 4 "$code"
  grep -qF "$BOBBIN_DIR/$file" "$work/err" || grep -F DAMAGED "$BOBBIN_DIR/broker-1.log" | grep -qF "$BOBBIN_DIR/$file" ||
    fail "$file is not named: $(cat "$work/err")"
}
whole() {
  expect "$file: the exit code of a command ($(cat "$work/err"))" 0 "$code"
  same "$file: the records" "$work/lines" "$work/out"
}

segments=("$work/whole/$partition"/*.log)
(( ${#segments[@]} > 1 )) || fail "several segments"
for bytes in 3G 4T; do
  for name in bobbin.toml metadata/meta.properties metadata/__cluster_metadata-0/00000000000000000000.log stopped $broker/meta.properties \
    $broker/{recovery-point-offset,replication-offset,log-start-offset,topic-id}-checkpoint; do
    try $bytes "$name" topic list
    damaged
  done
  for segment in "${segments[@]}"; do
    try $bytes "${segment#"$work/whole/"}" consume x -e -q
    damaged
  done
  try $bytes $partition/partition.metadata consume x -e -q
  damaged
  for name in "$work/whole/$partition"/*.{index,timeindex,snapshot} "$work/whole/$partition/leader-epoch-checkpoint"; do
    try $bytes "${name#"$work/whole/"}" consume x -e -q
    whole
  done
  for name in $broker/boot-id $broker/.lock $broker/.kafka_cleanshutdown metadata/.lock metadata/.durable starter.lock broker-1.log \
    broker-1.state; do
    [ -e "$work/whole/$name" ] || continue
    try $bytes "$name" consume x -e -q
    whole
  done
  try $bytes broker-1.log broker logs
  damaged
done

echo "-- a hole as long as a segment may be"
try 2147483647 "${segments[0]#"$work/whole/"}" consume x -e -q
whole
try 2147483647 "${segments[-1]#"$work/whole/"}" consume x -e -q
(( code == 0 || code == 4 )) || fail "$file: exit $code: $(cat "$work/err")"
same "$file: the records" "$work/lines" "$work/out"

echo "-- a batch that says it is as long as that"
boast() { # FILE: its last batch reaches to the end of a hole, and its segment has those before it
  python3 - "$1" << 'END'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    log, at, last = file.read(), 0, 0
    while at < len(log):
        last, at = at, at + 12 + struct.unpack_from(">i", log, at + 8)[0]
    file.seek(last + 8)
    file.write(struct.pack(">i", 2147483647 - last - 12))
    print(struct.unpack_from(">q", log, last)[0])
END
}
name=${segments[0]#"$work/whole/"}
cp "${segments[0]}" "$work/segment"
before=$(boast "${segments[0]}")
for command in "consume x -e -q" "consume x -e -q -o @2001-01-01T00:00:00Z"; do
  # shellcheck disable=SC2086
  try 2147483647 "$name" $command
  damaged
  same "$file: the records before" <(head -n "$before" "$work/lines") "$work/out"
done
mv "$work/segment" "${segments[0]}"
