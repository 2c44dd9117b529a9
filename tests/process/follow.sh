#!/usr/bin/env bash
# follow.sh PROGRAM: consumers that follow what a producer writes, reading on as far as their broker shows. Whatever becomes
# of segments, topic, broker or consumer meanwhile: what is printed is complete and in order, or its end is told, and
# nothing is left behind.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

mkdir -p "$BOBBIN_DIR"
echo '"log.retention.check.interval.ms" = 200' > "$BOBBIN_DIR/bobbin.toml"
lines=120000
parts=12
seq -f 'line %.0f of those that are followed while they are written, segment after segment' $lines > "$work/lines"
split -n l/$parts "$work/lines" "$work/part-"

new_topic() { bobbin topic create "$@" -q -c segment.bytes=1MiB; }
kill_broker() { kill -KILL "$(broker_pid)" 2> /dev/null || true; }

# follow TOPIC [OPTION...]: sets $follower; it prints to $work/read
follow() {
  : > "$work/read"  # of the one before
  "$program" consume "$@" -q > "$work/read" 2> "$work/err" &
  follower=$!
  started+=("$follower")
}
# It was told to end, or ends by itself with a code.
end_follower() {
  kill -TERM "$follower" 2> /dev/null || true
  wait "$follower" || true
}
ends_with() {
  local result=0
  wait_for_end "$follower" || fail "it does not end"
  wait "$follower" || result=$?
  [ "$result" = "$1" ] || fail "exit code $result instead of $1: $(cat "$work/err")"
}

# start_producer TOPIC: takes what is written to descriptor 5
start_producer() {
  rm -f "$work/pipe"
  mkfifo "$work/pipe"
  "$program" produce "$1" -q < "$work/pipe" 2> "$work/produced" &
  producer=$!
  started+=("$producer")
  exec 5> "$work/pipe"
}
end_producer() {
  local result=0
  exec 5>&-
  eventually 60 is_gone "$producer" || fail "the producer does not end"
  wait "$producer" || result=$?
  [ "$result" = 0 ] || fail "the producer fails: $(cat "$work/produced")"
}

printed() { wc -l < "$work/read"; }
has_printed() { (( $(printed) >= $1 )); }
# shows_all: all lines were printed, once and in order
shows_all() {
  eventually 60 has_printed $lines || fail "$1: only $(printed) of $lines lines: $(cat "$work/err")"
  same "$1" "$work/lines" "$work/read"
}
# What was printed is the beginning of what was produced, in whole lines.
begins() {
  head -n "$(printed)" "$work/lines" > "$work/wanted"
  same "what was printed" "$work/wanted" "$work/read"
}

# while_produced TOPIC COMMAND...: runs the command behind each part but the last, told its number
while_produced() {
  local topic=$1 number=0
  shift
  start_producer "$topic"
  for part in "$work"/part-*; do
    cat "$part" >&5
    number=$((number + 1))
    (( number == parts )) || "$@" $number
  done
  end_producer
}
nothing() { :; }

for mode in "" --busy; do
  name=${mode:+busy-}
  options=()
  [ -z "$mode" ] || options=("$mode")

  echo "-- segments roll $mode"
  new_topic "${name}rolls"
  follow "${name}rolls" "${options[@]}"
  while_produced "${name}rolls" nothing
  shows_all "a follower"
  end_follower
  (( $(find "$BOBBIN_DIR/broker-1/${name}rolls-0" -name '*.log' | wc -l) > 4 )) || fail "nothing rolled"

  echo "-- several partitions $mode"
  new_topic "${name}several" -p 3
  follow "${name}several" "${options[@]}" -f '%p %s\n'
  for p in 0 1 2; do
    "$program" produce "${name}several" -p $p -q < "$work/lines" &
    started+=($!)
    writers[p]=$!
  done
  for p in 0 1 2; do wait "${writers[p]}" || fail "the producer of partition $p fails"; done
  eventually 60 has_printed $((3 * lines)) || fail "only $(printed) lines: $(cat "$work/err")"
  end_follower
  for p in 0 1 2; do
    sed -n "s/^$p //p" "$work/read" > "$work/got"
    same "partition $p" "$work/lines" "$work/got"
  done

  echo "-- the broker is killed and comes back $mode"
  new_topic "${name}killed"
  follow "${name}killed" "${options[@]}"
  kill_sometimes() { (( $1 % 4 != 0 )) || kill_broker; }
  while_produced "${name}killed" kill_sometimes
  shows_all "a follower of a broker that was killed"
  end_follower

  echo "-- it is stopped for a while $mode"
  new_topic "${name}paused"
  follow "${name}paused" "${options[@]}"
  pause_sometimes() {
    case $(($1 % 4)) in
      1) kill -STOP "$follower" ;;
      3) kill -CONT "$follower" ;;
    esac
  }
  while_produced "${name}paused" pause_sometimes
  kill -CONT "$follower"
  shows_all "a follower that was stopped"
  end_follower

  echo "-- it is stopped while the broker is killed $mode"
  new_topic "${name}both"
  follow "${name}both" "${options[@]}"
  stop_and_kill() {
    case $1 in
      3) kill -STOP "$follower" ;;
      5) kill_broker ;;
      8) kill -CONT "$follower" ;;
      10) kill_broker ;;
    esac
  }
  while_produced "${name}both" stop_and_kill
  shows_all "a follower that was stopped"
  end_follower

  echo "-- retention takes what it has read $mode"
  new_topic "${name}short" -c retention.bytes=1MiB -c file.delete.delay.ms=0
  follow "${name}short" "${options[@]}"
  written=0
  # Never so far behind that it loses something.
  keep_up() {
    written=$((written + $(wc -l < "$part")))
    eventually 60 has_printed $written || fail "only $(printed) of $written lines: $(cat "$work/err")"
  }
  while_produced "${name}short" keep_up
  shows_all "a follower"
  first_is_gone() { ! compgen -G "$BOBBIN_DIR/broker-1/${name}short-0/00000000000000000000.log*" > /dev/null; }
  eventually 30 first_is_gone || fail "retention does nothing: $(bobbin topic offsets "${name}short")"
  kill -0 "$follower" || fail "it ended: $(cat "$work/err")"
  end_follower

  echo "-- retention takes what it has not read $mode"
  new_topic "${name}lost" -c retention.bytes=1MiB -c file.delete.delay.ms=0
  follow "${name}lost" "${options[@]}"
  bobbin produce "${name}lost" -q < "$work/part-aa"
  first_part=$(wc -l < "$work/part-aa")
  eventually 30 has_printed "$first_part" || fail "only $(printed) lines: $(cat "$work/err")"
  kill -STOP "$follower"
  tail -n +$((first_part + 1)) "$work/lines" | bobbin produce "${name}lost" -q
  last_is_left() { (( $(find "$BOBBIN_DIR/broker-1/${name}lost-0" -name '*.log' | wc -l) <= 3 )); }
  eventually 30 last_is_left || fail "retention does nothing: $(bobbin topic offsets "${name}lost")"
  kill -CONT "$follower"
  ends_with 1
  begins
  grep -q "out of range: the log holds" "$work/err" || fail "it says: $(cat "$work/err")"

  echo "-- its topic is deleted and made anew $mode"
  new_topic "${name}anew"
  follow "${name}anew" "${options[@]}"
  bobbin produce "${name}anew" -q < "$work/part-aa"
  eventually 30 has_printed "$(wc -l < "$work/part-aa")" || fail "only $(printed) lines: $(cat "$work/err")"
  bobbin topic delete "${name}anew" -q
  new_topic "${name}anew"
  sed 's/^line/other/' "$work/part-ab" | bobbin produce "${name}anew" -q
  ends_with 1
  begins
  has_printed "$(wc -l < "$work/part-aa")" || fail "only $(printed) lines"
  grep -q "was deleted" "$work/err" || grep -q "deleted and made anew" "$work/err" || fail "it says: $(cat "$work/err")"
done

echo "-- followers and producers that come and go leave nothing in the broker"
broker=$(broker_pid)
open_at() { { find "/proc/$broker/fd" "$@" 2> /dev/null || true; } | wc -l; }  # one may go while it is looked at
# Files of logs stay open as long as nobody needs the place of one, up to a bound: how many just now says nothing.
descriptors() { open_at -mindepth 1 ! -lname "$BOBBIN_DIR/broker-1/*-[0-9]*/*"; }
log_files() { open_at -lname "$BOBBIN_DIR/broker-1/*-[0-9]*/*"; }
removed_files() { open_at -lname "$BOBBIN_DIR/* (deleted)"; }
memory_files() { open_at -lname '/memfd:*'; }
mapped() { grep -c memfd: "/proc/$broker/maps" || true; }
log_files_max=512
new_topic busy
bobbin produce busy -q < "$work/lines"
bobbin consume busy -e -q > /dev/null
before=$(descriptors) before_memory=$(memory_files) before_mapped=$(mapped)
(( before_memory == 1 )) || fail "the broker has $before_memory files of memory, not one region"
(( $(log_files) > 0 )) || fail "the broker has no file of a log open"
for i in $(seq 10); do
  clients=()
  "$program" consume busy -q > "$work/out-1" 2> /dev/null & clients+=($!)
  "$program" consume busy -q --busy > "$work/out-2" 2> /dev/null & clients+=($!)
  "$program" consume busy -o -10 -q > "$work/out-3" 2> /dev/null & clients+=($!)
  started+=("${clients[@]}")
  { cat "$work/part-aa"; sleep 0.2; } | bobbin produce busy -q
  "$program" produce busy -q < "$work/part-ab" & clients+=($!)
  started+=("${clients[3]}")
  sleep 0.1
  for client in "${clients[@]}"; do
    (( i % 2 )) && kill -KILL "$client" 2> /dev/null || kill -TERM "$client" 2> /dev/null || true
  done
  for client in "${clients[@]}"; do wait "$client" 2> /dev/null || true; done
done
is_as_before() { (( $(descriptors) <= before && $(memory_files) == before_memory && $(mapped) == before_mapped )); }
eventually 20 is_as_before ||
  fail "the broker had $before descriptors, $before_memory of memory, $before_mapped mapped; now $(descriptors), $(memory_files), $(mapped): $(ls -l "/proc/$broker/fd")"
keeps_few() { (( $(log_files) <= log_files_max && $(removed_files) == 0 )); }
eventually 20 keeps_few ||
  fail "the broker has $(log_files) files of logs open, at most $log_files_max are kept, and $(removed_files) that were removed: $(ls -l "/proc/$broker/fd")"
[ "$(broker_pid)" = "$broker" ] || fail "the broker died"

echo "-- nothing is left outside of the cluster's folder"
bobbin broker stop -q
! compgen -G '/dev/shm/*bobbin*' > /dev/null || fail "left in /dev/shm: $(ls /dev/shm)"
