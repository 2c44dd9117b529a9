#!/usr/bin/env bash
# answers.sh PROGRAM: what a broker of ours answers to each case of answers/, beside what a real Kafka 4.3.1 answered
# (tests/golden/answers, written by answers_record.sh). What differs is in answers/differences.txt, with its reason.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

# As the real one is set.
bobbin broker start -q --listen 127.0.0.1:0 --set group.initial.rebalance.delay.ms=0 --set offsets.topic.num.partitions=1
address=$(addresses)
python3 "$(dirname "$0")/answers/run.py" check "$address" || fail "answers differ from Kafka's (above; answers/run.py show prints all)"
