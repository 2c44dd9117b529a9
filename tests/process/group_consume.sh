#!/usr/bin/env bash
# group_consume.sh PROGRAM: `consume -g`. Who goes on where the group was; members that come and go in order under load lose and
# double nothing; one that is killed leaves at most what it had not committed; what a reader has taken of a pipe is committed, to
# the record; the broker that coordinates dies.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

bobbin broker start -q -n 3
bobbin topic create -q t -p 4 -r 3

echo "-- a group goes on where it was"
seq 1000 | bobbin produce t -q --partitioner round-robin
expect "what the first reads" "$(seq 1000)" "$(bobbin consume -q -g g t -e | sort -n)"
expect "what the next reads" "" "$(bobbin consume -q -g g t -e)"
seq 1001 1100 | bobbin produce t -q --partitioner round-robin
expect "what is new" "$(seq 1001 1100)" "$(bobbin consume -q -g g t -e | sort -n)"
expect "what another group reads" 1100 "$(bobbin consume -q -g h t -e | wc -l)"

echo "-- what a reader has taken is committed, to the record"
bobbin topic create -q pipe -r 3
seq -f '%06.0f' 0 99999 | bobbin produce pipe -q
# Records of 7 bytes; the reader takes 1,000 of them and a part of one.
bobbin consume -q -g g pipe | python3 -c 'import os, sys
left = 7003
while left: left -= len(os.read(0, left))'
expect "where it goes on" 001000 "$(bobbin consume -q -g g pipe -n 1)"
expect "and then" 001001 "$(bobbin consume -q -g g pipe -n 1)"

echo "-- who commits nothing has lost nothing when another one comes"
"$program" consume -g none t --commit none > "$work/none" 2> "$work/none.said" &
started+=($!)
has_read() { [ "$(wc -l < "$work/none")" -ge 1100 ]; }
eventually 20 has_read || fail "only $(wc -l < "$work/none") were read"
bobbin consume -q -g none t -e > "$work/other"
kill -TERM "${started[-1]}"
wait "${started[-1]}" || true
[ -s "$work/other" ] || fail "the other one got nothing"
! grep "took this member for gone" "$work/none.said" || fail "it says that it was taken for gone"

echo "-- with -e it reads what it gets while it runs, too, up to the ends of its start"
bobbin topic create -q ends -p 2 -r 3
line=$(head -c 20000 /dev/zero | tr '\0' x)
for p in 0 1; do seq 400 | sed "s/\$/ $line/" | bobbin produce -q ends -p "$p"; done
# Slow enough for another one to come meanwhile.
bobbin consume -q -g ends ends -e | python3 -c 'import os, time
while True:
  got = os.read(0, 100000)
  if not got: break
  os.write(1, got)
  time.sleep(0.005)' > "$work/ends" &
first=$!
has_begun() { [ "$(wc -l < "$work/ends")" -ge 5 ]; }
eventually 20 has_begun || fail "the first one reads nothing"
bobbin consume -q -g ends ends -e > "$work/ends-2"
wait "$first" || fail "the first one ended with $?"
expect "what they read" "$({ seq 400; seq 400; } | sort -n)" "$(cut -d ' ' -f 1 "$work/ends" "$work/ends-2" | sort -n)"
[ "$(wc -l < "$work/ends")" -ge 400 ] || fail "the first one left when another one came, after $(wc -l < "$work/ends")"

# member NAME: one that reads into a file of that name.
member() {
  env --default-signal=INT "$program" consume -q -g load load > "$work/$1" &
  members[$1]=$!
  started+=($!)
}
# stop SIGNAL NAME: its end; whoever dies of the signal ended in order.
stop() {
  local code=0
  kill "-$1" "${members[$2]}"
  wait "${members[$2]}" || code=$?
  unset "members[$2]"
  [ "$1" = KILL ] || [ "$code" = $((128 + $(kill -l "$1"))) ] || fail "$2 ended with $code"
}
declare -A members=()
read_by_all() { cat "$work"/load-* | sort -n; }
has_all() { [ "$(read_by_all | uniq | wc -l)" = "$1" ]; }

echo "-- members come and go in order, and no record is lost or doubled"
bobbin topic create -q load -p 6 -r 3
(for i in $(seq 0 59); do seq $((i * 500 + 1)) $((i * 500 + 500)); sleep 0.05; done) |
  bobbin produce load -q --partitioner round-robin &
producer=$!
member load-1
sleep 0.3
member load-2
sleep 0.3
member load-3
sleep 0.4
stop INT load-1
sleep 0.4
member load-4
sleep 0.3
stop TERM load-3
wait "$producer"
eventually 30 has_all 30000 || fail "$(read_by_all | uniq | wc -l) of 30000 were read"
stop INT load-2
stop INT load-4
expect "records that were read twice" "" "$(read_by_all | uniq -d)"

echo "-- one is killed, and the broker that coordinates: nothing is missing"
member load-5
member load-6
(for i in $(seq 60 89); do seq $((i * 500 + 1)) $((i * 500 + 500)); sleep 0.05; done) |
  bobbin produce load -q --partitioner round-robin &
producer=$!
sleep 0.5
stop KILL load-5
member load-7
sleep 0.3
bobbin broker kill -q "$(bobbin group describe load --output json | jq '.[0].coordinator')"
wait "$producer"
eventually 30 has_all 45000 || fail "$(read_by_all | uniq | wc -l) of 45000 were read"
stop INT load-6
stop INT load-7
