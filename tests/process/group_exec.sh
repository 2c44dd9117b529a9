#!/usr/bin/env bash
# group_exec.sh PROGRAM: `consume -g --exec`. What a command is told; order and workers; retries, dead letters and their way back;
# who leaves in order does nothing twice, and who is killed leaves nothing undone.
# shellcheck disable=SC2016 # commands are for other shells to expand
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

start_listening 1
export program work

# current GROUP TOPIC: the group's position in partition 0
current() {
  bobbin group describe "$1" --output json | jq -r --arg t "$2" '.[0].partitions[] | select(.topic == $t and .partition == 0).current'
}
# worker NAME OPTION...: one in the background
worker() {
  local name=$1
  shift
  env --default-signal=INT "$program" consume -q "$@" > "$work/$name.out" 2> "$work/$name.err" &
  workers[$name]=$!
  started+=($!)
}
# stop SIGNAL NAME: its end; whoever dies of the signal ended in order.
stop() {
  local result=0
  kill "-$1" "${workers[$2]}"
  wait "${workers[$2]}" || result=$?
  unset "workers[$2]"
  [ "$1" = KILL ] || [ "$result" = $((128 + $(kill -l "$1"))) ] || fail "$2 ended with $result: $(cat "$work/$2.err")"
}
declare -A workers=()
has_lines() { [ -e "$1" ] && [ "$(wc -l < "$1")" -ge "$2" ]; }

echo "-- a command gets the exact value"
mkdir "$work/values"
printf '%s\n' '{"value":"plain"}' '{"value":""}' '{"value":null}' '{"value":"ends in a newline\n"}' \
  '{"value_b64":"AAEC/w0KAP8="}' '{"value":"two\nlines"}' | bobbin produce -q -J values
head -c 700000 /dev/urandom > "$work/large"
bobbin produce -q values --frame whole -l "$work/large"
expect "values" 0 "$(code bobbin consume -g g values -e --exec "cat > '$work/values/'\$BOBBIN_OFFSET")"
for pair in "0 plain" "1 " "2 " '3 ends in a newline\n' '4 \x00\x01\x02\xff\r\n\x00\xff' '5 two\nlines'; do
  printf '%b' "${pair#* }" > "$work/wanted"
  same "value ${pair%% *}" "$work/wanted" "$work/values/${pair%% *}"
done
same "a large one" "$work/large" "$work/values/6"
expect "what it prints is passed through" "plain--ends in a newline" \
  "$(bobbin consume -q -g pass values -n 4 --exec 'cat; [ "$BOBBIN_OFFSET" = 0 ] && printf -- -- || true')"
expect "-J says something else" '"plain"' "$(bobbin consume -q -g json values -n 1 -J --exec 'jq .value')"

echo "-- and its record's surroundings"
bobbin topic create -q told -p 2 -c retention.ms=-1
printf '%s\n' '{"partition":1,"timestamp":5000,"key":"k 1","value":"v","headers":[{"key":"trace","value":"4711"},{"key":"bin","value_b64":"/w=="}]}' \
  '{"partition":1,"timestamp":6000,"value":null}' | bobbin produce -q -J told --allow-expired
tell='echo "$BOBBIN_TOPIC|$BOBBIN_PARTITION|$BOBBIN_OFFSET|$BOBBIN_TIMESTAMP|${BOBBIN_KEY-none}|$BOBBIN_HEADERS|${BOBBIN_TOMBSTONE-no}|$BOBBIN_GROUP|$BOBBIN_ATTEMPT"'
expect "told" 'told|1|0|5000|k 1|[{"key":"trace","value":"4711"},{"key":"bin","value_b64":"/w=="}]|no|g|1
told|1|1|6000|none|[]|1|g|1' "$(BOBBIN_KEY=others bobbin consume -q -g g told -e --exec "$tell")"
python3 -c 'print("x" * 70000 + ":v")' > "$work/keys"
printf 'a\0b:v\n' >> "$work/keys"
bobbin produce -q keys -K : < "$work/keys"
bobbin consume -q -g g keys -e --exec '[ -z "${BOBBIN_KEY+x}" ] && cat "$BOBBIN_KEY_FILE" && echo' > "$work/got"
cut -d : -f 1 "$work/keys" > "$work/wanted"
same "keys that no variable holds" "$work/wanted" "$work/got"

echo "-- order is kept per key, and workers work at once"
bobbin topic create -q keyed -p 2
for i in $(seq 100); do echo "k$((i % 5)):$i"; done | bobbin produce -q keyed -K :
mkdir "$work/keyed"
bobbin consume -q -g g keyed -e -P 4 --exec 'read -r n; [ $((n % 7)) = 0 ] && sleep 0.05; echo "$n" >> "$work/keyed/$BOBBIN_KEY"'
for k in 0 1 2 3 4; do
  expect "key k$k" "$(seq 100 | awk -v k=$k '$1 % 5 == k')" "$(cat "$work/keyed/k$k")"
done
for i in $(seq 12); do echo "k$((i % 4)):$i"; done | bobbin produce -q together -K :
mkdir "$work/together"
# Each waits for three others: with fewer at once none would end.
meet='touch "$work/together/$BOBBIN_KEY"; for i in $(seq 400); do [ "$(ls "$work/together" | wc -l)" -ge 4 ] && exit 0; sleep 0.05; done; exit 1'
expect "four at once" 0 "$(code bobbin consume -g meet together -e -P 4 --retries 0 --exec "$meet")"

echo "-- retries, while the key waits"
printf 'a:1\na:2\nb:3\na:4\n' | bobbin produce -q tries -K :
fails='read -r n; echo "$n $BOBBIN_ATTEMPT" >> "$work/tries"; [ "$n" != 1 ] || [ "$BOBBIN_ATTEMPT" = 3 ]'
expect "retries" 0 "$(code bobbin consume -g g tries -e -P 2 --backoff 1ms --exec "$fails")"
expect "what became of key a" $'1 1\n1 2\n1 3\n2 1\n4 1' "$(grep -v ^3 "$work/tries")"
expect "and of b" "3 1" "$(grep ^3 "$work/tries")"

echo "-- dead letters, and their way back"
bobbin topic create -q jobs -p 3
for i in 1 2 3 4 5 6; do echo "{\"partition\":$((i % 3)),\"key\":\"k$i\",\"value\":\"$i\",\"headers\":[{\"key\":\"trace\",\"value\":\"t$i\"}]}"; done |
  bobbin produce -q -J jobs
bad='read -r n; case $n in 2) exit 9;; 5) kill -9 $$;; esac'
expect "something failed" 1 "$(code bobbin consume -g w jobs -e --retries 1 --backoff 1ms --exec "$bad")"
says 'jobs-2, offset 0: the command failed 2 times, at last: exit code 9'
says '2 records failed, and went to the topic jobs.w.dlq'
expect "all is committed" "2 2 2" "$(bobbin group describe w --output json | jq -r '[.[0].partitions[].current] | join(" ")')"
expect "the dead letters" \
  '["k2","2","trace=t2","topic=jobs","partition=2","offset=0","group=w","attempts=2","reason=exit code 9"]
["k5","5","trace=t5","topic=jobs","partition=2","offset=1","group=w","attempts=2","reason=signal 9 (Killed)"]' \
  "$(bobbin consume -q jobs.w.dlq -e -J |
    jq -c '[.key, .value] + [.headers[] | select(.key != "__bobbin.errors.timestamp") | (.key | sub("__bobbin.errors."; "")) + "=" + .value]')"
expect "what is waiting" "jobs jobs.w.dlq 2" "$(bobbin group redrive w jobs -q --dry-run --output json | jq -r '.[] | [.topic, .dead_letters, .waiting] | join(" ")')"
bobbin group redrive w jobs -q --dry-run -b "$address" > "$work/out"
expect "redrive" "jobs jobs.w.dlq 2" "$(bobbin group redrive w jobs --output json | jq -r '.[] | [.topic, .dead_letters, .redriven] | join(" ")')"
expect "each once" "jobs jobs.w.dlq 0" "$(bobbin group redrive w jobs --output json | jq -r '.[] | [.topic, .dead_letters, .redriven] | join(" ")')"
bobbin consume -q jobs -p 2 -e -J > "$work/back"
expect "they are as they were" "$(jq -c 'select(.offset < 2) | del(.offset)' "$work/back")" "$(jq -c 'select(.offset >= 2) | del(.offset)' "$work/back")"
expect "two came back" 4 "$(wc -l < "$work/back")"
expect "now they are done" 0 "$(code bobbin consume -g w jobs -e --exec 'cat; echo')"
expect "these two, and no other" $'2\n5' "$(cat "$work/out")"
echo '{"value":"no dead letter"}' | bobbin produce -q -J jobs.w.dlq
expect "a stray one" 1 "$(code bobbin group redrive w jobs)"
says 'jobs.w.dlq-0, offset 2: it is no dead letter, and stays where it is: the header __bobbin.errors.topic is missing'
expect "of which nothing failed" 0 "$(code bobbin group redrive w told)"
expect "no topic" 1 "$(code bobbin group redrive w nosuch)"
says 'there is no topic nosuch'

echo "-- what cannot become a dead letter is not done"
seq 3 | bobbin produce -q strict
bobbin topic create -q strict.w.dlq -c max.message.bytes=200
expect "no room for a dead letter" 1 "$(code bobbin consume -g w strict -e --retries 0 --exec 'read -r n; [ "$n" != 2 ]')"
says 'strict.w.dlq: .*max.message.bytes is 200'
expect "it is not done" 1 "$(current w strict)"
bobbin topic config -q strict.w.dlq max.message.bytes=2000 > "$work/out"
expect "now there is room" 1 "$(code bobbin consume -g w strict -e --retries 0 --exec 'read -r n; [ "$n" != 2 ]')"
expect "and it is" 3 "$(current w strict)"
# As large as the topic takes, less the batch's header and the record's own few bytes.
head -c 1048500 /dev/zero | bobbin produce -q full --frame whole
expect "as large as it may be" 1 "$(code bobbin consume -g w full -e --retries 0 --exec false)"
expect "it is a dead letter" 1048500 "$(bobbin consume -q full.w.dlq -e --frame whole | wc -c)"
expect "and comes back" 1 "$(bobbin group redrive w full --output json | jq '.[0].redriven')"

echo "-- topics by an expression: not the dead letters of the group itself"
expect "others" "jobs" "$(bobbin consume -q -g w -r 'jobs.*' -o beginning -e -n 1 --exec 'echo $BOBBIN_TOPIC' < /dev/null; echo 1 | bobbin produce -q jobs -p 0; bobbin consume -q -g w -r 'jobs.*' -e --exec 'echo $BOBBIN_TOPIC')"

echo "-- batches"
seq 1000 | bobbin produce -q batches
bobbin consume -q -g g batches -e --batch-records 300 --exec-batch \
  'echo "$BOBBIN_PARTITION $BOBBIN_OFFSET $BOBBIN_LAST_OFFSET $BOBBIN_COUNT" >> "$work/batches"; cat' > "$work/got"
seq 1000 > "$work/wanted"
same "batches" "$work/wanted" "$work/got"
expect "how they were cut" $'0 0 299 300\n0 300 599 300\n0 600 899 300\n0 900 999 100' "$(cat "$work/batches")"
expect "one that fails" 1 "$(code bobbin consume -g h batches -e --retries 0 --batch-records 64 --exec-batch 'cat > "$work/batch"; ! grep -qx 500 "$work/batch" && cat "$work/batch"')"
grep -vx 500 "$work/wanted" > "$work/others"
same "all others" "$work/others" "$work/out"
expect "the one" 500 "$(bobbin consume -q batches.h.dlq -e)"

echo "-- each record is committed before the next one begins"
seq 20 | bobbin produce -q each
look='at=$("$program" group describe g --output json | jq -r "[.[0].partitions[] | select(.topic == \"each\").current][0] // 0"); [ "$at" = "$BOBBIN_OFFSET" ] || { echo "at $at" >&2; exit 1; }'
expect "each" 0 "$(code bobbin consume -q -g g each -e --commit each --retries 0 --exec "$look")"
broker=$(broker_pid)
export broker
worker stopped -g most each -n 2 --at-most-once --exec 'touch "$work/begun-$BOBBIN_OFFSET"; [ "$BOBBIN_OFFSET" != 0 ] || kill -STOP "$broker"'
eventually 20 test -e "$work/begun-0" || fail "nothing begins: $(cat "$work/stopped.err")"
sleep 0.3
[ ! -e "$work/begun-1" ] || fail "at most once: a command begins before its record is committed"
kill -CONT "$broker"
wait "${workers[stopped]}" || fail "it ended with $?: $(cat "$work/stopped.err")"
[ -e "$work/begun-1" ] || fail "the second one did not begin"
expect "none" 0 "$(code bobbin consume -q -g none each -e --commit none --exec :)"
expect "none is committed" "[]" "$(bobbin group describe none --output json | jq -c '[.[].partitions[].current | select(. != null)]' || true)"
expect "exit" 0 "$(code bobbin consume -q -g exit each -e --commit exit --exec :)"
expect "all is committed at the end" 20 "$(current exit each)"
expect "only so many" $'1\n2\n3' "$(bobbin consume -q -g three each -n 3 -P 4 --exec 'cat; echo')"
expect "these are committed" 3 "$(current three each)"

echo "-- over TCP"
expect "over TCP" 1 "$(code bobbin consume -b "$address" -g tcp jobs -e --retries 0 -P 3 --exec 'read -r n; [ "$n" != 2 ]')"
expect "redrive over TCP" 2 "$(bobbin group redrive -b "$address" tcp jobs --output json | jq '.[0].redriven')"

echo "-- who is told to end lets end what runs, and does nothing twice"
bobbin topic create -q load -p 4
(for i in $(seq 0 39); do for j in $(seq 50); do echo "k$((j % 9)):$((i * 50 + j))"; done; sleep 0.05; done) |
  bobbin produce load -q -K : &
producer=$!
note='read -r n; [ $((n % 50)) = 9 ] && sleep 0.1; echo "$n $BOBBIN_KEY" >> "$work/load"'
worker one -g load load -P 4 --exec "$note"
eventually 20 has_lines "$work/load" 50 || fail "nothing is done: $(cat "$work/one.err")"
worker two -g load load -P 4 --exec "$note"
eventually 20 has_lines "$work/load" 300 || fail "nothing more is done"
stop TERM one
worker three -g load load -P 2 --exec "$note"
eventually 20 has_lines "$work/load" 700 || fail "nothing more is done"
stop INT two
worker four -g load load -P 4 --batch-records 100 --exec-batch 'sed "s/$/ -/" >> "$work/load"'
wait "$producer"
eventually 60 has_lines "$work/load" 2000 || fail "$(wc -l < "$work/load") of 2000 are done"
stop TERM three
stop TERM four
expect "records that were done twice" "" "$(cut -d ' ' -f 1 "$work/load" | sort | uniq -d)"
expect "all are done" "$(seq 2000)" "$(cut -d ' ' -f 1 "$work/load" | sort -n)"

echo "-- with -e it reads what it gets while it runs, too, up to the ends of its start"
bobbin topic create -q ends -p 2
for p in 0 1; do seq "$((p * 20 + 1))" "$((p * 20 + 20))" | bobbin produce -q ends -p "$p"; done
worker first -g ends ends -e --exec 'read -r n; echo "$n first" >> "$work/ends"; sleep 0.05'
eventually 20 has_lines "$work/ends" 3 || fail "nothing is done: $(cat "$work/first.err")"
expect "another one" 0 "$(code bobbin consume -g ends ends -e --exec 'read -r n; echo "$n second" >> "$work/ends"; sleep 0.05')"
wait "${workers[first]}" || fail "the first one ended with $?"
expect "all are done once" "$(seq 40)" "$(cut -d ' ' -f 1 "$work/ends" | sort -n)"
(( $(grep -c first "$work/ends") >= 20 )) || fail "the first one left when the second one came: $(cat "$work/ends")"

echo "-- who is killed leaves nothing undone"
seq 300 | bobbin produce -q killed
worker five -g g killed --exec 'read -r n; echo "$n" >> "$work/killed"; sleep 0.01'
eventually 20 has_lines "$work/killed" 20 || fail "nothing is done"
stop KILL five
bobbin consume -q -g g killed -e --exec 'read -r n; echo "$n" >> "$work/killed"'
expect "all are done" "$(seq 300)" "$(sort -n "$work/killed" | uniq)"
worker six -g most killed -P 3 --at-most-once --exec 'read -r n; echo "$n" >> "$work/most"; sleep 0.01'
eventually 20 has_lines "$work/most" 20 || fail "nothing is done"
stop KILL six
bobbin consume -q -g most killed -e --at-most-once --exec 'read -r n; echo "$n" >> "$work/most"'
expect "at most once" "" "$(sort "$work/most" | uniq -d)"
has_lines "$work/most" 290 || fail "only $(wc -l < "$work/most") of 300 were done"

echo "-- a second signal kills what runs"
worker seven -g second killed -P 2 --exec 'read -r n; [ "$n" != 3 ] || { touch "$work/runs"; sleep 100; }'
eventually 20 test -e "$work/runs" || fail "it does not come to the third"
kill -TERM "${workers[seven]}"
sleep 0.3
is_gone "${workers[seven]}" && fail "it does not wait for what runs"
stop TERM seven
expect "what was killed is not done" 2 "$(current second killed)"
expect "and is no dead letter" 1 "$(code bobbin topic describe killed.second.dlq)"

echo "-- a reader that goes is no failure of the commands"
bobbin consume -q -g pipe killed --retries 0 --exec 'cat; echo; sleep 0.01' | head -n 5 > "$work/got"
expect "what it read" "$(seq 5)" "$(cat "$work/got")"
expect "no dead letter" 1 "$(code bobbin topic describe killed.pipe.dlq)"
at=$(current pipe killed)
(( at >= 5 && at < 300 )) || fail "the position is $at"

echo "-- a command that no shell can run ends it, and nothing is lost"
expect "no such command" 1 "$(code bobbin consume -g nosuch killed --exec 'no-such-command')"
says 'the shell cannot run the command (exit code 127)'
expect "nothing is done" 300 "$(bobbin consume -q -g nosuch killed -e | wc -l)"

echo "-- what cannot be meant"
for words in "t --exec true" "t -g g -P 2" "t -g g --retries 2" "t -g g --backoff 1s" "t -g g --exec true --exec-batch true" \
  "t -g g --exec true -P 0" "t -g g --exec true --retries -1" "t -g g --exec true --backoff x" "t -g a/b --exec true" \
  "t -g g --exec true --batch-records 5" "t -g g --batch-records 5" "t -g g --exec-batch true --batch-records 0" "t -g g --exec true -u"; do
  # shellcheck disable=SC2086 # words
  expect "consume $words" 2 "$(code bobbin consume $words)"
  says "bobbin consume -h"
done
expect "an empty command" 2 "$(code bobbin consume t -g g --exec ' ')"
for words in "" "g" "-g g" "a/b t" "--topic t"; do
  # shellcheck disable=SC2086 # words
  expect "group redrive $words" 2 "$(code bobbin group redrive $words)"
  says "bobbin group redrive -h"
done
