#!/usr/bin/env bash
# elections.sh PROGRAM: a broker dies and comes back, and leads again what it was placed to lead: when `cluster elect`
# is told so, and by itself; while it is written and read nothing is lost, doubled or out of order; and whoever does not
# run, or is not in sync, is not made a leader.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/replicas.sh
. "$(dirname "$0")/../tools/replicas.sh"

# Of all brokers, asked of one that is never killed.
set_configs() {
  local socket=$BOBBIN_DIR/broker-$(( preferred % 3 + 1 )).sock
  expect "setting $*" 0 "$(timeout 30 python3 "$(dirname "$0")/../tools/alter.py" "$socket" "$@")"
}
come_back() {
  bobbin broker start -q
  await_in_sync 3
}

bobbin broker start -q -n 3
bobbin topic create -q t -r 3
preferred=$(field 'replicas[0]')
expect "who leads at first" "$preferred" "$(field leader)"

echo "-- where nothing is to be done, nothing is"
expect "code" 0 "$(code bobbin cluster elect)"
says "every partition is led by its preferred leader already"
expect "what moved" "[]" "$(bobbin cluster elect t -q --output json | jq -c .)"

echo "-- a preferred leader that is dead, and then not in sync, is not one"
kill -KILL "$(pid_of "$preferred")"
eventually 20 leads_another "$preferred" || fail "broker $preferred is dead and leads"
expect "code" 1 "$(code bobbin cluster elect --no-start)"
says "t-0: its preferred leader, broker $preferred, is not running"
expect "what moved" "" "$(cat "$work/out")"

echo "-- it comes back and is elected"
come_back
leader=$(field leader)
expect "who leads before that" 1 "$([ "$leader" != "$preferred" ] && echo 1)"
epoch=$(field leader_epoch)
expect "what moved" "[{\"topic\":\"t\",\"partition\":0,\"from\":$leader,\"to\":$preferred}]" \
  "$(bobbin cluster elect t -p 0 --output json | jq -c .)"
expect "who leads" "$preferred $(( epoch + 1 ))" "$(field leader) $(field leader_epoch)"

echo "-- leaders move to and fro while it is written and read"
begin_writing 0
for turn in 1 2 3; do
  write 500
  kill -KILL "$(pid_of "$preferred")"
  eventually 20 leads_another "$preferred" || fail "turn $turn: broker $preferred is dead and leads"
  write 500
  come_back
  write 500
  expect "turn $turn: code" 0 "$(code bobbin cluster elect t)"
  write 500
  leads "$preferred" || fail "turn $turn: $(field leader) leads"
  await_read "turn $turn"
done
end_writing

echo "-- it leads again by itself, unless it shall not"
set_configs auto.leader.rebalance.enable=false leader.imbalance.check.interval.seconds=1
kill -KILL "$(pid_of "$preferred")"
eventually 20 leads_another "$preferred" || fail "broker $preferred is dead and leads"
come_back
eventually 3 leads "$preferred" && fail "broker $preferred leads again, though it shall not by itself"
set_configs auto.leader.rebalance.enable=true
eventually 20 leads "$preferred" || fail "broker $preferred does not lead again, but $(field leader)"
expect "what is read at last" "$written" "$(bobbin consume t -o -1 -e -q)"
