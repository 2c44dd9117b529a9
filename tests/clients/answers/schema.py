"""Kafka's messages, encoded and decoded from the table of their fields (tests/golden/protocol/messages.tsv)."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
from kafka_wire import uvarint  # noqa: E402

TABLE = os.path.join(HERE, "..", "..", "golden", "protocol", "messages.tsv")
INTEGERS = {"int8": ">b", "int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q", "float64": ">d"}
ZERO_ID = bytes(16)


class Raw(bytes):
    """Bytes that stand in a request instead of a field, as they are."""


class Torn(Exception):
    """An answer that is shorter than its fields."""


class Versions:
    def __init__(self, text):
        low, _, high = text.partition("-") if not text.endswith("+") else (text[:-1], "+", "99")
        self.low, self.high = (1, 0) if text in ("-", "none") else (int(low), int(high or low))

    def __contains__(self, version):
        return self.low <= version <= self.high


class Field:
    def __init__(self, path, kind, versions, nullable, tag, default, _ignorable):
        self.path, self.name = path, path.rpartition(".")[2]
        self.is_array = kind.startswith("[]")
        self.kind = kind[2:] if self.is_array else kind
        self.versions, self.nullable = Versions(versions), Versions(nullable)
        self.tag = None if tag == "-" else int(tag)
        self.default = default
        self.children = []

    def default_value(self, version):
        if self.is_array:
            return None if self.default == "null" else []
        if self.children:
            return None if self.default == "null" else {c.name: c.default_value(version) for c in self.children if version in c.versions}
        if self.default == "null":
            return None
        if self.kind == "bool":
            return self.default == "true"
        if self.kind in INTEGERS:
            return 0 if self.default == "-" else int(self.default, 0)
        if self.kind == "uuid":
            return ZERO_ID
        return "" if self.kind == "string" else b""


class Message:
    def __init__(self, key, versions, flexible):
        self.key, self.versions, self.flexible = int(key), Versions(versions), Versions(flexible)
        self.children = []


def load():
    messages = {}
    with open(TABLE, encoding="utf-8") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if line.startswith("#"):
                continue
            if len(cells) == 4:
                message = messages[cells[0]] = Message(*cells[1:])
                holders = {"": message}
            else:
                field = Field(*cells[1:])
                holders[field.path] = field
                holders[field.path.rpartition(".")[0]].children.append(field)
    return messages


MESSAGES = load()


# --- encoding

def encode_body(name, version, values):
    message = MESSAGES[name]
    return encode_struct(message.children, version, version in message.flexible, values, name)


def encode_struct(fields, version, flexible, values, where):
    """Values that this version has no field for are left out; those that no version has are a mistake."""
    unknown = set(values) - {f.name for f in fields} - {"(tags)"}
    if unknown:
        raise KeyError(f"{where}: {sorted(unknown)}")
    out, tagged = b"", dict(values.get("(tags)", {}))
    for field in fields:
        if version not in field.versions:
            continue
        value = values.get(field.name, field.default_value(version))
        if field.tag is not None and flexible:
            if value != field.default_value(version):
                tagged[field.tag] = encode_field(field, version, flexible, value)
        else:
            out += encode_field(field, version, flexible, value)
    if flexible:
        out += uvarint(len(tagged)) + b"".join(uvarint(t) + uvarint(len(v)) + v for t, v in sorted(tagged.items()))
    return out


def encode_field(field, version, flexible, value):
    if isinstance(value, Raw):
        return bytes(value)
    if field.is_array:
        if value is None:
            return uvarint(0) if flexible else struct.pack(">i", -1)
        count = uvarint(len(value) + 1) if flexible else struct.pack(">i", len(value))
        return count + b"".join(encode_one(field, version, flexible, v) for v in value)
    if field.children and version in field.nullable:
        return b"\xff" if value is None else b"\1" + encode_one(field, version, flexible, value)
    return encode_one(field, version, flexible, value)


def encode_one(field, version, flexible, value):
    if isinstance(value, Raw):
        return bytes(value)
    if field.children:
        return encode_struct(field.children, version, flexible, value, field.path)
    if field.kind == "bool":
        return struct.pack(">B", value)
    if field.kind in INTEGERS:
        return struct.pack(INTEGERS[field.kind], value)
    if field.kind == "uuid":
        return value
    if value is None:
        return uvarint(0) if flexible else struct.pack(">h" if field.kind == "string" else ">i", -1)
    value = value.encode() if isinstance(value, str) else value
    if flexible:
        return uvarint(len(value) + 1) + value
    return struct.pack(">h" if field.kind == "string" else ">i", len(value)) + value


def encode_request(api, version, correlation, client, values):
    """A whole frame. `values` may be bytes: the body as it is."""
    message = MESSAGES[api + "Request"]
    head = struct.pack(">hhi", message.key, version, correlation)
    head += struct.pack(">h", -1) if client is None else struct.pack(">h", len(client)) + client.encode()
    if version in message.flexible:
        head += b"\0"
    body = values if isinstance(values, bytes) else encode_body(api + "Request", version, values)
    return struct.pack(">i", len(head) + len(body)) + head + body


# --- decoding

class Reader:
    def __init__(self, data, flexible):
        self.data, self.at, self.flexible = data, 0, flexible

    def take(self, count):
        if count < 0 or self.at + count > len(self.data):
            raise Torn(f"{count} bytes at {self.at} of {len(self.data)}")
        self.at += count
        return self.data[self.at - count:self.at]

    def integer(self, layout):
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def uvarint(self):
        number = shift = 0
        while True:
            byte = self.take(1)[0]
            number |= (byte & 127) << shift
            if byte < 128:
                return number
            shift += 7

    def length(self, layout):
        return self.uvarint() - 1 if self.flexible else self.integer(layout)


def decode_response(api, version, data):
    """The fields of an answer, from behind its correlation id. An unknown tag and bytes that are left have names of their own."""
    message = MESSAGES[api + "Response"]
    reader = Reader(data, version in message.flexible)
    if reader.flexible and api != "ApiVersions" and reader.uvarint() != 0:
        raise Torn("tags in the header of an answer")
    out = decode_struct(reader, message.children, version)
    if reader.at < len(data):
        out["(bytes left)"] = len(data) - reader.at
    return out


def decode_struct(reader, fields, version):
    out = {}
    for field in fields:
        if version in field.versions:
            tagged = field.tag is not None and reader.flexible
            out[field.name] = field.default_value(version) if tagged else decode_field(reader, field, version)
    if reader.flexible:
        tags = {f.tag: f for f in fields if f.tag is not None and version in f.versions}
        for _ in range(reader.uvarint()):
            tag, size = reader.uvarint(), reader.uvarint()
            inner = Reader(reader.take(size), True)
            if tag in tags:
                out[tags[tag].name] = decode_field(inner, tags[tag], version)
            else:
                out[f"(tag {tag})"] = inner.data
    return out


def decode_field(reader, field, version):
    if field.is_array:
        count = reader.length(">i")
        return None if count < 0 else [decode_one(reader, field, version) for _ in range(count)]
    if field.children and version in field.nullable:
        return decode_one(reader, field, version) if reader.integer(">b") > 0 else None
    return decode_one(reader, field, version)


def decode_one(reader, field, version):
    if field.children:
        return decode_struct(reader, field.children, version)
    if field.kind == "bool":
        return reader.integer(">B") != 0
    if field.kind in INTEGERS:
        return reader.integer(INTEGERS[field.kind])
    if field.kind == "uuid":
        return reader.take(16)
    length = reader.length(">h" if field.kind == "string" else ">i")
    if length < 0:
        return None
    data = reader.take(length)
    return data.decode() if field.kind == "string" else data
