#!/usr/bin/env bash
# reassign.sh PROGRAM: what `cluster reassign` takes, what it plans, and its exit codes. What it does to records: tests/process/moves.sh.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

start_listening 3
# By partition, "1,2 2,3 ...".
replicas() { bobbin topic describe "$1" --output json | jq -r '[.[0].partitions[].replicas | map(tostring) | join(",")] | join(" ")'; }
# How many copies each broker has of it, and how many it leads, ascending.
copies() { bobbin topic describe "$1" --output json | jq -c '[.[0].partitions[].replicas[]] | group_by(.) | map(length) | sort'; }
leads() { bobbin topic describe "$1" --output json | jq -c '[.[0].partitions[].replicas[0]] | group_by(.) | map(length) | sort'; }

bobbin topic create -q t -p 6 -r 1
bobbin topic create -q u -r 2
seq 100 | bobbin produce t -q

echo "-- how many copies there are"
for where in "" "-b $address"; do
  # shellcheck disable=SC2086 # words
  expect "code $where" 0 "$(code bobbin cluster reassign t -r 3 $where)"
  expect "copies" "[6,6,6]" "$(copies t)"
  # shellcheck disable=SC2086 # words
  expect "code $where" 0 "$(code bobbin cluster reassign t --replication-factor 1 $where)"
  expect "what is read" 100 "$(bobbin consume t -o beginning -e -q | wc -l)"
done
expect "code" 0 "$(code bobbin cluster reassign t -r 1)"
says "every partition has these replicas already"
expect "what moved" "" "$(cat "$work/out")"

echo "-- to these brokers, evenly"
before=$(replicas t)
expect "plan" 4 "$(bobbin cluster reassign t --to 1 -r 1 --dry-run --output json | jq '[.[] | select(.to == [1])] | length')"
expect "nothing moved" "$before" "$(replicas t)"
expect "code" 0 "$(code bobbin cluster reassign t --to 1)"
expect "replicas" "1 1 1 1 1 1" "$(replicas t)"
expect "code" 0 "$(code bobbin cluster reassign t --to 1,2,3)"
expect "copies" "[2,2,2]" "$(copies t)"
expect "who stayed" 2 "$(replicas t | tr ' ' '\n' | grep -c '^1$')"
expect "code" 0 "$(code bobbin cluster reassign t --to 3,2 -r 2)"
expect "copies" "[6,6]" "$(copies t)"
expect "leads" "[3,3]" "$(leads t)"
expect "what is read" 100 "$(bobbin consume t -o beginning -e -q | wc -l)"

echo "-- exactly so, and in Kafka's words"
bobbin cluster reassign u -p 0 --replicas 1,2 -q > "$work/out"  # wherever it was placed
expect "what moved" '[{"topic":"u","partition":0,"to":[3,1]}]' \
  "$(bobbin cluster reassign u -p 0 --replicas 3,1 -q --output json | jq -c 'map(del(.from))')"
expect "order alone" 0 "$(code bobbin cluster reassign u -p 0 --replicas 1,3)"
expect "replicas" "1,3" "$(replicas u)"
echo '{"version":1,"partitions":[{"topic":"u","partition":0,"replicas":[2,3],"log_dirs":["any","any"]}]}' > "$work/plan.json"
expect "code" 0 "$(code bobbin cluster reassign --from-file "$work/plan.json")"
expect "replicas" "2,3" "$(replicas u)"
expect "code" 0 "$(code bobbin cluster reassign --reassignment-json-file - <<< '{"partitions":[{"topic":"u","partition":0,"replicas":[1]}],"version":1}')"
expect "replicas" "1" "$(replicas u)"

echo "-- what moves"
expect "code" 0 "$(code bobbin cluster reassign --list)"
says "nothing is being moved"
expect "json" "[]" "$(bobbin cluster reassign --list -q --output json)"
expect "code" 0 "$(code bobbin cluster reassign t --cancel)"
says "nothing of this is being moved"

echo "-- what is not there"
expect "code" 1 "$(code bobbin cluster reassign nowhere -r 2)"
says "topic nowhere: is not there"
expect "code" 1 "$(code bobbin cluster reassign u -p 7 --replicas 1,2)"
says "topic u has no partition 7"
expect "code" 1 "$(code bobbin cluster reassign u -p 0 --replicas 1,9)"
says "u-0: there is no broker 9"
expect "code" 1 "$(code bobbin cluster reassign u -r 4)"
says "4 replicas need as many brokers"
expect "code" 1 "$(code bobbin cluster reassign u --to 9 -r 3)"
says "no broker 9 runs"
expect "code" 1 "$(code bobbin cluster reassign --from-file - <<< '{"version":1,"partitions":[{"topic":"u","partition":5,"replicas":[1]}]}')"
says "u-5: topic 'u' has no partition 5"
expect "replicas" "1" "$(replicas u)"

echo "-- what cannot be meant"
for words in "t" "-r 2" "t --to x" "t --to 1,1" "t --to" "t -r 0" "t -r x" "-p 0 --replicas 1" "t --replicas 1" \
  "t u -p 0 --replicas 1" "t -p 0 --replicas 1 -r 2" "t --list -r 2" "t --list --cancel" "t --cancel -r 2" "bad/name -r 2" \
  "t --from-file $work/plan.json" "--from-file $work/nowhere"; do
  # shellcheck disable=SC2086 # words
  expect "cluster reassign $words" 2 "$(code bobbin cluster reassign $words)"
done
for text in '' 'no' '[]' '{}' '{"version":2,"partitions":[]}' '{"partitions":[{"topic":"u","partition":0}]}' \
  '{"partitions":[{"topic":"u","partition":-1,"replicas":[1]}]}' '{"partitions":[{"topic":"u","partition":0,"replicas":["1"]}]}' \
  '{"partitions":[{"topic":"u","partition":0,"replicas":[1,1]}]}' '{"partitions":[{"topic":"u","partition":0,"replicas":[]}]}' \
  '{"partitions":[{"topic":"u","partition":0,"replicas":[1],"log_dirs":["/x"]}]}' '{"partitions":[],"more":1}' \
  '{"partitions":[{"topic":"u","partition":0,"replicas":[1]},{"topic":"u","partition":0,"replicas":[2]}]}'; do
  expect "$text" 2 "$(code bobbin cluster reassign --from-file - <<< "$text")"
done
