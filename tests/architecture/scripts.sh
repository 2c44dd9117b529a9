#!/usr/bin/env bash
# scripts.sh ROOT: shellcheck has nothing to say about any shell script of the project.
set -euo pipefail

cd "$1"
command -v shellcheck > /dev/null || { echo "skipped: there is no shellcheck"; exit 77; }

# A script is known by its first line; completions of bash have none and go by their name.
mapfile -t scripts < <(
  find cmd tests .ci completions -type f -not -name '*.cpp' -not -name '*.h' -not -path '*/golden/*' -print0 |
    xargs -0 -r grep -lIm1 -E '^#!.*\b(bash|sh)$' -- | sort -u
  find completions -name '*.bash'
)
(( ${#scripts[@]} > 0 )) || { echo "no script was found"; exit 1; }
echo "${#scripts[@]} scripts"
shellcheck --shell=bash --external-sources --source-path=SCRIPTDIR "${scripts[@]}"
