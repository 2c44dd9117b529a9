#!/usr/bin/env bash
# topics.sh PROGRAM: the topic commands, their lists and their exit codes.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

echo "-- create"
expect "create" 0 "$(code bobbin topic create orders -p 3 -c retention.ms=1d -c flush.policy=os)"
grep -q 'orders.*3 partitions.*1d' "$work/err" || fail "create says: $(cat "$work/err")"
expect "it exists" 1 "$(code bobbin topic create orders)"
expect "it exists, and that is fine" 0 "$(code bobbin topic create orders --if-not-exists)"
expect "several, one is there" 1 "$(code bobbin topic create fresh orders)"
expect "Kafka's forms" 0 "$(code bobbin topic create --topic kafka --partitions 2 --replication-factor 1 --config retention.bytes=1000000)"
expect "two replicas" 1 "$(code bobbin topic create two -r 2)"
grep -q 'replica' "$work/err" || fail "two replicas: $(cat "$work/err")"
expect "names that collide" 0 "$(code bobbin topic create a.b)"
expect "names that collide" 1 "$(code bobbin topic create a_b)"

echo "-- list and describe"
expect "names" "a.b fresh kafka orders" "$(bobbin topic list --output json | jq -r '[.[].name] | join(" ")')"
expect "tsv" $'orders\t3\t1' "$(bobbin topic list --output tsv | grep orders)"
bobbin topic list | grep -q '^NAME' || fail "no heading"
bobbin topic describe orders --output json > "$work/json"
expect "describe" '["orders",3,0,1,[1],[1]]' "$(jq -c '.[0] | [.name, (.partitions | length), .partitions[0].partition, .partitions[0].leader, .partitions[0].replicas, .partitions[0].isr]' "$work/json")"
expect "set configs" '{"flush.policy":"os","retention.ms":"86400000"}' "$(jq -cS '.[0].configs' "$work/json")"
expect "id" 22 "$(jq -r '.[0].id | length' "$work/json")"
expect "all" 4 "$(bobbin topic describe --output json | jq length)"
expect "unknown" 1 "$(code bobbin topic describe nosuch --output json)"
expect "which is an empty list" "[]" "$(cat "$work/out")"
bobbin topic create -q compacted -c cleanup.policy=compact
bobbin topic describe compacted | grep -q 'not compacted yet' || fail "compaction is not told of"

echo "-- config"
expect "change" 0 "$(code bobbin topic config orders retention.ms=2d segment.bytes=64MiB)"
expect "value" 172800000 "$(bobbin topic config orders --output json | jq -r '.[] | select(.name == "retention.ms") | .value')"
expect "source" topic "$(bobbin topic config orders --output json | jq -r '.[] | select(.name == "segment.bytes") | .source')"
expect "unset" 0 "$(code bobbin topic config orders --unset retention.ms)"
expect "default" '604800000 default' "$(bobbin topic config orders --output json | jq -r '.[] | select(.name == "retention.ms") | .value + " " + .source')"
expect "unknown key" 2 "$(code bobbin topic config orders retention.msec=1)"
expect "unknown topic" 1 "$(code bobbin topic config nosuch retention.ms=1)"

echo "-- partitions and offsets"
expect "more" 0 "$(code bobbin topic add-partitions orders 5)"
expect "fewer" 1 "$(code bobbin topic add-partitions orders 2)"
seq 10 | bobbin produce orders -q -p 4
expect "offsets" '[4,0,10,10]' "$(bobbin topic offsets orders --output json | jq -c '.[4] | [.partition, .first, .end, .offsets]')"
expect "offsets at a time" '[4,0]' "$(bobbin topic offsets orders --at -1h --output json | jq -c '.[4] | [.partition, .offset]')"
expect "offsets after all" 'null' "$(bobbin topic offsets orders --at 2100-01-01 --output json | jq -c '.[4].offset')"
expect "offsets of no topic" 1 "$(code bobbin topic offsets nosuch)"

echo "-- delete"
expect "dry run" 0 "$(code bobbin topic delete orders kafka --dry-run)"
expect "dry run says what" $'kafka\norders' "$(cat "$work/out")"
expect "one is not there: nothing is deleted" 1 "$(code bobbin topic delete orders nosuch)"
bobbin topic list | grep -q orders || fail "it is gone"
expect "if-exists" 0 "$(code bobbin topic delete orders nosuch --if-exists)"
expect "what is left" "a.b compacted fresh kafka" "$(bobbin topic list --output json | jq -r '[.[].name] | join(" ")')"
expect "a new one of the same name is empty" 0 "$(bobbin topic create -q orders && bobbin consume orders -e | wc -l)"

echo "-- a list that fails is a list in JSON all the same, and nothing as text; the error is on stderr"
for words in "topic describe nowhere" "topic recover nowhere" "topic offsets nowhere" "topic offsets nowhere --at -1h" \
  "topic config nowhere" "cluster elect nowhere" "cluster reassign nowhere -r 1" "broker config 9" "broker status 9"; do
  # shellcheck disable=SC2086 # words
  expect "$words" 1 "$(code bobbin $words --output json)"
  expect "$words: JSON" "[]" "$(cat "$work/out")"
  [ -s "$work/err" ] || fail "$words: nothing on stderr"
  # shellcheck disable=SC2086 # words
  expect "$words" 1 "$(code bobbin $words)"
  expect "$words: text" "" "$(cat "$work/out")"
done
