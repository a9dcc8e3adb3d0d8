"""Writes transactions with librdkafka, step by step.

    transactions.py BOOTSTRAP TOPIC < steps

A step is a line of JSON: [producer, "begin" | "commit" | "abort"] or [producer, "send", partition, value].
Each send is in the log before the next step begins, so the steps are in the log in their order.
"""

import json
import sys

DEADLINE_S = 30


def main():
    from confluent_kafka import Producer

    bootstrap, topic = sys.argv[1:]
    producers = {}
    for line in sys.stdin:
        name, action, *rest = json.loads(line)
        if name not in producers:
            producers[name] = Producer({
                "bootstrap.servers": bootstrap,
                "transactional.id": f"{topic}-{name}",
                "transaction.timeout.ms": 60_000,
            })
            producers[name].init_transactions(DEADLINE_S)
        producer = producers[name]
        if action == "begin":
            producer.begin_transaction()
        elif action == "commit":
            producer.commit_transaction(DEADLINE_S)
        elif action == "abort":
            producer.abort_transaction(DEADLINE_S)
        else:
            partition, value = rest
            producer.produce(topic, value, partition=partition)
            if producer.flush(DEADLINE_S):
                sys.exit(f"{name} could not send {value}")


main()
