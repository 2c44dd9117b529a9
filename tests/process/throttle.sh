#!/usr/bin/env bash
# throttle.sh PROGRAM: a move keeps to the rate that is set for it, until it is taken back; and who waits for a move is told
# why nothing moves.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/replicas.sh
. "$(dirname "$0")/../tools/replicas.sh"

moves() { bobbin cluster reassign --list -q --output json; }
lag() { moves | jq -r '.[0].lag // "none"' | cut -d: -f2; }
# Of the 60,000 records some are there, and not all.
is_on_its_way() { local now; now=$(lag); [ "$now" != none ] && [ "$now" != "?" ] && [ "$now" -gt 0 ] && [ "$now" -lt 60000 ]; }
set_on_topic() { bobbin topic config t --output json | jq -c '[.[] | select(.name | contains("throttled")) | .value]'; }
set_on_broker() {
  bobbin broker config "$1" --output json | jq -c '[.[] | select((.name | contains("throttled")) and .value != "9223372036854775807") | .value]'
}

bobbin broker start -q -n 3
bobbin topic create -q t -r 1
first=$(field leader)
to=$(( first % 3 + 1 ))
# No batch is large: how far a copy is, is known after each.
for (( i = 0; i < 60; i++ )); do
  seq $((100001 + 1000 * i)) $((101000 + 1000 * i)) |
    awk '{print $1 " 0123456789012345678901234567890123456789012345678901234567890123456789"}' | bobbin produce t -q
done

echo "-- at 64 kibibytes a second the copy takes more than a minute"
expect "code" 0 "$(code bobbin cluster reassign t -p 0 --replicas "$to" --throttle 64KiB --no-wait)"
says "throttled until bobbin cluster reassign --throttle none"
expect "topic" "[\"0:$to\",\"0:$first\"]" "$(set_on_topic)"
for id in 1 2 3; do expect "broker $id" '["65536","65536"]' "$(set_on_broker "$id")"; done
eventually 20 is_on_its_way || fail "it is not on its way: $(moves)"
before=$(lag)
sleep 1
is_on_its_way || fail "after a second it is done: $(moves)"
[ $(( before - $(lag) )) -lt 5000 ] || fail "of $before records $(lag) are left after a second"
expect "what can be read" 60000 "$(bobbin consume t -o beginning -e -q | wc -l)"

echo "-- without it, as fast as it goes"
expect "code" 0 "$(code bobbin cluster reassign --throttle none)"
eventually 20 nothing_moves || fail "it still moves: $(moves)"
expect "replicas" "$to" "$(field 'replicas | join(",")')"
expect "topic" '["",""]' "$(set_on_topic)"
expect "broker" '[]' "$(set_on_broker 1)"
expect "what can be read" 60000 "$(bobbin consume t -o beginning -e -q | wc -l)"

echo "-- a move that was waited for leaves nothing behind"
expect "code" 0 "$(code bobbin cluster reassign t -p 0 --replicas "$first" --throttle 1GiB)"
expect "topic" '["",""]' "$(set_on_topic)"
expect "broker" '[]' "$(set_on_broker 1)"

echo "-- a move that somebody took back is not told as moved, and its throttle goes with it"
"$program" cluster reassign t -p 0 --replicas "$to" --throttle 64KiB --output json > "$work/moved" 2> "$work/moved.err" &
mover=$!
started+=("$mover")
eventually 20 is_on_its_way || fail "it is not on its way: $(moves)"
expect "the same once more" "[{\"topic\":\"t\",\"partition\":0,\"from\":[$first],\"to\":[$to]}]" \
  "$(bobbin cluster reassign t -p 0 --replicas "$to" --no-wait -q --output json | jq -c .)"
expect "code of --cancel" 0 "$(code bobbin cluster reassign --cancel)"
result=0
wait "$mover" || result=$?
expect "code of the move" 1 "$result"
expect "what moved" "[]" "$(cat "$work/moved")"
grep -q "its replicas are $first, not $to" "$work/moved.err" || fail "said is: $(cat "$work/moved.err")"
expect "replicas" "$first" "$(field 'replicas | join(",")')"
expect "topic" '["",""]' "$(set_on_topic)"
for id in 1 2 3; do expect "broker $id" '[]' "$(set_on_broker "$id")"; done

echo "-- one that is interrupted says what goes on"
"$program" cluster reassign t -p 0 --replicas "$to" --throttle 64KiB > "$work/moved" 2> "$work/moved.err" &
mover=$!
started+=("$mover")
eventually 20 is_on_its_way || fail "it is not on its way: $(moves)"
kill -TERM "$mover"
result=0
wait "$mover" || result=$?
expect "code" 143 "$result"
expect "what moved" "" "$(cat "$work/moved")"
grep -q "what has not moved yet goes on: " "$work/moved.err" || fail "said is: $(cat "$work/moved.err")"
grep -q "throttled until bobbin cluster reassign --throttle none" "$work/moved.err" || fail "said is: $(cat "$work/moved.err")"
expect "broker" '["65536","65536"]' "$(set_on_broker 1)"
expect "code of --cancel" 0 "$(code bobbin cluster reassign t --cancel)"
expect "broker" '[]' "$(set_on_broker 1)"

echo "-- a dry run does nothing"
for words in "--throttle 1MiB" "t -p 0 --replicas $to --throttle 1MiB"; do
  # shellcheck disable=SC2086 # words
  expect "$words" 0 "$(code bobbin cluster reassign $words --dry-run -q --output json)"
  expect "topic" '["",""]' "$(set_on_topic)"
  expect "broker" '[]' "$(set_on_broker 1)"
done
bobbin cluster reassign -q --throttle 1MiB
expect "broker" '["1048576","1048576"]' "$(set_on_broker 1)"
expect "json" "[]" "$(bobbin cluster reassign --throttle none --dry-run --output json)"
expect "broker" '["1048576","1048576"]' "$(set_on_broker 1)"
expect "json" "[]" "$(bobbin cluster reassign --throttle none --output json)"
expect "broker" '[]' "$(set_on_broker 1)"

echo "-- what is no rate"
for rate in 0 x -1 ""; do expect "--throttle '$rate'" 2 "$(code bobbin cluster reassign t -r 2 --throttle "$rate")"; done
expect "--list" 2 "$(code bobbin cluster reassign --list --throttle 1MiB)"

echo "-- whom a move waits for is said"
bobbin broker kill -q "$to"
"$program" cluster reassign t -p 0 --replicas "$to" > "$work/moved" 2> "$work/moved.err" &
mover=$!
started+=("$mover")
is_said() { grep -q "broker $to must run for that" "$work/moved.err"; }
eventually 20 is_said || fail "nothing is said: $(cat "$work/moved.err")"
bobbin broker start -q "$to"
wait "$mover" || fail "the move ends with $?: $(cat "$work/moved.err")"
expect "replicas" "$to" "$(field 'replicas | join(",")')"

echo "-- a topic that is deleted meanwhile"
bobbin broker kill -q "$first"
"$program" cluster reassign t -p 0 --replicas "$first" > "$work/moved" 2> "$work/moved.err" &
mover=$!
started+=("$mover")
is_moving() { ! nothing_moves; }
eventually 20 is_moving || fail "it does not move"
bobbin topic delete -q t
wait "$mover" && fail "a move that was not done ends with 0"
grep -q "t-0: was deleted meanwhile" "$work/moved.err" || fail "said is: $(cat "$work/moved.err")"
