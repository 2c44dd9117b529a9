"""One record from a pipe into produce to a pipe out of consume, at a fixed rate whatever happened to earlier ones.

bench_latency feeds and reads both pipes. The ratio is of p50 from the write, which leaves the sleep of that client out;
p99 and above count from when the record was due.
"""
from harness import not_there_yet, scenario
from measure import Goal, Row, median

RATES = (1000, 10_000)


def run_open(bench, rate, producer, consumer, *options):
    return bench.latency("open", *options, bench.size(1000, 50), rate, bench.size(bench.options.seconds * 1000, 200),
                         "--", *producer, "--", *consumer)


def measure_latency(bench, name, what, configs, beside, limit_ns):
    for rate in RATES:
        row = Row(f"{name}-{rate}", f"one record, {rate}/s, {what}: p50 from the write", beside, "us",
                  more_is_better=False, aim=1.5)
        tails = {"p99": [], "p999": [], "max": []}
        with bench.cluster() as cluster:
            def bobbin():
                topic = cluster.topic(*configs)
                found = run_open(bench, rate, cluster.command("produce", topic), cluster.command("consume", topic),
                                 "--cpu-of", cluster.pid)
                cluster.delete(topic)
                return found

            for found, limit in bench.alternate(bobbin, limit_ns):
                row.add(found["from_write"]["p50"] / 1000, limit / 1000, found["cpu_ns"] / found["records"])
                for tail, values in tails.items():
                    values.append(found["from_due"][tail] / 1e6)
        row.goals += [Goal("p99 from when it was due", median(tails["p99"]), floor=5, unit="ms"),
                      Goal("p99.9", median(tails["p999"]), unit="ms"), Goal("max", median(tails["max"]), unit="ms"),
                      Goal("CPU a record, waiting", median(row.bobbin_cpu_ns) / 1000, aim=30, unit="us")]
        if not bench.smoke:
            pipes = run_open(bench, rate, ["cat"], ["cat"], "--chain")["from_write"]["p50"] / 1000
            row.notes.append(f"cat | cat instead, so the three pipes alone: {pipes:.1f} us")
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


not_there_yet("latency-busy", "the same with --busy, beside a shared-memory ping-pong with yield",
              "consume --busy and produce --busy (beside them: bench_baselines spin)")
