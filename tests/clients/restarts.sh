#!/usr/bin/env bash
# restarts.sh PROGRAM: an idempotent producer of librdkafka goes on over a broker that is killed and started again and
# again, however long a start takes: nothing is fatal, and every record is there once and in order.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
command -v kcat > /dev/null || skip "there is no kcat"

start_at_own_address
bobbin topic create -q t

(while [ ! -e "$work/end" ]; do
  n=$((${n:-0} + 100))
  seq $((n - 99)) $n
  sleep 0.02
done
 seq 1000001 1000100) |
  tee "$work/sent" |
  kcat -P -E -b "$address" -t t -X enable.idempotence=true -X message.timeout.ms=120000 -X reconnect.backoff.ms=5 \
    -X reconnect.backoff.max.ms=50 -X retry.backoff.ms=5 2> "$work/kcat" &
producer=$!
started+=("$producer")
for _ in $(seq 12); do
  sleep 0.2
  kill_broker
  start_slowly 0.3
done
touch "$work/end"
wait "$producer" || fail "the producer ended with $?: $(tail -n 20 "$work/kcat")"
grep -iE 'fatal|delivery failed|unknown topic' "$work/kcat" && fail "it gave up: $(tail -n 20 "$work/kcat")"
same "records" "$work/sent" <(bobbin consume -q t -e)
