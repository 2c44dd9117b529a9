#!/usr/bin/env bash
# copies.sh PROGRAM: copies that are not what they were. A byte that changed in the leader's: another one leads, everything is
# read, and the copy is made anew. An older copy of a broker's folder put back: it counts nowhere before it has what the others have.
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
