#!/usr/bin/env bash
# full_disk.sh PROGRAM: a disk that fills up is told, costs nothing that was acknowledged, and is used again when there is room.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

mkdir "$work/small"
mount -t tmpfs -o size=16m tmpfs "$work/small" 2> /dev/null || skip "no small tmpfs can be mounted here"
export BOBBIN_DIR=$work/small/cluster
unmount() {
  local result=$?
  bobbin broker stop > /dev/null 2>&1 || true
  umount -l "$work/small" || true
  return "$result"
}
trap 'unmount && clean_up || clean_up' EXIT

seq 1000 | bobbin produce t -q || fail "the first lines are not taken"
head -c 30000000 /dev/zero | tr '\0' x | fold -w 100 > "$work/much"
result=0
bobbin produce t -q < "$work/much" 2> "$work/err" || result=$?
case $result in 1 | 3) ;; *) fail "a full disk ended with $result: $(cat "$work/err")" ;; esac
grep -q 'full' "$work/err" || fail "the words are: $(cat "$work/err")"
acked=$(sed -n 's/^bobbin: \([0-9]*\) of .*/\1/p' "$work/err")
[ -n "$acked" ] || fail "no count: $(cat "$work/err")"

bobbin consume t -e -q > "$work/read"
seq 1000 > "$work/wanted"
head -n 1000 "$work/read" > "$work/first"
same "what was there before" "$work/wanted" "$work/first"
[ "$(wc -l < "$work/read")" -ge $((acked + 1000)) ] || fail "$acked were acknowledged, $(wc -l < "$work/read") are there"

bobbin broker status > "$work/status" || fail "the broker has died: $(cat "$work/status")"

# The order to stop finds no room either: the brokers end all the same, and the exit code says that it is not kept.
head -c 20000000 /dev/zero > "$work/small/fill" 2> /dev/null || true
result=0
bobbin broker stop -q 2> "$work/err" || result=$?
[ "$result" = 1 ] || fail "broker stop on a full disk ended with $result: $(cat "$work/err")"
grep -q 'not recorded' "$work/err" || fail "the words are: $(cat "$work/err")"
bobbin broker status > "$work/status" && fail "it runs on: $(cat "$work/status")"
rm "$work/small/fill"

bobbin topic delete t -q
seq 1000 > "$work/wanted"
eventually 20 bobbin produce u -q -l "$work/wanted" || fail "nothing is taken though there is room"
