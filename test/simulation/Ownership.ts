/**
 * What a member has, by what its listener is told; and what it may be handed.
 *
 *     assigned ──► records, without a gap and in order ──► revoked, or lost
 *        ▲                                                      │
 *        └──────────────────────── again ───────────────────────┘
 *
 * I1  A partition comes only if it is not there, and goes only if it is.
 * I2  After each `onPartitionsAssigned` the consumer's own assignment is the same.
 * I3  Nothing is handed out of a partition that is not there.
 * I4  While it is there each record follows the one before.
 */

import type { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { ConsumerRecord } from '../../src/consumer/ConsumerRecord.ts'
import type { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import type { GroupJournal } from './GroupJournal.ts'

/** One stay of a partition with a member. */
interface Stay {
  readonly generation: number
  /** `undefined`: nothing was handed out yet. */
  next: number | undefined
}

export class Ownership {
  private readonly name: string
  private readonly journal: GroupJournal
  private readonly stays = new Map<string, Stay>()

  constructor(name: string, journal: GroupJournal) {
    this.name = name
    this.journal = journal
  }

  get size(): number {
    return this.stays.size
  }

  /** Tells what the member has after `partitions` have come. */
  come(partitions: readonly TopicPartition[], consumer: KafkaConsumer<string, string>): void {
    const { slot, generation } = whoIs(consumer)
    for (const { key } of partitions) {
      if (this.stays.has(key)) this.complain(`was assigned ${key}, which it has already`)
      this.stays.set(key, { generation, next: undefined })
    }
    const has = [...this.stays.keys()].sort()
    const says = Array.from(consumer.assignment(), ({ key }) => key).sort()
    if (String(has) !== String(says)) {
      this.complain(`has [${has}] by its listener, and [${says}] by its consumer`)
    }
    this.journal.claims.push({ member: this.name, slot, generation, partitions: has })
  }

  revoked(partitions: readonly TopicPartition[], consumer: KafkaConsumer<string, string>): void {
    const { slot, generation } = whoIs(consumer)
    const gone = partitions.map(({ key }) => key)
    this.journal.revocations.push({ member: this.name, slot, generation, partitions: gone })
    this.go(partitions, 'revoked')
  }

  lost(partitions: readonly TopicPartition[]): void {
    this.go(partitions, 'lost')
  }

  private go(partitions: readonly TopicPartition[], how: 'revoked' | 'lost'): void {
    for (const { key } of partitions) {
      if (!this.stays.delete(key)) this.complain(`${how} ${key}, which it did not have`)
    }
  }

  handedOut({ topic, partition, offset, value }: ConsumerRecord<string, string>): void {
    const key = `${topic}-${partition}`
    if (value !== String(offset)) this.complain(`found '${value}' at ${key}@${offset}`)
    const stay = this.stays.get(key)
    if (stay === undefined) {
      this.complain(`got ${key}@${offset} of a partition that it does not have`)
      return
    }
    if (stay.next === undefined) {
      const { generation } = stay
      this.journal.starts.push({ member: this.name, generation, partition: key, offset })
    } else if (stay.next !== offset) {
      this.complain(`got ${key}@${offset} where ${stay.next} comes next`)
    }
    stay.next = offset + 1
  }

  /** The loop over records was left at this one: it comes again. */
  putBack({ topic, partition, offset }: ConsumerRecord<string, string>): void {
    const stay = this.stays.get(`${topic}-${partition}`)
    if (stay !== undefined) stay.next = offset
  }

  complain(what: string): void {
    this.journal.problems.push(`${this.name} ${what}`)
  }

  toString(): string {
    return Array.from(this.stays, ([key, { next }]) => `${key}@${next ?? '?'}`).join(' ')
  }
}

const whoIs = (consumer: KafkaConsumer<string, string>): { slot: string; generation: number } => {
  const { generationId, memberId, groupInstanceId } = consumer.groupMetadata()
  return { slot: groupInstanceId ?? memberId, generation: generationId }
}
