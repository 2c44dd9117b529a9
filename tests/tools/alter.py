"""alter.py SOCKET NAME[=VALUE]...: sets configs of all brokers, or takes them back, over a broker's unix socket. Prints the code."""
import socket
import struct
import sys

sys.dont_write_bytecode = True
from kafka_wire import compact, compact_array  # noqa: E402

ALTER_CONFIGS, BROKER, SET, DELETE = 44, 4, 0, 1


def config(text):
    name, is_set, value = text.partition("=")
    return compact(name) + struct.pack(">b", SET if is_set else DELETE) + (compact(value) if is_set else b"\0") + b"\0"


def alter(path, texts):
    resource = struct.pack(">b", BROKER) + compact("") + compact_array([config(text) for text in texts]) + b"\0"
    frame = struct.pack(">hhih", ALTER_CONFIGS, 1, 7, -1) + b"\0" + compact_array([resource]) + b"\0\0"
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(path)
        client.sendall(struct.pack(">i", len(frame)) + frame)
        stream = client.makefile("rb")
        size = stream.read(4)
        if len(size) < 4:
            return "closed"
        answer = stream.read(struct.unpack(">i", size)[0])
    return struct.unpack_from(">h", answer, 4 + 1 + 4 + 1)[0]


print(alter(sys.argv[1], sys.argv[2:]))
