"""What a change of the metadata costs a broker that knows many topics, and one of many partitions."""
import contextlib
import os
import sys
import threading
import time

from harness import scenario
from measure import Failure, Goal, Row, cpu_clock_ns, median

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import hostile as h  # noqa: E402

A_REQUEST = 2000  # topics that are made at once
PAUSE_S = 0.02    # after a change, for what the broker does about it


def fill(cluster, count):
    with h.Client(cluster.address) as client:
        for first in range(0, count, A_REQUEST):
            names = [(f"filler{number}", 1) for number in range(first, min(first + A_REQUEST, count))]
            if set(h.create_errors(client.ask(h.create(names)))) != {0}:
                raise Failure("the topics are not made")
    time.sleep(1)


def alter(topic, value):
    config = h.compact("retention.ms") + b"\0" + h.compact(value) + b"\0"
    return h.alter([b"\2" + h.compact(topic) + h.compact_array([config]) + b"\0"])


class Broker:
    """A broker with so many topics. `cost` makes changes and gives back CPU time of one, in us."""

    def __init__(self, cluster, count, changes):
        self.cluster, self.count, self.changes = cluster, count, changes
        self.made = 0
        self.longest_ms = []
        fill(cluster, count)

    def cost(self):
        """{"create": us, "config": us, "delete": us}"""
        names = [f"one{self.made + number}" for number in range(self.changes)]
        self.made += self.changes
        return {"create": self._run([h.create([(name, 1)]) for name in names]),
                "config": self._run([alter(name, str(100_000 + number)) for number, name in enumerate(names)]),
                "delete": self._run([h.delete([h.compact(name)]) for name in names])}

    def cost_of_partitions(self, count):
        """{"create": (us, ms), "delete": (us, ms)}: a topic of so many partitions is made and deleted, each in one
        transaction; and how long another client waited at most."""
        name = f"wide{self.made}"
        self.made += 1
        return {what: (self._run([frame]), self.longest_ms.pop())
                for what, frame in (("create", h.create([(name, count)])), ("delete", h.delete([h.compact(name)])))}

    def _run(self, frames):
        ended = threading.Event()
        thread = threading.Thread(target=self._ping, args=(ended,), daemon=True)
        with h.Client(self.cluster.address) as client:
            used = 0
            thread.start()
            for frame in frames:
                before = cpu_clock_ns(self.cluster.pid)
                client.ask(frame)
                time.sleep(PAUSE_S)
                used += cpu_clock_ns(self.cluster.pid) - before
        ended.set()
        thread.join()
        return used / len(frames) / 1000

    def _ping(self, ended):
        """How long another client waits for a small answer at most; rarely enough to cost little."""
        small = h.request(h.API_VERSIONS, 0, b"")
        longest = 0
        with h.Client(self.cluster.address) as client:
            while not ended.wait(0.002):
                began = time.monotonic()
                client.ask(small)
                longest = max(longest, time.monotonic() - began)
        self.longest_ms.append(longest * 1000)


@scenario("metadata", "one topic made, one config changed, one topic deleted, beside 1,000 and 10,000 topics")
def metadata(bench):
    few, counts = 10, bench.size([1000, 10_000], [20])
    changes = bench.size(20, 2)
    for count in counts:
        rows = {what: Row(f"metadata-{what}-{count}", f"CPU of the broker to {sentence}, with {count} topics", f"with {few} topics", "us",
                          more_is_better=False, aim=1.5)
                for what, sentence in (("create", "make a topic"), ("config", "change a config"), ("delete", "delete a topic"))}
        with contextlib.ExitStack() as clusters:
            small, large = (Broker(clusters.enter_context(bench.cluster(own=True)), number, changes) for number in (few, count))
            for with_many, with_few in bench.alternate(large.cost, small.cost):
                for what, row in rows.items():
                    row.add(with_many[what], with_few[what])
            longest, usual = median(large.longest_ms), median(small.longest_ms)
        for row in rows.values():
            row.goals.append(Goal("longest wait of another client", longest, floor=3 + usual, unit="ms"))
            row.notes.append(f"longest wait with {few} topics: {usual:.2f} ms")
            yield row
    yield from many_at_once(bench)


def many_at_once(bench):
    """What a failover does to the metadata: a thousand partitions change in one transaction."""
    partitions = bench.size(1000, 20)
    rows = {what: Row(f"metadata-{what}-at-once", f"CPU of the broker to {what} a topic of {partitions} partitions", "", "us",
                      "alone", more_is_better=False) for what in ("create", "delete")}
    waits = {what: [] for what in rows}
    with bench.cluster(own=True) as cluster:
        broker = Broker(cluster, 10, 1)
        for _ in range(2 * bench.pairs):
            for what, (us, ms) in broker.cost_of_partitions(partitions).items():
                rows[what].add(us)
                waits[what].append(ms)
    for what, row in rows.items():
        row.goals.append(Goal("longest wait of another client", median(waits[what]), floor=10, unit="ms"))
        yield row
