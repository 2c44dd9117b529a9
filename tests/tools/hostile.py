"""Requests of a hostile client: frames of Kafka's protocol made by hand, each as costly for its size as it can be.

Shared by the tests (tests/process/hostile.py), which look at what is answered, and the benchmark (hostile), which
measures what they do to others. A frame is made once and sent as often as is wanted, so that the attacker is cheap.
"""
import gzip
import socket
import struct
import threading

from kafka_wire import array, batch, compact, compact_array, record, text, uvarint, varint  # noqa: F401

MIB = 1 << 20
LARGE = 8 * MIB - 256  # with room for the rest of a request of 8 MiB

PRODUCE, FETCH, LIST_OFFSETS, METADATA, FIND_COORDINATOR = 0, 1, 2, 3, 10
API_VERSIONS, CREATE_TOPICS, DELETE_TOPICS, INIT_PRODUCER_ID = 18, 19, 20, 22
DESCRIBE_CONFIGS, CREATE_PARTITIONS, ELECT_LEADERS, ALTER_CONFIGS, DESCRIBE_CLUSTER = 32, 37, 43, 44, 60

INVALID_RECORD, POLICY_VIOLATION, MESSAGE_TOO_LARGE, INVALID_REQUEST = 87, 44, 10, 42


def request(api, version, body, flexible=False, correlation=1):
    """A whole frame."""
    head = struct.pack(">hhi", api, version, correlation) + text("hostile") + (b"\0" if flexible else b"")
    return struct.pack(">i", len(head) + len(body)) + head + body


GZIP = 1


def bomb(unpacked_bytes):
    """One record of so many zeros, packed a thousand times smaller."""
    body = b"\0\0\0" + varint(-1) + varint(unpacked_bytes)
    return batch(gzip.compress(varint(len(body) + unpacked_bytes + 1) + body + bytes(unpacked_bytes) + b"\0", 9), 1, GZIP)


def produce_error(answer):
    """The code of the first partition of an answer to produce()."""
    at = 4 + 2 + struct.unpack_from(">h", answer, 4)[0] + 4 + 4
    return struct.unpack_from(">h", answer, at)[0]


def create_errors(answer):
    """The codes in an answer to create()."""
    at, codes = 8, []
    for _ in range(struct.unpack_from(">i", answer, 4)[0]):
        at += 2 + struct.unpack_from(">h", answer, at)[0]
        codes.append(struct.unpack_from(">h", answer, at)[0])
        at += 2
        length, = struct.unpack_from(">h", answer, at)
        at += 2 + max(length, 0)
    return codes


def produce_body(topics, acks=-1):
    return struct.pack(">hhi", -1, acks, 30000) + array(topics)


def produce(topic, records, acks=-1, correlation=1):
    part = struct.pack(">ii", 0, len(records)) + records
    return request(PRODUCE, 8, produce_body([text(topic) + array([part])], acks), correlation=correlation)


def fetch(topic, max_bytes, partitions=(0,), min_bytes=1, wait_ms=500, offset=0):
    parts = [struct.pack(">iiqqi", p, -1, offset, -1, max_bytes) for p in partitions]
    head = struct.pack(">iiiibii", -1, wait_ms, min_bytes, max_bytes, 0, 0, -1)
    return request(FETCH, 11, head + array([text(topic) + array(parts)]) + array([]) + text(""))


# --- a connection

class Closed(Exception):
    pass


class Client:
    def __init__(self, address, timeout=60, receive_buffer=None):
        host, _, port = address.rpartition(":")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((host, int(port)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, frame):
        try:
            self.socket.sendall(frame)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed() from error

    def receive(self):
        """The body of the next answer, behind its correlation id."""
        size, = struct.unpack(">i", self._take(4))
        return self._take(size)[4:]

    def ask(self, frame):
        self.send(frame)
        return self.receive()

    def outcome(self, frame):
        """The answer, or None where the broker closes the connection instead."""
        try:
            return self.ask(frame)
        except Closed:
            return None

    def _take(self, count):
        out = bytearray()
        while len(out) < count:
            try:
                some = self.socket.recv(min(count - len(out), MIB))
            except (ConnectionResetError, BrokenPipeError) as error:
                raise Closed() from error
            if not some:
                raise Closed()
            out += some
        return bytes(out)


# --- the frames of an attack: of 8 MiB, or of as many elements as a broker still reads

ELEMENTS_MAX = 65_536


def same(element, most=None):
    """As many times the same element as make 8 MiB, or `most`."""
    return [element] * min(LARGE // len(element), most or LARGE)


def different(overhead, most=None):
    """As many different names, of 8 letters and more, as make 8 MiB with so many bytes of overhead each."""
    count = min(LARGE // (overhead + 8), most or LARGE)
    size = LARGE // count - overhead
    return [f"{number:0{min(size, 240)}}" for number in range(count)]


def describe_one(topic="t", times=300_000):
    return request(DESCRIBE_CONFIGS, 1, array([b"\2" + text(topic) + struct.pack(">i", -1)] * times) + b"\1")


def describe_each(most):
    items = [b"\2" + compact(name) + b"\0\0" for name in different(5, most)]
    return request(DESCRIBE_CONFIGS, 4, compact_array(items) + b"\1\1\0", True)


def describe_keys(most):
    items = [b"\2" + compact("t") + compact_array(same(b"\1", most - 1)) + b"\0"]
    return request(DESCRIBE_CONFIGS, 4, compact_array(items) + b"\1\1\0", True)


def wrong_produce(total=41 * MIB, most=None):
    """Partitions without records, as many as there is room for: an error for each."""
    part = struct.pack(">i", 0) + b"\0\0"
    parts = [part] * min(total // len(part), most - 1 if most else total)
    topics = compact_array([compact("t") + compact_array(parts) + b"\0"])
    return request(PRODUCE, 9, b"\0" + struct.pack(">hi", -1, 30000) + topics + b"\0", True)


def empty_topics_produce(most):
    return request(PRODUCE, 9, b"\0" + struct.pack(">hi", -1, 30000) + compact_array(same(b"\1\1\0", most)) + b"\0", True)


def find_coordinators(keys):
    return request(FIND_COORDINATOR, 4, b"\0" + compact_array(keys) + b"\0", True)


def create(topics, version=4, validate=False):
    """topics: (name, partitions)"""
    items = [text(name) + struct.pack(">ih", count, 1) + array([]) + array([]) for name, count in topics]
    return request(CREATE_TOPICS, version, array(items) + struct.pack(">ib", 30000, validate))


def create_with(assignments, configs):
    item = compact("made") + struct.pack(">ih", -1 if assignments else 1, -1) + compact_array(assignments) + compact_array(configs) + b"\0"
    return request(CREATE_TOPICS, 5, compact_array([item]) + struct.pack(">ib", 30000, 0) + b"\0", True)


def metadata(topics, create_missing=False):
    return request(METADATA, 9, compact_array(topics) + bytes((create_missing, 0, 0, 0)), True)


def list_offsets(count, partition=None, timestamp=-1):
    """Of one partition, or of so many."""
    parts = [struct.pack(">iiq", index if partition is None else partition, -1, timestamp) + b"\0" for index in range(count)]
    body = struct.pack(">ib", -1, 0) + compact_array([compact("t") + compact_array(parts) + b"\0"]) + b"\0"
    return request(LIST_OFFSETS, 6, body, True)


def delete(names):
    return request(DELETE_TOPICS, 4, compact_array(names) + struct.pack(">i", 30000) + b"\0", True)


def alter(resources):
    return request(ALTER_CONFIGS, 1, compact_array(resources) + b"\0\0", True)


def create_partitions(topics):
    return request(CREATE_PARTITIONS, 2, compact_array(topics) + struct.pack(">ib", 30000, 0) + b"\0", True)


def elect(topics):
    """topics: names, each with its partitions"""
    items = [compact(name) + compact_array(partitions) + b"\0" for name, partitions in topics]
    return request(ELECT_LEADERS, 2, b"\0" + compact_array(items) + struct.pack(">i", 30000) + b"\0", True)


def forgotten(most):
    head = struct.pack(">iiiibii", -1, 0, 1, MIB, 0, 0, -1)
    return request(FETCH, 12, head + compact_array([]) + compact_array(same(b"\1\1\0", most)) + b"\1" + b"\0", True)


def tagged(api, version, body):
    """Unknown tagged fields behind the body, as many as there is room for."""
    count = LARGE // 2
    return request(api, version, body + uvarint(count) + bytes((100, 0)) * count, True)


def endless_requests():
    """8 MiB of elements as small as can be, of some APIs, by name."""
    return {
        "Produce, partitions": wrong_produce(LARGE),
        "FindCoordinator, one key": find_coordinators(same(b"\1")),
        "DescribeConfigs, one topic": describe_one(times=LARGE // 8),
        "Fetch, forgotten": forgotten(None),
        "DeleteTopics, one name": delete(same(compact("t"))),
    }


def large_requests(most=ELEMENTS_MAX):
    """The worst 8 MiB of each API that is still read, by name."""
    few = most - 1  # beside the one that they belong to
    key = compact("") + b"\0" + b"\0" + b"\0"
    return {
        "Produce, partitions": wrong_produce(LARGE, most),
        "Produce, topics": empty_topics_produce(most),
        "Fetch, partitions": fetch("t", 57671680, range(few), wait_ms=0),
        "Fetch, one partition": fetch("t", 57671680, [0] * (few), wait_ms=0),
        "Fetch, forgotten": forgotten(most),
        "ListOffsets, partitions": list_offsets(few),
        "ListOffsets, one partition": list_offsets(few, partition=0),
        "Metadata, one name": metadata(same(compact("t") + b"\0", most)),
        "Metadata, nameless": metadata(same(b"\1\0", most)),
        "Metadata, names": metadata([compact(name) + b"\0" for name in different(3, most)]),
        "Metadata, names to be made": metadata([compact(name) + b"\0" for name in different(3, most)], True),
        "FindCoordinator, one key": find_coordinators(same(b"\1", most)),
        "FindCoordinator, keys": find_coordinators([compact(name) for name in different(2, most)]),
        "ApiVersions, tags": tagged(API_VERSIONS, 3, compact("a") + compact("b")),
        "CreateTopics, one name": request(CREATE_TOPICS, 5, compact_array(same(compact("made") + struct.pack(">ih", 1, 1) + b"\1\1\0", most)) + struct.pack(">ib", 30000, 0) + b"\0", True),
        "CreateTopics, names": create([(name, 1) for name in different(16, most)]),
        "CreateTopics, assignments": create_with(same(bytes(4) + b"\1\0", few), []),
        "CreateTopics, configs": create_with([], same(b"\1\0\0", few)),
        "DeleteTopics, names": delete([compact(name) for name in different(2, most)]),
        "DeleteTopics, one name": delete(same(compact("t"), most)),
        "InitProducerId, tags": tagged(INIT_PRODUCER_ID, 2, b"\0" + struct.pack(">i", 1000)),
        "DescribeConfigs, one topic": describe_one(times=most),
        "DescribeConfigs, topics": describe_each(most),
        "DescribeConfigs, keys": describe_keys(most),
        "CreatePartitions, topics": create_partitions([compact(name) + struct.pack(">i", 3) + b"\0\0" for name in different(8, most)]),
        "CreatePartitions, assignments": create_partitions([compact("t") + struct.pack(">i", 1000) + compact_array(same(b"\1\0", few)) + b"\0"]),
        "ElectLeaders, partitions": elect([("t", [struct.pack(">i", index) for index in range(few)])]),
        "ElectLeaders, one partition": elect([("t", same(bytes(4), few))]),
        "ElectLeaders, topics": elect([(name, [bytes(4)]) for name in different(6, most // 2)]),
        "ElectLeaders, all": request(ELECT_LEADERS, 2, b"\0\0" + struct.pack(">i", 30000) + b"\0", True),
        "IncrementalAlterConfigs, topics": alter([b"\2" + compact(name) + b"\1\0" for name in different(5, most)]),
        "IncrementalAlterConfigs, one topic": alter(same(b"\2" + compact("t") + b"\1\0", most)),
        "IncrementalAlterConfigs, keys": alter([b"\2" + compact("t") + compact_array(same(key, few)) + b"\0"]),
        "DescribeCluster, tags": tagged(DESCRIBE_CLUSTER, 0, b"\0"),
    }


# --- attacks that need more than a frame

def unread_fetches(address, topic="t", count=20, requests=8):
    """Clients that ask for 50 MiB again and again, and read nothing. To be closed by the caller."""
    clients = []
    for _ in range(count):
        client = Client(address, receive_buffer=4096)
        client.send(fetch(topic, 50 * MIB) * requests)
        clients.append(client)
    return clients


def half_requests(address, count=40, announced=100 * MIB, sent=8 * MIB):
    """Clients that send the beginning of a large request and no more; what each managed to send."""
    clients = []
    beginning = struct.pack(">i", announced) + struct.pack(">hhi", PRODUCE, 8, 1) + bytes(sent)
    for _ in range(count):
        client = Client(address)
        client.socket.setblocking(False)
        client.left = memoryview(beginning)
        clients.append(client)
    return clients


def push(clients):
    """Lets each send what its connection takes now. Those that are closed are left out of what comes back."""
    open_ones = []
    for client in clients:
        try:
            while client.left:
                client.left = client.left[client.socket.send(client.left[:MIB]):]
            open_ones.append(client)
        except BlockingIOError:
            open_ones.append(client)
        except OSError:
            client.socket.close()
    return open_ones


# --- what is seen of the broker

def memory_bytes(pid, what):
    """VmHWM, the most that it ever held, or VmRSS."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(what + ":"):
                return int(line.split()[1]) * 1024
    raise LookupError(what)


def forget_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


class Beside:
    """Runs something on a thread until the block ends."""

    def __init__(self, work):
        self.stop = threading.Event()
        self.thread = threading.Thread(target=work, args=(self.stop,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(timeout=60)
