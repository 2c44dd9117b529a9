#!/usr/bin/env bash
# elect.sh PROGRAM: what `cluster elect` takes, and its exit codes. What it does to leaders: tests/process/elections.sh.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

start_listening 1
bobbin topic create -q t -p 3

echo "-- ours and Kafka's spellings"
for words in "" "t" "t -p 0,2" "-t t --partition 1" "--topic t --partition 1 --election-type preferred" \
  "--all-topic-partitions --election-type PREFERRED"; do
  for where in "" "-b $address"; do
    # shellcheck disable=SC2086 # words
    expect "cluster elect $words $where" 0 "$(code bobbin cluster elect $words $where)"
    says "led by its preferred leader already"
  done
done
expect "text" "" "$(bobbin cluster elect -q)"
expect "json" "[]" "$(bobbin cluster elect -q --output json)"
expect "tsv" "" "$(bobbin cluster elect -q --output tsv)"

echo "-- what is not there"
expect "code" 1 "$(code bobbin cluster elect t nowhere)"
says "topic nowhere: is not there"
expect "code" 1 "$(code bobbin cluster elect t -p 7)"
says "t-7: topic 't' has no partition 7"
expect "code" 1 "$(code bobbin cluster elect t -p 7 --output json)"
expect "json" "[]" "$(cat "$work/out")"

echo "-- what cannot be meant"
for words in "-p 0" "t -p x" "t -p" "t --all-topic-partitions" "t --election-type no" "bad/name"; do
  # shellcheck disable=SC2086 # words
  expect "cluster elect $words" 2 "$(code bobbin cluster elect $words)"
done
expect "code" 2 "$(code bobbin cluster elect t --election-type UNCLEAN)"
says "may lose records"
