"""What the cases share."""
import struct

from kafka_wire import batch, crc32c, record, uvarint, varint  # noqa: F401

import schema

INT32_MAX, INT32_MIN = 2**31 - 1, -2**31
INT64_MAX, INT64_MIN = 2**63 - 1, -2**63
NO_ID = bytes(16)
STRANGE_ID = bytes(range(16))  # of no topic
LONG_NAME = "n" * 249
TIME = 1_700_000_000_000  # of the first record of every batch, ms


def versions(api, low=None, high=None):
    """All that are served, or a part of them."""
    of = schema.MESSAGES[api + "Request"].versions
    most = 5 if api == "InitProducerId" else of.high  # 6 is not stable in Kafka 4.3.1
    return range(of.low if low is None else low, (most if high is None else high) + 1)


def ids(ask):
    """The ids of the topics, by name."""
    answer = ask.quietly("Metadata", 12, {"Topics": None})
    return {topic["Name"]: topic["TopicId"] for topic in answer["Topics"]}


def await_leaders(ask, *names):
    """Until each partition of these topics can be read: a leader is told of before it leads."""
    def lead():
        known = ask.quietly("Metadata", 12, {"Topics": [{"Name": name} for name in names], "AllowAutoTopicCreation": False})["Topics"]
        if any(topic["ErrorCode"] or any(part["ErrorCode"] for part in topic["Partitions"]) for topic in known):
            return False
        asked = [{"Name": topic["Name"], "Partitions": [{"PartitionIndex": part["PartitionIndex"], "Timestamp": -1}
                                                        for part in topic["Partitions"]]} for topic in known]
        answer = ask.quietly("ListOffsets", 7, {"ReplicaId": -1, "Topics": asked})
        return all(part["ErrorCode"] == 0 for topic in answer["Topics"] for part in topic["Partitions"])
    ask.until(f"leaders of {names}", lead)


def make_topic(ask, name, partitions=1, configs=()):
    """A topic for cases that are not about making topics, its records kept although they are old. Its id."""
    made = ask.quietly("CreateTopics", 7, {"Topics": [{
        "Name": name, "NumPartitions": partitions, "ReplicationFactor": 1,
        "Configs": [{"Name": key, "Value": value} for key, value in configs or [("retention.ms", "-1")]]}], "timeoutMs": 10000})["Topics"][0]
    if made["ErrorCode"] not in (0, 36):
        raise AssertionError(f"{name} is not made: {made}")
    await_leaders(ask, name)
    return ids(ask)[name]


def records(*values, key=None, first_time=TIME, headers=0):
    """The records of a batch: a value each, or (key, value), a millisecond apart."""
    out = b""
    for offset, value in enumerate(values):
        of, value = value if isinstance(value, tuple) else (key, value)
        body = b"\0" + varint(offset) + varint(offset)
        for each in (of, value):
            body += varint(-1) if each is None else varint(len(each)) + each
        body += varint(headers) + headers * (varint(1) + b"h" + varint(-1))
        out += varint(len(body)) + body
    return out


def make_batch(packed, count, attributes=0, base=0, last_delta=None, magic=2, producer=(-1, -1, -1), crc=None, first=TIME,
               largest=None, length=None, leader_epoch=-1):
    """A batch around the bytes of records. What is not given is what a producer sends."""
    last_delta = count - 1 if last_delta is None else last_delta
    largest = first + max(last_delta, 0) if largest is None else largest
    tail = struct.pack(">hiqqqhii", attributes, last_delta, first, largest, *producer, count) + packed
    length = 9 + len(tail) if length is None else length
    return struct.pack(">qiibI", base, length, leader_epoch, magic, crc32c(tail) if crc is None else crc) + tail


def good_batch(*values, **more):
    return make_batch(records(*(values or (b"a", b"b", b"c"))), len(values) or 3, **more)
