#!/usr/bin/env bash
# tree.sh ROOT: the top level of the project holds what a newcomer expects and nothing else, and no tracked file
# names a folder of the machine on which somebody wrote it.
set -euo pipefail

root=$1
expected="CMakeLists.txt LICENSE README.md cmd completions lib man tests"
# Written in two halves, so that this file does not find itself.
machine_paths="(^|[^[:alnum:]_.~}-])/""(work/(main|shared|[.])|tmp/b""-|tmp/brief)"

if ! git -C "$root" rev-parse --is-inside-work-tree > /dev/null 2>&1; then
  echo "skipped: not a git work tree, so there is no list of what belongs to the project"
  exit 77
fi
cd "$root"

failed=0
while read -r name; do
  case " $expected " in
    *" $name "*) ;;
    *) [[ $name == .* ]] || { echo "at the top level, but not part of the house: $name"; failed=1; } ;;
  esac
done < <(git ls-files | cut -d/ -f1 | sort -u)

if git grep -nIE -e "$machine_paths" -- .; then
  echo "^ names a folder of a development machine"
  failed=1
fi
exit $failed
