#!/usr/bin/env bash
# produce.sh PROGRAM: what becomes of lines, and exit codes that tell the truth.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

all() { bobbin consume "$1" -e "${@:2}"; }

echo "-- keys, delimiters, headers, nulls"
printf 'a=1\nb=2=3\n=4\n' | bobbin produce keys -q -K =
expect "keys" $'a|1\nb|2=3\n|4' "$(all keys -K '|')"
printf 'x,y,,z' | bobbin produce commas -q -D ,
expect "delimiter" $'x\ny\n\nz' "$(all commas)"
printf '\nv\n' | bobbin produce nulls -q -Z -k fixed -H h=1 -H h=2 -H n
expect "nulls and headers" $'fixed -1 h=1,h=2,n=\nfixed 1 h=1,h=2,n=' "$(all nulls -f '%k %S %h\n')"
expect "null prints as NULL" $'NULL\nv' "$(all nulls -Z)"
printf 'NIL\nx\n' | bobbin produce marker -q --null NIL
expect "a null of one's own" "-1 1 " "$(all marker -f '%S ')"
printf 'k:v\n' | bobbin produce --topic kafka -q --property parse.key=true --property key.separator=: --request-required-acks -1 --compression-codec gzip
expect "Kafka's forms" 'k v' "$(all kafka -f '%k %s')"

echo "-- frames"
printf '\0\0\0\3a\nb\0\0\0\0' | bobbin produce frames -q --frame u32be
expect "sized" $'3 0 ' "$(all frames -f '%S ')"
printf 'a\nb\0c\0' | bobbin produce nul -q --frame nul
all nul --frame nul | cmp - <(printf 'a\nb\0c\0') || fail "--frame nul"
all frames --frame u32be | cmp - <(printf '\0\0\0\3a\nb\0\0\0\0') || fail "--frame u32be"
expect "a torn frame" 1 "$(printf '\0\0\0\5ab' | code bobbin produce frames --frame u32be)"
expect "a torn frame at the end" 1 "$(printf '\0\0\0\1a\0\0\0\5ab' | code bobbin produce torn --frame u32be)"
grep -q '1 of 1 .*record 2' "$work/err" || fail "a torn frame says: $(cat "$work/err")"
expect "what came before a torn frame" a "$(all torn)"

echo "-- files"
expect "a directory" 2 "$(code bobbin produce no-such-topic -l "$work")"
expect "a directory at stdin" 2 "$(code bobbin produce no-such-topic < "$work")"
expect "makes no topic" "" "$(bobbin topic list --output tsv | grep no-such-topic || true)"
seq 3 > "$work/one"
seq 4 5 > "$work/two"
bobbin produce files -q -l "$work/one" "$work/two"
expect "files" "1 2 3 4 5" "$(all files | paste -sd ' ')"
expect "a missing file" 1 "$(code bobbin produce nofile -l "$work/none")"
bobbin topic list | grep -q nofile && fail "a missing file makes a topic"

echo "-- partitions and partitioners"
bobbin topic create -q six -p 6
seq 60 | bobbin produce six -q --partitioner round-robin
expect "round robin" "10 10 10 10 10 10" "$(for p in 0 1 2 3 4 5; do all six -p $p | wc -l; done | paste -sd ' ')"
seq 5 | bobbin produce six -q -p 3
expect "a fixed partition" 15 "$(all six -p 3 | wc -l)"
expect "a partition that is not there" 1 "$(echo x | code bobbin produce six -p 6)"

echo "-- codecs"
for codec in none gzip snappy lz4 zstd; do
  seq 5000 | bobbin produce "codec-$codec" -q -z "$codec"
  all "codec-$codec" | cmp - <(seq 5000) || fail "$codec"
done

echo "-- a line that cannot be sent: stop, skip, keep"
printf 'a:1\nb:2\nbad\nc:3\n' > "$work/lines"
expect "stop" 1 "$(code bobbin produce stop -K : -l "$work/lines")"
grep -q '2 of 3.*line 3' "$work/err" || fail "stop says: $(cat "$work/err")"
expect "everything before the line" "1 2" "$(all stop | paste -sd ' ')"
expect "skip" 0 "$(code bobbin produce skip -K : --on-error skip -l "$work/lines")"
grep -q '1 of 4.*line 3' "$work/err" || fail "skip says: $(cat "$work/err")"
expect "every other line" "1 2 3" "$(all skip | paste -sd ' ')"
expect "file" 0 "$(code bobbin produce file -K : --on-error file="$work/rejects" -l "$work/lines")"
same "rejects" <(echo bad) "$work/rejects"
expect "bad JSON" 1 "$(printf '{"value":"x"}\n{"vlaue":"x"}\n' | code bobbin produce json -J)"
grep -q 'line 2.*value' "$work/err" || fail "bad JSON says: $(cat "$work/err")"

echo "-- a line over the limit is refused by number, and costs its neighbours nothing"
{ echo before; head -c 3000000 /dev/zero | tr '\0' x; echo; echo after; } > "$work/long"
expect "stop" 1 "$(code bobbin produce long -l "$work/long")"
grep -q 'line 2.*3000000.*max.message.bytes' "$work/err" || fail "long says: $(cat "$work/err")"
expect "before it" "before" "$(all long)"
bobbin topic create -q large -c max.message.bytes=104857600
head -c 104857000 /dev/zero | tr '\0' x > "$work/large"
expect "a line that no request can carry" 1 "$(code bobbin produce large -l "$work/large")"
grep -q '104857000.*socket.request.max.bytes' "$work/err" || fail "large says: $(cat "$work/err")"
echo "-- a broker that reads small requests only gets small ones"
(
  export BOBBIN_DIR=$work/small
  bobbin broker start -q --set socket.request.max.bytes=100000
  bobbin topic create -q many -p 8
  seq 100000 | bobbin produce -q many --partitioner round-robin
  expect "records" 100000 "$(bobbin consume many -e | sort -n | uniq | wc -l)"
  expect "one that is too large" 1 "$(code bobbin produce many < "$work/long")"
  grep -q 'line 2.*3000000.*max.message.bytes\|line 2.*socket.request.max.bytes' "$work/err" || fail "says: $(cat "$work/err")"
  bobbin broker stop -q
)
expect "keep" 0 "$(code bobbin produce long2 --on-error file="$work/rejects" -l "$work/long")"
expect "its neighbours" "before after" "$(all long2 | paste -sd ' ')"
same "the long line is kept whole" <(sed -n 2p "$work/long") "$work/rejects"

echo "-- times before 1970, and records without one: a copy keeps them, and they are found"
printf '{"value":"%s","timestamp":%s}\n' a -86400000 b -1500 c -1 d -1500 e 0 f 1893456000000 > "$work/odd"
bobbin topic create odd odd-copy -q -p 2 -c message.timestamp.after.max.ms=9223372036854775807
bobbin produce odd -q -J -p 1 --allow-expired < "$work/odd" 2> "$work/err" || fail "$(cat "$work/err")"
bobbin consume odd -e -J -q | bobbin produce odd-copy -J -q --allow-expired
expect "the copy's times" "$(bobbin consume odd -e -f '%p %T %s;')" "$(bobbin consume odd-copy -e -f '%p %T %s;')"
expect "the times" "-86400000 -1500 -1 -1500 0 1893456000000 " "$(bobbin consume odd -e -f '%T ')"
for place in '@-86400000 abcdef' '@-86399999 bcdef' '@-1500 bcdef' '@-1499 cdef' '@-1 cdef' '@0 ef' '@1969-12-31T23:59:58.5Z bcdef' \
  '@-1500:-1 b' '@-1:0 cd' 's@-1 cdef' '@1893456000000 f' '@1893456000001 '; do
  expect "consume -o ${place% *}" "${place#* }" "$(bobbin consume odd -e -o "${place% *}" -f %s)"
done
expect "topic offsets --at" $'0\t\t\n1\t1\t-1500' "$(bobbin topic offsets odd --at -1500 --output tsv)"
expect "none so late" $'0\t\t\n1\t2\t-1' "$(bobbin topic offsets odd --at 1969-12-31T23:59:59Z --output tsv)"
expect "no record has none" $'0\t\t' "$(bobbin topic offsets odd --at 2031-01-01 --output tsv | head -n 1)"
echo x | bobbin produce odd -q -p 0 --timestamp -1500
expect "--timestamp" "-1500 1969-12-31 23:59:58" "$(bobbin consume odd -p 0 -e -f '%T %d{%F %T}')"
expect "too far before now" 1 "$(bobbin topic create strict -q -c message.timestamp.before.max.ms=1000; echo x | code bobbin produce strict --timestamp -1500)"
expect "a record that has no time is not" 0 "$(echo '{"timestamp":-1}' | code bobbin produce strict -J)"

echo "-- timestamps"
given=$((($(date +%s) - 3600) * 1000))
echo x | bobbin produce time -q --timestamp "$given"
expect "a given time" "$given" "$(all time -f %T)"
expect "an expired one" 1 "$(echo x | code bobbin produce time --timestamp -30d)"
grep -q 'allow-expired' "$work/err" || fail "no word of --allow-expired"
expect "an expired one in JSON" 1 "$(echo '{"value":"x","timestamp":1000}' | code bobbin produce time -J)"
printf '{"value":"a"}\n{"value":"b","timestamp":4070908800000}\n{"value":"c"}\n' > "$work/future"
expect "one too far in the future is a bad line" 1 "$(code bobbin produce future -J -l "$work/future")"
grep -q '1 of 2 .*line 2: .*message.timestamp.after.max.ms' "$work/err" || fail "the future says: $(cat "$work/err")"
expect "skipped" 0 "$(code bobbin produce future -J --on-error skip -l "$work/future")"
expect "its neighbours" "a a c" "$(all future | paste -sd ' ')"
expect "sent all the same" 0 "$(echo x | code bobbin produce old --timestamp 2020-01-01 --allow-expired)"

echo "-- JSON there and back: random bytes"
python3 - > "$work/records" <<'PY'
import base64, json, os, random
def bytes_field(d, name, null=True):
    if null and random.random() < .2: d[name] = None; return
    b = os.urandom(random.randrange(30)) if random.random() < .5 else random.choice(["", "caf\u00e9", "\u0000\u001b[31m\n\t\"\\", "\u2028\U0001f600"]).encode()
    try: d[name] = b.decode()
    except UnicodeDecodeError: d[name + "_b64"] = base64.b64encode(b).decode()
for i in range(3000):
    d = {"partition": random.randrange(3), "timestamp": 1900000000000 + i, "headers": []}
    bytes_field(d, "key"); bytes_field(d, "value")
    for _ in range(random.randrange(4)):
        h = {}; bytes_field(h, "key", False); bytes_field(h, "value"); d["headers"].append(h)
    print(json.dumps(d))
PY
bobbin topic create -q one two -p 3 -c message.timestamp.after.max.ms=9223372036854775807
bobbin produce one -J < "$work/records"
all one -J > "$work/one.json"
bobbin produce two -J < "$work/one.json"
all two -J > "$work/two.json"
for p in 0 1 2; do
  jq -c "select(.partition == $p) | del(.topic)" "$work/one.json" > "$work/a"
  jq -c "select(.partition == $p) | del(.topic)" "$work/two.json" > "$work/b"
  same "partition $p" "$work/a" "$work/b"
done
jq -cS 'select(.partition == 1) | del(.offset, .topic)' "$work/one.json" > "$work/a"
jq -cS 'select(.partition == 1)' "$work/records" > "$work/b"
same "what came back" "$work/b" "$work/a"

echo "-- tee, acks, no-create"
expect "tee" $'a\nb' "$(printf 'a\nb\n' | bobbin produce tee -q -T)"
bobbin produce tee -q -T < <(seq 1000000) | head -n 1 > /dev/null || fail "tee into a closed pipe"
expect "records of a tee whose reader went" 1000002 "$(bobbin consume tee -q -e | wc -l)"
for acks in all 1 0 -1; do echo "$acks" | bobbin produce acks -q -a "$acks"; done
eventually 10 bash -c "[ \$('$program' consume acks -e | wc -l) = 4 ]" || fail "acks"
echo x | bobbin produce acks -q --no-sync
expect "no-create" 1 "$(echo x | code bobbin produce missing --no-create)"
bobbin topic list | grep -q missing && fail "--no-create makes a topic"

echo "-- a signal: what was read is sent, then the command dies of it"
mkfifo "$work/pipe"
"$program" produce signal -q < "$work/pipe" &
pid=$!
started+=("$pid")
exec 7> "$work/pipe"
printf 'one\ntwo\nhalf' >&7
eventually 20 bash -c "[ \$('$program' consume signal -e 2> /dev/null | wc -l) = 2 ]" || fail "the lines are not there"
kill -TERM "$pid"
result=0
wait "$pid" || result=$?
exec 7>&-
expect "exit code after TERM" 143 "$result"
expect "what was read" "one two half" "$(all signal | paste -sd ' ')"

echo "-- a signal within a record that never ends"
"$program" produce endless -q < /dev/zero 2> "$work/err" &
pid=$!
started+=("$pid")
eventually 20 bash -c "'$program' topic list --output tsv | grep -q endless" || fail "no topic endless"
kill -TERM "$pid"
wait_for_end "$pid" || fail "it goes on reading after TERM"

echo "-- a full stdout of --tee: what was read is sent"
seq 3 | bobbin produce full -q -T > /dev/full 2> "$work/err" && fail "exit 0 though stdout is full"
expect "what was read before it" "1 2 3" "$(all full | paste -sd ' ')"

echo "-- files of the kernel, which claim to be empty"
bobbin produce proc -q < /proc/version
all proc | cmp - /proc/version || fail "/proc/version"

echo "-- a file that is cut while it is read"
seq 3000000 > "$work/cut"
"$program" produce cut -q -l "$work/cut" 2> "$work/err" &
pid=$!
started+=("$pid")
eventually 20 bash -c "'$program' topic list --output tsv | grep -q cut" || fail "no topic cut"
: > "$work/cut"
result=0
wait "$pid" || result=$?
(( result < 128 )) || fail "cut while it is read: exit code $result"

echo "-- standard outputs that are closed"
bobbin produce closed-outputs -q < <(seq 3) >&- 2>&- || fail "nothing was to be printed"
for command in "consume closed-outputs -e" "topic list" "produce closed-outputs -q -T"; do
  result=0
  # shellcheck disable=SC2086
  bobbin $command >&- 2> "$work/err" < "$work/one" || result=$?
  expect "$command, with nowhere to print" "1 Bad file descriptor" "$result $(grep -o 'Bad file descriptor' "$work/err")"
done
expect "what was sent" "1 2 3 1 2 3" "$(all closed-outputs | paste -sd ' ')"

echo "-- stdin that is closed"
expect "closed stdin" 1 "$(code bobbin produce closed <&-)"
