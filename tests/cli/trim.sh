#!/usr/bin/env bash
# trim.sh PROGRAM: what `topic trim` takes, what it deletes, and that this stays so whichever brokers end, and however.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/replicas.sh
. "$(dirname "$0")/../tools/replicas.sh"

start_listening 3
bobbin topic create -q t -p 1 -r 3
bobbin topic create -q three -p 3 -r 1 -c retention.ms=-1
bobbin topic create -q kept -c cleanup.policy=compact
seq 1 1000 | bobbin produce t -q
await_in_sync 3
for p in 0 1 2; do seq 1 10 | bobbin produce three -p $p -q --timestamp 2026-01-0$((p + 1))T00:00Z --allow-expired; done
for p in 0 1 2; do seq 11 20 | bobbin produce three -p $p -q; done
first() { bobbin topic offsets "$1" --output json | jq -r '[.[].first | tostring] | join(" ")'; }
end() { bobbin topic offsets "$1" --output json | jq -r '[.[].end | tostring] | join(" ")'; }

echo "-- what cannot be meant"
for words in "" "t" "t -p 0" "t --before" "t --before x" "t --before -2" "t --before 1.5" "t --before @" "t --before @x" "t --before @2100-01-01" \
  "--before latest" "t --before latest --from-file x" "t --from-file x" "--from-file /nowhere" "--from-file /dev/null" \
  "bad/name --before latest" "t -p x --before latest" "three --before 5"; do
  # shellcheck disable=SC2086 # words
  expect "topic trim $words" 2 "$(code bobbin topic trim $words)"
done
expect "an offset of one of three partitions" 2 "$(code bobbin topic trim three --before 5)"
says "an offset is of one: say of which, --partition"
expect "a time to come" 2 "$(code bobbin topic trim t --before @2100-01-01)"
says "still to come"

echo "-- what is not there, and what may not go"
expect "code" 1 "$(code bobbin topic trim nowhere --before latest)"
says "there is no topic nowhere"
expect "code" 1 "$(code bobbin topic trim three -p 0,7 --before latest)"
says "topic three has no partition 7"
expect "code" 1 "$(code bobbin topic trim t --before 1001)"
says "t-0 holds offsets 0 to 1000 (the end), and not 1001; nothing was deleted"
expect "code" 1 "$(code bobbin topic trim kept --before latest)"
says "keeps all of its records"
echo '{"version":1,"partitions":[{"topic":"three","partition":0,"offset":5},{"topic":"three","partition":1,"offset":99}]}' > "$work/file"
expect "code" 1 "$(code bobbin topic trim --from-file "$work/file")"
expect "nothing was deleted" "0 0 0 0" "$(first t) $(first three)"

echo "-- only looked at"
expect "dry run" '[["t",0,0,400]]' "$(bobbin topic trim t --before 400 --dry-run -q --output json | jq -c 'map([.topic, .partition, .first, .start])')"
expect "code" 0 "$(code bobbin topic trim t --before 400 --dry-run)"
says "would delete 400 offsets; nothing was done"
expect "nothing was deleted" "0" "$(first t)"

echo "-- below an offset, before a time, all that is there"
expect "json" '[{"topic":"t","partition":0,"first":0,"start":400}]' "$(bobbin topic trim t --before 400 --output json | jq -c .)"
expect "the first that is read" 401 "$(bobbin consume t -o beginning -n 1 -q)"
expect "all that is read" 600 "$(bobbin consume t -o beginning -e -q | wc -l)"
expect "what lies before is not there" 1 "$(code bobbin consume t -o 399 -e -p 0)"
expect "less than has gone" $'t\t0\t400\t400' "$(bobbin topic trim t --before 100 --output tsv)"
expect "before a time" '[[0,10],[1,10],[2,0]]' \
  "$(bobbin topic trim three --before @2026-01-02T12:00Z --output json | jq -c 'map([.partition, .start])')"
expect "over TCP, one partition" '[[1,20]]' \
  "$(bobbin topic trim three -p 1 --before latest -b "$address" --output json | jq -c 'map([.partition, .start])')"
expect "where they begin" "10 20 0" "$(first three)"
expect "where they end" "20 20 20" "$(end three)"
echo '{"version":1,"partitions":[{"topic":"three","partition":2,"offset":-1},{"topic":"t","partition":0,"offset":500}]}' > "$work/file"
expect "Kafka's file" $'t\t0\t400\t500\nthree\t2\t0\t20' "$(bobbin topic trim --offset-json-file - --output tsv < "$work/file")"
seq 1 5 | bobbin produce three -p 1 -q
expect "what came after" 5 "$(bobbin consume three -p 1 -o beginning -e -q | wc -l)"

echo "-- a copy that is made of an empty log goes on where that ends"
bobbin topic create -q moves -r 1
seq 1 10 | bobbin produce moves -q
bobbin topic trim moves --before latest -q > "$work/out"
home=$(bobbin topic describe moves --output json | jq '.[0].partitions[0].leader')
bobbin cluster reassign moves --to $((home % 3 + 1)) -q > "$work/out" || fail "cluster reassign: $(cat "$work/out")"
expect "where it begins and ends" "10 10" "$(first moves) $(end moves)"
echo 11 | bobbin produce moves -q
expect "the next offset" "10 11" "$(bobbin consume moves -o beginning -e -q -f '%o %s\n')"

echo "-- a reader that waits goes on"
bobbin consume t -o end -q > "$work/read" 2> "$work/read.err" &
started+=("$!")
reader=$!
bobbin topic trim t --before latest -q > "$work/out"
expect "all gone" 1000 "$(first t)"
eventually 20 bash -c "echo 1001 | '$program' produce t -q; [ -s '$work/read' ]" || fail "nothing is read behind the end: $(cat "$work/read.err")"
kill -TERM "$reader"

echo "-- it stays so when the leader dies, when all die, and after an end in order"
start=$(first t)
seq 1 100 | bobbin produce t -q
bobbin topic trim t --before $((start + 50)) -q > "$work/out" || fail "topic trim: $(cat "$work/err")"
for round in 1 2 3; do
  leader=$(field leader)
  pid=$(pid_of "$leader")
  kill -KILL "$pid"
  eventually 20 leads_another "$leader" || fail "nobody leads after $leader: $(field leader)"
  expect "round $round: where it begins" $((start + 50)) "$(first t)"
  bobbin broker start -q -n 3
  await_in_sync 3 "round $round"
done
bobbin topic trim t --before $((start + 60)) -q > "$work/out" || fail "topic trim"
for id in 1 2 3; do kill -KILL "$(pid_of $id)"; done
bobbin broker start -q -n 3
expect "after all died" $((start + 60)) "$(first t)"
await_in_sync 3
bobbin broker stop -q
bobbin broker start -q -n 3
expect "after an end in order" $((start + 60)) "$(first t)"

echo "-- who is away while it happens learns of it before it may lead"
await_in_sync 3
away=$(field 'replicas[2]')
kill -KILL "$(pid_of "$away")"
await_in_sync 2
bobbin topic trim t --before $((start + 70)) -q > "$work/out" || fail "topic trim with two of three: $(cat "$work/err")"
bobbin broker start -q -n 3
await_in_sync 3
for id in $(field 'replicas | map(tostring) | join(" ")'); do
  [ "$id" = "$away" ] || kill -KILL "$(pid_of "$id")"
done
eventually 20 leads "$away" || fail "broker $away does not lead: $(field leader)"
expect "where it begins there" $((start + 70)) "$(first t)"
echo "OK"
