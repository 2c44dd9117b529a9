"""hostile.py PROGRAM ADDRESS PID LOG [places]: the side of hostile.sh that talks to the broker."""
import os
import select
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import hostile as h  # noqa: E402

program, address, pid, log = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
RECORD = h.produce("t", h.batch(h.record(b"one"), 1))


def expect(what, holds, got=""):
    if not holds:
        sys.exit(f"FAILED: {what} {got}")


def said(words):
    """Whether the broker's log names it; lines that clients cause are written ten times a minute."""
    with open(log, encoding="utf-8", errors="replace") as file:
        return words in file.read()


def eventually(what, holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            sys.exit(f"FAILED: {what}")
        time.sleep(0.02)


def still_serves():
    with h.Client(address) as client:
        expect("a record is taken", h.produce_error(client.ask(RECORD)) == 0)


def bobbin(*words, stdin=b""):
    done = subprocess.run([program, *words], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    expect(f"bobbin {' '.join(words)}", done.returncode == 0, done.stderr.decode(errors="replace")[-500:])
    return done.stdout


def grown_by(work):
    """What the broker held at most while it worked, beyond what it held before, in bytes."""
    before = h.memory_bytes(pid, "VmRSS")
    h.forget_peak(pid)
    result = work()
    return h.memory_bytes(pid, "VmHWM") - before, result


def ask(frame):
    with h.Client(address) as client:
        return client.outcome(frame)


def large():
    print("-- 8 MiB of each API")
    for requests in (h.endless_requests(), h.large_requests()):
        for name, frame in requests.items():
            bytes_more, _ = grown_by(lambda frame=frame: ask(frame))
            expect(f"{name} takes less than 64 MiB", bytes_more < 64 * h.MIB, f"but {bytes_more >> 20} MiB")
    expect("a request that names too much is told", said("names more than 65536 things"))
    still_serves()


def seen_once():
    print("-- one resource 300,000 times, a wrong Produce of 41 MiB")
    for name, frame in (("describe", h.describe_one()), ("produce", h.wrong_produce())):
        bytes_more, answer = grown_by(lambda frame=frame: ask(frame))
        expect(f"{name}: closed", answer is None)
        expect(f"{name}: less than 128 MiB", bytes_more < 128 * h.MIB, f"but {bytes_more >> 20} MiB")
    print("-- 100 topics of 10,000 partitions, 40,000 topics")
    codes = h.create_errors(ask(h.create([(f"wide{n}", 10000) for n in range(100)])))
    expect("a million partitions", codes == [h.POLICY_VIOLATION] * 100, codes[:3])
    codes = h.create_errors(ask(h.create([(f"many{n}", 1) for n in range(40000)])))
    expect("40,000 topics at once", codes == [h.POLICY_VIOLATION] * 40000, codes[:3])
    made = [line for line in bobbin("topic", "list", "-q").splitlines() if not line.startswith(b"__consumer_offsets")]
    expect("nothing was made", len(made) == 2)  # a head, and t; FindCoordinator made the other one
    for part in range(4):
        codes = h.create_errors(ask(h.create([(f"many{part}x{n}", 1) for n in range(10000)])))
        expect("10,000 topics", codes == [0] * 10000, codes[:3])
    bytes_more, _ = grown_by(lambda: ask(h.create([("one-more", 1)])))
    expect("one more topic is small", bytes_more < 32 * h.MIB, bytes_more)
    still_serves()


def unread():
    print("-- fetchers that do not read")
    bobbin("produce", "big", "-q", stdin=(b"x" * 999 + b"\n") * 100_000)
    bytes_more, clients = grown_by(lambda: h.unread_fetches(address, "big"))
    # They are answered until there is nothing left for them: then a consumer that reads still gets all.
    expect("a consumer beside them", len(bobbin("consume", "big", "-e", "-q")) == 100_000_000)
    with h.Client(address) as client:
        answer = client.ask(h.fetch("big", h.MIB))
        expect("a fetch beside them", len(answer) > 100_000, len(answer))
    peak = h.memory_bytes(pid, "VmHWM")
    expect("the broker stays below 512 MiB", peak < 512 * h.MIB, f"but {peak >> 20} MiB (+{bytes_more >> 20})")
    eventually("one of them is closed for it", lambda: said("it does not read its answers"))
    for client in clients:
        client.socket.close()
    still_serves()


def half():
    print("-- requests that are not finished")
    h.forget_peak(pid)
    clients = h.half_requests(address)
    big = h.produce("t", h.batch(h.record(b"v" * 900_000), 1))
    with h.Client(address) as client:
        for _ in range(3):
            clients = h.push(clients)
            expect("a record beside them", h.produce_error(client.ask(RECORD)) == 0)
        expect("a megabyte beside them", h.produce_error(client.ask(big)) == 0)
    eventually("who is too slow is closed for it", lambda: h.push(clients) is None or said("sends its request too slowly"))
    peak = h.memory_bytes(pid, "VmHWM")
    expect("the broker stays below 512 MiB", peak < 512 * h.MIB, f"but {peak >> 20} MiB")
    for client in clients:
        client.socket.close()
    still_serves()


def bombs():
    print("-- bombs")
    h.forget_peak(pid)
    frame = h.produce("t", h.bomb(320 * h.MIB))
    clients = [h.Client(address, timeout=300) for _ in range(40)]
    for client in clients:
        client.send(frame)
    still_serves()
    waiting = len(clients) - len(select.select([client.socket for client in clients], [], [], 0)[0])
    expect("a record is taken before the bombs are looked through", waiting > 0)
    expect("a bomb is refused", h.produce_error(clients[0].receive()) == h.MESSAGE_TOO_LARGE)
    for client in clients:
        client.socket.close()
    peak = h.memory_bytes(pid, "VmHWM")
    expect("the broker stays below 512 MiB", peak < 512 * h.MIB, f"but {peak >> 20} MiB")
    print("-- what compresses well is no bomb")
    lines = b"y\n" * (10 << 20)
    bobbin("produce", "yes", "-q", "-z", "zstd", stdin=lines)
    expect("all lines are there", bobbin("consume", "yes", "-e", "-q") == lines)
    expect("one large batch that is none", h.produce_error(ask(h.produce("t", h.bomb(100 * h.MIB)))) == 0)


def misplaced():
    print("-- records at offsets that their batch does not have")
    def sent(deltas, compressed=False):
        records = b"".join(h.record(b"value-%d" % i, delta) for i, delta in enumerate(deltas))
        whole = h.batch(h.gzip.compress(records), len(deltas), h.GZIP) if compressed else h.batch(records, len(deltas))
        return ask(h.produce("placed", whole))
    bobbin("topic", "create", "placed", "-q")
    for deltas, index in ((0, 7), 1), ((5, 6, 7), 0), ((0, (1 << 31) - 1), 1), ((5,), 0), ((0, 0), 1):
        answer = sent(deltas)
        expect(f"{deltas} are refused", h.produce_error(answer) == h.INVALID_RECORD)
        words = b"record %d of the batch has the offset delta %d, not %d" % (index, deltas[index], index)
        expect(f"it is said why {deltas} are", words in answer, answer)
        expect(f"{deltas} are renumbered where they are compressed", h.produce_error(sent(deltas, True)) == 0)
    expect("in order they are taken", h.produce_error(sent((0, 1, 2))) == 0)
    offsets = b"".join(b"%d\n" % i for i in range(13))
    for format in ["-f", "%o\\n"], ["-f", "%o\\n", "-u"]:
        expect("each record has an offset of its own", bobbin("consume", "placed", "-e", "-q", *format) == offsets)
    bobbin("topic", "delete", "placed", "-q")


def places():
    clients = []
    for _ in range(96):  # three eighths of 256, of which an eighth is for local clients
        clients.append(h.Client(address, timeout=5))
    version = h.request(h.API_VERSIONS, 0, b"")
    answered = 0
    for client in clients:
        client.send(version)
        answered += bool(select.select([client.socket], [], [], 1 if answered == len(clients[:84]) else 30)[0])
        if answered == 84:
            break
    expect("84 are let in", answered == 84, answered)
    clients[-1].send(version)
    expect("no more over TCP", not select.select([clients[-1].socket], [], [], 0.5)[0])
    for number in range(5):
        bobbin("produce", "t", "-q", stdin=b"%d\n" % number)
    waiting = clients[84:]
    for client in waiting[:-1]:
        client.send(version)
    clients[0].socket.close()
    expect("until one goes", select.select([client.socket for client in waiting], [], [], 30)[0])
    print(f"   {answered} of {len(clients)} were let in")


if len(sys.argv) > 5:
    places()
else:
    for part in (misplaced, large, seen_once, unread, half, bombs):
        part()
    peak = h.memory_bytes(pid, "VmHWM")
    print(f"   the most that the broker held in the end: {peak >> 20} MiB")
