#!/usr/bin/env python3
"""History: what clients sent, what they were told and what they read, and whether a log could have done that.

    history.py        plants each kind of fault in a sound history, and fails where one is not found

A producer is one process that sends values of its own, counted from 0: who reads one knows who sent it, as which one, and what
it must look like byte by byte. It sends to one topic, by keys or to one partition. What is checked:

    1  What was acknowledged is in the log, at the offset that was told, if one was.
    2  Nothing that an idempotent producer sent is there twice.
    3  A partition's offset has one value for ever, whoever reads it, and what was read once stays.
    4  What a producer sent is in order within a partition, and the values of a key have no gap in it (idempotent producers).
    5  Nothing is there, or was read, that was never sent; or whose sending failed for good.
    6  Who reads sees every offset, one after the other.
"""
import sys
from collections import defaultdict, namedtuple

Place = namedtuple("Place", "partition offset")
KEYS = 7


def value_of(producer, n):
    """Of different lengths, so that batches end anywhere."""
    return f"{producer}-{n}." + "abcdefghij" * (n * 7919 % 23) + ("x" * 5000 if n % 997 == 500 else "")


def key_of(producer, n):
    return f"{producer}-k{n % KEYS}"


def parse(value):
    """(producer, n) that it says it is; nothing: it is no value."""
    producer, _, n = value.partition(".")[0].rpartition("-")
    return (producer, int(n)) if producer and n.isdigit() else None


class Producer:
    """What one producer did; its name has no dot. It may lose what was acknowledged (`loses`: acks=1), and double what it sent
    (not idempotent)."""

    def __init__(self, name, topic, partition=None, idempotent=True, loses=False):
        self.name, self.topic, self.partition = name, topic, partition
        self.idempotent, self.loses = idempotent, loses
        self.sent = 0          # values 0 to sent - 1 may be in the log
        self.acked = 0         # values 0 to acked - 1 must be
        self.places = {}       # n: Place, where it was told
        self.refused = set()   # n whose sending failed for good


class Reader:
    """One life of a reader: (partition, offset, value) as they came."""

    def __init__(self, name, topic, records):
        self.name, self.topic, self.records = name, topic, records


class History:
    def __init__(self):
        self.producers = {}
        self.readers = []
        self.logs = {}  # (topic, partition): {offset: value} at the end, when nobody writes

    def producer(self, *args, **kwargs):
        made = Producer(*args, **kwargs)
        assert made.name not in self.producers
        self.producers[made.name] = made
        return made


class Checker:
    def __init__(self, history, most=5):
        self.history = history
        self.most = most          # so many complaints of a kind are told
        self.told = []
        self.counts = defaultdict(int)
        self.where = defaultdict(list)  # (producer, n): Place of each copy in the final logs

    def complain(self, kind, words):
        self.counts[kind] += 1
        if self.counts[kind] <= self.most:
            self.told.append(f"{kind}: {words}")

    def check(self):
        for (topic, partition), log in sorted(self.history.logs.items()):
            self.check_log(topic, partition, log)
        for producer in self.history.producers.values():
            self.check_producer(producer)
        for reader in self.history.readers:
            self.check_reader(reader)
        for kind, count in self.counts.items():
            if count > self.most:
                self.told.append(f"{kind}: {count} in all")
        return self.told

    def is_sent(self, topic, value, at):
        """Check 5 of one value; (producer, n) of it."""
        said = parse(value)
        producer = self.history.producers.get(said[0]) if said else None
        if not producer or producer.topic != topic or said[1] >= producer.sent or value != value_of(*said):
            return self.complain("never sent", f"{at}: {value[:80]!r}")
        if said[1] in producer.refused:
            self.complain("refused, and there", f"{at}: {value[:80]!r}")
        if producer.partition not in (None, at.partition):
            self.complain("in another partition", f"{at}: {value[:80]!r}")
        return said

    def check_log(self, topic, partition, log):
        last = defaultdict(lambda: -1)
        expected = min(log, default=0)
        for offset in sorted(log):
            at = Place(partition, offset)
            if offset != expected:
                self.complain("a gap in the log", f"{topic}-{partition}: {expected} to {offset - 1}")
            expected = offset + 1
            said = self.is_sent(topic, log[offset], at)
            if not said:
                continue
            producer, n = said
            self.where[said].append(at)
            if self.history.producers[producer].idempotent and n < last[producer]:
                self.complain("out of order", f"{topic} {at}: {producer}-{n} behind {producer}-{last[producer]}")
            last[producer] = max(last[producer], n)

    def check_producer(self, producer):
        for n in range(producer.acked if not producer.loses else 0):
            if not self.where[producer.name, n] and n not in producer.refused:
                self.complain("lost", f"{producer.topic}: {producer.name}-{n} was acknowledged" +
                              (f" at {producer.places[n]}" if n in producer.places else ""))
        for n, place in producer.places.items():
            found = self.where[producer.name, n]
            if found and place not in found and not producer.loses:
                self.complain("moved", f"{producer.topic}: {producer.name}-{n} was acknowledged at {place}, and is at {found}")
        if producer.idempotent:
            self.check_idempotent(producer)

    def check_idempotent(self, producer):
        gone = {}  # key: the first n of it that is not there
        for n in range(producer.sent):
            found = self.where[producer.name, n]
            if len(found) > 1:
                self.complain("doubled", f"{producer.topic}: {producer.name}-{n} is at {found}")
            key = n % KEYS if producer.partition is None else None
            if found and key in gone:
                self.complain("a gap", f"{producer.topic}: {producer.name}-{n} is there, and {producer.name}-{gone[key]} is not")
            elif not found and n not in producer.refused:
                gone.setdefault(key, n)

    def check_reader(self, reader):
        next_offset = {}
        for partition, offset, value in reader.records:
            at = Place(partition, offset)
            expected = next_offset.get(partition, offset)
            if offset != expected:
                self.complain("skipped or read again", f"{reader.name}: {reader.topic} {at} came, not {expected}")
            next_offset[partition] = offset + 1
            log = self.history.logs.get((reader.topic, partition), {})
            there = log.get(offset)
            if there == value:
                continue
            if there is not None:
                self.complain("changed", f"{reader.name}: {reader.topic} {at} was {value[:80]!r}, and is {there[:80]!r}")
            else:
                self.complain("read, and gone", f"{reader.name}: {reader.topic} {at} was {value[:80]!r}")
            self.is_sent(reader.topic, value, at)


def check(history):
    """What no log could have done, a line each; nothing where all is well."""
    return Checker(history).check()


# --- each fault, planted in a sound history

def sound():
    """Two partitions; by keys, to a partition with offsets told, and one that was killed while it wrote."""
    history = History()
    keyed = history.producer("a", "t")
    placed = history.producer("b", "t", partition=1)
    killed = history.producer("c", "t", partition=0)
    keyed.sent = keyed.acked = 14
    placed.sent = placed.acked = 5
    killed.sent, killed.acked = 6, 2
    first, second = {}, {}
    for n in range(14):
        log = first if n % KEYS % 2 else second
        log[len(log)] = value_of("a", n)
    for n in range(5):
        placed.places[n] = Place(1, len(second))
        second[len(second)] = value_of("b", n)
    for n in range(4):
        first[len(first)] = value_of("c", n)
    history.logs = {("t", 0): first, ("t", 1): second}
    records = [(p, o, v) for (_, p), log in history.logs.items() for o, v in log.items()]
    history.readers.append(Reader("r", "t", records))
    history.readers.append(Reader("from the middle", "t", [r for r in records if r[1] > 3]))
    return history


def tail_to_both(history, value):
    """The reader sees it, too."""
    log = history.logs["t", 0]
    history.readers[0].records.append((0, len(log), value))
    log[len(log)] = value


def lose_last(history):
    log = history.logs["t", 1]
    del log[max(log)]
    history.readers.clear()


def lose_middle(history):
    log = history.logs["t", 1]
    values = [log[o] for o in sorted(log)]
    del values[2]
    history.logs["t", 1] = dict(enumerate(values))
    history.readers.clear()


def lose_unacknowledged_middle(history):
    """c-2 is not there and was not acknowledged, c-3 is."""
    log = history.logs["t", 0]
    log[len(log) - 2] = log.pop(len(log) - 1)
    history.readers.clear()


def swap(history):
    log = history.logs["t", 0]
    log[0], log[1] = log[len(log) - 1], log[0]  # c-3 before all
    log[len(log) - 1] = value_of("c", 2)
    log[len(log) - 2] = value_of("c", 1)
    log[len(log) - 3] = value_of("c", 0)
    history.readers.clear()


def moved(history):
    history.producers["b"].places[0] = Place(1, 0)


def other_partition(history):
    history.producers["b"].places[4] = Place(0, history.producers["b"].places[4].offset)


def change_read(history):
    partition, offset, _ = history.readers[0].records[3]
    history.readers[0].records[3] = (partition, offset, value_of("a", 12))


def change_byte(history):
    history.logs["t", 0][2] = history.logs["t", 0][2] + "?"
    history.readers.clear()


def skip(history):
    del history.readers[0].records[3]


def repeat(history):
    history.readers[0].records.insert(3, history.readers[0].records[3])


def dirty_read(history):
    history.readers[1].records.append((0, len(history.logs["t", 0]), value_of("c", 4)))


def refused(history):
    history.producers["c"].refused.add(3)


def hole(history):
    log = history.logs["t", 0]
    log[len(log) + 1] = log.pop(len(log) - 1)
    history.readers.clear()


PLANTED = [
    ("lost", lose_last), ("lost", lose_middle), ("a gap", lose_unacknowledged_middle),
    ("doubled", lambda h: tail_to_both(h, value_of("a", 13))),
    ("out of order", swap), ("moved", moved), ("moved", other_partition), ("changed", change_read),
    ("never sent", change_byte), ("never sent", lambda h: tail_to_both(h, value_of("c", 6))),
    ("never sent", lambda h: tail_to_both(h, "no value of ours")), ("never sent", lambda h: tail_to_both(h, value_of("z", 0))),
    ("in another partition", lambda h: tail_to_both(h, value_of("b", 4))),
    ("skipped or read again", skip), ("skipped or read again", repeat), ("read, and gone", dirty_read),
    ("refused, and there", refused), ("a gap in the log", hole),
]


def main():
    failed = 0
    if told := check(sound()):
        failed += 1
        print("a sound history is complained about:", *told, sep="\n  ")
    for kind, plant in PLANTED:
        history = sound()
        plant(history)
        if not any(words.startswith(kind + ":") for words in check(history)):
            failed += 1
            print(f"not found: {kind} ({plant.__name__}); told was", check(history))
    print(f"{len(PLANTED)} planted faults, {failed} not found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
