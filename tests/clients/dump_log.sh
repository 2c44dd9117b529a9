#!/usr/bin/env bash
# dump_log.sh PROGRAM: kafka-dump-log of Apache Kafka 4.3.1 reads our logs: while a broker appends to them, after it was
# killed, and closed. Every batch is valid, offsets are consecutive, and the indexes agree with the log.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/real_kafka.sh
. "$(dirname "$0")/../tools/real_kafka.sh"

java_class_path

# dump FILE...: what the tool says, in $work/dump
dump() {
  local files
  files=$(IFS=,; echo "$*")
  timeout 120 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" org.apache.kafka.tools.DumpLogSegments \
    --deep-iteration --files "$files" > "$work/dump" 2>&1 || { tail -n 20 "$work/dump"; fail "kafka-dump-log fails on $files"; }
  # The tool finds that -1 is not followed by the first offset of any segment but a topic's first: also in Kafka's own.
  if grep -nE 'isvalid: false|[Mm]ismatch|is followed by|out of order|ERROR|Exception|Found timestamp' "$work/dump" |
    grep -v -- ' -1 is followed by'; then
    fail "kafka-dump-log complains about ${files//,/ }"
  fi
}

# check TOPIC RECORDS: every file of partition 0; a log that is whole holds exactly so many records
check() {
  local directory=$BOBBIN_DIR/broker-1/$1-0 files=()
  mapfile -t files < <(find "$directory" -name '*.log' -o -name '*.index' -o -name '*.timeindex' | sort)
  dump "${files[@]}"
  if [ -n "${2:-}" ]; then
    expect "records that kafka-dump-log sees in $1" "$2" "$(grep -cE '^\| offset: ' "$work/dump" || true)"
  fi
}

bobbin broker start > /dev/null 2>&1

echo "-- codecs, keys, headers"
for codec in none gzip snappy lz4 zstd; do
  seq 1 5000 | sed 's/.*/k&:value &/' | bobbin produce "$codec" -z "$codec" -K : -H h=1 -H h=2 2> "$work/err" || fail "$(cat "$work/err")"
  check "$codec" 5000
  grep -q "compresscodec: $codec" "$work/dump" || fail "kafka-dump-log does not see $codec"
done

echo "-- live: small segments, while they are written and rolled"
bobbin topic create live -c segment.bytes=1MiB -c index.interval.bytes=200 > /dev/null
( for i in $(seq 1 400); do seq $((i * 1000)) $((i * 1000 + 999)) | sed 's/$/ and some text/'; sleep 0.02; done ) |
  bobbin produce live 2> "$work/err" &
writer=$!
started+=("$writer")
written() { [ -s "$(segment live 0)" ]; }
eventually 20 written || fail "nothing was written: $(cat "$work/err")"
# The tool opens a file of a broker that appends: what it sees may end in the middle of a batch, which it reports as
# trailing bytes and not as damage.
dump "$(segment live 0)"
wait "$writer" || fail "produce ended with $?: $(cat "$work/err")"
segments=("$BOBBIN_DIR"/broker-1/live-0/*.log)
(( ${#segments[@]} > 2 )) || fail "the log was not rolled: ${segments[*]}"
check live 400000

echo "-- killed, and opened again"
kill -KILL "$(bobbin broker status --output json | jq '.[0].pid')"
seq 1 10 | bobbin produce live 2> "$work/err" || fail "$(cat "$work/err")"
check live 400010

echo "-- closed"
bobbin broker stop > /dev/null 2>&1
check live 400010
for codec in none gzip snappy lz4 zstd; do
  check "$codec" 5000
done
snapshots=("$BOBBIN_DIR"/broker-1/live-0/*.snapshot)
[ -e "${snapshots[0]}" ] || fail "a closed log of an idempotent producer has no snapshot"
dump "${snapshots[@]}"

echo "-- the cluster's own metadata"
timeout 120 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" org.apache.kafka.tools.DumpLogSegments \
  --cluster-metadata-decoder --files "$BOBBIN_DIR/metadata/__cluster_metadata-0/00000000000000000000.log" > "$work/dump" 2>&1 ||
  fail "kafka-dump-log cannot read the metadata: $(tail -n 5 "$work/dump")"
grep -q '"type":"TOPIC_RECORD".*"name":"live"' "$work/dump" || fail "the metadata does not tell of the topic: $(tail -n 5 "$work/dump")"
if grep -nE 'isvalid: false|Could not decode' "$work/dump"; then
  fail "kafka-dump-log complains about the metadata"
fi
echo "all is well"
