# bash completion of bobbin. Printed by 'bobbin completion bash'; the table of commands is the source.
# shellcheck shell=bash

_bobbin_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }

# The shell quotes the names of files that it puts in.
_bobbin_files() {
  compopt -o filenames 2> /dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

# Names from the files of the cluster that the command line means; no broker is asked. They are compared, never
# expanded, and what is no name of a topic is not offered: it would be put into the command line.
_bobbin_names() {
  local i name dir=() LC_ALL=C
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == --dir ]] && dir=(--dir "${COMP_WORDS[i + 1]}")
  done
  while IFS= read -r name; do
    [[ $name == "$cur"* && $name != *[!A-Za-z0-9._-]* ]] && COMPREPLY+=("$name")
  done < <("${COMP_WORDS[0]}" complete "$1" "${dir[@]}" 2> /dev/null)
}

_bobbin() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} word command='' skip='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
      -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list | --dir | --timeout | --output) skip=1 ;;
      -*) ;;
      *)
        case $command in
          '') command=$word ;;
          topic | group | broker | cluster) command+=" $word" ;;
          *) break ;;
        esac
        ;;
    esac
  done
  case $command in
    '')
      case $prev in
        --dir) _bobbin_files -d ;;
        *) _bobbin_words "produce consume topic group broker cluster completion help --bootstrap-server --dir --timeout --no-start --quiet --help --version" ;;
      esac
      ;;
    topic) _bobbin_words "create list describe config add-partitions offsets trim delete recover" ;;
    group) _bobbin_words "list describe reset export wait delete delete-offsets redrive" ;;
    broker) _bobbin_words "start add remove stop status kill pause resume logs config" ;;
    cluster) _bobbin_words "elect reassign" ;;
    'produce')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        -k | --key) : ;;
        -K | --key-delimiter) : ;;
        -D | --delimiter) : ;;
        -H | --header) : ;;
        -p | --partition) : ;;
        --partitioner) _bobbin_words "murmur2 crc32 sticky round-robin random" ;;
        -z | --compression | --compression-codec) _bobbin_words "none gzip snappy lz4 zstd" ;;
        -a | --acks | --request-required-acks) _bobbin_words "all 1 0 -1" ;;
        --null) : ;;
        -l | --lines) _bobbin_files -f ;;
        --frame) _bobbin_words "line nul u32be whole" ;;
        --timestamp) : ;;
        --on-error) _bobbin_words "stop skip file=" ;;
        --property | --reader-property) : ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --key --key-delimiter --delimiter --header --partition --partitioner --compression --acks --no-sync --nulls --null --json --lines --frame --timestamp --allow-expired --tee --on-error --no-create --property --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'consume')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        -o | --offset) : ;;
        -p | --partition) : ;;
        -n | -c | --max-messages) : ;;
        -g | -G | --group) : ;;
        --commit) _bobbin_words "each batch exit none" ;;
        --exec) : ;;
        --exec-batch) : ;;
        --batch-records) : ;;
        -P | --workers) : ;;
        --retries) : ;;
        --backoff) : ;;
        -f | --format) : ;;
        -D | --delimiter) : ;;
        -K | --key-delimiter) : ;;
        --null) : ;;
        --include | --whitelist) : ;;
        --frame) _bobbin_words "line nul u32be whole" ;;
        --idle-timeout) : ;;
        --timeout-ms) : ;;
        --property | --formatter-property) : ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --offset --from-beginning --partition --max-messages --exit --group --commit --at-most-once --exec --exec-batch --batch-records --workers --retries --backoff --format --json --delimiter --key-delimiter --nulls --null --unbuffered --busy --regex --include --frame --idle-timeout --timeout-ms --raw --property --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'topic create')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        -p | --partitions) : ;;
        -r | --replication-factor) : ;;
        -c | --config) : ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --partitions --replication-factor --config --if-not-exists --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'topic list')
      case $prev in
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'topic describe')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --under-replicated --unavailable --under-min-isr --at-min-isr --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'topic config')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        -c | --config | --add-config) : ;;
        --unset | --delete-config) : ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --config --unset --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'topic add-partitions')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        --partitions) : ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --partitions --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'topic offsets')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        --at | --time) : ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --at --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'topic trim')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        -p | --partition) : ;;
        --before) : ;;
        --from-file | --offset-json-file) _bobbin_files -f ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --partition --before --from-file --dry-run --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'topic delete')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --if-exists --dry-run --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'topic recover')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        -p | --partition) : ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --partition --accept-loss --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'group list')
      case $prev in
        --state) : ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--state --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'group describe')
      case $prev in
        -g | --group) : ;;
        --fail-if-lag) : ;;
        --fail-if-behind) : ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--group --offsets --members --state --fail-if-lag --fail-if-behind --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'group reset')
      case $prev in
        -g | --group) : ;;
        --to-offset) : ;;
        --to-datetime) : ;;
        --by-duration) : ;;
        --shift-by) : ;;
        --from-file) _bobbin_files -f ;;
        -t | --topic) _bobbin_names topics ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--group --to-earliest --to-latest --to-current --to-offset --to-datetime --by-duration --shift-by --from-file --topic --all-topics --execute --dry-run --export --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'group export')
      case $prev in
        -g | --group) : ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--group --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'group wait')
      case $prev in
        -g | --group) : ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--group --empty --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'group delete')
      case $prev in
        -g | --group) : ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--group --dry-run --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'group delete-offsets')
      case $prev in
        -g | --group) : ;;
        -t | --topic) _bobbin_names topics ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--group --topic --dry-run --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'group redrive')
      case $prev in
        -g | --group) : ;;
        -t | --topic) _bobbin_names topics ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--group --topic --dry-run --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'broker start')
      case $prev in
        -n | --count) : ;;
        --set) : ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--count --foreground --listen --insecure-listen --set --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names brokers; fi ;;
      esac
      ;;
    'broker add')
      case $prev in
        --data) _bobbin_files -d ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--data --replace --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names brokers; fi ;;
      esac
      ;;
    'broker remove')
      case $prev in
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'broker stop')
      case $prev in
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names brokers; fi ;;
      esac
      ;;
    'broker status')
      case $prev in
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names brokers; fi ;;
      esac
      ;;
    'broker kill')
      case $prev in
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'broker pause')
      case $prev in
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'broker resume')
      case $prev in
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--bootstrap-server --dir --timeout --no-start --quiet --help --version"; else :; fi ;;
      esac
      ;;
    'broker logs')
      case $prev in
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--follow --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names brokers; fi ;;
      esac
      ;;
    'broker config')
      case $prev in
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names brokers; fi ;;
      esac
      ;;
    'cluster elect')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        -p | --partition) : ;;
        --election-type) : ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --partition --all-topic-partitions --election-type --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'cluster reassign')
      case $prev in
        -t | --topic) _bobbin_names topics ;;
        -p | --partition) : ;;
        --to) : ;;
        --replicas) : ;;
        -r | --replication-factor) : ;;
        --from-file | --reassignment-json-file) _bobbin_files -f ;;
        --throttle) : ;;
        --output) _bobbin_words "text json tsv" ;;
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--topic --partition --to --replicas --replication-factor --from-file --throttle --dry-run --no-wait --list --cancel --output --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_names topics; fi ;;
      esac
      ;;
    'completion')
      case $prev in
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_words "bash zsh fish"; fi ;;
      esac
      ;;
    'help')
      case $prev in
        -b | --bootstrap-server | --bootstrap-servers | --brokers | --broker-list) : ;;
        --dir) _bobbin_files -d ;;
        --timeout) : ;;
        *) if [[ $cur == -* ]]; then _bobbin_words "--man --bootstrap-server --dir --timeout --no-start --quiet --help --version"; else _bobbin_words "produce consume topic group broker cluster completion help"; fi ;;
      esac
      ;;
  esac
}

complete -o bashdefault -F _bobbin bobbin
