/**
 * What `ListSerializer` wrote, back to a list.
 *
 * I1  No number from the bytes is believed before it was held against how many bytes there are.
 *
 * @kafka org.apache.kafka.common.serialization.ListDeserializer
 */

import { ByteBuffer } from '../ByteBuffer.ts'
import {
  BufferUnderflowException,
  ConfigException,
  IllegalArgumentException,
  KafkaException,
  SerializationException,
} from '../errors.ts'
import type { Headers } from '../header/Headers.ts'
import { BigLongDeserializer } from './BigLongDeserializer.ts'
import type { Deserializer } from './Deserializer.ts'
import { DoubleDeserializer } from './DoubleDeserializer.ts'
import { FloatDeserializer } from './FloatDeserializer.ts'
import { IntegerDeserializer } from './IntegerDeserializer.ts'
import { LongDeserializer } from './LongDeserializer.ts'
import { innerSerde, type ListClass, listClass } from './listSettings.ts'
import { NULL_ENTRY_VALUE, SerializationStrategy } from './SerializationStrategy.ts'
import type { Configs } from './Serializer.ts'
import { ShortDeserializer } from './ShortDeserializer.ts'
import { UUIDDeserializer } from './UUIDDeserializer.ts'

/** Bytes of an entry. */
const FIXED_LENGTH_DESERIALIZERS: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  [ShortDeserializer, 2],
  [IntegerDeserializer, 4],
  [FloatDeserializer, 4],
  [LongDeserializer, 8],
  [BigLongDeserializer, 8],
  [DoubleDeserializer, 8],
  [UUIDDeserializer, 36],
])

const INT = 4

export class ListDeserializer<Inner> implements Deserializer<(Inner | null)[]> {
  private listClass: ListClass<Inner> | null = null
  private inner: Deserializer<Inner> | null = null
  private primitiveSize: number | null = null

  /**
   * Both, or neither; by default what `default.list.…serde.type` and `default.list.…serde.inner`
   * name.
   *
   * @param listClass `Array`, or a class that extends it
   * @param inner of the entries
   */
  constructor(listClass?: ListClass<Inner>, inner?: Deserializer<Inner>) {
    if (listClass === undefined && inner === undefined) return
    if (!listClass || !inner) {
      throw new IllegalArgumentException(
        'ListDeserializer needs both the class of its lists, say Array, and the deserializer of ' +
          'their entries',
      )
    }
    this.listClass = listClass
    this.setInner(inner)
  }

  /** The deserializer of the entries; `null` before `configure` when none was passed in. */
  innerDeserializer(): Deserializer<Inner> | null {
    return this.inner
  }

  /** @throws ConfigException when it is configured already, or a setting is missing */
  configure(configs: Configs, isKey: boolean): void {
    if (this.listClass !== null || this.inner !== null) {
      throw new ConfigException(
        'This ListDeserializer was given its list class and inner deserializer when it was made: ' +
          'it cannot be configured with others',
      )
    }
    this.listClass = listClass(configs, isKey)
    const { serde, made } = innerSerde<Inner>(configs, isKey)
    const inner = serde.deserializer()
    if (made) inner.configure?.(configs, isKey)
    this.setInner(inner)
  }

  deserialize(topic: string, data: Uint8Array | null, headers?: Headers): (Inner | null)[] | null {
    if (data === null) return null
    try {
      return this.read(topic, ByteBuffer.wrap(data), headers)
    } catch (error) {
      if (!(error instanceof BufferUnderflowException)) throw error
      throw corrupted(topic, 'they end in the middle of it', error)
    }
  }

  close(): void {
    this.inner?.close?.()
  }

  private setInner(inner: Deserializer<Inner>): void {
    this.inner = inner
    this.primitiveSize = FIXED_LENGTH_DESERIALIZERS.get(inner.constructor) ?? null
  }

  private read(topic: string, data: ByteBuffer, headers: Headers | undefined): (Inner | null)[] {
    const { inner } = this
    if (inner === null) {
      throw new SerializationException(
        'ListDeserializer does not know its entries: pass their deserializer to the constructor',
      )
    }
    const constantSize = this.readStrategy(topic, data) === SerializationStrategy.CONSTANT_SIZE
    const nulls = constantSize ? readNullIndexes(topic, data) : null
    const size = readLength(topic, data)
    const list = this.createList()
    for (let i = 0; i < size; i++) {
      // Java reads a size before it looks whether the entry is there; constant ones have none.
      const entrySize = constantSize ? this.primitiveSize! : readEntrySize(topic, data)
      const isNull = nulls === null ? entrySize === NULL_ENTRY_VALUE : nulls.has(i)
      list.push(isNull ? null : inner.deserialize(topic, data.getBytes(entrySize), headers))
    }
    return list
  }

  private readStrategy(topic: string, data: ByteBuffer): number {
    const flag = data.get()
    if (flag === SerializationStrategy.VARIABLE_SIZE) return flag
    if (flag !== SerializationStrategy.CONSTANT_SIZE) {
      throw corrupted(topic, `the first is ${flag}, neither 0 nor 1`)
    }
    if (this.primitiveSize === null) {
      throw corrupted(
        topic,
        `its entries have one size, and ${this.inner?.constructor.name} does not read such entries`,
      )
    }
    return flag
  }

  private createList(): (Inner | null)[] {
    const List = this.listClass!
    try {
      const list = new List()
      if (Array.isArray(list)) return list
    } catch (error) {
      throw new KafkaException(`Could not make a list of class ${List.name}`, { cause: error })
    }
    throw new KafkaException(`A ${List.name} is no list: give Array, or a class that extends it`)
  }
}

/** I1. */
const readNullIndexes = (topic: string, data: ByteBuffer): ReadonlySet<number> => {
  const count = data.getInt()
  if (count < 0) throw corrupted(topic, `its number of nulls, ${count}, is negative`)
  if (count > data.remaining() / INT) {
    throw corrupted(topic, `${count} nulls need more bytes than there are`)
  }
  return new Set(Array.from({ length: count }, () => data.getInt()))
}

/** I1. */
const readLength = (topic: string, data: ByteBuffer): number => {
  const size = data.getInt()
  if (size < 0) throw corrupted(topic, `its length, ${size}, is negative`)
  // An entry may have no bytes of its own, and a null of constant size has none: this is a bound.
  if (size > data.capacity) {
    throw corrupted(topic, `its length, ${size}, is more than there are bytes`)
  }
  return size
}

/** I1. */
const readEntrySize = (topic: string, data: ByteBuffer): number => {
  const size = data.getInt()
  if (size < NULL_ENTRY_VALUE) {
    throw corrupted(topic, `the size of an entry, ${size}, is negative`)
  }
  if (size > data.remaining()) {
    throw corrupted(topic, `the size of an entry, ${size}, is more than there are bytes`)
  }
  return size
}

const corrupted = (topic: string, why: string, cause?: unknown): SerializationException =>
  new SerializationException(
    `These bytes of topic '${topic}' are no list: ${why}. Did ListSerializer write them, with ` +
      'the same kind of entries?',
    { cause },
  )
