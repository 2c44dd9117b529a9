#!/usr/bin/env bash
# group_kcat.sh PROGRAM [BROKERS]: Debian's kcat (librdkafka 2.0.2) as members of a group of ours: they share the partitions of
# a topic, one more joins, one leaves, and the positions outlive the brokers.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/groups.sh
. "$(dirname "$0")/../tools/groups.sh"
brokers=${2:-1}

command -v kcat > /dev/null || skip "there is no kcat"

# join NAME [OPTION...]: a member, whose pid goes to $member
join() {
  local name=$1
  shift
  kcat -b "$address" -G workers -q -u -X auto.offset.reset=earliest -X heartbeat.interval.ms=300 -f '%p %s\n' "$@" jobs \
    >> "$work/$name" 2> "$work/$name.err" &
  member=$!
  started+=("$member")
}
# leave PID: in order, with what it read committed. What comes at that very moment kcat commits and does not print.
leave() {
  kill -TERM "$1"
  wait_for_end "$1" || fail "a member does not end"
}
restart() {
  bobbin broker stop -q > /dev/null 2>&1
  bobbin broker start -q > /dev/null 2>&1
  address=$(addresses)
}

start_listening "$brokers"
bobbin topic create -q jobs -p 4 -r "$brokers"

echo "-- one, and its first record"
write 1 1000
began=$(date +%s%N)
join member-1
first=$member
eventually 30 has_handled 1 || fail "nothing was read: $(cat "$work"/*.err)"
echo "a first record after $(( ($(date +%s%N) - began) / 1000000 )) ms"
await_counts '["Stable",[4]]' "one member"
await_each_once 1000

echo "-- two share"
join member-2
second=$member
await_counts '["Stable",[2,2]]' "two members"
write 1001 2000
await_each_once 2000
expect "partitions of the second" 2 "$(cut -d ' ' -f 1 "$work/member-2" | sort -u | wc -l)"

echo "-- a third joins, and leaves after 300 records, while more come"
begin_writing 2001
join member-3 -c 300
third=$member
await_counts '["Stable",[2,1,1]]' "three members"
eventually 30 is_gone "$third" || fail "the third member does not end"
await_counts '["Stable",[2,2]]' "two are left"
end_writing
await_each_once "$written"
expect "records of the third" 300 "$(wc -l < "$work/member-3")"

echo "-- positions outlive the brokers"
leave "$first"
leave "$second"
await_counts '["Empty",[]]' "nobody is left"
expect "behind" 0 "$(behind)"
write "$(( written + 1 ))" "$(( written + 100 ))"
restart
expect "behind, after a restart" 100 "$(behind)"
join member-4
await_each_once "$(( written + 100 ))"
leave "$member"
expect "behind, at the end" 0 "$(behind)"
echo "all is well"
