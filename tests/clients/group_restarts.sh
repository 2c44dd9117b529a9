#!/usr/bin/env bash
# group_restarts.sh PROGRAM: members of both Pythons go on over their only broker, which is killed and started again and again:
# the group is what it was, and no record is missing.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/groups.sh
. "$(dirname "$0")/../tools/groups.sh"

python=/usr/bin/python3
for module in kafka confluent_kafka; do
  "$python" -c "import $module" 2> /dev/null || skip "there is no Python module $module"
done

start_at_own_address
bobbin topic create -q jobs -p 4
members=()
join() {
  "$python" "$(dirname "$0")/group_member.py" "$1" "$address" 6000 > "$work/member-$1" 2> "$work/$1.err" &
  members+=($!)
  started+=($!)
}
ids() { group_is '[.state, ([.members[].id] | sort)]'; }
is_as_before() { [ "$(ids)" = "$before" ]; }

begin_writing 1
join kafka
join confluent_kafka
await_counts '["Stable",[2,2]]' "two members"
before=$(ids)
for turn in 1 2 3; do
  kill_broker
  start_slowly 0.3
  eventually 20 is_as_before || fail "turn $turn: $(ids), before that $before"
  sleep 0.5
  await_all "$(cat "$work/written")"
  is_as_before || fail "turn $turn: in the end $(ids), before that $before"
done
end_writing
await_all "$written"
for member in "${members[@]}"; do
  kill -TERM "$member"
  wait_for_end "$member" || fail "a member does not end: $(cat "$work"/*.err)"
done
await_counts '["Empty",[]]' "nobody is left"
expect "behind" 0 "$(behind)"
echo "$written records, $(( $(handled) - written )) handled twice"
echo "all is well"
