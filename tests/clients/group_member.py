"""A member of the group workers: group_member.py MODULE ADDRESS SESSION_MS. Prints "PARTITION NUMBER" for
each record of the topic jobs, commits, and goes on until SIGTERM."""
import signal
import sys

module, address, session_ms = sys.argv[1], sys.argv[2], int(sys.argv[3])
running = True


def end(*_):
    global running
    running = False


signal.signal(signal.SIGTERM, end)


def records_of_kafka():
    from kafka import KafkaConsumer
    from kafka.coordinator.assignors.range import RangePartitionAssignor
    from kafka.errors import CommitFailedError, KafkaError
    consumer = KafkaConsumer("jobs", bootstrap_servers=address, group_id="workers", auto_offset_reset="earliest",
                             enable_auto_commit=False, heartbeat_interval_ms=300, session_timeout_ms=session_ms,
                             reconnect_backoff_ms=20, reconnect_backoff_max_ms=200,
                             partition_assignment_strategy=[RangePartitionAssignor])
    while running:
        for records in consumer.poll(100).values():
            yield from ((r.partition, r.value) for r in records)
        try:
            consumer.commit()
        except (CommitFailedError, KafkaError):
            pass  # it is out, or a rebalance is under way: others, or itself, get the records again
    consumer.close(autocommit=False)


def records_of_confluent_kafka():
    from confluent_kafka import Consumer, KafkaException
    consumer = Consumer({"bootstrap.servers": address, "group.id": "workers", "auto.offset.reset": "earliest",
                         "enable.auto.commit": False, "heartbeat.interval.ms": 300, "session.timeout.ms": session_ms,
                         "reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 200,
                         "partition.assignment.strategy": "range"})
    consumer.subscribe(["jobs"])
    while running:
        records = [r for r in consumer.consume(100, 0.1) if r.error() is None]
        yield from ((r.partition(), r.value()) for r in records)
        try:
            if records:
                consumer.commit(asynchronous=False)
        except KafkaException:
            pass
    consumer.close()


for partition, value in globals()["records_of_" + module]():
    print(partition, value.decode(), flush=True)
