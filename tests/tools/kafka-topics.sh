#!/usr/bin/env bash
# kafka-topics.sh --bootstrap-server ADDRESS --create|--delete|--alter --topic NAME [--partitions N] [--replication-factor N]
# [--config NAME=VALUE]: the same done by the bobbin that BOBBIN_PROGRAM names, for suites that call Kafka's tool.
set -euo pipefail

action="" address="" topic="" partitions="" replicas="" configs=()
while (( $# )); do
  case $1 in
    --create | --delete | --alter) action=$1; shift; continue ;;
    --bootstrap-server) address=$2 ;;
    --topic) topic=$2 ;;
    --partitions) partitions=$2 ;;
    --replication-factor) replicas=$2 ;;
    --config) configs+=(-c "$2") ;;
    *) echo "kafka-topics.sh: what is $1?" >&2; exit 2 ;;
  esac
  shift 2
done
case $action in
  --create) words=(create "$topic" ${partitions:+-p "$partitions"} ${replicas:+-r "$replicas"} "${configs[@]}") ;;
  --delete) words=(delete "$topic") ;;
  --alter) words=(add-partitions "$topic" "$partitions") ;;
  *) echo "kafka-topics.sh: --create, --delete or --alter?" >&2; exit 2 ;;
esac
exec "$BOBBIN_PROGRAM" -b "$address" -q topic "${words[@]}"
