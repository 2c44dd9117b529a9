#!/usr/bin/env bash
# install.sh BUILD CMAKE: an installation holds the program, every manual page and the completions, where shells and
# man look for them, and the installed program runs.
set -euo pipefail

build=$1
cmake=$2
source=$(cd "$(dirname "$0")/../.." && pwd)
prefix=$(mktemp -d "${TMPDIR:-/tmp}/bobbin-install-XXXXXX")
trap 'rm -rf "$prefix"' EXIT

"$cmake" --install "$build" --prefix "$prefix" > /dev/null

failed=0
expect_file() {
  [ -s "$prefix/$1" ] || { echo "not installed: $1"; failed=1; }
}

expect_file bin/bobbin
for page in "$source"/man/*.[1357]; do
  expect_file "share/man/man${page##*.}/$(basename "$page")"
done
expect_file share/bash-completion/completions/bobbin
expect_file share/zsh/site-functions/_bobbin
expect_file share/fish/vendor_completions.d/bobbin.fish
"$prefix/bin/bobbin" --version | grep -q '^bobbin ' || { echo "the installed program does not say its version"; failed=1; }
exit "$failed"
