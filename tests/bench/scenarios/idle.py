"""A broker that has nothing to do."""
import time

from harness import scenario
from measure import Row, cpu_ticks, private_bytes

MB = 1_000_000


@scenario("idle", "idle broker: CPU over 10 s, private memory, the same after 10 M records; per idle partition")
def idle(bench):
    ticks = Row("idle-cpu", "CPU of an idle broker over 10 s", "", "ticks", "alone", more_is_better=False, aim=0)
    fresh = Row("idle-memory", "private memory of an idle broker", "", "MB", "alone",
                more_is_better=False, aim=1, floor=8)
    used = Row("idle-memory-used", "the same after 10 M records went in and out", "", "MB", "alone",
               more_is_better=False, aim=2, floor=8)
    each = Row("idle-partition", "private memory for each idle partition", "", "KiB", "alone",
               more_is_better=False, aim=1)
    count = bench.size(max(int(word) for word in bench.options.partitions.split(",")), 20)
    for round_number in range(bench.pairs):
        with bench.cluster(own=True) as cluster:
            time.sleep(bench.size(1, 0))
            before = private_bytes(cluster.pid)
            fresh.add(before / MB)
            if round_number == 0:
                ticks_before = cpu_ticks(cluster.pid)
                time.sleep(bench.size(10, 0.2))
                ticks.add(cpu_ticks(cluster.pid) - ticks_before)
            cluster.topic(partitions=count)
            time.sleep(bench.size(1, 0))
            each.add((private_bytes(cluster.pid) - before) / count / 1024)
    yield ticks
    yield fresh
    with bench.cluster() as cluster:
        source = bench.input(bench.size(10_000_000, 20_000), 100)
        topic = cluster.topic("flush.policy=os")
        cluster.bobbin("produce", topic, "-l", source)
        bench.check_topic(cluster, topic, source)
        time.sleep(bench.size(1, 0))
        used.add(private_bytes(cluster.pid) / MB)
        if not bench.smoke:
            bench.drop_input(source)
    yield used
    yield each
