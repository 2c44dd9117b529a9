#!/usr/bin/env bash
# places.sh PROGRAM: what becomes of a broker whose directory is removed or moved, whose socket a cleaner took, and of commands
# whose working directory or /proc is gone.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
cd "$work" || exit 1

state_of() { sed -n "s/^$1=//p" "$BOBBIN_DIR/broker-${2:-1}.state"; }
all_gone() { local pid; for pid in "$@"; do is_gone "$pid" || return 1; done; }

echo "-- rm -rf: it succeeds, the brokers end, and nothing comes back"
# removed WHAT PID...
removed() {
  local what=$1
  shift
  rm -rf "$BOBBIN_DIR" 2> err || fail "$what: $(cat err); left: $(find "$BOBBIN_DIR" | tr '\n' ' ')"
  eventually 10 all_gone "$@" || fail "$what: a broker lives on"
  sleep 0.2
  [ ! -e "$BOBBIN_DIR" ] || fail "$what: it is there again: $(find "$BOBBIN_DIR" | tr '\n' ' ')"
}
for i in 1 2 3 4; do
  export BOBBIN_DIR=$work/three-$i
  bobbin broker start -q -n 3 --listen 127.0.0.1:0
  echo hi | bobbin produce t -q
  removed "three with listeners" "$(state_of pid 1)" "$(state_of pid 2)" "$(state_of pid 3)"
done
for i in 1 2 3; do
  export BOBBIN_DIR=$work/written-$i
  bobbin topic create t -q -c segment.bytes=1MiB
  pid=$(state_of pid)
  seq 100000000000 | "$program" produce t -q 2> writer & writer=$!
  "$program" consume t -q > /dev/null 2> reader & reader=$!
  started+=("$writer" "$reader")
  segments() { [ "$(find "$BOBBIN_DIR/broker-1" -path '*/t-0/*.log' | wc -l)" -ge "$1" ]; }
  eventually 20 segments 4 || fail "nothing is written: $(cat writer)"
  removed "one that is written and read" "$pid"
  eventually 20 all_gone "$writer" "$reader" || fail "commands wait for a directory that is gone"
  result=0
  wait "$writer" || result=$?
  wanted=1
  if grep -q 'bobbin: 0 of ' writer; then wanted=3; fi  # the first answer was still on its way
  expect "the writer: $(cat writer)" $wanted "$result"
  grep -q 'is gone' writer || fail "the writer says: $(cat writer)"
  result=0
  wait "$reader" || result=$?
  (( result == 1 || result == 3 )) || fail "the reader: $result: $(cat reader)"
done
export BOBBIN_DIR=$work/large
head -c 250000000 /dev/zero | tr '\0' x | fold -w 1000 | bobbin produce t -q
sleep 1.5
removed "much to remove" "$(state_of pid)"

echo "-- rm -rf beside commands that start brokers: it succeeds"
# Each of them may begin anew, in a new directory, once the old one has gone.
again_and_again() { until [ -e enough ]; do "$program" "$@" -q --timeout 2s > /dev/null 2>&1 < lines || true; done; }
seq 10 > lines
for i in $(seq 8); do
  export BOBBIN_DIR=$work/started-$i
  bobbin produce t -q < lines
  pid=$(state_of pid)
  beside=()
  again_and_again topic list & beside+=("$!")
  again_and_again produce t & beside+=("$!")
  "$program" consume t -q --timeout 2s > /dev/null 2>&1 & beside+=("$!")  # may go on in a new one, too
  started+=("${beside[@]}")
  sleep "0.$((RANDOM % 4))"
  kill -KILL "$pid"
  sleep "0.0$((RANDOM % 10))"
  rm -rf "$BOBBIN_DIR" 2> err || fail "$(cat err); left: $(find "$BOBBIN_DIR" | tr '\n' ' ')"
  touch enough
  kill "${beside[2]}" 2> /dev/null || true
  for pid in "${beside[@]}"; do
    eventually 20 is_gone "$pid" || fail "a command waits for a directory that is gone"
    wait "$pid" || true
  done
  rm enough
  bobbin broker stop -q
  rm -rf "$BOBBIN_DIR"
done

echo "-- moved away"
export BOBBIN_DIR=$work/moved
bobbin broker start -q -n 2
seq 10 | bobbin produce t -q
first=$(state_of pid 1) second=$(state_of pid 2)
mv moved/broker-2 broker-2
eventually 10 is_gone "$second" || fail "a broker whose folder is moved away lives on"
! is_gone "$first" || fail "the other one ended, too"
mv broker-2 moved/broker-2
mv moved elsewhere
eventually 10 is_gone "$first" || fail "a broker whose cluster is moved away lives on"
export BOBBIN_DIR=$work/elsewhere
expect "in its new place" "$(seq 10)" "$(bobbin consume t -e -q)"

echo "-- removed while somebody waits for records"
export BOBBIN_DIR=$work/waited
"$program" broker start -q --foreground > foreground 2>&1 & foreground=$!
started+=("$foreground")
is_there() { bobbin broker status -q > /dev/null 2>&1; }
eventually 10 is_there || fail "in the foreground: $(cat foreground)"
bobbin topic create t -q
"$program" consume t -q > /dev/null 2>&1 & reader=$!
started+=("$reader")
sleep 0.5
removed "one that holds a request" "$foreground"
result=0
wait "$foreground" || result=$?
expect "it ends in order: $(cat foreground)" 0 "$result"
export BOBBIN_DIR=$work/elsewhere

echo "-- without its lock a second one could be let in"
pid=$(state_of pid)
rm elsewhere/broker-1/.lock
eventually 10 is_gone "$pid" || fail "it lives on"
expect "the records" "$(seq 10)" "$(bobbin consume t -e -q)"
bobbin broker stop -q

# back DIR: the socket comes back by itself, the broker is the same, and who was connected stays so
back() {
  export BOBBIN_DIR=$1
  bobbin broker start -q
  seq 3 | bobbin produce t -q
  local pid socket
  pid=$(state_of pid)
  "$program" consume t -q -o end > follower 2>&1 & started+=("$!")
  connected() { [ "$(find "/proc/$!/fd" -lname 'socket:*' | wc -l)" -ge 1 ]; }
  eventually 10 connected || fail "the follower does not start"
  sleep 0.3
  socket=$(cd "$BOBBIN_DIR" && echo broker-1.sock)
  rm "$BOBBIN_DIR/$socket"
  expect "records while there is none" "$(seq 3)" "$(bobbin consume t -e -q --timeout 20s)"
  [ -S "$BOBBIN_DIR/$socket" ] || fail "there is no socket"
  expect "whose it is" 600 "$(stat -c %a "$BOBBIN_DIR/$socket")"
  expect "who runs" "$pid" "$(broker_pid)"
  # The next one takes the place of what a dead one left.
  pid=$(broker_pid)
  kill_broker
  expect "a new one" "$(seq 3)" "$(bobbin consume t -e -q --timeout 20s)"
  [ "$pid" != "$(broker_pid)" ] || fail "it is the old one"
  pid=$(broker_pid)
  rm "$BOBBIN_DIR/$socket"
  expect "records while that one has none" "$(seq 3)" "$(bobbin consume t -e -q --timeout 20s)"
  expect "who runs" "$pid" "$(broker_pid)"
  echo 4 | bobbin produce t -q
  followed() { grep -qx 4 follower; }
  eventually 10 followed || fail "who was connected is so no more: $(cat follower)"
  grep -q 'socket: it is made anew' "$BOBBIN_DIR/broker-1.log" || fail "nobody tells"
  rm "$BOBBIN_DIR/$socket"
  expect "once more" "$(seq 4)" "$(bobbin consume t -e -q --timeout 20s)"
  kill "$!"
  bobbin broker stop -q
  [ ! -e "$BOBBIN_DIR/$socket" ] || fail "the socket stays"
}
echo "-- a socket that vanished"
back "$work/c"
long=$work/$(printf 'a-long-name%.0s' $(seq 12))
mkdir "$long"
back "$long/c"
export BOBBIN_DIR=$work/c
bobbin broker start -q
grep -qF " $(realpath "$BOBBIN_DIR")/broker-1.sock" /proc/net/unix || fail "it is not bound under its path: $(grep -F broker-1.sock /proc/net/unix)"
if command -v systemd-tmpfiles > /dev/null && [ "$(id -u)" = 0 ]; then
  pid=$(broker_pid)
  sleep 3.2
  echo "d $work/c 0700 - - 3s" > tmpfiles.conf
  systemd-tmpfiles --clean tmpfiles.conf > /dev/null 2>&1 || true
  expect "after a cleaner of old files" "$(seq 4)" "$(bobbin consume t -e -q --timeout 5s)"
  expect "who runs" "$pid" "$(broker_pid)"
fi
bobbin broker stop -q

echo "-- a working directory that was removed"
mkdir gone; cd gone || exit 1; rmdir "$work/gone"
for command in "--dir mycluster broker status" "--dir mycluster topic list --no-start" "--dir ./x produce t" "--dir ../y broker start" "--dir mycluster broker start --foreground"; do
  result=0
  # shellcheck disable=SC2086
  echo x | timeout 20 "$program" $command > "$work/err" 2>&1 || result=$?
  expect "$command: exit code" 1 "$result"
  grep -q 'working directory is gone' "$work/err" || fail "$command: $(cat "$work/err")"
done
result=0
BOBBIN_DIR=mycluster bobbin topic list > "$work/err" 2>&1 || result=$?
expect "BOBBIN_DIR: exit code" 1 "$result"
for made in /mycluster /x /y; do [ ! -e "$made" ] || fail "a cluster was made: $made"; done
expect "an absolute directory" "$(seq 4)" "$(bobbin consume t -e -q)"
bobbin broker stop -q
cd "$work" || exit 1

echo "-- without /proc"
if is_sanitized; then
  echo "a sanitizer needs /proc: not tried"
elif [ "$(id -u)" = 0 ] && unshare -m mount -t tmpfs none /proc 2> /dev/null; then
  bare() { unshare -m bash -c 'mount -t tmpfs none /proc; exec "$@"' bare "$program" "$@"; }
  export BOBBIN_DIR=$work/bare
  seq 3 | bare produce t -q 2> err || fail "a new cluster: $(cat err)"
  expect "a broker that runs" "$(seq 3)" "$(bare consume t -e -q 2> err || cat err)"
  expect "from where there is a /proc" "$(seq 3)" "$(bobbin consume t -e -q 2> err || cat err)"
  bobbin broker stop -q
  seq 3 | bobbin produce t -q
  expect "a broker that was started with it" 6 "$(bare consume t -e -q | wc -l)"
  bobbin broker stop -q
  (cd "$(dirname "$program")" && unshare -m bash -c 'mount -t tmpfs none /proc; exec "$@"' bare "./$(basename "$program")" topic list > /dev/null) ||
    fail "a program that was called by a relative path"
  bobbin broker stop -q
  result=0
  bare --dir "$long/bare" topic list 2> err || result=$?
  expect "a path that is too long: exit code" 1 "$result"
  grep -q '/proc' err || fail "a path that is too long: $(cat err)"
else
  echo "needs root and mounts: not tried"
fi
echo "all is well"
