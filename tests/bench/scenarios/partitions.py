"""Many topics, many partitions."""
import shutil
import tempfile
import time

from harness import scenario
from measure import Failure, Row, spawn


def expect_topics(cluster, count):
    listed = cluster.bobbin("topic", "list", "--output", "tsv").count(b"\n")
    if listed != count:
        raise Failure(f"topic list knows {listed} topics, not {count}")


@scenario("create", "create 1,000 topics one by one; one request with 1,000")
def create(bench):
    count = bench.size(1000, 20)

    def create_topics(at_once):
        with bench.cluster(own=True) as cluster:
            names = [f"topic-{number}" for number in range(count)]
            commands = [cluster.command("topic", "create", *names)] if at_once else \
                [cluster.command("topic", "create", name) for name in names]
            began = time.monotonic()
            cpu = sum(spawn(command, limit=bench.limit).cpu_ns for command in commands)
            seconds = time.monotonic() - began
            expect_topics(cluster, count)
            return seconds, cpu / count

    def raw():
        folder = tempfile.mkdtemp(dir=bench.work)
        took = bench.baseline("mkdirs", folder, count)["ns"] / 1e9
        shutil.rmtree(folder)
        return took

    for name, what, at_once in (("create-one-by-one", f"{count} x bobbin topic create NAME", False),
                                ("create-at-once", f"bobbin topic create with {count} names", True)):
        row = Row(name, what, f"{count} x mkdir + open + fsync", "s", more_is_better=False, aim=2, floor=10)
        for (seconds, cpu), b in bench.alternate(lambda at_once=at_once: create_topics(at_once), raw):
            row.add(seconds, b, cpu)
        row.notes.append("CPU is that of the commands, a topic")
        yield row


@scenario("partitions", "the first record in each of many partitions, and the end of the topic")
def partitions(bench):
    count = bench.size(max(int(word) for word in bench.options.partitions.split(",")), 20)
    lines = bench.path("lines")
    with open(lines, "w", encoding="ascii") as file:
        file.writelines(f"line {number}\n" for number in range(count))
    rows = {step: Row(f"partitions-{step}", what, "", "ms", "alone", more_is_better=False) for step, what in (
        ("create", f"topic create -p {count}"), ("first", f"a record into each of {count} partitions"),
        ("offsets", f"topic offsets of {count} partitions"), ("delete", f"topic delete of {count} partitions"))}
    with bench.cluster() as cluster:
        for _ in range(bench.pairs):
            def timed(step, *words, stdin="/dev/null"):
                sample = spawn(cluster.command(*words), stdin, limit=bench.limit)
                rows[step].add(sample.seconds * 1000)
            timed("create", "topic", "create", "many", "-p", str(count))
            timed("first", "produce", "many", "--partitioner", "round-robin", stdin=lines)
            timed("offsets", "topic", "offsets", "many")
            got = sorted(cluster.bobbin("consume", "many", "-e").splitlines())
            if got != sorted(f"line {number}".encode() for number in range(count)):
                raise Failure(f"{len(got)} lines came out, or others than went in")
            timed("delete", "topic", "delete", "many")
    yield from rows.values()
