"""librdkafka, through confluent-kafka, as a member of a mixed group; what it prints, tell.ts says."""

import json
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

bootstrap, topic, group, strategy = sys.argv[1:5]
leaving = threading.Event()


def tell(event, **rest):
    print(json.dumps({"at": time.monotonic_ns() / 1e6, "event": event, **rest}), flush=True)


def numbers(partitions):
    return [p.partition for p in partitions]


def wait_for_goodbye():
    sys.stdin.read()
    leaving.set()


threading.Thread(target=wait_for_goodbye, daemon=True).start()
consumer = Consumer({
    "bootstrap.servers": bootstrap,
    "group.id": group,
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "session.timeout.ms": 6000,
    "heartbeat.interval.ms": 500,
    "partition.assignment.strategy": strategy,
})
# What it has read and not committed yet: where to go on, by partition.
uncommitted = {}


def revoked(_, partitions):
    for partition in numbers(partitions):
        uncommitted.pop(partition, None)
    tell("revoked", partitions=numbers(partitions))


consumer.subscribe(
    [topic],
    on_assign=lambda _, partitions: tell("assigned", partitions=numbers(partitions)),
    on_revoke=revoked,
    on_lost=revoked,
)


def commit():
    for partition, offset in list(uncommitted.items()):
        try:
            consumer.commit(offsets=[TopicPartition(topic, partition, offset)], asynchronous=False)
        except KafkaException as error:
            print(error, file=sys.stderr)
            continue
        uncommitted.pop(partition, None)
        tell("committed", partition=partition, offset=offset)


while not leaving.is_set():
    spans = {}
    for message in consumer.consume(500, 0.1):
        if message.error():
            print(message.error(), file=sys.stderr)
            continue
        first, _ = spans.get(message.partition(), (message.offset(), None))
        spans[message.partition()] = (first, message.offset())
    for partition, (first, last) in spans.items():
        # A rebalance inside of consume may have taken it away after its messages were queued.
        if partition not in numbers(consumer.assignment()):
            continue
        tell("records", partition=partition, **{"from": first, "to": last})
        uncommitted[partition] = last + 1
        commit()
    commit()
consumer.close()
