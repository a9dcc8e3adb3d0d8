/**
 * The settings of one client or broker: parsed, typed, and with a memory of what was asked for.
 *
 * A setting that nobody ever asked for is usually a mistake: a mistyped name, or one of another
 * client's. So `get` and the record that plug-ins receive (`originals`) note what is read, and
 * `logUnused` reports the rest once everything is built, the unknown ones with the nearest name
 * that exists.
 *
 * I1  `values` holds a value for every key of the definition.
 *
 * @kafka org.apache.kafka.common.config.AbstractConfig
 * @simplified no config providers (values kept in files or vaults, fetched by class name): a
 *   program passes values.
 */

import { ConfigException, KafkaException } from '../errors.ts'
import type { Logger } from '../Logger.ts'
import type { AnyConfigDef, ConfigInput, ConfigValues, Properties } from './ConfigDef.ts'
import type { Configurable } from './Configurable.ts'

/** What a `class` setting gives: the object, also where the class was written. */
export type InstanceOf<V> = V extends new () => infer T ? T : Exclude<V, null>

export class AbstractConfig<C extends AnyConfigDef> {
  protected readonly definition: C
  private readonly given: Properties
  private readonly parsed: ConfigValues<C>
  private readonly used = new Set<string>()

  /**
   * @param originals the settings as written; from a file or a command line they may be of any
   *   shape
   * @throws ConfigException on the first missing or bad one
   */
  constructor(definition: C, originals: ConfigInput<C> | Properties) {
    this.definition = definition
    this.given = this.preProcessParsedConfig({ ...(originals as Properties) })
    const values = { ...(definition.parseProperties(this.given) as Properties) }
    const updates = this.postProcessParsedConfig(values)
    for (const [name, value] of Object.entries(updates)) {
      values[name] = definition.has(name) ? definition.parseValue(name, value) : value
    }
    this.parsed = values as ConfigValues<C>
  }

  /**
   * A place for a subclass to change what was written, before it is parsed. Runs before the
   * subclass's fields exist.
   */
  protected preProcessParsedConfig(originals: Properties): Properties {
    return originals
  }

  /**
   * A place for a subclass to derive settings from others: what it returns replaces their values.
   */
  protected postProcessParsedConfig(_values: Properties): Properties {
    return {}
  }

  /** The value of `key`, and a note that it was read. */
  get<K extends keyof ConfigValues<C> & string>(key: K): ConfigValues<C>[K] {
    if (!Object.hasOwn(this.parsed as object, key)) {
      throw new ConfigException(`Unknown configuration '${key}'`)
    }
    this.used.add(key)
    return this.parsed[key]
  }

  /** Counts `key` as read. */
  ignore(key: string): void {
    this.used.add(key)
  }

  /** All values; reading one is noted. */
  values(): ConfigValues<C> {
    return this.recording(this.parsed as Properties) as ConfigValues<C>
  }

  /**
   * The settings as written, with `overrides`; reading one is noted, so plug-ins are handed this.
   */
  originals(overrides: Properties = {}): Properties {
    return this.recording({ ...this.given, ...overrides })
  }

  /** Those whose name starts with `prefix`, without it (with it when `strip` is false). */
  originalsWithPrefix(prefix: string, strip = true): Properties {
    const entries = this.writtenWith(prefix)
    if (strip) return this.recording(Object.fromEntries(entries), prefix)
    return this.recording(Object.fromEntries(entries.map(([name, v]) => [prefix + name, v])))
  }

  /** All values, those written with `prefix` in the place of those without. */
  valuesWithPrefixOverride(prefix: string): Properties {
    const result: Record<string, unknown> = { ...(this.parsed as Properties) }
    for (const [name, value] of this.writtenWith(prefix)) {
      const known = this.knownName(name)
      if (known !== undefined) result[name] = this.definition.parseValue(known, value)
    }
    return this.recording(result, prefix, true)
  }

  /** The values written with `prefix` if there are any, else all values. */
  valuesWithPrefixAllOrNothing(prefix: string): Properties {
    const written = this.writtenWith(prefix)
    if (written.length === 0) return this.values() as Properties
    const result: Record<string, unknown> = {}
    for (const [name, value] of written) {
      if (this.definition.has(name)) result[name] = this.definition.parseValue(name, value)
    }
    return this.recording(result, prefix, true)
  }

  documentationOf(key: string): string | null {
    return this.definition.configKey(key)?.documentation ?? null
  }

  typeOf(key: string): string | null {
    return this.definition.configKey(key)?.type ?? null
  }

  /** What was written and never read. */
  unused(): string[] {
    return Object.keys(this.given).filter((name) => !this.used.has(name))
  }

  /**
   * Reports what was written and never read: a warning for names that do not exist. Call it when
   * all is built.
   */
  logUnused(logger: Logger): void {
    const idle: string[] = []
    for (const name of this.unused()) {
      if (this.definition.has(name)) idle.push(name)
      else logger.warn(this.unknown(name))
    }
    if (idle.length > 0) {
      logger.info(`These configurations were supplied but are not used: ${idle.join(', ')}`)
    }
  }

  /** Writes all values to the log, passwords hidden. */
  logAll(logger: Logger): void {
    if (!logger.isEnabled('info')) return
    const lines = Object.entries(this.parsed as Properties)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `\t${name} = ${describe(value)}`)
    logger.info(`${this.constructor.name} values:\n${lines.join('\n')}`)
  }

  /**
   * The object of a `class` setting: made and configured if a class was written, taken as it is
   * otherwise.
   */
  getConfiguredInstance<K extends keyof ConfigValues<C> & string>(
    key: K,
    overrides: Properties = {},
  ): InstanceOf<ConfigValues<C>[K]> | (null extends ConfigValues<C>[K] ? null : never) {
    const value = this.get(key)
    return this.configured(key, value, this.originals(overrides)) as InstanceOf<ConfigValues<C>[K]>
  }

  /** The objects of a list of classes. If one cannot be made, those made before are closed. */
  getConfiguredInstances<K extends keyof ConfigValues<C> & string>(
    key: K,
    overrides: Properties = {},
  ): InstanceOf<NonNullable<ConfigValues<C>[K]> extends readonly (infer T)[] ? T : never>[] {
    const configs = this.originals(overrides)
    const made: unknown[] = []
    try {
      for (const value of (this.get(key) ?? []) as readonly unknown[]) {
        made.push(this.configured(key, value, configs))
      }
    } catch (error) {
      for (const each of made) closeQuietly(each)
      throw error
    }
    return made as never
  }

  private writtenWith(prefix: string): [name: string, value: unknown][] {
    return Object.entries(this.given)
      .filter(([name]) => name.startsWith(prefix) && name.length > prefix.length)
      .map(([name, value]) => [name.slice(prefix.length), value])
  }

  private configured(key: string, value: unknown, configs: Properties): unknown {
    if (typeof value === 'object') return value
    if (typeof value !== 'function') {
      throw new KafkaException(`'${key}' has ${String(value)}: expected a class or an object`)
    }
    const made = instantiate(key, value as new () => Partial<Configurable>)
    try {
      made.configure?.(configs)
    } catch (error) {
      closeQuietly(made)
      throw error
    }
    return made
  }

  /** `listener.name.x.<key>` is known by `<key>`, with or without one more part in front. */
  private knownName(name: string): string | undefined {
    if (this.definition.has(name)) return name
    const shorter = name.slice(name.indexOf('.') + 1)
    return this.definition.has(shorter) ? shorter : undefined
  }

  private unknown(name: string): string {
    const nearest = this.definition.nearestName(name)
    const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`
    return `The configuration '${name}' was supplied but is not known.${hint}`
  }

  /**
   * A view on `values` that notes what is read, under `prefix` (`also`: under the bare name too).
   */
  private recording(values: Properties, prefix = '', also = prefix === ''): Properties {
    const { used } = this
    return new Proxy(values, {
      get: (target, name) => {
        if (typeof name === 'string' && Object.hasOwn(target, name)) {
          used.add(prefix + name)
          if (also) used.add(name)
        }
        return Reflect.get(target, name)
      },
    })
  }
}

const instantiate = <T>(key: string, Plugin: new () => T): T => {
  try {
    return new Plugin()
  } catch (error) {
    throw new KafkaException(
      `Cannot make '${key}' from class ${Plugin.name}: it needs a constructor without parameters`,
      { cause: error },
    )
  }
}

/** Best effort: the failure that led here is the one to report. */
const closeQuietly = (value: unknown): void => {
  try {
    ;(value as { close?: () => void } | null)?.close?.()
  } catch {
    // The first failure is thrown by the caller.
  }
}

const describe = (value: unknown): string => {
  if (typeof value === 'function') return `class ${value.name}`
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`
  if (typeof value === 'object' && value !== null && value.toString === Object.prototype.toString) {
    return value.constructor?.name ?? 'object'
  }
  return String(value)
}
