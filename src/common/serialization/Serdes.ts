/**
 * Serializers and deserializers in pairs.
 *
 *     Serdes.String()                            a pair
 *     Serdes.List(Array, Serdes.Integer())       a pair of what is inside
 *     Serdes.serdeFrom(serializer, deserializer) a pair of your own
 *     Serdes.StringSerde                         the class, for settings
 *
 * @kafka org.apache.kafka.common.serialization.Serdes
 * @simplified `List(…)` where Java has a method and a class of the one name `ListSerde`.
 *   `serdeFrom` of a type takes JavaScript's: a `Number` is a double, and does not say that it is a
 *   short.
 */

import { ByteBuffer } from '../ByteBuffer.ts'
import { Bytes } from '../Bytes.ts'
import { IllegalArgumentException } from '../errors.ts'
import { BigLongDeserializer } from './BigLongDeserializer.ts'
import { BigLongSerializer } from './BigLongSerializer.ts'
import { BooleanDeserializer } from './BooleanDeserializer.ts'
import { BooleanSerializer } from './BooleanSerializer.ts'
import { ByteArrayDeserializer } from './ByteArrayDeserializer.ts'
import { ByteArraySerializer } from './ByteArraySerializer.ts'
import { ByteBufferDeserializer } from './ByteBufferDeserializer.ts'
import { ByteBufferSerializer } from './ByteBufferSerializer.ts'
import { BytesDeserializer } from './BytesDeserializer.ts'
import { BytesSerializer } from './BytesSerializer.ts'
import type { Deserializer } from './Deserializer.ts'
import { DoubleDeserializer } from './DoubleDeserializer.ts'
import { DoubleSerializer } from './DoubleSerializer.ts'
import { FloatDeserializer } from './FloatDeserializer.ts'
import { FloatSerializer } from './FloatSerializer.ts'
import { IntegerDeserializer } from './IntegerDeserializer.ts'
import { IntegerSerializer } from './IntegerSerializer.ts'
import { ListDeserializer } from './ListDeserializer.ts'
import { ListSerializer } from './ListSerializer.ts'
import { LongDeserializer } from './LongDeserializer.ts'
import { LongSerializer } from './LongSerializer.ts'
import type { ListClass } from './listSettings.ts'
import type { Serde } from './Serde.ts'
import type { Configs, Serializer } from './Serializer.ts'
import { ShortDeserializer } from './ShortDeserializer.ts'
import { ShortSerializer } from './ShortSerializer.ts'
import { StringDeserializer } from './StringDeserializer.ts'
import { StringSerializer } from './StringSerializer.ts'
import { UUIDDeserializer } from './UUIDDeserializer.ts'
import { UUIDSerializer } from './UUIDSerializer.ts'
import { VoidDeserializer } from './VoidDeserializer.ts'
import { VoidSerializer } from './VoidSerializer.ts'

export class WrapperSerde<T> implements Serde<T> {
  readonly #serializer: Serializer<T>
  readonly #deserializer: Deserializer<T>

  constructor(serializer: Serializer<T>, deserializer: Deserializer<T>) {
    this.#serializer = serializer
    this.#deserializer = deserializer
  }

  configure(configs: Configs, isKey: boolean): void {
    this.#serializer.configure?.(configs, isKey)
    this.#deserializer.configure?.(configs, isKey)
  }

  close(): void {
    this.#serializer.close?.()
    this.#deserializer.close?.()
  }

  serializer(): Serializer<T> {
    return this.#serializer
  }

  deserializer(): Deserializer<T> {
    return this.#deserializer
  }
}

// ---- as classes without parameters, for settings

class VoidSerde extends WrapperSerde<never> {
  constructor() {
    super(new VoidSerializer(), new VoidDeserializer())
  }
}

class ShortSerde extends WrapperSerde<number> {
  constructor() {
    super(new ShortSerializer(), new ShortDeserializer())
  }
}

class IntegerSerde extends WrapperSerde<number> {
  constructor() {
    super(new IntegerSerializer(), new IntegerDeserializer())
  }
}

class LongSerde extends WrapperSerde<number> {
  constructor() {
    super(new LongSerializer(), new LongDeserializer())
  }
}

class BigLongSerde extends WrapperSerde<bigint> {
  constructor() {
    super(new BigLongSerializer(), new BigLongDeserializer())
  }
}

class FloatSerde extends WrapperSerde<number> {
  constructor() {
    super(new FloatSerializer(), new FloatDeserializer())
  }
}

class DoubleSerde extends WrapperSerde<number> {
  constructor() {
    super(new DoubleSerializer(), new DoubleDeserializer())
  }
}

class StringSerde extends WrapperSerde<string> {
  constructor() {
    super(new StringSerializer(), new StringDeserializer())
  }
}

class BooleanSerde extends WrapperSerde<boolean> {
  constructor() {
    super(new BooleanSerializer(), new BooleanDeserializer())
  }
}

class UUIDSerde extends WrapperSerde<string> {
  constructor() {
    super(new UUIDSerializer(), new UUIDDeserializer())
  }
}

class BytesSerde extends WrapperSerde<Bytes> {
  constructor() {
    super(new BytesSerializer(), new BytesDeserializer())
  }
}

class ByteArraySerde extends WrapperSerde<Uint8Array> {
  constructor() {
    super(new ByteArraySerializer(), new ByteArrayDeserializer())
  }
}

class ByteBufferSerde extends WrapperSerde<ByteBuffer> {
  constructor() {
    super(new ByteBufferSerializer(), new ByteBufferDeserializer())
  }
}

/** Without parameters: to be configured by `default.list.…serde.type` and `….inner`. */
class ListSerde<Inner> extends WrapperSerde<(Inner | null)[]> {
  constructor(listClass?: ListClass<Inner>, inner?: Serde<Inner>) {
    super(
      new ListSerializer<Inner>(inner?.serializer()),
      new ListDeserializer<Inner>(listClass, inner?.deserializer()),
    )
  }
}

type SerdeClass = new () => WrapperSerde<unknown>

const BY_TYPE: ReadonlyMap<unknown, SerdeClass> = new Map<unknown, SerdeClass>([
  [String, StringSerde as SerdeClass],
  [Number, DoubleSerde as SerdeClass],
  [BigInt, BigLongSerde as SerdeClass],
  [Boolean, BooleanSerde as SerdeClass],
  [Uint8Array, ByteArraySerde as SerdeClass],
  [ByteBuffer, ByteBufferSerde as SerdeClass],
  [Bytes, BytesSerde as SerdeClass],
])

/** The pair for a type, or of two that belong together. */
export interface SerdeFrom {
  (type: StringConstructor): Serde<string>
  /** As a double, which every number is; `Serdes.Integer()` and others are shorter. */
  (type: NumberConstructor): Serde<number>
  (type: BigIntConstructor): Serde<bigint>
  (type: BooleanConstructor): Serde<boolean>
  (type: Uint8ArrayConstructor): Serde<Uint8Array>
  (type: typeof ByteBuffer): Serde<ByteBuffer>
  (type: typeof Bytes): Serde<Bytes>
  <T>(serializer: Serializer<T>, deserializer: Deserializer<T>): Serde<T>
}

const serdeFrom = ((...given: unknown[]): Serde<unknown> => {
  if (given.length >= 2) {
    const [serializer, deserializer] = given
    if (!serializer) throw new IllegalArgumentException('serdeFrom needs a serializer: got none')
    if (!deserializer)
      throw new IllegalArgumentException('serdeFrom needs a deserializer: got none')
    return new WrapperSerde(
      serializer as Serializer<unknown>,
      deserializer as Deserializer<unknown>,
    )
  }
  const Found = BY_TYPE.get(given[0])
  if (Found !== undefined) return new Found()
  const name = typeof given[0] === 'function' ? given[0].name : String(given[0])
  throw new IllegalArgumentException(
    `There is no serde for the type ${name}. Those for String, Number, BigInt, Boolean, ` +
      'Uint8Array, ByteBuffer and Bytes are found by type; pass a serializer and a deserializer ' +
      'for others.',
  )
}) as SerdeFrom

export const Serdes = {
  VoidSerde,
  ShortSerde,
  IntegerSerde,
  LongSerde,
  BigLongSerde,
  FloatSerde,
  DoubleSerde,
  StringSerde,
  BooleanSerde,
  UUIDSerde,
  BytesSerde,
  ByteArraySerde,
  ByteBufferSerde,
  ListSerde,
  Void: (): Serde<never> => new VoidSerde(),
  Short: (): Serde<number> => new ShortSerde(),
  Integer: (): Serde<number> => new IntegerSerde(),
  Long: (): Serde<number> => new LongSerde(),
  BigLong: (): Serde<bigint> => new BigLongSerde(),
  Float: (): Serde<number> => new FloatSerde(),
  Double: (): Serde<number> => new DoubleSerde(),
  String: (): Serde<string> => new StringSerde(),
  Boolean: (): Serde<boolean> => new BooleanSerde(),
  UUID: (): Serde<string> => new UUIDSerde(),
  Bytes: (): Serde<Bytes> => new BytesSerde(),
  ByteArray: (): Serde<Uint8Array> => new ByteArraySerde(),
  ByteBuffer: (): Serde<ByteBuffer> => new ByteBufferSerde(),
  List: <Inner>(listClass: ListClass<Inner>, inner: Serde<Inner>): Serde<(Inner | null)[]> =>
    new ListSerde(listClass, inner),
  serdeFrom,
} as const
