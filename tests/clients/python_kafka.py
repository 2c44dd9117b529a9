"""The side of python_kafka.sh that is written in Python: python_kafka.py ADDRESS"""
import sys
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewPartitions, NewTopic

address = sys.argv[1]


def expect(what, wanted, got):
    if wanted != got:
        sys.exit(f"FAILED: {what}\n  wanted: {wanted!r:.300}\n  got:    {got!r:.300}")


def eventually(what, wanted, ask):
    """A broker may answer before it has heard of a change."""
    end = time.monotonic() + 20
    while ask() != wanted and time.monotonic() < end:
        time.sleep(0.05)
    expect(what, wanted, ask())


def read(topic, partition, start, end):
    consumer = KafkaConsumer(bootstrap_servers=address, check_crcs=True, consumer_timeout_ms=30000)
    place = TopicPartition(topic, partition)
    consumer.assign([place])
    consumer.seek(place, start)
    records = []
    for record in consumer:
        records.append(record)
        if record.offset + 1 >= end:
            break
    consumer.close()
    return records


# What bobbin wrote.
expect("1000 numbers", [str(n).encode() for n in range(1, 1001)], [r.value for r in read("ours", 1, 0, 1000)])

# Every codec that Debian's Python can speak.
for codec in (None, "gzip"):
    topic = f"python-{codec or 'none'}"
    producer = KafkaProducer(bootstrap_servers=address, compression_type=codec, acks="all", linger_ms=20)
    sent = [producer.send(topic, key=b"k%d" % n, value=b"v%d" % n, headers=[("h", b"%d" % n)]) for n in range(500)]
    offsets = [future.get(timeout=30).offset for future in sent]
    producer.close()
    expect(f"offsets of {topic}", list(range(500)), offsets)
    back = read(topic, 0, 0, 500)
    expect(f"records of {topic}", [(b"k%d" % n, b"v%d" % n, [("h", b"%d" % n)]) for n in range(500)],
           [(r.key, r.value, r.headers) for r in back])

# Null and empty are two things.
producer = KafkaProducer(bootstrap_servers=address)
for key, value in ((b"k", None), (None, b""), (b"", b"v")):
    producer.send("python-nulls", key=key, value=value).get(timeout=30)
producer.close()
expect("null and empty", [(b"k", None), (None, b""), (b"", b"v")],
       [(r.key, r.value) for r in read("python-nulls", 0, 0, 3)])

# Offsets and times.
consumer = KafkaConsumer(bootstrap_servers=address)
place = TopicPartition("python-none", 0)
expect("ends", {place: 500}, consumer.end_offsets([place]))
expect("beginnings", {place: 0}, consumer.beginning_offsets([place]))
stamp = read("python-none", 0, 200, 201)[0].timestamp
found = consumer.offsets_for_times({place: stamp})[place]
expect("offset of a time", True, found.offset <= 200 and found.timestamp == stamp)
expect("partitions of ours", {0, 1, 2}, consumer.partitions_for_topic("ours"))
consumer.close()

# Administration.
admin = KafkaAdminClient(bootstrap_servers=address)
admin.create_topics([NewTopic("python-made", num_partitions=2, replication_factor=1)])
admin.create_partitions({"python-made": NewPartitions(total_count=5)})
eventually("partitions that were added", 5, lambda: len(admin.describe_topics(["python-made"])[0]["partitions"]))
admin.delete_topics(["python-made"])
eventually("topics after a deletion", False, lambda: "python-made" in admin.list_topics())
admin.close()
