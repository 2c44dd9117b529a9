"""Produce and InitProducerId: topics, acks, versions, idempotence. Bad batches are in batches.py."""
from cases.common import NO_ID, STRANGE_ID, good_batch, make_batch, make_topic, records, versions


KEPT = [("retention.ms", "-1")]


def produce(name, topic_id, *parts, acks=-1, timeout=5000, transactional=None):
    return {"TransactionalId": transactional, "Acks": acks, "TimeoutMs": timeout, "TopicData": [{
        "Name": name, "TopicId": topic_id, "PartitionData": [{"Index": index, "Records": data} for index, data in parts]}]}


def ask_all(ask):
    topic = make_topic(ask, "written", 2)
    good = good_batch()
    ask.each("three records", "Produce", versions("Produce"), produce("written", topic, (0, good)))
    ask.each("three records", "Produce", (0, 1, 2), b"\xff\xff\0\0\x13\x88\0\0\0\0", on="old")
    ask.each("an unknown topic", "Produce", versions("Produce"), produce("nowhere", STRANGE_ID, (0, good)))
    ask.each("an unknown partition", "Produce", (3, 7, 8, 9, 12, 13), produce("written", topic, (9, good)))
    named_twice(ask, good)
    for what, fields in {
            "acks of 1": produce("written", topic, (0, good), acks=1), "acks of 2": produce("written", topic, (0, good), acks=2),
            "acks of -2": produce("written", topic, (0, good), acks=-2), "no time": produce("written", topic, (0, good), timeout=0),
            "negative time": produce("written", topic, (0, good), timeout=-1),
            "a negative partition": produce("written", topic, (-1, good)),
            "two partitions": produce("written", topic, (0, good), (1, good)),
            "a good partition and an unknown one": produce("written", topic, (0, good), (9, good)),
            "no partitions": produce("written", topic), "an empty name": produce("", NO_ID, (0, good)),
            "a name that none can have": produce("a/b", STRANGE_ID, (0, good)),
            "no topics": {"Acks": -1, "TimeoutMs": 1000, "TopicData": []},
            "an internal topic": produce("__consumer_offsets", NO_ID, (0, good)),
    }.items():
        for version in (8, 13):
            ask(what, "Produce", version, fields)
    ask("acks of 0", "Produce", 9, produce("written", topic, (0, good), acks=0), on="silent", patience=0.5)
    ask("acks of 0, an unknown topic", "Produce", 9, produce("nowhere", topic, (0, good), acks=0), on="silent")
    stamped(ask)
    idempotent(ask)


def named_twice(ask, good):
    for version in (8, 13):
        name = f"doubled-{version}"
        topic = make_topic(ask, name, 4)
        of = [produce(name, topic, (index, good))["TopicData"] for index in range(4)]
        ask("a partition twice", "Produce", version, produce(name, topic, (0, good), (0, good)))
        ask("a topic twice", "Produce", version, {"Acks": -1, "TimeoutMs": 5000, "TopicData": of[1] + of[1]})
        ask("a topic twice, other partitions", "Produce", version, {"Acks": -1, "TimeoutMs": 5000, "TopicData": of[2] + of[3]})


def stamped(ask):
    """A topic whose records bear the time of the broker."""
    topic = make_topic(ask, "stamped", 1, [*KEPT, ("message.timestamp.type", "LogAppendTime")])
    ask.each("a topic that stamps", "Produce", (3, 8, 13), produce("stamped", topic, (0, good_batch())))
    ask("a stamped batch for a topic that stamps", "Produce", 9, produce("stamped", topic, (0, good_batch(attributes=8))))
    compacted = make_topic(ask, "compacted", 1, [("cleanup.policy", "compact")])
    keyed = make_batch(records((b"k", b"v"), (b"l", None)), 2)
    ask("keys for a compacted topic", "Produce", 9, produce("compacted", compacted, (0, keyed)))
    ask.each("no keys for a compacted topic", "Produce", (7, 8, 9), produce("compacted", compacted, (0, good_batch())))
    mixed = make_batch(records((b"k", b"v"), (None, b"v"), (b"l", b"v"), (None, b"w")), 4)
    ask("some without keys for a compacted topic", "Produce", 9, produce("compacted", compacted, (0, mixed)))
    late = make_topic(ask, "dated", 1, [("message.timestamp.before.max.ms", "3600000"), ("message.timestamp.after.max.ms", "3600000")])
    ask.each("too old records", "Produce", (7, 8, 9), produce("dated", late, (0, good_batch())))
    ask("too new records", "Produce", 9, produce("dated", late, (0, good_batch(first=4_000_000_000_000))))
    small = make_topic(ask, "small", 1, [*KEPT, ("max.message.bytes", "100")])
    ask.each("too large a batch", "Produce", (3, 8, 9), produce("small", small, (0, good_batch(b"x" * 100))))
    ask("a batch that just fits", "Produce", 9, produce("small", small, (0, good_batch(b"x" * 29))))


def idempotent(ask):
    def init(transactional=None, timeout=10000, producer=-1, epoch=-1):
        return {"TransactionalId": transactional, "TransactionTimeoutMs": timeout, "ProducerId": producer, "ProducerEpoch": epoch}
    ask.until("ids of producers", lambda: ask.quietly("InitProducerId", 4, init())["ErrorCode"] == 0)
    answers = ask.each("a producer", "InitProducerId", versions("InitProducerId"), init())
    for what, fields in {"no time": init(timeout=0), "negative time": init(timeout=-1), "an id, no epoch": init(producer=5), "an epoch, no id": init(epoch=5),
                         "an id and an epoch": init(producer=5, epoch=3), "a negative id": init(producer=-2, epoch=-2)}.items():
        ask(what, "InitProducerId", 4, fields)
    producer = answers[-1]["ProducerId"] or 0
    topic = make_topic(ask, "sequenced", 9)

    def send(what, epoch, sequence, count=3, version=9, partition=0, of=producer):
        data = make_batch(records(*(b"r" for _ in range(count))), count, producer=(of, epoch, sequence))
        return ask(what, "Produce", version, produce("sequenced", topic, (partition, data)))
    send("sequence 0", 0, 0)
    send("sequence 0 again", 0, 0)
    send("sequence 3", 0, 3)
    send("a gap", 0, 9)
    send("a part of a batch", 0, 3, 2)
    send("an overlap", 0, 5)
    for index in range(5):
        send(f"sequence {6 + 3 * index}", 0, 6 + 3 * index)
    send("one of the last five again", 0, 9)
    send("an older one again", 0, 0)
    send("a new epoch not at 0", 1, 7)
    send("a new epoch", 1, 0)
    send("an old epoch", 0, 21)
    send("an old epoch, newest version", 0, 21, version=8)
    send("an unknown producer in the middle", 0, 40, of=producer + 1000, partition=1)
    send("a negative sequence", 0, -1, partition=2)
    send("a negative epoch", -1, 0, partition=3)
    send("an epoch of -2", -2, 0, partition=4)
    send("a negative producer", 0, 0, of=-2, partition=5)
    send("a sequence at its end", 0, 2**31 - 2, of=producer + 2000, partition=6)
    send("a sequence over its end", 0, 1, of=producer + 2000, partition=6)
    two = make_batch(records(b"a"), 1, producer=(producer, 1, 3))
    ask("a producer's partition twice", "Produce", 9, produce("sequenced", topic, (7, two), (7, two)))
    def of(name, *parts):
        return {"Topics": [{"Name": name, "PartitionIndexes": list(parts)}]}
    for what, fields in {"producers": of("sequenced", 0), "all partitions": of("sequenced", 0, 1, 2, 3, 4, 5, 6, 7, 8), "no producers": of("one", 0),
                         "an unknown topic": of("nowhere", 0), "an unknown partition": of("sequenced", 9),
                         "a negative partition": of("sequenced", -1), "no partitions": of("sequenced"), "an empty name": of("", 0),
                         "a name that none can have": of("a/b", 0), "a partition twice": of("one", 0, 0), "nothing": {"Topics": []}}.items():
        ask(what, "DescribeProducers", 0, fields)
