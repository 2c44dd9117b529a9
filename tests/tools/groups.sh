# shellcheck shell=bash
# Sourced after cluster.sh by tests of a group that is called workers.

group_is() { bobbin group describe workers --output json 2> "$work/group.err" | jq -c ".[0] | $1"; }
# ["Stable",[2,1,1]]: its state, and how many partitions each member has, the largest number first
counts() { group_is '[.state, ([.members[] | [.partitions[].partitions[]] | length] | sort | reverse)]'; }
has_counts() { [ "$(counts)" = "$1" ]; }
# await_counts COUNTS WHEN
await_counts() { eventually 40 has_counts "$1" || fail "$2: $(counts), wanted $1: $(cat "$work"/*.err 2> /dev/null)"; }
behind() { group_is '[.partitions[].lag // 0] | add'; }
coordinator() { group_is .coordinator; }
pid_of() { bobbin broker status --output json | jq -r ".[] | select(.id == $1) | .pid // empty"; }

# write FROM TO: the numbers into the topic jobs, each its own key
write() { seq "$1" "$2" | sed 's/.*/&:&/' | bobbin produce -q jobs -K :; }
# begin_writing FROM: the same, twenty at a time, until end_writing, which sets $written to the last one
begin_writing() {
  rm -f "$work/end"
  (n=$1
   while [ ! -e "$work/end" ]; do
     write "$n" "$(( n + 19 ))"
     n=$(( n + 20 ))
     echo "$(( n - 1 ))" > "$work/written.new"
     mv "$work/written.new" "$work/written"  # never empty for who reads it meanwhile
     sleep 0.05
   done) &
  producer=$!
  started+=("$producer")
}
end_writing() {
  touch "$work/end"
  wait "$producer" || fail "the producer ends with $?"
  written=$(cat "$work/written")
}
# What members have handled: lines "PARTITION NUMBER" in $work/member-*.
handled() { cat "$work"/member-* 2> /dev/null | wc -l; }
has_handled() { (( $(handled) >= $1 )); }
handled_once() { cat "$work"/member-* | cut -d ' ' -f 2 | sort -nu; }
has_handled_all() { [ "$(handled_once | wc -l)" -ge "$1" ]; }
missing() { comm -23 <(seq "$1" | sort) <(handled_once | sort) | sort -n | head -n 20 | xargs; }
# await_all COUNT: all up to there, maybe some of them again
await_all() { eventually 60 has_handled_all "$1" || fail "of $1 records are missing: $(missing "$1")"; }
# await_each_once COUNT
await_each_once() {
  await_all "$1"
  same "records up to $1" <(seq "$1") <(cat "$work"/member-* | cut -d ' ' -f 2 | sort -n)
}
