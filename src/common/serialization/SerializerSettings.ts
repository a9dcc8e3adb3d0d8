/**
 * Settings that are no client's own: serializers and deserializers read them, when they are made
 * from a class. They stand beside the client's own.
 *
 * @kafka org.apache.kafka.common.serialization.StringSerializer
 * @kafka org.apache.kafka.clients.CommonClientConfigs
 */

import type { ClassOrInstance } from '../config/ConfigTypes.ts'
import type { Deserializer } from './Deserializer.ts'
import type { Serializer } from './Serializer.ts'

/** A `Serde` of whatever. */
interface AnySerde {
  serializer(): Serializer<never>
  deserializer(): Deserializer<unknown>
}

/** `Array`, or a class that extends it. */
type AnyListClass = new () => unknown[]

type ListSettings = {
  /** Of the entries of lists that are keys: `Serdes.StringSerde`, say. */
  readonly 'default.list.key.serde.inner'?: ClassOrInstance<AnySerde>
  /** Of the entries of lists that are values. */
  readonly 'default.list.value.serde.inner'?: ClassOrInstance<AnySerde>
}

/** What the serializers of a producer may be told. */
export type SerializerSettings = ListSettings & {
  /** Of texts and UUIDs that are keys; default UTF-8. */
  readonly 'key.serializer.encoding'?: string
  /** Of texts and UUIDs that are values; default UTF-8. */
  readonly 'value.serializer.encoding'?: string
  /** Of both, where the one for keys or values is not given. */
  readonly 'serializer.encoding'?: string
}

/** What the deserializers of a consumer may be told. */
export type DeserializerSettings = ListSettings & {
  /** Of texts and UUIDs that are keys; default UTF-8. */
  readonly 'key.deserializer.encoding'?: string
  /** Of texts and UUIDs that are values; default UTF-8. */
  readonly 'value.deserializer.encoding'?: string
  /** Of both, where the one for keys or values is not given. */
  readonly 'deserializer.encoding'?: string
  /** The class of lists that are keys: `Array`, or one that extends it. */
  readonly 'default.list.key.serde.type'?: AnyListClass
  /** The class of lists that are values. */
  readonly 'default.list.value.serde.type'?: AnyListClass
}
