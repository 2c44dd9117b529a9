"""Lines through pipes: in, out, both at once, of other sizes, compressed."""
import os

from harness import scenario
from measure import Failure, Pipeline, Row, run

OS = "flush.policy=os"


def rate(row, records, a, b, scale=1e6):
    """Adds a pair of samples as records (or bytes) per second."""
    count, lines = records if isinstance(records, tuple) else (records, records)
    row.add(count / a.seconds / scale, count / b.seconds / scale, a.cpu_ns / lines, b.cpu_ns / lines)


def producing(bench, cluster, source, *options, configs=(), pipe=True):
    """A function that produces the file into a fresh topic, checks what is in there, and deletes it."""
    def once():
        topic = cluster.topic(*configs)
        produce = cluster.command("produce", topic, *options)
        sample = run(Pipeline([["cat", source], produce]) if pipe else Pipeline([produce], stdin=source),
                     broker=cluster.pid, limit=bench.limit)
        bench.check_topic(cluster, topic, source)
        cluster.delete(topic)
        return sample
    return once


def beside(bench, commands, source=os.devnull, compare=None):
    """A function that runs a pipeline into a fresh file."""
    def once():
        out = bench.path("out")
        if os.path.exists(out):
            os.unlink(out)
        sample = run(Pipeline(commands(out), stdin=source, stdout=bench.path("out")), limit=bench.limit)
        if compare:
            bench.check_same(out, compare)
        os.unlink(out)
        return sample
    return once


def produce_from_pipe(bench, row, configs, commands, options=(), compare=True):
    source = bench.input(bench.records, 100)
    with bench.cluster() as cluster:
        for a, b in bench.alternate(producing(bench, cluster, source, *options, configs=configs),
                                    beside(bench, commands(source), compare=source if compare else None),
                                    memory=3 * os.path.getsize(source)):
            rate(row, bench.records, a, b)
    return row


@scenario("produce-pipe-os", "produce from a pipe, 100-byte lines, flush.policy=os")
def produce_pipe_os(bench):
    row = Row("produce-pipe-os", "cat in | bobbin produce, 100-byte lines, flush.policy=os", "cat in | cat > out",
              "M records/s", aim=1.35, floor=1.0)
    yield produce_from_pipe(bench, row, [OS], lambda source: lambda out: [["cat", source], ["cat"]])


@scenario("produce-pipe", "the same, default durability")
def produce_pipe(bench):
    row = Row("produce-pipe", "cat in | bobbin produce, 100-byte lines, on disk at its end",
              "cat in | dd of=out bs=1M iflag=fullblock conv=fdatasync", "M records/s", aim=1.0, floor=0.8)

    def commands(source):
        return lambda out: [["cat", source], ["dd", "bs=1M", "iflag=fullblock", "conv=fdatasync", "status=none"]]
    yield produce_from_pipe(bench, row, [], commands)


@scenario("produce-file", "produce from a file, 100-byte lines")
def produce_file(bench):
    source = bench.input(bench.records, 100)
    row = Row("produce-file", "bobbin produce < in, flush.policy=os", "cat in | bobbin produce", "M records/s",
              aim=1.5, floor=1.0)
    plain = Row("produce-file-cat", "bobbin produce < in, flush.policy=os", "cat < in > out", "M records/s")
    with bench.cluster() as cluster:
        from_file = producing(bench, cluster, source, configs=[OS], pipe=False)
        from_pipe = producing(bench, cluster, source, configs=[OS])
        for a, b in bench.alternate(from_file, from_pipe, memory=3 * os.path.getsize(source)):
            rate(row, bench.records, a, b)
        yield row
        for a, b in bench.alternate(from_file, beside(bench, lambda out: [["cat"]], source, compare=source),
                                    memory=3 * os.path.getsize(source)):
            rate(plain, bench.records, a, b)
        yield plain


@scenario("consume-pipe", "consume to a pipe")
def consume_pipe(bench):
    source = bench.input(bench.records, 100)
    row = Row("consume-pipe", "bobbin consume -e | cat > /dev/null", "cat in | cat > /dev/null", "M records/s",
              aim=1.0, floor=0.7)
    row.notes.append("the aim is 1.5x where vmsplice is safe")
    with bench.cluster() as cluster:
        topic = cluster.topic(OS)
        cluster.bobbin("produce", topic, "-l", source)
        bench.check_topic(cluster, topic, source)
        consume = Pipeline([cluster.command("consume", topic, "-e"), ["cat"]])
        cat = Pipeline([["cat", source], ["cat"]])
        for a, b in bench.alternate(lambda: run(consume, broker=cluster.pid, limit=bench.limit),
                                    lambda: run(cat, limit=bench.limit)):
            rate(row, bench.records, a, b)
    yield row


@scenario("both", "producer and following consumer at once")
def both(bench):
    source = bench.input(bench.records, 100)
    row = Row("both", "cat in | bobbin produce and bobbin consume | wc -l at once, flush.policy=os",
              "cat in | tee out | wc -l", "M records/s", aim=2.0, floor=1.0)
    count = bench.path("count")

    def counted(sample):
        with open(count, encoding="ascii") as file:
            lines = int(file.read())
        if lines != bench.records:
            raise Failure(f"{lines} lines of {bench.records} came out")
        return sample

    with bench.cluster() as cluster:
        def bobbin():
            topic = cluster.topic(OS)
            follow = Pipeline([cluster.command("consume", topic, "-n", str(bench.records)), ["wc", "-l"]], stdout=count)
            feed = Pipeline([["cat", source], cluster.command("produce", topic)])
            sample = counted(run(follow, feed, broker=cluster.pid, limit=bench.limit))
            bench.check_topic(cluster, topic, source)
            cluster.delete(topic)
            return sample

        def tee():
            out = bench.path("out")
            copy = Pipeline([["cat", source], ["tee", out], ["wc", "-l"]], stdout=count)
            sample = counted(run(copy, limit=bench.limit))
            bench.check_same(out, source)
            os.unlink(out)
            return sample

        for a, b in bench.alternate(bobbin, tee, memory=3 * os.path.getsize(source)):
            rate(row, bench.records, a, b)
    yield row


@scenario("sizes", "lines of 10 B, 1 KB, 10 KB and 1 MB, both ways")
def sizes(bench):
    for size, name in ((10, "10B"), (1000, "1KB"), (10_000, "10KB"), (1_000_000, "1MB")):
        volume = bench.size(bench.records * 100 // 2, 2_000_000) // (4 if size == 10 else 1)
        count = max(2, volume // size)
        total = count * size
        source = bench.input(count, size)
        bounds = {"aim": 0.8, "floor": 0.5} if size >= 1000 else {}
        into = Row(f"sizes-produce-{name}", f"cat in | bobbin produce, {name} lines, flush.policy=os",
                   "cat in | cat > out", "MB/s", **bounds)
        out_of = Row(f"sizes-consume-{name}", f"bobbin consume -e | cat > /dev/null, {name} lines",
                     "cat in | cat > /dev/null", "MB/s", **bounds)
        with bench.cluster() as cluster:
            for a, b in bench.alternate(producing(bench, cluster, source, configs=[OS]),
                                        beside(bench, lambda out, source=source: [["cat", source], ["cat"]]),
                                        memory=3 * total):
                rate(into, (total, count), a, b)
            yield into
            topic = cluster.topic(OS)
            cluster.bobbin("produce", topic, "-l", source)
            consume = Pipeline([cluster.command("consume", topic, "-e"), ["cat"]])
            cat = Pipeline([["cat", source], ["cat"]])
            for a, b in bench.alternate(lambda: run(consume, broker=cluster.pid, limit=bench.limit),
                                        lambda: run(cat, limit=bench.limit)):
                rate(out_of, (total, count), a, b)
            yield out_of
        bench.drop_input(source)
