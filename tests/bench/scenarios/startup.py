"""What a command costs beside a process that does nothing, and how soon a broker answers."""
from harness import scenario
from measure import Failure, Row, spawn

TRUE = ["/bin/true"]


def flush_ms(bench):
    return bench.baseline("sync", bench.work, 1, 1, 100, bench.size(50, 10))["p50"] / 1e6


def milliseconds(sample):
    return sample.seconds * 1000


def line_file(bench):
    path = bench.path("line")
    with open(path, "w", encoding="ascii") as file:
        file.write("one line\n")
    return path


def expect_lines(cluster, topic, count):
    got = cluster.bobbin("consume", topic, "-e")
    if got != b"one line\n" * count:
        raise Failure(f"{topic} holds {len(got)} bytes, not {count} lines")


@scenario("startup", "a small command with the broker up, beside /bin/true")
def startup(bench):
    pairs = bench.size(bench.pairs * 10, 2)
    line = line_file(bench)
    with bench.cluster() as cluster:
        topic = cluster.topic()
        sent = 0

        def produce_line():
            nonlocal sent
            sent += 1
            return spawn(produce, line)

        produce = cluster.command("produce", topic)
        commands = (
            ("startup-produce", "bobbin produce of one line", "/bin/true + one pwrite and fdatasync", produce_line, 1),
            ("startup-list", "bobbin topic list", "/bin/true", lambda: spawn(cluster.command("topic", "list")), 0),
            ("startup-version", "bobbin --version", "/bin/true", lambda: spawn([bench.program, "--version"]), 0),
            ("startup-complete", "completion of a topic's name", "/bin/true",
             lambda: spawn([bench.program, "complete", "topics", "--dir", cluster.folder]), 0))
        for name, what, beside, command, flushes in commands:
            row = Row(name, what, beside, "ms", "difference", more_is_better=False, aim=1.5, floor=10)
            flush = flush_ms(bench) if flushes else 0
            for a, b in bench.alternate(command, lambda: spawn(TRUE), pairs):
                row.add(milliseconds(a), milliseconds(b) + flush, a.cpu_ns, b.cpu_ns)
            yield row
        expect_lines(cluster, topic, sent)


@scenario("first", "first command in an empty directory to its exit; first record in a new topic")
def first(bench):
    line = line_file(bench)
    beside = "/bin/true + 4 x pwrite and fdatasync"
    row = Row("first-command", "bobbin produce of one line in an empty directory", beside, "ms", "difference",
              more_is_better=False, aim=10, floor=100)

    def in_empty_directory():
        with bench.cluster(own=True, start=False) as cluster:
            sample = spawn(cluster.command("produce", "first"), line)
            expect_lines(cluster, "first", 1)
            return sample

    for a, b in bench.alternate(in_empty_directory, lambda: spawn(TRUE), bench.size(bench.pairs * 2, 1)):
        row.add(milliseconds(a), milliseconds(b) + 4 * flush_ms(bench), a.cpu_ns, b.cpu_ns)
    yield row

    row = Row("first-record", "bobbin produce of one line into a new topic", beside, "ms", "difference",
              more_is_better=False, aim=10, floor=100)
    with bench.cluster() as cluster:
        def in_new_topic():
            cluster.topics += 1
            topic = f"t{cluster.topics}"
            sample = spawn(cluster.command("produce", topic), line)
            expect_lines(cluster, topic, 1)
            return sample

        for a, b in bench.alternate(in_new_topic, lambda: spawn(TRUE), bench.size(bench.pairs * 4, 2)):
            row.add(milliseconds(a), milliseconds(b) + 4 * flush_ms(bench), a.cpu_ns, b.cpu_ns)
    yield row


@scenario("restart", "restart of a broker with 1, 1,000, 10,000 partitions to its first acknowledgement")
def restart(bench):
    aims = {1: 10, 1000: 30, 10_000: 200}
    line = line_file(bench)
    counts = bench.size([int(word) for word in bench.options.partitions.split(",")], [1, 20])
    for count in counts:
        what = f"bobbin produce of one line, no broker running, {count} partitions with a record each"
        row = Row(f"restart-{count}", what, "", "ms", "alone", more_is_better=False, aim=aims.get(count), floor=1000)
        with bench.cluster(own=True) as cluster:
            topic = cluster.topic()
            if count > 1:
                others = cluster.topic("flush.policy=os", partitions=count - 1)
                cluster.bobbin("produce", others, "--partitioner", "round-robin", stdin=b"one line\n" * (count - 1))
                expect_lines(cluster, others, count - 1)
            sent = 0
            for _ in range(bench.pairs + (0 if bench.smoke else 1)):
                cluster.stop()
                row.add(milliseconds(spawn(cluster.command("produce", topic), line)))
                sent += 1
            if not bench.smoke:
                del row.bobbin[0]
            expect_lines(cluster, topic, sent)
        yield row
