#!/usr/bin/env bash
# kcat.sh PROGRAM: Debian's kcat (librdkafka) against a broker of ours over TCP: -L -P -C -Q, every codec, keys,
# headers, null values, every form of -o, -e; and each of the two reads what the other wrote.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

command -v kcat > /dev/null || skip "there is no kcat"

# -m 20: a slow machine is no failure; nothing takes more than a minute.
k() { timeout 60 kcat -b "$address" -m 20 "$@"; }
produce() { k -P "$@"; }
# read_all TOPIC [OPTION...]: from the beginning to the end
read_all() {
  local topic=$1
  shift
  k -C -q -e -X check.crcs=true -o beginning -t "$topic" "$@"
}

start_listening 1
bobbin topic create sorted -p 3 > /dev/null

echo "-- metadata"
k -L > "$work/list"
grep -q '1 brokers' "$work/list" || fail "-L: $(cat "$work/list")"
expect "partitions of -L -t" '[0,1,2]' "$(k -L -J -t sorted | jq -c '[.topics[0].partitions[].partition] | sort')"
expect "leader of -L -J" '1' "$(k -L -J -t sorted | jq -c '.topics[0].partitions[0].leader')"

echo "-- lines, both ways"
seq 1 50000 > "$work/numbers"
produce -t numbers < "$work/numbers"   # the topic is created by being written to
read_all numbers > "$work/read"
same "kcat to kcat" "$work/numbers" "$work/read"
bobbin consume numbers -e > "$work/read"
same "kcat to bobbin" "$work/numbers" "$work/read"
bobbin produce back < "$work/numbers"
read_all back > "$work/read"
same "bobbin to kcat" "$work/numbers" "$work/read"

echo "-- codecs"
for codec in none gzip snappy lz4 zstd; do
  produce -t "kcat-$codec" -X "compression.codec=$codec" < "$work/numbers"
  read_all "kcat-$codec" > "$work/read"
  same "kcat's $codec to kcat" "$work/numbers" "$work/read"
  bobbin consume "kcat-$codec" -e > "$work/read"
  same "kcat's $codec to bobbin" "$work/numbers" "$work/read"
  expect "codec on disk of kcat's $codec" "$codec" "$(codecs "$(segment "kcat-$codec" 0)" | sort -u)"

  bobbin produce "ours-$codec" -z "$codec" < "$work/numbers"
  read_all "ours-$codec" > "$work/read"
  same "our $codec to kcat" "$work/numbers" "$work/read"
  expect "codec on disk of our $codec" "$codec" "$(codecs "$(segment "ours-$codec" 0)" | sort -u)"
done

echo "-- keys, headers, null values"
printf 'k1:v1\nk2:\n:v3\nk4:v:4\n' | produce -t keyed -K : -Z -H a=1 -H b=zwei -H a=again
read_all keyed -f '%k|%s|%S|%h\n' > "$work/read"
printf '%s\n' 'k1|v1|2|a=1,b=zwei,a=again' 'k2||-1|a=1,b=zwei,a=again' '|v3|2|a=1,b=zwei,a=again' \
  'k4|v:4|3|a=1,b=zwei,a=again' > "$work/wanted"
same "keys and headers" "$work/wanted" "$work/read"
expect "null value of -Z" 'NULL' "$(read_all keyed -Z -f '%s\n' | sed -n 2p)"
expect "the same, as bobbin sees it" '["k2",null,["a","b","a"]]' \
  "$(bobbin consume keyed -e -J | jq -c 'select(.key == "k2") | [.key, .value, [.headers[].key]]')"
bobbin consume keyed -e -J | bobbin produce copied -J
read_all copied -f '%k|%s|%S|%h\n' > "$work/read"
same "keys and headers, copied by bobbin" "$work/wanted" "$work/read"
# One key, one partition, for both partitioners that place keys alike.
seq 1 300 | sed 's/.*/&:v/' | produce -t sorted -K : -X topic.partitioner=murmur2_random
k -C -q -e -o beginning -t sorted -f '%k %p\n' | sort > "$work/places"
bobbin topic create sorted-by-us -p 3 > /dev/null
seq 1 300 | sed 's/.*/&:v/' | bobbin produce sorted-by-us -K :
k -C -q -e -o beginning -t sorted-by-us -f '%k %p\n' | sort > "$work/our-places"
same "partitions of keys" "$work/places" "$work/our-places"

echo "-- partitions and delimiters"
bobbin topic create parts -p 4 > /dev/null
for partition in 0 1 2 3; do
  printf 'a%s;b%s;' $partition $partition | produce -t parts -p $partition -D ';'
done
expect "-p 2" 'a2,b2,' "$(k -C -q -e -o beginning -t parts -p 2 -D ,)"
expect "all partitions" '8' "$(read_all parts | wc -l)"

echo "-- start points"
seq 0 99 | produce -t spots -p 0
spots() { k -C -q -e -t spots -p 0 "$@"; }
expect "-o beginning" '0 99 100' "$(spots -o beginning | awk 'NR==1{f=$1} END{print f, $1, NR}')"
expect "-o end" '' "$(spots -o end)"
expect "-o 90" '90 91 92 93 94 95 96 97 98 99' "$(spots -o 90 | xargs)"
expect "-o -3" '97 98 99' "$(spots -o -3 | xargs)"
expect "-o beginning -c 2" '0 1' "$(spots -o beginning -c 2 | xargs)"
expect "-o 100, which is the end" '' "$(spots -o 100)"
# Groups are not there yet, so what was stored lies in a file of librdkafka's.
mkdir "$work/stored"
echo 42 > "$work/stored/spots-0.offset"
stored=(-X topic.offset.store.method=file -X "topic.offset.store.path=$work/stored")
expect "-o stored" '42 43' "$(spots "${stored[@]}" -o stored -c 2 | xargs)"

# Three records with times of their own, which kcat cannot give them.
for time in 1000 2000 3000; do
  echo "{\"timestamp\":$time,\"value\":\"at $time\"}"
done | bobbin produce timed -J --allow-expired
expect "-o s@" 'at 2000,at 3000,' "$(k -C -q -e -t timed -p 0 -o s@1500 -D ,)"
expect "-o s@ exactly" 'at 3000,' "$(k -C -q -e -t timed -p 0 -o s@3000 -D ,)"
expect "-o s@ to e@" 'at 1000,at 2000,' "$(k -C -q -t timed -p 0 -o s@500 -o e@2500 -D ,)"
expect "-Q" 'timed [0] offset 1' "$(k -Q -t timed:0:1500)"
expect "-Q at a record" 'timed [0] offset 2' "$(k -Q -t timed:0:3000)"
expect "-Q past the last" 'timed [0] offset -1' "$(k -Q -t timed:0:9000)"
expect "-Q of the end" 'timed [0] offset 3' "$(k -Q -t timed:0:-1)"
expect "-Q of the beginning" 'timed [0] offset 0' "$(k -Q -t timed:0:-2)"

echo "-- promises"
for acks in 0 1 -1; do
  seq 1 1000 | produce -t "acks$acks" -X "topic.request.required.acks=$acks"
  # Nobody says when a record that was sent with acks=0 has arrived.
  read_one() { [ "$(read_all "acks$acks" | wc -l)" = 1000 ]; }
  eventually 20 read_one || fail "acks=$acks: $(read_all "acks$acks" | wc -l) of 1000 records"
done
seq 1 20000 | produce -t idempotent -X enable.idempotence=true -X queue.buffering.max.ms=1
read_all idempotent | cmp - <(seq 1 20000) || fail "idempotent records are lost, doubled or out of order"
head -c 900000 /dev/zero | tr '\0' x > "$work/large"
produce -t large "$work/large"
read_all large -D '' > "$work/read"
same "a record of 900,000 bytes" "$work/large" "$work/read"

echo "-- waiting for what comes"
bobbin topic create live > /dev/null
k -C -q -u -t live -o beginning -c 3 > "$work/live" &
reader=$!
started+=("$reader")
seq 1 3 | produce -t live
wait "$reader" || fail "the waiting reader ended with $?"
expect "what came" '1 2 3' "$(xargs < "$work/live")"

echo "-- after a restart"
bobbin broker stop > /dev/null 2>&1
bobbin broker start > /dev/null 2>&1
address=$(addresses)
[ -n "$address" ] || fail "the broker does not listen again: $(bobbin broker status --output json)"
read_all numbers > "$work/read"
same "kcat, after a restart" "$work/numbers" "$work/read"
echo "all is well"
