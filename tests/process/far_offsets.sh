#!/usr/bin/env bash
# far_offsets.sh PROGRAM: files that tell of an offset near the largest of all numbers. Nothing is acknowledged that nobody
# could read afterwards, and what the log had is there once they are gone.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

broker=$BOBBIN_DIR/broker-1
records=0

append() {  # three more, which are all that there are now
  expect "exit code of an append $1" 0 "$(code timeout 60 "$program" produce t -q < <(seq 3))"
  records=$((records + 3))
  expect "records $1" "$records" "$(timeout 60 "$program" consume t -e -q | wc -l)"
}

refuses() {  # WORDS
  expect "exit code of an append with $1" 4 "$(code timeout 60 "$program" produce t < <(seq 3))"
  grep -qF "0 of 3 records were acknowledged; line 1: t-0: $1" "$work/err" || fail "it does not say $1: $(cat "$work/err")"
  bobbin broker logs > "$work/told"
  grep -qF "$1" "$work/told" || fail "the broker's log does not say $1: $(tail -n 3 "$work/told")"
}

echo "-- names of files"
append "at first"
for name in 09223372036854775807.log 09223372036854775806.log 09223372036854775800.log 09223372036854775807.{index,timeindex,snapshot}; do
  bobbin broker stop -q
  : > "$broker/t-0/$name"
  refuses "$broker/t-0/$name: "
  expect "exit code of a consumer" 4 "$(code timeout 60 "$program" consume t -e -q)"
  rm "$broker/t-0/$name"
  append "once $name is gone"
done

echo "-- checkpoints"
for name in recovery-point-offset replication-offset log-start-offset; do
  bobbin broker stop -q
  printf '0\n1\nt 0 9223372036854775807\n' > "$broker/$name-checkpoint"
  append "with such a $name-checkpoint"
  bobbin broker logs > "$work/told"
  grep -qF "$broker/$name-checkpoint: not a line of offsets" "$work/told" || fail "it is not told: $(tail -n 3 "$work/told")"
done
bobbin broker stop -q
printf '0\n1\n0 9223372036854775807\n' > "$broker/t-0/leader-epoch-checkpoint"
append "with such epochs"

echo "-- the largest end"
bobbin broker stop -q
: > "$broker/t-0/09223372032559808509.log"
expect "exit code of what fits" 0 "$(code timeout 60 "$program" produce t -q < <(seq 2))"
refuses "$broker/t-0: nothing can be appended at offset 9223372032559808511: "
for _ in once again; do
  expect "the last records" "$(seq 2)" "$(timeout 60 "$program" consume t -e -q -o 9223372032559808509)"
  timeout 60 "$program" consume t -e -q > "$work/out" 2> "$work/err" || true
  expect "those before them" "$records" "$(wc -l < "$work/out")"
  bobbin broker stop -q
done
