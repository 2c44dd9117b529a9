#!/usr/bin/env python3
"""What a stranger would try over TCP, in Kafka's oldest encodings. Everything is loaded before the user is changed.

    stranger.py UID ask HOST PORT            a question; prints "answered" or "closed"
    stranger.py UID HOW HOST PORT COUNT      COUNT creations of topics "forged-N", and then at once: HOW is close (the
                                             usual end), reset (no end at all) or half (no more to send, and waits)
    stranger.py UID alter HOST PORT NAME VALUE   prints the error code of changing a config of all brokers
    stranger.py UID sit PATH FILE            listens at a unix socket, and writes what anybody says into FILE
    stranger.py UID hold FILE                holds a lock on the file, until it is killed
    stranger.py UID pass PATH                passes a socket to whoever listens at PATH whose close takes a minute
A host that begins with "::ffff:" is reached as IPv4 through an IPv6 socket. UID 0 stays who it is.
"""
import encodings.idna  # noqa: F401  (connect() would load it as the stranger)
import fcntl
import os
import socket
import struct
import sys
import time


def text(t):
    return struct.pack(">h", len(t)) + t


def request(key, version, body):
    frame = struct.pack(">hhi", key, version, 7) + text(b"stranger") + body
    return struct.pack(">i", len(frame)) + frame


def create(name):
    return request(19, 2, struct.pack(">i", 1) + text(name) + struct.pack(">ihiii", 1, 1, 0, 0, 10000) + b"\0")


def connect(host, port):
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    s.settimeout(20)
    s.connect((host, int(port)))
    return s


def answer(s):
    """The frame that comes, without its size; nothing if the connection ends first."""
    try:
        data = b""
        while len(data) < 4 or len(data) < 4 + struct.unpack(">i", data[:4])[0]:
            more = s.recv(65536)
            if not more:
                return b""
            data += more
        return data[4:]
    except ConnectionResetError:
        return b""


def ask(host, port):
    s = connect(host, port)
    try:
        s.sendall(request(18, 0, b""))
    except (BrokenPipeError, ConnectionResetError):
        pass
    print("answered" if answer(s) else "closed")


def flood(how, host, port, count):
    for n in range(int(count)):
        s = connect(host, port)
        try:
            s.sendall(create(b"forged-%d" % n))
            if how == "reset":
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if how == "half":
                s.shutdown(socket.SHUT_WR)
                answer(s)
        except OSError:
            pass
        s.close()


def alter(host, port, name, value):
    s = connect(host, port)
    configs = struct.pack(">i", 1) + text(name.encode()) + b"\0" + text(value.encode())
    s.sendall(request(44, 0, struct.pack(">ib", 1, 4) + text(b"") + configs + b"\0"))
    print(struct.unpack(">h", answer(s)[12:14])[0])


def sit(path, file):
    s = socket.socket(socket.AF_UNIX)
    s.bind(path + ".new")
    os.chmod(path + ".new", 0o777)
    s.listen(16)
    os.rename(path + ".new", path)  # the broker makes anew a socket whose name vanishes
    print("sits", flush=True)
    while True:
        c, _ = s.accept()
        c.settimeout(5)
        try:
            with open(file, "ab") as out:
                out.write(c.recv(65536))
        except OSError:
            pass
        c.close()


def hold(file):
    f = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.fcntl(f, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))  # F_OFD_SETLK
    print("holds", flush=True)
    time.sleep(600)


def pass_slow(path):
    listener = socket.create_server(("127.0.0.1", 0))
    slow = socket.create_connection(listener.getsockname())
    unread, _ = listener.accept()
    slow.setblocking(False)
    try:
        while True:
            slow.send(bytes(1 << 20))
    except BlockingIOError:
        pass
    # Closing it waits a minute for what is not read.
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 60))
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(path)
    socket.send_fds(s, [request(18, 0, b"")], [slow.fileno()])
    slow.close()  # the one on its way is the last: who takes it and closes it has to wait
    print("sent", flush=True)
    assert answer(s), "the request is answered all the same"
    s.close()
    print("passed", flush=True)
    time.sleep(600)  # the end that does not read stays
    unread.close()


def main():
    uid, what, *rest = sys.argv[1:]
    if int(uid):
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))
    if what in ("close", "reset", "half"):
        return flood(what, *rest)
    return {"ask": ask, "alter": alter, "sit": sit, "hold": hold, "pass": pass_slow}[what](*rest)


if __name__ == "__main__":
    main()
