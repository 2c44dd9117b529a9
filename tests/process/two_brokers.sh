#!/usr/bin/env bash
# two_brokers.sh PROGRAM: two brokers of one cluster: where each listens, what a running command starts again and what
# it leaves stopped, and a broker that slept through more changes than the kernel keeps for it.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

pid_of() { bobbin broker status --output json | jq -r ".[] | select(.id == $1) | .pid // empty"; }
# partition_of TOPIC BROKER: one that this broker leads
partition_of() { bobbin topic describe "$1" --output json | jq -r "[.[0].partitions[] | select(.leader == $2)][0].partition"; }
runs() { [ -n "$(pid_of "$1")" ]; }
is_another() { [ -n "$(pid_of "$1")" ] && [ "$(pid_of "$1")" != "$2" ]; }
# follow TOPIC PARTITION: sets $follower; it prints to $work/read
follow() {
  : > "$work/read"  # of the one before
  "$program" consume "$1" -p "$2" -q > "$work/read" 2> "$work/err" &
  follower=$!
  started+=("$follower")
}
has_read() { [ "$(cat "$work/read")" = "$1" ]; }

echo "-- each listens at a free port of its own"
start_listening 2
mapfile -t ports < <(bobbin broker status --output json | jq -r '.[].address' | sed 's/.*://')
expect "addresses" 2 "${#ports[@]}"
[ "${ports[0]}" != "${ports[1]}" ] || fail "both listen at ${ports[0]}"
for port in "${ports[@]}"; do
  (( port >= 1024 )) || fail "a broker listens at port $port"
  bobbin topic list -b "127.0.0.1:$port" > /dev/null || fail "nobody answers at port $port"
done

echo "-- one was ordered to stop, the other was killed: that one comes back, and who follows goes on"
bobbin topic create -q here -p 2
p=$(partition_of here 1)
echo one | bobbin produce here -q -p "$p"
follow here "$p"
eventually 20 has_read one || fail "it reads $(cat "$work/read"), $(cat "$work/err")"
one=$(pid_of 1) two=$(pid_of 2)
kill -STOP "$two"
for at in "" "--at latest"; do
  result=0
  # shellcheck disable=SC2086
  bobbin topic offsets here $at --output tsv --timeout 1s > "$work/out" 2> "$work/not_all" || result=$?
  expect "code where one partition could not be asked" 1 "$result"
  expect "the other one" "$p" "$(cut -f 1 "$work/out")"
done
kill -CONT "$two"
bobbin broker stop -q 2
kill -KILL "$one"
eventually 20 is_another 1 "$one" || fail "broker 1 does not come back: $(cat "$work/err")"
echo two | bobbin produce here -q -p "$p"
eventually 20 has_read $'one\ntwo' || fail "it reads $(cat "$work/read"), $(cat "$work/err")"
! runs 2 || fail "broker 2 was ordered to stop and runs"
kill -TERM "$follower"
wait "$follower" || true

echo "-- one order to stop does not undo another"
bobbin broker start -q
follow here "$p"
eventually 20 has_read $'one\ntwo' || fail "it reads $(cat "$work/read"), $(cat "$work/err")"
bobbin broker stop -q 2
bobbin broker stop -q 1
expect "who was ordered to stop" "1 2" "$(paste -sd ' ' "$BOBBIN_DIR/stopped")"
eventually 20 is_gone "$follower" || fail "it goes on without a broker"
wait "$follower" || true
! runs 1 || fail "broker 1 was ordered to stop and runs"
! runs 2 || fail "broker 2 was ordered to stop and runs"

echo "-- all were ordered to stop; a command that begins starts them, and from then on one that is killed comes back"
bobbin broker stop -q
follow here "$p"
eventually 20 has_read $'one\ntwo' || fail "it reads $(cat "$work/read"), $(cat "$work/err")"
one=$(pid_of 1) two=$(pid_of 2)
[[ -n $one && -n $two ]] || fail "not all were started"
kill -KILL "$one" "$two"
eventually 20 is_another 1 "$one" || fail "broker 1 does not come back: $(cat "$work/err")"
echo three | bobbin produce here -q -p "$p"
eventually 20 has_read $'one\ntwo\nthree' || fail "it reads $(cat "$work/read"), $(cat "$work/err")"
kill -TERM "$follower"
wait "$follower" || true

echo "-- one sleeps while more changes than the kernel keeps for it"
bobbin broker start -q
bobbin topic create -q unheard -p 2
p=$(partition_of unheard 2)
echo heard | bobbin produce unheard -q -p "$p"
two=$(pid_of 2)
kill -STOP "$two"
python3 - "$BOBBIN_DIR/noise" << 'PY'
import os
import sys

# A file that comes in the cluster's folder is a change that brokers are told of and do not mind; the same one twice in a
# row would be told once.
for i in range(int(open("/proc/sys/fs/inotify/max_queued_events").read()) + 10):
    name = f"{sys.argv[1]}-{i % 2}"
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
    os.unlink(name)
PY
"$program" topic delete unheard -q --no-start > "$work/out" 2>&1 &
deleting=$!
started+=("$deleting")
eventually 20 is_gone "$deleting" || fail "broker 1 does not answer"
wait "$deleting" || fail "the topic is not deleted: $(cat "$work/out")"
[ -d "$BOBBIN_DIR/broker-2/unheard-$p" ] || fail "broker 2 is not stopped"
kill -CONT "$two"
# Nobody asks it for anything, upon which it would look.
heard_of_it() { [ ! -e "$BOBBIN_DIR/broker-2/unheard-$p" ]; }
eventually 20 heard_of_it || fail "broker 2 keeps the records of a topic that was deleted"
