/**
 * A list as one key or value: its length, and its entries as another serializer writes them.
 *
 *     CONSTANT_SIZE    0  nulls  null index …  length  entry │ entry │ …       nulls left out
 *     VARIABLE_SIZE    1                       length  size entry │ size entry │ …
 *                                                      size -1: null, no entry
 *
 * A flag of one byte, everything else numbers of four. Entries of one size need no size each, so
 * shorts, integers, longs, floats, doubles and UUIDs go the first way.
 *
 * @kafka org.apache.kafka.common.serialization.ListSerializer
 */

import { ByteBuffer } from '../ByteBuffer.ts'
import { ConfigException, IllegalArgumentException, SerializationException } from '../errors.ts'
import type { Headers } from '../header/Headers.ts'
import { BigLongSerializer } from './BigLongSerializer.ts'
import { DoubleSerializer } from './DoubleSerializer.ts'
import { FloatSerializer } from './FloatSerializer.ts'
import { IntegerSerializer } from './IntegerSerializer.ts'
import { LongSerializer } from './LongSerializer.ts'
import { innerSerde } from './listSettings.ts'
import { described, notTaken } from './refusals.ts'
import { NULL_ENTRY_VALUE, SerializationStrategy } from './SerializationStrategy.ts'
import type { Configs, Serializer } from './Serializer.ts'
import { ShortSerializer } from './ShortSerializer.ts'
import { UUIDSerializer } from './UUIDSerializer.ts'

/** As in Java, exactly these classes: what extends one of them may write other sizes. */
const FIXED_LENGTH_SERIALIZERS: ReadonlySet<unknown> = new Set([
  ShortSerializer,
  IntegerSerializer,
  FloatSerializer,
  LongSerializer,
  BigLongSerializer,
  DoubleSerializer,
  UUIDSerializer,
])

const INT = 4

export class ListSerializer<Inner> implements Serializer<readonly (Inner | null)[]> {
  private inner: Serializer<Inner> | null = null
  private constantSize = false

  /** @param inner of the entries; default: what `default.list.…serde.inner` names */
  constructor(inner?: Serializer<Inner>) {
    if (inner === null) {
      throw new IllegalArgumentException('ListSerializer needs the serializer of its entries')
    }
    if (inner !== undefined) this.setInner(inner)
  }

  /** The serializer of the entries; `null` before `configure` when none was passed in. */
  getInnerSerializer(): Serializer<Inner> | null {
    return this.inner
  }

  /** @throws ConfigException when the serializer of the entries is set already, or is not given */
  configure(configs: Configs, isKey: boolean): void {
    if (this.inner !== null) {
      throw new ConfigException(
        'This ListSerializer was given its inner serializer when it was made: it cannot be ' +
          'configured with another one',
      )
    }
    const { serde, made } = innerSerde<Inner>(configs, isKey)
    const inner = serde.serializer()
    if (made) inner.configure?.(configs, isKey)
    this.setInner(inner)
  }

  serialize(
    topic: string,
    data: readonly (Inner | null)[] | null,
    headers?: Headers,
  ): Uint8Array | null {
    if (data === null) return null
    if (!Array.isArray(data)) {
      throw notTaken('List', 'arrays', data, topic)
    }
    const entries = this.serializeEntries(topic, data as readonly (Inner | null)[], headers)
    return this.constantSize ? constantSize(entries) : variableSize(entries)
  }

  close(): void {
    this.inner?.close?.()
  }

  private setInner(inner: Serializer<Inner>): void {
    this.inner = inner
    this.constantSize = FIXED_LENGTH_SERIALIZERS.has(inner.constructor)
  }

  private serializeEntries(
    topic: string,
    data: readonly (Inner | null)[],
    headers: Headers | undefined,
  ): (Uint8Array | null)[] {
    const { inner } = this
    if (inner === null) {
      throw new SerializationException(
        'ListSerializer does not know its entries: pass their serializer to the constructor',
      )
    }
    return Array.from(data, (entry, i) => {
      if (entry === null) return null
      const bytes = inner.serialize(topic, entry, headers)
      if (bytes instanceof Uint8Array) return bytes
      throw new SerializationException(
        `Entry ${i} of a list for topic '${topic}' is ${described(entry)}: ` +
          `${inner.constructor.name} makes ${described(bytes)} of it, not bytes`,
      )
    })
  }
}

const sizeOf = (entries: readonly (Uint8Array | null)[]): number =>
  entries.reduce((size, bytes) => size + (bytes?.length ?? 0), 0)

const constantSize = (entries: readonly (Uint8Array | null)[]): Uint8Array => {
  const nulls = [...entries.keys()].filter((i) => entries[i] === null)
  const out = ByteBuffer.allocate(1 + INT * (2 + nulls.length) + sizeOf(entries))
  out.put(SerializationStrategy.CONSTANT_SIZE).putInt(nulls.length)
  for (const index of nulls) out.putInt(index)
  out.putInt(entries.length)
  for (const bytes of entries) if (bytes) out.putBytes(bytes)
  return out.bytes
}

const variableSize = (entries: readonly (Uint8Array | null)[]): Uint8Array => {
  const out = ByteBuffer.allocate(1 + INT * (1 + entries.length) + sizeOf(entries))
  out.put(SerializationStrategy.VARIABLE_SIZE).putInt(entries.length)
  for (const bytes of entries) {
    out.putInt(bytes?.length ?? NULL_ENTRY_VALUE)
    if (bytes) out.putBytes(bytes)
  }
  return out.bytes
}
