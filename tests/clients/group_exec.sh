#!/usr/bin/env bash
# group_exec.sh PROGRAM: `consume -g --exec` and `group redrive` against a real Apache Kafka 4.3.1: what fails becomes a dead letter and
# comes back, and members that come and go in order do everything once.
# shellcheck disable=SC2016 # commands are for other shells to expand
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/real_kafka.sh
. "$(dirname "$0")/../tools/real_kafka.sh"

start_real_kafka
real() { bobbin "$@" -b "$kafka"; }
export work

real topic create -q jobs -p 3
for i in $(seq 600); do echo "k$((i % 11)):$i"; done | real produce -q jobs -K :

echo "-- dead letters, and their way back"
expect "something failed" 1 "$(code real consume -g w jobs -e -P 4 --retries 1 --backoff 1ms --exec 'read -r n; [ $((n % 200)) != 0 ]')"
says '3 records failed, and went to the topic jobs.w.dlq'
expect "all is committed" 0 "$(real group describe w --output json | jq '[.[0].partitions[].lag] | add')"
expect "the dead letters" "200 400 600" "$(real consume -q jobs.w.dlq -e | sort -n | paste -sd ' ')"
expect "it deletes nothing" "retention.ms=-1" "$(real topic describe jobs.w.dlq --output json | jq -r '.[0].configs | "retention.ms=" + .["retention.ms"]')"
expect "redrive" 3 "$(real group redrive w jobs --output json | jq '.[0].redriven')"
expect "each once" 0 "$(real group redrive w jobs --output json | jq '.[0].redriven')"
expect "now they are done" 0 "$(code real consume -g w jobs -e --exec 'cat; echo')"
expect "these, and no other" "200 400 600" "$(sort -n "$work/out" | paste -sd ' ')"

echo "-- members come and go in order"
has_lines() { [ -e "$work/done" ] && [ "$(wc -l < "$work/done")" -ge "$1" ]; }
member() {
  env --default-signal=INT "$program" consume -q -b "$kafka" -g load jobs -P 3 --exec 'read -r n; sleep 0.01; echo "$n" >> "$work/done"' 2> "$work/said" &
  started+=($!)
}
stop() {
  local result=0
  kill -TERM "$1"
  wait "$1" || result=$?
  [ "$result" = 143 ] || fail "it ended with $result: $(cat "$work/said")"
}
member
first=$!
eventually 60 has_lines 50 || fail "nothing is done: $(cat "$work/said")"
member
second=$!
eventually 60 has_lines 200 || fail "nothing more is done"
stop "$first"
eventually 60 has_lines 603 || fail "$(wc -l < "$work/done") of 603 are done"
stop "$second"
expect "each is done once, three came back" "$( (seq 600; seq 200 200 600) | sort -n)" "$(sort -n "$work/done")"
