#!/usr/bin/env bash
# drills.sh PROGRAM: a broker is killed, paused and resumed by commands; what `topic describe` tells of that, and with which exit
# code; an order to kill is not undone by who produces.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/replicas.sh
. "$(dirname "$0")/../tools/replicas.sh"

status_of() { bobbin broker status --output json | jq -r ".[] | select(.id == $1) | .$2"; }
is_hung() { [ "$(status_of "$1" state)" = hung ]; }
is_dead() { [ "$(status_of "$1" pid)" = null ]; }

bobbin broker start -q -n 3 --set broker.session.timeout.ms=1000
bobbin topic create -q t -r 3 -c min.insync.replicas=2
bobbin topic create -q alone
seq 100 | bobbin produce t -q

echo "-- all is well"
expect "nothing is under-replicated" "0:" "$(bobbin topic describe --under-replicated; echo "$?:")"
expect "lags" "0 0" "$(field 'lag | [.[]] | join(" ")')"
bobbin topic describe t | grep -q 'flush.policy=ack min.insync.replicas=2  (acks=all: all copies lie on one disk, whose loss takes everything' ||
  fail "what can be lost is not told: $(bobbin topic describe t)"
bobbin topic describe alone | grep -q '(one copy: the loss of its disk takes everything)' || fail "what can be lost is not told of one copy"
expect "the columns" "PARTITION LEADER REPLICAS ISR EPOCH LAG MOVING" "$(bobbin topic describe t | grep PARTITION | tr -s ' ' | sed 's/^ //; s/ $//')"

echo "-- one is killed"
leader=$(field leader)
bobbin broker kill "$leader" 2> "$work/err"
grep -q "killed broker $leader" "$work/err" || fail "it is not said: $(cat "$work/err")"
eventually 10 is_dead "$leader" || fail "broker $leader runs"
echo more | bobbin produce t -q || fail "produce ends with $?"
[ "$(field leader)" != "$leader" ] || fail "broker $leader still leads"
is_dead "$leader" || fail "a command started broker $leader again"
result=0
told=$(bobbin topic describe --under-replicated --output json) || result=$?
expect "exit code" 1 "$result"
expect "the topic" '["t"]' "$(jq -c '[.[].name]' <<< "$told")"
expect "a dead one's lag is not known" null "$(jq ".[0].partitions[0].lag[\"$leader\"]" <<< "$told")"
expect "none is under min.insync.replicas" 0 "$(bobbin topic describe --under-min-isr > /dev/null; echo $?)"
expect "it is at min.insync.replicas" 1 "$(bobbin topic describe t --at-min-isr > /dev/null; echo $?)"
expect "Kafka's name" 1 "$(bobbin topic describe --under-replicated-partitions > /dev/null; echo $?)"
expect "every partition is led" 0 "$(bobbin topic describe --unavailable; echo $?)"

echo "-- a second one"
second=$(field leader)
bobbin broker kill -q "$second"
eventually 10 in_sync 1 || fail "in sync are $(field isr)"
expect "under min.insync.replicas" 1 "$(bobbin topic describe t --under-min-isr > /dev/null; echo $?)"
bobbin broker start -q
await_in_sync 3

echo "-- one is paused, and goes on"
leader=$(field leader)
bobbin broker pause "$leader" 2> "$work/err"
grep -q "broker.session.timeout.ms" "$work/err" || fail "what a long pause means is not said: $(cat "$work/err")"
eventually 10 is_hung "$leader" || fail "broker $leader is not paused"
bobbin broker resume "$leader" 2> "$work/err"
grep -q "broker $leader goes on" "$work/err" || fail "that it goes on is not said: $(cat "$work/err")"
bobbin broker resume "$leader" 2> "$work/err"
grep -q "broker $leader runs, and was not paused" "$work/err" || fail "one that was not paused: $(cat "$work/err")"
expect "it runs on" 101 "$(bobbin consume t -o beginning -e -q | wc -l)"

echo "-- one is paused for too long, and is started again"
leader=$(field leader)
bobbin broker pause -q "$leader"
eventually 20 is_dead "$leader" || fail "broker $leader is not killed"
echo last | bobbin produce t -q || fail "produce ends with $?"
bobbin broker resume "$leader" 2> "$work/err"
grep -q "broker $leader was dead, and runs again" "$work/err" || fail "it is not said: $(cat "$work/err")"
await_in_sync 3
expect "the records" 102 "$(bobbin consume t -o beginning -e -q | wc -l)"

echo "-- what cannot be"
expect "which one" 2 "$(bobbin broker kill 2> /dev/null; echo $?)"
expect "no such broker" 1 "$(bobbin broker kill 9 2> /dev/null; echo $?)"
bobbin broker stop -q 1
expect "a pause of one that does not run" 3 "$(bobbin broker pause 1 2> /dev/null; echo $?)"
