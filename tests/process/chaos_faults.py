"""The faults of a chaos run: each is a function of a Faults whose name says what happens; what it stopped, killed or filled is
made good by heal(). The dice decide everything; what a fault needs first (all in sync: a disk may be lost only while every
record has two others) stands beside it."""
import os
import shutil
import signal
import subprocess
import time

from local_cluster import Failed, copy_folder, eventually

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"

FAULTS = {}


def fault(weight, whole=False, needs=None, death=False):
    """`whole`: it takes a disk, so all must be in sync before; `needs`: an attribute of the run; `death`: processes are killed
    by it, and nothing else happens."""
    def add(function):
        FAULTS[function.__name__] = (weight, whole, needs, death, function)
        return function
    return add


class Faults:
    def __init__(self, run, dice):
        self.run, self.cluster, self.random = run, run.cluster, dice
        self.stopped = set()
        self.counts = {}

    def choose(self):
        without = self.run.options.without.split(",")
        names = [n for n, (_, _, needs, death, _) in FAULTS.items()
                 if n not in without and (not needs or getattr(self.run, needs)) and (death or self.run.kind != "deaths")]
        return self.random.choices(names, [FAULTS[n][0] for n in names])[0]

    def apply(self, name):
        _, whole, *_, function = FAULTS[name]
        if whole:
            self.heal()
            self.cluster.wait_in_sync(self.run.patience)
        self.counts[name] = self.counts.get(name, 0) + 1
        function(self)

    def say(self, words):
        self.run.say(words)

    def pause(self, *choices):
        time.sleep(self.random.choice(choices))

    def heal(self):
        """Everybody runs."""
        self.go_on()
        for disk in self.run.disks:
            disk.empty()
        self.cluster.start()

    def go_on(self):
        for broker in self.stopped:
            self.cluster.signal(broker, signal.SIGCONT)
        self.stopped.clear()

    def stop_process(self, *brokers):
        for broker in brokers:
            if self.cluster.signal(broker, signal.SIGSTOP):
                self.stopped.add(broker)

    def a_leader(self):
        """Of a partition that the dice choose; whoever, where nobody can tell."""
        n = self.random.random()
        any_broker = self.random.choice(self.cluster.ids)
        try:
            told = self.cluster.run("topic", "describe", "--output", "tsv", "--timeout", "1s", codes=(0, 1)).splitlines()
        except Failed:
            return any_broker
        leaders = [int(line.split("\t")[2]) for line in told if line.split("\t")[2].isdigit()]
        return leaders[int(n * len(leaders))] if leaders else any_broker

    def others(self, broker):
        found = [b for b in self.cluster.ids if b != broker]
        self.random.shuffle(found)
        return found


# --- processes

@fault(12, death=True)
def leader_killed(f):
    leader = f.a_leader()
    f.say(f"SIGKILL leader {leader}")
    f.cluster.kill(leader)


@fault(5, death=True)
def follower_killed(f):
    follower = f.others(f.a_leader())[0]
    f.say(f"SIGKILL follower {follower}")
    f.cluster.kill(follower)


@fault(5, death=True)
def two_killed(f):
    leader = f.a_leader()
    two = [leader, f.others(leader)[0]]
    f.random.shuffle(two)
    f.say(f"SIGKILL {two}")
    if f.random.random() < 0.5:
        f.cluster.kill(*two)
        return
    f.cluster.kill(two[0])
    f.pause(0, 0.01, 0.1, 0.4)
    f.cluster.kill(two[1])


@fault(5, death=True)
def all_killed(f):
    three = f.others(0)
    f.say(f"SIGKILL {three}")
    for broker in three:
        f.cluster.signal(broker, signal.SIGKILL)
        f.pause(0, 0, 0.005, 0.05)
    f.cluster.kill(*three)


@fault(4, death=True)
def killed_again_and_again(f):
    """A leader that is killed as soon as it is back."""
    for _ in range(f.random.randint(2, 4)):
        leader = f.a_leader()
        f.say(f"SIGKILL {leader}, which is started at once")
        f.cluster.kill(leader)
        f.cluster.start(leader)


@fault(5)
def leader_stopped_shortly(f):
    leader = f.a_leader()
    f.say(f"SIGSTOP leader {leader}, for less than the session")
    f.stop_process(leader)
    f.pause(0.02, 0.1, 0.3)
    f.go_on()


@fault(6)
def leader_stopped_long(f):
    leader = f.a_leader()
    f.say(f"SIGSTOP leader {leader}, for longer than the session")
    f.stop_process(leader)
    f.pause(0.5, 0.9, 1.2, 1.8)
    if f.random.random() < 0.5:
        f.go_on()


@fault(3)
def follower_stopped(f):
    follower = f.others(f.a_leader())[0]
    f.say(f"SIGSTOP follower {follower}")
    f.stop_process(follower)
    f.pause(0.05, 0.4, 0.8, 1.5, 2.5)
    f.go_on()


@fault(3)
def two_stopped(f):
    leader = f.a_leader()
    two = [leader, f.others(leader)[0]]
    f.say(f"SIGSTOP {two}")
    f.stop_process(*two)
    f.pause(0.1, 0.7, 1.3, 2)
    f.go_on()


@fault(3)
def all_stopped(f):
    f.say("SIGSTOP all")
    f.stop_process(*f.others(0))
    f.pause(0.1, 0.7, 1.5)
    f.go_on()


@fault(3)
def leader_stopped_and_killed(f):
    """Others lead already, or are about to, when it dies."""
    leader = f.a_leader()
    f.say(f"SIGSTOP leader {leader}, then SIGKILL")
    f.stop_process(leader)
    f.pause(0.1, 0.45, 0.55, 0.8)
    f.cluster.kill(leader)


@fault(3)
def follower_stopped_leader_killed(f):
    leader = f.a_leader()
    follower = f.others(leader)[0]
    f.say(f"SIGSTOP follower {follower}, SIGKILL leader {leader}, SIGCONT")
    f.stop_process(follower)
    f.pause(0.02, 0.1, 0.4)
    f.cluster.kill(leader)
    f.pause(0, 0.1, 0.7)
    f.go_on()


@fault(4)
def metadata_holder_hit(f):
    """While topics are made all are stopped, until that happens while one holds the lock of the metadata. It is killed, or
    stays stopped for long."""
    kills, hit = f.random.random() < 0.6, None
    for turn in range(15):
        busy = [f.cluster.popen("topic", "create", "-q", "--timeout", "5s", f"made-{f.counts['metadata_holder_hit']}-{turn}-{n}",
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for n in range(2)]
        f.pause(0.002, 0.004, 0.006, 0.008, 0.01, 0.012)
        f.stop_process(*f.cluster.ids)
        hit = f.cluster.metadata_holder()
        if hit:
            f.stopped.discard(hit)
        f.go_on()
        if hit:
            break
        end_all(busy)
    f.say(f"{'SIGKILL' if kills else 'SIGSTOP'} of the holder of the metadata lock: {hit}")
    if not hit:
        return
    f.counts["(with the lock)"] = f.counts.get("(with the lock)", 0) + 1
    f.stopped.add(hit)
    if kills:
        f.cluster.kill(hit)
    else:
        f.pause(0.3, 1, 2)
        f.go_on()
    end_all(busy)


def end_all(commands):
    for command in commands:
        try:
            command.wait(60)
        except subprocess.TimeoutExpired as late:
            command.kill()
            raise Failed("topic create does not end") from late


@fault(4)
def in_order(f):
    broker = f.a_leader() if f.random.random() < 0.7 else f.random.choice(f.cluster.ids)
    f.say(f"broker stop {broker}")
    f.cluster.stop(broker)


@fault(2)
def all_in_order(f):
    f.say("broker stop")
    f.run.orders += 1
    f.cluster.stop()
    f.cluster.start()


@fault(4, death=True)
def client_killed(f):
    client = f.random.choice(f.run.clients)
    f.say(f"SIGKILL client {client.name}")
    client.kill()


@fault(2)
def socket_removed(f):
    broker = f.random.choice(f.cluster.ids)
    f.say(f"the socket of broker {broker} is removed")
    path = f.cluster.folder(broker) + ".sock"
    if os.path.exists(path):
        os.unlink(path)


@fault(2)
def few_descriptors(f):
    broker = f.a_leader()
    files = f.random.choice((48, 64, 100))
    f.say(f"broker {broker} starts again with {files} descriptors")
    f.run.had_few_descriptors = True
    f.cluster.kill(broker)
    f.cluster.start(broker, files_max=files)


# --- disks

def take_down(f, broker):
    """The broker is down, by its own death, in order, or with all others; and who is to start first."""
    how = f.random.choice(("kill", "kill", "stop", "kill all", "stop all"))
    if how == "stop all":
        f.run.orders += 1
    {"kill": lambda: f.cluster.kill(broker), "stop": lambda: f.cluster.stop(broker),
     "kill all": lambda: f.cluster.kill(*f.cluster.ids), "stop all": f.cluster.stop}[how]()
    return how


def bring_up(f, broker):
    if f.random.random() < 0.5:
        f.cluster.start(broker)
        f.pause(0, 0.3, 1.2)
    f.cluster.start()


@fault(3, whole=True, needs="may_lose_folders")
def folder_lost(f):
    broker = f.a_leader() if f.random.random() < 0.7 else f.random.choice(f.run.movable)
    if broker not in f.run.movable:
        broker = f.run.movable[0]
    how = take_down(f, broker)
    f.say(f"{how}: the folder of broker {broker} is gone")
    f.run.lost_folders += 1
    shutil.move(f.cluster.folder(broker), f"{f.run.dir}/taken-{f.run.lost_folders}")
    bring_up(f, broker)


@fault(3, whole=True, needs="may_lose_folders")
def folder_older(f):
    broker = f.a_leader()
    if broker not in f.run.movable:
        broker = f.run.movable[0]
    copy = f"{f.run.dir}/older"
    copy_folder(f.cluster.folder(broker), copy)
    f.pause(0.3, 1)
    f.run.lost_folders += 1
    how = take_down(f, broker)
    f.say(f"{how}: the folder of broker {broker} is what it was before")
    shutil.move(f.cluster.folder(broker), f"{f.run.dir}/taken-{f.run.lost_folders}")
    shutil.move(copy, f.cluster.folder(broker))
    bring_up(f, broker)


@fault(2, whole=True, needs="may_lose_folders")
def partition_lost(f):
    broker = f.random.choice(f.run.movable)
    topic, partition = f.random.choice(sorted(f.run.partitions))
    how = take_down(f, broker)
    f.say(f"{how}: {topic}-{partition} of broker {broker} is gone")
    f.run.lost_folders += 1
    shutil.move(os.path.join(f.cluster.folder(broker), f"{topic}-{partition}"), f"{f.run.dir}/taken-{f.run.lost_folders}")
    bring_up(f, broker)


def clock_off_by(seconds):
    """The environment of a process whose wall clock is so far from the truth; files have their true times."""
    return {"LD_PRELOAD": FAKETIME, "FAKETIME": f"{seconds:+d}", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}


def can_lie_about_time(program):
    """Not under a sanitizer, which must be the first that is loaded, and not where libfaketime is missing."""
    return os.path.exists(FAKETIME) and subprocess.run([program, "--version"], env={**os.environ, **clock_off_by(60)},
                                                       capture_output=True, check=False).stderr == b""


@fault(3, needs="may_lie_about_time")
def clock_wrong(f):
    """Never so far off that records are refused for their time."""
    broker = f.a_leader() if f.random.random() < 0.5 else f.random.choice(f.cluster.ids)
    seconds = f.random.randint(-3000, 3000)
    f.say(f"the clock of broker {broker} is off by {seconds} s")
    f.cluster.kill(broker)
    f.cluster.start(broker, more=clock_off_by(seconds))


@fault(4, needs="disks")
def disk_full(f):
    disk = f.random.choice(f.run.disks)
    f.say(f"the disk of {os.path.basename(disk.path)} is full")
    f.run.had_full_disk = True
    disk.fill()
    f.pause(0.5, 1, 3)
    if f.random.random() < 0.3:
        f.cluster.kill(f.a_leader())
    disk.empty()


def wait_until_whole(f):
    """After the last fault: everybody runs, and every partition has all its replicas in sync. Who did not answer for a session,
    on a busy machine, was killed by the others, and is started again as a person would."""
    for _ in range(3):
        f.heal()
        try:
            f.cluster.wait_in_sync(f.run.patience)
            break
        except Failed:
            if len(f.cluster.running()) == len(f.cluster.ids):
                raise
            f.say("somebody was killed after the last fault")
    else:
        raise Failed("brokers are killed again and again, and no fault comes")
    eventually(5, "not all brokers run", lambda: len(f.cluster.running()) == len(f.cluster.ids))
