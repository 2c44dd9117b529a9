# shellcheck shell=bash
# Sourced after cluster.sh by tests of topic t, whose first partition has copies on brokers 1 to 3.

# What describe says of that partition: a field's name, or what jq makes of it.
field() { bobbin topic describe t --output json | jq -r ".[0].partitions[0].$1"; }
pid_of() { bobbin broker status --output json | jq -r ".[] | select(.id == $1) | .pid // empty"; }
in_sync() { [ "$(field 'isr | length')" = "$1" ]; }
await_in_sync() { eventually 20 in_sync "$1" || fail "${2:+$2: }in sync are $(field isr)"; }
leads() { [ "$(field leader)" = "$1" ]; }
leads_another() { local now; now=$(field leader); [ "$now" != "$1" ] && [ "$now" != null ] && [ "$now" != -1 ]; }
nothing_moves() { [ "$(bobbin cluster reassign --list -q --output json | jq length)" = 0 ]; }
# Of the consumer that writes to $work/read.
has_read() { [ "$(wc -l < "$work/read")" -ge "$1" ]; }

# begin_writing OFFSET: from here on t, which ends there, is written and read, by one producer and one consumer, until
# end_writing.
begin_writing() {
  "$program" consume t -o "$1" -q > "$work/read" 2> "$work/read.err" &
  started+=("$!")
  mkfifo "$work/in"
  "$program" produce t -q < "$work/in" 2> "$work/produce.err" &
  producer=$!
  started+=("$producer")
  exec 7> "$work/in"
  written=0
}
# write COUNT: the next numbers, from 1 on.
write() {
  local i
  is_gone "$producer" && fail "the producer is gone: $(cat "$work/produce.err")"
  for (( i = 0; i < $1; i++ )); do echo $(( ++written )) >&7; done
}
await_read() {
  eventually 20 has_read "$written" ||
    fail "${1:+$1: }$(wc -l < "$work/read") of $written were read: $(cat "$work/read.err")"
}
# Nothing is lost, doubled or out of order.
end_writing() {
  await_read
  exec 7>&-
  wait "$producer" || fail "the producer ends with $?: $(cat "$work/produce.err")"
  seq 1 "$written" | cmp - "$work/read" || fail "what was read is not what was written"
}

copies_agree() {
  local first=$BOBBIN_DIR/broker-1/t-0 other
  for other in "$BOBBIN_DIR"/broker-2/t-0 "$BOBBIN_DIR"/broker-3/t-0; do
    cmp -s "$first/00000000000000000000.log" "$other/00000000000000000000.log" || return 1
  done
}
await_same_copies() { eventually 20 copies_agree || fail "the copies differ: $(cd "$BOBBIN_DIR" && cksum broker-*/t-0/*.log)"; }
