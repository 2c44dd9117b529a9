#!/usr/bin/env bash
# times.sh PROGRAM: a time that lies in records that are missing has no offset, and nobody is told one: exit 4, with the reason.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

folder=$BOBBIN_DIR/broker-1/t-0
day=$(( ($(date +%s) - $(date +%s) % 86400) * 1000 ))
at() { echo $((day + $1 * 1000)); }

# Ten times a thousand records, a second from one to the next, in several segments.
bobbin topic create t -q -c segment.bytes=1048576
long=$(printf '%600s' '' | tr ' ' x)
for i in 0 1 2 3 4 5 6 7 8 9; do
  seq $((i * 1000)) $((i * 1000 + 999)) | sed "s/\$/ $long/" | bobbin produce t -q --timestamp "$(at "$i")"
done
bobbin broker stop -q
mv "$BOBBIN_DIR" "$work/whole"
anew() {
  bobbin broker stop -q > /dev/null 2>&1 || true
  rm -rf "$BOBBIN_DIR"
  cp -r "$work/whole" "$BOBBIN_DIR"
  mapfile -t segments < <(ls "$folder"/*.log)
  (( ${#segments[@]} >= 4 )) || fail "several segments: ${segments[*]}"
}
base() { echo $((10#$(basename "$1" .log))); }

# unknown SECOND: over both ways, by both commands
unknown() {
  for way in "" "-b $address"; do
    # shellcheck disable=SC2086  # no address is no argument
    expect "$what, second $1 $way: topic offsets" 4 "$(code timeout 60 "$program" topic offsets t --at "$(at "$1")" $way)"
    says 't-0'
    says 'missing or damaged'
    ! grep -q '[0-9]' "$work/out" || fail "$what, second $1: an offset all the same: $(cat "$work/out")"
    # shellcheck disable=SC2086  # no address is no argument
    expect "$what, second $1 $way: consume" 4 "$(code timeout 60 "$program" consume t -e -q -o "@$(at "$1")" $way)"
    [ ! -s "$work/out" ] || fail "$what, second $1: records all the same: $(head -n 3 "$work/out")"
  done
  bobbin broker logs > "$work/logs"
  grep -q 't-0: .*DAMAGED' "$work/logs" || fail "$what: the broker's log does not say so"
}
# known SECOND OFFSET
known() { expect "$what, second $1" "$2" "$(bobbin topic offsets t --at "$(at "$1")" --output json | jq '.[0].offset')"; }

what="nothing is gone"
anew
start_listening 1
for i in 0 1 2 3 4 5 6 7 8 9; do known "$i" $((i * 1000)); done

what="the first segments are gone"
anew
rm "${segments[0]%.log}".* "${segments[1]%.log}".*
second=$(( $(base "${segments[2]}") / 1000 ))  # in which the rest begins
start_listening 1
unknown 0
unknown "$second"
known $((second + 1)) $(((second + 1) * 1000))

what="a segment in the middle is gone"
anew
rm "${segments[2]}"
second=$(( $(base "${segments[3]}") / 1000 ))
start_listening 1
known 0 0
unknown $(( $(base "${segments[2]}") / 1000 + 1 ))
known $((second + 1)) $(((second + 1) * 1000))

what="the last segment is emptied"
anew
: > "${segments[-1]}"
start_listening 1
known 1 1000
unknown $(( ($(base "${segments[-1]}") + 999) / 1000 ))
unknown 20

what="the folder is gone"
anew
rm -rf "$folder"
start_listening 1
unknown 0
unknown 20
echo behind | bobbin produce t -q --timestamp "$(at 30)"
unknown 20
kill_broker
start_listening 1
unknown 20
