#!/usr/bin/env bash
# links.sh PROGRAM: a symbolic link on the way to the cluster, or in place of one of its folders or of bobbin.toml, works as what it
# leads to; any other one is refused in words, before anything is started or written; and one that leads nowhere is never
# taken for an empty place.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
cd "$work" || exit 1
default_dir=$BOBBIN_DIR

# works WHAT DIR [ARGUMENT...]: one record in and out, by this name
works() {
  local what=$1 dir=$2
  echo hi | "$program" --dir "$dir" produce t -q 2> err || fail "$what: $(cat err)"
  expect "$what" hi "$("$program" --dir "$dir" consume t -e -q 2> err || cat err)"
  "$program" --dir "$dir" broker stop -q 2> err || fail "$what: it does not stop: $(cat err)"
}

echo "-- on the way"
mkdir real; ln -s real link; ln -s "$work/link" further
works "above" link/c
works "above, twice" further/c2
works "with .. behind a link" link/../real/c3
mkdir real4; ln -s real4 c4
works "the directory itself" c4
mkdir real8; ln -s real8 c8; works "with a slash at its end" c8/
mkdir -p home/.local big/share; ln -s "$work/big/share" home/.local/share
echo hi | env -u BOBBIN_DIR -u XDG_DATA_HOME HOME="$work/home" "$program" produce t -q 2> err || fail "the share folder of home is a link: $(cat err)"
env -u BOBBIN_DIR -u XDG_DATA_HOME HOME="$work/home" "$program" broker stop -q
[ -d big/share/bobbin/metadata ] || fail "it is not where the link leads"

echo "-- one cluster under two names"
mkdir r5; ln -s r5 l5
echo hi | bobbin --dir r5 produce t -q
expect "while a broker runs" hi "$(bobbin --dir l5 consume t -e -q)"
bobbin --dir r5 broker status > states || fail "$(cat states)"
bobbin --dir l5 broker stop -q
bobbin --dir r5 broker status > states && fail "stopped under the other name: $(cat states)"
expect "while none runs" hi "$(bobbin --dir l5 consume t -e -q 2> err)"
bobbin --dir l5 broker stop -q

echo "-- what leads nowhere"
# refused WHAT DIR WORDS: nothing is started, and nothing is written
refused() {
  local what=$1 dir=$2 words=$3 result=0 before after
  before=$(find "$work" -newermt 1970-01-01 -not -path "$work/err*" -not -path "$work/before" -printf '%p %s\n' | sort)
  echo hi | timeout 30 "$program" --dir "$dir" produce t -q > err 2>&1 || result=$?
  (( result == 1 || result == 2 )) || fail "$what: exit code $result: $(cat err)"
  grep -q "$words" err || fail "$what: it does not say '$words': $(cat err)"
  after=$(find "$work" -newermt 1970-01-01 -not -path "$work/err*" -not -path "$work/before" -printf '%p %s\n' | sort)
  expect "$what: what is there" "$(grep -v /stopped <<< "$before")" "$(grep -v /stopped <<< "$after")"
  if "$program" --dir "$dir" broker status > /dev/null 2>&1; then fail "$what: a broker runs"; fi
}
ln -s nowhere dangling
refused "the directory" dangling 'symbolic link to nowhere'
refused "above" dangling/c 'symbolic link to nowhere'
ln -s circle circle
refused "a circle" circle/c 'symbolic links'
echo x > file; ln -s file to-file
refused "a file" to-file 'not a directory'
refused "a file above" to-file/c 'Not a directory'

echo "-- folders on another disk"
make() {
  export BOBBIN_DIR=$work/$1
  seq 5 | bobbin produce t -q
  bobbin topic create other -q
  bobbin broker stop -q
}
make c6
mkdir disk
mv c6/broker-1 disk/; ln -s "$work/disk/broker-1" c6/broker-1
seq 6 10 | bobbin produce t -q || fail "a broker's folder that is a link"
expect "a broker's folder" "$(seq 10)" "$(bobbin consume t -e -q)"
expect "brokers" 1 "$(bobbin broker status --output tsv | wc -l)"
bobbin broker stop -q
mv c6/metadata disk/; ln -s ../disk/metadata c6/metadata
expect "the metadata" "$(seq 10)" "$(bobbin consume t -e -q)"
bobbin topic create new -q
bobbin broker stop -q
mv disk/broker-1/t-0 disk/; ln -s ../../disk/t-0 disk/broker-1/t-0
ln -s "$work/disk/t-0" c6/unrelated
expect "a partition's folder" "$(seq 10)" "$(bobbin consume t -e -q)"
seq 11 12 | bobbin produce t -q
expect "appended there" "$(seq 12)" "$(bobbin consume t -e -q)"
kill -KILL "$(broker_pid)"
eventually 10 bobbin consume t -e -q > got || fail "after a kill"
expect "after a kill" "$(seq 12)" "$(cat got)"
[ -s disk/t-0/00000000000000000000.log ] || fail "it is not where the link leads"
bobbin topic delete t -q
gone() { [ ! -L disk/broker-1/t-0 ] && [ -z "$(find disk/broker-1 -name 't-0*')" ]; }
eventually 10 gone || fail "the deleted topic's link stays: $(ls disk/broker-1)"
[ -s disk/t-0/00000000000000000000.log ] || fail "what a link leads to is not removed by the way"
grep -q 'symbolic link' c6/broker-1.log || fail "nobody says so"
echo again | bobbin produce t -q || fail "a topic made anew"
expect "a topic made anew" again "$(bobbin consume t -e -q)"
bobbin broker stop -q

echo "-- whose disk is not mounted"
make c7
mv c7/broker-1 disk/broker-1-of-c7; ln -s "$work/disk/absent" c7/broker-1
refused "a broker's folder" c7 'broker 1: its folder .*/disk/absent is not there .*: is the disk mounted'
rm c7/broker-1; mv disk/broker-1-of-c7 c7/broker-1
mv c7/broker-1/t-0 disk/t-0-of-c7; ln -s "$work/disk/absent" c7/broker-1/t-0
refused "a partition's folder" c7 'symbolic link to .*/disk/absent, which is not there'
rm c7/broker-1/t-0; mv disk/t-0-of-c7 c7/broker-1/t-0
mv c7/metadata disk/metadata-of-c7; ln -s "$work/disk/absent" c7/metadata
refused "the metadata" c7 'symbolic link to .*/disk/absent, which is not there'
rm c7/metadata; mv disk/metadata-of-c7 c7/metadata
expect "all is there again" "$(seq 5)" "$(bobbin consume t -e -q)"
bobbin broker stop -q

echo "-- files"
for file in starter.lock broker-1.log broker-1.state metadata/.lock metadata/meta.properties metadata/__cluster_metadata-0/00000000000000000000.log \
  broker-1/.lock broker-1/meta.properties broker-1/recovery-point-offset-checkpoint broker-1/t-0/00000000000000000000.log broker-1/t-0/partition.metadata; do
  [ -f "c7/$file" ] || fail "there is no $file: $(ls -A "c7/$(dirname "$file")")"
  mv "c7/$file" disk/file; ln -s "$work/disk/file" "c7/$file"
  refused "$file" c7 'is a symbolic link'
  rm "c7/$file"; mv disk/file "c7/$file"
done
expect "nothing was lost by it" "$(seq 5)" "$(bobbin consume t -e -q)"
bobbin broker stop -q
timeout 20 "$program" --dir c7 broker start --foreground > err 2>&1 & foreground=$!
started+=("$foreground")
runs() { bobbin broker status > /dev/null 2>&1; }
eventually 10 runs || fail "in the foreground: $(cat err)"
kill "$foreground"; wait "$foreground" || true
ln -s "$work/disk/file" c7/broker-1/t-0/leader-epoch-checkpoint.tmp
result=0
timeout 20 "$program" --dir c7 broker start --foreground > err 2>&1 || result=$?
expect "in the foreground: exit code" 1 "$result"
grep -q 'is a symbolic link' err || fail "in the foreground: $(cat err)"
rm c7/broker-1/t-0/leader-epoch-checkpoint.tmp

echo "-- bobbin.toml"
mkdir dotfiles
printf '[num]\npartitions = 3\n' > dotfiles/bobbin.toml
ln -s ../dotfiles/bobbin.toml c7/bobbin.toml
bobbin topic create three -q
expect "settings that are kept elsewhere" 3 "$(bobbin topic list --output json | jq '.[] | select(.name == "three").partitions')"
bobbin broker stop -q
rm dotfiles/bobbin.toml
refused "settings that are not there" c7 'symbolic link to .*bobbin.toml, which is not there'
rm c7/bobbin.toml
export BOBBIN_DIR=$default_dir
echo "all is well"
