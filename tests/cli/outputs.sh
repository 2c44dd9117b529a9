#!/usr/bin/env bash
# outputs.sh PROGRAM: a file that is read is never emptied or appended to by the same command, through no option, link or
# redirection: it is refused with exit code 2 before anything is touched.
# shellcheck disable=SC2016  # commands that another shell runs
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

# untouched WHAT FILE COMMAND...: refused, in words, and the file is as it was; neither topic nor broker was made
untouched() {
  local what=$1 file=$2 result=0
  shift 2
  cp "$file" "$work/before"
  timeout 20 bash -c "$@" > "$work/said" 2>&1 || result=$?
  same "$what" "$work/before" "$file"
  expect "$what: exit code ($(cat "$work/said"))" 2 "$result"
  [ ! -e "$BOBBIN_DIR" ] || [ -n "${MAY_RUN:-}" ] || fail "$what: a cluster was made"
}
export program
cd "$work"
printf 'no delimiter\nk:v\n' > in
ln in other-name
ln -s in link
mkfifo fifo

echo "-- refused lines"
untouched "the file itself" in '"$program" produce t -K : -l in --on-error file=in'
untouched "by its whole path" in '"$program" produce t -K : -l in --on-error "file=$PWD/in"'
untouched "stdin" in '"$program" produce t -K : --on-error file=in < in'
untouched "a hard link" in '"$program" produce t -K : -l in --on-error file=other-name'
untouched "a symbolic link" in '"$program" produce t -K : -l in --on-error file=link'
untouched "a symbolic link that is read" in '"$program" produce t -K : -l link --on-error file=in'
untouched "the second of three files" in '"$program" produce t -K : -l /dev/null -l in -l /dev/null --on-error file=in'
untouched "a descriptor" in '"$program" produce t -K : -l in --on-error file=/dev/fd/9 9<> in'
untouched "stdin by its name" in '"$program" produce t -K : -l /dev/stdin --on-error file=in < in'
timeout 20 "$program" produce t -l fifo --on-error file=fifo 3<> fifo 2> err && fail "a FIFO that is read and written"
grep -q 'must not be written' err || fail "a FIFO that is read and written: $(cat err)"

echo "-- standard output and error"
untouched "--tee into the input" in '"$program" produce t -T < in >> in'
untouched "--tee into a file of several" in '"$program" produce t -T -l /dev/null -l in >> other-name'
untouched "--tee over the input" in '"$program" produce t -T < in 1<> in'
untouched "errors into the input" in '"$program" produce t -K : -l in 2>> in'
grep -q 'standard error is an input file' said || fail "it is told where it can be: $(cat said)"
untouched "both into the input" in '"$program" produce t -T -l in >> in 2>&1'

echo "-- what does not harm"
printf 'k:v\nbad\n' > in
# shellcheck disable=SC2094
"$program" produce fine -q -K : -l in --on-error file=rejected >> in || fail "nothing is printed without --tee"
expect "the refused line" bad "$(cat rejected)"
"$program" produce fine -q -K : -l in --on-error file=rejected
expect "a file of refused lines is begun anew" bad "$(cat rejected)"
"$program" produce fine -q -T < /dev/null > /dev/null 2>&1 || fail "/dev/null is read and written"
"$program" consume fine -e -q > out
expect "what was sent" $'v\nv' "$(cat out)"
"$program" consume fine -e -q >> out
expect "a file of one's own" 4 "$(wc -l < out)"

echo "-- the files of the cluster"
MAY_RUN=yes
seq 10 | "$program" produce own -q
log=$(segment own 0)
ln "$log" segment-link
untouched "a topic's log into that topic" "$log" '"$program" produce own -l "$BOBBIN_DIR/broker-1/own-0/00000000000000000000.log"'
untouched "the same under another name" "$log" '"$program" produce own < segment-link'
"$program" produce other -q -l "$log" --frame whole || fail "a topic's log into another topic is a file like any other"
untouched "records into their own log" "$log" '"$program" consume own -e >> "$BOBBIN_DIR/broker-1/own-0/00000000000000000000.log"'
untouched "the same under another name" "$log" '"$program" consume own -e >> segment-link'
untouched "messages into a log" "$log" '"$program" consume own -e 2>> segment-link'
untouched "refused lines over a log" "$log" '"$program" produce own -K : -l in --on-error file=segment-link'
touch "$BOBBIN_DIR/bobbin.toml"
untouched "refused lines over the settings" "$BOBBIN_DIR/bobbin.toml" '"$program" produce own -K : -l in --on-error "file=$BOBBIN_DIR/bobbin.toml"'
untouched "messages into the settings" "$BOBBIN_DIR/bobbin.toml" '"$program" broker start 2>> "$BOBBIN_DIR/bobbin.toml"'
untouched "a broker's log into itself" "$BOBBIN_DIR/broker-1.log" '"$program" broker logs >> "$BOBBIN_DIR/broker-1.log"'
expect "what is there" "$(seq 10)" "$("$program" consume own -e -q)"
"$program" consume own -e -q > "$BOBBIN_DIR/notes.txt" || fail "a file of one's own, in the cluster's directory"
echo "all is well"
