"""A cluster of one broker in a folder of its own. Ends with the block that made it, whatever happened in there."""
import json
import os
import resource
import shutil
import signal
import subprocess
import time

import measure


class Cluster:
    def __init__(self, program, folder, limit=120):
        self.program = program
        self.folder = folder
        self.limit = limit
        self.pid = None
        self.address = None
        self.topics = 0
        self.env = dict(os.environ, BOBBIN_DIR=folder)
        self.env.pop("BOBBIN_AUTOSTART", None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop(quiet=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, *words):
        """The words of a command, for a pipeline; it has the cluster in --dir, so that any environment will do."""
        return [self.program, *words, "--dir", self.folder, "--quiet"]

    def bobbin(self, *words, stdin=None, code=0):
        """Runs a command outside of any measurement and gives back its stdout."""
        try:
            done = subprocess.run(self.command(*words), input=stdin, stdin=None if stdin else subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=self.limit, env=self.env)
        except subprocess.TimeoutExpired as error:
            raise measure.Failure(f"took more than {self.limit} s: bobbin {' '.join(words)[:200]}") from error
        if code is not None and done.returncode != code:
            said = done.stderr.decode(errors="replace").strip()[-600:]
            raise measure.Failure(f"exit {done.returncode} of bobbin {' '.join(words)[:200]}: {said}")
        return done.stdout

    def start(self, *options, descriptors=None):
        """`descriptors`: as many as the broker may have open, else what this process may."""
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        if descriptors:
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, limits[1]))
        try:
            self.bobbin("broker", "start", *options)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        self.find()
        return self

    def find(self):
        brokers = json.loads(self.bobbin("broker", "status", "--output", "json", code=None) or b"[]")
        running = [broker for broker in brokers if broker.get("pid")]
        if not running:
            raise measure.Failure(f"no broker runs: {brokers}")
        self.pid = running[0]["pid"]
        self.address = running[0].get("address") or None

    def is_running(self):
        """A broker that ended stays as a zombie until whoever adopted it looks."""
        try:
            with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
                return file.read().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    def stop(self, quiet=False):
        if not os.path.isdir(self.folder):
            return
        if self.pid is None:
            try:
                self.find()  # one that a command started
            except (measure.Failure, OSError, ValueError):
                pass
        try:
            self.bobbin("broker", "stop", code=None)
        except measure.Failure:
            if not quiet:
                raise
        end = time.monotonic() + 10
        while self.is_running() and time.monotonic() < end:
            time.sleep(0.01)
        if self.is_running():
            os.kill(self.pid, signal.SIGKILL)
        self.pid = None

    def kill(self):
        """Its broker, as a crash would."""
        os.kill(self.pid, signal.SIGKILL)
        end = time.monotonic() + 10
        while json.loads(self.bobbin("broker", "status", "--output", "json", code=None))[0]["state"] != "stopped":
            if time.monotonic() > end:
                raise measure.Failure("a killed broker does not end")

    def topic(self, *configs, partitions=1):
        """A new topic; its partition's records go to disk as `configs` say."""
        self.topics += 1
        name = f"t{self.topics}"
        self.bobbin("topic", "create", name, "-p", str(partitions), "-c", "file.delete.delay.ms=0",
                    *(word for config in configs for word in ("-c", config)))
        return name

    def delete(self, topic):
        self.bobbin("topic", "delete", topic)
