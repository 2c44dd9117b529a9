"""Many topics, many partitions."""
import contextlib
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


# Of the broker where descriptors are few: far less than a descriptor for each partition.
FEW_DESCRIPTORS = 160


@scenario("many", "the first records of many partitions, many or few descriptors; --other: beside another bobbin")
def many(bench):
    count = bench.size(600, 200)
    other = bench.options.other or (bench.program if bench.smoke else None)
    steps = ("first", "a record into each of {} new partitions"), ("killed", "one more each, after kill -9")
    rows = {}
    for limit, descriptors in (("", "many"), ("-few", f"{FEW_DESCRIPTORS}")):
        for policy in ("ack", "os"):
            for step, what in steps:
                for figure, of in (("", "until all are acknowledged"), ("-gap", "longest time without an acknowledgement")):
                    name = f"many{limit}-{policy}-{step}{figure}"
                    rows[name] = Row(name, f"{what.format(count)}, flush.policy={policy}, {descriptors} descriptors: {of}",
                                     other or "", "ms", "ratio" if other else "alone", more_is_better=False)

    def spread(cluster, topic, name, found):
        took = bench.library("spread", cluster.folder, topic, cluster.pid)
        found[name] = took["ns"] / 1e6, took["cpu_ns"] / count
        found[name + "-gap"] = took["gap_ns"] / 1e6, None

    def measured(program, kept):
        found = {}
        for limit, descriptors in (("", None), ("-few", FEW_DESCRIPTORS)):
            cluster = kept.enter_context(bench.cluster_of(program))
            cluster.start(descriptors=descriptors)
            topics = {policy: cluster.topic(f"flush.policy={policy}", partitions=count) for policy in ("ack", "os")}
            for policy, topic in topics.items():
                spread(cluster, topic, f"many{limit}-{policy}-first", found)
            cluster.kill()
            cluster.start(descriptors=descriptors)
            for policy, topic in topics.items():
                spread(cluster, topic, f"many{limit}-{policy}-killed", found)
            for topic in topics.values():
                if sorted(cluster.bobbin("consume", topic, "-e").split()) != sorted(2 * [b"%d" % i for i in range(count)]):
                    raise Failure(f"{topic}: other records came out than went in")
            cluster.stop()
        return found

    # No cluster is removed before the end: ext4 looks for the inode of a new file among those that were deleted in the last
    # minutes, one by one, which takes longer than all that is measured here.
    with contextlib.ExitStack() as kept:
        pairs = bench.alternate(lambda: measured(bench.program, kept), lambda: measured(other, kept)) if other else \
            ((measured(bench.program, kept), None) for _ in range(bench.pairs))
        for mine, others in pairs:
            for name, row in rows.items():
                ms, cpu = mine[name]
                other_ms, other_cpu = others[name] if others else (None, None)
                row.add(ms, other_ms, cpu, other_cpu)
    yield from rows.values()
