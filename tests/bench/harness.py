"""What a scenario is given to work with, and the list of scenarios."""
import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import tempfile
import time

import measure
from cluster import Cluster
from measure import Failure, Pipeline, Skip

FULL_RECORDS = 8_000_000
SMOKE_RECORDS = 20_000
LISTEN = ("--listen", "127.0.0.1:0")

scenarios = []


@dataclasses.dataclass
class Scenario:
    name: str
    title: str
    run: object


def scenario(name, title):
    """Registers a generator of rows. Each row is printed when it is yielded."""
    def register(function):
        scenarios.append(Scenario(name, title, function))
        return function
    return register


class Bench:
    def __init__(self, program, helpers, work, options):
        self.program = program
        self.helpers = helpers
        self.work = work
        self.smoke = options.smoke
        self.pairs = 1 if options.smoke else options.pairs
        self.options = options
        self.records = SMOKE_RECORDS if options.smoke else options.records or FULL_RECORDS
        self.limit = 120 if options.smoke else 300
        self.deadline = None
        self._inputs = {}
        self._shared = None
        self._clusters = contextlib.ExitStack()

    def size(self, full, small):
        return small if self.smoke else full

    def need(self, *programs):
        for program in programs:
            if shutil.which(program) is None:
                raise Skip(f"there is no {program}")

    def baseline(self, *words, limit=None):
        return self._helper("baselines", words, limit)

    def latency(self, *words, limit=None):
        return self._helper("latency", words, limit)

    def library(self, *words, limit=None):
        return self._helper("library", words, limit)

    def _helper(self, name, words, limit):
        command = [os.path.join(self.helpers, f"bench_{name}"), *map(str, words)]
        if not os.access(command[0], os.X_OK):
            raise Skip(f"there is no {command[0]}, which tests/bench/CMakeLists.txt builds; --helpers names its folder")
        with tempfile.NamedTemporaryFile(dir=self.work) as out:
            measure.run(Pipeline([command], stdout=out.name), limit=limit or self.limit)
            return json.loads(out.read())

    def input(self, count, size, kind="words"):
        """A file of `count` lines of `size` bytes, the newline included; made once."""
        key = (count, size, kind)
        if key not in self._inputs:
            path = os.path.join(self.work, f"input-{count}-{size}-{kind}")
            self.baseline("generate", path, count, size, kind, 0)
            self._inputs[key] = path
        return self._inputs[key]

    def drop_input(self, path):
        for key in [key for key, known in self._inputs.items() if known == path]:
            del self._inputs[key]
            os.unlink(path)

    def path(self, name):
        return os.path.join(self.work, name)

    @contextlib.contextmanager
    def cluster(self, own=False, start=True):
        """A cluster on the disk of the work folder, whose broker listens on TCP too. Each scenario has its own; when
        they are small, those that do not need their `own` share one, since starting it takes longer than they do."""
        if self.smoke and not own:
            if self._shared is None or not self._shared.is_running():
                self._shared = self._clusters.enter_context(self._new_cluster())
                self._shared.start(*LISTEN)
            yield self._shared
            return
        with self._new_cluster() as cluster:
            if start:
                cluster.start(*LISTEN)
            yield cluster

    def cluster_of(self, program):
        """A cluster of another bobbin, not started."""
        return Cluster(program, tempfile.mkdtemp(prefix="cluster-", dir=self.work), self.limit)

    def _new_cluster(self):
        return self.cluster_of(self.program)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._clusters.close()

    def warm(self, size):
        """Makes the host hand over the memory that is used next: its first touch costs up to 40 times the second, and
        what was free for two seconds may have gone back to the host."""
        if not self.smoke:
            self.baseline("touch", size)

    def alternate(self, bobbin, other, pairs=None, warm_up=True, memory=0):
        """Yields pairs of what the two functions return. Who goes first changes; a first pair is not counted. Each finds
        so many bytes of memory that the machine has really."""
        def warmed(function):
            if memory:
                self.warm(memory)
            return function()

        if warm_up and not self.smoke:
            warmed(bobbin)
            warmed(other)
        for index in range(pairs or self.pairs):
            if self.deadline and time.monotonic() > self.deadline:
                raise Failure("the time limit of the scenario is over")
            if index % 2 == 0:
                first = warmed(bobbin)
                yield first, warmed(other)
            else:
                second = warmed(other)
                yield warmed(bobbin), second

    def single_records(self, cluster, rate, *configs):
        """p99 and the longest of single records from produce to consume, from when each was due, in ms."""
        topic = cluster.topic(*configs)
        found = self.latency("open", self.size(50, 5), rate, self.size(self.options.seconds * 1000, 200), "--",
                             *cluster.command("produce", topic), "--", *cluster.command("consume", topic))
        cluster.delete(topic)
        return found["from_due"]["p99"] / 1e6, found["from_due"]["max"] / 1e6

    def check_topic(self, cluster, topic, path, *options):
        """The topic holds exactly the bytes of the file."""
        consume = cluster.command("consume", topic, "-e", *options)
        measure.run(Pipeline([consume, ["cmp", "-", path]]), limit=self.limit)

    def check_same(self, path, other):
        if subprocess.run(["cmp", "-s", path, other], check=False).returncode != 0:
            raise Failure(f"{path} and {other} differ")
