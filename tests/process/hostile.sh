#!/usr/bin/env bash
# hostile.sh PROGRAM: requests that are as costly as they can be harm neither the broker nor others: hostile.py does the talking.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

if is_sanitized; then skip "a sanitizer takes many times the memory"; fi

start_listening 1
bobbin topic create t -q
python3 "$(dirname "$0")/hostile.py" "$program" "$address" "$(broker_pid)" "$BOBBIN_DIR/broker-1.log"

echo "-- places of local clients"
bobbin broker stop -q
ulimit -n 256
start_listening 1
python3 "$(dirname "$0")/hostile.py" "$program" "$address" "$(broker_pid)" "$BOBBIN_DIR/broker-1.log" places
