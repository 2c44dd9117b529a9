"""As kcat does, by npm's node-rdkafka, which brings a newer librdkafka than distributions have.

It is not part of this project: `npm install node-rdkafka` in any folder, and its node_modules in --node-modules.
"""
import contextlib
import json
import os
import select
import subprocess

from harness import scenario
from measure import Failure, Goal, Pipeline, Row, Skip, median, run

CLIENT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "rdkafka.js")
MOCK_RECORDS_MAX = 40_000  # 5 MB are all that the mock broker holds


class Client:
    """rdkafka.js with the node-rdkafka that was named."""

    def __init__(self, bench):
        bench.need("node")
        self.bench = bench
        self.env = dict(os.environ)
        if bench.options.node_modules:
            self.env["NODE_PATH"] = os.path.abspath(bench.options.node_modules)
        found = subprocess.run(["node", "-p", "require('node-rdkafka').librdkafkaVersion"], env=self.env, timeout=60,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if found.returncode != 0:
            raise Skip("there is no node-rdkafka for node: --node-modules or $BOBBIN_NODE_MODULES names a node_modules "
                       "folder with it")
        self.version = found.stdout.decode().strip()

    def command(self, *words):
        return ["node", CLIENT, *map(str, words)]

    def measure(self, *words, broker=None):
        """Nanoseconds between the first record and the last, and the Sample of the whole process."""
        out = self.bench.path("client-says")
        sample = run(Pipeline([self.command(*words)], stdout=out, env=self.env), broker=broker, limit=self.bench.limit)
        with open(out, "rb") as file:
            return json.loads(file.read())["ns"], sample

    @contextlib.contextmanager
    def mock_that_holds(self, path):
        """HOST:PORT of a mock broker that holds the lines of the file in topic t, and its process."""
        server = subprocess.Popen(self.command("hold", path, "t"), env=self.env, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            readable, _, _ = select.select([server.stdout], [], [], 60)
            address = server.stdout.readline().decode().strip() if readable else ""
            if not address:
                raise Failure("the mock broker does not come up")
            yield address, server.pid
        finally:
            server.kill()
            server.stdin.close()
            server.stdout.close()
            server.wait()


def add(row, count, found, other):
    (ns, sample), (other_ns, other_sample) = found, other
    row.add(count / ns * 1e3, count / other_ns * 1e3, sample.cpu_ns / count, other_sample.cpu_ns / count)
    return sample.broker_cpu_ns / count


@scenario("node-rdkafka", "the same with a newer librdkafka, by npm's node-rdkafka")
def node_rdkafka(bench):
    client = Client(bench)
    count = bench.size(bench.records // 8, bench.records)
    source = bench.input(count, 100)
    with bench.cluster() as cluster:
        row = Row("node-rdkafka-produce", f"librdkafka {client.version} in node produces lines, flush.policy=os",
                  "the same into its mock broker", "M records/s", aim=0.9, floor=0.5)
        broker = []

        def produce():
            topic = cluster.topic("flush.policy=os")
            found = client.measure("produce", source, topic, cluster.address, broker=cluster.pid)
            bench.check_topic(cluster, topic, source)
            cluster.delete(topic)
            return found

        for a, b in bench.alternate(produce, lambda: client.measure("produce", source, "t", "mock"),
                                    memory=3 * count * 100):
            broker.append(add(row, count, a, b))
        row.goals.append(Goal("CPU of the broker a record", median(broker), aim=100, floor=200, unit="ns"))
        yield row

        few = min(MOCK_RECORDS_MAX, count)
        short = bench.input(few, 100)
        out = bench.path("out")
        row = Row("node-rdkafka-consume", f"the same consumes {few} records", "the same from its mock broker",
                  "M records/s", aim=0.9, floor=0.5)

        def consume(topic, address, pid):
            found = client.measure("consume", few, topic, address, out, broker=pid)
            bench.check_same(out, short)
            return found

        topic = cluster.topic("flush.policy=os")
        cluster.bobbin("produce", topic, "-l", short)
        with client.mock_that_holds(short) as (mock, mock_pid):
            for a, b in bench.alternate(lambda: consume(topic, cluster.address, cluster.pid),
                                        lambda: consume("t", mock, mock_pid)):
                add(row, few, a, b)
        row.notes.append("without the start of node; CPU with it")
        yield row
