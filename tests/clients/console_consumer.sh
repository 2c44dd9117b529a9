#!/usr/bin/env bash
# console_consumer.sh PROGRAM: `bobbin consume --property ...` prints what the console consumer of Apache Kafka 4.3.1 prints
# of the same records with the same properties, byte for byte.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
# shellcheck source=../tools/real_kafka.sh
. "$(dirname "$0")/../tools/real_kafka.sh"

java_class_path
start_listening 1

bobbin topic create created -q
bobbin topic create stamped -q -c message.timestamp.type=LogAppendTime
for topic in created stamped; do
  printf '%s\n' '{"key":"k","value":"v","timestamp":1769853605250,"headers":[{"key":"n","value":null},{"key":"e","value":""},{"key":"a","value":"1"}]}' \
    '{"key":null,"value":null,"headers":[]}' '{"key":"","value":"","headers":[{"key":"h","value":"x"},{"key":"h","value":"y"}]}' |
    bobbin produce $topic -J -q --allow-expired
done

# agree TOPIC PROPERTY...
agree() {
  local topic=$1 ours=() theirs=() property
  shift
  for property in "$@"; do
    ours+=(--property "$property")
    theirs+=(--formatter-property "$property")
  done
  bobbin consume "$topic" -e -q "${ours[@]}" > "$work/ours"
  timeout 120 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" org.apache.kafka.tools.consumer.ConsoleConsumer \
    --bootstrap-server "$address" --topic "$topic" --partition 0 --offset earliest --max-messages 3 "${theirs[@]}" > "$work/theirs" 2> "$work/err" ||
    fail "the console consumer fails: $(tail -n 3 "$work/err")"
  same "$topic with $*" "$work/theirs" "$work/ours"
}

all=(print.timestamp=true print.partition=true print.offset=true print.delivery=true print.epoch=true print.headers=true print.key=true)
agree created "${all[@]}"
agree stamped "${all[@]}" key.separator='|' headers.separator=';' null.literal=NIL line.separator='#'
agree created "${all[@]}" print.value=false
agree stamped print.value=TRUE
echo "all is well"
