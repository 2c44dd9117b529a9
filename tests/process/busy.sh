#!/usr/bin/env bash
# busy.sh PROGRAM: a consumer that does not sleep gets its records, keeps its broker awake as long as it is there, and no
# longer; one that is stopped keeps nobody awake.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
# Whether the broker used no CPU at all for a second, within 20 s.
falls_asleep() {
  local before
  for _ in $(seq 20); do
    before=$(ticks "$broker")
    sleep 1
    (( $(ticks "$broker") == before )) && return
  done
  fail "the broker does not sleep: $1"
}

bobbin broker start > /dev/null 2>&1
echo first | bobbin produce t 2> /dev/null
broker=$(broker_pid)
"$program" consume t --busy -q > "$work/out" 2> "$work/err" &
consumer=$!
started+=("$consumer")
eventually 30 grep -qx first "$work/out" || fail "nothing came: the first record"
before=$(ticks "$broker")
is_awake() { (( $(ticks "$broker") > before + 5 )); }
eventually 30 is_awake || fail "nothing came: a broker that looks all the time"
echo second | bobbin produce t
eventually 30 grep -qx second "$work/out" || fail "nothing came: the second record"

echo "-- more that look than cores"
crowd=()
for i in $(seq "$(nproc)"); do
  "$program" consume t --busy > "$work/crowd" 2> "$work/crowd-$i" &
  crowd+=($!)
  started+=($!)
done
is_told() { cat "$work"/crowd-* | grep -q "processes look for records"; }
eventually 30 is_told || fail "nobody says that there are more than cores"
kill "${crowd[@]}"
for one in "${crowd[@]}"; do wait "$one" 2> /dev/null || true; done

kill -STOP "$consumer"
falls_asleep "its consumer is stopped"
kill -CONT "$consumer"
echo third | bobbin produce t
eventually 30 grep -qx third "$work/out" || fail "nothing came: the third record"
kill "$consumer"
wait "$consumer" 2> /dev/null || true
falls_asleep "its consumer has gone"
