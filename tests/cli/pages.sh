#!/usr/bin/env bash
# pages.sh PROGRAM: every manual page passes mandoc's lint, every page that one refers to is there, and the scripts of
# this folder and the completions pass shellcheck.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)

command -v mandoc > /dev/null || skip "there is no mandoc"
command -v shellcheck > /dev/null || skip "there is no shellcheck"

echo "-- mandoc"
for page in "$root"/man/*; do
  # Whether a page is installed is not the question; whether it is in man/ is asked below.
  complaints=$(mandoc -T lint -W all "$page" | grep -v 'referenced manual not found' || true)
  [ -z "$complaints" ] || fail "$complaints"
  mandoc -T utf8 "$page" > "$work/page" || fail "$page is not shown"
done
grep -rhE '^\.Xr bobbin' "$root/man" | sort -u | while read -r _ name section _; do
  [ -f "$root/man/$name.$section" ] || fail "a page refers to $name($section), which is not there"
done

echo "-- shellcheck"
shellcheck -x -P "$root/tests/cli" "$root"/tests/cli/*.sh "$root/tests/cli/print_pages"
shellcheck "$root/completions/bobbin.bash"

echo "-- printed and checked in are the same"
bobbin help --man > "$work/page"
same "bobbin.1" "$root/man/bobbin.1" "$work/page"
bobbin completion bash > "$work/page"
same "bobbin.bash" "$root/completions/bobbin.bash" "$work/page"
