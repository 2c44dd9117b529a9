#!/usr/bin/env bash
# group_mixed.sh PROGRAM [BROKERS]: one group with members of kcat, two Pythons and Java, by the range assignor, which all of them
# know. Under load one is killed, one is stopped for longer than its session and goes on, one leaves and one joins: each record is
# handled by at least one of them.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/real_kafka.sh
. "$(dirname "$0")/../tools/real_kafka.sh"
# shellcheck source=../tools/groups.sh
. "$(dirname "$0")/../tools/groups.sh"
brokers=${2:-1}

command -v kcat > /dev/null || skip "there is no kcat"
python=/usr/bin/python3
for module in kafka confluent_kafka; do
  "$python" -c "import $module" 2> /dev/null || skip "there is no Python module $module"
done
java_class_path

start_listening "$brokers" --set group.min.session.timeout.ms=2000
bobbin topic create -q jobs -p 8 -r "$brokers"

# Each sets $member to a pid.
join_kcat() {
  kcat -b "$address" -G workers -q -u -X auto.offset.reset=earliest -X heartbeat.interval.ms=300 -X session.timeout.ms=2000 \
    -X partition.assignment.strategy=range -f '%p %s\n' jobs >> "$work/member-$1" 2> "$work/$1.err" &
  member=$!
  started+=("$member")
}
join_python() {
  "$python" "$(dirname "$0")/group_member.py" "$1" "$address" 2000 >> "$work/member-$1" 2> "$work/$1.err" &
  member=$!
  started+=("$member")
}
join_java() {
  echo "heartbeat.interval.ms=300" > "$work/java.properties"
  timeout 150 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" org.apache.kafka.tools.VerifiableConsumer \
    --bootstrap-server "$address" --topic jobs --group-id workers --reset-policy earliest --session-timeout 2000 \
    --command-config "$work/java.properties" --verbose 2> "$work/java.err" \
    > >(jq --unbuffered -r 'select(.name == "record_data") | "\(.partition) \(.value)"' >> "$work/member-java") &
  member=$!
  started+=("$member")
}
reads() { [ "$(awk -v from="$2" '$2 > from' "$work/member-$1" 2> /dev/null | wc -l)" -gt 0 ]; }
# all_read NAME...: each of them reads what is written from now on
all_read() {
  local name now
  now=$(cat "$work/written")
  for name in "$@"; do eventually 30 reads "$name" "$now" || fail "$name reads nothing: $(counts) $(cat "$work/$name.err")"; done
}

echo "-- five members of four clients"
begin_writing 1
join_java
java=$member
join_kcat kcat-a
killed=$member
join_kcat kcat-b
join_python kafka
stopped=$member
join_python confluent_kafka
last=$member
await_counts '["Stable",[2,2,2,1,1]]' "five members"
expect "the assignor" '"range"' "$(group_is .protocol)"
all_read java kcat-a kcat-b kafka confluent_kafka

echo "-- one is killed"
disown "$killed"  # or the shell tells of its end
kill -KILL "$killed"
await_counts '["Stable",[2,2,2,2]]' "four members"
all_read java kcat-b kafka confluent_kafka

echo "-- one is stopped for longer than its session"
kill -STOP "$stopped"
await_counts '["Stable",[3,3,2]]' "three members"
all_read java kcat-b confluent_kafka
kill -CONT "$stopped"
await_counts '["Stable",[2,2,2,2]]' "it goes on"
all_read java kcat-b kafka confluent_kafka

echo "-- one leaves, one joins"
kill -TERM "$java"
wait_for_end "$java" || fail "the Java consumer does not end"
join_kcat kcat-c
await_counts '["Stable",[2,2,2,2]]' "one joins"
all_read kcat-b kcat-c kafka confluent_kafka

echo "-- nothing is missing"
end_writing
await_all "$written"
is_caught_up() { [ "$(behind)" = 0 ]; }
eventually 30 is_caught_up || fail "positions: $(group_is .partitions)"
kill -TERM "$stopped" "$last"
wait_for_end "$stopped" || fail "python3-kafka does not end"
wait_for_end "$last" || fail "python3-confluent-kafka does not end"
await_counts '["Stable",[4,4]]' "two kcats"
echo "$written records, $(( $(handled) - written )) handled twice"
echo "all is well"
