"""Who works with the disk, and who must not wait for that."""
import os
import signal
import sys
import threading

from harness import LISTEN, scenario
from measure import Failure, Goal, Row, median

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import hostile as h  # noqa: E402

RATE = 500
FETCH_BYTES = 1 << 20


def log_files(cluster, topic):
    folder = os.path.join(cluster.folder, "broker-1", f"{topic}-0")
    return [os.path.join(folder, name) for name in os.listdir(folder)]


def make_cold(cluster, *topics):
    for topic in topics:
        for path in log_files(cluster, topic):
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def kill(cluster):
    """As a crash ends it: what was not flushed is read when its logs are opened again."""
    os.kill(cluster.pid, signal.SIGKILL)
    while cluster.is_running():
        pass


class ColdReader:
    """A client of Kafka that reads a topic from its beginning whenever it has come to the end, never from memory."""

    def __init__(self, cluster, topic, records):
        self.cluster, self.topic, self.records = cluster, topic, records
        self.stop = threading.Event()
        self.bytes = 0
        self.failed = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(60)
        if self.failed:
            raise Failure(f"the cold reader could not go on: {self.failed!r}")

    def _run(self):
        try:
            with h.Client(self.cluster.address) as client:
                while not self.stop.is_set():
                    make_cold(self.cluster, self.topic)
                    for offset in range(0, self.records, max(self.records // 64, 1)):
                        self.bytes += len(client.ask(h.fetch(self.topic, FETCH_BYTES, offset=offset)))
                        if self.stop.is_set():
                            break
        except Exception as error:  # pylint: disable=broad-except
            self.failed = error


@scenario("stall", "single records while a log of 1 GiB is recovered and another is read cold, and alone")
def stall(bench):
    row = Row("stall", f"p99 of {RATE} records/s while 1 GiB is recovered and 1 GiB is read cold", "the same alone", "ms",
              more_is_better=False, aim=2, floor=5)
    records, longest, read = bench.size(1 << 20, 2000), [], []
    path = bench.input(records, 1024)
    with bench.cluster(own=True) as cluster:
        for topic in ("recovered", "cold"):
            cluster.bobbin("topic", "create", topic, "-c", "flush.policy=os")
            cluster.bobbin("produce", topic, "-l", path)

        def beside():
            kill(cluster)
            make_cold(cluster, "recovered", "cold")
            for name in os.listdir(os.path.join(cluster.folder, "broker-1")):
                if name.startswith("recovery-point"):
                    os.unlink(os.path.join(cluster.folder, "broker-1", name))  # all of it is read again
            cluster.start(*LISTEN)
            with ColdReader(cluster, "cold", records) as reader:
                p99, most = bench.single_records(cluster, RATE, "flush.policy=os")
            longest.append(most)
            read.append(reader.bytes)
            return p99

        for a, b in bench.alternate(beside, lambda: bench.single_records(cluster, RATE, "flush.policy=os")[0]):
            row.add(a, b)
    bench.drop_input(path)
    row.goals.append(Goal("longest", median(longest), unit="ms"))
    row.notes.append(f"read cold in a run: {median(read) / (1 << 20):.0f} MiB")
    yield row
