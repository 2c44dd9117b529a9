#!/usr/bin/env bash
# librdkafka.sh PROGRAM BROKERS [TEST...]: the tests of librdkafka 2.15.1 that need a broker, against brokers of ours: all that
# must pass, or those of them that are named.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
tools=$(cd "$(dirname "$0")/../tools" && pwd)
brokers=$2
shift 2

# A word each: TEST, and what else of `whole`: also what the suite leaves out when it is to be quick; `since=V`: as if it talked to
# Kafka V, where later ones want what is not there; `only=PART`: of this test, what has these letters in its name.
must_pass='
0001 0002 0003 0005 0007 0008 0012 0013 0014 0015 0016 0017 0018:whole 0019:whole 0020 0021 0022:whole 0026:whole 0029 0030
0031:whole 0033:whole 0034:whole 0035 0036 0038 0039 0040:whole 0041 0042 0044 0045:whole 0048 0049 0050:whole 0051:whole 0052
0053 0054:whole 0055 0056:whole 0057 0059:whole 0060 0061 0063 0064 0065 0067 0068 0069 0070 0073 0075 0076 0082:whole 0083 0084
0085 0086:whole 0088 0090:whole 0091:whole 0093:whole 0094 0099:whole 0102:whole 0109:since=2.0.0 0110 0112 0114 0122:whole 0123
0125 0127:whole 0130:whole 0132:whole 0137 0139 0140:whole 0150
0011:whole
0081:only=unclean_destroy 0081:only=DeleteTopics 0081:only=CreatePartitions 0081:only=do_test_DescribeConfigs:
0081:only=ListConsumerGroups 0081:only=do_test_DescribeConsumerGroups: 0081:only=DeleteGroups
0081:only=DeleteConsumerGroupOffsets 0081:only=ListOffsets 0081:only=AlterConsumerGroupOffsets
0081:only=ListConsumerGroupOffsets 0081:only=DeleteRecords
0113:only=a_assign 0113:only=b_subscribe 0113:only=c_subscribe 0113:only=d_change 0113:only=e_change 0113:only=f_assign
0113:only=g_incremental 0113:only=h_delete 0113:only=i_delete 0113:only=j_delete 0113:only=k_add 0113:only=m_unsubscribe
0113:only=s_subscribe 0113:only=t_max_poll 0113:only=u_multiple 0113:only=v_commit 0113:only=x_incremental
'
# The same, of brokers that have been told to wait for the first members of a group: two that join at once are in one generation.
must_pass_with_delay='0089:whole 0113:only=l_unsubscribe 0113:only=n_wildcard 0118'
# And of brokers that create no topic because somebody asked for it; two of them want three replicas.
must_pass_without_creation='0045:whole'
(( brokers >= 3 )) && must_pass_without_creation+=' 0107:whole 0111:whole'

cannot() {
  cat << 'END'
0077            compaction
0081 (in part)  ACLs, SCRAM, configs of groups, configs that have no effect here
0092            message format 1, which Kafka 4 has not either
0097 0126 0135 0142  TLS and SASL
0098 0103 0129 0137 (in part)  transactions
0101            reading from followers
0115 0119       ACLs, as in part of 0109 after Kafka 2.0
0170 to 0185    share groups
END
}

suite=$("$tools/librdkafka_suite") || exit $?
mkdir -p "$work/kafka/bin"
ln -s "$tools/kafka-topics.sh" "$work/kafka/bin/"
ln -s "$suite/../src" "$work/src"  # some look for it beside themselves
export BOBBIN_PROGRAM=$program KAFKA_PATH=$work/kafka
export LD_LIBRARY_PATH=$suite/../src:$suite/../src-cpp

# is_named WORD NAME...: whether a word of the lists belongs to one of the tests; without names, to all.
is_named() {
  local word=$1 name
  shift
  (( $# == 0 )) && return
  for name in "$@"; do [ "${word%%:*}" = "$name" ] && return; done
  return 1
}

# run WORD SCENARIO: exit 0 if it ran and passed; what it said in $work/run/said
run() {
  local word=$1 number=${1%%:*} how=${1#*:} quick=-Q since=4.3.1 result=0
  [ "$how" = whole ] && quick=-S
  [[ $how == since=* ]] && since=${how#since=}
  unset SUBTESTS
  if [[ $how == only=* ]]; then
    quick=-S
    export SUBTESTS=${how#only=}
  fi
  rm -rf "$work/run"
  mkdir "$work/run"
  printf '%s\n' "bootstrap.servers=$address" test.topic.random=true test.timeout.multiplier=3 > "$work/run/test.conf"
  (cd "$work/run" && TESTS=$number TEST_SCENARIO=$2 TEST_KAFKA_VERSION=$since BROKERS=$address RDKAFKA_TEST_CONF=$work/run/test.conf \
    timeout -s ABRT 600 "$suite/test-runner" -L "$quick" -p1 > said 2>&1) 2> /dev/null || result=$?
  (( result == 0 )) && grep -qa "= Test ${number}_.* PASSED" "$work/run/said" || return 1
  # A part that is not there would pass, too.
  [ -z "${SUBTESTS:-}" ] || grep -qa 'PASS (' "$work/run/said"
}

failed=()
# run_all SCENARIO WORD...
run_all() {
  local scenario=$1 word began
  shift
  for word in "$@"; do
    is_named "$word" "${asked[@]}" || continue
    began=$SECONDS
    if run "$word" "$scenario"; then
      echo "passed $word ($((SECONDS - began)) s)"
    else
      failed+=("$word")
      echo "FAILED $word ($((SECONDS - began)) s)"
      # The first thing that it complains about, without colours.
      sed 's/\x1b\[[0-9;]*m//g' "$work/run/said" | grep -aA 1 -m 1 '^### Test' || tail -n 3 "$work/run/said"
    fi
  done
}

asked=("$@")
# shellcheck disable=SC2206 # words
words=($must_pass)
start_listening "$brokers" --set num.partitions=4 --set "default.replication.factor=$brokers"
run_all default "${words[@]}"
bobbin broker stop -q
start_listening "$brokers" --set num.partitions=4 --set "default.replication.factor=$brokers" \
  --set group.initial.rebalance.delay.ms=3000
# shellcheck disable=SC2086 # words
run_all default $must_pass_with_delay
bobbin broker stop -q
start_listening "$brokers" --set num.partitions=4 --set "default.replication.factor=$brokers" --set auto.create.topics.enable=false
# shellcheck disable=SC2086 # words
run_all noautocreate $must_pass_without_creation

echo "-- cannot pass:"
cannot
(( ${#failed[@]} == 0 )) || fail "of librdkafka's tests, with $brokers brokers: ${failed[*]}"
echo "all is well"
