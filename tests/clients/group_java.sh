#!/usr/bin/env bash
# group_java.sh PROGRAM [BROKERS]: groups of ours with the Java client of Apache Kafka 4.3.1: its console consumer, its tool of
# groups, and its reader of __consumer_offsets.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/real_kafka.sh
. "$(dirname "$0")/../tools/real_kafka.sh"
# shellcheck source=../tools/groups.sh
. "$(dirname "$0")/../tools/groups.sh"
brokers=${2:-1}

java_class_path
start_listening "$brokers"
bobbin topic create -q jobs -p 3 -r "$brokers"

java=(timeout 90 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path")
# groups_tool OPTION...: what kafka-consumer-groups says, words a space apart
groups_tool() {
  "${java[@]}" org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$address" "$@" > "$work/out" 2> "$work/err" ||
    fail "kafka-consumer-groups $*: $(tail -n 5 "$work/out" "$work/err")"
  grep -q '^Error' "$work/out" && fail "kafka-consumer-groups $*: $(cat "$work/out")"
  tr -s ' ' < "$work/out" | sed 's/ $//' | grep -v '^$' || true
}
# positions: "PARTITION CURRENT END LAG" as the tool tells them
positions() { groups_tool --describe --group workers | awk '$2 == "jobs" {print $3, $4, $5, $6}' | sort | paste -sd , ; }

echo "-- the console consumer"
for p in 0 1 2; do seq "$(( p * 10 + 1 ))" "$(( p * 10 + 10 ))" | bobbin produce -q jobs -p "$p"; done
began=$(date +%s%N)
"${java[@]}" org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$address" --topic jobs --group workers \
  --from-beginning > "$work/read" 2> "$work/consumer.err" &
consumer=$!
started+=("$consumer")
has_read() { [ "$(wc -l < "$work/read")" -ge "$1" ]; }
eventually 60 has_read 1 || fail "nothing was read: $(cat "$work/consumer.err")"
echo "a first record after $(( ($(date +%s%N) - began) / 1000000 )) ms, its start among them"
eventually 30 has_read 30 || fail "$(wc -l < "$work/read") of 30 records were read"
same "records" <(seq 30) <(sort -n "$work/read")
await_counts '["Stable",[3]]' "one member"

echo "-- kafka-consumer-groups, while there is a member"
expect "--list" workers "$(groups_tool --list)"
expect "--list --state" "workers Classic Stable" "$(groups_tool --list --state --type | tail -n 1)"
expect "--state" "workers range Stable 1" "$(groups_tool --describe --group workers --state | tail -n 1 | awk '{print $1, $(NF-2), $(NF-1), $NF}')"
groups_tool --describe --group workers --members --verbose > "$work/members"
grep -qE '^workers console-consumer-[-0-9a-f]+ /127.0.0.1 console-consumer 3 .*jobs(\(0,1,2\)|:0,1,2)' "$work/members" ||
  fail "--members: $(cat "$work/members")"
groups_tool --describe --group workers > "$work/described"
expect "members of partitions" 3 "$(grep -c ' console-consumer-.* /127.0.0.1 console-consumer$' "$work/described")"
if "${java[@]}" org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$address" --delete --group workers > "$work/out" 2>&1 &&
  ! grep -q GroupNotEmptyException "$work/out"; then
  fail "a group with a member is deleted: $(cat "$work/out")"
fi
kill -TERM "$consumer"
wait_for_end "$consumer" || fail "the console consumer does not end"
await_counts '["Empty",[]]' "nobody is left"

echo "-- kafka-consumer-groups, afterwards"
expect "positions" "0 10 10 0,1 10 10 0,2 10 10 0" "$(positions)"
reset() { groups_tool --reset-offsets --group workers --topic "$@" | awk '$2 ~ /^jobs/ {print $3, $4}' | sort | paste -sd ,; }
expect "a dry run" "0 0,1 0,2 0" "$(reset jobs --to-earliest --dry-run)"
expect "positions after a dry run" "0 10 10 0,1 10 10 0,2 10 10 0" "$(positions)"
expect "--shift-by" "1 7" "$(reset jobs:1 --shift-by -3 --execute)"
expect "--to-offset" "0 4,2 4" "$(reset jobs:0,2 --to-offset 4 --execute)"
expect "positions after resets" "0 4 10 6,1 7 10 3,2 4 10 6" "$(positions)"
expect "the same, as bobbin sees them" '[[0,4],[1,7],[2,4]]' "$(group_is '[.partitions[] | [.partition, .current]]')"
groups_tool --delete-offsets --group workers --topic jobs:2 > /dev/null
expect "positions after --delete-offsets" "0 4 10 6,1 7 10 3" "$(positions)"
"${java[@]}" org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$address" --topic jobs --group workers \
  --from-beginning --max-messages 19 > "$work/read" 2> "$work/consumer.err" || fail "the console consumer: $(cat "$work/consumer.err")"
same "records behind the positions" <(seq 5 10; seq 18 30) <(sort -n "$work/read")

echo "-- kafka-dump-log reads __consumer_offsets"
mapfile -t logs < <(find "$BOBBIN_DIR"/broker-* -path '*__consumer_offsets-*' -name '*.log' -size +0)
expect "partitions with records, on each broker" "$brokers" "${#logs[@]}"
"${java[@]}" org.apache.kafka.tools.DumpLogSegments --offsets-decoder --files "${logs[0]}" > "$work/dump" 2>&1 || fail "kafka-dump-log: $(tail -n 5 "$work/dump")"
grep -nE 'isvalid: false|Could not|ERROR|Exception' "$work/dump" && fail "kafka-dump-log complains"
# dumped KEY VALUE: a record of this partition's group, as the tool tells it
dumped() { grep -q "key: {\"type\":$1 payload: $2" "$work/dump" || fail "no $1 $2: $(tail -n 5 "$work/dump")"; }
dumped '"1","data":{"group":"workers","topic":"jobs","partition":1}}' '{"version":"3","data":{"offset":7,'
dumped '"1","data":{"group":"workers","topic":"jobs","partition":2}}' '<DELETE>'
dumped '"2","data":{"group":"workers"}}' '{"version":"3","data":{"protocolType":"consumer","generation":1,"protocol":"range"'

echo "-- the end of the group"
groups_tool --delete --group workers | grep -q 'successful' || fail "--delete: $(cat "$work/out")"
expect "--list" '' "$(groups_tool --list)"
echo "all is well"
