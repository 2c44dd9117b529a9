#!/usr/bin/env bash
# junk.sh PROGRAM: bytes that are no requests close their connection and do nothing else.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

start_listening 1
port=${address##*:}
pid=$(broker_pid)
seq 100 | bobbin produce t -q

# send HEX...: sends the bytes and reads until the broker closes, at most two seconds
send() {
  exec 9<> "/dev/tcp/127.0.0.1/$port" || fail "no connection"
  printf '%b' "$(printf '%s' "$*" | tr -d ' ' | sed 's/../\\x&/g')" >&9 2> /dev/null || true
  timeout 2 cat <&9 > /dev/null 2>&1 || true
  exec 9>&-
}
echo "-- sizes"
send ffffffff
send 7fffffff 00
send 00000000
send 00000003 000000
echo "-- an unknown API, an unknown version, a body that is cut"
send 0000000c 7777 0000 00000001 0002 6162
send 0000000c 0000 00ff 00000001 0002 6162
send 0000000c 0003 0009 00000001 0002 6162
send 00000014 0000 0007 00000001 0002 6162 ffff ffff 7fffffff 7fffffff
echo "-- random bytes"
for _ in $(seq 20); do
  exec 9<> "/dev/tcp/127.0.0.1/$port"
  head -c 3000 /dev/urandom >&9 2> /dev/null || true
  exec 9>&-
done
! is_gone "$pid" || fail "the broker has died"
expect "records afterwards" 100 "$(bobbin consume t -e -q | wc -l)"
