#!/usr/bin/env bash
# usage.sh PROGRAM: what nobody could accept is exit 2 with a sentence on stderr, an empty stdout, and no broker started.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

# refused PATTERN ARGUMENT...
refused() {
  local pattern=$1 code=0
  shift
  bobbin "$@" > "$work/out" 2> "$work/err" < /dev/null || code=$?
  expect "exit code of bobbin $*" 2 "$code"
  [ ! -s "$work/out" ] || fail "bobbin $* prints on stdout"
  grep -q -e "$pattern" "$work/err" || fail "bobbin $*: no '$pattern' in: $(cat "$work/err")"
}

echo "-- help and version"
for command in "" topic broker produce consume "topic create" "topic list" "topic describe" "topic config" "topic add-partitions" "topic offsets" \
  "topic delete" "topic trim" "broker start" "broker stop" "broker status" "broker logs" "broker config" completion help; do
  # shellcheck disable=SC2086  # the words of a command's name
  bobbin $command -h > "$work/out" 2> "$work/err" || fail "bobbin $command -h"
  grep -q Usage "$work/out" || fail "bobbin $command -h says nothing"
  [ ! -s "$work/err" ] || fail "bobbin $command -h complains"
done
bobbin --version | grep -qx 'bobbin [0-9.]*' || fail "--version"
bobbin -h | head -1 > /dev/null || fail "-h into a closed pipe"

echo "-- unknown words and options, with the nearest known"
refused "Commands:"
refused "did you mean produce" prodcue t
refused "did you mean create" topic crate t
refused "did you mean --compression" produce t --compresion gzip
refused "unknown option -y" consume t -y x
refused "a group has a name" consume t -g ""
refused "name it with -g" consume t --at-most-once
refused "none of each, batch, exit, none" consume t -g g --commit now
refused "shares its partitions out by itself" consume t -g g -p 0
refused "exit takes no value" consume t --exit=false
refused "-k needs a value: KEY" produce t -k
refused "none of" produce t -z brotli
refused "name a topic" produce
refused "name a topic" consume
refused "TLS" produce t --property security.protocol=SSL
refused "dir is empty" topic list --dir ""

echo "-- names, numbers, durations, times"
refused "a/b" produce a/b
refused "249" topic create "$(printf 'x%.0s' {1..250})"
refused "partitions" topic create t -p 0
refused "partitions" topic create t -p many
refused "timeout" consume t --timeout 5
refused "timestamp" produce t --timestamp yesterday
refused "HOST:PORT" topic list -b host:port
refused "two clusters" topic list -b host:1 --dir /tmp
refused "offset" consume t -o sometime

echo "-- configs"
refused "retention.ms" topic create t -c retention.msec=1
refused "segment.bytes" topic create t -c segment.bytes=10
refused "NAME=VALUE" topic create t -c retention.ms
refused "num.partitions" broker start --set num.partitons=1
mkdir -p "$BOBBIN_DIR"
echo 'num.partitons = 3' > "$BOBBIN_DIR/bobbin.toml"
refused "bobbin.toml:1.*num.partitions" broker start
refused "bobbin.toml:1" broker config
rm -r "$BOBBIN_DIR"

[ ! -e "$BOBBIN_DIR" ] || fail "a refused command made a cluster"

echo "-- nobody there"
code=0
bobbin topic list --no-start > "$work/out" 2> "$work/err" || code=$?
expect "exit code without a broker" 3 "$code"
grep -q 'broker start' "$work/err" || fail "no word of what to do: $(cat "$work/err")"
code=0
BOBBIN_AUTOSTART=never bobbin produce t < /dev/null > "$work/out" 2> "$work/err" || code=$?
expect "exit code when starting is forbidden" 3 "$code"
code=0
bobbin topic list -b 127.0.0.1:1 --timeout 500ms > "$work/out" 2> "$work/err" || code=$?
expect "exit code of a port where nobody listens" 3 "$code"
