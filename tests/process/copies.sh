#!/usr/bin/env bash
# copies.sh PROGRAM: copies that are not what they were. A byte that changed in the leader's: another one leads, everything is
# read, and the copy is made anew. An older copy of a broker's folder put back: it counts nowhere before it has what the others have.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

field() { bobbin topic describe t --output json | jq -r ".[0].partitions[0].$1"; }
in_sync() { [ "$(field 'isr | length')" = "$1" ]; }
copies_agree() {
  local first=$BOBBIN_DIR/broker-1/t-0 other
  for other in "$BOBBIN_DIR"/broker-2/t-0 "$BOBBIN_DIR"/broker-3/t-0; do
    cmp -s "$first/00000000000000000000.log" "$other/00000000000000000000.log" || return 1
  done
}
said() { grep -q "$2" "$BOBBIN_DIR/broker-$1.log" || fail "broker $1 does not say '$2': $(tail -n 5 "$BOBBIN_DIR/broker-$1.log")"; }

bobbin broker start -q -n 3
bobbin topic create -q t -r 3
for i in 1 2 3 4; do seq "$i" 4 400 | bobbin produce t -q; done
eventually 20 in_sync 3 || fail "in sync are $(field 'isr | length')"

echo "-- a byte of the leader's copy has changed"
leader=$(field leader)
log=$BOBBIN_DIR/broker-$leader/t-0/00000000000000000000.log
printf '!' | dd of="$log" bs=1 seek=100 conv=notrunc status=none
expect "what is read" "$(seq 400)" "$(bobbin consume t -o beginning -e -q | sort -n)"
[ "$(field leader)" != "$leader" ] || fail "broker $leader still leads"
eventually 20 in_sync 3 || fail "in sync are $(field 'isr | length')"
eventually 20 copies_agree || fail "the copies differ: $(cd "$BOBBIN_DIR" && cksum broker-*/t-0/*.log)"
said "$leader" "made anew from its leader's copy; what it was is put aside as t-0\..*-damaged"

echo "-- an older copy of a folder is put back"
bobbin broker stop -q 2
cp -a "$BOBBIN_DIR/broker-2" "$work/older"
bobbin broker start -q 2
eventually 20 in_sync 3 || fail "in sync are $(field 'isr | length')"
seq 401 500 | bobbin produce t -q
bobbin broker stop -q 2
seq 501 600 | bobbin produce t -q
bobbin broker stop -q
rm -rf "$BOBBIN_DIR/broker-2"
cp -a "$work/older" "$BOBBIN_DIR/broker-2"
bobbin broker start -q
said 2 "is not as this broker left it, but an older copy"
expect "what is read" "$(seq 600)" "$(bobbin consume t -o beginning -e -q | sort -n)"
eventually 20 in_sync 3 || fail "in sync are $(field 'isr | length')"
eventually 20 copies_agree || fail "the copies differ: $(cd "$BOBBIN_DIR" && cksum broker-*/t-0/*.log)"
