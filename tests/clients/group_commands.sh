#!/usr/bin/env bash
# group_commands.sh PROGRAM: our group commands with -b against a real Apache Kafka 4.3.1, beside its own
# kafka-consumer-groups; groups of its newer protocol among them.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/real_kafka.sh
. "$(dirname "$0")/../tools/real_kafka.sh"

start_real_kafka
real() { bobbin "$@" -b "$kafka"; }
groups_tool() {
  timeout 90 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" \
    org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server "$kafka" "$@" 2> "$work/tool" |
    grep -v '^$\|^WARN' || true
}

real topic create -q orders -p 3
for p in 0 1 2; do seq 10 | real produce -q orders -p "$p"; done

echo "-- positions"
expect "no groups" "[]" "$(real group list --output json)"
expect "no such group" 1 "$(code real group describe nosuch)"
says "there is no group nosuch"
expect "reset" 0 "$(code real group reset workers --to-offset 4 --topic orders:0,2 --execute)"
expect "describe" "orders 0 4 10 6, orders 2 4 10 6" \
  "$(real group describe workers --output json | jq -r '[.[0].partitions[] | "\(.topic) \(.partition) \(.current) \(.end) \(.lag)"] | join(", ")')"
expect "time" true "$(real group describe workers --output json | jq '[.[0].partitions[].lag_ms] | all(. >= 0)')"
expect "as Kafka's tool sees it" "orders 0 4 10 6
orders 2 4 10 6" "$(groups_tool --describe --group workers | awk '$1 == "workers" { print $2, $3, $4, $5, $6 }')"

echo "-- files, both ways"
groups_tool --group workers --reset-offsets --to-earliest --all-topics --dry-run --export > "$work/theirs"
expect "theirs" 0 "$(code real group reset workers --from-file "$work/theirs" --execute)"
expect "theirs" $'orders,0,0\norders,2,0' "$(real group export workers)"
real group reset -q workers --shift-by 3 --all-topics --export > "$work/ours"
groups_tool --group workers --reset-offsets --from-file "$work/ours" --execute > "$work/out"
expect "ours" $'orders,0,3\norders,2,3' "$(real group export workers)"

echo "-- members"
kcat -q -b "$kafka" -X auto.commit.interval.ms=100 -X auto.offset.reset=earliest -G workers orders > "$work/read" 2> "$work/kcat" &
member=$!
started+=("$member")
is_stable() { [ "$(real group list --output json | jq -r '.[0] | "\(.state) \(.members)"')" = "Stable 1" ]; }
eventually 30 is_stable || fail "kcat is no member: $(real group list)"
expect "whose" "[0,1,2]" "$(real group describe workers --output json | jq -c '.[0].members[0].partitions[0].partitions')"
expect "reset" 1 "$(code real group reset workers --to-earliest --all-topics --execute)"
says "group workers is at work.*rdkafka"
expect "delete" 1 "$(code real group delete workers)"
says "group workers has members"
expect "wait" 0 "$(code real group wait workers --timeout 30s)"
expect "delete-offsets" 1 "$(code real group delete-offsets workers --topic orders)"
says "orders-0: members of the group read this topic"
kill -INT "$member"
expect "wait --empty" 0 "$(code real group wait workers --empty --timeout 30s)"
expect "delete-offsets" 0 "$(code real group delete-offsets workers --topic orders:0)"
expect "the rest" $'orders,1,10\norders,2,10' "$(real group export workers)"

echo "-- a group of the newer protocol"
echo group.protocol=consumer > "$work/newer.properties"
timeout 60 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" org.apache.kafka.tools.consumer.ConsoleConsumer \
  --bootstrap-server "$kafka" --topic orders --group newer --command-config "$work/newer.properties" --from-beginning \
  --max-messages 30 --timeout-ms 50000 > "$work/read" 2> "$work/tool" || fail "Kafka's consumer: $(cat "$work/tool")"
expect "list" "Empty null" "$(real group list --output json | jq -r '.[] | select(.group == "newer") | "\(.state) \(.members)"')"
expect "describe" 1 "$(code real group describe newer)"
says "group newer is of Kafka's newer protocol"
expect "export" $'orders,0,10\norders,1,10\norders,2,10' "$(real group export newer)"
expect "reset" 0 "$(code real group reset newer --to-earliest --all-topics --execute)"
expect "moved" $'orders,0,0\norders,1,0\norders,2,0' "$(real group export newer)"

echo "-- delete"
expect "delete" 0 "$(code real group delete workers newer)"
expect "nothing is left" "[]" "$(real group list --output json)"
