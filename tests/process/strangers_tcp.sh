#!/usr/bin/env bash
# strangers_tcp.sh PROGRAM: over TCP, no request of another user of this machine is executed, however it comes; what opens
# a door is not changed over TCP; other machines are let in where that was said in words.
# shellcheck source=../tools/private_network.sh
. "$(dirname "$0")/../tools/private_network.sh"
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
[ "$(id -u)" = 0 ] || skip "needs root, to be two users"

nobody=65533
stranger() { python3 "$(dirname "$0")/stranger.py" "$@"; }
topics() { bobbin topic list --output json | jq -r '.[].name'; }
# port_of ADDRESS
port_of() { echo "${1##*:}"; }

echo "-- another user, over loopback and every other address of this machine"
bobbin broker start -q --listen '*:0' --insecure-listen
port=$(port_of "$(addresses)")
hosts=(127.0.0.1 127.3.2.1 ::ffff:127.0.0.1)
has_v6=
[[ $(addresses) == *"[::]"* ]] && has_v6=1 && hosts+=(::1)
if ip addr add 198.18.77.9/32 dev lo 2> /dev/null; then hosts+=(198.18.77.9); else echo "no further address can be had"; fi
if [[ $has_v6 ]] && ip addr add fd00:77::9/128 dev lo 2> /dev/null; then hosts+=(fd00:77::9); fi
for host in "${hosts[@]}"; do
  expect "we are answered at $host" answered "$(stranger 0 ask "$host" "$port")"
  expect "a stranger who waits at $host" closed "$(stranger $nobody ask "$host" "$port")"
  for how in close reset half; do
    stranger $nobody $how "$host" "$port" 60
  done
done
sleep 0.3
expect "nothing of it was executed" "" "$(topics)"
bobbin broker logs | grep -q 'refused a connection of' || fail "the log says nothing: $(bobbin broker logs | tail -n 5)"

echo "-- the same, while the broker is too busy to accept at once"
pid=$(broker_pid)
kill -STOP "$pid"
for how in close reset; do stranger $nobody $how 127.0.0.1 "$port" 100; done
kill -CONT "$pid"
expect "we are answered" answered "$(stranger 0 ask 127.0.0.1 "$port")"
expect "nothing of it was executed" "" "$(topics)"

echo "-- what opens a door is not changed over TCP"
expect "listeners" 31 "$(stranger 0 alter 127.0.0.1 "$port" listeners 0.0.0.0:9)"
expect "insecure.listen.enable" 31 "$(stranger 0 alter 127.0.0.1 "$port" insecure.listen.enable true)"
expect "another config" 0 "$(stranger 0 alter 127.0.0.1 "$port" num.partitions 1)"
expect "it listens where it did" "$port" "$(port_of "$(addresses)")"

echo "-- another machine"
if ! ip link add "bob$$" type veth peer name "far$$" 2> "$work/ip"; then
  echo "not tried: no second machine can be made here: $(cat "$work/ip")"
else
  far() { nsenter -t "$far_pid" -n "$@"; }
  unshare -n sleep 300 &
  far_pid=$!
  started+=("$far_pid")
  is_elsewhere() { [ "$(readlink "/proc/$far_pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
  eventually 10 is_elsewhere || fail "no second machine"
  ip link set "far$$" netns "$far_pid"
  ip addr add 198.18.77.1/30 dev "bob$$" && ip link set "bob$$" up
  far ip addr add 198.18.77.2/30 dev "far$$" && far ip link set "far$$" up
  expect "where the door is open, it is answered" answered "$(far python3 "$(dirname "$0")/stranger.py" $nobody ask 198.18.77.1 "$port")"
  expect "whoever is of this machine is not, at the same address" closed "$(stranger $nobody ask 198.18.77.1 "$port")"
  expect "an interface that others reach needs the words" 2 "$(bobbin broker start -q --listen 198.18.77.1:0 > "$work/out" 2>&1; echo $?)"
  grep -q -- --insecure-listen "$work/out" || fail "it does not say which: $(cat "$work/out")"
  # What the kernel delivers to the loopback from outside: that door is for this machine.
  bobbin broker start -q --listen 127.0.0.1:0
  bobbin broker stop -q
  bobbin broker start -q
  port=$(port_of "$(addresses)")
  if echo 1 > "/proc/sys/net/ipv4/conf/bob$$/route_localnet" && command -v nft > /dev/null &&
    nft "add table t; add chain t c { type nat hook prerouting priority -100; }; add rule t c ip daddr 198.18.77.1 dnat to 127.0.0.1"; then
    expect "it is not open to others" closed "$(far python3 "$(dirname "$0")/stranger.py" $nobody ask 198.18.77.1 "$port")"
    bobbin broker logs | grep -q 'is not open to other machines' || fail "the log says nothing: $(bobbin broker logs | tail -n 5)"
  else
    echo "not tried: packets from outside cannot be sent to the loopback here"
  fi 2> "$work/nft"
fi
