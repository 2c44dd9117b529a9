"""Produce: batches that are wrong, each at another place. What was kept of them a Fetch tells."""
import gzip
import struct

from cases.common import INT32_MAX, TIME, good_batch, make_batch, make_topic, record, records, varint
from cases.fetch import fetch
from cases.produce import produce

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
THREE = records(b"a", b"b", b"c")


def wrong():
    """What each is called, and its bytes."""
    good = good_batch()
    yield "null records", None
    yield "no bytes", b""
    yield "a byte", b"\0"
    yield "a header without its end", good[:40]
    yield "a batch without its end", good[:-3]
    yield "two batches", good + good
    yield "a batch and a byte", good + b"\0"
    yield "a batch and zeros", good + bytes(12)
    yield "a batch and zeros, a header of them", good + bytes(61)
    yield "zeros", bytes(61)
    yield "a wrong CRC", good_batch(crc=1)
    for magic in (0, 1, 3, -1, 127):
        yield f"magic {magic}", good_batch(magic=magic)
    yield "a length too long", good_batch(length=len(good))
    yield "a length too short", good_batch(length=len(good) - 20)
    yield "a length of 0", good_batch(length=0)
    yield "a negative length", good_batch(length=-1)
    yield "a huge length", good_batch(length=INT32_MAX)
    yield "a base offset of 5", good_batch(base=5)
    yield "a negative base offset", good_batch(base=-1)
    yield "a leader epoch of 7", good_batch(leader_epoch=7)
    yield "a control batch", good_batch(attributes=0x20)
    yield "a delete horizon", good_batch(attributes=0x40)
    yield "unused attributes", good_batch(attributes=0x80)
    yield "a stamped batch", good_batch(attributes=8)
    yield "a transactional batch without a producer", good_batch(attributes=0x10)
    yield from wrong_counts()
    yield from wrong_records()
    yield from wrong_compression()


def wrong_counts():
    yield "a count of 0", make_batch(b"", 0)
    yield "a count of 0, delta 0", make_batch(b"", 0, last_delta=0)
    yield "a negative count", make_batch(THREE, -1)
    yield "one more counted", make_batch(THREE, 4)
    yield "one less counted", make_batch(THREE, 2)
    yield "a huge count", make_batch(THREE, INT32_MAX)
    yield "a last delta too small", make_batch(THREE, 3, last_delta=1)
    yield "a last delta too large", make_batch(THREE, 3, last_delta=5)
    yield "a negative last delta", make_batch(THREE, 3, last_delta=-1)


def one(body):
    return varint(len(body)) + body


def wrong_records():
    yield "a record longer than the batch", make_batch(varint(100) + bytes(6), 1)
    yield "a record of a negative length", make_batch(varint(-1) + bytes(6), 1)
    yield "an empty record", make_batch(varint(0), 1)
    yield "a key longer than the record", make_batch(one(b"\0\0\0" + varint(50) + b"k" + varint(-1) + varint(0)), 1)
    yield "a key of -2", make_batch(one(b"\0\0\0" + varint(-2) + varint(-1) + varint(0)), 1)
    yield "a value of -2", make_batch(one(b"\0\0\0" + varint(-1) + varint(-2) + varint(0)), 1)
    yield "headers of -1", make_batch(one(b"\0\0\0" + varint(-1) + varint(1) + b"v" + varint(-1)), 1)
    yield "more headers than bytes", make_batch(one(b"\0\0\0" + varint(-1) + varint(1) + b"v" + varint(9)), 1)
    yield "a header without a key", make_batch(one(b"\0\0\0" + varint(-1) + varint(1) + b"v" + varint(1) + varint(-1) + varint(-1)), 1)
    yield "a record with bytes left", make_batch(one(b"\0\0\0" + varint(-1) + varint(1) + b"v" + varint(0) + b"left"), 1)
    yield "bytes after the records", make_batch(THREE + b"left", 3)
    yield "a varint without an end", make_batch(b"\xff" * 10, 1)
    yield "attributes of a record", make_batch(one(b"\x7f\0\0" + varint(-1) + varint(1) + b"v" + varint(0)), 1)
    yield "deltas that are all 0", make_batch(3 * record(b"v"), 3)
    yield "deltas backwards", make_batch(record(b"v", 2) + record(b"v", 1) + record(b"v", 0), 3)
    yield "a delta of -1", make_batch(record(b"v", -1), 1)
    yield "a largest time too small", good_batch(largest=TIME - 5)
    yield "a largest time too large", good_batch(largest=TIME + 5000)
    yield "no times", good_batch(first=-1, largest=-1)
    yield "times of -2", good_batch(first=-2, largest=-2)
    yield "a time to come", good_batch(first=4_000_000_000_000)


def xerial(data):
    """Raw snappy in a frame: one literal."""
    raw = bytes([len(data)]) + bytes([(len(data) - 1) << 2]) + data
    return b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, len(raw)) + raw


def wrong_compression():
    packed = gzip.compress(THREE, 9, mtime=0)
    yield "gzip", make_batch(packed, 3, GZIP)
    yield "gzip, one more counted", make_batch(gzip.compress(THREE, 9, mtime=0), 4, GZIP)
    yield "gzip, one less counted", make_batch(gzip.compress(THREE, 9, mtime=0), 2, GZIP)
    yield "gzip of nothing", make_batch(gzip.compress(b"", 9, mtime=0), 1, GZIP)
    yield "gzip with bytes left", make_batch(gzip.compress(THREE + b"left", 9, mtime=0), 3, GZIP)
    yield "gzip with bytes behind", make_batch(packed + b"left", 3, GZIP)
    yield "gzip without its end", make_batch(packed[:-12], 3, GZIP)
    yield "gzip with a wrong checksum", make_batch(packed[:-8] + bytes(8), 3, GZIP)
    yield "gzip, deltas that are all 0", make_batch(gzip.compress(3 * record(b"v"), 9, mtime=0), 3, GZIP)
    yield "gzip, a largest time too small", make_batch(packed, 3, GZIP, largest=TIME - 5)
    yield "gzip, a record longer than the batch", make_batch(gzip.compress(varint(100) + bytes(6), 9, mtime=0), 1, GZIP)
    yield "snappy", make_batch(xerial(THREE), 3, SNAPPY)
    yield "snappy, raw", make_batch(xerial(THREE)[20:], 3, SNAPPY)
    for codec, name in ((GZIP, "gzip"), (SNAPPY, "snappy"), (LZ4, "lz4"), (ZSTD, "zstd")):
        yield f"{name}, and none of it", make_batch(b"no such thing as this here", 3, codec)
        yield f"{name} of no bytes", make_batch(b"", 3, codec)
    for codec in (5, 7):
        yield f"codec {codec}", make_batch(THREE, 3, codec)


def ask_all(ask):
    """To a partition each: what becomes of one does not change what is told of the next."""
    batches = list(wrong())
    topic = make_topic(ask, "checked", len(batches))
    for index, (what, data) in enumerate(batches):
        ask(what, "Produce", 9, produce("checked", topic, (index, data)), patience=8)
        ask(f"what was kept of {what}", "Fetch", 12, fetch("checked", None, (index, 0)))
    for version in (3, 6):
        ask("zstd before it was known", "Produce", version, produce("checked", topic, (0, make_batch(b"no such thing", 3, ZSTD))))
    for version in (3, 7, 8, 10, 13):
        ask("a CRC that is wrong", "Produce", version, produce("checked", topic, (0, good_batch(crc=1))))
        ask("a count that is wrong", "Produce", version, produce("checked", topic, (0, make_batch(THREE, 4))))
    ask("what was kept of producers", "Fetch", 12, fetch("sequenced", None, (0, 0)))
    ask("what was kept of a compacted topic", "Fetch", 12, fetch("compacted", None, (0, 0)))
