#!/usr/bin/env bash
# installed.sh PROGRAM BUILD CMAKE COMPILER [FLAG...]: installs the build into a prefix of its own, builds the examples
# against it, with find_package and with pkg-config, and runs them on a cluster that starts by itself.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
build=$2
cmake=$3
compiler=$4
flags=("${@:5}")
examples=$(cd "$(dirname "$0")" && pwd)/examples
prefix=$work/prefix

echo "-- install"
"$cmake" --install "$build" --prefix "$prefix" > "$work/install" || fail "$(cat "$work/install")"
for file in include/bobbin/{bobbin,producer,consumer,admin,cluster,error}.h share/man/man3/bobbin.3; do
  [ -s "$prefix/$file" ] || fail "not installed: $file"
done
library=$(cd "$prefix" && ls -d lib*/libbobbin.a lib*/*/libbobbin.a 2> /dev/null) || true
[ -n "$library" ] || fail "not installed: libbobbin.a"
library=$(dirname "$prefix/$library")
[ ! -e "$prefix/include/bobbin/internal" ] || fail "a header that is nobody's business is installed"

echo "-- each header stands alone and needs nothing but the standard library"
for header in "$prefix"/include/bobbin/*.h; do
  echo "#include <bobbin/$(basename "$header")>" |
    "$compiler" -std=c++20 -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror -I"$prefix/include" -fsyntax-only -x c++ - ||
    fail "$(basename "$header") does not compile by itself"
done

echo "-- build with find_package"
"$cmake" -G Ninja -S "$examples" -B "$work/examples" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_CXX_FLAGS="${flags[*]}" > "$work/log" 2>&1 || fail "$(cat "$work/log")"
"$cmake" --build "$work/examples" > "$work/log" 2>&1 || fail "$(cat "$work/log")"

echo "-- build with pkg-config"
if command -v pkg-config > /dev/null; then
  export PKG_CONFIG_PATH=$library/pkgconfig
  read -ra compiling <<< "$(pkg-config --cflags bobbin)"
  read -ra linking <<< "$(pkg-config --static --libs bobbin)"
  "$compiler" -std=c++20 -Wall -Wextra -Werror "${flags[@]}" "${compiling[@]}" "$examples/append_lines.cpp" \
    "${linking[@]}" -o "$work/append_by_pkg_config" || fail "pkg-config does not say all that a link needs"
  expect "version" "$("$prefix/bin/bobbin" --version | cut -d' ' -f2)" "$(pkg-config --modversion bobbin)"
  append=$work/append_by_pkg_config
else
  echo "there is no pkg-config"
  append=$work/examples/append_lines
fi

echo "-- a broker starts by itself, the one in PATH"
printf 'k1\tto be or not\nk2\tto be\nno key\n' > "$work/lines"
PATH=$work BOBBIN_DIR=$work/nowhere "$append" plays "$work/lines" > "$work/out" 2> "$work/err" &&
  fail "lines are acknowledged though there is no program for a broker"
grep -q 'no program bobbin in PATH' "$work/err" || fail "it is not told what is missing: $(cat "$work/err")"
export PATH="$prefix/bin:$PATH"
expect "acknowledged" "3 of 3 lines are acknowledged" "$("$append" plays "$work/lines" 2> "$work/err")"
grep -q '^started broker 1 ' "$work/err" || fail "nothing is said of the broker: $(cat "$work/err")"
expect "keys and values" "k1|to be or not
k2|to be
|no key" "$(bobbin consume plays -e -q -f '%k|%s\n')"

echo "-- words are counted while they come"
"$work/examples/count_words" plays > "$work/counts" 2> "$work/waiting" &
reader=$!
started+=("$reader")
eventually 20 grep -qs '^3 records' "$work/waiting" || fail "it does not reach the end: $(cat "$work/waiting")"
echo 'to the end' > "$work/more"
"$work/examples/append_lines" plays "$work/more" > /dev/null || fail "a second file is not appended"
eventually 20 grep -q '^4 records' "$work/waiting" || fail "it does not see what came later: $(cat "$work/waiting")"
kill -INT "$reader"
wait "$reader" || fail "it does not end well: $(cat "$work/waiting")"
expect "the most frequent word" "3 to" "$(head -n 1 "$work/counts")"
expect "all words" "be end key no not or the to" "$(cut -d' ' -f2 "$work/counts" | sort | paste -sd' ')"

echo "-- each failure is told"
bobbin topic create small -q -c max.message.bytes=200
{ echo one; head -c 1000 /dev/zero | tr '\0' x; echo; echo three; } > "$work/lines"
"$append" small "$work/lines" > "$work/out" 2> "$work/err" && fail "exit 0 though a line is too large"
expect "the others" "2 of 3 lines are acknowledged" "$(cat "$work/out")"
expect "failures" 1 "$(wc -l < "$work/err")"
grep -q "^$work/lines:2: .*max.message.bytes" "$work/err" || fail "the failure is told so: $(cat "$work/err")"
expect "records" "one
three" "$(bobbin consume small -e -q)"

echo "-- a refusal of the broker names each line that it concerns"
bobbin topic create compacted -q -c cleanup.policy=compact
printf 'a\t1\nb\t2\n' > "$work/lines"
"$append" compacted "$work/lines" > /dev/null || fail "records with keys"
printf 'a\t3\nno key\nc\t4\n' > "$work/lines"
"$append" compacted "$work/lines" > "$work/out" 2> "$work/err" && fail "a compacted topic takes a record without a key"
expect "lines told" "1 2 3" "$(sed -n "s|^$work/lines:\([0-9]*\): .*|\1|p" "$work/err" | paste -sd' ')"
expect "acknowledged" "0 of 3 lines are acknowledged" "$(cat "$work/out")"
expect "records" 2 "$(bobbin consume compacted -e -q | wc -l)"

echo "-- an order to stop and no broker that may be started"
bobbin broker stop -q
BOBBIN_AUTOSTART=never "$append" plays "$work/lines" > "$work/out" 2> "$work/err" && fail "exit 0 without a broker"
grep -q 'BOBBIN_AUTOSTART' "$work/err" || fail "the reason is not told: $(cat "$work/err")"
