#!/usr/bin/env bash
# namespaces.sh PROGRAM: a cluster that is shared with another PID namespace, as by two containers with one volume: records go
# both ways, what answers runs, and who is to end a process that he cannot see is told so at once, and leaves no order.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

[ "$(id -u)" = 0 ] || skip "PID namespaces need root"
inside() { timeout 120 unshare -mpf --mount-proc "$@"; }
inside true 2> /dev/null || skip "no PID namespace can be made here"

at_once() {
  local what=$1 words=$2 began=$SECONDS result=0
  shift 2
  "$@" > "$work/out" 2>&1 || result=$?
  (( SECONDS - began <= 5 )) || fail "$what takes $((SECONDS - began)) s: $(cat "$work/out")"
  expect "$what: exit code ($(cat "$work/out"))" 1 "$result"
  grep -q "$words" "$work/out" || fail "$what says: $(cat "$work/out")"
  [ ! -e "$BOBBIN_DIR/stopped" ] || fail "$what leaves an order"
}

echo "-- a broker outside"
echo hi | bobbin produce t -q
pid=$(broker_pid)
expect "records inside" hi "$(inside "$program" consume t -e -q)"
echo ho | inside "$program" produce t -q
expect "records outside" $'hi\nho' "$(bobbin consume t -e -q)"
expect "its state inside" running "$(inside "$program" broker status --output tsv | cut -f 3)"
at_once "broker stop" 'PID namespace' inside "$program" broker stop
at_once "broker stop 1" 'PID namespace' inside "$program" broker stop 1
at_once "broker start, for one that would end when idle" 'cannot be told to stay' inside "$program" broker start
bobbin broker start -q
inside "$program" broker start -q || fail "one that stays runs already: that is fine"
at_once "broker start --set" 'stop it first' inside "$program" broker start --set log.retention.bytes=1000000
rm "$BOBBIN_DIR/broker-1.sock"
at_once "broker stop, without a socket" 'PID namespace' inside "$program" broker stop
back() { [ -S "$BOBBIN_DIR/broker-1.sock" ]; }
eventually 10 back || fail "the socket does not come back"
kill -STOP "$pid"
at_once "broker stop, for one that is suspended" 'PID namespace' inside "$program" broker stop
kill -CONT "$pid"
expect "who runs" "$pid" "$(broker_pid)"
bobbin broker stop -q
rm "$BOBBIN_DIR/stopped"

echo "-- a broker inside, as long as the namespace lives"
mkfifo "$work/end"
# shellcheck disable=SC2016
inside bash -c '"$0" broker start -q; read -r < "$1"' "$program" "$work/end" &
started+=("$!")
runs() { bobbin broker status > /dev/null 2>&1; }
eventually 10 runs || fail "it does not run: $(bobbin broker status 2>&1)"
expect "records outside" $'hi\nho' "$(bobbin consume t -e -q)"
# Whoever is above sees all processes, under other numbers.
bobbin broker stop -q || fail "from the namespace above it can be ended"
expect "an order" all "$(cat "$BOBBIN_DIR/stopped")"
echo > "$work/end"

if is_sanitized; then
  echo "a sanitizer needs /proc: not tried without it"
elif unshare -m mount -t tmpfs none /proc 2> /dev/null; then
  echo "-- without /proc"
  bare() { timeout 60 unshare -m bash -c 'mount -t tmpfs none /proc; exec "$@"' bare "$program" "$@"; }
  bobbin broker start -q
  expect "its state" running "$(bare broker status --output tsv | cut -f 3)"
  at_once "broker stop" '/proc is not mounted' bare broker stop
  bobbin broker stop -q
fi
echo "all is well"
