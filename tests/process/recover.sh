#!/usr/bin/env bash
# recover.sh PROGRAM: all brokers that have every record are gone: `topic recover` says what nobody leads, changes nothing before
# --accept-loss, and then goes on with what there is; what the files of the missing ones still have is not lost. Who comes back
# with more comes to terms with that.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/replicas.sh
. "$(dirname "$0")/../tools/replicas.sh"

values() { bobbin consume t -o beginning -e -q | sort -n | tr '\n' ' '; }
nobody_leads() { leads null; }

# Only broker $1 has the last records, and it is dead; the others run.
leave_alone() {
  local id others=()
  for id in 1 2 3; do [ "$id" = "$1" ] || others+=("$id"); done
  bobbin cluster elect -q t
  for id in "${others[@]}"; do kill -KILL "$(pid_of "$id")"; done
  eventually 20 leads "$1" || fail "broker $1 does not lead"
  seq "$2" "$3" | bobbin produce t -q || fail "the last one in sync takes nothing: $?"
  kill -KILL "$(pid_of "$1")"
  bobbin broker start -q "${others[@]}"
  eventually 20 nobody_leads || fail "broker $(field leader) leads, though it lacks records"
}

bobbin broker start -q -n 3
bobbin topic create -q t -r 3
await_in_sync 3
alone=$(field 'replicas[0]')

echo "-- where everybody is led there is nothing to do"
seq 1 10 | bobbin produce t -q
expect "code" 0 "$(code bobbin topic recover t)"
says "every partition has a leader"
expect "code with --accept-loss" 0 "$(code bobbin topic recover --accept-loss)"
expect "an unknown topic" 1 "$(code bobbin topic recover nothing)"
expect "a partition without a topic" 2 "$(code bobbin topic recover -p 0)"

echo "-- what only a dead broker has is listed, and nothing is changed"
leave_alone "$alone" 11 20
running=$(for id in 1 2 3; do [ "$id" = "$alone" ] || echo "$id"; done | paste -sd,)
expect "code" 1 "$(code bobbin topic recover t --output json)"
says "nobody leads 1 partition(s): first start the brokers that are missing"
expect "what is told" "0 null $alone 10" \
  "$(jq -r '.[0] | "\(.partition) \(.leader) \(.missing[]) \(.lost_from)"' "$work/out")"
expect "who runs" "$running" "$(jq -r '.[0].running | sort | join(",")' "$work/out")"
nobody_leads || fail "somebody leads"

echo "-- its files can be read: nothing is lost"
expect "code" 0 "$(code bobbin topic recover t --accept-loss --output json)"
expect "where it goes on" 20 "$(jq -r '.[0].lost_from' "$work/out")"
leader=$(jq -r '.[0].leader' "$work/out")
leads "$leader" || fail "$(field leader) leads, not $leader"
expect "the records" "$(seq 1 20 | tr '\n' ' ')" "$(values)"
bobbin broker start -q
await_in_sync 3
await_same_copies

echo "-- they are gone: it goes on with what there is"
leave_alone "$alone" 21 30
mv "$BOBBIN_DIR/broker-$alone" "$work/gone"
expect "code" 0 "$(code bobbin topic recover t --accept-loss)"
expect "the records" "$(seq 1 20 | tr '\n' ' ')" "$(values)"
seq 101 105 | bobbin produce t -q || fail "it is not written any more: $?"

echo "-- who comes back with more has what the others have, and keeps none of it"
mv "$work/gone" "$BOBBIN_DIR/broker-$alone"
bobbin broker start -q
await_in_sync 3
await_same_copies
expect "the records" "$({ seq 1 20; seq 101 105; } | tr '\n' ' ')" "$(values)"
