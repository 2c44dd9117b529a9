"""A cluster of local brokers in a directory of its own, and what can happen to it from outside: signals, folders, disks."""
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import time


class Failed(Exception):
    """The test fails, and this says of what."""


def eventually(seconds, what, condition):
    """Waits until the condition holds, and returns what it gave; `what` (words, or what makes them) it waited for in vain."""
    end = time.monotonic() + seconds
    while True:
        if found := condition():
            return found
        if time.monotonic() > end:
            raise Failed(f"after {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.03)


def free_address(count):
    """HOST:PORT with `count` ports in a row that nobody has: of a loopback address of this test alone, below the ports that
    the kernel gives away by itself."""
    choice = random.Random(os.urandom(8))
    while True:
        host = f"127.{choice.randint(20, 220)}.{choice.randint(2, 250)}.{choice.randint(2, 250)}"
        port = choice.randint(10000, 30000)
        taken = []
        try:
            for n in range(count):
                one = socket.socket()
                taken.append(one)
                one.bind((host, port + n))
            return host, port
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()


class LocalCluster:
    def __init__(self, program, directory, brokers=3, settings=(), listen=True):
        self.program, self.dir, self.ids = program, directory, list(range(1, brokers + 1))
        self.environment = {**os.environ, "BOBBIN_DIR": directory, "BOBBIN_AUTOSTART": "never"}
        host, port = free_address(brokers)
        self.addresses = [f"{host}:{port + n}" for n in range(brokers)]
        self.bootstrap = ",".join(self.addresses)
        os.makedirs(directory, mode=0o700, exist_ok=True)
        with open(os.path.join(directory, "bobbin.toml"), "w", encoding="utf-8") as file:
            file.write("".join(f"{name} = {value}\n" for name, value in settings))
        self.run("broker", "start", "-q", "-n", str(brokers), *(("--listen", self.addresses[0]) if listen else ()))

    # --- commands

    def command(self, *words):
        return [self.program, *words]

    def popen(self, *words, **kwargs):
        return subprocess.Popen(self.command(*words), env=self.environment, **kwargs)

    def run(self, *words, seconds=60, codes=(0,), files_max=None, stdin=None, more=None):
        """What the command prints. Failed, if it ends with another code, or not."""
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (files_max, files_max))
        try:
            done = subprocess.run(self.command(*words), env={**self.environment, **(more or {})}, capture_output=True, text=True, timeout=seconds,
                                  check=False, preexec_fn=limit if files_max else None, input=stdin)
        except subprocess.TimeoutExpired as late:
            raise Failed(f"bobbin {' '.join(words)} does not end within {seconds} s: {late.stderr}") from late
        if done.returncode not in codes:
            raise Failed(f"bobbin {' '.join(words)} ends with {done.returncode}: {done.stdout[-300:]} {done.stderr[-600:]}")
        return done.stdout

    def describe(self, *topics):
        """{(topic, partition): what describe says of it}"""
        told = json.loads(self.run("topic", "describe", "--output", "json", *topics, codes=(0, 1)) or "[]")
        return {(topic["name"], p["partition"]): p for topic in told for p in topic["partitions"]}

    # --- brokers as processes

    def folder(self, broker):
        return os.path.join(self.dir, f"broker-{broker}")

    def pid(self, broker):
        """Of the process that holds the broker's lock; nothing: none does."""
        try:
            inode = os.stat(os.path.join(self.folder(broker), ".lock")).st_ino
        except FileNotFoundError:
            return None
        return next((pid for pid in self.broker_pids() if holds_lock(pid, inode)), None)

    def broker_pids(self):
        """All processes of this cluster's brokers."""
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if b"broker" in words and b"run" in words and self.dir.encode() in words:
                found.append(int(name))
        return found

    def running(self):
        """{broker: pid}"""
        return {b: pid for b in self.ids if (pid := self.pid(b))}

    def signal(self, broker, number):
        """Whether there was somebody to get it."""
        pid = self.pid(broker)
        if not pid:
            return False
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True

    def kill(self, *brokers):
        """All at once: none sees another die. Waits until they are gone."""
        pids = [pid for b in brokers if (pid := self.pid(b))]
        for number in (signal.SIGSTOP, signal.SIGKILL) if len(pids) > 1 else (signal.SIGKILL,):
            for pid in pids:
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
        for pid in pids:
            eventually(30, f"process {pid} was killed and is there", lambda pid=pid: is_gone(pid))
        return pids

    def start(self, *brokers, **kwargs):
        """These, or all. By their numbers: one whose folder is gone is in no other list."""
        brokers = brokers or self.ids
        return self.run("broker", "start", "-q", *map(str, brokers), **kwargs)

    def stop(self, *brokers):
        return self.run("broker", "stop", "-q", *map(str, brokers))

    def metadata_holder(self):
        """The broker that holds the metadata lock now; nothing: none."""
        inode = os.stat(os.path.join(self.dir, "metadata", ".lock")).st_ino
        return next((b for b, pid in self.running().items() if holds_lock(pid, inode)), None)

    def wait_in_sync(self, seconds):
        """All partitions have a leader, and all their replicas in sync."""
        def behind():
            return {f"{t}-{p}": f"leader {s['leader']} epoch {s['leader_epoch']} isr {s['isr']}"
                    for (t, p), s in self.describe().items() if s["leader"] is None or len(s["isr"]) < len(s["replicas"])}
        eventually(seconds, lambda: f"not in sync: {behind()}", lambda: not behind())

    def end(self):
        """No process is left, whatever state it was in."""
        for pid in self.broker_pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        eventually(30, "brokers were killed and are there", lambda: not self.broker_pids())

    def logs(self, lines=40):
        """The last words of each broker."""
        out = ""
        for broker in self.ids:
            try:
                with open(os.path.join(self.dir, f"broker-{broker}.log"), encoding="utf-8", errors="replace") as file:
                    out += f"--- broker {broker}\n" + "".join(file.readlines()[-lines:])
            except OSError:
                pass
        return out


def holds_lock(pid, inode):
    """By what the kernel says of its open files: its list of locks does not know whose an OFD lock is."""
    try:
        for name in os.listdir(f"/proc/{pid}/fdinfo"):
            with open(f"/proc/{pid}/fdinfo/{name}", encoding="ascii") as file:
                if any(line.startswith("lock:") and line.split()[6].split(":")[2] == str(inode) for line in file):
                    return True
    except OSError:
        pass
    return False


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


class SmallDisk:
    """A tmpfs of so many MiB at a path; `mounted` is false where that is not allowed."""

    def __init__(self, path, mib):
        self.path, self.filler = path, os.path.join(path, "filler")
        os.makedirs(path, mode=0o700, exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0700", "tmpfs", path]
        self.mounted = bool(shutil.which("mount")) and subprocess.run(mount, capture_output=True, check=False).returncode == 0

    def fill(self):
        try:
            with open(self.filler, "wb") as file:
                while True:
                    file.write(bytes(1 << 16))
                    file.flush()
        except OSError:
            pass

    def empty(self):
        if os.path.exists(self.filler):
            os.unlink(self.filler)

    def unmount(self):
        if self.mounted:
            subprocess.run(["umount", "-l", self.path], capture_output=True, check=False)


def copy_folder(source, target):
    """As it is at the moment, file by file, while its broker writes: what vanishes on the way is not in it."""
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "-a", "--", source, target], capture_output=True, check=False)
