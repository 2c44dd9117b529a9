#!/usr/bin/env bash
# completion.sh PROGRAM: what the shells offer; topics come from the files, and no broker is started for it.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)

mkdir "$work/bin"
ln -s "$(realpath "$program")" "$work/bin/bobbin"
export PATH=$work/bin:$PATH

# offered WORD...: what bash offers for the last word
offered() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bobbin; printf "%s\n" "${COMPREPLY[@]}"' \
    - "$root/completions/bobbin.bash" "$@" | sort | tr '\n' ' '
}

echo "-- bash: commands, options, values"
expect "commands" "produce " "$(offered bobbin prod)"
expect "verbs" "create " "$(offered bobbin topic cr)"
expect "options" "--partitioner --partition " "$(offered bobbin produce --partition | tr ' ' '\n' | sort -r | tr '\n' ' ' | sed 's/^ *//')"
expect "values" "gzip " "$(offered bobbin produce -z g)"
expect "after a global option" "create " "$(offered bobbin --dir /tmp topic cr)"

echo "-- topic names, without a broker"
expect "no cluster" " " "$(offered bobbin consume '' | sed 's/^$/ /')"
[ ! -e "$BOBBIN_DIR" ] || fail "completion made a cluster"
bobbin topic create -q alpha alphabet beta
bobbin broker stop -q
expect "topics" "alpha alphabet " "$(offered bobbin consume al)"
expect "topics of another directory" " " "$(offered bobbin --dir /nonexistent consume al | sed 's/^$/ /')"
expect "nothing runs" "stopped" "$(bobbin broker status --output json | jq -r '.[0].state')"

echo "-- zsh and fish read their scripts"
if command -v zsh > /dev/null; then zsh -n "$root/completions/_bobbin" || fail "zsh"; fi
if command -v fish > /dev/null; then
  fish -n "$root/completions/bobbin.fish" || fail "fish"
  got=$(fish -c "source $root/completions/bobbin.fish; complete -C 'bobbin consume al'" | cut -f 1 | sort | tr '\n' ' ')
  expect "fish: topics" "alpha alphabet " "$got"
fi
