#!/usr/bin/env bash
# limits.sh PROGRAM: a broker has limits, priorities and a umask of its own, whoever started it; and what no broker can lift, or
# a disk refuses, is told by its name to those who feel it.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

if is_sanitized; then skip "a sanitizer does not start under such limits"; fi

echo "-- whoever started it"
attributes() {
  local pid=$1
  echo "nice $(cut -d ' ' -f 19 "/proc/$pid/stat") policy $(cut -d ' ' -f 41 "/proc/$pid/stat") oom $(cat "/proc/$pid/oom_score_adj")"
  grep -E '^(Umask|Cpus_allowed):' "/proc/$pid/status"
  echo "slack $(cat "/proc/$pid/timerslack_ns")"
  if command -v ionice > /dev/null; then ionice -p "$pid"; fi
  tail -n +2 "/proc/$pid/limits" | cut -c 1-46 | grep -v core
}
bobbin broker start -q
attributes "$(broker_pid)" > "$work/usual"
bobbin broker stop -q
rm -rf "$BOBBIN_DIR"
odd=(env)
if [ "$(id -u)" = 0 ]; then
  odd+=(nice -n 5)
  command -v ionice > /dev/null && odd+=(ionice -c 3)
  command -v chrt > /dev/null && odd+=(chrt -b 0)
fi
command -v taskset > /dev/null && odd+=(taskset -c 0)
(
  umask 0777
  ulimit -Sn 300; ulimit -Sf 2000; ulimit -Ss 1024; ulimit -Sd 4000000; ulimit -Su 20000; ulimit -Sl 64
  [ "$(id -u)" != 0 ] || echo 321 > /proc/self/oom_score_adj
  exec "${odd[@]}" "$program" topic create first -q
)
attributes "$(broker_pid)" > "$work/odd"
same "limits, priorities, processors and umask" "$work/usual" "$work/odd"
expect "what the first caller's umask made of the files" "700 600 600" \
  "$(stat -c %a "$BOBBIN_DIR/metadata" "$BOBBIN_DIR/starter.lock" "$BOBBIN_DIR/metadata/meta.properties" | paste -sd ' ')"
seq 300000 | bobbin produce t -q || fail "the limit of the first caller is the broker's"
bobbin broker stop -q

echo "-- a limit that cannot be lifted: EFBIG"
(
  ulimit -f 1000
  exec "$program" broker start -q
)
grep -q 'limits of whoever started this broker.*1024000 bytes a file (ulimit -f)' "$BOBBIN_DIR/broker-1.log" || fail "the log does not tell of the limit"
bobbin topic create small -q
# refused WHAT WORDS...: the producer and the broker's log tell of it in these words, and nothing blames anything else
refused() {
  local what=$1 result=0
  shift
  seq -f '%060.0f' 60000 | timeout 100 "$program" produce "$what" -q 2> "$work/err" || result=$?
  expect "$what: exit code: $(cat "$work/err")" 1 "$([ "$result" = 3 ] && echo 1 || echo "$result")"
  for word in "$@"; do
    grep -q "$word" "$work/err" || fail "$what: the producer does not say '$word': $(cat "$work/err")"
    [ "$word" = "larger files" ] || grep -q "$word" "$BOBBIN_DIR/broker-1.log" || fail "$what: the log does not say '$word'"
  done
  for word in 'is full' 'quota' 'larger files' 'read-only' 'no right'; do
    [[ " $* " == *"$word"* ]] || ! grep -q "$word" "$work/err" || fail "$what: it says '$word': $(cat "$work/err")"
  done
}
refused small 'File too large' 'ulimit -f' 'larger files'
bobbin broker stop -q
bobbin broker start -q
seq 10 | bobbin produce small -q || fail "a broker without the limit takes records again"
bobbin broker stop -q

[ "$(id -u)" = 0 ] || { echo "no root: read-only and full disks are not tried"; exit 0; }
mkdir "$work/disk"
mount -t tmpfs -o size=16m tmpfs "$work/disk" 2> /dev/null || { echo "no tmpfs can be mounted: read-only and full disks are not tried"; exit 0; }
unmount() {
  local result=$?
  mount -o remount,rw "$work/disk" || true
  bobbin broker stop > /dev/null 2>&1 || true
  umount -l "$work/disk" || true
  return "$result"
}
trap 'unmount && clean_up || clean_up' EXIT

echo "-- a file system that becomes read-only: EROFS"
export BOBBIN_DIR=$work/disk/cluster
seq 10 | bobbin produce full -q
bobbin topic create ro -q
mount --bind "$work/disk" "$work/disk"
mount -o remount,bind,ro "$work/disk" || { echo "it cannot be made read-only here"; exit 0; }
refused ro 'Read-only file system' 'read-only'
expect "what is there is read" 10 "$(bobbin consume full -e -q | wc -l)"
result=0
bobbin broker start 2 > "$work/err" 2>&1 || result=$?
expect "a second broker: exit code" 1 "$result"
grep -q 'Read-only file system' "$work/err" || fail "the words are: $(cat "$work/err")"
umount "$work/disk"
seq 10 | bobbin produce ro -q || fail "a file system that is writable again takes records"

echo "-- rights that are missing: EACCES"
if command -v setpriv > /dev/null; then
  chmod a+rx "$work"
  mkdir -m 700 "$work/nobody"
  chown 65534:65534 "$work/nobody"
  root_dir=$BOBBIN_DIR
  export BOBBIN_DIR=$work/nobody/cluster
  nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$program" "$@"; }
  nobody topic create rights -q
  chmod a-w "$BOBBIN_DIR/broker-1"
  program_of_root=$program
  echo "exec setpriv --reuid 65534 --regid 65534 --clear-groups '$program' \"\$@\"" | cat <(echo '#!/bin/sh') - > "$work/as-nobody"
  chmod a+rx "$work/as-nobody"
  program=$work/as-nobody
  refused rights 'Permission denied' 'no right'
  chmod u+w "$BOBBIN_DIR/broker-1"
  seq 10 | bobbin produce rights -q || fail "with the right to write it takes records"
  bobbin broker stop -q
  program=$program_of_root
  export BOBBIN_DIR=$root_dir
fi

echo "-- a full disk: ENOSPC"
seq -f '%0100.0f' 200000 > "$work/much"
result=0
bobbin produce full -q < "$work/much" 2> "$work/err" || result=$?
grep -q 'the disk of broker 1 is full' "$work/err" || fail "the words are: $(cat "$work/err")"
grep -q 'No space left on device' "$work/err" || fail "the words are: $(cat "$work/err")"
echo "all is well"
