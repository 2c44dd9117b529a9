#!/usr/bin/env bash
# ends.sh PROGRAM: how a broker ends: by itself when nobody needs it, when its directory goes, when it is told; and never
# with anything of its starter's.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

pid_of() { { bobbin broker status --output json || true; } | jq -r '.[0].pid // empty'; }

echo "-- an idle broker that nobody started by hand"
mkdir -p "$BOBBIN_DIR"
echo '"idle.exit.ms" = 300' > "$BOBBIN_DIR/bobbin.toml"
seq 10 | bobbin produce t -q
pid=$(sed -n 's/^pid=//p' "$BOBBIN_DIR/broker-1.state")
eventually 20 is_gone "$pid" || fail "it stays"
[ -e "$BOBBIN_DIR/broker-1/.kafka_cleanshutdown" ] || fail "it did not close its logs"
expect "records after it" 10 "$(bobbin consume t -e -q | wc -l)"

echo "-- one that somebody started stays"
bobbin broker start -q
pid=$(pid_of)
sleep 1
! is_gone "$pid" || fail "it went"
expect "its folder" / "$(readlink "/proc/$pid/cwd")"
expect "descriptors of the caller" "" "$(find "/proc/$pid/fd" -lname 'pipe:*' -o -lname '/dev/pts/*')"
bobbin broker stop -q
eventually 10 is_gone "$pid" || fail "it does not stop"

echo "-- brokers of a cluster of several stay, though nobody started them by hand"
several() { bobbin "$@" --dir "$work/several"; }  # they end with that folder, at the latest
running() { several broker status --output json | jq -c '[.[].pid]'; }
several broker start -q -n 2
several broker stop -q
echo '"idle.exit.ms" = 300' > "$work/several/bobbin.toml"
echo x | several produce t -q
expect "how many were started by hand" 0 "$(grep -l started_by_person=true "$work"/several/broker-*.state | wc -l)"
before=$(running)
sleep 1
expect "who runs a second later" "$before" "$(running || true)"
several broker stop -q

echo '"idle.exit.ms" = 60000' > "$BOBBIN_DIR/bobbin.toml"  # a slow machine asks later

echo "-- a terminal that hangs up is none of its business"
echo x | bobbin produce t -q
pid=$(pid_of)
kill -HUP "$pid"
sleep 0.3
echo x | bobbin produce t -q
expect "who runs" "$pid" "$(pid_of)"
bobbin broker stop -q

echo "-- one that a command started, asked to stay: the same process, without an interruption"
echo x | bobbin produce t -q
pid=$(pid_of)
starters=()
for _ in 1 2 3; do
  bobbin broker start -q &
  starters+=($!)
done
for starter in "${starters[@]}"; do wait "$starter" || fail "broker start"; done
expect "who runs" "$pid" "$(pid_of)"
expect "it stays" started_by_person=true "$(grep started_by "$BOBBIN_DIR/broker-1.state")"
bobbin broker stop -q

echo "-- one that was started with a setting has it again after its death, but not after its end"
setting() { bobbin broker config --output json | jq -r '.[] | select(.name == "log.retention.bytes") | .value'; }
bobbin broker start -q --set log.retention.bytes=50000000
kill -9 "$(pid_of)"
echo x | bobbin produce t -q
expect "the setting after a kill" 50000000 "$(setting)"
bobbin broker stop -q
echo x | bobbin produce t -q
expect "the setting after an end" -1 "$(setting)"
bobbin broker stop -q

echo "-- killed, and started at once: exit 0 means that one runs"
bobbin broker start -q
bobbin topic create wide -q -p 300 -c flush.policy=os
for i in 1 2 3; do
  seq 300 | bobbin produce wide --partitioner round-robin -q  # a process that takes the kernel a while to take apart
  pid=$(pid_of)
  kill -KILL "$pid"
  bobbin broker start -q
  expect "after kill $i" running "$(bobbin broker status --output json | jq -r '.[0].state')"
  [ "$(pid_of)" != "$pid" ] || fail "the dead one is said to run"
done

echo "-- one that is stopped holds its lock, and is not said to run"
kill -STOP "$(pid_of)"
result=0
bobbin broker start -q --timeout 300ms 2> "$work/err" || result=$?
kill -CONT "$(pid_of)"
expect "broker start beside it" 3 "$result"
says "broker 1: it holds its lock and does not answer"
bobbin broker start -q
bobbin broker stop -q

echo "-- the directory goes"
bobbin broker start -q
pid=$(pid_of)
rm -rf "$BOBBIN_DIR"
eventually 20 is_gone "$pid" || fail "it lives on without a directory"
