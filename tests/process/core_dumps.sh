#!/usr/bin/env bash
# core_dumps.sh PROGRAM: a broker that crashes leaves no core dump, which would hold records, unless that was asked for.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

ulimit -Hc unlimited 2> /dev/null || skip "the hard limit forbids core dumps already"
ulimit -Sc unlimited

# limits: soft and hard
limits() { awk '/Max core file size/ { print $5, $6 }' "/proc/$(broker_pid)/limits"; }
bobbin broker start -q
expect "a broker that was started" "1 unlimited" "$(limits)"
bobbin broker stop -q
bobbin broker start -q --set core.dumps.enable=true
expect "one that may" "unlimited unlimited" "$(limits)"
bobbin broker stop -q
echo x | bobbin produce -q t
expect "one that a command started" "1 unlimited" "$(limits)"
bobbin broker stop -q

# dumped ARGUMENT...: whether a broker in the foreground, ended as a crash ends it, dumped its memory
dumped() {
  mkdir -p "$work/core" && (cd "$work/core" && python3 - "$program" "$BOBBIN_DIR" "$@" <<'PY'
import os
import signal
import subprocess
import sys
import time

program, directory, *more = sys.argv[1:]
if os.path.exists(directory + "/broker-1.sock"):  # of one that crashed
    os.remove(directory + "/broker-1.sock")
broker = subprocess.Popen([program, "broker", "start", "--foreground", *more], stderr=subprocess.DEVNULL)
for _ in range(600):
    if os.path.exists(directory + "/broker-1.sock"):
        break
    time.sleep(0.05)
os.kill(broker.pid, signal.SIGSEGV)
_, status = os.waitpid(broker.pid, 0)
assert os.WTERMSIG(status) == signal.SIGSEGV, status
print(os.WCOREDUMP(status))
PY
  )
}
if is_sanitized; then skip "a sanitizer takes the signal; the limits were right"; fi
expect "a crash" False "$(dumped)"
[ -z "$(ls -A "$work/core")" ] || fail "it left $(ls -A "$work/core")"
# Whether the machine keeps one is the machine's business; where it writes files, there is one.
[[ $(cat /proc/sys/kernel/core_pattern) == core* ]] || skip "no core dump is written here at all; that none is asked for was seen"
expect "a crash of one that may" True "$(dumped --set core.dumps.enable=true)"
