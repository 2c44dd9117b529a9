#!/usr/bin/env bash
# replicas.sh PROGRAM: three copies of a partition: its leader is killed while it is written and read, three times, and
# nothing is lost, doubled or out of order; every copy has the same bytes; a copy that somebody took is made anew; a
# broker that is stopped in order hands over; with too few in sync nothing is taken, and what was committed is read.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/replicas.sh
. "$(dirname "$0")/../tools/replicas.sh"

bobbin broker start -q -n 3
bobbin topic create -q t -r 3
expect "in sync at first" 3 "$(field 'isr | length')"

echo "-- its leader is killed while it is written and read"
begin_writing 0
for turn in 1 2 3; do
  write 200
  leader=$(field leader)
  kill -KILL "$(pid_of "$leader")"
  write 200
  eventually 20 leads_another "$leader" || fail "turn $turn: nobody leads instead of broker $leader"
  write 200
  await_read "turn $turn"
  bobbin broker start -q
  await_in_sync 3 "turn $turn"
done
end_writing

echo "-- every copy has the same bytes"
await_same_copies

echo "-- a copy that somebody took is made anew"
bobbin broker stop -q 2
rm -rf "$BOBBIN_DIR/broker-2"
bobbin broker start -q 2
await_in_sync 3
await_same_copies

echo "-- who is stopped in order hands over before it is gone"
leader=$(field leader)
bobbin broker stop -q "$leader"
leads_another "$leader" || fail "broker $leader is stopped and leads"
echo more | bobbin produce t -q || fail "a record is not taken: $?"
expect "the last record" more "$(bobbin consume t -o -1 -e -q)"
bobbin broker start -q

echo "-- with fewer in sync than min.insync.replicas nothing is appended, and nothing is said to be"
bobbin topic config -q t min.insync.replicas=3
await_in_sync 3
end=$(bobbin topic offsets t --at latest --output json | jq '.[0].offset')
leader=$(field leader)
bobbin broker stop -q $(( leader % 3 + 1 ))
result=0
echo refused | bobbin produce t -q --timeout 2s 2> "$work/err" || result=$?
expect "code" 3 "$result"
expect "the end" "$end" "$(bobbin topic offsets t --at latest --output json | jq '.[0].offset')"

echo "-- who reads in place does not take a copy that was made anew for the one that it has mapped"
bobbin topic config -q t min.insync.replicas=1
bobbin broker start -q
bobbin topic create -q u -r 2
of_u() { bobbin topic describe u --output json | jq -r ".[0].partitions[0].$1"; }
u_has() { [ "$(of_u "$1")" = "$2" ]; }
leader=$(of_u leader)
follower=$(of_u "replicas | map(select(. != $leader))[0]")
"$program" consume u -q --no-start > "$work/read" 2> "$work/err" &
reader=$!
started+=("$reader")
for n in 1 2; do
  echo "$n" | bobbin produce u -q
  eventually 20 has_read "$n" || fail "record $n was not read: $(cat "$work/err")"
done
# What comes while it waits for an answer is in the answer.
kill -STOP "$reader"
for n in 3 4; do echo "$n" | bobbin produce u -q; done
kill -CONT "$reader"
eventually 20 has_read 4 || fail "record 4 was not read: $(cat "$work/err")"
eventually 20 grep -q "/broker-$leader/u-0/" "/proc/$reader/maps" || fail "it does not read in place"
kill -KILL "$(pid_of "$leader")"
eventually 20 u_has leader "$follower" || fail "broker $follower does not lead"
echo 5 | bobbin produce u -q
eventually 20 has_read 5 || fail "record 5 was not read: $(cat "$work/err")"
mv "$BOBBIN_DIR/broker-$leader" "$work/taken"
bobbin broker start -q "$leader"
eventually 20 u_has 'isr | length' 2 || fail "in sync are $(of_u isr)"
bobbin broker stop -q "$follower"
eventually 20 u_has leader "$leader" || fail "broker $leader does not lead again"
kill -STOP "$reader"
seq 6 10000 | bobbin produce u -q
seq 10001 20000 | bobbin produce u -q
kill -CONT "$reader"
eventually 20 has_read 20000 || fail "$(wc -l < "$work/read") of 20000 were read: $(cat "$work/err")"
seq 20000 | cmp - "$work/read" || fail "what was read is not what was written"

echo "-- two of three die at once: what was committed before is read from the one that is left"
bobbin broker start -q
bobbin topic create -q v -r 3 -c min.insync.replicas=2
seq 1000 | bobbin produce v -q
seq 10 | bobbin produce v -q
bobbin broker kill -q 1 2
expect "what is read" "$(seq 1000)" "$(bobbin consume v -o beginning -c 1000 -q --timeout 20s)"
bobbin broker start -q
expect "all of it" 1010 "$(bobbin consume v -e -q | wc -l)"
