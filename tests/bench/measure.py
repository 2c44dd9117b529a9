"""Processes, what they cost, and what is made of the figures.

A Pipeline is what a shell would run: commands joined by pipes. run() starts some at once, waits for all of them and
gives back wall time and the CPU time of every process in them, and of one more process that was there before and stays
(the broker). CPU time of children comes from wait4; that of the broker from its CPU clock, which is what utime + stime
of /proc/PID/stat round to ticks.
"""
import dataclasses
import os
import select
import signal
import statistics
import subprocess
import tempfile
import time


class Failure(Exception):
    """A scenario cannot go on; the others can."""


class Skip(Exception):
    """The machine lacks something."""


@dataclasses.dataclass
class Pipeline:
    commands: list
    stdin: str = os.devnull
    stdout: str = os.devnull
    env: dict = None


@dataclasses.dataclass
class Sample:
    seconds: float
    cpu_ns: int
    broker_cpu_ns: int = 0


def cpu_clock_ns(pid):
    """CPU time of another process: the clock that clock_getcpuclockid(3) names."""
    return time.clock_gettime_ns((~pid << 3) | 2) if pid else 0


def cpu_ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def private_bytes(pid):
    """Memory that would not be there without the process: Private_Dirty. Private_Clean is pages of files."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Private_Dirty:"))


def in_words(commands):
    return " | ".join(" ".join(word if len(word) < 60 else word[:57] + "..." for word in command)
                      for command in commands)


def _start(pipeline, errors):
    """All processes of a pipeline, as (Popen, command)."""
    started = []
    source = open(pipeline.stdin, "rb")
    for index, command in enumerate(pipeline.commands):
        if index + 1 < len(pipeline.commands):
            read, write = os.pipe()
        else:
            read, write = None, os.open(pipeline.stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            process = subprocess.Popen(command, stdin=source, stdout=write, stderr=errors, env=pipeline.env)
        except OSError as error:
            for other, _ in started:
                other.kill()
            raise Failure(f"{command[0]}: {error.strerror}") from error
        finally:
            os.close(write)
            if isinstance(source, int):
                os.close(source)
            else:
                source.close()
        source = read
        started.append((process, command))
    return started


def _wait(process, deadline):
    """CPU seconds of a child and of its own, or None when the time is over."""
    descriptor = os.pidfd_open(process.pid)
    try:
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        if not poller.poll(max(0, (deadline - time.monotonic()) * 1000)):
            return None
    finally:
        os.close(descriptor)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def _expect_success(command, code, errors):
    if code != 0:
        errors.seek(0)
        said = errors.read()[-600:].decode(errors="replace").strip()
        raise Failure(f"exit {code} of {in_words([command])}: {said}")


def run(*pipelines, broker=None, limit=300):
    """Runs the pipelines side by side; Failure when a command fails or takes more than `limit` seconds."""
    with tempfile.TemporaryFile() as errors:
        started = []
        try:
            broker_before = cpu_clock_ns(broker)
            began = time.monotonic()
            for pipeline in pipelines:
                started += _start(pipeline, errors)
            cpu = 0
            for process, command in started:
                used = _wait(process, began + limit)
                if used is None:
                    raise Failure(f"took more than {limit} s: {in_words([command])}")
                cpu += used
            seconds = time.monotonic() - began
            broker_cpu = cpu_clock_ns(broker) - broker_before
            for process, command in started:
                _expect_success(command, process.returncode, errors)
            return Sample(seconds, int(cpu * 1e9) + broker_cpu, broker_cpu)
        finally:
            for process, _ in started:
                if process.returncode is None:
                    process.send_signal(signal.SIGKILL)
                    process.wait()


def spawn(command, stdin=os.devnull, limit=60):
    """One process, started as cheaply as a shell does; its stdout is thrown away."""
    with tempfile.TemporaryFile() as errors:
        actions = [(os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                   (os.POSIX_SPAWN_DUP2, errors.fileno(), 2)]
        began = time.monotonic()
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
        descriptor = os.pidfd_open(pid)
        ended = False
        try:
            poller = select.poll()
            poller.register(descriptor, select.POLLIN)
            ended = bool(poller.poll(limit * 1000))
            seconds = time.monotonic() - began
        finally:
            os.close(descriptor)
            if not ended:
                os.kill(pid, signal.SIGKILL)
            _, status, usage = os.wait4(pid, 0)
        if not ended:
            raise Failure(f"took more than {limit} s: {in_words([command])}")
        _expect_success(command, os.waitstatus_to_exitcode(status), errors)
    return Sample(seconds, int((usage.ru_utime + usage.ru_stime) * 1e9))


@dataclasses.dataclass
class Goal:
    """A figure of the table: what was reached, what is aimed at, and below (above) what it is not done."""
    text: str
    value: float
    aim: float = None
    floor: float = None
    more_is_better: bool = False
    unit: str = ""

    def reached(self, bound):
        if bound is None:
            return None
        return self.value >= bound if self.more_is_better else self.value <= bound


@dataclasses.dataclass
class Row:
    """A line of the table: figures of bobbin and of what stands beside it, pair by pair.

    kind tells how a pair is compared: "ratio" (bobbin / beside), "difference" (bobbin - beside), "alone".
    """
    name: str
    what: str
    beside: str = ""
    unit: str = ""
    kind: str = "ratio"
    more_is_better: bool = True
    aim: float = None
    floor: float = None
    bobbin: list = dataclasses.field(default_factory=list)
    other: list = dataclasses.field(default_factory=list)
    bobbin_cpu_ns: list = dataclasses.field(default_factory=list)
    other_cpu_ns: list = dataclasses.field(default_factory=list)
    goals: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)

    def add(self, bobbin, other=None, bobbin_cpu_ns=None, other_cpu_ns=None):
        self.bobbin.append(bobbin)
        if other is not None:
            self.other.append(other)
        if bobbin_cpu_ns is not None:
            self.bobbin_cpu_ns.append(bobbin_cpu_ns)
        if other_cpu_ns is not None:
            self.other_cpu_ns.append(other_cpu_ns)

    def pairs(self):
        if self.kind == "alone":
            return list(self.bobbin)
        if self.kind == "difference":
            return [a - b for a, b in zip(self.bobbin, self.other)]
        return [a / b for a, b in zip(self.bobbin, self.other) if b]

    def compared(self):
        """The median over the pairs, as a Goal."""
        pairs = self.pairs()
        text = {"ratio": "ratio", "difference": "more than beside", "alone": "median"}[self.kind]
        unit = "x" if self.kind == "ratio" else self.unit
        return Goal(text, statistics.median(pairs) if pairs else float("nan"), self.aim, self.floor,
                    self.more_is_better, unit)


def median(values):
    return statistics.median(values) if values else None


def spread(values):
    return (min(values), statistics.median(values), max(values)) if values else None
