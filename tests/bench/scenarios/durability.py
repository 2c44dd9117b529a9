"""Many producers of single records, each of which has to be on the disk before the next one is sent."""
from harness import scenario
from measure import Row, median


@scenario("durable", "1, 16, 256 producers of single records, default durability")
def durable(bench):
    run_ms = bench.size(bench.options.seconds * 1000, 200)
    for producers in bench.size((1, 16, 256), (1, 4)):
        row = Row(f"durable-{producers}", f"{producers} bobbin produce, each sends when its last record was consumed",
                  f"a loop of pwrite of {producers} records + fdatasync", "records/s", aim=0.8, floor=0.4)
        threads, alone = min(producers, 64), []
        with bench.cluster() as cluster:
            def bobbin():
                topic = cluster.topic()
                found = bench.latency("closed", "--cpu-of", cluster.pid, 0, producers, run_ms, "--",
                                      *cluster.command("produce", topic), "--", *cluster.command("consume", topic))
                cluster.delete(topic)
                return found

            def raw():
                each = bench.baseline("sync", bench.work, threads, 1, 100, run_ms // 4)
                alone.append(each["records_per_s"])
                return bench.baseline("sync", bench.work, 1, producers, 100, run_ms // 2)

            for found, limit in bench.alternate(bobbin, raw):
                row.add(found["records_per_s"], limit["records_per_s"], found["cpu_ns"] / found["records"])
        row.notes.append(f"{threads} threads that write and sync one record each, into one file: "
                         f"{median(alone):.0f} records/s")
        yield row
