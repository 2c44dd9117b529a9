# shellcheck shell=bash
# Sourced after cluster.sh by scripts that need a real Apache Kafka: a combined node of 4.3.1 on ports of its own,
# in $work/kafka, from the jars that kafka_classpath fetched.

# java_class_path: sets $class_path, or ends the script as skipped
java_class_path() {
  class_path=$("$(dirname "${BASH_SOURCE[0]}")/kafka_classpath" 2> "$work/class_path.log") || {
    local result=$?
    cat "$work/class_path.log"
    exit "$result"
  }
}

free_ports() {
  python3 - "$1" <<'PY'
import socket
import sys

sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*[s.getsockname()[1] for s in sockets])
PY
}

write_properties() {
  cat > "$work/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:$2
listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2
advertised.listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$work/kafka
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=10000000
PROPERTIES
}

kafka_java() { java -Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" "$@"; }

kafka_answers() { timeout 10 kcat -b "$1" -L -m 1 > /dev/null 2>&1; }

# start_real_kafka: sets $kafka to its address. The process is ended by clean_up.
start_real_kafka() {
  local client controller
  java_class_path
  read -r client controller <<< "$(free_ports 2)"
  write_properties "$client" "$controller"
  # shellcheck disable=SC2034 # the scripts read it
  kafka=127.0.0.1:$client
  kafka_java kafka.tools.StorageTool format --standalone -t "$(kafka_java kafka.tools.StorageTool random-uuid)" \
    -c "$work/server.properties" > "$work/kafka.log" 2>&1 || { cat "$work/kafka.log"; fail "Kafka's storage cannot be made"; }
  java -Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" kafka.Kafka "$work/server.properties" \
    >> "$work/kafka.log" 2>&1 < /dev/null &
  started+=($!)
  eventually 60 kafka_answers "$kafka" || { tail -n 20 "$work/kafka.log"; fail "Kafka does not answer"; }
}
