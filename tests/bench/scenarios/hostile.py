"""A producer of single records beside clients who mean it ill, each in the way that was seen to stop a broker once.

The attacks are made in tests/tools/hostile.py: a frame is made once and sent again as soon as it is answered, so that
the attacker costs little of what is measured. The ratio is of p99 from when a record was due, beside the attack and
alone; a row fails when the attack was not refused by name.
"""
import dataclasses
import os
import select
import sys
import threading
import time

from harness import scenario
from measure import Failure, Goal, Row, median

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import hostile as h  # noqa: E402

RATE = 100
PATIENCE_S = 60


@dataclasses.dataclass
class Attack:
    name: str
    what: str
    begin: object          # (address, attacker) until attacker.stop is set
    refused: object = None  # (cluster, attacker): whether it was, by name; None: it is let in
    prepare: object = None  # (bench, cluster)
    is_repeated: bool = True  # or it changes the cluster, and needs another one


class Attacker:
    """An attack on a thread, until the block ends."""

    def __init__(self, attack, address):
        self.stop = threading.Event()
        self.seen = []  # answers, each different one once
        self.times = 0
        self.failed = None
        self.began = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(attack, address), daemon=True)

    def note(self, answer):
        """Answers may be large, and the same thousands of times."""
        self.times += 1
        if answer not in self.seen:
            self.seen.append(answer)

    def _run(self, attack, address):
        try:
            attack.begin(address, self)
        except Exception as error:  # pylint: disable=broad-except
            self.failed = error
        self.began.set()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(timeout=PATIENCE_S)
        if self.thread.is_alive():
            raise Failure("the attack does not end")
        if self.failed:
            raise Failure(f"the attack could not go on: {self.failed!r}")


def again_and_again(make):
    """Sends the frames one after the other, each on a connection of its own, and begins anew."""
    frames = []

    def begin(address, attacker):
        if not frames:
            frames.extend(make())
        while not attacker.stop.is_set():
            for frame in frames:
                with h.Client(address) as client:
                    attacker.note(client.outcome(frame))
                if attacker.times >= len(frames):
                    attacker.began.set()
                if attacker.stop.is_set() and attacker.began.is_set():
                    break
    return begin


def make_topics(address, attacker):
    """40,000, in four requests."""
    for part in range(4):
        with h.Client(address, timeout=PATIENCE_S) as client:
            for error in h.create_errors(client.ask(h.create([(f"many{part}x{n}", 1) for n in range(10_000)]))):
                attacker.note(error)


def do_not_read(address, attacker):
    clients = []
    try:
        while not attacker.stop.wait(0.1):
            if len(clients) < 20:
                clients += h.unread_fetches(address, "big", 20 - len(clients))
            attacker.began.set()
            # Those that were closed are replaced.
            closed = select.poll()
            for client in clients:
                closed.register(client.socket, select.POLLRDHUP)
            gone = {descriptor for descriptor, _ in closed.poll(0)}
            for client in [client for client in clients if client.socket.fileno() in gone]:
                client.socket.close()
                clients.remove(client)
    finally:
        for client in clients:
            client.socket.close()


def throw_bombs():
    frames = []

    def begin(address, attacker):
        if not frames:
            frames.append(h.produce("victim", h.bomb(320 * h.MIB)))
        clients = [h.Client(address, timeout=PATIENCE_S) for _ in range(40)]
        try:
            for client in clients:
                client.send(frames[0])
            while not (attacker.stop.is_set() and attacker.began.is_set()):
                for ready in select.select([client.socket for client in clients], [], [], 0.1)[0]:
                    client = next(each for each in clients if each.socket is ready)
                    attacker.note(h.produce_error(client.receive()))
                    attacker.began.set()
                    client.send(frames[0])
        finally:
            for client in clients:
                client.socket.close()
    return begin


def closes(words):
    """The connection was closed each time, and the broker's log says why."""
    def refused(cluster, attacker):
        with open(os.path.join(cluster.folder, "broker-1.log"), encoding="utf-8", errors="replace") as file:
            return all(answer is None for answer in attacker.seen) and words in file.read()
    return refused


def creates_nothing(_, attacker):
    return all(set(h.create_errors(answer)) == {h.POLICY_VIOLATION} for answer in attacker.seen)


def a_topic(_, cluster):
    cluster.bobbin("topic", "create", "t")
    cluster.bobbin("topic", "create", "victim")


def a_large_topic(bench, cluster):
    cluster.bobbin("produce", "big", "-l", bench.input(bench.size(1_000_000, 20_000), 100))


ATTACKS = (
    Attack("describe", "DescribeConfigs of one resource 300,000 times", again_and_again(lambda: [h.describe_one()]),
           closes("DescribeConfigsRequest version 1 names more than 65536 things"), a_topic),
    Attack("produce", "a wrong Produce of 41 MiB", again_and_again(lambda: [h.wrong_produce()]),
           closes("ProduceRequest version 9 names more than 65536 things"), a_topic),
    Attack("coordinators", "FindCoordinator of 8 MiB", again_and_again(lambda: [h.find_coordinators(h.same(b"\1"))]),
           closes("FindCoordinatorRequest version 4 names more than 65536 things")),
    Attack("partitions", "100 topics of 10,000 partitions",
           again_and_again(lambda: [h.create([(f"wide{n}", 10_000) for n in range(100)])]), creates_nothing),
    Attack("topics", "40,000 topics", again_and_again(lambda: [h.create([(f"many{n}", 1) for n in range(40_000)])]),
           creates_nothing),
    Attack("topics-made", "40,000 topics in four requests", make_topics, is_repeated=False),
    Attack("unread", "20 who fetch and do not read", do_not_read, closes("it does not read its answers"),
           a_large_topic),
    Attack("bombs", "40 bombs of 320 KiB", throw_bombs(),
           lambda _, attacker: set(attacker.seen) == {h.MESSAGE_TOO_LARGE}, a_topic),
    Attack("large", "the worst 8 MiB of each API", again_and_again(lambda: [*h.large_requests().values()]),
           lambda _, attacker: True, a_topic),
)


class Measured:
    """What the pairs of an attack have shown."""

    def __init__(self, bench, attack):
        self.bench, self.attack = bench, attack
        self.longest, self.peaks, self.times = [], [], []

    def beside(self, cluster):
        h.forget_peak(cluster.pid)
        with Attacker(self.attack, cluster.address) as attacker:
            p99, longest = self.bench.single_records(cluster, RATE)
            if not attacker.began.wait(PATIENCE_S):
                raise Failure("the attack does not come to its point")
            self._expect_refusal(cluster, attacker)
        self.longest.append(longest)
        self.peaks.append(h.memory_bytes(cluster.pid, "VmHWM") / h.MIB)
        self.times.append(attacker.times)
        return p99

    def _expect_refusal(self, cluster, attacker):
        end = time.monotonic() + (0 if self.bench.smoke else PATIENCE_S)
        while self.attack.refused and not self.attack.refused(cluster, attacker):
            if time.monotonic() > end:
                if self.bench.smoke and self.attack.name == "unread":
                    return  # takes seconds
                raise Failure(f"{self.attack.what}: not refused by name")
            time.sleep(0.1)

    def goals(self):
        return [Goal("longest", median(self.longest), unit="ms"),
                Goal("most memory of the broker", max(self.peaks), aim=512, unit="MiB")]


def compare(bench, attack, row):
    measured = Measured(bench, attack)
    pairs = bench.pairs if attack.is_repeated else 1
    for _ in range(1 if attack.is_repeated else bench.pairs):
        with bench.cluster(own=True) as cluster:
            if attack.prepare:
                attack.prepare(bench, cluster)
            def hostile_run():
                return measured.beside(cluster)

            def quiet_run():
                return bench.single_records(cluster, RATE)[0]

            for beside, alone in bench.alternate(hostile_run, quiet_run, pairs, warm_up=attack.is_repeated):
                row.add(beside, alone)
    row.goals += [Goal("p99 beside it", median(row.bobbin), aim=100, unit="ms"), *measured.goals()]
    if max(measured.times) > 0:
        row.notes.append(f"{min(measured.times)} to {max(measured.times)} answers or ends of a connection in a run")


@scenario("hostile", "a producer of 100 records/s beside hostile clients: p99 beside each attack and alone, memory")
def hostile(bench):
    for attack in ATTACKS:
        row = Row(f"hostile-{attack.name}", f"p99 of 100 records/s beside {attack.what}", "the same alone", "ms",
                  more_is_better=False, aim=10)
        compare(bench, attack, row)
        yield row


@scenario("hostile-each", "one request of 8 MiB of each API: memory that it takes, and how long others wait")
def hostile_each(bench):
    memory = Row("hostile-each", "memory beyond before, of the API that takes most", "", "MiB", "alone",
                 more_is_better=False, aim=64)
    waits = Row("hostile-each-wait", "the longest that another client waited for ApiVersions", "", "ms", "alone",
                more_is_better=False, aim=100)
    requests = {**{f"endless {name}": frame for name, frame in h.endless_requests().items()}, **h.large_requests()}
    for _ in range(bench.pairs):
        with bench.cluster(own=True) as cluster:
            a_topic(bench, cluster)
            found = {name: one_request(cluster, frame) for name, frame in requests.items()}
        for row, index in ((memory, 0), (waits, 1)):
            worst = max(found, key=lambda name: found[name][index])
            row.add(found[worst][index])
            row.notes.append(f"{worst}: {found[worst][index]:.1f}")
    yield memory
    yield waits


def one_request(cluster, frame):
    """(MiB that the broker held beyond before, ms that another client waited at most for a small answer)"""
    before = h.memory_bytes(cluster.pid, "VmRSS")
    h.forget_peak(cluster.pid)
    longest = 0
    ended = threading.Event()

    def attack():
        with h.Client(cluster.address) as client:
            client.outcome(frame)
        ended.set()
    with h.Client(cluster.address) as other:
        thread = threading.Thread(target=attack, daemon=True)
        thread.start()
        small = h.request(h.API_VERSIONS, 0, b"")
        while not ended.is_set():
            began = time.monotonic()
            other.ask(small)
            longest = max(longest, time.monotonic() - began)
            time.sleep(0.001)
        thread.join()
    return (h.memory_bytes(cluster.pid, "VmHWM") - before) / h.MIB, longest * 1000
