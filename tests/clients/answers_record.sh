#!/usr/bin/env bash
# answers_record.sh PROGRAM [FOLDER]: asks a real Kafka 4.3.1 each case of answers/ and writes what it answered into FOLDER, which is
# tests/golden/answers if it is not given. Twice in a row it writes the same: what differs from run to run has a name (normal.py).
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/real_kafka.sh
. "$(dirname "$0")/../tools/real_kafka.sh"

start_real_kafka
# shellcheck disable=SC2154 # start_real_kafka sets it
python3 "$(dirname "$0")/answers/run.py" record "$kafka" "${@:2}" || fail "not recorded"
