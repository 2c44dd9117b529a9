"""Clients of Kafka against the listener, beside the same client against librdkafka's own mock broker.

That mock keeps records in memory, and only 5 MB of them: what is consumed from it is short.
"""
import contextlib
import os
import subprocess
import time

from harness import scenario
from measure import Failure, Goal, Pipeline, Row, median, run

KCAT = ["kcat", "-q", "-X", "socket.timeout.ms=20000"]
MOCK = ["-b", "mock", "-X", "test.mock.num.brokers=1"]


def listening_port(pid):
    """A TCP port on which the process listens, or None yet."""
    sockets = set()
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            sockets.add(os.readlink(f"/proc/{pid}/fd/{descriptor}"))
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as file:
        for line in list(file)[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:
                return int(words[1].split(":")[1], 16)
    return None


@contextlib.contextmanager
def mock_that_holds(path):
    """A kcat whose mock broker holds the lines of the file, as HOST:PORT and its process. It keeps the last few lines of its input to
    itself while that is open, so more follow."""
    server = subprocess.Popen([*KCAT, "-P", "-t", "t", "-p", "0", *MOCK], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with open(path, "rb") as file:
            lines = file.read()
            server.stdin.write(lines + lines[:200_000])
            server.stdin.flush()
        end = time.monotonic() + 20
        while (port := listening_port(server.pid)) is None:
            if time.monotonic() > end or server.poll() is not None:
                raise Failure("kcat's mock broker does not listen")
            time.sleep(0.01)
        yield f"127.0.0.1:{port}", server.pid
    finally:
        server.kill()
        server.stdin.close()
        server.wait()


def per_record(sample, count):
    return count / sample.seconds / 1e6


@scenario("kcat", "kcat -P and -C against the listener, beside librdkafka's mock broker")
def kcat(bench):
    bench.need("kcat")
    count = bench.size(bench.records // 4, bench.records)
    source = bench.input(count, 100)
    with bench.cluster() as cluster:
        row = Row("kcat-produce", "kcat -P < in, flush.policy=os", "the same into the mock broker", "M records/s",
                  aim=0.9, floor=0.5)
        broker = []

        def produce():
            topic = cluster.topic("flush.policy=os")
            sample = run(Pipeline([[*KCAT, "-P", "-b", cluster.address, "-t", topic, "-p", "0"]], stdin=source),
                         broker=cluster.pid, limit=bench.limit)
            bench.check_topic(cluster, topic, source)
            cluster.delete(topic)
            return sample

        def produce_to_mock():
            return run(Pipeline([[*KCAT, "-P", "-t", "t", "-p", "0", *MOCK]], stdin=source), limit=bench.limit)

        for a, b in bench.alternate(produce, produce_to_mock, memory=3 * count * 100):
            row.add(per_record(a, count), per_record(b, count), a.cpu_ns / count, b.cpu_ns / count)
            broker.append(a.broker_cpu_ns / count)
        row.goals.append(Goal("CPU of the broker a record", median(broker), aim=100, floor=200, unit="ns"))
        yield row

        few = min(40_000, count)
        short = bench.input(few, 100)
        out = bench.path("out")
        row = Row("kcat-consume", f"kcat -C of {few} records", "the same from the mock broker", "M records/s",
                  aim=0.9, floor=0.5)

        def consume(address, topic, file, lines, broker_pid=None):
            command = [*KCAT, "-C", "-b", address, "-t", topic, "-p", "0", "-o", "beginning", "-c", str(lines)]
            sample = run(Pipeline([command], stdout=out), broker=broker_pid, limit=bench.limit)
            bench.check_same(out, file)
            return sample

        with mock_that_holds(short) as (mock, mock_pid):
            topic = cluster.topic("flush.policy=os")
            cluster.bobbin("produce", topic, "-l", short)
            for a, b in bench.alternate(lambda: consume(cluster.address, topic, short, few, cluster.pid),
                                        lambda: consume(mock, "t", short, few, mock_pid)):
                row.add(per_record(a, few), per_record(b, few), a.cpu_ns / few, b.cpu_ns / few)
        yield row

        row = Row("kcat-consume-long", f"kcat -C of {count} records > out", "", "M records/s", "alone")
        broker = []
        topic = cluster.topic("flush.policy=os")
        cluster.bobbin("produce", topic, "-l", source)
        for _ in range(bench.pairs):
            a = consume(cluster.address, topic, source, count, cluster.pid)
            row.add(per_record(a, count), None, a.cpu_ns / count)
            broker.append(a.broker_cpu_ns / count)
        row.goals.append(Goal("CPU of the broker a record", median(broker), aim=100, floor=200, unit="ns"))
        yield row
