#!/usr/bin/env bash
# node.sh PROGRAM CLIENT [BROKERS]: a client of Node against brokers of ours: topics, records, a group of two, its positions.
# CLIENT: kafkajs (2.2.4, JavaScript alone) or node-rdkafka (3.6.1, with librdkafka 2.12.0, which is compiled when it is fetched).
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
here=$(cd "$(dirname "$0")" && pwd)
client=$2
brokers=${3:-1}

declare -A versions=([kafkajs]=2.2.4 [node-rdkafka]=3.6.1)
NODE_PATH=$("$here/../tools/npm_module" "$client" "${versions[$client]}") || exit $?
export NODE_PATH KAFKAJS_NO_PARTITIONER_WARNING=1

start_listening "$brokers"
timeout 150 node "$here/node_$client.js" "$address" "$brokers" || fail "$client ended with $?"
echo "all is well"
