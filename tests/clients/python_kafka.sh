#!/usr/bin/env bash
# python_kafka.sh PROGRAM: Debian's python3-kafka (2.0.2: a client that guesses the broker's version and speaks old,
# fixed versions of every request) against a broker of ours.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

python=/usr/bin/python3
"$python" -c 'import kafka' 2> /dev/null || skip "there is no python3-kafka"

start_listening 1
bobbin topic create ours -p 3 > /dev/null
seq 1 1000 | bobbin produce ours -p 1
timeout 120 "$python" "$(dirname "$0")/python_kafka.py" "$address" || fail "python_kafka.py ended with $?"
expect "what Python wrote, as bobbin reads it" '{"key":"k7","value":"v7","headers":[{"key":"h","value":"7"}]}' \
  "$(bobbin consume python-none -e -J | jq -c 'select(.key == "k7") | {key, value, headers}')"
echo "all is well"
