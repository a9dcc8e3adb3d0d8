/**
 * Reads payments and keeps balances, exactly once, however often it is killed.
 *
 *     npx tsx examples/offsets-in-a-database/payments.ts <host:port> <topic> <database>
 *
 * Kafka is asked for nothing but records and a place in the group: no offset is committed there.
 * When partitions are assigned, each is read on from where the database says.
 *
 * `--idle 2000` ends after so many milliseconds without a payment. `--kill-at noted:3` kills the
 * process (SIGKILL, no farewell) at the third time that step is passed: so the tests see to it that
 * nothing depends on luck.
 */

import { parseArgs } from 'node:util'
import {
  type ConsumerRecord,
  KafkaConsumer,
  StringDeserializer,
  type TopicPartition,
} from '../../src/index.ts'
import { Ledger, type Payment, type Step } from './Ledger.ts'

const POLL_MS = 200

const paymentOf = (record: ConsumerRecord<string, string>): Payment => ({
  account: record.key!,
  amount: Number(record.value),
})

/** Kills this process the nth time that `step` is passed. */
const killer = (killAt: string | undefined): ((step: Step) => void) => {
  if (killAt === undefined) return () => {}
  const [wanted, times] = killAt.split(':')
  let left = Number(times)
  return (step) => {
    if (step === wanted && --left === 0) process.kill(process.pid, 'SIGKILL')
  }
}

const run = async (
  [bootstrap, topic, path]: readonly string[],
  idleMs: number,
  killAt: string | undefined,
): Promise<void> => {
  if (bootstrap === undefined || topic === undefined || path === undefined) {
    throw new Error('Three things are needed: host:port, topic, database')
  }
  const ledger = new Ledger(path, killer(killAt))
  const consumer = new KafkaConsumer({
    'bootstrap.servers': bootstrap,
    'group.id': 'ledger',
    'enable.auto.commit': false,
    'auto.offset.reset': 'earliest',
    // A killed process that comes back under the same name takes its own place at once. Without
    // one, the group would wait until the dead member's session has timed out.
    'group.instance.id': 'ledger-1',
    'key.deserializer': StringDeserializer,
    'value.deserializer': StringDeserializer,
  })
  consumer.subscribe([topic], {
    onPartitionsRevoked() {
      // Every payment is committed when it has been applied: there is nothing to hand over.
    },
    onPartitionsAssigned(partitions: Iterable<TopicPartition>) {
      for (const partition of partitions) {
        const next = ledger.nextOffset(partition.topic, partition.partition)
        if (next !== null) consumer.seek(partition, next)
      }
    },
  })
  try {
    let lastMs = performance.now()
    while (performance.now() - lastMs < idleMs) {
      for (const record of await consumer.poll(POLL_MS)) {
        ledger.apply(record, paymentOf(record))
        lastMs = performance.now()
      }
    }
  } finally {
    await consumer.close()
    ledger.close()
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { idle: { type: 'string' }, 'kill-at': { type: 'string' } },
})
await run(positionals, Number(values.idle ?? Number.POSITIVE_INFINITY), values['kill-at'])
