/**
 * The serializer of a producer's keys, or of its values, and what is checked about it.
 *
 * Headers are an object that most records do not have. It is made for a serializer that asks for
 * it: one that has a third parameter (or whose number of parameters does not tell).
 *
 * I1  What comes out is bytes or `null`, whatever the program's serializer does: anything else
 *     would be written into a batch and lost there.
 *
 * @kafka org.apache.kafka.clients.producer.KafkaProducer
 * @simplified a class of its own; in Java `doSend` serializes, and catches `ClassCastException`.
 */

import { SerializationException } from '../../common/errors.ts'
import type { Configs, Serializer } from '../../common/serialization/Serializer.ts'
import type { ProducerRecord } from '../ProducerRecord.ts'

export class RecordSerializer<T> {
  readonly serializer: Serializer<T>
  private readonly which: 'key' | 'value'
  private readonly takesHeaders: boolean

  /** @param given an object, taken as it is; or a class, which is made and configured */
  constructor(given: unknown, which: 'key' | 'value', configs: Configs) {
    this.which = which
    if (typeof given === 'function') {
      this.serializer = new (given as new () => Serializer<T>)()
      this.configure(configs)
    } else {
      this.serializer = given as Serializer<T>
    }
    this.takesHeaders = this.serializer.serialize.length !== 2
  }

  /** Nobody else knows the serializer yet, so one that cannot be configured is closed here. */
  private configure(configs: Configs): void {
    try {
      this.serializer.configure?.(configs, this.which === 'key')
    } catch (error) {
      try {
        this.serializer.close?.()
      } catch {
        // What it could not be configured for is the failure to report.
      }
      throw error
    }
  }

  /**
   * @throws SerializationException when the serializer does not take `data`, or gives no bytes (I1)
   */
  serialize<K, V>(record: ProducerRecord<K, V>, data: T | null): Uint8Array | null {
    let bytes: unknown
    try {
      bytes = this.takesHeaders
        ? this.serializer.serialize(record.topic, data, record.headers)
        : this.serializer.serialize(record.topic, data)
    } catch (error) {
      // What ClassCastException is in Java: the program's types are not those of its serializer.
      if (error instanceof TypeError) throw this.cannotConvert(data, error.message, error)
      throw error
    }
    if (bytes === null || bytes instanceof Uint8Array) return bytes
    throw this.cannotConvert(data, 'it gives neither a Uint8Array nor null', undefined)
  }

  close(): void {
    this.serializer.close?.()
  }

  private cannotConvert(data: unknown, why: string, cause: unknown): SerializationException {
    const { which, serializer } = this
    const type = data === null || data === undefined ? String(data) : data.constructor?.name
    return new SerializationException(
      `Cannot convert ${which} of type ${type} with ${serializer.constructor.name}, the ` +
        `'${which}.serializer': ${why}`,
      { cause },
    )
  }
}
