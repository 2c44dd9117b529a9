#!/usr/bin/env bash
# groups.sh PROGRAM: the commands of groups, over the unix socket and over TCP, with kcat as a member.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

start_listening 1
bobbin topic create -q orders -p 3
bobbin topic create -q other
for p in 0 1 2; do seq 10 | bobbin produce -q orders -p "$p"; done
sockets=("" "-b $address")  # ways to the cluster

# partitions GROUP: "0:5/10 1:-/10 ...", what describe tells of each
partitions() {
  bobbin group describe "$1" --output json |
    jq -r '[.[0].partitions[] | "\(.partition):\(.current // "-")/\(.end // "-")"] | join(" ")'
}
is_json() { python3 -m json.tool < "$work/out" > "$work/pretty" || fail "no JSON: $(cat "$work/out")"; }

echo "-- nothing yet"
expect "list" 0 "$(code bobbin group list)"
expect "list" "" "$(cat "$work/out")"
expect "list" "[]" "$(bobbin group list --output json)"
expect "describe all" "[]" "$(bobbin group describe --output json)"

echo "-- of a group that is not there"
for words in "describe nosuch" "describe nosuch --members --output json" "export nosuch" "delete nosuch" "wait nosuch" \
  "wait nosuch --empty" "delete-offsets nosuch --topic orders" "reset nosuch --to-earliest --all-topics"; do
  for where in "${sockets[@]}"; do
    # shellcheck disable=SC2086 # words
    expect "group $words $where" 1 "$(code bobbin group $words $where)"
    says "there is no group nosuch"
    [ ! -s "$work/out" ] || fail "group $words: a failure prints on stdout"
  done
done

echo "-- what cannot be meant"
for words in "list g" "list --state nosuch" "describe g --members --state" "describe g --fail-if-lag x" \
  "describe g --fail-if-behind 5" "reset --to-earliest --all-topics" "reset g --all-topics" "reset g --to-earliest" \
  "reset g h --to-earliest --all-topics" "reset g --to-earliest --to-latest --all-topics" \
  "reset g --to-earliest --topic orders --all-topics" "reset g --to-earliest --topic orders:" \
  "reset g --to-earliest --topic orders:x" "reset g --to-offset -1 --all-topics" \
  "reset g --shift-by x --all-topics" "reset g --by-duration P --all-topics" "reset g --to-datetime x --all-topics" \
  "reset g --to-earliest --all-topics --dry-run --execute" "reset g --from-file $work/nosuch" \
  "reset g --from-file /dev/null" "export" "delete" "delete-offsets g" "wait" "wait g h" "wait g --timeout x"; do
  # shellcheck disable=SC2086 # words
  expect "group $words" 2 "$(code bobbin group $words)"
  says "bobbin group ${words%% *} -h"
done

expect "no topic's name" 2 "$(code bobbin group reset g --to-earliest --topic bad/name)"

echo "-- reset: a dry run says so, and does nothing"
for where in "${sockets[@]}"; do
  # shellcheck disable=SC2086 # words
  expect "dry run" 0 "$(code bobbin group reset workers --to-offset 4 --topic orders:0,2 --output json $where)"
  is_json
  expect "plan" '[[0,null,4],[2,null,4]]' "$(jq -c '[.[] | [.partition, .current, .new]]' "$work/out")"
  says "there is no group workers yet"
  says "nothing was done; --execute does it"
done
expect "no group was made" "[]" "$(bobbin group list --output json)"
expect "execute" 0 "$(code bobbin group reset workers --to-offset 4 --topic orders:0,2 --execute)"
if grep -q "nothing was done" "$work/err"; then fail "it says: $(cat "$work/err")"; fi
expect "moved" "0:4/10 2:4/10" "$(partitions workers)"

echo "-- reset: each way"
# way NEW WORDS...: where partitions 0 and 2 go
way() {
  local wanted=$1
  shift
  expect "reset $*" 0 "$(code bobbin group reset workers --all-topics --output json "$@")"
  expect "reset $*" "$wanted" "$(jq -r 'map(.new) | join(" ")' "$work/out")"
}
way "0 0" --to-earliest
way "10 10" --to-latest
way "4 4" --to-current
way "7 7" --to-offset 7
way "0 0" --to-datetime 2020-01-31T10:00Z
way "10 10" --to-datetime 2100-01-31
way "0 0" --by-duration 1h
way "0 0" --by-duration PT1H30M
way "0 0" --by-duration P2DT1H
way "6 6" --shift-by 2
way "6 6" --shift-by +2
way "1 1" --shift-by -3
way "0 0" --shift-by -9
says "orders-0: what is asked for lies outside the log, which holds 0 to 10 (the end); it goes to 0"
way "10 10" --to-offset 9223372036854775807
says "orders-2: what is asked for lies outside the log"
way "10 10" --shift-by 9223372036854775807
expect "a topic by name alone" "0 0 0" "$(bobbin group reset -q workers -t orders --to-earliest --output json | jq -r 'map(.new) | join(" ")')"

echo "-- reset: all or nothing"
expect "no position to shift" 1 "$(code bobbin group reset workers --topic orders --shift-by 1 --execute)"
says "orders-1: --shift-by: the group has no position there"
says "nothing was done"
expect "no such partition" 1 "$(code bobbin group reset workers --topic orders:0,7 --to-latest --execute)"
says "topic orders has no partition 7"
expect "no such topic" 1 "$(code bobbin group reset workers --topic orders --topic nosuch --to-latest --execute)"
says "topic nosuch: is not there"
expect "nothing moved" "0:4/10 2:4/10" "$(partitions workers)"

echo "-- export, and back"
expect "CSV" $'orders,0,4\norders,2,4' "$(bobbin group export workers)"
bobbin group export workers --output json > "$work/out"
is_json
cp "$work/out" "$work/kept.json"
bobbin group export workers > "$work/kept.csv"
printf 'workers,"orders",0,5\r\nothers,orders,0,9\r\n' > "$work/kafka.csv"
bobbin group reset -q workers --all-topics --to-latest --execute > "$work/out"
for file in kept.csv kept.json; do
  bobbin group reset -q workers --all-topics --to-latest --execute > "$work/out"
  expect "back from $file" 0 "$(code bobbin group reset workers --from-file "$work/$file" --execute)"
  expect "back from $file" "0:4/10 2:4/10" "$(partitions workers)"
done
expect "from Kafka's tool" $'orders,0,5' "$(bobbin group reset -q workers --from-file "$work/kafka.csv" --export)"
expect "to another" 0 "$(bobbin group export workers | code bobbin group reset copies -q --from-file - --execute)"
expect "several" $'workers,orders,0,4\nworkers,orders,2,4\ncopies,orders,0,4\ncopies,orders,2,4' "$(bobbin group export workers copies)"
# bad TEXT: a file that says so, and what is said of it
bad() {
  printf '%b' "$1" > "$work/bad"
  expect "file '$1'" 2 "$(code bobbin group reset workers --from-file "$work/bad")"
  says "$2"
}
bad 'orders,0,4\norders,0' 'line 2: topic,partition,offset'
bad 'orders,x,4' "line 1: 'x' is no partition"
bad 'orders,0,-4' "line 1: '-4' is no offset"
bad '"orders,0,4' 'line 1: a quote is not closed'
bad 'orders,0,4\norders,0,5' 'orders-0 is there twice'
bad 'others,orders,0,4' 'has nothing of group workers'
bad '[{"topic":"orders","partition":0}]' '"offset" is missing'
bad '[{"topic":"orders","partition":0,"offset":"x"}]' '"offset" is a number'
bad '[{"topic":"orders"' 'at byte'

echo "-- lag, in records and in time"
expect "lag" "6 6" "$(bobbin group describe workers --output json | jq -r '[.[0].partitions[].lag] | join(" ")')"
bobbin group describe workers --output json > "$work/out"
is_json
expect "late by some time" true "$(jq '[.[0].partitions[].lag_ms] | all(. >= 0 and . < 600000)' "$work/out")"
expect "keys" "coordinator,group,members,partitions,protocol,state,type" "$(jq -r '.[0] | keys | join(",")' "$work/out")"
for where in "${sockets[@]}"; do
  # shellcheck disable=SC2086 # words
  {
    expect "little enough" 0 "$(code bobbin group describe workers --fail-if-lag 6 --fail-if-behind 1h $where)"
    expect "too much" 1 "$(code bobbin group describe workers --fail-if-lag 5 $where)"
    says "group workers, orders-0: 6 unread records, more than 5"
    grep -q '^orders  *0  *4  *10  *6 ' "$work/out" || fail "it does not show: $(cat "$work/out")"
    expect "too late" 1 "$(code bobbin group describe workers --fail-if-behind 0 $where)"
    says "group workers, orders-2: the first unread record is"
  }
done
bobbin group reset -q workers --all-topics --to-latest --execute > "$work/out"
expect "nothing unread" "0 0 null" "$(bobbin group describe workers --output json | jq -r '[.[0].partitions[].lag, .[0].partitions[0].lag_ms | tostring] | join(" ")')"
expect "tsv" $'workers\torders\t0\t10\t10\t0\t\t' "$(bobbin group describe workers --output tsv | head -n 1)"

echo "-- wait"
expect "done" 0 "$(code bobbin group wait workers --timeout 20s)"
echo 11 | bobbin produce -q orders -p 2
expect "not done" 1 "$(code bobbin group wait workers --timeout 200ms)"
says "the time is over: group workers has 1 unread record in 1 partition"
(sleep 0.3; bobbin group reset -q workers --all-topics --to-latest --execute > "$work/moved") &
moving=$!
expect "done while it waits" 0 "$(code bobbin group wait workers -b "$address" --timeout 20s)"
wait "$moving"
expect "nobody in it" 0 "$(code bobbin group wait workers --empty)"

echo "-- delete-offsets and delete"
expect "dry run" 0 "$(code bobbin group delete-offsets workers --topic orders:0 --dry-run --output json)"
is_json
says "nothing was done"
expect "no position" 1 "$(code bobbin group delete-offsets workers --topic orders:0,1)"
says "group workers has no position in orders-1"
expect "no topic" 1 "$(code bobbin group delete-offsets workers --topic other --topic orders)"
says "group workers has no position in topic other"
expect "both are there" "0:10/10 2:11/11" "$(partitions workers)"
expect "one" 0 "$(code bobbin group delete-offsets workers --topic orders:0)"
expect "the other is left" "2:11/11" "$(partitions workers)"
expect "a deleted group's dry run" $'copies\nworkers' "$(bobbin group delete -q copies workers --dry-run)"
expect "one is not there: nothing is deleted" 1 "$(code bobbin group delete copies nosuch)"
says "nothing was deleted"
expect "names" "copies workers" "$(bobbin group list --output json | jq -r '[.[].group] | join(" ")')"
expect "delete" 0 "$(code bobbin group delete copies -b "$address")"
expect "names" "workers" "$(bobbin group list --output json | jq -r '[.[].group] | join(" ")')"
expect "states" "workers Empty" "$(bobbin group list --state empty,stable --output json | jq -r '.[] | .group + " " + .state')"
expect "no state" "[]" "$(bobbin group list --state Stable --output json)"

echo "-- a topic that is gone"
bobbin topic create -q short
bobbin group reset -q workers --topic short --to-latest --execute > "$work/out"
bobbin topic delete short
expect "it is told of" 0 "$(code bobbin group describe workers)"

[ -x "$(command -v kcat)" ] || { echo "kcat is not installed: no members"; exit 0; }
echo "-- a group at work"
kcat -q -b "$address" -X session.timeout.ms=6000 -X auto.commit.interval.ms=100 -G workers orders > "$work/read" 2> "$work/kcat" &
member=$!
started+=("$member")
is_stable() { [ "$(bobbin group describe workers --output json | jq -r '.[0] | .state + " " + (.members | length | tostring)')" = "Stable 1" ]; }
eventually 30 is_stable || fail "kcat is no member: $(bobbin group describe workers)"
for where in "${sockets[@]}"; do
  # shellcheck disable=SC2086 # words
  {
    expect "list" "Stable consumer range 1 1" "$(bobbin group list --output json $where | jq -r '.[] | [.state, .type, .protocol, .members, .coordinator] | join(" ")')"
    bobbin group describe workers --members --output json $where > "$work/out"
    is_json
    expect "who" '["orders",[0,1,2],["orders"],"rdkafka"]' "$(jq -c '.[0].members[0] | [.partitions[0].topic, .partitions[0].partitions, .topics, .client]' "$work/out")"
    expect "whose" "true" "$(jq '.[0] | .members[0].id as $id | [.partitions[] | select(.topic == "orders") | .member == $id] | all' "$work/out")"
    bobbin group describe workers --members $where | grep -q 'rdkafka .*orders:0,1,2$' || fail "no member is shown"
    bobbin group describe workers --state $where | grep -q '^workers  Stable ' || fail "no state is shown"
    expect "reset" 1 "$(code bobbin group reset workers --to-earliest --all-topics $where)"
    says "group workers is at work.*stop its members first: rdkafka-.*(rdkafka at "
    expect "reset does nothing" 1 "$(code bobbin group reset workers --to-earliest --all-topics --execute $where)"
    expect "delete" 1 "$(code bobbin group delete workers $where)"
    says "group workers has members; stop them first: rdkafka-"
    expect "delete-offsets" 1 "$(code bobbin group delete-offsets workers --topic orders:2 $where)"
    says "orders-2: members of the group read this topic; stop them first"
    [ ! -s "$work/out" ] || fail "a failure prints on stdout"
    expect "nobody in it" 1 "$(code bobbin group wait workers --empty --timeout 200ms $where)"
    says "the time is over: group workers has members: rdkafka-"
  }
done
for p in 0 1 2; do seq 5 | bobbin produce -q orders -p "$p"; done
expect "until it is read" 0 "$(code bobbin group wait workers --timeout 20s)"
kill -INT "$member"
expect "until it left" 0 "$(code bobbin group wait workers --empty --timeout 20s)"
expect "reset" 0 "$(code bobbin group reset workers --to-earliest --topic orders --execute)"
expect "delete" 0 "$(code bobbin group delete workers)"
expect "nothing is left" "[]" "$(bobbin group list --output json)"
