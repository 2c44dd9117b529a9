"""The side of group_python.sh that is python3-confluent-kafka's: group_python_confluent_kafka.py ADDRESS"""
import sys
import time

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from group_checks import eventually, expect

address = sys.argv[1]
places = [TopicPartition("numbers", n) for n in range(4)]  # 100 records in each
admin = AdminClient({"bootstrap.servers": address})


class Member:
    """A consumer that keeps what it has been told."""

    def __init__(self, group, **more):
        settings = {"bootstrap.servers": address, "group.id": group, "auto.offset.reset": "earliest",
                    "enable.auto.commit": False, "heartbeat.interval.ms": 300, "session.timeout.ms": 6000}
        settings.update({name.replace("_", "."): value for name, value in more.items()})
        self.events, self.consumer = [], Consumer(settings)
        self.consumer.subscribe(["numbers"], on_assign=self.note("assigned"), on_revoke=self.note("revoked"),
                                on_lost=self.note("lost"))

    def note(self, what):
        return lambda _, partitions: self.events.append((what, len(partitions)))

    def has(self):
        return {p.partition for p in self.consumer.assignment()}

    def read(self, count, seconds=20):
        end, got = time.monotonic() + seconds, []
        while len(got) < count and time.monotonic() < end:
            record = self.consumer.poll(0.1)
            if record is not None:
                expect("a record, not an error", None, record.error())
                got.append((record.partition(), record.offset()))
        return got

    def committed(self):
        return [p.offset for p in self.consumer.committed(places, timeout=20)]


def polled(*members):
    """How many partitions each one has, once all have polled."""
    for each in members:
        each.consumer.poll(0.05)
    return [len(each.has()) for each in members]


def error_of(call, *arguments, **named):
    try:
        call(*arguments, **named)
        return None
    except KafkaException as error:
        return error.args[0].name()


# Every way to commit.
began = time.monotonic()
member = Member("confluent")
records = member.read(1)
print(f"python3-confluent-kafka: a first record after {(time.monotonic() - began) * 1000:.0f} ms")
records += member.read(399)
expect("records", 400, len(set(records)))
expect("events", [("assigned", 4)], member.events)
expect("nothing is committed yet", [OFFSET_INVALID] * 4, member.committed())
expect("committed at once", [(n, 100, None) for n in range(4)],
       sorted((p.partition, p.offset, p.error) for p in member.consumer.commit(asynchronous=False)))
expect("committed", [100] * 4, member.committed())
member.consumer.commit(offsets=[TopicPartition("numbers", 1, 40)], asynchronous=True)
eventually("committed without waiting", [100, 40, 100, 100], member.committed)
member.consumer.seek(TopicPartition("numbers", 2, 90))
expect("after a seek", [(2, n) for n in range(90, 100)], member.read(10))
expect("positions", [100] * 4, [p.offset for p in member.consumer.position(places)])
member.consumer.close()
member = Member("confluent")
expect("what was left", {(1, n) for n in range(40, 100)}, set(member.read(60)))
expect("more than that", [], member.read(1, 0.5))
member.consumer.close()

# Range and round robin: everybody gives up all, and gets a half.
for strategy in "range", "roundrobin":
    both = [Member(strategy, partition_assignment_strategy=strategy) for _ in range(2)]
    eventually(f"halves of {strategy}", [2, 2], lambda: polled(*both))
    expect(f"all of it, by {strategy}", {0, 1, 2, 3}, both[0].has() | both[1].has())
    both[0].consumer.close()
    eventually(f"all to the other, by {strategy}", [4], lambda: polled(both[1]))
    both[1].consumer.close()

# Cooperative: the first one keeps what it keeps, and goes on reading meanwhile.
sticky = {"partition_assignment_strategy": "cooperative-sticky"}
one = Member("sticky", **sticky)
eventually("all", [4], lambda: polled(one))
two = Member("sticky", **sticky)
kept = []


def halves():
    kept.append(one.has())
    return polled(one, two)


eventually("halves, cooperatively", [2, 2], halves)
expect("the first one never had less than it kept", True, all(one.has() <= has for has in kept))
expect("it gave up two", [("assigned", 4), ("revoked", 2)], [e for e in one.events if e[1] > 0])
expect("the second one gave up nothing", [("assigned", 2)], [e for e in two.events if e[1] > 0])
expect("members agree", {0, 1, 2, 3}, one.has() | two.has())
three = Member("sticky", **sticky)
eventually("three members", [1, 1, 2], lambda: sorted(polled(one, two, three)))
for each in one, two, three:
    each.consumer.close()

# Static: who comes back in time has what it had, and nobody else is disturbed.
static = [Member("static", group_instance_id=name) for name in ("a", "b")]
eventually("halves of static members", [2, 2], lambda: polled(*static))
had, events = static[0].has(), list(static[1].events)
static[0].consumer.close()
static[0] = Member("static", group_instance_id="a")
eventually("the same after it came back", had, lambda: polled(*static) and static[0].has())
expect("the other one is not disturbed", events, static[1].events)
usurper = Member("static", group_instance_id="b")
eventually("the new b", 2, lambda: polled(static[0], usurper)[1])
eventually("the old b is fenced", "_FATAL", lambda: error_of(static[1].consumer.poll, 0.1) or
           error_of(static[1].consumer.commit, offsets=[TopicPartition("numbers", 0, 1)], asynchronous=False))
usurper.consumer.close()
static[0].consumer.close()
away = admin.list_groups("static", timeout=20)[0]
expect("static members that are away", ("Stable", 2), (away.state, len(away.members)))

# Who is out may not commit.
slow = Member("slow", max_poll_interval_ms=6000)
other = Member("slow")
eventually("halves of slow", [2, 2], lambda: polled(slow, other))
eventually("all to the one that polls", [4], lambda: polled(other))
expect("a commit of one that is out", "UNKNOWN_MEMBER_ID",
       error_of(slow.consumer.commit, offsets=[TopicPartition("numbers", 0, 1)], asynchronous=False))
slow.consumer.close()

# What there is.
listed = {group.id: group for group in admin.list_groups(timeout=20)}
expect("groups", {"confluent", "range", "roundrobin", "sticky", "static", "slow"}, set(listed))
expect("one that has a member", ("Stable", "consumer", "range", 1),
       (listed["slow"].state, listed["slow"].protocol_type, listed["slow"].protocol, len(listed["slow"].members)))
expect("one that has none", ("Empty", 0), (listed["confluent"].state, len(listed["confluent"].members)))
other.consumer.close()
eventually("nobody is left", "Empty", lambda: admin.list_groups("slow", timeout=20)[0].state)
eventually("the static ones are gone in the end", "Empty", lambda: admin.list_groups("static", timeout=20)[0].state)
