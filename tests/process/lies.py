#!/usr/bin/env python3
"""lies.py PROGRAM [CASE...]: what the commands make of a broker that lies (lying_broker.py).

Each case ends within a bounded time, with an exit code and words that say what is wrong, and takes no more memory than its
bound, whatever the broker sends. Every case is run; those that fail are named at the end.
"""
import concurrent.futures
import gzip
import itertools
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time

from lying_broker import (API_VERSIONS, CLOSE, CREATE_TOPICS, DELETE_TOPICS, DESCRIBE_CLUSTER, DESCRIBE_CONFIGS, FETCH, INIT_PRODUCER_ID,
                          LIST_OFFSETS, METADATA, PRODUCE, SILENCE, UNSUPPORTED_VERSION, VERSIONS, LyingBroker, Raw, api_versions, array, batch,
                          broker_entry, describe_cluster, describe_configs, fetch, lines, list_offsets, metadata, partition_entry, produce, record,
                          text, topic_entry, varint)

MIB = 1 << 20
DONE, NO, USAGE, NO_ANSWER, DAMAGED = 0, 1, 2, 3, 4
CASES = {}


class Wrong(Exception):
    pass


class Ran:
    def __init__(self, code, out, err, seconds, mib, broker):
        self.code, self.out, self.err, self.seconds, self.mib, self.broker = code, out, err, seconds, mib, broker


def case(function):
    CASES[function.__name__] = function
    return function


def run(arguments, lies=None, stdin=b"", seconds_max=30):
    """`bobbin ARGUMENTS -b ...` with a patience of two seconds, unless they say another."""
    with LyingBroker(lies) as broker, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        arguments = arguments.split() if isinstance(arguments, str) else arguments
        arguments = [PROGRAM, *arguments, "-b", f"127.0.0.1:{broker.port}"]
        if "--timeout" not in arguments:
            arguments += ["--timeout", "2s"]
        began = time.monotonic()
        child = subprocess.Popen(arguments, stdin=given, stdout=out, stderr=err, preexec_fn=bound_memory)
        deadline = began + seconds_max * PATIENCE
        mib = 0
        while child.poll() is None:
            mib = max(mib, peak_mib(child.pid))
            if time.monotonic() > deadline:
                child.kill()
                child.wait()
                raise Wrong(f"{arguments[1:]} does not end")
            time.sleep(0.005)
        out.seek(0)
        err.seek(0)
        return Ran(child.returncode, out.read(), err.read().decode(errors="replace"), time.monotonic() - began, mib, broker)


def bound_memory():
    """What the measure below may miss ends the command."""
    if MEASURES_MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (1500 * MIB, 1500 * MIB))


def peak_mib(pid):
    """Of what the process had in memory since it began (rusage would count this one, which it was forked from)."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return sum(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
    except (OSError, ValueError):
        return 0


def expect(ran, codes, says="", out=None, mib_max=64):
    codes = codes if isinstance(codes, tuple) else (codes,)
    if ran.code not in codes:
        raise Wrong(f"exit {ran.code}, not {codes}: {ran.err[:300]!r}")
    if says not in ran.err:
        raise Wrong(f"stderr does not say {says!r}: {ran.err[:300]!r}")
    if out is not None and ran.out != out:
        raise Wrong(f"stdout is {ran.out[:100]!r}, not {out[:100]!r}")
    if MEASURES_MEMORY and ran.mib > mib_max:
        raise Wrong(f"took {ran.mib:.0f} MiB, more than {mib_max}")


def many(piece, bytes_in_all):
    """The piece again and again, without ever being all in memory."""
    block = piece * max(1, MIB // len(piece))
    return itertools.repeat(block, bytes_in_all // len(block))


def frame(asked, body):
    return struct.pack(">ii", 4 + len(body), asked.correlation) + body


# --- the program itself is in order

@case
def an_honest_broker():
    ends = {LIST_OFFSETS: lambda a: list_offsets(a, 0, 3), FETCH: lambda a: fetch(a, lambda _, offset: lines(offset, b"a", b"b", b"c"), 3)}
    expect(run("consume t -e", ends), DONE, out=b"a\nb\nc\n")
    expect(run("produce t -q", stdin=b"x\ny\n"), DONE)
    expect(run("topic list"), DONE, out=b"NAME  PARTITIONS  REPLICAS\nt              1         1\n")
    expect(run("topic create t -q"), DONE)
    expect(run("topic delete t -q"), DONE)


# --- records that are announced and do not come

ANNOUNCED = {LIST_OFFSETS: lambda a: list_offsets(a, 0, 100)}


@case
def records_are_announced_and_none_is_sent():
    for what in ("consume t -e", "consume t", "consume t -n 1"):
        ran = run(what, {**ANNOUNCED, FETCH: lambda a: fetch(a, b"", 100)})
        expect(ran, NO_ANSWER, "tells of records up to offset 100 and has sent none from 0 on for 2000 ms")
        if ran.broker.counts[FETCH] > 400:
            raise Wrong(f"asked {ran.broker.counts[FETCH]} times in two seconds")


@case
def the_same_records_again_and_again():
    ran = run("consume t -e", {**ANNOUNCED, FETCH: lambda a: fetch(a, lines(0, b"a"), 100)})
    expect(ran, NO, "1 records were read; t-0: its leader tells of records up to offset 100 and has sent none from 1 on", out=b"a\n")


@case
def batches_that_are_cut():
    whole = lines(0, b"a" * 5000)
    expect(run("consume t -e", {**ANNOUNCED, FETCH: lambda a: fetch(a, whole[:-1], 100)}), NO_ANSWER, "has sent none")
    expect(run("consume t -e", {**ANNOUNCED, FETCH: lambda a: fetch(a, whole[:-1], 0)}), NO_ANSWER, "has sent none")
    large = struct.pack(">qi", 0, 300 * MIB) + whole[12:]
    expect(run("consume t -e", {**ANNOUNCED, FETCH: lambda a: fetch(a, large, 100)}), NO, "at most")


@case
def a_partition_is_left_out_of_every_fetch():
    expect(run("consume t -e", {**ANNOUNCED, FETCH: lambda a: struct.pack(">i", 0) + array([])}), NO_ANSWER, "no answer from its leader")


@case
def out_of_range_though_it_is_in_range():
    expect(run("consume t -e", {**ANNOUNCED, FETCH: lambda a: fetch(a, error=1)}), NO_ANSWER, "no answer from its leader")


@case
def a_follower_waits_for_what_was_not_announced():
    ran = run(["consume", "t", "--idle-timeout", "3s"], {FETCH: lambda a: (time.sleep(0.2), fetch(a))[1]})
    expect(ran, DONE, out=b"")


# --- records that lie

def one_batch(bytes_of_batch):
    end = {LIST_OFFSETS: lambda a: list_offsets(a, 0, 4)}
    return {**end, FETCH: lambda a: fetch(a, bytes_of_batch, 4)}


@case
def offsets_that_do_not_ascend():
    records = b"".join(record(delta, value) for delta, value in ((2, b"x"), (0, b"y"), (1, b"z"), (3, b"w")))
    ran = run("consume t -e", one_batch(batch(0, records, 4)))
    expect(ran, DONE, out=b"x\ny\nz\nw\n")
    ran = run(["consume", "t", "-e", "-f", "%o %s\\n"], one_batch(batch(0, records, 4)))
    expect(ran, DONE, out=b"2 x\n0 y\n1 z\n3 w\n")
    beyond = batch(0, record(1 << 30, b"y") + record(0, b"x"), 2, last_delta=3)
    for format in ([], ["-f", "%o %s\\n"]):
        expect(run(["consume", "t", "-n", "2", *format], one_batch(beyond)), DONE)
    for format in ([], ["-u"], ["-f", "%s\\n"], ["-K", ":"], ["-J"], ["--frame", "u32be"]):
        ran = run(["consume", "t", "-e", *format], one_batch(beyond))
        expect(ran, DONE)
        if b"y" not in ran.out or b"x" not in ran.out[ran.out.index(b"y"):]:
            raise Wrong(f"{format}: a record is missing: {ran.out!r}")


@case
def batches_that_are_none():
    good = record(0, b"x")
    for what, wrong in {
            "checksum": batch(0, good, 1, crc=1), "counts": batch(0, good, 1 << 30), "negative count": batch(0, good, -5, last_delta=3),
            "negative delta": batch(0, good, 1, last_delta=-7), "codec": batch(0, good, 1, attributes=7), "gzip": batch(0, good, 1, attributes=1),
            "offset": batch((1 << 63) - 1, good, 1), "old": b"\0" * 16 + b"\1" + b"\0" * 60}.items():
        ran = run("consume t -e", one_batch(wrong))
        if ran.code not in (NO, DAMAGED) or not ran.err:
            raise Wrong(f"{what}: exit {ran.code} {ran.err[:200]!r}")


def zeros(count):
    """`count` bytes of zeros, packed a thousand times smaller, as one record in a batch."""
    body = b"\0\0\0" + varint(-1) + varint(count)
    head = varint(len(body) + count + 1) + body
    packer = gzip.zlib.compressobj(9, gzip.zlib.DEFLATED, 31)
    packed = packer.compress(head)
    for _ in range(count // MIB):
        packed += packer.compress(bytes(MIB))
    return packed + packer.compress(bytes(count % MIB) + b"\0") + packer.flush()


@case
def bombs():
    large = batch(0, zeros(400 * MIB), 1, attributes=1, last_delta=3)
    for format in ([], ["-f", "%o %S\\n"], ["-J"]):
        expect(run(["consume", "t", "-e", *format], one_batch(large)), NO, "more than 268435456 bytes when decompressed", mib_max=420)
    # What compresses well is no bomb.
    fair = batch(0, zeros(50 * MIB), 1, attributes=1, last_delta=3)
    expect(run(["consume", "t", "-e", "-f", "%S\\n"], one_batch(fair)), DONE, out=b"%d\n" % (50 * MIB), mib_max=300)


@case
def a_bomb_in_each_of_many_partitions():
    packed = batch(0, zeros(24 * MIB), 1, attributes=1, last_delta=3)
    lies = {METADATA: lambda a: metadata(a, topics=[topic_entry("t", range(24))]), LIST_OFFSETS: lambda a: list_offsets(a, 0, 4),
            FETCH: lambda a: fetch(a, packed, 4)}
    expect(run(["consume", "t", "-e", "-f", "%S\\n"], lies), DONE, out=b"%d\n" % (24 * MIB) * 24, mib_max=160)


# --- answers of any size

@case
def a_fetch_that_is_larger_than_what_was_asked_for():
    large = lines(0, b"x" * (40 * MIB), b"", b"", b"")
    expect(run(["consume", "t", "-e", "-f", "%S\\n"], one_batch(large)), DONE, out=b"%d\n0\n0\n0\n" % (40 * MIB), mib_max=160)
    endless = Raw(itertools.chain([struct.pack(">i", 2000 * MIB)], many(b"\0", 2000 * MIB)))
    ran = run("consume t -e", {**ANNOUNCED, FETCH: lambda a: endless})
    expect(ran, NO, "a frame of 2097152000 bytes, at most")


@case
def an_answer_that_announces_more_than_it_may():
    for size in (0x7fffffff, -1, 129 * MIB):
        for answered in (METADATA, API_VERSIONS):
            ran = run("topic list", {answered: lambda a: Raw([struct.pack(">i", size)])})
            expect(ran, (NO, NO_ANSWER), "a frame of %d bytes" % size, mib_max=32)


@case
def an_answer_that_never_ends():
    stream = many(b"\0", 1 << 40)
    ran = run("topic list", {METADATA: lambda a: Raw(itertools.chain([struct.pack(">i", 100 * MIB)], stream))})
    expect(ran, NO, mib_max=280)
    ran = run("topic list", {API_VERSIONS: lambda a: Raw(many(struct.pack(">i", 0), 1 << 40))})
    expect(ran, (NO, NO_ANSWER), mib_max=32)


@case
def an_answer_in_drips():
    def drips():
        yield struct.pack(">i", 1000)
        for _ in range(1000):
            time.sleep(0.1)
            yield b"\0"
    for answered in (METADATA, API_VERSIONS, LIST_OFFSETS):
        ran = run("consume t -e", {answered: lambda a: Raw(drips())})
        expect(ran, NO_ANSWER)
        if ran.seconds > 10 * PATIENCE:
            raise Wrong(f"took {ran.seconds:.1f} s of two")


@case
def no_answer_at_all():
    for answered in (METADATA, API_VERSIONS, LIST_OFFSETS, FETCH):
        for reply in (SILENCE, CLOSE):
            ran = run("consume t -e", {**ANNOUNCED, answered: lambda a: reply})
            expect(ran, NO_ANSWER)
            if ran.seconds > 12 * PATIENCE:
                raise Wrong(f"took {ran.seconds:.1f} s of two")


@case
def answers_that_nobody_asked_for():
    def twice(asked):
        return Raw([frame(asked, metadata(asked)) * 2])
    expect(run("topic list", {METADATA: twice}), (DONE, NO, NO_ANSWER))
    expect(run("topic list", {API_VERSIONS: lambda a: Raw([frame(a, api_versions(a, error=0)) * 1000])}), (NO, NO_ANSWER))


@case
def correlation_ids_that_do_not_match():
    for off in (1, -1, 1 << 20):
        wrong = {METADATA: lambda a: Raw([frame(a._replace(correlation=a.correlation + off), metadata(a))])}
        ran = run("topic list", wrong)
        expect(ran, NO, "answers out of order")


# --- each command, and each question that it asks

COMMANDS = ["produce t", "consume t -e", "consume t -o -2 -e", "consume -r t* -e", "topic create t", "topic list", "topic describe t", "topic config t",
            "topic config t retention.ms=1000", "topic add-partitions t 5", "topic offsets t", "topic delete t", "broker config 1", "complete topics"]


def drips(_):
    def pieces():
        yield struct.pack(">i", 1000)
        while True:
            time.sleep(0.05)
            yield b"\0"
    return Raw(pieces())


ILLS = {
    "silence": lambda a: SILENCE,
    "an end": lambda a: CLOSE,
    "drips": drips,
    "two GiB": lambda a: Raw(itertools.chain([struct.pack(">i", 0x7fffffff)], many(b"\0", 64 * MIB))),
    "counts": lambda a: Raw([frame(a, struct.pack(">i", 0x7fffffff) * 50)]),
    "long counts": lambda a: Raw([frame(a, b"\0" * 6 + b"\xff\xff\xff\xff\x07" * 50)]),
    "nothing": lambda a: Raw([frame(a, b"")]),
}


@case
def every_question_of_every_command():
    ends = {LIST_OFFSETS: lambda a: list_offsets(a, 0, 3), FETCH: lambda a: fetch(a, lambda _, offset: lines(offset, b"a", b"b", b"c"), 3)}

    def attempt(what):
        command, asked, ill = what
        ran = run(command + " --timeout 700ms", {**ends, asked: ILLS[ill]}, stdin=b"x\n")
        where = f"{command}, {ill} where {asked} is asked"
        # Whose versions nobody tells is asked in the oldest; who completes names shows none; a producer can do without configs.
        can_do_without = asked == API_VERSIONS or command.startswith("complete") or (command == "produce t" and asked == DESCRIBE_CONFIGS)
        if ran.code not in (NO, NO_ANSWER) and not (ran.code == DONE and can_do_without):
            raise Wrong(f"{where}: exit {ran.code} {ran.err[:200]!r}")
        if ran.seconds > 8 * PATIENCE:
            raise Wrong(f"{where}: {ran.seconds:.1f} s of 0.7")
        if MEASURES_MEMORY and ran.mib > 64:
            raise Wrong(f"{where}: {ran.mib:.0f} MiB")

    whats = []
    for command in COMMANDS:
        whats += [(command, asked, ill) for asked in run(command, ends, stdin=b"x\n").broker.counts for ill in ILLS]
    if {asked for _, asked, _ in whats} != set(VERSIONS):
        raise Wrong(f"not every question was asked: {sorted({asked for _, asked, _ in whats})}")
    with concurrent.futures.ThreadPoolExecutor(8 if MEASURES_MEMORY else 3) as pool:
        list(pool.map(attempt, whats))


# --- a picture of a cluster that cannot be

@case
def no_broker_is_named():
    nobody = {METADATA: lambda a: metadata(a, brokers=[]), DESCRIBE_CLUSTER: lambda a: describe_cluster(a, brokers=[])}
    expect(run("broker config", nobody), NO, "tells of no broker")
    expect(run("consume t -e", nobody), NO_ANSWER)
    expect(run("produce t", nobody, stdin=b"x\n"), NO_ANSWER)
    expect(run("topic list", nobody), DONE)


@case
def brokers_where_none_can_be():
    for host, port in (("", 9092), ("127.0.0.1", 0), ("127.0.0.1", -5), ("127.0.0.1", 65536), ("x" * 32767, 9092), ("a\x1b[31mb", 9092), ("127.0.0.1\0", 9092)):
        lies = {METADATA: lambda a: metadata(a, brokers=[broker_entry(1, host, port)])}
        ran = run("consume t -e", lies)
        expect(ran, NO_ANSWER)
        if "\x1b" in ran.err:
            raise Wrong("a host steers the terminal")
    for node in (-1, -2, 1 << 31):
        lies = {METADATA: lambda a: metadata(a, brokers=[broker_entry(struct.unpack(">i", struct.pack(">I", node % (1 << 32)))[0], "127.0.0.1", a.broker.port)])}
        expect(run("consume t -e", lies), NO_ANSWER)


@case
def leaders_that_nobody_knows():
    def rotating(asked):
        leader = 1000 + asked.count
        return metadata(asked, brokers=[broker_entry(leader, "127.0.0.1", asked.broker.port)], topics=[topic_entry("t", leader=leader)])
    ran = run("consume t -e --timeout 4s", {**ANNOUNCED, METADATA: rotating, FETCH: lambda a: fetch(a, error=6)})
    expect(ran, NO_ANSWER)
    if ran.broker.connections_most > 20:
        raise Wrong(f"held {ran.broker.connections_most} connections")


@case
def a_million_topics():
    topics = b"".join(topic_entry("topic-%09d" % i) for i in range(1000)) * (1000 if MEASURES_MEMORY else 20)
    count = struct.pack(">i", 1_000_000 if MEASURES_MEMORY else 20_000)

    def tell(asked):
        return array([broker_entry(1, "127.0.0.1", asked.broker.port)]) + struct.pack(">i", 1) + count + topics
    ran = run("topic list --timeout 20s", {METADATA: lambda a: tell(a)}, seconds_max=60)
    expect(ran, (DONE, NO), mib_max=1200)
    # Nobody asked for them: they are not kept, however often they are told.
    def others(asked):
        return metadata(asked, topics=[topic_entry("t", error=5, partitions=())] + [topic_entry("o%d-%d" % (asked.count, i)) for i in range(20_000)])
    ran = run("consume t -e --timeout 3s", {METADATA: others})
    expect(ran, (NO, NO_ANSWER), mib_max=100)


@case
def a_topic_of_too_many_partitions():
    partitions = b"".join(partition_entry(i) for i in range(100_001))
    huge = struct.pack(">h", 0) + text("t") + b"\0" + struct.pack(">i", 100_001) + partitions
    for command in ("consume t -e", "topic list", "topic describe t", "topic offsets t"):
        expect(run(command, {METADATA: lambda a: metadata(a, topics=[huge])}), NO, "100001 partitions", mib_max=100)


@case
def fields_that_are_repeated():
    twice = array([text("t") + array([struct.pack(">ihqq", 0, 0, -1, 0)] * 1000)] * 100)
    repeated = {METADATA: lambda a: metadata(a, brokers=[broker_entry(1, "127.0.0.1", a.broker.port)] * 1000,
                                             topics=[topic_entry("t", (0, 0, -1, 1 << 30, 0, -2147483648))] * 1000),
                LIST_OFFSETS: lambda a: twice, FETCH: lambda a: fetch(a, lines(0, b"a", b"b"), 2)}
    expect(run("consume t -p 0 -n 2", repeated), DONE, out=b"a\nb\n")
    # The others, which were announced by the number of the entries, have no leader.
    expect(run("consume t -n 2", repeated), NO_ANSWER, "it has no leader now")


@case
def offsets_that_cannot_be():
    for first, end in ((-2, 5), (0, -5), (-(1 << 63), (1 << 63) - 1)):
        lies = {LIST_OFFSETS: lambda a: list_offsets(a, first, end)}
        for command in ("consume t -e", "consume t -o -5 -e", "topic offsets t"):
            expect(run(command, lies), NO, "which cannot be")
    for command in ("consume t -e", "consume t -o +3 -e", "consume t -o end"):
        expect(run(command, {LIST_OFFSETS: lambda a: list_offsets(a, 10, 5)}), NO, "from 10 to 5, which cannot be")


@case
def error_codes_of_our_own():
    for code in (-1001, -1005, -1006, -1007, -1009, -32768):
        lies = {METADATA: lambda a: metadata(a, topics=[topic_entry("t", error=code, partitions=())])}
        expect(run("consume t -e", lies), NO)
        expect(run("consume t -e", {**ANNOUNCED, FETCH: lambda a: fetch(a, error=code)}), NO)
        expect(run("produce t", {PRODUCE: lambda a: produce(a, error=code)}, stdin=b"x\n"), NO)


# --- names

@case
def names_of_32767_letters():
    long = "n" * 32767
    named = {METADATA: lambda a: metadata(a, topics=[topic_entry(long)])}
    for command in (["topic", "list"], ["consume", "-r", "n*", "-e"], ["consume", "-r", "(n+)+x", "-e"], ["topic", "describe"], ["consume", "t", "-e"],
                    ["complete", "topics"]):
        ran = run(command, named)
        expect(ran, (DONE, NO, USAGE, NO_ANSWER))
        if ran.seconds > 15 * PATIENCE:
            raise Wrong(f"{command}: {ran.seconds:.1f} s")


@case
def expressions_that_explode():
    named = {METADATA: lambda a: metadata(a, topics=[topic_entry("a" * 240)])}
    for pattern in ("(a+)+b", "(a|a)*b", "(a*)*b", "(.*)*(.*)*(.*)*b", "((a?){200})b"):
        ran = run(["consume", "-r", pattern, "-e"], named)
        expect(ran, NO, "no topic matches")
        if ran.seconds > 5 * PATIENCE:
            raise Wrong(f"{pattern}: {ran.seconds:.1f} s")
    for pattern in ("((a{1000}){1000}){1000}", "(?=a)a", "(a)\\1", "[", "*", "a{1,5000}"):
        expect(run(["consume", "-r", pattern, "-e"], named), USAGE, "is no regular expression that is taken")
    expect(run(["consume", "-r", "(" * 30000 + ")" * 30000, "-e"], named), (NO, USAGE))
    ends = {LIST_OFFSETS: lambda a: list_offsets(a, 0, 1), FETCH: lambda a: fetch(a, lines(0, b"x"), 1)}
    both = {METADATA: lambda a: metadata(a, topics=[topic_entry("t"), topic_entry("tt"), topic_entry("u")])}
    expect(run(["consume", "-r", "t", "-e"], {**both, **ends}), DONE, out=b"x\n")
    expect(run(["consume", "-r", "[tu]", "-e"], {**both, **ends}), DONE, out=b"x\nx\n")


# --- what becomes of what was asked to be done

@case
def answers_that_leave_out_what_was_asked():
    nothing = struct.pack(">i", 0) + array([])
    expect(run("topic create t", {CREATE_TOPICS: lambda a: nothing}), NO, "does not say what became of topic t")
    expect(run("topic delete t", {DELETE_TOPICS: lambda a: nothing}), NO, "does not say what became of topic t")
    other = struct.pack(">i", 0) + array([text("other") + struct.pack(">h", 0)])
    expect(run("topic delete t", {DELETE_TOPICS: lambda a: other}), NO, "does not say what became of topic t")
    expect(run("topic config t", {DESCRIBE_CONFIGS: lambda a: describe_configs(a, results=[])}), NO, "does not say")
    expect(run("topic describe t", {METADATA: lambda a: metadata(a, topics=[])}), NO)
    expect(run("consume t -e", {METADATA: lambda a: metadata(a, topics=[])}), (NO, NO_ANSWER))
    expect(run("topic offsets t", {LIST_OFFSETS: lambda a: array([])}), (NO, NO_ANSWER), "did not answer")


@case
def a_producer_is_lied_to():
    expect(run("produce t", {INIT_PRODUCER_ID: lambda a: struct.pack(">ihqh", 0, 0, -5, 0)}, stdin=b"x\n"), NO, "a producer id that cannot be")
    expect(run("produce t", {PRODUCE: lambda a: produce(a, partitions=())}, stdin=b"x\n"), (NO, NO_ANSWER))
    expect(run("produce t", {PRODUCE: lambda a: produce(a, partitions=(7, -1))}, stdin=b"x\n"), (NO, NO_ANSWER))
    expect(run("produce t", {PRODUCE: lambda a: produce(a, error=6)}, stdin=b"x\n"), (NO, NO_ANSWER))
    expect(run("produce t", {PRODUCE: lambda a: SILENCE}, stdin=b"x\n", seconds_max=45), (NO, NO_ANSWER))
    expect(run("produce t", {PRODUCE: lambda a: b"\0"}, stdin=b"x\n"), (NO, NO_ANSWER))


@case
def versions_that_cannot_be():
    expect(run("topic list", {API_VERSIONS: lambda a: api_versions(a, error=UNSUPPORTED_VERSION, versions={})}), (NO, NO_ANSWER))
    expect(run("topic list", {API_VERSIONS: lambda a: struct.pack(">h", 0)}), (NO, NO_ANSWER))

    def telling(versions):
        return {API_VERSIONS: lambda a: api_versions(a, error=UNSUPPORTED_VERSION if a.version else 0, versions=versions)}
    for versions in ((5, 1), (-5, -1), (32767, 32767), (-32768, -1)):
        expect(run("topic list", telling({**VERSIONS, METADATA: versions})), NO, "does not know this request")
    expect(run("topic list", telling({**{k: (0, 0) for k in range(-30000, 30000)}, **VERSIONS})), DONE)


def main():
    def attempt(name):
        began = time.monotonic()
        try:
            CASES[name]()
            return name, f"{time.monotonic() - began:.1f} s", True
        except Wrong as wrong:
            return name, f"FAILED: {wrong}", False
    # They wait more than they compute, unless a sanitizer computes with them.
    with concurrent.futures.ThreadPoolExecutor(8 if MEASURES_MEMORY else 3) as pool:
        results = list(pool.map(attempt, sys.argv[2:] or CASES))
    for name, said, _ in results:
        print(f"{name}: {said}")
    failed = [name for name, _, good in results if not good]
    if failed:
        sys.exit("FAILED: " + ", ".join(failed))


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    subprocess.run([PROGRAM, "--version"], stdout=subprocess.DEVNULL, check=True)
    # Sanitizers take many times as much of both.
    MEASURES_MEMORY = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 40 * 1024
    PATIENCE = 1 if MEASURES_MEMORY else 6
    main()
