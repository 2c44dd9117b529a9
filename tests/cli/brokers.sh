#!/usr/bin/env bash
# brokers.sh PROGRAM: brokers as local processes: start, status, stop, logs, config; orders, deaths and revivals.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

states() { bobbin broker status --output json | jq -r '[.[].state] | join(" ")'; }
pid_of() { bobbin broker status --output json | jq -r ".[] | select(.id == $1) | .pid"; }

echo "-- nothing there"
expect "status of nothing" 1 "$(code bobbin broker status --output json)"
expect "status of nothing" "[]" "$(cat "$work/out")"
expect "stop of nothing" 0 "$(code bobbin broker stop)"
[ ! -e "$BOBBIN_DIR" ] || fail "looking makes a cluster"

echo "-- twenty commands at once start one broker"
for i in $(seq 20); do
  echo "$i" | "$program" produce -q crowd &
  pids[i]=$!
done
for i in $(seq 20); do wait "${pids[i]}" || fail "command $i of twenty"; done
expect "brokers" running "$(states)"
expect "records" 20 "$(bobbin consume crowd -e | wc -l)"

echo "-- stop is an order, start ends it, and so does a new command"
expect "stop" 0 "$(code bobbin broker stop)"
expect "state" stopped "$(states)"
expect "status" 1 "$(code bobbin broker status)"
expect "records after a restart" 20 "$(bobbin consume crowd -e 2> /dev/null | wc -l)"
expect "state" running "$(states)"
mkfifo "$work/pipe"
"$program" produce order -q < "$work/pipe" 2> "$work/err7" &
pid=$!
started+=("$pid")
exec 7> "$work/pipe"
echo one >&7
eventually 20 bash -c "'$program' consume order -e 2> /dev/null | grep -q one" || fail "not there"
bobbin broker stop -q
echo two >&7
exec 7>&-
result=0
wait "$pid" || result=$?
expect "a running command ends" 1 "$result"
grep -q '1 of 2' "$work/err7" || fail "no count: $(cat "$work/err7")"
expect "nothing was started" stopped "$(states)"

echo "-- start, several, by id"
expect "start" 0 "$(code bobbin broker start -n 3)"
expect "three" "running running running" "$(states)"
expect "status" 0 "$(code bobbin broker status)"
expect "stop one" 0 "$(code bobbin broker stop 2)"
expect "two are left" "running stopped running" "$(states)"
expect "unknown id" 1 "$(code bobbin broker stop 9)"
expect "start one" 0 "$(code bobbin broker start 2)"
expect "three again" "running running running" "$(states)"
bobbin topic create -q spread -p 6
expect "leaders are balanced" "2 2 2" "$(bobbin topic describe spread --output json | jq -r '[.[0].partitions | group_by(.leader)[] | length] | join(" ")')"
seq 600 | bobbin produce spread -q --partitioner round-robin
expect "over three brokers" 600 "$(bobbin consume spread -e | wc -l)"

echo "-- a stopped process does not hold up status"
pid=$(pid_of 3)
kill -STOP "$pid"
begin=$(date +%s%N)
expect "hung" "running running hung" "$(states)"
took=$((($(date +%s%N) - begin) / 1000000))
kill -CONT "$pid"
(( took < 5000 )) || fail "status took $took ms"

echo "-- those that hang are waited for together, and who has died is started at once"
mapfile -t pids < <(bobbin broker status --output json | jq -r '.[].pid')
kill -STOP "${pids[0]}" "${pids[2]}"
kill -KILL "${pids[1]}"
begin=$(date +%s%N)
expect "code" 1 "$(code bobbin broker start --timeout 4s)"
took=$((($(date +%s%N) - begin) / 1000000))
kill -CONT "${pids[0]}" "${pids[2]}"
says "broker 1: it holds its lock and does not answer"
says "broker 3: it holds its lock and does not answer"
says "broker 2 runs"
(( took < 7000 )) || fail "start took $took ms"
expect "all run" 0 "$(code bobbin broker start)"

echo "-- kill -9 in the middle of a produce: nothing lost, doubled or reordered"
bobbin broker stop -q
rm -r "$BOBBIN_DIR"
for round in 1 2 3; do
  (for i in $(seq 20); do seq $((i * 1000)) $((i * 1000 + 999)); sleep 0.02; done) | bobbin produce -q "killed-$round" &
  producer=$!
  sleep 0.2
  kill -KILL "$(pid_of 1)" 2> /dev/null || true
  wait "$producer" || fail "produce over a killed broker"
  bobbin consume -q "killed-$round" -e | cmp - <(seq 1000 20999) || fail "round $round"
done

echo "-- listening"
expect "listen" 0 "$(code bobbin broker start --listen 127.0.0.1:0)"
address=$(bobbin broker status --output json | jq -r '.[0].address')
[[ $address == 127.0.0.1:* && $address != *:0 ]] || fail "address: $address"
echo over | bobbin produce -q -b "$address" tcp
expect "over TCP" over "$(bobbin consume -b "$address" tcp -e)"
bobbin broker stop -q
bobbin broker start -q
eventually 10 bash -c "'$program' broker status --output json | jq -e '.[0].address | startswith(\"127.0.0.1:\")'" > /dev/null || fail "the choice is not kept"

other=$(bobbin broker status --output json | jq -r '.[0].address')
expect "a port that is taken" 1 "$(BOBBIN_DIR=$work/deaf code bobbin broker start --listen "$other")"
expect "and status says so" null "$(BOBBIN_DIR=$work/deaf bobbin broker status --output json | jq -r '.[0].address')"
for address in "$other" 192.0.2.1:19710; do  # the second is nobody's
  expect "an address that cannot be had" 1 "$(BOBBIN_DIR=$work/deaf code bobbin broker start --listen "$address" --insecure-listen)"
  BOBBIN_DIR=$work/deaf bobbin broker stop -q
  expect "keeps nobody from the records" "0 x" "$(echo x | BOBBIN_DIR=$work/deaf code bobbin produce "deaf-${address//:/-}") $(BOBBIN_DIR=$work/deaf bobbin consume "deaf-${address//:/-}" -e)"
  expect "and is told at a start" "1 1" "$(BOBBIN_DIR=$work/deaf code bobbin broker start) $(grep -c 'listens nowhere.*--listen' "$work/err")"
done
BOBBIN_DIR=$work/deaf bobbin broker stop -q
expect "another address" 0 "$(BOBBIN_DIR=$work/deaf code bobbin broker start --listen 127.0.0.1:0)"
expect "is listened at" 0 "$(BOBBIN_DIR=$work/deaf code bobbin broker start)"
BOBBIN_DIR=$work/deaf bobbin broker stop -q
expect "a port is no id" 2 "$(code bobbin broker start --listen 9092)"

echo "-- logs and config"
bobbin broker logs | grep -q . || fail "no log"
expect "logs of nobody" 1 "$(code bobbin broker logs 9)"
expect "a default" "1 default" "$(bobbin broker config --output json | jq -r '.[] | select(.name == "num.partitions") | .value + " " + .source')"
bobbin broker stop -q
echo 'num.partitions = 4' > "$BOBBIN_DIR/bobbin.toml"
expect "from the file, without a broker" "4" "$(bobbin broker config --output json | jq -r '.[] | select(.name == "num.partitions") | .value')"
expect "and none was started" stopped "$(states)"
bobbin topic create -q four
expect "it has its effect" 4 "$(bobbin topic describe four --output json | jq '.[0].partitions | length')"
bobbin broker stop -q
expect "--set comes before the file" 0 "$(code bobbin broker start --set num.partitions=2)"
bobbin topic create -q both
expect "it has its effect" 2 "$(bobbin topic describe both --output json | jq '.[0].partitions | length')"
expect "said again" 0 "$(code bobbin broker start --set num.partitions=2)"
expect "one that runs without it" 1 "$(code bobbin broker start --set num.partitions=3)"
bobbin broker kill -q 1
bobbin broker start -q
bobbin topic create -q kept
expect "kept when it dies" 2 "$(bobbin topic describe kept --output json | jq '.[0].partitions | length')"
bobbin broker stop -q
bobbin broker start -q
bobbin topic create -q stopped
expect "not when it was stopped" 4 "$(bobbin topic describe stopped --output json | jq '.[0].partitions | length')"

echo "-- the foreground"
bobbin broker stop -q
"$program" broker start --foreground 2> "$work/log" &
pid=$!
started+=("$pid")
eventually 20 bash -c "'$program' broker status > /dev/null" || fail "it does not run: $(cat "$work/log")"
kill -TERM "$pid"
wait "$pid" || true
expect "ended" stopped "$(states)"
