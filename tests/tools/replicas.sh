# shellcheck shell=bash
# Sourced after cluster.sh by tests of topic t, whose first partition has copies on brokers 1 to 3.

# What describe says of that partition: a field's name, or what jq makes of it.
field() { bobbin topic describe t --output json | jq -r ".[0].partitions[0].$1"; }
pid_of() { bobbin broker status --output json | jq -r ".[] | select(.id == $1) | .pid // empty"; }
in_sync() { [ "$(field 'isr | length')" = "$1" ]; }
await_in_sync() { eventually 20 in_sync "$1" || fail "${2:+$2: }in sync are $(field isr)"; }
leads() { [ "$(field leader)" = "$1" ]; }
leads_another() { local now; now=$(field leader); [ "$now" != "$1" ] && [ "$now" != null ] && [ "$now" != -1 ]; }
# Of the consumer that writes to $work/read.
has_read() { [ "$(wc -l < "$work/read")" -ge "$1" ]; }
copies_agree() {
  local first=$BOBBIN_DIR/broker-1/t-0 other
  for other in "$BOBBIN_DIR"/broker-2/t-0 "$BOBBIN_DIR"/broker-3/t-0; do
    cmp -s "$first/00000000000000000000.log" "$other/00000000000000000000.log" || return 1
  done
}
await_same_copies() { eventually 20 copies_agree || fail "the copies differ: $(cd "$BOBBIN_DIR" && cksum broker-*/t-0/*.log)"; }
