"""What lies in a partition's folder: its batches, read as Kafka's format says (no compression but gzip), without the broker."""
import os
import struct
import zlib
from collections import namedtuple

HEADER = 61  # bytes of a batch before its records
Batch = namedtuple("Batch", "base epoch attributes records count producer sequence bytes")


class Damaged(Exception):
    pass


def files_of(folder):
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".log")]


def content(folder):
    """All its segments one after the other: where a follower begins a new one is its own business."""
    out = b""
    for path in files_of(folder):
        with open(path, "rb") as file:
            out += file.read()
    return out


def batches(data):
    at = 0
    while at < len(data):
        if at + HEADER > len(data):
            raise Damaged(f"{len(data) - at} bytes of a header at byte {at}")
        base, length, epoch, magic = struct.unpack_from(">qiib", data, at)
        end = at + 12 + length
        if magic != 2 or end > len(data) or length < HEADER - 12:
            raise Damaged(f"no batch at byte {at} (offset {base}, magic {magic}, length {length} of {len(data) - at - 12})")
        attributes, = struct.unpack_from(">h", data, at + 21)
        producer, _, sequence, count = struct.unpack_from(">qhii", data, at + 43)
        yield Batch(base, epoch, attributes, data[at + HEADER:end], count, producer, sequence, data[at:end])
        at = end


def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return (number >> 1) ^ -(number & 1), at
        shift += 7


def values(batch):
    """(offset, value) of each of its records."""
    data, at = batch.records, 0
    codec = batch.attributes & 7
    if codec == 1:
        data = zlib.decompress(data, 31)
    elif codec:
        raise Damaged(f"codec {codec} at offset {batch.base}")
    for _ in range(batch.count):
        length, at = varint(data, at)
        end = at + length
        _, at = varint(data, at + 1)
        delta, at = varint(data, at)
        size, at = varint(data, at)
        at += max(size, 0)
        size, at = varint(data, at)
        yield batch.base + delta, data[at:at + max(size, 0)].decode("latin-1")
        at = end


def records(folder):
    """{offset: value}, and the leader epochs in the order in which they come."""
    log, epochs = {}, []
    for batch in batches(content(folder)):
        if not epochs or epochs[-1] != batch.epoch:
            epochs.append(batch.epoch)
        for offset, value in values(batch):
            if offset in log:
                raise Damaged(f"offset {offset} twice")
            log[offset] = value
    return log, epochs


def first_difference(one, other):
    """Where two logs part, for a person; nothing: they are the same."""
    if one == other:
        return None
    theirs = batches(other)
    try:
        for batch in batches(one):
            if next(theirs, None) != batch:
                return f"from offset {batch.base} (epoch {batch.epoch}) on; they have {len(one)} and {len(other)} bytes"
        return f"behind the end of one of them; they have {len(one)} and {len(other)} bytes"
    except Damaged as damage:
        return str(damage)
