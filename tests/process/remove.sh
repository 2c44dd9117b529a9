#!/usr/bin/env bash
# remove.sh PROGRAM: a broker is removed while it is written and read: what it had the others have, and it is gone with its folder;
# where the others are too few, or what only it has cannot be moved, nothing is done.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

replicas() { bobbin topic describe --output json | jq -r '[.[].partitions[].replicas[]] | unique | join(",")'; }
ids() { bobbin broker status --output json | jq -r 'map(.id) | join(",")'; }
has_read() { [ "$(wc -l < "$work/read")" -ge "$1" ]; }

bobbin broker start -q -n 4
bobbin topic create -q t -p 4 -r 3
bobbin topic create -q u -p 4 -r 1
seq 1 1000 | bobbin produce u -q
expect "who keeps copies" 1,2,3,4 "$(replicas)"

echo "-- while it is written and read"
bobbin consume t -q > "$work/read" 2> "$work/consume.err" &
started+=("$!")
{ for i in $(seq 1 3000); do echo "$i"; (( i % 50 )) || sleep 0.02; done; } | bobbin produce t -q 2> "$work/produce.err" &
producer=$!
started+=("$producer")
eventually 20 has_read 100 || fail "nothing is read: $(cat "$work/consume.err")"
expect "code" 0 "$(code bobbin broker remove 2)"
says "removed broker 2"
wait "$producer" || fail "the producer ends with $?: $(cat "$work/produce.err")"
eventually 20 has_read 3000 || fail "$(wc -l < "$work/read") of 3000 were read: $(cat "$work/consume.err")"
expect "what was read" "$(seq 1 3000 | cksum)" "$(sort -n "$work/read" | cksum)"
expect "who keeps copies" 1,3,4 "$(replicas)"
expect "who is there" 1,3,4 "$(ids)"
expect "what is left of it" "" "$(find "$BOBBIN_DIR" -maxdepth 1 -name 'broker-2*')"
expect "what had one copy" "$(seq 1 1000 | cksum)" "$(bobbin consume u -o beginning -e -q | sort -n | cksum)"
expect "code of describe" 0 "$(code bobbin topic describe --under-replicated -q)"

echo "-- it does not come back, and its id may be given again"
bobbin broker stop -q
bobbin broker start -q
expect "who is there" 1,3,4 "$(ids)"
expect "code" 0 "$(code bobbin broker add 2 -q)"
expect "who is there" 1,2,3,4 "$(ids)"
expect "code" 0 "$(code bobbin broker remove 2 -q)"
expect "who is there" 1,3,4 "$(ids)"

echo "-- interrupted, it is given again, and what moves already counts as moved"
expect "code" 0 "$(code bobbin broker add 2 -q)"
bobbin topic create -q v -p 1 -r 2
from=$(bobbin topic describe v --output json | jq '.[0].partitions[0].replicas[0]')
to=$(bobbin topic describe v --output json | jq '[1, 2, 3, 4] - .[0].partitions[0].replicas | .[0]')
kept=$(bobbin topic describe v --output json | jq '.[0].partitions[0].replicas[1]')
seq 1 200000 | bobbin produce v -q
bobbin cluster reassign v -p 0 --replicas "$to,$kept" --no-wait -q > "$work/out"
expect "code" 0 "$(code bobbin broker remove "$from")"
expect "copies of v" 2 "$(bobbin topic describe v --output json | jq '.[0].partitions[0].replicas | length')"
expect "what v has" 200000 "$(bobbin consume v -o beginning -e -q | wc -l)"
bobbin topic delete -q v
[ "$from" = 2 ] || { bobbin broker add "$from" -q; bobbin broker remove 2 -q; }
expect "who is there" 1,3,4 "$(ids)"

echo "-- where that cannot be nothing is done"
expect "an unknown one" 1 "$(code bobbin broker remove 9)"
expect "none" 2 "$(code bobbin broker remove)"
expect "too few others" 1 "$(code bobbin broker remove 3)"
says "without broker 3: "
expect "who is there" 1,3,4 "$(ids)"
bobbin topic delete -q t
alone=$(bobbin topic describe u --output json | jq '.[0].partitions[0].leader')
bobbin broker kill -q "$alone"
expect "one that does not run, and has the only copy" 1 "$(code bobbin broker remove "$alone" --no-start)"
says "broker $alone does not run, and nobody else has all of u-"
bobbin broker start -q
expect "what had one copy" "$(seq 1 1000 | cksum)" "$(bobbin consume u -o beginning -e -q | sort -n | cksum)"

echo "-- one after the other, to the last, which stays"
last=4
[ "$alone" = 4 ] && last=3
for id in 1 3 4; do [ "$id" = "$last" ] || expect "broker $id" 0 "$(code bobbin broker remove -q "$id")"; done
expect "the last one" 1 "$(code bobbin broker remove "$last")"
says "no other broker runs"
expect "what had one copy" "$(seq 1 1000 | cksum)" "$(bobbin consume u -o beginning -e -q | sort -n | cksum)"
