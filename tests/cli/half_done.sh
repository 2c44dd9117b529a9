#!/usr/bin/env bash
# half_done.sh PROGRAM: what was done in part, or could not be written, is never called done, and the code and the words
# say how far it came.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

bobbin topic create -q t
printf 'a=1\nb=2\n' | bobbin produce t -q -K =

if [ -w /dev/full ]; then
  echo "-- refused lines that nobody could keep"
  expect "a file of rejects that is full" 1 "$(printf 'a=1\nbad\nb=2\n' | code bobbin produce rejects -K = --on-error file=/dev/full)"
  says "2 of 3 records were acknowledged"
  says "/dev/full"
  expect "the others" "1 2" "$(bobbin consume rejects -e -q | paste -sd ' ')"
  expect "nothing refused, nothing to keep" 0 "$(printf 'c=3\n' | code bobbin produce rejects -K = --on-error file=/dev/full)"

  echo "-- whatever is printed, a full stdout is no success"
  for command in "topic list" "topic list --output json" "topic describe t" "topic offsets t" "topic config t" "broker status" \
    "broker status --output json" "broker config" "broker logs" "consume t -e" "consume t -J -e" "help" "consume -h" "--version" \
    "completion bash" "cluster info"; do
    # shellcheck disable=SC2086
    bobbin $command > "$work/out" 2> /dev/null || continue  # there is no such command
    [ -s "$work/out" ] || continue
    result=0
    # shellcheck disable=SC2086
    bobbin $command > /dev/full 2> "$work/err" || result=$?
    (( result != 0 )) || fail "$command: exit 0 though nothing was printed"
    printed=$((${printed:-0} + 1))
  done
  (( printed >= 12 )) || fail "only $printed commands print"
fi

echo "-- nobody answers any more, and part was done"
broker=$(broker_pid)
mkfifo "$work/pipe"
"$program" produce t -q --timeout 1s < "$work/pipe" 2> "$work/produced" &
producer=$!
"$program" consume t -q --timeout 1s -o 2 > "$work/read" 2> "$work/consumed" &
consumer=$!
started+=("$producer" "$consumer")
exec 7> "$work/pipe"
echo three >&7
is_read() { [ "$(cat "$work/read")" = three ]; }
eventually 20 is_read || fail "the first line is not read: $(cat "$work/consumed")"
kill -STOP "$broker"
echo four >&7
exec 7>&-
for command in "$producer 1" "$consumer 1"; do
  read -r pid wanted <<< "$command"
  result=0
  eventually 20 is_gone "$pid" || fail "a command goes on although nobody answers"
  wait "$pid" || result=$?
  expect "exit code of a command that did a part" "$wanted" "$result"
done
grep -q "1 of 2 records were acknowledged" "$work/produced" || fail "produce says: $(cat "$work/produced")"
grep -q "1 records were read" "$work/consumed" || fail "consume says: $(cat "$work/consumed")"

echo "-- nobody answers, and nothing was done"
expect "produce" 3 "$(echo x | code bobbin produce t --timeout 1s)"
expect "consume" 3 "$(code bobbin consume t --timeout 1s -e)"
kill -CONT "$broker"
