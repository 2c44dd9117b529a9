#!/usr/bin/env bash
# consume.sh PROGRAM: where it starts, where it stops, what it prints, and how it ends.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

joined() { paste -sd ' '; }

seq 0 9 | bobbin produce ten -q

echo "-- start and stop"
expect "beginning" "0 1 2 3 4 5 6 7 8 9" "$(bobbin consume ten -e | joined)"
expect "--from-beginning" "0 1 2 3 4 5 6 7 8 9" "$(bobbin consume --topic ten --from-beginning --max-messages 10 | joined)"
expect "N" "7 8 9" "$(bobbin consume ten -o 7 -e | joined)"
expect "+N" "2 3 4 5 6 7 8 9" "$(bobbin consume ten -o +2 -e | joined)"
expect "-N" "8 9" "$(bobbin consume ten -o -2 -e | joined)"
expect "-N beyond the start" 10 "$(bobbin consume ten -o -200 -e | wc -l)"
expect "N:M" "3 4" "$(bobbin consume ten -o 3:5 | joined)"
expect "N:M beyond the end" "8 9" "$(bobbin consume ten -o 8:500 | joined)"
expect ":end" 10 "$(bobbin consume ten -o :end | wc -l)"
expect "end, at once" 0 "$(bobbin consume ten -o end -e | wc -l)"
expect "@-1h:end" 10 "$(bobbin consume ten -o @-1h:end | wc -l)"
expect "@ in the future" 0 "$(bobbin consume ten -o @2100-01-01 -e | wc -l)"
expect "s@ and e@" 0 "$(bobbin consume ten -o s@1000 -o e@2000 | wc -l)"
expect "beyond the end" 0 "$(bobbin consume ten -o 5000 -e | wc -l)"
expect "beyond the end, without one" 1 "$(code timeout 20 "$program" consume ten -o 5000)"
expect "-n" "0 1 2" "$(bobbin consume ten -n 3 | joined)"
expect "-c" "0 1 2" "$(bobbin consume ten -c 3 | joined)"
expect "-n with fewer and -e" 0 "$(code bobbin consume ten -n 50 -e)"
expect "-n 0" 0 "$(code bobbin consume ten -n 0)"

echo "-- an empty topic, a missing one"
bobbin topic create -q empty
expect "empty" 0 "$(code bobbin consume empty -e)"
expect "missing, with an end" 1 "$(code bobbin consume missing -e)"
expect "missing, with a range" 1 "$(code bobbin consume missing -o 0:5)"
[ ! -s "$work/out" ] || fail "something on stdout"
expect "idle-timeout" 0 "$(code bobbin consume ten --idle-timeout 300ms)"
expect "idle-timeout before -n" 1 "$(code bobbin consume ten -n 50 --idle-timeout 300ms)"
expect "timeout-ms" 0 "$(code bobbin consume ten --timeout-ms 300)"
"$program" consume later -o end -n 2 > "$work/later" 2> "$work/later.err" &
pid=$!
started+=("$pid")
eventually 20 grep -q later "$work/later.err" || fail "the waiting is not told"
bobbin topic list | grep -q later && fail "consume creates a topic"
printf 'first\nsecond\n' | bobbin produce later -q
wait "$pid" || fail "consume of a topic that came later"
expect "from its first record" "first second" "$(joined < "$work/later")"

echo "-- several topics, partitions, patterns"
bobbin topic create -q parts -p 3
for p in 0 1 2; do seq "${p}0" "${p}3" | bobbin produce parts -q -p $p; done
expect "order within a partition" "10 11 12 13" "$(bobbin consume parts -e -p 1 | joined)"
expect "two partitions" "00 01 02 03 20 21 22 23" "$(bobbin consume parts -e -p 0,2 | sed 's/^\(.\)$/0\1/' | sort | joined)"
expect "a partition that is not there" 1 "$(code bobbin consume parts -e -p 7)"
expect "two topics" 22 "$(bobbin consume ten parts -e | wc -l)"
expect "a pattern" 22 "$(bobbin consume -r 'ten|par.*' -e | wc -l)"
expect "a pattern that matches nothing" 1 "$(code bobbin consume -r 'zzz.*' -e)"
expect "a pattern that is none" 2 "$(code bobbin consume -r '(' -e)"

echo "-- forms"
expect "format" "ten 0 0 0;ten 0 1 1;" "$(bobbin consume ten -n 2 -f '%t %p %o %s;')"
expect "JSON" '["0",null,0]' "$(bobbin consume ten -n 1 -J | jq -c '[.value, .key, .offset]')"
expect "delimiter" "0,1," "$(bobbin consume ten -n 2 -D ,)"

echo "-- Kafka's properties, in the form of its console consumer"
expect "print.key" $'null\t0' "$(bobbin consume ten -n 1 --property print.key=true)"
expect "null.literal" $'-\t0' "$(bobbin consume ten -n 1 --property print.key=TRUE --property null.literal=-)"
expect "our own option goes before" $'NULL\t0' "$(bobbin consume ten -n 1 -Z --formatter-property print.key=true)"
bobbin topic create stamped -q -c message.timestamp.type=LogAppendTime
echo v | bobbin produce stamped -q -H n -H e= -H a=1
shopt -s extglob
printed=$(bobbin consume stamped -e --property print.timestamp=true --property print.headers=true --property print.key=true)
expect "LogAppendTime, headers, a null key" $'LogAppendTime\tn:null,e:,a:1\tnull\tv' "${printed/:+([0-9])/}"
expect "the time is the record's" "$(bobbin consume stamped -e -f %T)" "$(cut -f 1 <<< "$printed" | cut -d : -f 2)"
expect "columns without a value" $'Partition:0|Offset:0' "$(bobbin consume stamped -e --property print.value=false --property print.partition=true --property print.offset=true --property 'key.separator=|')"

echo "-- a reader that goes"
expect "a busy topic" 0 "$(bobbin produce busy -q < <(yes | head -n 500000); set +e; bobbin consume busy 2> "$work/err" | head -n 1 > /dev/null; echo "${PIPESTATUS[0]}")"
[ ! -s "$work/err" ] || fail "a closed pipe is told: $(cat "$work/err")"
bobbin consume ten 2> "$work/err" | head -n 1 > /dev/null
[ ! -s "$work/err" ] || fail "a closed pipe is told: $(cat "$work/err")"
expect "an idle topic" 0 "$(set +e; timeout 20 "$program" consume empty 2> /dev/null | read -r -t 0.3 _; echo "${PIPESTATUS[0]}")"
if [ -w /dev/full ]; then
  result=0
  bobbin consume ten -e > /dev/full 2> "$work/err" || result=$?
  expect "a full stdout" 1 "$result"
fi

echo "-- a signal"
"$program" consume ten > "$work/out" 2> /dev/null &
pid=$!
started+=("$pid")
eventually 20 bash -c "[ \$(wc -l < '$work/out') = 10 ]" || fail "nothing is printed"
kill -TERM "$pid"
result=0
wait "$pid" || result=$?
expect "exit code after TERM" 143 "$result"
mkfifo "$work/stuck"
"$program" consume busy > "$work/stuck" 2> /dev/null &
pid=$!
started+=("$pid")
exec 8< "$work/stuck"
sleep 0.3
kill -TERM "$pid"
eventually 10 is_gone "$pid" || fail "a reader that does not read keeps it from ending"
exec 8<&-
wait "$pid" || true

echo "-- a terminal is never steered"
if command -v script > /dev/null; then
  printf 'a\033[31mb\n' | bobbin produce escape -q
  script -qec "'$program' consume escape -e" /dev/null < /dev/null > "$work/out"
  ! grep -q $'\033' "$work/out" || fail "an escape reaches the terminal"
  grep -q 'x1b' "$work/out" || fail "an escape is not shown: $(cat -v "$work/out")"
fi
