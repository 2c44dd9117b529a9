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

echo "-- what is given to a completion is never expanded"
# Names as a hostile cluster would have them, from a program that stands in for ours.
mkdir "$work/hostile" "$work/files"
# shellcheck disable=SC2016  # not expanded: that is the point
printf '%s\n' '$(touch fired)' '`touch fired`' 'good' '*' '~root' '$HOME' 'a b' "x';touch fired;'" '-x' 'good{1,2}' '<(touch fired)' > "$work/names"
printf '#!/bin/sh\ncat "%s"\n' "$work/names" > "$work/hostile/bobbin"
chmod +x "$work/hostile/bobbin"
cd "$work/files"
unset_fired() { rm -f fired; }
not_fired() { [ ! -e fired ] || fail "$1: a name was executed"; }
PATH=$work/hostile:$PATH offered bobbin consume '' > "$work/offered"
not_fired bash
expect "bash: only what can be a name is offered" "-x good " "$(cat "$work/offered")"
# shellcheck disable=SC2016
for given in '$(touch fired)' '`touch fired`' '$(touch fired)/' '"$(touch fired)'; do
  for words in "consume" "produce -l" "--dir" "topic describe -t" "produce -z" ""; do
    # shellcheck disable=SC2086  # words
    offered bobbin $words "$given" > "$work/offered"
    not_fired "bash, 'bobbin $words $given'"
  done
  offered bobbin --dir "$given" consume '' > "$work/offered"
  not_fired "bash, --dir $given"
done
# As somebody types it: files are put in quoted.
# shellcheck disable=SC2016
touch '$(touch fired)'
python3 - "$root/completions/bobbin.bash" > "$work/typed" <<'PY'
import os
import pty
import select
import sys
import time

pid, terminal = pty.fork()
if pid == 0:
    os.environ["PS1"] = "ready>"
    os.environ["TERM"] = "dumb"
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])


def until(text, seconds=10):
    seen = b""
    end = time.monotonic() + seconds
    while text not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 4096)
    return seen


until(b"ready>")
os.write(terminal, b"source " + sys.argv[1].encode() + b"; bind 'set bell-style none'\n")
until(b"ready>")
until(b"ready>", 1)
os.write(terminal, b"bobbin produce -l \t")
print(until(b"fired", 5).decode(errors="replace"))
os.write(terminal, b"\x15exit\n")
os.waitpid(pid, 0)
PY
not_fired "bash, at a terminal"
# shellcheck disable=SC2016
grep -qF '\$\(touch' "$work/typed" || fail "a file's name is put in as it is: $(cat -v "$work/typed")"

echo "-- zsh and fish"
if command -v zsh > /dev/null; then
  zsh -n "$root/completions/_bobbin" || fail "zsh"
  # shellcheck disable=SC2016  # zsh's
  got=$(PATH=$work/hostile:$PATH zsh -f -c 'functions[_bobbin_file]=$(< '"$root/completions/_bobbin"'); _arguments() {}; _describe() {}
    _call_program() { shift; eval "$*" }; compadd() { print -rl -- ${(P)2} }; words=(bobbin); CURRENT=2; _bobbin_file; _bobbin_topics' | sort | tr '\n' ' ')
  not_fired zsh
  expect "zsh: only what can be a name is offered" "-x good " "$got"
fi
if command -v fish > /dev/null; then
  fish -n "$root/completions/bobbin.fish" || fail "fish"
  got=$(cd "$work" && fish -c "source $root/completions/bobbin.fish; complete -C 'bobbin consume al'" | cut -f 1 | sort | tr '\n' ' ')
  expect "fish: topics" "alpha alphabet " "$got"
  got=$(PATH=$work/hostile:$PATH fish -c "source $root/completions/bobbin.fish; complete -C 'bobbin consume '" | cut -f 1 | sort | tr '\n' ' ')
  not_fired fish
  expect "fish: only what can be a name is offered" "good " "$(echo "$got" | tr ' ' '\n' | grep -v '^-' | tr '\n' ' ' | sed 's/^ *//; s/ *$/ /')"
fi
