#!/usr/bin/env bash
# kills.sh PROGRAM: brokers die by SIGKILL again and again while records are produced; every acknowledged record is there
# once, and each key's records keep their order.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

pid_of() { { bobbin broker status --output json || true; } | jq -r ".[] | select(.id == $1) | .pid // empty"; }

bobbin broker start -n 3 > "$work/start" 2>&1 || fail "three brokers do not start: $(cat "$work/start")"
bobbin topic create t -p 6 > "$work/create" 2>&1

producers=()
for key in a b c; do
  # A slow enough writer that the kills fall into its middle.
  (for i in $(seq 40); do seq -f "$key:%.0f" $((i * 1000 - 999)) $((i * 1000)); sleep 0.1; done) |
    bobbin produce t -K : -q 2> "$work/produce-$key" &
  producers+=($!)
done
for round in $(seq 10); do
  victim=$((round % 3 + 1))
  pid=$(pid_of "$victim")
  [ -z "$pid" ] || kill -KILL "$pid"
  sleep 0.3
done
for p in "${producers[@]}"; do
  wait "$p" || fail "a produce ended with $?: $(cat "$work"/produce-*)"
done

bobbin consume t -e -q -f '%k %s\n' > "$work/read"
for key in a b c; do
  sed -n "s/^$key //p" "$work/read" > "$work/$key"
  seq 40000 > "$work/wanted"
  same "records of key $key, in order" "$work/wanted" "$work/$key"
done
