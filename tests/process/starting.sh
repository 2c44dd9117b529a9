#!/usr/bin/env bash
# starting.sh PROGRAM: a broker is killed and started again and again, and clients ask for what is there as soon as they
# are connected. Over TCP and the unix socket alike it is never denied.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

start_at_own_address
bobbin topic create -q t -p 3
seq 100 | bobbin produce -q t

python3 - "$address" "$work/end" > "$work/asked" 2>&1 <<'PY' &
import os
import socket
import struct
import sys

(host, port), end = sys.argv[1].split(":"), sys.argv[2]


def text(t):
    return struct.pack(">h", len(t)) + t


def request(key, version, body):
    frame = struct.pack(">hhi", key, version, 7) + text(b"c") + body
    return struct.pack(">i", len(frame)) + frame


def read(s, n):
    data = b""
    while len(data) < n:
        more = s.recv(n - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def ask(s, frame):
    s.sendall(frame)
    return read(s, struct.unpack(">i", read(s, 4))[0])[4:]


# Each with where its partition's (or topic's) error code lies in the answer.
QUESTIONS = {
    "ListOffsets": (request(2, 1, struct.pack(">ii", -1, 1) + text(b"t") + struct.pack(">iiq", 1, 2, -1)), 4 + 3 + 4 + 4),
    "Fetch": (request(1, 4, struct.pack(">iiiibi", -1, 0, 0, 1 << 20, 0, 1) + text(b"t") + struct.pack(">iiqi", 1, 2, 0, 1 << 20)), 4 + 4 + 3 + 4 + 4),
    "DescribeConfigs": (request(32, 1, struct.pack(">ib", 1, 2) + text(b"t") + struct.pack(">i", -1) + b"\0"), 4 + 4),
}
asked = {name: 0 for name in QUESTIONS}
denied = {}
while not os.path.exists(end):
    for name, (frame, at) in QUESTIONS.items():
        try:
            with socket.create_connection((host, int(port)), 20) as s:
                s.settimeout(20)
                code, = struct.unpack_from(">h", ask(s, frame), at)
                asked[name] += 1
                if code in (3, 100):  # UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID
                    denied[name, code] = denied.get((name, code), 0) + 1
        except OSError:
            pass
print(asked, file=sys.stderr)
print("denied", denied)
PY
asking=$!
started+=("$asking")

for round in $(seq 25); do
  kill_broker
  if (( round % 5 )); then bobbin broker start -q; else start_slowly 0.5; fi
  expect "over the unix socket" 3 "$(bobbin topic describe t --output json --no-start | jq '.[0].partitions | length')"
done
touch "$work/end"
wait "$asking" || fail "who asks: $(cat "$work/asked")"
expect "answers that deny" "denied {}" "$(tail -n 1 "$work/asked")"
grep -qE "ListOffsets': [0-9]{2}" "$work/asked" || fail "hardly anything was asked: $(cat "$work/asked")"
