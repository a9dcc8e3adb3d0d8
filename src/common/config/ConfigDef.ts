/**
 * The settings of a client or broker, as data: name, type, default, allowed values, importance,
 * documentation.
 *
 *     const CONFIG = new ConfigDef({
 *       'linger.ms': {
 *         type: 'long',
 *         default: 5,
 *         validator: atLeast(0),
 *         importance: 'medium',
 *         documentation: 'How long a batch may wait for more records.',
 *       },
 *     })
 *     type Input = ConfigInput<typeof CONFIG>    what may be written: no 'linger.msec'
 *     CONFIG.parse({ 'linger.ms': '20' })        { 'linger.ms': 20 }
 *
 * One table serves four readers: the compiler (`ConfigTypes.ts`), the run time (`parse`), the
 * documentation (`ConfigDocs.ts`), and the user who mistyped a name (`nearestName`).
 *
 * I1  A default is of its type and valid: a definition that breaks this cannot be made.
 * I2  `parse` returns a value for every key, or throws; unknown keys are none of its business
 *     (`AbstractConfig`).
 * I3  A refused key has its default, always: any other value is an error that says why. So nothing
 *     that Kafka knows is taken and then ignored.
 *
 * @kafka org.apache.kafka.common.config.ConfigDef
 * @simplified no groups, dependents, recommenders and display names: only Kafka Connect's forms use
 *   them. A `class` setting takes a class or an object, never a name: JavaScript has no class
 *   loader.
 */

import { ConfigException } from '../errors.ts'
import type { Definition, Definitions, InputOf, ValuesOf } from './ConfigTypes.ts'
import { convertToString, parseType } from './parseType.ts'
import { invalidValue } from './validators.ts'

/** What may be written for `C`: required keys, optional keys, no others. */
export type ConfigInput<C> = C extends { readonly definitions: infer D extends Definitions }
  ? InputOf<D>
  : never

/** What `C.parse` returns. */
export type ConfigValues<C> = C extends { readonly definitions: infer D extends Definitions }
  ? ValuesOf<D>
  : never

/** Settings from where no compiler looked: a file, a command line, another program. */
export type Properties = Readonly<Record<string, unknown>>

/**
 * Keeps the exact types of definitions that several `ConfigDef`s share: `new ConfigDef({ ...COMMON,
 * … })`.
 */
export const defineConfigs = <const D extends Definitions>(definitions: D): D => definitions

/** A `ConfigDef` of whatever settings: what `AbstractConfig` needs of one. */
export interface AnyConfigDef {
  readonly definitions: Definitions
  names(): string[]
  has(name: string): boolean
  configKey(name: string): Definition | undefined
  hasDefault(name: string): boolean
  defaultValue(name: string): unknown
  parseProperties(properties: Properties): object
  parseValue(name: string, value: unknown): unknown
  nearestName(name: string): string | undefined
}

export class ConfigDef<const D extends Definitions> implements AnyConfigDef {
  readonly definitions: D
  private readonly defaults = new Map<string, unknown>()

  constructor(definitions: D) {
    this.definitions = definitions
    for (const [name, definition] of Object.entries(definitions)) {
      if (!('default' in definition)) continue
      this.defaults.set(name, this.parseValue(name, definition.default))
    }
  }

  /** All keys, in the order of their definition. */
  names(): (keyof D & string)[] {
    return Object.keys(this.definitions)
  }

  /** Whether `name` is one of the keys. */
  has(name: string): boolean {
    return Object.hasOwn(this.definitions, name)
  }

  /** The definition of `name`, or `undefined`. */
  configKey(name: string): Definition | undefined {
    return this.has(name) ? this.definitions[name] : undefined
  }

  hasDefault(name: keyof D & string): boolean {
    return this.defaults.has(name)
  }

  /** The parsed default; `undefined` when the key has none. */
  defaultValue(name: keyof D & string): unknown {
    return this.defaults.get(name)
  }

  /** The defaults, of those keys that have one. */
  defaultValues(): Partial<ValuesOf<D>> {
    return Object.fromEntries(this.defaults) as Partial<ValuesOf<D>>
  }

  /**
   * Every setting with its value or default.
   *
   * @throws ConfigException naming key, value and what is allowed; or the missing key
   */
  parse(input: InputOf<D>): ValuesOf<D> {
    return this.parseProperties(input as Properties)
  }

  /** `parse`, for settings of unknown origin. A key whose value is `undefined` counts as absent. */
  parseProperties(properties: Properties): ValuesOf<D> {
    const values: Record<string, unknown> = {}
    for (const name of this.names()) {
      const given = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (given !== undefined) values[name] = this.parseGiven(name, given)
      else if (this.defaults.has(name)) values[name] = this.defaults.get(name)
      else throw this.missing(name, properties)
    }
    return values as ValuesOf<D>
  }

  private parseGiven(name: keyof D & string, given: unknown): unknown {
    const reason = this.definitions[name]!.refused
    if (reason === undefined) return this.parseValue(name, given)
    const value = this.defaults.get(name)
    // Compared as texts: a file says `false`, and Java's class names are nothing that can be
    // parsed.
    if (convertToString(given)?.trim() === convertToString(value)?.trim()) return value
    // Without the value: some of these are passwords.
    throw new ConfigException(`Configuration '${name}' is refused: ${reason}. Leave it out.`)
  }

  /** One value of the setting `name`, to its type, validated. */
  parseValue(name: keyof D & string, value: unknown): unknown {
    const definition = this.definitions[name]!
    let parsed = this.parseToType(name, definition, value)
    // Kafka has long taken `a,b,a` here: a list of different values is made one, not refused.
    if (definition.validator?.distinct && Array.isArray(parsed)) parsed = [...new Set(parsed)]
    definition.validator?.ensureValid(name, parsed)
    return parsed
  }

  /** The known key that somebody who wrote `name` probably meant; `undefined` when none is near. */
  nearestName(name: string): (keyof D & string) | undefined {
    const meant = plain(name)
    // A third of the letters may be wrong: more is another word.
    let least = Math.floor(meant.length / 3) + 1
    let nearest: (keyof D & string) | undefined
    for (const known of this.names()) {
      const distance = editDistance(meant, plain(known))
      if (distance < least) {
        least = distance
        nearest = known
      }
    }
    return nearest
  }

  private parseToType(name: string, definition: Definition, value: unknown): unknown {
    const result = parseType(value, definition.type)
    if ('value' in result) return result.value
    const range = definition.validator?.toString() ?? ''
    throw invalidValue(
      name,
      definition.type === 'password' ? '[hidden]' : value,
      `${result.problem}${range === '' ? '' : `, allowed is ${range}`}`,
    )
  }

  private missing(name: keyof D & string, properties: Properties): ConfigException {
    const near = Object.keys(properties).find(
      (given) => !this.has(given) && this.nearestName(given) === name,
    )
    const hint = near === undefined ? '' : ` Did you mean it by '${near}'?`
    return new ConfigException(
      `Missing required configuration '${name}', which has no default.${hint}`,
    )
  }
}

/** `lingerMs`, `linger-ms` and `LINGER_MS` are all near `linger.ms`. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/** Levenshtein's: how many letters to insert, delete or replace. */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
