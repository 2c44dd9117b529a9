"""Fetch, without sessions."""
from cases.common import INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, NO_ID, STRANGE_ID, good_batch, make_topic, versions
from cases.produce import produce


def part(index, offset, most=1 << 20, epoch=-1, last=-1):
    return {"Partition": index, "FetchOffset": offset, "PartitionMaxBytes": most, "CurrentLeaderEpoch": epoch, "LastFetchedEpoch": last}


def fetch(name, topic_id, *parts, wait=0, least=1, most=1 << 20, isolation=0, **more):
    """parts: (partition, offset), or what part() makes."""
    return {"MaxWaitMs": wait, "MinBytes": least, "MaxBytes": most, "IsolationLevel": isolation, "Topics": [{
        "Topic": name, "TopicId": topic_id or NO_ID, "Partitions": [each if isinstance(each, dict) else part(*each) for each in parts]}], **more}


def ask_all(ask):
    topic = make_topic(ask, "read", 2)
    for _ in range(3):
        ask.quietly("Produce", 9, produce("read", None or topic, (0, good_batch())))
    ask.each("from the beginning", "Fetch", versions("Fetch"), fetch("read", topic, (0, 0)))
    ask.each("an offset too large", "Fetch", versions("Fetch"), fetch("read", topic, (0, 100)))
    ask.each("an unknown topic", "Fetch", versions("Fetch"), fetch("nowhere", STRANGE_ID, (0, 0)))
    ask.each("committed records", "Fetch", (4, 11, 12, 18), fetch("read", topic, (0, 3), isolation=1))
    ask.each("an unknown partition", "Fetch", (4, 11, 12, 13, 18), fetch("read", topic, (9, 0)))
    known = {
        "the end": fetch("read", topic, (0, 9)), "the middle of a batch": fetch("read", topic, (0, 4)),
        "an empty partition": fetch("read", topic, (1, 0)), "a partition twice": fetch("read", topic, (0, 0), (0, 3)),
        "two partitions": fetch("read", topic, (1, 0), (0, 6)), "a good partition and an unknown one": fetch("read", topic, (9, 0), (0, 0)),
        "a negative offset": fetch("read", topic, (0, -1)), "the smallest offset": fetch("read", topic, (0, INT64_MIN)),
        "the largest offset": fetch("read", topic, (0, INT64_MAX)), "a negative partition": fetch("read", topic, (-1, 0)),
        "one byte of a partition": fetch("read", topic, part(0, 0, 1)), "no bytes of a partition": fetch("read", topic, part(0, 0, 0)),
        "negative bytes of a partition": fetch("read", topic, part(0, 0, -1)), "one byte": fetch("read", topic, (0, 0), most=1),
        "no bytes": fetch("read", topic, (0, 0), most=0), "negative bytes": fetch("read", topic, (0, 0), most=-1),
        "the smallest number of bytes": fetch("read", topic, part(0, 0, INT32_MIN), most=INT32_MIN),
        "a batch and a half": fetch("read", topic, part(0, 0, 150)), "two partitions, few bytes": fetch("read", topic, (0, 0), (0, 3), most=100),
        "negative wait": fetch("read", topic, (0, 9), wait=-1), "a little wait at the end": fetch("read", topic, (0, 9), wait=100),
        "least of 0": fetch("read", topic, (0, 9), wait=1000, least=0), "a negative least": fetch("read", topic, (0, 9), wait=1000, least=-1),
        "more than there is": fetch("read", topic, (0, 0), wait=100, least=INT32_MAX),
        "the isolation level 2": fetch("read", topic, (0, 0), isolation=2), "the isolation level -1": fetch("read", topic, (0, 0), isolation=-1),
        "no partitions": fetch("read", topic), "a rack": fetch("read", topic, (0, 6), RackId="r"),
        "an error, committed records": fetch("read", topic, (9, 0), isolation=1),
        "out of range, committed records": fetch("read", topic, (0, 99), isolation=1),
        "an error and a wait": fetch("read", topic, (9, 0), (0, 9), wait=200),
        "nothing": {"MaxWaitMs": 0, "MinBytes": 1, "Topics": []},
        "nothing, and a wait": {"MaxWaitMs": 500, "MinBytes": 1, "Topics": []},
        "a topic twice": {"MaxWaitMs": 0, "MinBytes": 1, "Topics": fetch("read", topic, (0, 6))["Topics"] + fetch("read", topic, (1, 0))["Topics"]},
        "another cluster": fetch("read", topic, (0, 6), ClusterId="another"),
    }
    for what, fields in known.items():
        for version in (11, 12, 17):
            ask(what, "Fetch", version, fields)
    epochs(ask, topic)
    for what, name, topic_id in (("no name", "", NO_ID), ("a name that none can have", "a/b", STRANGE_ID), ("an unknown topic, committed records", "nowhere", STRANGE_ID)):
        ask.each(what, "Fetch", (4, 12, 13), fetch(name, topic_id, (0, 0), isolation=1))
    ask("an unknown topic and a good one", "Fetch", 13, {"MaxWaitMs": 0, "MinBytes": 1, "Topics": fetch("", STRANGE_ID, (0, 0))["Topics"] +
                                                         fetch("read", topic, (0, 6))["Topics"]})
    followers(ask, topic)


def epochs(ask, topic):
    for what, known in {"the epoch of the leader": part(0, 6, epoch=0), "an epoch too new": part(0, 6, epoch=5), "an epoch of -2": part(0, 6, epoch=-2),
                        "an epoch too old": part(0, 6, epoch=INT32_MIN), "the epoch before": part(0, 6, last=0), "an epoch before, too new": part(0, 6, last=9),
                        "an epoch before of -2": part(0, 6, last=-2), "an epoch too new, out of range": part(0, 600, epoch=5),
                        "an epoch too new of an unknown partition": part(9, 0, epoch=5), "an epoch before, out of range": part(0, 600, last=0)}.items():
        ask.each(what, "Fetch", (9, 12, 18), fetch("read", topic, known))


def followers(ask, topic):
    """Who is no replica of the partition."""
    for replica in (1, 7, -2, -3):
        ask(f"replica {replica}", "Fetch", 11, fetch("read", topic, (0, 6), ReplicaId=replica))
        ask(f"replica {replica}", "Fetch", 16, fetch("read", topic, (0, 6), ReplicaState={"ReplicaId": replica, "ReplicaEpoch": 1}))
