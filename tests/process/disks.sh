#!/usr/bin/env bash
# disks.sh PROGRAM: brokers whose folders are on disks of their own. A disk that is not mounted: its broker is dead, nothing is made
# in its place, the topic goes on with the others, and every record is there when it is back. A disk that is lost, one that is
# mounted elsewhere, a folder that was removed. As root with disks that are mounted (tmpfs, in a mount namespace of its
# own); else what lies on them is moved away.
if [ "${DISKS_INSIDE:-}" != yes ] && [ "$(id -u)" = 0 ] && unshare -m true 2> /dev/null; then
  DISKS_INSIDE=yes exec unshare -m --propagation private "$0" "$@"
fi
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/replicas.sh
. "$(dirname "$0")/../tools/replicas.sh"
cd "$work" || exit 1

# --- disks

mounted=no
probe_mounts() {
  mkdir probe
  mount -t tmpfs -o size=1m none probe 2> /dev/null || return 0
  umount probe
  mounted=yes
}
[ "${DISKS_INSIDE:-}" = yes ] && probe_mounts
echo "disks are mounted: $mounted"
# disk NAME [SIZE]
disk() {
  mkdir "$1"
  if [ $mounted = yes ]; then mount -t tmpfs -o "size=${2:-64m},mode=700" none "$1"; fi
}
# What is on it is out of sight, and its mount point is empty.
take_away() {
  mkdir -p "away-$1"
  if [ $mounted = yes ]; then mount --move "$1" "away-$1"; else mv "$1"/* "away-$1/"; fi
}
bring_back() { if [ $mounted = yes ]; then mount --move "away-$1" "${2:-$1}"; else mv "away-$1"/* "${2:-$1}/"; fi; }
is_empty() { [ -z "$(ls -A "$1")" ]; }

leave_disks() {
  local result=$? at
  set +e
  "$program" broker stop -q --dir "$BOBBIN_DIR" 2> /dev/null
  for at in d2 d3 new other full away-d2 away-d3; do umount -l "$work/$at" 2> /dev/null; done
  (exit "$result")
  clean_up
}
trap leave_disks EXIT

# status JQ: of brokers of which not all run
status() { { bobbin broker status -q --output json || true; } | jq -r "$1"; }
# misses BROKER WORDS: the last command said it of this broker
misses() { says "broker $1: its folder $(realpath d2)/bobbin-.*-broker-$1 $2"; }
all_read() { expect "$1" "$(seq "$2")" "$(bobbin consume t -o beginning -e -q | sort -n)"; }

echo "-- brokers are added"
disk d2
disk d3
expect "the first one, which founds the cluster" 0 "$(code bobbin broker add)"
says "added broker 1: its folder is $BOBBIN_DIR/broker-1"
expect "one with a disk" 0 "$(code bobbin broker add --data d2)"
says "added broker 2: its folder is $work/d2/bobbin-.*-broker-2"
if [ $mounted = yes ]; then ! grep -q WARNING err || fail "a disk of its own is taken for a shared one: $(cat err)"
else says "WARNING: brokers 1 and 2 are on one disk"; fi
bobbin broker add -q 3 --data "$work/d3"
expect "who may look in" 700 "$(stat -Lc %a "$BOBBIN_DIR/broker-2")"
expect "they run" "running running running" "$(status '[.[].state] | join(" ")')"
expect "where one is that is not elsewhere" null "$(status '.[0].elsewhere')"
expect "where one is that is" "$work/d2" "$(dirname "$(status '.[1].elsewhere')")"
bobbin topic create t -q -r 3 -c min.insync.replicas=2
if [ $mounted = yes ]; then
  expect "disks" 3 "$(bobbin topic describe t --output json | jq '.[0].disks')"
  bobbin topic describe t | grep -q 'kept while fewer than 2 disks are lost' || fail "what can be lost: $(bobbin topic describe t)"
else
  expect "disks" 1 "$(bobbin topic describe t --output json | jq '.[0].disks')"
  bobbin topic describe t | grep -q 'all copies lie on one disk' || fail "what can be lost: $(bobbin topic describe t)"
  expect "start warns" 0 "$(code bobbin broker start)"
  says "WARNING: brokers 1, 2 and 3 are on one disk"
fi
seq 100 | bobbin produce t -q
await_in_sync 3

echo "-- a disk is away"
bobbin broker stop -q 2
take_away d2
expect "start" 1 "$(code bobbin broker start)"
misses 2 "is not there .*: is the disk mounted?"
says "broker 1 runs already"
expect "start of this one" 1 "$(code bobbin broker start 2)"
misses 2 "is not there"
expect "in the foreground" 1 "$(code timeout 30 "$program" broker start 2 --foreground)"
misses 2 "is not there"
expect "status" 1 "$(code bobbin broker status --output json)"
misses 2 "is not there"
expect "what status shows" "stopped not there" "$(jq -r '.[1] | "\(.state) \(.disk)"' out)"
seq 101 200 | bobbin produce t -q || fail "produce ends with $?"
in_sync 2 || fail "in sync are $(field isr)"
all_read "with the others" 200
bobbin broker stop -q
expect "a command that starts brokers" 0 "$(seq 201 300 | code bobbin produce t)"
misses 2 "is not there"
expect "is told once" 1 "$(grep -c 'broker 2' err)"
expect "its broker" "running stopped running" "$(status '[.[].state] | join(" ")')"
is_empty d2 || fail "something was made in its place: $(find d2)"

echo "-- the others die, and are started again by who needs them"
mkfifo pipe
"$program" produce t < pipe 2> err & writer=$!
started+=("$writer")
exec 7> pipe
seq 301 350 >&7
has_records() { [ "$(bobbin consume t -o beginning -e -q | wc -l)" -ge "$1" ]; }
eventually 20 has_records 350 || fail "not there: $(cat err)"
one=$(status ".[0].pid") three=$(status ".[2].pid")
kill -KILL "$one" "$three"
eventually 10 is_gone "$one" || fail "broker 1 lives"
eventually 10 is_gone "$three" || fail "broker 3 lives"
seq 351 400 >&7
exec 7>&-
wait "$writer" || fail "produce ends with $?: $(cat err)"
expect "is told once" 1 "$(grep -c 'broker 2: its folder' err)"
eventually 20 has_records 400 || fail "not there"
is_empty d2 || fail "something was made in its place: $(find d2)"

echo "-- an empty disk in its place"
folder=$(readlink "$BOBBIN_DIR/broker-2")
mkdir "$folder"
expect "start" 1 "$(code bobbin broker start)"
misses 2 "has no meta.properties"
is_empty "$folder" || fail "something was made in its place: $(find "$folder")"
rmdir "$folder"

echo "-- it is back"
bring_back d2
expect "start" 0 "$(code bobbin broker start)"
await_in_sync 3
await_same_copies
all_read "all records" 400

echo "-- the disk of one that runs goes"
pid=$(status ".[1].pid")
take_away d2
eventually 10 is_gone "$pid" || fail "broker 2 lives on without its folder"
seq 401 500 | bobbin produce t -q || fail "produce ends with $?"
eventually 10 in_sync 2 || fail "in sync are $(field isr)"
is_empty d2 || fail "something was made in its place: $(find d2)"
bring_back d2
bobbin broker start -q
await_in_sync 3
all_read "all records" 500

echo "-- it is mounted elsewhere now"
bobbin broker stop -q 2
take_away d2
mkdir other
bring_back d2 other
expect "added without a folder" 1 "$(code bobbin broker add 2 --data d3)"
misses 2 "is not there"
expect "to begin anew beside it" 1 "$(code bobbin broker add 2 --data other --replace)"
says "without --replace it is taken as it is"
expect "taken as it is" 0 "$(code bobbin broker add 2 --data other)"
await_in_sync 3
! grep -q DAMAGED "$BOBBIN_DIR/broker-2.log" || fail "it is taken for another one: $(grep DAMAGED "$BOBBIN_DIR/broker-2.log")"

echo "-- it is lost"
bobbin topic create alone -q -p 3  # of one copy: one of these partitions lies there
alone=alone-$(bobbin topic describe alone --output json | jq '.[0].partitions[] | select(.replicas == [2]) | .partition')
bobbin broker stop -q 2
if [ $mounted = yes ]; then umount other; else rm -rf other/*; fi
seq 501 600 | bobbin produce t -q
disk new
expect "begins anew" 0 "$(code bobbin broker add 2 --data new --replace)"
says "WARNING: broker 2 alone had everything of $alone: what no other broker has is lost"
await_in_sync 3
await_same_copies
all_read "all records" 600

echo "-- a folder in the cluster's directory was removed while its broker was down"
bobbin broker stop -q 1
rm -rf "$BOBBIN_DIR/broker-1"
expect "status knows it" "stopped running running" "$(status '[.[].state] | join(" ")')"
expect "start" 0 "$(code bobbin broker start)"
says "broker 1: its folder $BOBBIN_DIR/broker-1 is gone"
await_in_sync 3
await_same_copies
all_read "all records" 600
bobbin broker stop -q
rm -rf "$BOBBIN_DIR/broker-1"
expect "one that a command starts, too" "$(seq 600)" "$(bobbin consume t -o beginning -e -q | sort -n)"
await_in_sync 3

echo "-- what is refused leaves nothing behind"
before=$(ls -A "$BOBBIN_DIR" d3)
refused() { local what=$1 wanted=$2 words=$3; shift 3; expect "$what" "$wanted" "$(code bobbin broker add "$@")"; says "$words"; }
refused "one that exists" 1 'broker 3 exists already: .bobbin broker start 3.' 3
refused "one that runs" 1 'broker 3 exists already, and runs' 3 --data d3 --replace
refused "a disk that is not there" 1 'is not there: make it, or mount its disk' --data nowhere
refused "a file" 1 'is not a directory' --data err
refused "the cluster's directory" 2 'lies in the directory of the cluster' --data "$BOBBIN_DIR"
refused "none to replace" 1 'there is no broker 9' 9 --data d3 --replace
refused "--replace alone" 2 'needs the broker' 3 --replace
refused "two at once" 2 'one broker is added at a time' 4 5
mkdir open
chmod 777 open
refused "where everybody may write" 1 'everybody may write there' --data open
if [ $mounted = yes ]; then
  disk full 64k
  cat /dev/zero > full/x 2> /dev/null || true
  refused "a full disk" 1 'No space left' --data full
  expect "what is on it" x "$(ls -A full)"
fi
expect "what is there" "$before" "$(ls -A "$BOBBIN_DIR" d3)"

echo "-- added, and not started; two at the same time"
expect "added" 0 "$(code bobbin broker add --no-start --data d3)"
says '.bobbin broker start 4. starts it'
expect "state" stopped "$(status ".[3].state")"
bobbin broker add -q & first=$!
bobbin broker add -q & second=$!
wait "$first" || fail "the first ends with $?"
wait "$second" || fail "the second ends with $?"
expect "brokers" "1 2 3 4 5 6" "$(status '[.[].id] | join(" ")')"
expect "start" 0 "$(code bobbin broker start)"
expect "all run" 0 "$(code bobbin broker status)"
echo "all is well"
