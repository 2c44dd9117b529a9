"""DeleteRecords, and what a log says that begins later."""
from cases.common import INT64_MAX, INT64_MIN, good_batch, make_topic, versions
from cases.fetch import fetch
from cases.list_offsets import of as list_of
from cases.produce import produce


def ask_all(ask):
    topic = make_topic(ask, "cut", 2)
    for _ in range(3):
        ask.quietly("Produce", 9, produce("cut", topic, (0, good_batch())))

    def of(name, *parts, timeout=5000):
        return {"TimeoutMs": timeout, "Topics": [{"Name": name, "Partitions": [{"PartitionIndex": index, "Offset": offset} for index, offset in parts]}]}
    ask.each("below an offset", "DeleteRecords", versions("DeleteRecords"), lambda v: of("cut", (0, v + 1)))
    for what, fields in {
            "what is gone already": of("cut", (0, 1)), "past the end": of("cut", (0, 10)), "an offset of -2": of("cut", (0, -2)),
            "the smallest offset": of("cut", (0, INT64_MIN)), "the largest offset": of("cut", (0, INT64_MAX)), "an unknown topic": of("nowhere", (0, 1)),
            "an unknown partition": of("cut", (9, 1)), "a negative partition": of("cut", (-1, 1)), "a partition twice": of("cut", (0, 4), (0, 5)),
            "two partitions": of("cut", (1, 0), (0, 5)), "no partitions": of("cut"), "nothing": {"Topics": [], "TimeoutMs": 100},
            "an empty name": of("", (0, 1)), "a name that none can have": of("a/b", (0, 1)), "no time": of("cut", (0, 5), timeout=0),
            "a compacted topic": of("compacted", (0, 1)),
    }.items():
        ask(what, "DeleteRecords", 2, fields)
    ask("below the beginning", "Fetch", 12, fetch("cut", None, (0, 0)))
    ask("from a later beginning", "Fetch", 12, fetch("cut", None, (0, 5)))
    ask("a later beginning", "ListOffsets", 7, list_of("cut", (0, -2)))
    ask("a log that begins later", "Produce", 9, produce("cut", topic, (0, good_batch())))
    ask("a bad batch for a log that begins later", "Produce", 9, produce("cut", topic, (0, good_batch(crc=3))))
    ask("all of them", "DeleteRecords", 2, of("cut", (0, -1)))
