#!/usr/bin/env bash
# salvage.sh PROGRAM: what a leader alone had when it died is found in its files: a record that it acknowledged under acks=1,
# before any follower had it, outlives it. Also after all brokers died, and after the one that has most is not there to tell.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/replicas.sh
. "$(dirname "$0")/../tools/replicas.sh"

all_values() { bobbin consume t -o beginning -e -q | sort -n | tr '\n' ' '; }

bobbin broker start -q -n 3 --set broker.session.timeout.ms=60000
bobbin topic create -q t -r 3
await_in_sync 3
echo 1 | bobbin produce t -q

echo "-- its followers stand still, it takes records, and dies"
leader=$(field leader)
followers=()
for id in 1 2 3; do [ "$id" = "$leader" ] || followers+=("$(pid_of "$id")"); done
kill -STOP "${followers[@]}"
echo 2 | bobbin produce t -q -a 1  # which answers the questions of the followers
seq 3 20 | bobbin produce t -q -a 1 || fail "acks=1 is not acknowledged: $?"
kill -KILL "$(pid_of "$leader")"
kill -CONT "${followers[@]}"
eventually 20 leads_another "$leader" || fail "nobody leads instead of broker $leader"
expect "the records" "$(seq 1 20 | tr '\n' ' ')" "$(all_values)"
grep -q "are taken from the files of broker $leader" "$BOBBIN_DIR"/broker-?.log ||
  fail "nobody says so: $(tail -n 3 "$BOBBIN_DIR"/broker-?.log)"

echo "-- the same, and all of them die at once"
bobbin broker start -q
await_in_sync 3
leader=$(field leader)
followers=()
for id in 1 2 3; do [ "$id" = "$leader" ] || followers+=("$(pid_of "$id")"); done
kill -STOP "${followers[@]}"
echo 21 | bobbin produce t -q -a 1
seq 22 30 | bobbin produce t -q -a 1 || fail "acks=1 is not acknowledged: $?"
kill -KILL "$(pid_of "$leader")" "${followers[@]}"
bobbin broker start -q
expect "the records" "$(seq 1 30 | tr '\n' ' ')" "$(all_values)"
await_in_sync 3
