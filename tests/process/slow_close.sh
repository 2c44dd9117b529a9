#!/usr/bin/env bash
# slow_close.sh PROGRAM: a client passes a descriptor whose close takes a minute. Nobody else waits for it, and the broker
# ends when it is told to.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

echo x | bobbin produce -q t
broker=$(broker_pid)
for _ in 1 2 3; do
  kill -STOP "$broker"  # until the client has let go of it
  : > "$work/passed"
  python3 "$(dirname "$0")/stranger.py" 0 pass "$BOBBIN_DIR/broker-1.sock" > "$work/passed" 2>&1 &
  started+=($!)
  eventually 20 grep -q sent "$work/passed" || fail "sending: $(cat "$work/passed")"
  kill -CONT "$broker"
  eventually 20 grep -q passed "$work/passed" || fail "passing: $(cat "$work/passed")"
  expect "the others are served" x "$(bobbin consume -q t -e --timeout 10s)"
done
echo y | bobbin produce -q t --timeout 10s
bobbin broker stop -q --timeout 20s || fail "it does not end"
is_gone "$broker" || fail "it runs"
expect "it was not killed" 0 "$(grep -c killed <(bobbin broker logs) || true)"
bobbin broker logs | grep -q 'ending: signal 15' || fail "it did not end by itself"
[ -e "$BOBBIN_DIR/broker-1/.kafka_cleanshutdown" ] || fail "it was not closed cleanly"
