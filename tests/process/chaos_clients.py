"""The clients of a chaos run: threads that keep a writer or a reader alive, life after life, and note into a History what each
sent, was told and read. Whoever ends a life from outside says so first (`kill`)."""
import os
import random
import re
import subprocess
import threading
import time

import history

LINE = "%t %p %o %s\\n"  # of both programs


class Client(threading.Thread):
    """One after the other, processes of one kind; each has files of its own in `folder`."""

    def __init__(self, run, name, seed):
        super().__init__(name=name, daemon=True)
        self.run_of, self.cluster, self.history = run, run.cluster, run.history
        self.random = random.Random(f"{seed} {name}")
        self.lives = 0
        self.process = None
        self.was_killed = False
        self.ending = threading.Event()
        self.failure = None

    def path(self, what):
        return os.path.join(self.run_of.clients_dir, f"{self.name}.{self.lives}.{what}")

    def kill(self):
        process = self.process
        if process and process.poll() is None:
            self.was_killed = True
            process.kill()

    def run(self):
        try:
            while not self.ending.is_set():
                self.lives += 1
                self.was_killed = False
                self.live()
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure

    def note_end(self, code, error):
        """Whoever ends without being killed says why."""
        if self.was_killed or code == 0:
            return
        words = ""
        if os.path.exists(error):
            with open(error, encoding="utf-8", errors="replace") as file:
                words = " | ".join(line.strip() for line in file.readlines() if "delivered to" not in line)[-400:]
        self.run_of.note_client(self, code, words)


class Writer(Client):
    """Sends bursts of lines to a process of its own until it has sent `lines_max`, or is to end."""

    def __init__(self, run, name, seed, topic, lines_max=None, partition=None, tcp=False, acks="all", options=()):
        super().__init__(run, name, seed)
        self.topic, self.lines_max, self.partition, self.tcp, self.acks = topic, lines_max, partition, tcp, acks
        self.options = options

    def command(self):
        words = ["produce", self.topic, "-q", *self.options]
        words += ["-p", str(self.partition)] if self.partition is not None else ["-K", "|"]
        words += ["-a", self.acks] if self.acks != "all" else []
        return self.cluster.command(*words, *(("-b", self.cluster.bootstrap) if self.tcp else ()))

    def line(self, producer, n):
        value = history.value_of(producer, n)
        return value if self.partition is not None else f"{history.key_of(producer, n)}|{value}"

    def live(self):
        producer = self.history.producer(f"{self.name}_{self.lives}", self.topic, self.partition,
                                         idempotent=self.acks == "all",
                                         loses=self.acks != "all" and self.run_of.kind != "deaths")
        with open(self.path("err"), "wb") as error:
            self.process = subprocess.Popen(self.command(), env=self.run_of.client_environment, stdin=subprocess.PIPE,
                                            stdout=subprocess.DEVNULL, stderr=error)
        self.feed(producer)
        code = self.wait()
        self.judge(producer, code)
        self.note_end(code, self.path("err"))

    def feed(self, producer):
        try:
            while not self.ending.is_set() and producer.sent < (self.lines_max or producer.sent + 1):
                first, count = producer.sent, self.random.choice((1, 1, 3, 10, 60, 120))
                producer.sent += count  # before it is given away: it may be in the log from now on
                text = "".join(self.line(producer.name, n) + "\n" for n in range(first, producer.sent))
                self.process.stdin.write(text.encode())
                self.process.stdin.flush()
                self.ending.wait(self.random.choice((0, 0.01, 0.05, 0.1, 0.3)) * self.run_of.slowness)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            self.process.stdin.close()
        except OSError:
            pass

    def wait(self):
        end = time.monotonic() + 150
        while self.process.poll() is None:
            if time.monotonic() > end:
                self.run_of.complain(f"{self.name} (life {self.lives}): its input ended, and it does not")
                self.kill()
            time.sleep(0.02)
        return self.process.returncode

    def judge(self, producer, code):
        """Exit 0: all of it. Else the words name the first line that was not acknowledged."""
        if code == 0:
            producer.acked = producer.sent
            return
        with open(self.path("err"), encoding="utf-8", errors="replace") as file:
            if first := re.search(r" records were acknowledged; line (\d+)", file.read()):
                producer.acked = int(first[1]) - 1


class KcatWriter(Writer):
    """To one partition, by librdkafka, which tells of each record where it is."""

    def command(self):
        return ["kcat", "-P", "-E", "-vvv", "-b", self.cluster.bootstrap, "-t", self.topic, "-p", str(self.partition),
                "-X", "enable.idempotence=true", "-X", "message.timeout.ms=300000", "-X", "queue.buffering.max.ms=2",
                "-X", "reconnect.backoff.ms=5", "-X", "reconnect.backoff.max.ms=100", "-X", "retry.backoff.ms=10",
                "-X", "topic.metadata.refresh.fast.interval.ms=50", *self.options]

    def judge(self, producer, code):
        told = re.compile(rb"Message delivered to partition (\d+) \(offset (\d+)\)")
        with open(self.path("err"), "rb") as file:
            for line in file:
                if found := told.search(line):
                    producer.places[producer.acked] = history.Place(int(found[1]), int(found[2]))
                    producer.acked += 1
        if code == 0 and producer.acked != producer.sent:
            self.run_of.complain(f"{self.name}: kcat ends with 0, and tells of {producer.acked} of {producer.sent} records")


class Reader(Client):
    """Follows topics; the first life from the beginning, later ones from near the end."""

    def __init__(self, run, name, seed, topics, program="bobbin", tcp=False):
        super().__init__(run, name, seed)
        self.topics, self.program, self.tcp = topics, program, tcp

    def command(self):
        start = "beginning" if self.lives == 1 else str(-self.random.choice((1, 200, 1000)))
        if self.program == "kcat":
            # librdkafka looks for "-1000" once more when the leader changes before it has come to where the end was then.
            start = "beginning"
            return ["kcat", "-C", "-q", "-u", "-E", "-b", self.cluster.bootstrap, "-t", self.topics[0], "-o", start, "-f", LINE,
                    "-X", "reconnect.backoff.ms=5", "-X", "reconnect.backoff.max.ms=100", "-X", "check.crcs=true",
                    "-X", "topic.metadata.refresh.fast.interval.ms=50"]
        return self.cluster.command("consume", *self.topics, "-q", "-o", start, "-f", LINE,
                                    *(("-b", self.cluster.bootstrap) if self.tcp else ()))

    def live(self):
        with open(self.path("out"), "wb") as out, open(self.path("err"), "wb") as error:
            self.process = subprocess.Popen(self.command(), env=self.run_of.client_environment, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=error)
        while self.process.poll() is None:
            if self.ending.wait(0.05):
                self.kill()
        self.note_end(self.process.wait(), self.path("err"))
        self.ending.wait(0.05)

    def has_read(self, value):
        """This life, a moment ago."""
        try:
            with open(self.path("out"), "rb") as file:
                file.seek(max(0, os.path.getsize(self.path("out")) - (4 << 20)))
                return value.encode() in file.read()
        except OSError:
            return False

    def tell(self):
        """What all its lives read, into the history."""
        for life in range(1, self.lives + 1):
            path = os.path.join(self.run_of.clients_dir, f"{self.name}.{life}.out")
            read_into(self.history, f"{self.name} (life {life})", path)


def read_into(told, name, path):
    records = {}
    with open(path, encoding="latin-1", newline="\n") as file:
        for line in file:
            if not line.endswith("\n"):
                break  # it was killed while it wrote this
            topic, partition, offset, value = line[:-1].split(" ", 3)
            records.setdefault(topic, []).append((int(partition), int(offset), value))
    for topic, each in records.items():
        told.readers.append(history.Reader(name, topic, each))
