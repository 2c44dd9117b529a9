#!/usr/bin/env bash
# unread.sh PROGRAM: whatever standard output and error are (a pipe, a socket, a terminal), and though nobody reads there, INT,
# TERM and HUP end every command soon, by that very signal.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

seq 2000000 > "$work/numbers"
bobbin produce t -q < "$work/numbers"
{
  seq 200000
  seq -f "no delimiter %.0f" 200000
} > "$work/lines"

cat > "$work/unread.py" <<'PY'
import os, pty, signal, socket, subprocess, sys, time

kind, name, stdin, *args = sys.argv[1:]
number = getattr(signal, "SIG" + name)
sinks = {"both": ("out", "err"), "err": ("err",), "out": ("out",)}[os.environ.get("SINKS", "out")]
if kind.endswith("pty"):
    keep, sink = pty.openpty()
elif kind.endswith("pipe"):
    keep, sink = os.pipe()
else:
    keep, other = socket.socketpair()
    sink = other.detach()
if kind.startswith("nonblocking-"):
    os.set_blocking(sink, False)
quiet = subprocess.DEVNULL
process = subprocess.Popen(args, stdin=open(stdin), stdout=sink if "out" in sinks else quiet, stderr=sink if "err" in sinks else quiet, start_new_session=True)
os.close(sink)
time.sleep(float(os.environ.get("AFTER", "0.7")))
if process.poll() is not None:
    sys.exit(f"it has ended by itself: {process.returncode}")
process.send_signal(number)
try:
    process.wait(10)
except subprocess.TimeoutExpired:
    process.kill()
    sys.exit("it lives")
if process.returncode != -number and os.environ.get("ENDS", "signal") == "signal":
    sys.exit(f"it ends with {process.returncode}")
PY
# ends KIND SIGNAL STDIN COMMAND...
ends() { timeout 60 python3 "$work/unread.py" "$1" "$2" "$3" "$program" "${@:4}" 2> "$work/err" || fail "${SINKS:-out} a $1, $2: ${*:4}: $(cat "$work/err")"; }

kinds=(pipe socket pty nonblocking-pipe nonblocking-socket nonblocking-pty)
echo "-- consume"
for kind in "${kinds[@]}"; do ends "$kind" TERM /dev/null consume t; done
for number in INT HUP; do ends pty $number /dev/null consume t -u -f '%o %s\n'; done
echo "-- produce --tee, which sends what it has read"
for kind in "${kinds[@]}"; do ends "$kind" TERM "$work/numbers" produce "tee-$kind" -T -q; done
ends socket INT "$work/numbers" produce tee-int -T -q
ends pty HUP "$work/numbers" produce tee-hup -T -q
for kind in pipe pty; do (( $(bobbin consume "tee-$kind" -e -q | wc -l) > 1000 )) || fail "nothing of what was read is there"; done
echo "-- both are the terminal"
SINKS=both ends pty TERM "$work/numbers" produce tee-both -T
SINKS=both ends pty TERM /dev/null consume t
echo "-- refused lines that nobody reads"
mkfifo "$work/fifo"
exec 8<> "$work/fifo"
ENDS=any ends pipe TERM "$work/lines" produce rejects -q -K : --on-error file="$work/fifo"
exec 8>&-
echo "-- lists"
bobbin topic create -q -p 5000 wide
for kind in pipe socket pty nonblocking-socket; do ends "$kind" TERM /dev/null topic offsets wide --output json; done
for i in $(seq 20000); do echo "a line of the log, of some length, number $i"; done >> "$BOBBIN_DIR/broker-1.log"
for kind in socket pty; do ends "$kind" TERM /dev/null broker logs; done
bobbin broker stop -q

echo "-- a broker in the foreground whose log nobody reads serves, and ends"
cat > "$work/foreground.py" <<'PY'
import os, pty, signal, subprocess, sys, time

program = sys.argv[1]
keep, sink = pty.openpty()
broker = subprocess.Popen([program, "broker", "start", "--foreground"], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True)
# Fills the terminal.
os.set_blocking(sink, False)
try:
    while True:
        os.write(sink, b"x" * 1000)
except BlockingIOError:
    pass
os.set_blocking(sink, True)
# Before it answers, the first command would start another one.
until = time.monotonic() + 60
while subprocess.run([program, "topic", "list", "-q", "--no-start"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60).returncode != 0:
    assert time.monotonic() < until, "the broker does not answer"
    time.sleep(0.05)
for i in range(20):
    # Each one puts a line into the log.
    subprocess.run([program, "topic", "create", f"logged-{i}", "-q"], check=True, timeout=60)
subprocess.run([program, "broker", "start", "-q"], check=True, timeout=60)
broker.send_signal(signal.SIGTERM)
sys.exit(broker.wait(20))
PY
timeout 150 python3 "$work/foreground.py" "$program" 2> "$work/err" || fail "a broker in the foreground: $(cat "$work/err")"
echo "all is well"
