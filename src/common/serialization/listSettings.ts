/**
 * What the list serializer and deserializer read in a client's settings.
 *
 *     default.list.key.serde.inner    for keys: the serde of the entries; …value… for values
 *     default.list.key.serde.type     for keys: the class of the lists that are made, say Array
 *
 * @kafka org.apache.kafka.clients.CommonClientConfigs
 */

import { ConfigException, KafkaException } from '../errors.ts'
import type { Serde } from './Serde.ts'
import type { Configs } from './Serializer.ts'

/** Makes an empty list: `Array`, or a class that extends it. */
export type ListClass<Inner> = new () => (Inner | null)[]

/** A serde that the settings name, and whether it was made for them. */
export interface InnerSerde<Inner> {
  readonly serde: Serde<Inner>
  /** Made from a class; an object is taken as it is, configured or not. */
  readonly made: boolean
}

/**
 * The serde of the entries.
 *
 * @throws ConfigException when none is given, or a name is
 * @throws KafkaException when what is given is no serde
 */
export const innerSerde = <Inner>(configs: Configs, isKey: boolean): InnerSerde<Inner> => {
  const setting = `default.list.${isKey ? 'key' : 'value'}.serde.inner`
  const given = configs[setting]
  if (given === null || given === undefined) {
    throw new ConfigException(
      `The serde of a list's entries is not known: pass it to the constructor, or set '${setting}'`,
    )
  }
  if (typeof given === 'string') throw noClassByName(setting, given, 'Serdes.StringSerde')
  const made = typeof given === 'function'
  const serde: unknown = made ? new (given as new () => unknown)() : given
  if (isSerde<Inner>(serde)) return { serde, made }
  throw new KafkaException(
    `'${setting}' is no serde: give a class such as Serdes.StringSerde, or an object with ` +
      '`serializer()` and `deserializer()`',
  )
}

/**
 * The class of the lists that are made.
 *
 * @throws ConfigException when none is given, or a name is
 * @throws KafkaException when what is given is no class
 */
export const listClass = <Inner>(configs: Configs, isKey: boolean): ListClass<Inner> => {
  const setting = `default.list.${isKey ? 'key' : 'value'}.serde.type`
  const given = configs[setting]
  if (given === null || given === undefined) {
    throw new ConfigException(
      `The class of the lists is not known: pass it to the constructor, or set '${setting}' to ` +
        'Array',
    )
  }
  if (typeof given === 'string') throw noClassByName(setting, given, 'Array')
  if (typeof given === 'function') return given as ListClass<Inner>
  throw new KafkaException(
    `'${setting}' is no class: give Array, or a class of yours that extends it`,
  )
}

const noClassByName = (setting: string, name: string, example: string): ConfigException =>
  new ConfigException(
    `Invalid value '${name}' for configuration '${setting}': a class is not found by its name ` +
      `here. Give the class itself, such as ${example}.`,
  )

const isSerde = <Inner>(value: unknown): value is Serde<Inner> =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Serde<Inner>>).serializer === 'function' &&
  typeof (value as Partial<Serde<Inner>>).deserializer === 'function'
