#!/usr/bin/env bash
# edges.sh PROGRAM: what is named twice, lies in the second of two files, is old on purpose, is begun anew, or is
# interrupted twice.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

echo "-- named twice"
bobbin topic create -q t u
expect "the same setting" 2 "$(code bobbin topic config t retention.ms=1h retention.ms=2h)"
says "retention.ms is changed twice"
expect "set and unset" 2 "$(code bobbin topic config t retention.ms=1h --unset retention.ms)"
expect "nothing was changed" 604800000 "$(bobbin topic config t --output json | jq -r '.[] | select(.name == "retention.ms") | .value')"
expect "the same topic" 0 "$(code bobbin topic delete u u)"
expect "it is gone" t "$(bobbin topic list --output tsv | cut -f 1)"
expect "no name" 2 "$(code bobbin topic create v -c =5)"
says "is no NAME=VALUE"

echo "-- a line that cannot be sent is told with its file and its place there"
printf 'a=1\nb=2\n' > "$work/good"
for bad in 1 2 3; do
  seq 3 | sed "s/^/k=/;${bad}s/.*/bad/" > "$work/second"
  expect "code" 1 "$(code bobbin produce t -K = -l "$work/good" "$work/second" "$work/good")"
  says "second line $bad:"
done

echo "-- old on purpose"
bobbin topic create -q compacted -c cleanup.policy=compact
expect "where nothing is deleted" 0 "$(echo x | code bobbin produce compacted -k key --timestamp 2001-02-03)"
expect "where it would be" 1 "$(echo x | code bobbin produce t -k key --timestamp 2001-02-03)"
says "retention.ms"
# The broker refuses it when the next file is read already.
echo "without a key" > "$work/first"
expect "a record that a broker refuses" 1 "$(code bobbin produce compacted -l "$work/first" "$work/good")"
says "first line 1:"

echo "-- a log that is followed and begun anew"
"$program" broker logs 1 --follow > "$work/followed" 2> "$work/err" &
follower=$!
started+=("$follower")
has_followed() { grep -q "$1" "$work/followed"; }
eventually 20 has_followed answers || fail "nothing is followed: $(cat "$work/err")"
: > "$BOBBIN_DIR/broker-1.log"
echo "a new beginning" >> "$BOBBIN_DIR/broker-1.log"
eventually 20 has_followed "a new beginning" || fail "what was begun anew is not followed"
kill -TERM "$follower"
wait "$follower" || true

echo "-- a reader that takes a little and then nothing does not keep consume from ending"
bobbin produce long -q < <(seq 1000000)
mkfifo "$work/slow"
"$program" consume long -q > "$work/slow" 2> /dev/null &
reader=$!
started+=("$reader")
exec 8< "$work/slow"
head -c 100000 <&8 > /dev/null
sleep 0.3  # now it waits for more room
head -c 5000 <&8 > /dev/null
sleep 0.3
kill -TERM "$reader"
eventually 10 is_gone "$reader" || fail "it does not end"
exec 8<&-
wait "$reader" || true

echo "-- the second signal ends the waiting for answers, and the truth is told"
broker=$(broker_pid)
mkfifo "$work/pipe"
"$program" produce t -q < "$work/pipe" 2> "$work/err" &
producer=$!
started+=("$producer")
exec 7> "$work/pipe"
echo first >&7
eventually 20 bash -c "'$program' consume t -e -q 2> /dev/null | grep -q first" || fail "the first line is not sent: $(cat "$work/err")"
kill -STOP "$broker"
echo second >&7
sleep 0.3
kill -TERM "$producer"
sleep 0.5
! is_gone "$producer" || fail "the first signal ends it: $(cat "$work/err")"
kill -TERM "$producer"
eventually 10 is_gone "$producer" || fail "the second signal does not end it"
result=0
wait "$producer" || result=$?
exec 7>&-
kill -CONT "$broker"
expect "code" 1 "$result"
says "1 of 2 records were acknowledged"
says "a second signal"

echo "-- a broker that hangs longer than --timeout says by default ends no consume that follows"
"$program" consume t -o end -q > "$work/out" 2> "$work/err" &
reader=$!
started+=("$reader")
"$program" consume t -o end -q --timeout 2s > /dev/null 2>&1 &
hasty=$!
started+=("$hasty")
sleep 0.5
kill -STOP "$broker"
eventually 20 is_gone "$hasty" || fail "who is to wait for two seconds waits for ever"
sleep 10
kill -CONT "$broker"
! is_gone "$reader" || fail "it is gone: $(cat "$work/err")"
echo after | bobbin produce t -q
eventually 20 grep -q after "$work/out" || fail "it does not read on: $(cat "$work/err")"
kill -TERM "$reader"
wait "$reader" || true
