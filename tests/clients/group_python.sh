#!/usr/bin/env bash
# group_python.sh PROGRAM MODULE [BROKERS]: groups of ours with a Python client: `kafka` is Debian's python3-kafka 2.0.2,
# `confluent_kafka` Debian's python3-confluent-kafka 1.7.0 (librdkafka).
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
module=$2
brokers=${3:-1}

python=/usr/bin/python3
"$python" -c "import $module" 2> /dev/null || skip "there is no Python module $module"

start_listening "$brokers"
bobbin topic create -q numbers -p 4 -r "$brokers"
for p in 0 1 2 3; do seq 100 | bobbin produce -q numbers -p "$p"; done
export PYTHONDONTWRITEBYTECODE=1
timeout -s ABRT 150 "$python" -X faulthandler "$(dirname "$0")/group_python_$module.py" "$address" ||
  fail "$module ended with $?"
echo "all is well"
