/**
 * The settings of a topic or a broker, with where each comes from.
 *
 * @kafka org.apache.kafka.clients.admin.Config
 * @kafka org.apache.kafka.clients.admin.ConfigEntry
 */

/** Numbers of `DescribeConfigsResponse`, in their order from 0. */
const SOURCES = [
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
  'DYNAMIC_GROUP_CONFIG',
] as const

const TYPES = [
  'UNKNOWN',
  'BOOLEAN',
  'STRING',
  'INT',
  'SHORT',
  'LONG',
  'DOUBLE',
  'LIST',
  'CLASS',
  'PASSWORD',
] as const

/** Who set a value. */
export type ConfigSource = (typeof SOURCES)[number]
export type ConfigType = (typeof TYPES)[number]

export const configSourceOf = (id: number): ConfigSource => SOURCES[id] ?? 'UNKNOWN'
export const configTypeOf = (id: number): ConfigType => TYPES[id] ?? 'UNKNOWN'

/** One of the places that set a value. */
export interface ConfigSynonym {
  readonly name: string
  readonly value: string | null
  readonly source: ConfigSource
}

export interface ConfigEntry {
  readonly name: string
  /** `null` when it is not set, or must not be shown. */
  readonly value: string | null
  readonly source: ConfigSource
  readonly isSensitive: boolean
  readonly isReadOnly: boolean
  /** The one that counts first; empty unless asked for. */
  readonly synonyms: readonly ConfigSynonym[]
  readonly type: ConfigType
  /** `null` unless asked for. */
  readonly documentation: string | null
}

export class Config {
  private readonly byName: ReadonlyMap<string, ConfigEntry>

  constructor(entries: Iterable<ConfigEntry>) {
    this.byName = new Map(Array.from(entries, (entry) => [entry.name, entry]))
  }

  entries(): readonly ConfigEntry[] {
    return [...this.byName.values()]
  }

  /** `null` when there is no such setting. */
  get(name: string): ConfigEntry | null {
    return this.byName.get(name) ?? null
  }

  toString(): string {
    const shown = this.entries().map((e) => `${e.name}=${e.isSensitive ? '[hidden]' : e.value}`)
    return `Config(${shown.join(', ')})`
  }
}
