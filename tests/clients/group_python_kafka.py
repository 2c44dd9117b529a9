"""The side of group_python.sh that is python3-kafka's: group_python_kafka.py ADDRESS"""
import sys
import threading
import time

from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import CommitFailedError, GroupIdNotFoundError, NonEmptyGroupError

from group_checks import eventually, expect

address = sys.argv[1]
places = [TopicPartition("numbers", n) for n in range(4)]  # 100 records in each


class Listener(ConsumerRebalanceListener):
    def __init__(self):
        self.events = []

    def on_partitions_assigned(self, assigned):
        self.events.append(("assigned", len(assigned)))

    def on_partitions_revoked(self, revoked):
        self.events.append(("revoked", len(revoked)))


def member(group, **more):
    return KafkaConsumer(bootstrap_servers=address, group_id=group, auto_offset_reset="earliest",
                         enable_auto_commit=False, heartbeat_interval_ms=300, **more)


def read(consumer, count, seconds=20):
    end, got = time.monotonic() + seconds, []
    while len(got) < count and time.monotonic() < end:
        for records in consumer.poll(200, max_records=count - len(got)).values():
            got += records
    return got


# One member: all partitions, every way to commit.
began = time.monotonic()
consumer = member("python")
listener = Listener()
consumer.subscribe(["numbers"], listener=listener)
first = read(consumer, 1)
print(f"python3-kafka: a first record after {(time.monotonic() - began) * 1000:.0f} ms")
records = first + read(consumer, 399)
expect("records", 400, len({(r.partition, r.offset) for r in records}))
expect("what it has", set(places), consumer.assignment())
# It does not wait for the metadata of what it subscribed to: it may have been in the group before it knew the partitions.
expect("events", [("assigned", 4)], [event for event in listener.events if event[1] > 0])
expect("nothing is committed yet", None, consumer.committed(places[0]))
consumer.commit()
expect("committed", [100] * 4, [consumer.committed(p) for p in places])
done = []
consumer.commit_async({places[1]: OffsetAndMetadata(40, "so far")}, lambda offsets, answer: done.append((offsets, answer)))
eventually("the answer to a commit", 1, lambda: consumer.poll(50) and None or len(done))
expect("committed without waiting", 40, consumer.committed(places[1]))
expect("other partitions", [100] * 3, [consumer.committed(p) for p in places if p.partition != 1])

# Places within a group.
consumer.seek(places[2], 90)
expect("after a seek", list(range(90, 100)), [r.offset for r in read(consumer, 10)])
expect("a position", 100, consumer.position(places[2]))
consumer.seek_to_beginning(places[3])
expect("from the beginning", 0, read(consumer, 1)[0].offset)
consumer.pause(*places)
expect("paused", [], read(consumer, 1, 0.5))
consumer.resume(*places)
consumer.close(autocommit=False)

# The next one goes on where the last one committed.
consumer = member("python")
consumer.subscribe(["numbers"])
records = read(consumer, 60)
expect("what was left", {(1, n) for n in range(40, 100)}, {(r.partition, r.offset) for r in records})
consumer.commit()
expect("nothing is left", [], read(consumer, 1, 0.5))

# A second one comes, and both have a half; listeners hear of it. Its poll() waits until all have joined, so that each needs
# a thread.
class Polling(threading.Thread):
    def __init__(self, consumer):
        super().__init__(daemon=True)
        self.consumer, self.listener, self.has, self.ends = consumer, Listener(), set(), False
        consumer.subscribe(["numbers"], listener=self.listener)
        self.start()

    def run(self):
        while not self.ends:
            self.consumer.poll(100)
            self.has = self.consumer.assignment()

    def end(self):
        self.ends = True
        self.join()


one = Polling(consumer)
eventually("all", 4, lambda: len(one.has))
other = Polling(member("python", client_id="second"))
eventually("halves", [2, 2], lambda: [len(one.has), len(other.has)])
expect("each partition has one member", set(places), one.has | other.has)
expect("the first one hears of it", [("revoked", 4), ("assigned", 2)], one.listener.events[-2:])
other.end()
other.consumer.close(autocommit=False)
eventually("all of it again", 4, lambda: len(one.has))

# Administration.
admin = KafkaAdminClient(bootstrap_servers=address)
expect("groups", True, ("python", "consumer") in admin.list_consumer_groups())
told = admin.describe_consumer_groups(["python"])[0]
expect("described", ("python", "Stable", "consumer", 1), (told.group, told.state, told.protocol_type, len(told.members)))
expect("its member", ("numbers", [0, 1, 2, 3]), tuple(told.members[0].member_assignment.assignment[0][:2]))
expect("positions", {p: 100 for p in places},
       {p: o.offset for p, o in admin.list_consumer_group_offsets("python").items()})
expect("deleted with a member", NonEmptyGroupError, admin.delete_consumer_groups(["python"])[0][1])
one.end()
consumer.close(autocommit=False)
eventually("nobody is left", "Empty", lambda: admin.describe_consumer_groups(["python"])[0].state)
expect("deleted", "NoError", admin.delete_consumer_groups(["python"])[0][1].__name__)
expect("deleted again", GroupIdNotFoundError, admin.delete_consumer_groups(["python"])[0][1])
expect("groups, without it", False, ("python", "consumer") in admin.list_consumer_groups())
expect("no positions", {}, admin.list_consumer_group_offsets("python"))

# Positions without a group's members: assign() and commit.
alone = member("positions")
alone.assign(places[:1])
alone.commit({places[0]: OffsetAndMetadata(7, "m")})
expect("committed alone", 7, alone.committed(places[0]))
expect("its metadata", "m", alone.committed(places[0], metadata=True).metadata)
alone.close(autocommit=False)

# One that does not poll for too long loses what it has, and may not commit any more.
slow = member("slow", max_poll_interval_ms=1500, session_timeout_ms=6000)
slow.subscribe(["numbers"])
expect("records", 1, len(read(slow, 1)))
time.sleep(2.5)
eventually("the slow one is out", "Empty", lambda: admin.describe_consumer_groups(["slow"])[0].state)
try:
    slow.commit()
    expect("a commit of one that is out", "refused", "taken")
except CommitFailedError:
    pass
expect("it comes back", 1, len(read(slow, 1)))
slow.close(autocommit=False)
admin.close()
