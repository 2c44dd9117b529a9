#!/usr/bin/env bash
# strangers_dir.sh PROGRAM: directories that others may write to, or own: nothing is sent to who is not the cluster's, no
# process but a broker is signalled, nothing is founded in another's hands, and a stranger's file is not obeyed.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
[ "$(id -u)" = 0 ] || skip "needs root, to be two users"

nobody=65533
# in_background WORD ARGUMENT...: stranger.py, until it says WORD; sets $pid.
in_background() {
  local word=$1
  shift
  : > "$work/background"
  python3 "$(dirname "$0")/stranger.py" "$@" > "$work/background" 2>&1 &
  pid=$!
  started+=("$pid")
  eventually 10 grep -q "$word" "$work/background" || fail "$*: $(cat "$work/background")"
}
# code ARGUMENT...: the exit code of the program; what it says is in $work/err
code() { timeout 60 "$program" "$@" > "$work/out" 2> "$work/err" && echo 0 || echo $?; }
chmod 755 "$work"
mkdir "$work/bin" && cp "$program" "$work/bin/bobbin" && chmod 755 "$work/bin/bobbin"
code_as_nobody() {
  timeout 60 setpriv --reuid=$nobody --regid=$nobody --clear-groups env -C / "$work/bin/bobbin" "$@" > "$work/out" 2> "$work/err" && echo 0 || echo $?
}

echo "-- who answers at the socket is not the owner of the directory"
echo x | bobbin produce -q t
broker=$(broker_pid)
chmod 777 "$BOBBIN_DIR"
in_background sits $nobody sit "$BOBBIN_DIR/broker-1.sock" "$work/heard"
touch "$work/heard" && chmod 666 "$work/heard"
for command in "topic list" "consume t -e" "produce t" "broker config" "broker status"; do
  # shellcheck disable=SC2086  # words
  expect "$command" 1 "$(echo secret | code $command)"
  says "uid $nobody answers"
done
expect "it heard nothing" "" "$(cat "$work/heard")"
expect "the broker is stopped all the same" 0 "$(code broker stop)"
is_gone "$broker" || fail "it runs"
kill "$pid"
rm -f "$BOBBIN_DIR/broker-1.sock"
chmod 700 "$BOBBIN_DIR"

echo "-- a state file that tells of another process"
sleep 300 &
bystander=$!
started+=("$bystander")
lie() {
  printf 'pid=%s\nstart_time=%s\nstarted_by_person=true\naddress=\nversion=1\n' "$bystander" "$(cut -d' ' -f22 "/proc/$bystander/stat")" > "$BOBBIN_DIR/broker-1.state"
}
bobbin broker start -q
broker=$(broker_pid)
lie
expect "status finds the broker" "$broker" "$(broker_pid)"
expect "stop ends the broker" 0 "$(code broker stop)"
is_gone "$broker" || fail "it runs"
is_gone "$bystander" && fail "another process was ended"
lie
in_background holds 0 hold "$BOBBIN_DIR/broker-1/.lock"
expect "a lock that no broker holds" 3 "$(code broker stop --timeout 1s)"
says "by no process that is a bobbin"
expect "start --listen signals nobody either" 0 "$(kill -0 "$bystander"; code broker start --timeout 1s > /dev/null; kill -0 "$bystander"; echo $?)"
is_gone "$bystander" && fail "another process was ended"
is_gone "$pid" && fail "who held the lock was ended"
kill "$pid" && wait_for_end "$pid"
rm -f "$BOBBIN_DIR/stopped"
# A program that is called bobbin, of ours, and that is no broker of this cluster.
mkdir "$work/other"
BOBBIN_DIR=$work/other/c bobbin broker start -q
other=$(BOBBIN_DIR=$work/other/c broker_pid)
printf 'pid=%s\nstart_time=%s\nstarted_by_person=false\naddress=\nversion=1\n' "$other" "$(cut -d' ' -f22 "/proc/$other/stat")" > "$BOBBIN_DIR/broker-1.state"
in_background holds 0 hold "$BOBBIN_DIR/broker-1/.lock"
expect "a broker of another cluster" 3 "$(code broker stop --timeout 1s)"
is_gone "$other" && fail "the other cluster's broker was ended"
kill "$pid" && wait_for_end "$pid"
BOBBIN_DIR=$work/other/c bobbin broker stop -q

echo "-- founding"
# refused WHAT DIR WORDS: as root, and nothing is left there
refused() {
  expect "$1" 1 "$(code --dir "$2" topic list)"
  says "$3"
  expect "$1, by broker start" 1 "$(code --dir "$2" broker start)"
  expect "$1, in the foreground" 1 "$(code --dir "$2" broker start --foreground)"
  [ -z "$(ls -A "$2" 2> /dev/null)" ] || fail "$1: something was made: $(ls -A "$2")"
}
mkdir "$work/theirs" "$work/open" "$work/sticky" "$work/group" "$work/open-above"
chown $nobody:$nobody "$work/theirs"
chmod 777 "$work/open" "$work/open-above"
chmod 1777 "$work/sticky"
chown 0:$nobody "$work/group" && chmod 770 "$work/group"
refused "another's directory" "$work/theirs" "another user\|belongs to uid $nobody"
refused "one that everybody may write to" "$work/open" "everybody may write"
refused "a new one in such" "$work/open-above/c" "everybody may write"
expect "a sticky one" 0 "$(code --dir "$work/sticky" topic list)"
says "everybody may write to $work/sticky"
expect "one that a group may change" 0 "$(code --dir "$work/group" topic list)"
says "gid $nobody"
bobbin --dir "$work/sticky" broker stop -q
bobbin --dir "$work/group" broker stop -q
mkdir "$work/roots" && chmod 777 "$work/roots"
expect "root's, to another user" 1 "$(code_as_nobody --dir "$work/roots" broker start)"
says "belongs to uid 0"
expect "a new one in /tmp's kind of directory" 0 "$(code_as_nobody --dir "$work/sticky/new" broker start)"
expect "its owner" $nobody "$(stat -c %u "$work/sticky/new")"
expect "root stops another's broker" 0 "$(code --dir "$work/sticky/new" broker stop)"
expect "the order is its owner's" $nobody "$(stat -c %u "$work/sticky/new/stopped")"

echo "-- a stranger's bobbin.toml"
mkdir "$work/toml" && chmod 1777 "$work/toml"
echo 'num.partitions = 7' > "$work/toml/bobbin.toml"
chown $nobody "$work/toml/bobbin.toml"
expect "it is not read" 1 "$(code --dir "$work/toml" broker start)"
says "belongs to uid $nobody: not read"
chown 0 "$work/toml/bobbin.toml" && chmod 666 "$work/toml/bobbin.toml"
expect "nor one that everybody may write" 1 "$(code --dir "$work/toml" broker start)"
says "chmod o-w"
chmod 644 "$work/toml/bobbin.toml"
expect "ours is" 0 "$(code --dir "$work/toml" broker start)"
expect "it has its effect" 7 "$(bobbin --dir "$work/toml" broker config --output json | jq -r '.[] | select(.name == "num.partitions") | .value')"
bobbin --dir "$work/toml" broker stop -q
