#!/usr/bin/env bash
# moves.sh PROGRAM: partitions move to other brokers while they are written and read: nothing is lost, doubled or out of
# order, and the folders of who has no copy any more are gone. Brokers are killed in the middle, a move is taken back,
# copies are added.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/replicas.sh
. "$(dirname "$0")/../tools/replicas.sh"

replicas() { field 'replicas | join(",")'; }
has_folder() { [ -e "$BOBBIN_DIR/broker-$1/t-0" ]; }
has_no_folder() { [ -z "$(find "$BOBBIN_DIR/broker-$1" -maxdepth 1 -name 't-0*')" ]; }
await_no_folder() { eventually 20 has_no_folder "$1" || fail "broker $1 has $(ls "$BOBBIN_DIR/broker-$1")"; }
moves() { bobbin cluster reassign --list -q --output json | jq length; }
# Until there is a lot that a new copy has to catch up with.
load() { seq 1000001 1200000 | awk '{print $1 " 0123456789012345678901234567890123456789012345678901234567890123456789"}'; }

bobbin broker start -q -n 4
bobbin topic create -q t -r 2
first=$(replicas)
load | bobbin produce t -q
expect "what there is at first" 200000 "$(bobbin consume t -o beginning -e -q | wc -l)"

echo "-- it moves while it is written and read"
begin_writing 200000
others() {
  local id out=()
  for id in 1 2 3 4; do [[ ,$1, == *,$id,* ]] || out+=("$id"); done
  (IFS=,; echo "${out[*]}")
}
now=$first
for turn in 1 2 3; do
  to=$(others "$now")
  "$program" cluster reassign t -p 0 --replicas "$to" -q --output json > "$work/moved" 2> "$work/moved.err" &
  mover=$!
  started+=("$mover")
  for i in 1 2 3 4 5; do write 200; sleep 0.05; done
  wait "$mover" || fail "turn $turn: the move ends with $?: $(cat "$work/moved.err")"
  expect "turn $turn: what moved" "[{\"topic\":\"t\",\"partition\":0,\"from\":[$now],\"to\":[$to]}]" "$(jq -c . "$work/moved")"
  expect "turn $turn: replicas" "$to" "$(replicas)"
  expect "turn $turn: who leads" 1 "$([[ ,$to, == *,$(field leader),* ]] && echo 1)"
  for id in ${now//,/ }; do await_no_folder "$id"; done
  write 200
  await_read "turn $turn"
  now=$to
done

echo "-- a copy is added, and taken away again"
expect "code" 0 "$(code bobbin cluster reassign t -r 3)"
expect "how many replicas" 3 "$(field 'replicas | length')"
in_sync 3 || fail "in sync are $(field isr)"
write 200
expect "code" 0 "$(code bobbin cluster reassign t -r 1)"
now=$(replicas)
for id in 1 2 3 4; do [ "$id" = "$now" ] || await_no_folder "$id"; done
write 200
end_writing

echo "-- a broker that is to get a copy does not run: the move waits, and is taken back"
bobbin topic create -q u -r 2
bobbin cluster reassign t -p 0 --replicas 1,2 -q > /dev/null
kill -KILL "$(pid_of 3)"
expect "code" 0 "$(code bobbin cluster reassign t -p 0 --replicas 1,3 --no-wait --no-start)"
expect "what moves" '{"topic":"t","partition":0,"replicas":[1,3,2],"adding":[3],"removing":[2]}' \
  "$(bobbin cluster reassign --list -q --no-start --output json | jq -c '.[0] | del(.lag)')"
expect "code" 1 "$(code bobbin cluster reassign t -p 0 --replicas 1,3 --timeout 1s --no-start)"
says "t-0 is not there yet, and goes on"
expect "code" 0 "$(code bobbin cluster reassign t --cancel --no-start)"
expect "replicas" "1,2" "$(replicas)"
nothing_moves || fail "$(moves) move"
expect "code" 0 "$(code bobbin cluster reassign t --cancel --no-start)"
says "nothing of this is being moved"

echo "-- it is killed in the middle, and so is who leads: the move goes on when they are back"
bobbin broker start -q
bobbin cluster reassign t -p 0 --replicas 3,4 --no-wait -q > /dev/null
kill -KILL "$(pid_of 3)"
kill -KILL "$(pid_of 1)"
bobbin broker start -q
eventually 60 nothing_moves || fail "it still moves: $(bobbin cluster reassign --list)"
expect "replicas" "3,4" "$(replicas)"
await_no_folder 1
await_no_folder 2
expect "what is read at last" $(( 200000 + written )) "$(bobbin consume t -o beginning -e -q | wc -l)"

echo "-- who missed the end of a move removes its copy when it starts"
bobbin cluster reassign t -p 0 --replicas 1,2 --no-wait -q > /dev/null
eventually 60 nothing_moves || fail "it still moves"
kill -KILL "$(pid_of 2)"
bobbin cluster reassign t -p 0 --replicas 1,3 -q --no-start > /dev/null
has_folder 2 || fail "nobody runs, and the folder is gone"
bobbin broker start -q
await_no_folder 2
expect "what is read at last" $(( 200000 + written )) "$(bobbin consume t -o beginning -e -q | wc -l)"
