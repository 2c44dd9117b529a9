"""Kafka's encoding, for what tests speak themselves: primitives, record batches and their checksum."""
import struct


def text(value):
    if value is None:
        return struct.pack(">h", -1)
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">h", len(value)) + value


def uvarint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def varint(number):
    return uvarint(((number << 1) ^ (number >> 63)) & ((1 << 64) - 1))


def compact(value):
    value = value.encode() if isinstance(value, str) else value
    return uvarint(len(value) + 1) + value


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def compact_array(items):
    return uvarint(len(items) + 1) + b"".join(items)


def crc32c_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC[(crc ^ byte) & 255] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def record(value, offset=0):
    body = b"\0\0" + varint(offset) + varint(-1) + varint(len(value)) + value + varint(0)
    return varint(len(body)) + body


def batch(records, count, attributes=0, base=0, last_delta=None, crc=None):
    """A record batch around bytes that hold so many records, or say so."""
    last_delta = count - 1 if last_delta is None else last_delta
    tail = struct.pack(">hiqqqhii", attributes, last_delta, 0, 0, -1, -1, -1, count) + records
    return struct.pack(">qiibI", base, 9 + len(tail), -1, 2, crc32c(tail) if crc is None else crc) + tail
