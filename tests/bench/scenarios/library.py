"""The C++ library, from memory and into memory: bench_library measures in there, without any pipe or command.

Beside it: bench_baselines, which stores the same number of records from memory into a fresh mapped file, reads them in
another process that maps the file by itself, with the same checksum, and does both at once.
"""
from harness import scenario
from measure import Failure, Goal, Row, median

RECORD_BYTES = 100


def append(bench, cluster, how, source):
    """A topic that holds the lines, and what that took."""
    topic = cluster.topic("flush.policy=os")
    return topic, bench.library("append", how, cluster.folder, topic, source, cluster.pid)


def tail(bench, cluster, topic, expected):
    found = bench.library("tail", cluster.folder, topic, expected["records"], cluster.pid)
    if found["sum"] != expected["sum"]:
        raise Failure("the records that were read are not those that were sent")
    return found


def add(row, count, found, limit_ns):
    row.add(count / found["ns"] * 1e3, count / limit_ns * 1e3, found["cpu_ns"] / count)


@scenario("library", "append 100-byte records from memory; tail them in another process; both at once")
def library(bench):
    count = bench.records
    source = bench.input(count, RECORD_BYTES + 1)
    memory = 3 * count * RECORD_BYTES
    unit = "M records/s"
    appended = Row("library-append", "send_lines() of records in memory, flush() included, flush.policy=os",
                   "stores into a fresh mapped file", unit, aim=2.0, floor=1.0)
    one_by_one = Row("library-append-send", "the same by send() for each record", "the same", unit)
    tailed = Row("library-tail", "poll() in another process, each byte into a checksum",
                 "the same over the mapped file", unit, aim=0.3, floor=0.1)
    both = Row("library-both", "a producer and a process that follows it at once, flush.policy=os",
               "the same over a fresh mapped file", unit)
    with bench.cluster() as cluster:
        def bobbin():
            bench.warm(memory)
            topic, by_lines = append(bench, cluster, "lines", source)
            read = tail(bench, cluster, topic, by_lines)
            if bench.smoke:
                bench.check_topic(cluster, topic, source)
            cluster.delete(topic)
            bench.warm(memory)
            topic, by_records = append(bench, cluster, "records", source)
            tail(bench, cluster, topic, by_records)
            cluster.delete(topic)
            topic = cluster.topic("flush.policy=os")
            bench.warm(memory)
            at_once = bench.library("both", cluster.folder, topic, source, cluster.pid)
            cluster.delete(topic)
            return by_lines, by_records, read, at_once

        def mapped():
            bench.warm(memory)
            return bench.baseline("mapped", bench.work, count, RECORD_BYTES)

        for found, limit in bench.alternate(bobbin, mapped):
            by_lines, by_records, read, at_once = found
            add(appended, count, by_lines, limit["store_ns"])
            add(one_by_one, count, by_records, limit["store_ns"])
            add(tailed, count, read, limit["read_ns"])
            add(both, count, at_once, limit["both_ns"])
    both.goals.append(Goal("of bobbin", median(both.bobbin), aim=10, floor=3, more_is_better=True, unit=unit))
    if not bench.smoke:
        bench.drop_input(source)
    yield from (appended, one_by_one, tailed, both)
