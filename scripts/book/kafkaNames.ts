/**
 * The names of the pinned version of Kafka, as a list in this repository: what a `@kafka` tag is
 * checked against, without Kafka's sources at hand.
 *
 *     org.apache.kafka.clients.producer.internals
 *       BufferPool
 *       RecordAccumulator AppendCallbacks NodeLatencyStats …    nested classes behind their outer's
 *       Sender : runOnce sendProduceRequest …                     members, where a tag names one
 *
 * `scripts/book/kafkaNamesIndex.ts` makes the list.
 */

import { readFileSync } from 'node:fs'

export const NAMES_FILE = 'scripts/book/kafka-names.txt'

export class KafkaNames {
  private readonly membersOfClass = new Map<string, ReadonlySet<string> | null>()

  constructor(index: string) {
    let folder = ''
    for (const line of index.split('\n')) {
      if (line.startsWith('#') || line.trim() === '') continue
      if (!line.startsWith(' ')) folder = line.trim()
      else this.addClass(folder, line.trim())
    }
  }

  private addClass(folder: string, line: string): void {
    const [names = '', members] = line.split(' : ')
    const [outer = '', ...nested] = names.split(' ')
    const path = `${folder}.${outer}`
    this.membersOfClass.set(path, members === undefined ? null : new Set(members.split(' ')))
    for (const name of nested) this.membersOfClass.set(`${path}.${name}`, null)
  }

  get size(): number {
    return this.membersOfClass.size
  }

  has(javaClass: string): boolean {
    return this.membersOfClass.has(javaClass.replaceAll('$', '.'))
  }

  /** The members that the list has of a class; `null` when it has none of them. */
  members(javaClass: string): ReadonlySet<string> | null {
    return this.membersOfClass.get(javaClass) ?? null
  }
}

/** The list in the tree. */
export const kafkaNames = (): KafkaNames =>
  new KafkaNames(readFileSync(new URL('kafka-names.txt', import.meta.url), 'utf8'))
