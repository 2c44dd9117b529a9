"""Three copies of each record: what they cost beside one, and how long nobody is served when a leader dies."""
import json
import os
import select
import signal
import subprocess
import time

from harness import scenario
from measure import Failure, Goal, Pipeline, Row, median, run
from scenarios.pipes import rate

OS = "flush.policy=os"


def started(cluster):
    cluster.start("-n", "3")
    return cluster


def replicated(cluster, *configs, partitions=1, replicas=3):
    cluster.topics += 1
    name = f"t{cluster.topics}"
    cluster.bobbin("topic", "create", name, "-p", str(partitions), "-r", str(replicas), "-c", "file.delete.delay.ms=0",
                   *(word for config in configs for word in ("-c", config)))
    return name


def partition(cluster, topic):
    return json.loads(cluster.bobbin("topic", "describe", topic, "--output", "json"))[0]["partitions"][0]


def brokers(cluster):
    return {one["id"]: one["pid"] for one in json.loads(cluster.bobbin("broker", "status", "--output", "json", code=None))}


def until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"within {seconds} s not: {what}")


def three_copies(bench, source):
    """cp, three times at once."""
    outs = [bench.path(f"out-{number}") for number in range(3)]
    sample = run(*[Pipeline([["cp", source, out]]) for out in outs], limit=bench.limit)
    for out in outs:
        os.unlink(out)
    return sample


@scenario("replicas", "three replicas with acks=all from a pipe, beside one replica, and beside three cp at once")
def replicas(bench):
    source = bench.input(bench.records, 100)

    def producing(cluster, configs, copies):
        def once():
            topic = replicated(cluster, *configs, replicas=copies)
            sample = run(Pipeline([["cat", source], cluster.command("produce", topic)]), limit=bench.limit)
            bench.check_topic(cluster, topic, source)
            cluster.delete(topic)
            return sample
        return once

    with bench.cluster(own=True, start=False) as cluster:
        started(cluster)
        for name, what, configs in (("replicas-os", "flush.policy=os", [OS]), ("replicas", "on three disks' ends", [])):
            row = Row(name, f"cat in | bobbin produce, three replicas, {what}", "the same with one replica",
                      "M records/s", aim=0.45, floor=0.3)
            for a, b in bench.alternate(producing(cluster, configs, 3), producing(cluster, configs, 1),
                                        memory=5 * os.path.getsize(source)):
                rate(row, bench.records, a, b)
            yield row
        row = Row("replicas-cp", "cat in | bobbin produce, three replicas, flush.policy=os", "cp in out, three at once",
                  "M records/s")
        for a, b in bench.alternate(producing(cluster, [OS], 3), lambda: three_copies(bench, source),
                                    memory=5 * os.path.getsize(source)):
            rate(row, bench.records, a, b)
        yield row


@scenario("replicas-record", "one record after the other under acks=all, three replicas beside one")
def replicas_record(bench):
    run_ms = bench.size(bench.options.seconds * 1000, 200)
    row = Row("replicas-record", "one bobbin produce, which sends when its last record was consumed, three replicas",
              "the same with one replica", "records/s", aim=0.5, floor=0.25)

    def closed(cluster, copies):
        def once():
            topic = replicated(cluster, replicas=copies)
            found = bench.latency("closed", 0, 1, run_ms, "--", *cluster.command("produce", topic), "--",
                                  *cluster.command("consume", topic))
            cluster.delete(topic)
            return found["records_per_s"]
        return once

    with bench.cluster(own=True, start=False) as cluster:
        started(cluster)
        for a, b in bench.alternate(closed(cluster, 3), closed(cluster, 1)):
            row.add(a, b)
    yield row


class Beat:
    """One record at a time from a producer to a consumer that stay."""

    def __init__(self, cluster, topic, limit):
        self.limit = limit
        self.number = 0
        self.consumer = subprocess.Popen(cluster.command("consume", topic), stdout=subprocess.PIPE, env=cluster.env)
        self.producer = subprocess.Popen(cluster.command("produce", topic), stdin=subprocess.PIPE, env=cluster.env)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.producer, self.consumer):
            process.kill()
            process.wait()

    def once(self):
        """Seconds until the record came out of the consumer."""
        self.number += 1
        line = f"{self.number}\n".encode()
        began = time.monotonic()
        self.producer.stdin.write(line)
        self.producer.stdin.flush()
        got = b""
        while not got.endswith(b"\n"):
            if not select.select([self.consumer.stdout], [], [], self.limit)[0]:
                raise Failure(f"record {self.number} did not come within {self.limit} s")
            some = os.read(self.consumer.stdout.fileno(), 4096)
            if not some:
                raise Failure("the consumer ended")
            got += some
        if got != line:
            raise Failure(f"record {self.number} came as {got!r}")
        return time.monotonic() - began


@scenario("failover", "a leader is killed under load: to the next record that is acknowledged and read; and its return")
def failover(bench):
    kills = bench.size(100, 2)
    waits, returns = [], []
    row = Row("failover", f"{kills} kills of a leader: from the signal to the next record", "", "ms", kind="alone",
              more_is_better=False, aim=2)
    back = Row("failover-return", "the killed one: from `broker start` to the in-sync set", "", "ms", kind="alone",
               more_is_better=False)
    with bench.cluster(own=True, start=False) as cluster:
        started(cluster)
        topic = replicated(cluster)
        with Beat(cluster, topic, bench.limit) as beat:
            for _ in range(kills):
                for _ in range(20):
                    beat.once()
                leader = partition(cluster, topic)["leader"]
                os.kill(brokers(cluster)[leader], signal.SIGKILL)
                waits.append(beat.once() * 1000)
                if partition(cluster, topic)["leader"] == leader:
                    raise Failure(f"broker {leader} is dead and leads")
                began = time.monotonic()
                cluster.bobbin("broker", "start")
                until(lambda: len(partition(cluster, topic)["isr"]) == 3, "three in sync")
                returns.append((time.monotonic() - began) * 1000)
    for wait, time_to_return in zip(waits, returns):
        row.add(wait)
        back.add(time_to_return)
    waits.sort()
    row.goals.append(Goal("p99", waits[min(len(waits) - 1, int(len(waits) * 0.99))], aim=10, floor=100, unit="ms"))
    yield row
    yield back


@scenario("failover-many", "1,000 partitions led by a broker that is killed: until all are led and answer again")
def failover_many(bench):
    partitions = bench.size(3000, 30)
    row = Row("failover-many", f"{partitions // 3} partitions of a killed leader: until all tell their offsets", "", "ms",
              kind="alone", more_is_better=False, aim=100)
    usual = []
    with bench.cluster(own=True, start=False) as cluster:
        started(cluster)
        topic = replicated(cluster, OS, partitions=partitions)

        def ends():
            began = time.monotonic()
            told = json.loads(cluster.bobbin("topic", "offsets", topic, "--output", "json", "--no-start"))
            if len(told) != partitions:
                raise Failure(f"{len(told)} partitions of {partitions} tell their offsets")
            return (time.monotonic() - began) * 1000

        def is_whole():
            told = json.loads(cluster.bobbin("topic", "describe", topic, "--output", "json"))[0]["partitions"]
            return all(len(one["isr"]) == 3 for one in told)

        for _ in range(bench.size(5, 1)):
            until(is_whole, "three in sync of each")
            ends()
            usual.append(ends())
            leader = partition(cluster, topic)["leader"]
            os.kill(brokers(cluster)[leader], signal.SIGKILL)
            row.add(ends())
            cluster.bobbin("broker", "start")
    row.notes.append(f"the same command when nobody died: {median(usual):.0f} ms")
    yield row
