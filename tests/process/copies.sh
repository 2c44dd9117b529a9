#!/usr/bin/env bash
# copies.sh PROGRAM: copies that are not what they were. A byte that changed in the leader's, or its folder removed: another one
# leads, everything is written, read and looked up, and the copy is made anew. An older copy of a broker's folder put back: it
# counts nowhere before it has what the others have.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/replicas.sh
. "$(dirname "$0")/../tools/replicas.sh"

said() { grep -q "$2" "$BOBBIN_DIR/broker-$1.log" || fail "broker $1 does not say '$2': $(tail -n 5 "$BOBBIN_DIR/broker-$1.log")"; }

bobbin broker start -q -n 3
bobbin topic create -q t -r 3
for i in 1 2 3 4; do seq "$i" 4 400 | bobbin produce t -q; done
await_in_sync 3

echo "-- a byte of the leader's copy has changed"
leader=$(field leader)
log=$BOBBIN_DIR/broker-$leader/t-0/00000000000000000000.log
printf '!' | dd of="$log" bs=1 seek=100 conv=notrunc status=none
expect "what is read" "$(seq 400)" "$(bobbin consume t -o beginning -e -q | sort -n)"
[ "$(field leader)" != "$leader" ] || fail "broker $leader still leads"
await_in_sync 3
await_same_copies
said "$leader" "made anew from its leader's copy; what it was is put aside as t-0\..*-damaged"

echo "-- the same, found by who looks for a time"
leader=$(field leader)
printf '!' | dd of="$BOBBIN_DIR/broker-$leader/t-0/00000000000000000000.log" bs=1 seek=8 conv=notrunc status=none
expect "code" 0 "$(code bobbin topic offsets t --at -1h)"
[ "$(field leader)" != "$leader" ] || fail "broker $leader still leads"
await_in_sync 3
await_same_copies

echo "-- the same, found by who copies it anew"
leader=$(field leader)
follower=$(( leader % 3 + 1 ))
printf '!' | dd of="$BOBBIN_DIR/broker-$leader/t-0/00000000000000000000.log" bs=1 seek=100 conv=notrunc status=none
bobbin broker kill -q "$follower"
rm -r "$BOBBIN_DIR/broker-$follower"
bobbin broker start -q
eventually 20 leads_another "$leader" || fail "broker $leader still leads"
await_in_sync 3
await_same_copies
expect "what is read" "$(seq 400)" "$(bobbin consume t -o beginning -e -q | sort -n)"

echo "-- the folder of the leader's copy is removed while it is written: who writes goes on with another one"
for turn in 1 2 3; do
  leader=$(field leader)
  rm -r "$BOBBIN_DIR/broker-$leader/t-0"
  expect "turn $turn: code" 0 "$(seq $((400 + 1000 * (turn - 1) + 1)) $((400 + 1000 * turn)) | code bobbin produce t)"
  [ ! -s "$work/err" ] || ! grep -q "removed or moved" "$work/err" || fail "turn $turn: produce tells of it: $(cat "$work/err")"
  expect "turn $turn: what is read" "$(seq $((400 + 1000 * turn)))" "$(bobbin consume t -o beginning -e -q | sort -n)"
  leads_another "$leader" || fail "turn $turn: broker $leader still leads"
  await_in_sync 3 "turn $turn"
  await_same_copies
done

bobbin topic delete -q t
bobbin topic create -q t -r 3
for i in 1 2 3 4; do seq "$i" 4 400 | bobbin produce t -q; done
await_in_sync 3

echo "-- an older copy of a folder is put back"
bobbin broker stop -q 2
cp -a "$BOBBIN_DIR/broker-2" "$work/older"
bobbin broker start -q 2
await_in_sync 3
seq 401 500 | bobbin produce t -q
bobbin broker stop -q 2
seq 501 600 | bobbin produce t -q
bobbin broker stop -q
rm -rf "$BOBBIN_DIR/broker-2"
cp -a "$work/older" "$BOBBIN_DIR/broker-2"
bobbin broker start -q
said 2 "is not as this broker left it, but an older copy"
expect "what is read" "$(seq 600)" "$(bobbin consume t -o beginning -e -q | sort -n)"
await_in_sync 3
await_same_copies

echo "-- the only copy in sync is removed: what the others lack is not forgotten"
leader=$(field leader)
for id in 1 2 3; do [ "$id" = "$leader" ] || bobbin broker kill -q "$id"; done
seq 601 700 | bobbin produce t -q
bobbin broker stop -q "$leader"
rm -r "$BOBBIN_DIR/broker-$leader/t-0"
bobbin broker start -q
expect "who leads" "$leader" "$(field leader)"
expect "where the log ends" 700 "$(bobbin topic offsets t --output json | jq '.[0].end')"
code=0
bobbin consume t -o beginning -e -q > "$work/read" 2> "$work/why" || code=$?
expect "the exit code of consume" 4 "$code"
echo new | bobbin produce t -q
expect "what is behind" new "$(bobbin consume t -o 700 -e -q)"

echo "-- the metadata is put back from an older copy: no producer's records are taken for another's"
bobbin topic create -q u -r 3
cp -a "$BOBBIN_DIR/metadata" "$work/metadata"
for i in 1 2 3 4; do seq "$i" 4 400 | bobbin produce u -q; done
# Reigns that it does not know, and records of them.
for id in 1 2 3; do
  bobbin broker kill -q "$id"
  bobbin broker start -q
done
for id in 1 2 3; do bobbin broker kill -q "$id"; done
rm -r "$BOBBIN_DIR/metadata"
cp -a "$work/metadata" "$BOBBIN_DIR/metadata"
for id in 1 2 3; do : > "$BOBBIN_DIR/broker-$id.log"; done
bobbin broker start -q
for i in 1 2 3 4; do
  seq $((400 + i)) 4 800 | timeout 20 "$program" produce u -q || fail "nothing is written: $(bobbin topic describe u)"
done
expect "what is read" "$(seq 800)" "$(bobbin consume u -o beginning -e -q | sort -n)"
isr_of_u() { bobbin topic describe u --output json | jq -r '.[0].partitions[] | .isr | length' | sort -u; }
all_in_sync() { [ "$(isr_of_u)" = 3 ]; }
eventually 20 all_in_sync || fail "they do not come in sync: $(bobbin topic describe u)"
if grep -hE "u-0.*DAMAGED|older copy" "$BOBBIN_DIR"/broker-?.log; then fail "a copy counts as damaged"; fi
