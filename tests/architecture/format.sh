#!/usr/bin/env bash
# format.sh ROOT: every source stands as .clang-format says. Versions of clang-format decide differently, so that only the one
# that .clang-format names is asked; where it is missing, the test is skipped.
set -euo pipefail
cd "$1"

version=14
for name in "clang-format-$version" clang-format; do
  if command -v "$name" > /dev/null && [[ $("$name" --version) == *"version $version."* ]]; then tool=$name; fi
done
[ -n "${tool:-}" ] || { echo "SKIPPED: there is no clang-format $version (Debian: clang-format)"; exit 77; }

# Not what a build made or somebody left beside it.
mapfile -t sources < <(find lib cmd tests -name '*.h' -o -name '*.cpp')
if ! "$tool" --dry-run --Werror "${sources[@]}" 2> "${TMPDIR:-/tmp}/format.$$"; then
  grep -oE '^[^ :]+:[0-9]+' "${TMPDIR:-/tmp}/format.$$" | sort -u | head -n 20
  rm -f "${TMPDIR:-/tmp}/format.$$"
  echo "FAILED: these lines stand otherwise. Run: $tool -i FILE..."
  exit 1
fi
rm -f "${TMPDIR:-/tmp}/format.$$"
