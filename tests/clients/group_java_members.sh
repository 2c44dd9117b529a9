#!/usr/bin/env bash
# group_java_members.sh PROGRAM [BROKERS]: members of Apache Kafka 4.3.1 (VerifiableConsumer) in groups of ours: cooperative ones,
# who keep what they keep while others come, and static ones, who come back to what they had.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/real_kafka.sh
. "$(dirname "$0")/../tools/real_kafka.sh"
# shellcheck source=../tools/groups.sh
. "$(dirname "$0")/../tools/groups.sh"
brokers=${2:-1}

java_class_path
start_listening "$brokers" --set group.min.session.timeout.ms=1000
bobbin topic create -q jobs -p 4 -r "$brokers"
echo "heartbeat.interval.ms=200" > "$work/properties"

java=(timeout 150 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path")
# join NAME OPTION...: a member, whose pid goes to $member; what it tells goes to $work/events-NAME
join() {
  local name=$1
  shift
  "${java[@]}" org.apache.kafka.tools.VerifiableConsumer --bootstrap-server "$address" --topic jobs --group-id workers \
    --reset-policy earliest --command-config "$work/properties" --verbose "$@" >> "$work/events-$name" 2> "$work/$name.err" &
  member=$!
  started+=("$member")
}
leave() {
  kill -TERM "$1"
  wait_for_end "$1" || fail "a member does not end"
}
# changes NAME: what it was given and what was taken from it, as far as that is anything: "+0,1,2,3 -2,3"
changes() {
  jq -r 'select((.name | startswith("partitions_")) and (.partitions | length) > 0) |
    (if .name == "partitions_assigned" then "+" else "-" end) + ([.partitions[].partition] | sort | join(","))' "$work/events-$1" | xargs
}
is_handled() { [ "$(cat "$work"/events-* | jq -r 'select(.name == "record_data") | .value' | sort -nu | wc -l)" -ge "$1" ]; }
members() { group_is '[.members[] | [.instance, [.partitions[].partitions[]]]] | sort'; }

echo "-- cooperative"
cooperative=(--assignment-strategy org.apache.kafka.clients.consumer.CooperativeStickyAssignor)
join first "${cooperative[@]}"
first=$member
await_counts '["Stable",[4]]' "one member"
write 1 200
join second "${cooperative[@]}"
second=$member
await_counts '["Stable",[2,2]]' "two members"
eventually 20 is_handled 200 || fail "records are missing: $(cat "$work"/*.err)"
kept=$(group_is '.members[] | [.partitions[].partitions[]] | sort | join(",")' | tr -d '"')
taken=$(changes second)
expect "the first keeps two" "+0,1,2,3 -${taken#+}" "$(changes first)"
expect "the second gets those" 1 "$(grep -cxF "${taken#+}" <<< "$kept")"
leave "$second"
await_counts '["Stable",[4]]' "the second has left"
expect "the first gets them back" "+0,1,2,3 -${taken#+} $taken" "$(changes first)"
leave "$first"
await_counts '["Empty",[]]' "nobody is left"

echo "-- static"
join a --group-instance-id a --session-timeout 60000
a=$member
join b --group-instance-id b --session-timeout 6000
b=$member
await_counts '["Stable",[2,2]]' "two static members"
had=$(members)
expect "by their names, in order" '[["a",[0,1]],["b",[2,3]]]' "$had"
undisturbed=$(changes b)
leave "$a"
expect "one that is away has what it had" "$had" "$(members)"
join a --group-instance-id a --session-timeout 3000
a=$member
write 201 400
eventually 20 is_handled 400 || fail "records are missing: $(cat "$work"/*.err)"
expect "one that came back has what it had" "$had" "$(members)"
expect "the other one is not disturbed" "$undisturbed" "$(changes b)"
leave "$a"
await_counts '["Stable",[4]]' "one is away for longer than its session"
expect "who has all" '[["b",[0,1,2,3]]]' "$(members)"
leave "$b"
expect "behind" 0 "$(behind)"
echo "all is well"
