# shellcheck shell=bash
# Sourced by test scripts whose first argument is the program. Gives them a folder of their own ($work), a cluster in
# it ($BOBBIN_DIR), and an end that stops and removes all of it, however the script ends.
set -euo pipefail

program=$1
bobbin() { "$program" "$@"; }

work=$(mktemp -d "${TMPDIR:-/tmp}/bobbin-test-XXXXXX")
export BOBBIN_DIR=$work/cluster
unset BOBBIN_AUTOSTART
started=()  # pids of ours that may still run

clean_up() {
  local result=$? pid
  trap - EXIT
  for pid in "${started[@]}"; do
    kill -TERM "$pid" 2> /dev/null || true
  done
  for pid in "${started[@]}"; do
    wait_for_end "$pid" || kill -KILL "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
  done
  [ -e "$BOBBIN_DIR" ] && { "$program" broker stop --dir "$BOBBIN_DIR" > "$work/stop" 2>&1 || cat "$work/stop" >&2; }
  if (( result != 0 && result != 77 )); then
    tail -n 30 "$BOBBIN_DIR"/broker-*.log 2> /dev/null || true
  fi
  rm -rf "$work"
  exit "$result"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 141' PIPE  # or the shell would die of it with the code of what went well before

fail() {
  echo "FAILED: $*"
  exit 1
}

skip() {
  echo "skipped: $*"
  exit 77
}

# eventually SECONDS COMMAND...: until the command succeeds.
eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    (( SECONDS < end )) || return 1
    sleep 0.05
  done
}

# Built with a sanitizer, which has memory, limits and signals of its own.
is_sanitized() { grep -aqE '__[at]san_init' "$program"; }
broker_pid() { bobbin broker status --output json | jq -r '.[0].pid // empty'; }
# One that has ended and that nobody has asked for its code is gone, too.
is_gone() {
  local stat
  stat=$(cat "/proc/$1/stat" 2> /dev/null) || return 0
  [[ ${stat##*) } == [ZX]* ]]
}
# Dead, and with the lock let go: the next start finds nobody; or a command that goes on has started another one already.
has_let_go() {
  local status
  status=$({ bobbin broker status --output json || true; } | jq -r '.[0] | "\(.state) \(.pid)"')
  [[ $status == stopped* || ($status == running* && $status != "running $1") ]]
}
kill_broker() {
  local pid
  pid=$(broker_pid)
  kill -KILL "$pid"
  eventually 10 has_let_go "$pid" || fail "a killed broker lives: $(bobbin broker status)"
}
# start_slowly SECONDS: a start that waits so long for the lock of the metadata, as it would for a slow disk.
start_slowly() {
  local holder starting
  : > "$work/hold"
  python3 "$(dirname "${BASH_SOURCE[0]}")/../process/stranger.py" 0 hold "$BOBBIN_DIR/metadata/.lock" > "$work/hold" 2>&1 &
  holder=$!
  started+=("$holder")
  eventually 10 grep -q holds "$work/hold" || fail "the metadata is not held: $(cat "$work/hold")"
  bobbin broker start -q &
  starting=$!
  sleep "$1"
  kill "$holder"
  wait "$starting" || fail "it does not start"
}
wait_for_end() { eventually 10 is_gone "$1"; }

# code COMMAND...: its exit code; output in $work/out and $work/err
code() {
  local result=0
  "$@" > "$work/out" 2> "$work/err" || result=$?
  echo "$result"
}
# says WORDS: the last command said them
says() { grep -q -- "$1" "$work/err" || fail "it does not say '$1': $(cat "$work/err")"; }

# expect WHAT WANTED GOT
expect() {
  [ "$2" = "$3" ] || fail "$1
  wanted: $(printf '%q' "$2" | head -c 600)
  got:    $(printf '%q' "$3" | head -c 600)"
}

# same WHAT FILE FILE
same() {
  cmp -s "$2" "$3" && return
  diff <(head -c 100000 "$2" | od -c) <(head -c 100000 "$3" | od -c) | head -n 10 || true
  fail "$1: $2 and $3 differ ($(wc -c < "$2") and $(wc -c < "$3") bytes)"
}

# addresses of all running brokers, joined by commas
addresses() {
  bobbin broker status --output json |
    jq -r '[.[] | select(.pid != null) | .address | select(. != null and . != "")] | join(",")'
}

# start_listening COUNT [OPTION...]: brokers that listen on ports of their own; sets $address
start_listening() {
  bobbin broker start -n "$@" --listen 127.0.0.1:0 > "$work/start" 2>&1 || fail "the broker does not start: $(cat "$work/start")"
  address=$(addresses)
  [ -n "$address" ] || fail "broker status knows no address: $(bobbin broker status --output json)"
}

# One broker at an address of this test alone: while it is down, nobody else's takes its port. Sets $address.
start_at_own_address() {
  bobbin broker start -q --listen "127.$((RANDOM % 200 + 20)).$((RANDOM % 250 + 2)).$((RANDOM % 250 + 2)):0"
  address=$(addresses)
  bobbin broker start -q --listen "$address"
}

# segment TOPIC PARTITION [BROKER]: the first segment of a partition
segment() {
  echo "$BOBBIN_DIR/broker-${3:-1}/$1-$2/00000000000000000000.log"
}

# codecs FILE: the codec of each batch of ten records or more in a segment, a line each, read from the attributes of
# its header (bytes 21 and 22, big-endian; the low three bits). Smaller ones may not shrink: clients leave them alone.
codecs() {
  python3 - "$1" <<'PY'
import struct
import sys

names = ["none", "gzip", "snappy", "lz4", "zstd"]
data = open(sys.argv[1], "rb").read()
at = 0
while at + 61 <= len(data):
    length, = struct.unpack_from(">i", data, at + 8)
    magic, attributes = data[at + 16], struct.unpack_from(">h", data, at + 21)[0]
    records, = struct.unpack_from(">i", data, at + 57)
    if magic != 2:
        sys.exit(f"magic {magic} at {at}")
    if records >= 10:
        print(names[attributes & 7])
    at += 12 + length
PY
}
