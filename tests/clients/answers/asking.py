"""Asks a broker the cases one after another, and keeps what it answered."""
import socket
import struct
import time

import schema
from normal import Names, normal

PATIENCE = 15  # s, for an answer that is to come at once


class Answer(dict):
    """Of what a broker did not answer, each field is None: the cases that follow ask on."""

    def __missing__(self, _):
        return None


class Closed(Exception):
    pass


class Connection:
    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.correlation = 0

    def send(self, api, version, client, fields):
        self.correlation += 1
        try:
            self.socket.sendall(schema.encode_request(api, version, self.correlation, client, fields))
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed() from error
        return self.correlation

    def receive(self, correlation, patience):
        self.socket.settimeout(patience)
        size, = struct.unpack(">i", self.take(4))
        data = self.take(size)
        got, = struct.unpack_from(">i", data)
        if got != correlation:
            raise AssertionError(f"the answer to {got} came for {correlation}")
        return data[4:]

    def take(self, count):
        out = b""
        while len(out) < count:
            try:
                some = self.socket.recv(count - len(out))
            except (ConnectionResetError, BrokenPipeError) as error:
                raise Closed() from error
            if not some:
                raise Closed()
            out += some
        return out


class Pending:
    """A request whose answer is taken later: others come in between."""

    def __init__(self, asking, case, connection, correlation):
        self.asking, self.case, self.connection, self.correlation = asking, case, connection, correlation

    def end(self, patience=PATIENCE):
        return self.asking.finish(self, patience)


class Asking:
    def __init__(self, address):
        self.address = address
        self.connections = {}
        self.names = Names()
        self.cases = {}  # (API, version, name) -> (request, answer), normal, in the order of asking
        self.asked = set()  # (API, version)

    def __call__(self, name, api, version, fields, on="main", client="answers", patience=PATIENCE):
        return self.begin(name, api, version, fields, on, client).end(patience)

    def each(self, name, api, versions, fields, **more):
        """The same in each version; `fields` may be a function of it."""
        return [self(name, api, version, fields(version) if callable(fields) else fields, **more) for version in versions]

    def begin(self, name, api, version, fields, on="main", client="answers"):
        case = (api, version, name)
        if case in self.cases:
            raise KeyError(f"two cases are called {case}")
        self.asked.add((api, version))
        said = fields.hex() if isinstance(fields, bytes) else normal(self.names, "", name, without_batches(fields))
        self.cases[case] = [said, None]
        connection = self.connection(on)
        try:
            correlation = connection.send(api, version, client, fields)
        except Closed:
            correlation = None
        return Pending(self, case, connection, correlation)

    def finish(self, pending, patience):
        api, version, name = pending.case
        answer = Answer()
        try:
            if pending.correlation is None:
                raise Closed()
            data = pending.connection.receive(pending.correlation, patience)
            answer.update(decoded(api, version, data))
            told = normal(self.names, api, name, answer)
        except (Closed, TimeoutError) as error:
            told = "closed" if isinstance(error, Closed) else "no answer"
            self.drop(pending.connection)
        self.cases[pending.case][1] = told
        return answer

    def quietly(self, api, version, fields, on="quiet"):
        """Asked to get on, no case."""
        connection = self.connection(on)
        return decoded(api, version, connection.receive(connection.send(api, version, "answers", fields), PATIENCE))

    def until(self, what, ask, seconds=30):
        end = time.monotonic() + seconds
        while not ask():
            if time.monotonic() > end:
                raise TimeoutError(what)
            time.sleep(0.05)

    def connection(self, on):
        if on not in self.connections:
            self.connections[on] = Connection(self.address)
        return self.connections[on]

    def drop(self, connection):
        connection.socket.close()
        self.connections = {on: each for on, each in self.connections.items() if each is not connection}

    def close(self):
        for connection in self.connections.values():
            connection.socket.close()


def decoded(api, version, data):
    """An ApiVersions that is too new is answered as version 0."""
    if api == "ApiVersions" and data[:2] == b"\0\x23":
        version = 0
    try:
        return schema.decode_response(api, version, data)
    except (schema.Torn, UnicodeDecodeError) as error:
        return {"(torn)": str(error)}


def without_batches(value):
    """A request, to be read: records are told by their length, and long texts by theirs."""
    if isinstance(value, dict):
        return {("(records)" if name == "Records" and isinstance(inner, bytes) else str(name)):
                (f"{len(inner)} bytes" if name == "Records" and isinstance(inner, bytes) else without_batches(inner))
                for name, inner in value.items()}
    if isinstance(value, list):
        return [without_batches(each) for each in value]
    if isinstance(value, str) and len(value) > 100:
        return f"{value[:10]}... of {len(value)}"
    return value
