#!/usr/bin/env bash
# taken.sh PROGRAM: what somebody takes away of a partition is missed, also when its broker was killed and never came to a clean
# end: reading there is exit 4, the broker's log says so, and no offset that was acknowledged is given to another record.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

folder=$BOBBIN_DIR/broker-1/t-0
seq 100 > "$work/old"
seq 101 150 > "$work/new"

anew() {
  bobbin broker stop -q > /dev/null 2>&1 || true
  rm -rf "$BOBBIN_DIR"
}
put() { bobbin produce t -q < "$work/old" || fail "$what: produce: exit code $?"; }

# missed: what was there is told to be gone, what came after it is there, and so it stays, however brokers end
missed() {
  local life end=$1
  for life in kill kill stop kill; do
    expect "$what, $life: reading from the beginning" 4 "$(code timeout 60 "$program" consume t -e -q)"
    says 't-0'
    says 'are gone'
    [ ! -s "$work/out" ] || fail "$what, $life: it prints something: $(head -n 3 "$work/out")"
    bobbin broker logs > "$work/logs"
    grep -q 't-0: DAMAGED: .*offsets 0 to' "$work/logs" || fail "$what, $life: the broker's log does not say so: $(tail -n 5 "$work/logs")"
    bobbin produce t -q < "$work/new" || fail "$what, $life: produce: exit code $?"
    bobbin consume t -e -q -o "$end" > "$work/got" || fail "$what, $life: what came after it: exit code $?"
    same "$what, $life: what came after it" "$work/new" <(tail -n 50 "$work/got")
    if [ "$life" = kill ]; then kill_broker; else bobbin broker stop -q; fi
  done
  anew
}

what="the folder, after a kill right behind the first acknowledgement"
put
kill_broker
rm -rf "$folder"
missed 100

for gone in recovery-point-offset-checkpoint replication-offset-checkpoint topic-id-checkpoint; do
  what="the folder and $gone, after a kill"
  put
  bobbin broker stop -q
  bobbin broker start -q
  kill_broker
  rm -rf "$folder" "$BOBBIN_DIR/broker-1/$gone"
  missed 100
done

what="the folder, after a clean end"
put
bobbin broker stop -q
rm -rf "$folder"
missed 100

what="all that was in the folder, after a kill"
put
kill_broker
rm -f "$folder"/*
missed 100

what="the folder, while the broker runs"
put
rm -rf "$folder"
began=$SECONDS
expect "$what: produce" 4 "$(code timeout 60 "$program" produce t -q --timeout 50s -l "$work/new")"
(( SECONDS - began < 40 )) || fail "$what: who produces waits $((SECONDS - began)) s for what does not pass"
says 'somebody removed or moved it'
kill_broker
missed 100

what="the first segment, after a kill"
bobbin topic create t -q -c segment.bytes=1048576
seq 300000 | bobbin produce t -q
kill_broker
mapfile -t segments < <(ls "$folder"/*.log)
(( ${#segments[@]} >= 3 )) || fail "several segments: ${segments[*]}"
rm "${segments[0]%.log}".*
missed 300000

echo "-- what retention took is not missed"
bobbin topic create t -q -c segment.bytes=1048576 -c retention.bytes=1048576
seq 300000 | bobbin produce t -q
bobbin broker stop -q
bobbin broker start -q  # looks at retention
first() { bobbin topic offsets t --output json | jq '.[0].first'; }
moved() { [ "$(first)" -gt 0 ]; }
eventually 30 moved || fail "nothing is too old"
from=$(first)
removed() { [ ! -e "$folder/00000000000000000000.log" ]; }
eventually 30 removed || fail "the first segment stays"
kill_broker
bobbin consume t -e -q > "$work/got" || fail "after retention and a kill: exit code $?"
seq $((from + 1)) 300000 | cmp - "$work/got" || fail "after retention and a kill: other records"
! grep -q DAMAGED "$BOBBIN_DIR/broker-1.log" || fail "what retention took is called damage: $(grep DAMAGED "$BOBBIN_DIR/broker-1.log")"
