#!/usr/bin/env bash
# real_kafka.sh PROGRAM: our commands with -b against a real Apache Kafka 4.3.1, and Kafka's own console tools against
# a broker of ours.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/real_kafka.sh
. "$(dirname "$0")/../tools/real_kafka.sh"

start_real_kafka
real() { bobbin "$@" -b "$kafka"; }

echo "-- topics"
real topic create first -p 3 -c retention.ms=30d > "$work/out" 2>&1 || fail "topic create: $(cat "$work/out")"
real topic create first > "$work/out" 2>&1 && fail "a topic was created twice"
expect "exit code of a topic that exists" 1 "$(real topic create first > /dev/null 2>&1; echo $?)"
real topic create first --if-not-exists > /dev/null 2>&1 || fail "--if-not-exists"
expect "topic list" '["first"]' "$(real topic list --output json | jq -c '[.[].name]')"
expect "topic describe" '{"name":"first","partitions":3,"leaders":[1],"retention":"2592000000"}' \
  "$(real topic describe first --output json |
    jq -c '.[0] | {name, partitions: (.partitions | length), leaders: ([.partitions[].leader] | unique), retention: (.configs["retention.ms"] | tostring)}')"
real topic config first segment.bytes=64MiB > /dev/null 2>&1 || fail "topic config"
real topic config first --output json | grep -q 67108864 || fail "a config that was set does not show"
real topic config first --unset segment.bytes > /dev/null 2>&1 || fail "topic config --unset"
real topic add-partitions first 5 > /dev/null 2>&1 || fail "topic add-partitions"
expect "partitions" 5 "$(real topic describe first --output json | jq '.[0].partitions | length')"
expect "exit code of an unknown topic" 1 "$(real topic describe nowhere > /dev/null 2>&1; echo $?)"

real cluster elect > "$work/out" 2> "$work/err" || fail "cluster elect: $(cat "$work/err")"
says "every partition is led by its preferred leader already"
expect "exit code of a partition that is not there" 1 "$(code real cluster elect first -p 0,9)"
says "first-9: "

real cluster reassign first -r 1 > "$work/out" 2> "$work/err" || fail "cluster reassign: $(cat "$work/err")"
says "every partition has these replicas already"
real cluster reassign --list > "$work/out" 2> "$work/err" || fail "cluster reassign --list: $(cat "$work/err")"
says "nothing is being moved"
expect "exit code of a broker that is not there" 1 "$(code real cluster reassign first -p 0 --replicas 7)"
says "first-0: "

real cluster reassign --throttle 1MiB > "$work/out" 2> "$work/err" || fail "cluster reassign --throttle: $(cat "$work/err")"
real cluster reassign --throttle none > "$work/out" 2> "$work/err" || fail "cluster reassign --throttle none: $(cat "$work/err")"

echo "-- records"
seq 1 50000 > "$work/numbers"
real topic create one > /dev/null 2>&1 || fail "topic create one"
for codec in none gzip snappy lz4 zstd; do
  real topic create "z-$codec" > /dev/null 2>&1 || fail "topic create z-$codec"
  real produce "z-$codec" -z "$codec" < "$work/numbers" 2> "$work/err" || fail "produce -z $codec: $(cat "$work/err")"
  real consume "z-$codec" -e > "$work/read" 2> "$work/err" || fail "consume: $(cat "$work/err")"
  same "$codec" "$work/numbers" "$work/read"
  kcat -b "$kafka" -C -q -e -o beginning -X check.crcs=true -t "z-$codec" > "$work/read"
  same "$codec, as kcat reads it" "$work/numbers" "$work/read"
done
printf 'k1:v1\nk2:\n' | real produce one -K : -Z -H h=1 -H h=2 --timestamp 2026-01-31T10:00Z --allow-expired 2> "$work/err" || fail "produce: $(cat "$work/err")"
expect "keys, headers, null, time" '["k2",null,1769853600000,[["h","1"],["h","2"]]]' \
  "$(real consume one -e -J | jq -c 'select(.key == "k2") | [.key, .value, .timestamp, [.headers[] | [.key, .value]]]')"
expect "-o -1" 'v' "$(printf 'v\n' | real produce one 2> /dev/null; real consume one -o -1 -e)"
expect "-n 2" 2 "$(real consume z-none -n 2 | wc -l)"
expect "topic offsets" '[[0,50000]]' \
  "$(real topic offsets z-none --output json | jq -c '[.[] | [.. | objects | select(has("start") or has("first") or has("end")) | (.start // .first), .end]]')"
seq 1 3000 | sed 's/.*/&:v/' | real produce first -K : 2> "$work/err" || fail "produce: $(cat "$work/err")"
seq 1 3000 | sed 's/.*/&:v/' | kcat -b "$kafka" -P -t first -K : -X topic.partitioner=murmur2_random
expect "a key's partition, by us and by murmur2 of librdkafka" 3000 \
  "$(real consume first -e -f '%k %p\n' | sort -u | wc -l)"
expect "acks=0" 0 "$(seq 1 100 | real produce one -a 0 > /dev/null 2>&1; echo $?)"
expect "exit code of a consume of an unknown topic" 1 "$(real consume nowhere -e > /dev/null 2>&1; echo $?)"

echo "-- topic trim"
real topic create cut > /dev/null 2>&1 || fail "topic create cut"
seq 1 100 | real produce cut 2> "$work/err" || fail "produce: $(cat "$work/err")"
expect "what would go" $'cut\t0\t0\t40' "$(real topic trim cut --before 40 --dry-run -q --output tsv)"
expect "below an offset" $'cut\t0\t0\t40' "$(real topic trim cut --before 40 --output tsv)"
expect "the first" 41 "$(real consume cut -o beginning -n 1)"
expect "exit code of an offset that is not there" 1 "$(code real topic trim cut --before 101)"
expect "all" $'cut\t0\t40\t100' "$(real topic trim cut --before latest --output tsv)"
expect "what is left" 0 "$(real consume cut -o beginning -e | wc -l)"
expect "exit code of an unknown topic" 1 "$(code real topic trim nowhere --before latest)"
real topic delete cut > /dev/null 2>&1 || fail "topic delete cut"

echo "-- topic delete"
real topic delete first one > /dev/null 2>&1 || fail "topic delete"
# Kafka deletes after it has answered.
names() { real topic list --output json | jq -c '[.[].name] | sort'; }
are_gone() { [ "$(names)" = '["z-gzip","z-lz4","z-none","z-snappy","z-zstd"]' ]; }
eventually 20 are_gone || fail "what is left: $(names)"

echo "-- a copy from Kafka into a cluster of ours, and back"
start_listening 1
real consume z-zstd -e -J | bobbin produce copy -J 2> "$work/err" || fail "produce -J: $(cat "$work/err")"
bobbin consume copy -e -J | jq -c 'del(.topic)' > "$work/copy"
real consume z-zstd -e -J | jq -c 'del(.topic)' > "$work/original"
same "the copy" "$work/original" "$work/copy"

echo "-- Kafka's console tools against a broker of ours"
tool() { timeout 90 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" "$@" --bootstrap-server "$address" 2> "$work/tool"; }
tool org.apache.kafka.tools.TopicCommand --create --topic java --partitions 2 > /dev/null || fail "kafka-topics --create: $(tail -n 5 "$work/tool")"
tool org.apache.kafka.tools.TopicCommand --describe --topic java > "$work/out" || fail "kafka-topics --describe: $(tail -n 5 "$work/tool")"
grep -q 'PartitionCount: 2' "$work/out" || fail "kafka-topics --describe: $(cat "$work/out")"
tool org.apache.kafka.tools.ConsoleProducer --topic java < "$work/numbers" > /dev/null || fail "kafka-console-producer: $(tail -n 5 "$work/tool")"
expect "what kafka-console-producer wrote" "$(sha256sum < "$work/numbers")" "$(bobbin consume java -e | sort -n | sha256sum)"
tool org.apache.kafka.tools.LeaderElectionCommand --election-type preferred --topic java --partition 1 > "$work/out" ||
  fail "kafka-leader-election: $(cat "$work/out" "$work/tool")"
grep -q 'Valid replica already elected for partitions.*java-1' "$work/out" || fail "kafka-leader-election: $(cat "$work/out")"
tool org.apache.kafka.tools.LeaderElectionCommand --election-type preferred --all-topic-partitions > "$work/out" ||
  fail "kafka-leader-election of all: $(cat "$work/out" "$work/tool")"
echo '{"version":1,"partitions":[{"topic":"java","partition":0,"replicas":[1]}]}' > "$work/moves.json"
for action in "--execute --throttle 10000000" --verify; do
  # shellcheck disable=SC2086 # words
  tool org.apache.kafka.tools.reassign.ReassignPartitionsCommand $action --reassignment-json-file "$work/moves.json" > "$work/out" ||
    fail "kafka-reassign-partitions $action: $(cat "$work/out" "$work/tool")"
done
grep -q 'Clearing broker-level throttles on broker 1' "$work/out" || fail "kafka-reassign-partitions: $(cat "$work/out")"
grep -q 'Reassignment of partition java-0 is completed' "$work/out" || fail "kafka-reassign-partitions: $(cat "$work/out")"
echo '{"version":1,"partitions":[{"topic":"copy","partition":0,"offset":1000}]}' > "$work/deletions.json"
tool org.apache.kafka.tools.DeleteRecordsCommand --offset-json-file "$work/deletions.json" > "$work/out" ||
  fail "kafka-delete-records: $(cat "$work/out" "$work/tool")"
grep -q 'copy-0.*low_watermark: 1000' "$work/out" || fail "kafka-delete-records: $(cat "$work/out")"
expect "kafka-get-offsets" "copy:0:1000" "$(tool org.apache.kafka.tools.GetOffsetShell --topic copy --time -2)"
timeout 90 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" org.apache.kafka.tools.TransactionsCommand \
  --bootstrap-server "$address" describe-producers --topic java --partition 1 > "$work/out" 2>&1 || fail "kafka-transactions: $(cat "$work/out")"
grep -q '^[0-9]' "$work/out" || fail "kafka-transactions describe-producers: $(cat "$work/out")"
tool org.apache.kafka.tools.TopicCommand --delete --topic java > /dev/null || fail "kafka-topics --delete: $(tail -n 5 "$work/tool")"
expect "after kafka-topics --delete" '["copy"]' "$(bobbin topic list --output json | jq -c '[.[].name]')"
echo "all is well"
