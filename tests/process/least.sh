#!/usr/bin/env bash
# least.sh PROGRAM: no config of brokers keeps out who would take it back, however small or large it is: not the one that
# runs, not one that is started with it, not one that a command starts; and what an earlier version took does not, either.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
tools=$(cd "$(dirname "$0")/../tools" && pwd)

alter() { timeout 30 python3 "$tools/alter.py" "$BOBBIN_DIR/broker-1.sock" "$@" || echo "no answer"; }
# A command that finds what it asks for; a broker that it starts ends at once where idle.exit.ms says so.
works() { expect "$1: $2" t "$(timeout 60 "$program" topic list --output json --timeout 10s 2> "$work/err" | jq -r '.[].name'; grep -v 'started broker' "$work/err" || true)"; }

bobbin topic create t -q
numbers=$(bobbin broker config --output json | jq -r '.[] | select(.value | test("^-?[0-9]+$")) | .name')
(( $(wc -l <<< "$numbers") > 20 )) || fail "few configs are numbers: $numbers"
bobbin broker start -q
# try NAME VALUE...: the first of these values that is taken at all
try() {
  local name=$1 value code
  for value in "${@:2}"; do
    code=$(alter "$name=$value")
    [ "$code" = 40 ] && continue  # INVALID_CONFIG
    expect "$name=$value" 0 "$code"
    works "$name=$value" "while it runs"
    bobbin broker stop -q
    works "$name=$value" "one that a command starts"
    bobbin broker start -q 2> "$work/err" || fail "$name=$value: it does not start: $(cat "$work/err")"
    expect "$name=$value is taken back" 0 "$(alter "$name")"
    return
  done
  fail "$name: nothing is taken"
}
# A sanitizer takes its time to start: those that decide who is let in.
if is_sanitized; then numbers=$(grep -E 'connection|request|idle' <<< "$numbers"); fi
for name in $numbers; do
  try "$name" -1 0 1 4 16384 1048576
  if ! is_sanitized; then try "$name" 1 4 16384 1048576; fi
  try "$name" 9223372036854775807 2147483647
done

echo "-- too little"
for wanted in "queued.max.request.bytes=1: it must be -1 (no limit) or at least 16384 (16KiB)" "max.connections.per.ip=0: it must be at least 1,"; do
  setting=${wanted%%: *} words=${wanted#*: }
  name=${setting%=*}
  expect "$setting" 40 "$(alter "$setting")"
  bobbin broker stop -q
  expect "--set $setting" 2 "$(code "$program" broker start --set "$setting")"
  says "$words"
  # As it may stand in a file since before.
  echo "${setting/=/ = }" > "$BOBBIN_DIR/bobbin.toml"
  works "$setting in bobbin.toml" "a broker starts"
  bobbin broker logs | grep -qF "$name: ${setting#*=} is out of range: $words" || fail "the log does not tell: $(bobbin broker logs | tail -n 3)"
  expect "what counts" default "$(bobbin broker config --output json | jq -r ".[] | select(.name == \"$name\").source")"
  bobbin broker stop -q
  bobbin broker start 2> "$work/err"
  says "$words"
  rm "$BOBBIN_DIR/bobbin.toml"
done

echo "-- what an earlier version put into the metadata"
expect "to have the words" 0 "$(alter queued.max.request.bytes=54321)"
kill_broker
python3 - "$BOBBIN_DIR"/metadata/__cluster_metadata-0/*.log "$tools" <<'PY'
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[2])
from kafka_wire import crc32c  # noqa: E402

with open(sys.argv[1], "r+b") as file:
    data = bytearray(file.read())
    assert data.count(b"54321") == 1
    at = data.find(b"54321")
    data[at:at + 5] = b"00001"
    at = 0
    while at < len(data):
        length, = struct.unpack_from(">i", data, at + 8)
        struct.pack_into(">I", data, at + 17, crc32c(data[at + 21:at + 12 + length]))
        at += 12 + length
    file.seek(0)
    file.write(data)
PY
works "queued.max.request.bytes=1 in the metadata" "a broker starts"
expect "what counts" 268435456 "$(bobbin broker config --output json | jq -r '.[] | select(.name == "queued.max.request.bytes").value')"
expect "it is taken back" 0 "$(alter queued.max.request.bytes)"
bobbin broker stop -q
