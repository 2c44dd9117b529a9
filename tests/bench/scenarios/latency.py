"""One record from a producer to a consumer, at a fixed rate whatever happened to earlier ones.

Through the commands: bench_latency feeds the pipe into produce and reads the one out of consume. Through the library:
bench_library sends and polls. The ratio is of p50 from the write (or send), which leaves the sleep of that client out;
p99 and above count from when the record was due.
"""
from harness import scenario
from measure import Goal, Row, median

RATES = (1000, 10_000)


def size_of(bench):
    """Records to warm up with, and milliseconds to measure."""
    return bench.size(1000, 50), bench.size(bench.options.seconds * 1000, 200)


def run_open(bench, rate, producer, consumer, *options):
    warm, ms = size_of(bench)
    return bench.latency("open", *options, warm, rate, ms, "--", *producer, "--", *consumer)


def by_commands(bench, *consume_options):
    def once(cluster, topic, rate):
        return run_open(bench, rate, cluster.command("produce", topic),
                        cluster.command("consume", topic, *consume_options), "--cpu-of", cluster.pid)
    return once


def by_library(bench):
    def once(cluster, topic, rate):
        warm, ms = size_of(bench)
        return bench.library("latency", cluster.folder, topic, warm, rate, ms)
    return once


def measure_rate(bench, row, rate, configs, measure, limit_ns):
    tails = {"p99": [], "p999": [], "max": []}
    with bench.cluster() as cluster:
        def bobbin():
            topic = cluster.topic(*configs)
            found = measure(cluster, topic, rate)
            cluster.delete(topic)
            return found

        for found, limit in bench.alternate(bobbin, limit_ns):
            cpu = found["cpu_ns"] / found["records"] if "cpu_ns" in found else None
            row.add(found["from_write"]["p50"] / 1000, limit / 1000, cpu)
            for tail, values in tails.items():
                values.append(found["from_due"][tail] / 1e6)
    row.goals += [Goal("p99 from when it was due", median(tails["p99"]), floor=5, unit="ms"),
                  Goal("p99.9", median(tails["p999"]), unit="ms"), Goal("max", median(tails["max"]), unit="ms")]


def note_pipes(bench, row, rate):
    if not bench.smoke:
        pipes = run_open(bench, rate, ["cat"], ["cat"], "--chain")["from_write"]["p50"] / 1000
        row.notes.append(f"cat | cat instead, so the three pipes alone: {pipes:.1f} us")


def measure_latency(bench, name, what, configs, beside, limit_ns):
    for rate in RATES:
        row = Row(f"{name}-{rate}", f"one record, {rate}/s, {what}: p50 from the write", beside, "us",
                  more_is_better=False, aim=1.5)
        measure_rate(bench, row, rate, configs, by_commands(bench), limit_ns)
        row.goals.append(Goal("CPU a record, waiting", median(row.bobbin_cpu_ns) / 1000, aim=30, unit="us"))
        note_pipes(bench, row, rate)
        yield row


def futex_ns(bench):
    return bench.baseline("futex", bench.size(20_000, 200))["p50"]


def sync_ns(bench):
    return bench.baseline("sync", bench.work, 1, 1, 100, bench.size(500, 20))["p50"]


@scenario("latency-os", "one record, produce to consume, 1,000/s and 10,000/s, flush.policy=os")
def latency_os(bench):
    yield from measure_latency(bench, "latency-os", "flush.policy=os", ["flush.policy=os"],
                               "futex ping-pong on two cores", lambda: futex_ns(bench))


@scenario("latency", "the same, default durability")
def latency_default(bench):
    yield from measure_latency(bench, "latency", "default durability", [],
                               "futex ping-pong on two cores + pwrite and fdatasync",
                               lambda: futex_ns(bench) + sync_ns(bench))


@scenario("latency-busy", "the same with --busy, flush.policy=os, beside a shared-memory ping-pong with yield")
def latency_busy(bench):
    def limit_ns():
        return bench.baseline("spin", bench.size(100_000, 20))["p50"]

    ways = (("latency-busy", by_library(bench), "ConsumerOptions::busy: p50 from send()"),
            ("latency-busy-pipe", by_commands(bench, "--busy"), "consume --busy: p50 from the write"))
    for name, measure, what in ways:
        for rate in RATES:
            row = Row(f"{name}-{rate}", f"one record, {rate}/s, {what}", "shared-memory ping-pong with yield", "us",
                      more_is_better=False, aim=3)
            measure_rate(bench, row, rate, ["flush.policy=os"], measure, limit_ns)
            if name == "latency-busy-pipe":
                note_pipes(bench, row, rate)
            yield row
