#!/usr/bin/env bash
# listen.sh PROGRAM: where brokers listen, in all that it says; what other machines reach needs the words.
# shellcheck source=../tools/private_network.sh
. "$(dirname "$0")/../tools/private_network.sh"
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

# code ARGUMENT...: the exit code of the program; what it says is in $work/err
code() { timeout 60 "$program" "$@" > "$work/out" 2> "$work/err" < /dev/null && echo 0 || echo $?; }
says_not() { ! grep -q -- "$1" "$work/err" || fail "it says '$1': $(cat "$work/err")"; }
# The addresses on which a process listens, sorted, without their ports: "0.0.0.0 [::]"
listening() {
  local inodes
  inodes=$(for fd in "/proc/$(broker_pid)/fd"/*; do readlink "$fd" || true; done | sed -n 's/socket:\[\(.*\)\]/\1/p' | tr '\n' ' ')
  python3 - "$inodes" <<'PY'
import socket
import struct
import sys

inodes = set(sys.argv[1].split())
out = []
for path, family in (("/proc/net/tcp", socket.AF_INET), ("/proc/net/tcp6", socket.AF_INET6)):
    try:
        lines = open(path).read().splitlines()[1:]
    except OSError:
        continue
    for line in lines:
        word = line.split()
        if word[3] != "0A" or word[9] not in inodes:
            continue
        raw = word[1].split(":")[0]
        packed = b"".join(struct.pack("<I", int(raw[i:i + 8], 16)) for i in range(0, len(raw), 8))
        host = socket.inet_ntop(family, packed)
        out.append("[" + host + "]" if family == socket.AF_INET6 else host)
print(" ".join(sorted(out)))
PY
}
both="0.0.0.0"
loopback="127.0.0.1"
if python3 -c 'import socket; socket.create_server(("::1", 0), family=socket.AF_INET6)' 2> /dev/null; then
  both="0.0.0.0 [::]"
  loopback="127.0.0.1 [::1]"
fi

echo "-- what other machines reach needs the words, before anything is started or changed"
# And what was asked for is named, as it was.
for host in 0.0.0.0 '[::]' '*' '' 192.0.2.1 '[2001:db8::1]' 0 '[::ffff:192.0.2.1]' '[::0]'; do
  expect "--listen $host:0" 2 "$(code broker start --listen "$host:0")"
  says "--insecure-listen"
  grep -qF -- "--listen: other machines reach $host:0" "$work/err" || fail "--listen $host:0 is told as another: $(cat "$work/err")"
  expect "--listen $host:0 in the foreground" 2 "$(code broker start --foreground --listen "$host:0")"
  says "--insecure-listen"
done
echo "-- what can be no listener is told at once, and why"
# told CODE HOST:PORT WORDS
told() {
  expect "--listen $2" "$1" "$(code broker start --insecure-listen --listen "$2")"
  grep -qF -- "$3" "$work/err" || fail "--listen $2: it does not say '$3': $(cat "$work/err")"
}
told 1 '[fe80::1]:0' "say of which interface, as fe80::1%eth0"
told 1 '[fe80::1%nowhere]:0' "there is no network interface 'nowhere'"
told 1 '[::1%]:0' "there is no network interface ''"
told 1 224.0.0.1:0 "an address of many machines, at which none can listen"
told 1 '[ff02::1]:0' "an address of many machines, at which none can listen"
told 2 127.0.0.1:70000 "'127.0.0.1:70000' is not HOST:PORT, as 127.0.0.1:9092: there is no port 70000"
told 2 ::1:9092 "is not HOST:PORT, as 127.0.0.1:9092, or [::1]:9092"
told 2 SSL://127.0.0.1:0 "listeners speak PLAINTEXT"
told 2 127.0.0.1:0,127.0.0.2:0 "a broker has one listener"
for bad in 127.0.0.1:http 127.0.0.1: 127.0.0.1:0/ 127.0.0.1:-1 '[::1]' '[::1]x:0' 'a b:0'; do told 2 "$bad" "'$bad' is not HOST:PORT"; done
expect "the words alone" 2 "$(code broker start --insecure-listen)"
[ ! -e "$BOBBIN_DIR" ] || fail "a cluster was made"

echo "-- ports end"
expect "three brokers from the last port on" 2 "$(code broker start -n 3 --listen 127.0.0.1:65534)"
says "broker 3 would listen at port 65536"
[ ! -e "$BOBBIN_DIR" ] || fail "something was begun"

echo "-- every address that it says"
expect "this machine" 0 "$(code broker start --listen 127.0.0.1:0)"
says_not WARNING
expect "is listened at" 127.0.0.1 "$(listening)"
for host in 127.1 '[::ffff:127.0.0.1]' '[::ffff:7f00:1]' '[127.0.0.1]'; do
  expect "--listen $host:0" 0 "$(code broker start --listen "$host:0")"
  says_not WARNING
  expect "$host is listened at" 127.0.0.1 "$(listening)"
  expect "$host is told" 127.0.0.1 "$(addresses | sed 's/:[0-9]*$//')"
  expect "who connects there" 0 "$(code topic list -b "[::ffff:127.0.0.1]:$(addresses | sed 's/.*://')")"
done
expect "a name of it" 0 "$(code broker start --listen localhost:0)"
says_not WARNING
expect "is all its addresses" "$loopback" "$(listening)"
for host in '' '*' '[::]'; do
  expect "--listen $host:0" 0 "$(code broker start --listen "$host:0" --insecure-listen)"
  says "WARNING: broker 1 listens at"
  expect "is every interface" "$both" "$(listening)"
  ports=$(addresses | tr ',' '\n' | sed 's/.*://' | sort -u | wc -l)
  expect "with one port" 1 "$ports"
done
expect "those of IPv4" 0 "$(code broker start --listen 0.0.0.0:0 --insecure-listen)"
expect "are no others" 0.0.0.0 "$(listening)"
echo x | bobbin produce -q -b "127.0.0.1:$(addresses | sed 's/.*://')" t
expect "it is served there" x "$(bobbin consume -b "127.0.0.1:$(addresses | sed 's/.*://')" t -e)"

echo "-- it is warned of at each start"
bobbin broker stop -q
expect "a start" 0 "$(code broker start)"
says "WARNING: broker 1 listens at 0.0.0.0"
bobbin broker stop -q
expect "another command's" 0 "$(code topic list)"
says "WARNING: broker 1 listens at 0.0.0.0"
expect "in the log, each time" 6 "$(bobbin broker logs | grep -c 'WARNING: broker 1 listens at')"
expect "the words go with the address" 0 "$(code broker start --listen 127.0.0.1:0)"
bobbin broker stop -q
expect "a start" 0 "$(code broker start)"
says_not WARNING
expect "and are not kept" false "$(bobbin broker config --output json | jq -r '.[] | select(.name == "insecure.listen.enable") | .value')"

echo "-- a name that cannot be resolved"
expect "is an error" 1 "$(code broker start --listen no-such-host.invalid:0)"
says "no-such-host.invalid"
expect "and changes nothing" 127.0.0.1 "$(listening)"
bobbin broker stop -q

echo "-- in bobbin.toml"
export BOBBIN_DIR=$work/toml
mkdir "$BOBBIN_DIR"
echo 'listeners = "0.0.0.0:0"' > "$BOBBIN_DIR/bobbin.toml"
expect "without the words" 1 "$(code broker start)"
says "listens nowhere: 0.0.0.0:0 is reached from other machines.*insecure.listen.enable"
expect "nothing is listened at" "" "$(listening)"
expect "local commands work" 0 "$(code topic create t)"
bobbin broker stop -q
expect "in the foreground" 1 "$(code broker start --foreground)"
says "insecure.listen.enable"
echo 'insecure.listen.enable = true' >> "$BOBBIN_DIR/bobbin.toml"
expect "with them" 0 "$(code broker start)"
says "WARNING: broker 1 listens at 0.0.0.0"
expect "it listens" 0.0.0.0 "$(listening)"
bobbin broker stop -q
echo 'listeners = "no-such-host.invalid:0"' > "$BOBBIN_DIR/bobbin.toml"
expect "a name without an address" 1 "$(code broker start)"
says "no-such-host.invalid"
bobbin broker stop -q
rm "$BOBBIN_DIR/bobbin.toml"
expect "as --set" 1 "$(code broker start --set listeners=0.0.0.0:0)"
bobbin broker stop -q
expect "as --set, with the words" 0 "$(code broker start --set listeners=0.0.0.0:0 --set insecure.listen.enable=true)"
expect "it listens" 0.0.0.0 "$(listening)"
bobbin broker stop -q

echo "-- several brokers, each a port above"
expect "three" 0 "$(code broker start -n 3 --listen 127.0.0.1:0)"
free=$(addresses | tr ',' '\n' | sed 's/.*://' | sort -n | tail -n 1)
bobbin broker stop -q
if (( free < 65000 )); then
  result=$(code broker start -n 3 --listen "localhost:$((free + 10))")
  if (( result == 0 )); then
    expect "ports" "$((free + 10)) $((free + 11)) $((free + 12))" "$(addresses | tr ',' '\n' | sed 's/.*://' | sort -un | xargs)"
  fi
fi
