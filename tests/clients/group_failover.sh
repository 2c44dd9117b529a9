#!/usr/bin/env bash
# group_failover.sh PROGRAM: VerifiableProducer and two VerifiableConsumers of Apache Kafka 4.3.1 go on while the broker that
# coordinates their group, one of three, is killed, comes back, and the next one is killed: every record that was
# acknowledged is handled, and the positions are the ends.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/real_kafka.sh
. "$(dirname "$0")/../tools/real_kafka.sh"
# shellcheck source=../tools/groups.sh
. "$(dirname "$0")/../tools/groups.sh"

java_class_path
start_listening 3
bobbin topic create -q jobs -p 4 -r 3

java=(timeout 150 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path")
# A member's events; what it handled goes to $work/member-N as well, once it has ended.
consume() {
  "${java[@]}" org.apache.kafka.tools.VerifiableConsumer --bootstrap-server "$address" --topic jobs --group-id workers \
    --reset-policy earliest --session-timeout 10000 --verbose > "$work/events-$1" 2> "$work/consumer-$1.err" &
  consumers+=($!)
  started+=($!)
}
consumed() { cat "$work"/events-* | jq -r 'select(.name == "record_data") | "\(.partition) \(.value)"'; }
has_consumed() { [ "$(consumed | wc -l)" -ge "$1" ]; }
acked() { jq -r 'select(.name == "producer_send_success") | .value' "$work/produced"; }
has_handled_acked() { [ -z "$(comm -23 <(acked | sort) <(consumed | cut -d ' ' -f 2 | sort -u))" ]; }
is_caught_up() { [ "$(behind)" = 0 ]; }

consumers=()
consume 1
consume 2
"${java[@]}" org.apache.kafka.tools.VerifiableProducer --bootstrap-server "$address" --topic jobs --throughput 300 \
  --max-messages 1000000 --acks -1 > "$work/produced" 2> "$work/producer.err" &
producer=$!
started+=("$producer")
eventually 60 has_consumed 300 || fail "nothing is consumed: $(cat "$work"/*.err)"
await_counts '["Stable",[2,2]]' "two members"

# The numbers go on meanwhile.
for turn in 1 2; do
  victim=$(coordinator)
  before=$(consumed | wc -l)
  kill -KILL "$(pid_of "$victim")"
  eventually 40 has_consumed "$(( before + 1500 ))" || fail "turn $turn: they do not go on: $(tail -n 3 "$work"/events-* "$work"/*.err)"
  echo "turn $turn: broker $victim coordinated, now broker $(coordinator) does"
  [ "$(coordinator)" != "$victim" ] || fail "turn $turn: broker $victim is dead and coordinates"
  await_counts '["Stable",[2,2]]' "turn $turn: two members"
  bobbin broker start -q
done

kill -TERM "$producer"
wait_for_end "$producer" || fail "the producer does not end"
eventually 30 has_handled_acked || fail "lost: $(comm -23 <(acked | sort) <(consumed | cut -d ' ' -f 2 | sort -u) | sort -n | head -n 20 | xargs)"
eventually 30 is_caught_up || fail "positions: $(group_is .partitions)"
for consumer in "${consumers[@]}"; do
  kill -TERM "$consumer"
  wait_for_end "$consumer" || fail "a consumer does not end"
done
await_counts '["Empty",[]]' "nobody is left"
expect "positions" 0 "$(behind)"
echo "$(acked | wc -l) records acknowledged, $(( $(consumed | wc -l) - $(consumed | sort -u | wc -l) )) handled twice"
echo "the longest time without a record: $(cat "$work"/events-* | jq 'select(.name == "records_consumed") | .timestamp' | sort -n |
  awk 'NR > 1 && $1 - last > longest {longest = $1 - last} {last = $1} END {print longest}') ms"
echo "all is well"
