"""Compressed batches beside the programs that compress; both with their default level. Lines are of random words."""
import os

from harness import scenario
from measure import Pipeline, Row, run
from scenarios.pipes import OS, producing, rate


@scenario("compression", "compressed produce, lz4 and zstd")
def compression(bench):
    source = bench.input(bench.records, 100)
    bench.need("lz4", "zstd")
    for codec, commands in (("lz4", ["lz4", "-q", "-c", "-"]), ("zstd", ["zstd", "-q", "-c", "-"])):
        row = Row(f"compression-{codec}", f"cat in | bobbin produce -z {codec}, flush.policy=os",
                  f"cat in | {' '.join(commands)} > out", "M records/s", aim=0.9, floor=0.6)
        out = bench.path("out")

        def packed(commands=commands, codec=codec):
            sample = run(Pipeline([["cat", source], commands], stdout=out), limit=bench.limit)
            run(Pipeline([[codec, "-q", "-d", "-c"], ["cmp", "-", source]], stdin=out), limit=bench.limit)
            os.unlink(out)
            return sample

        with bench.cluster() as cluster:
            for a, b in bench.alternate(producing(bench, cluster, source, "-z", codec, configs=[OS]), packed,
                                        memory=2 * os.path.getsize(source)):
                rate(row, bench.records, a, b)
        yield row
