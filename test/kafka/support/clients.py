"""Produces or consumes records with a Python client, as JSON lines.

    clients.py confluent|kafka-python produce BOOTSTRAP TOPIC PARTITION [CODEC] < records
    clients.py confluent|kafka-python consume BOOTSTRAP TOPIC PARTITION COUNT > records

A record is {"timestamp", "key", "value", "headers": [[name, value], ...]}; bytes are base64, null is null.
"""

import base64
import json
import sys
import time

DEADLINE_S = 30


def unpack(text):
    return None if text is None else base64.b64decode(text)


def pack(data):
    return None if data is None else base64.b64encode(data).decode()


def records_from_stdin():
    for line in sys.stdin:
        r = json.loads(line)
        headers = [(name, unpack(value)) for name, value in r["headers"]]
        yield unpack(r["key"]), unpack(r["value"]), headers, r["timestamp"]


def emit(offset, timestamp, key, value, headers):
    print(json.dumps({
        "offset": offset,
        "timestamp": timestamp,
        "key": pack(key),
        "value": pack(value),
        "headers": [[name, pack(v)] for name, v in headers],
    }))


def confluent_produce(bootstrap, topic, partition, compression="none"):
    from confluent_kafka import Producer

    failures = []
    producer = Producer({
        "bootstrap.servers": bootstrap,
        "message.timeout.ms": DEADLINE_S * 1000,
        "compression.type": compression,
    })
    for key, value, headers, timestamp in records_from_stdin():
        producer.produce(
            topic, value, key, partition, timestamp=timestamp, headers=headers,
            on_delivery=lambda error, _: error and failures.append(str(error)),
        )
    left = producer.flush(DEADLINE_S)
    if failures or left:
        sys.exit(f"confluent-kafka: {left} not sent, {failures}")


def confluent_consume(bootstrap, topic, partition, count):
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": "by-assignment",
        "enable.auto.commit": False,
    })
    consumer.assign([TopicPartition(topic, partition, 0)])
    deadline = time.monotonic() + DEADLINE_S
    while count > 0 and time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is None:
            continue
        if message.error():
            sys.exit(f"confluent-kafka: {message.error()}")
        emit(message.offset(), message.timestamp()[1], message.key(), message.value(),
             message.headers() or [])
        count -= 1
    consumer.close()
    if count:
        sys.exit(f"confluent-kafka: {count} records did not come")


def kafka_python_produce(bootstrap, topic, partition, _compression="none"):
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=bootstrap)
    futures = [
        producer.send(topic, value, key, headers, partition, timestamp)
        for key, value, headers, timestamp in records_from_stdin()
    ]
    producer.flush(DEADLINE_S)
    for future in futures:
        future.get(DEADLINE_S)
    producer.close()


def kafka_python_consume(bootstrap, topic, partition, count):
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None)
    at = TopicPartition(topic, partition)
    consumer.assign([at])
    consumer.seek(at, 0)
    deadline = time.monotonic() + DEADLINE_S
    while count > 0 and time.monotonic() < deadline:
        for messages in consumer.poll(200).values():
            for m in messages:
                emit(m.offset, m.timestamp, m.key, m.value, m.headers)
                count -= 1
    consumer.close()
    if count > 0:
        sys.exit(f"kafka-python: {count} records did not come")


def main():
    library, action, bootstrap, topic, partition, *rest = sys.argv[1:]
    run = globals()[f"{library.replace('-', '_')}_{action}"]
    numbers = map(int, rest) if action == "consume" else rest
    run(bootstrap, topic, int(partition), *numbers)


main()
