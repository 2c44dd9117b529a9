"""A broker of Kafka's protocol that lies as it is told: it answers in old versions, honestly unless a case says otherwise.

    with LyingBroker({METADATA: lambda asked: ...}) as broker: ... broker.port

A case maps an API to a function that gets what was asked (Asked) and returns the answer's body. Instead of bytes it may
return SILENCE (no answer), CLOSE, or Raw(pieces): the bytes of the frame itself, its size included, sent piece by piece.
"""
import os
import socket
import struct
import sys
import threading
from collections import namedtuple

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import kafka_wire  # noqa: E402
from kafka_wire import array, text, varint  # noqa: E402, F401

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS = 0, 1, 2, 3, 18
CREATE_TOPICS, DELETE_TOPICS, INIT_PRODUCER_ID, DESCRIBE_CONFIGS, CREATE_PARTITIONS, INCREMENTAL_ALTER_CONFIGS, DESCRIBE_CLUSTER = 19, 20, 22, 32, 37, 44, 60
VERSIONS = {PRODUCE: (3, 3), FETCH: (4, 4), LIST_OFFSETS: (1, 1), METADATA: (1, 1), API_VERSIONS: (0, 0), CREATE_TOPICS: (2, 2),
            DELETE_TOPICS: (1, 1), INIT_PRODUCER_ID: (0, 0), DESCRIBE_CONFIGS: (1, 1), CREATE_PARTITIONS: (0, 0), INCREMENTAL_ALTER_CONFIGS: (0, 0), DESCRIBE_CLUSTER: (0, 0)}
UNSUPPORTED_VERSION = 35

SILENCE, CLOSE = object(), object()
Raw = namedtuple("Raw", "pieces")
Asked = namedtuple("Asked", "broker key version correlation body count")  # count: of this API before, in all


# --- the encoding of old versions

def record(delta, value):
    return kafka_wire.record(value, delta)


def batch(base, records, count, **fields):
    return kafka_wire.batch(records, count, base=base, **fields)


def lines(base, *values):
    return batch(base, b"".join(record(i, v) for i, v in enumerate(values)), len(values))


# --- honest answers; keywords say what else

def broker_entry(node, host, port):
    return struct.pack(">i", node) + text(host) + struct.pack(">i", port) + text(None)


def partition_entry(number, leader=1, error=0):
    return struct.pack(">hii", error, number, leader) + array([struct.pack(">i", leader)]) * 2


def topic_entry(name, partitions=(0,), error=0, leader=1):
    return struct.pack(">h", error) + text(name) + b"\0" + array([partition_entry(p, leader) for p in partitions])


def metadata(asked, brokers=None, topics=None, controller=1):
    brokers = [broker_entry(1, "127.0.0.1", asked.broker.port)] if brokers is None else brokers
    topics = [topic_entry("t")] if topics is None else topics
    return array(brokers) + struct.pack(">i", controller) + array(topics)


def partitions_of(asked, skip):
    """(topic, partition, rest of its entry) of each partition in a Fetch 4, ListOffsets 1 or Produce 3; `skip` bytes are
    before the topics."""
    body, at, found = asked.body, skip, []
    size = {FETCH: 16, LIST_OFFSETS: 12}[asked.key]
    topics, = struct.unpack_from(">i", body, at)
    at += 4
    for _ in range(topics):
        length, = struct.unpack_from(">h", body, at)
        name = body[at + 2:at + 2 + length]
        at += 2 + length
        count, = struct.unpack_from(">i", body, at)
        at += 4
        for _ in range(count):
            number, = struct.unpack_from(">i", body, at)
            found.append((name, number, body[at + 4:at + size]))
            at += size
    return found


def by_topic(entries):
    """[(topic, bytes)] as an array of topics."""
    topics = {}
    for name, entry in entries:
        topics.setdefault(name, []).append(entry)
    return array([text(name) + array(parts) for name, parts in topics.items()])


def list_offsets(asked, first=0, end=0):
    entries = []
    for name, number, rest in partitions_of(asked, 4):
        time, = struct.unpack(">q", rest[:8])
        entries.append((name, struct.pack(">ihqq", number, 0, -1, first if time == -2 else end)))
    return by_topic(entries)


def fetch(asked, records=b"", high_watermark=0, error=0):
    """`records`: bytes, or a function of (partition, offset)."""
    entries = []
    for name, number, rest in partitions_of(asked, 17):
        offset, = struct.unpack(">q", rest[:8])
        part = records(number, offset) if callable(records) else records
        entries.append((name, struct.pack(">ihqqi", number, error, high_watermark, high_watermark, 0) + struct.pack(">i", len(part)) + part))
    return struct.pack(">i", 0) + by_topic(entries)


def api_versions(_asked, error=UNSUPPORTED_VERSION, versions=None):
    versions = VERSIONS if versions is None else versions
    return struct.pack(">h", error) + array([struct.pack(">hhh", key, *v) for key, v in versions.items()])


def produce(_asked, error=0, partitions=(0,)):
    entries = [struct.pack(">ihqq", p, error, 0, -1) for p in partitions]
    return array([text("t") + array(entries)]) + struct.pack(">i", 0)


def describe_configs(asked, results=None):
    length, = struct.unpack_from(">h", asked.body, 5)
    resource = asked.body[4:7 + length]  # its type and name
    one = struct.pack(">h", 0) + text(None) + resource + array([])
    return struct.pack(">i", 0) + array([one] if results is None else results)


def describe_cluster(asked, brokers=None):
    host = b"127.0.0.1"
    one = struct.pack(">i", 1) + bytes([len(host) + 1]) + host + struct.pack(">i", asked.broker.port) + b"\0\0"
    brokers = [one] if brokers is None else brokers
    return b"\0" + struct.pack(">ih", 0, 0) + b"\0\3id" + struct.pack(">i", 1) + bytes([len(brokers) + 1]) + b"".join(brokers) + struct.pack(">i", 0) + b"\0"


HONEST = {
    METADATA: metadata, LIST_OFFSETS: list_offsets, FETCH: fetch, API_VERSIONS: api_versions, PRODUCE: produce,
    INIT_PRODUCER_ID: lambda _: struct.pack(">ihqh", 0, 0, 1000, 0), DESCRIBE_CONFIGS: describe_configs,
    CREATE_TOPICS: lambda _: struct.pack(">i", 0) + array([text("t") + struct.pack(">h", 0) + text(None)]),
    DELETE_TOPICS: lambda _: struct.pack(">i", 0) + array([text("t") + struct.pack(">h", 0)]),
    CREATE_PARTITIONS: lambda _: struct.pack(">i", 0) + array([text("t") + struct.pack(">h", 0) + text(None)]),
    INCREMENTAL_ALTER_CONFIGS: lambda _: struct.pack(">i", 0) + array([struct.pack(">h", 0) + text(None) + b"\2" + text("t")]),
    DESCRIBE_CLUSTER: describe_cluster,
}


class LyingBroker:
    def __init__(self, lies=None):
        self.answers = {**HONEST, **(lies or {})}
        self.counts = {}
        self.connections = 0  # open now
        self.connections_most = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.ended = False
        self.open = set()

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.listener.close()
        with self.lock:
            for connection in self.open:
                connection.close()

    def accept(self):
        while not self.ended:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.open.add(connection)
                self.connections_most = max(self.connections_most, len(self.open))
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            while self.answer(connection):
                pass
        except (OSError, struct.error):
            pass
        finally:
            with self.lock:
                self.open.discard(connection)
            connection.close()

    @staticmethod
    def receive(connection, size):
        out = bytearray()
        while len(out) < size:
            got = connection.recv(min(1 << 20, size - len(out)))
            if not got:
                raise OSError("closed")
            out += got
        return bytes(out)

    def answer(self, connection):
        size, = struct.unpack(">i", self.receive(connection, 4))
        frame = self.receive(connection, size)
        key, version, correlation, client = struct.unpack_from(">hhih", frame)
        with self.lock:
            count = self.counts.get(key, 0)
            self.counts[key] = count + 1
        asked = Asked(self, key, version, correlation, frame[10 + max(client, 0):], count)
        if key == API_VERSIONS and version == 0 and self.answers[key] is api_versions:
            body = api_versions(asked, error=0)
        else:
            body = self.answers[key](asked)
        if body is SILENCE:
            return True
        if body is CLOSE:
            return False
        if isinstance(body, Raw):
            for piece in body.pieces:
                connection.sendall(piece)
            return True
        connection.sendall(struct.pack(">ii", 4 + len(body), correlation) + body)
        return True
