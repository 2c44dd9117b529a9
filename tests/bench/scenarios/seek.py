"""One record out of a long log, by offset and by time, cold and warm.

The log holds lines of 64 KiB that are zeros but for their number, and the blocks of zeros are punched out of it, so that
100 GiB fit on any disk. What being cold costs is a command after everything of the partition was dropped from the page
cache, less the same command once more; what a command costs at all is in startup.
"""
import glob
import os
import random
import subprocess

from harness import scenario
from measure import Failure, Goal, Pipeline, Row, median, run, spawn

LINE = 65_536
GIB = 1 << 30


def partition_files(cluster, topic):
    pattern = os.path.join(cluster.folder, "broker-*", f"{topic}-0", "*")
    return [path for path in glob.glob(pattern) if os.path.isfile(path)]


def punch(cluster, topic):
    """All but the last segment; the last one is still written."""
    for path in sorted(path for path in partition_files(cluster, topic) if path.endswith(".log"))[:-1]:
        subprocess.run(["fallocate", "--dig-holes", path], check=True)


def make_cold(cluster, topic):
    for path in partition_files(cluster, topic):
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:  # a checkpoint was replaced meanwhile
            continue
        os.fdatasync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def fill(bench, cluster, topic, size):
    """Lines in steps of a GiB, and after each the holes; gives back how many."""
    step = min(size, GIB) // LINE
    program = os.path.join(bench.helpers, "bench_baselines")
    for start in range(0, size // LINE, step):
        generate = [program, "generate", "-", str(step), str(LINE), "zeros", str(start)]
        run(Pipeline([generate, cluster.command("produce", topic)]), limit=bench.limit)
        punch(cluster, topic)
    return size // LINE // step * step


@scenario("seek", "seek by offset and by time, log of 1, 10, 100 GiB (sparse), cold and warm")
def seek(bench):
    bench.need("fallocate")
    sizes = bench.size([int(word) * GIB for word in bench.options.seek_gib.split(",")], [8 << 20])
    cold_file = bench.input(bench.size(2_000_000, 1000), 100)
    pairs = bench.size(bench.pairs * 8, 2)
    medians = {}
    for size in sizes:
        name = f"{size // GIB}GiB" if size >= GIB else f"{size >> 20}MiB"
        with bench.cluster() as cluster:
            topic = cluster.topic("flush.policy=os", "retention.ms=-1")
            lines = fill(bench, cluster, topic, size)

            def check(offset, where):
                """The right record comes out; a time may be that of several records before."""
                got = cluster.bobbin("consume", topic, "-o", where, "-n", "1")
                number = int(got[:20])
                is_right = number == offset if where == str(offset) else number <= offset
                if len(got) != LINE or got[20:-1].strip(b"\0") or not is_right:
                    raise Failure(f"-o {where} gave record {number}, not {offset}")

            for way in ("offset", "time"):
                row = Row(f"seek-{way}-{name}", f"what cold costs bobbin consume -o {way} -n 1 in a log of {name}",
                          "pread of 4 KiB, cold", "us", more_is_better=False, aim=3, floor=10)
                warm = Row(f"seek-{way}-{name}-warm", "the same command, warm", "/bin/true", "ms", "difference",
                           more_is_better=False)

                def cold_then_warm(way=way, row=row, warm=warm):
                    offset = random.randrange(lines)
                    where = str(offset)
                    if way == "time":
                        where = "@" + cluster.bobbin("consume", topic, "-o", where, "-n", "1", "-f", "%T").decode()
                    command = cluster.command("consume", topic, "-o", where, "-n", "1")
                    make_cold(cluster, topic)
                    cold = spawn(command)
                    hot = spawn(command)
                    check(offset, where)
                    return cold, hot

                def page():
                    return bench.baseline("cold", cold_file, bench.size(20, 5))["p50"] / 1000, spawn(["/bin/true"])

                for (cold, hot), (pread_us, nothing) in bench.alternate(cold_then_warm, page, pairs, memory=64 << 20):
                    row.add((cold.seconds - hot.seconds) * 1e6, pread_us, cold.cpu_ns)
                    warm.add(hot.seconds * 1000, nothing.seconds * 1000, hot.cpu_ns)
                first = medians.setdefault(way, median(row.bobbin))
                if size != sizes[0]:
                    row.goals.append(Goal("beside the smallest log", median(row.bobbin) / first, aim=1.5, unit="x"))
                yield row
                yield warm
