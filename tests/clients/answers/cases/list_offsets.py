"""ListOffsets and OffsetForLeaderEpoch."""
from cases.common import INT32_MIN, INT64_MAX, INT64_MIN, TIME, ids, versions


def of(name, *parts, isolation=0, replica=-1, timeout=1000):
    """parts: (partition, timestamp[, epoch])"""
    return {"ReplicaId": replica, "IsolationLevel": isolation, "TimeoutMs": timeout, "Topics": [{"Name": name, "Partitions": [
        {"PartitionIndex": each[0], "Timestamp": each[1], "CurrentLeaderEpoch": each[2] if len(each) > 2 else -1} for each in parts]}]}


def ask_all(ask):
    list_offsets(ask)
    leader_epochs(ask)


def list_offsets(ask):
    every = versions("ListOffsets")
    ask.each("the end", "ListOffsets", every, of("read", (0, -1)))
    ask.each("the beginning", "ListOffsets", every, of("read", (0, -2)))
    ask.each("an unknown topic", "ListOffsets", every, of("nowhere", (0, -1)))
    for special in (-3, -4, -5, -6, -7):
        ask.each(f"the timestamp {special}", "ListOffsets", (1, 6, 7, 8, 9, 10, 11), of("read", (0, special)))
    for what, fields in {
            "a time": of("read", (0, TIME)), "the time of a later record": of("read", (0, TIME + 1)), "a time between": of("read", (0, TIME - 1)),
            "after all of them": of("read", (0, TIME + 100)), "the largest time": of("read", (0, INT64_MAX)), "the smallest time": of("read", (0, INT64_MIN)),
            "time 0": of("read", (0, 0)), "an empty partition, a time": of("read", (1, TIME)), "an empty partition, the largest": of("read", (1, -3)),
            "an unknown partition": of("read", (9, -1)), "a negative partition": of("read", (-1, -1)),
            "a partition twice": of("read", (0, -1), (0, -2)), "a partition twice, the same": of("read", (0, -1), (0, -1)),
            "two partitions": of("read", (1, -1), (0, -1)), "a partition twice that is unknown": of("read", (9, -1), (9, -1)),
            "no partitions": of("read"), "an empty name": of("", (0, -1)), "a name that none can have": of("a/b", (0, -1)),
            "committed": of("read", (0, -1), isolation=1), "committed, a time": of("read", (0, TIME), isolation=1),
            "the isolation level 2": of("read", (0, -1), isolation=2), "the isolation level -1": of("read", (0, -1), isolation=-1),
            "the epoch of the leader": of("read", (0, -1, 0)), "an epoch too new": of("read", (0, -1, 5)), "an epoch of -2": of("read", (0, -1, -2)),
            "an epoch too old": of("read", (0, -1, INT32_MIN)), "an epoch too new of an unknown partition": of("read", (9, -1, 5)),
            "replica 1": of("read", (0, -1), replica=1), "replica 7": of("read", (0, -1), replica=7), "replica -2": of("read", (0, -1), replica=-2),
            "nothing": {"ReplicaId": -1, "Topics": []},
            "a topic twice": {"ReplicaId": -1, "Topics": of("read", (0, -1))["Topics"] + of("read", (1, -1))["Topics"]},
            "a topic and partition twice": {"ReplicaId": -1, "Topics": 2 * of("read", (0, -1))["Topics"]},
            "no time to wait": of("read", (0, -1), timeout=0), "negative time to wait": of("read", (0, -1), timeout=-1),
            "stamped": of("stamped", (0, -3)),
    }.items():
        for version in (5, 11):
            ask(what, "ListOffsets", version, fields)


def leader_epochs(ask):
    def asked(name, *parts, replica=-1):
        return {"ReplicaId": replica, "Topics": [{"Topic": name, "Partitions": [
            {"Partition": index, "CurrentLeaderEpoch": current, "LeaderEpoch": epoch} for index, current, epoch in parts]}]}
    ask.each("the epoch of the leader", "OffsetForLeaderEpoch", versions("OffsetForLeaderEpoch"), asked("read", (0, -1, 0)))
    for what, fields in {
            "both": asked("read", (0, 0, 0)), "too new": asked("read", (0, -1, 5)), "of -1": asked("read", (0, -1, -1)), "of -2": asked("read", (0, -1, -2)),
            "a current epoch too new": asked("read", (0, 5, 0)), "a current epoch of -2": asked("read", (0, -2, 0)), "an unknown topic": asked("nowhere", (0, -1, 0)),
            "an unknown partition": asked("read", (9, -1, 0)), "a negative partition": asked("read", (-1, -1, 0)),
            "a partition twice": asked("read", (0, -1, 0), (0, -1, 1)), "an empty partition": asked("read", (1, -1, 0)), "no partitions": asked("read"),
            "an empty name": asked("", (0, -1, 0)), "a debugging replica": asked("read", (0, -1, 0), replica=-2), "replica 7": asked("read", (0, -1, 0), replica=7),
            "nothing": {"Topics": []}, "a topic twice": {"Topics": 2 * asked("read", (0, -1, 0))["Topics"]},
    }.items():
        ask(what, "OffsetForLeaderEpoch", 4, fields)
