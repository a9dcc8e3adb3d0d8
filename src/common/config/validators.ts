/**
 * What a setting may be, beyond its type. A validator throws a `ConfigException` that names key,
 * value and allowed range, and its `toString` is the range itself, as it stands in the
 * documentation: `[0,...]`, `[none, gzip]`.
 *
 * @kafka org.apache.kafka.common.config.ConfigDef
 * @simplified functions and small classes instead of Java's nested ones; the names say the same.
 */

import { ConfigException, IllegalArgumentException } from '../errors.ts'
import { Password } from './Password.ts'

export interface Validator {
  /**
   * Throws a `ConfigException` when `value`, already of its type, is not allowed for the setting
   * `name`.
   */
  ensureValid(name: string, value: unknown): void
  /** A list in which no value may stand twice: `ConfigDef` drops the second one before it asks. */
  readonly distinct?: boolean
  /** The allowed range, for documentation and messages. */
  toString(): string
}

/** The one way a bad value is reported. */
export const invalidValue = (name: string, value: unknown, why: string): ConfigException =>
  new ConfigException(`Invalid value ${shown(value)} for configuration '${name}': ${why}`)

const shown = (value: unknown): string => {
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  if (typeof value === 'function') return `class ${value.name}`
  if (value instanceof Password) return Password.HIDDEN
  if (typeof value === 'object' && value !== null)
    return `an object ${value.constructor?.name ?? ''}`
  return String(value)
}

/** A validator from a check; `check` returns what is wrong, or `undefined`. */
export const validator = (
  range: string,
  check: (value: unknown, name: string) => string | undefined,
): Validator => ({
  ensureValid: (name, value) => {
    const problem = check(value, name)
    if (problem !== undefined) throw invalidValue(name, value, problem)
  },
  toString: () => range,
})

// ---- numbers

const range = (min: number | null, max: number | null): Validator => {
  const text = `[${min === null ? '' : `${min},`}...${max === null ? '' : `,${max}`}]`
  return validator(text, (value) => {
    if (value === null) return `it must not be null, allowed is ${text}`
    const number = value as number
    if (min !== null && !(number >= min)) return `it must be at least ${min}, allowed is ${text}`
    if (max !== null && !(number <= max)) return `it must be at most ${max}, allowed is ${text}`
    return undefined
  })
}

/** A number of at least `min`. */
export const atLeast = (min: number): Validator => range(min, null)

/** A number from `min` to `max`, both allowed. */
export const between = (min: number, max: number): Validator => range(min, max)

// ---- texts

/** One of a few texts. The type of the setting's value becomes exactly these. */
export class ValidString<S extends string> implements Validator {
  readonly validStrings: readonly S[]

  constructor(validStrings: readonly S[]) {
    this.validStrings = validStrings
  }

  ensureValid(name: string, value: unknown): void {
    if (this.validStrings.some((valid) => valid === value)) return
    throw invalidValue(name, value, `it must be one of ${this.validStrings.join(', ')}`)
  }

  toString(): string {
    return `[${this.validStrings.join(', ')}]`
  }
}

/** One of `validStrings`; TypeScript then knows the setting's value as their union. */
export const validString = <const S extends string>(...validStrings: S[]): ValidString<S> =>
  new ValidString(validStrings)

/** One of `validStrings`, in any case. */
export const caseInsensitiveValidString = (...validStrings: string[]): Validator => {
  const valid = new Set(validStrings.map((text) => text.toUpperCase()))
  const list = validStrings.join(', ')
  return validator(`(case insensitive) [${list}]`, (value) =>
    typeof value === 'string' && valid.has(value.toUpperCase())
      ? undefined
      : `it must be one of ${list}, in any case`,
  )
}

/** Anything but null. */
export const nonNull: Validator = validator('non-null string', (value) =>
  value === null ? 'it must not be null' : undefined,
)

/** A text with at least one character; null is allowed. */
export const nonEmptyString: Validator = validator('non-empty string', (value) =>
  value === '' ? 'it must not be empty' : undefined,
)

/** As `nonEmptyString`, and without control characters, which would garble logs and file names. */
export const nonEmptyStringWithoutControlChars: Validator = validator(
  'non-empty string without ISO control characters',
  (value) => {
    if (value === null) return undefined
    if (value === '') return 'it must not be empty'
    const found = Array.from(String(value), (character) => character.codePointAt(0)!).filter(
      (point) => point < 0x20 || (point >= 0x7f && point < 0xa0),
    )
    return found.length === 0
      ? undefined
      : `it must not contain control characters, but has those numbered ${found.join(', ')}`
  },
)

// ---- lists

export interface ValidListOptions {
  /** Default true. */
  emptyAllowed?: boolean
  /** Default false. */
  nullAllowed?: boolean
}

/** A list without duplicates and without empty texts, of `validStrings` if there are any. */
export const validList = (
  validStrings: readonly string[],
  { emptyAllowed = true, nullAllowed = false }: ValidListOptions = {},
): Validator => {
  const list = validStrings.join(', ')
  const any = validStrings.length === 0
  const check = (value: unknown): string | undefined => {
    if (value === null) return nullAllowed ? undefined : 'it must not be null'
    const values = value as readonly unknown[]
    if (values.length === 0) {
      return emptyAllowed ? undefined : `it must not be empty${any ? '' : `; valid are ${list}`}`
    }
    if (new Set(values).size !== values.length) return 'no value may stand in it twice'
    for (const each of values) {
      if (each === '') return 'no value in it may be empty'
      if (!any && typeof each === 'string' && !validStrings.includes(each)) {
        return `'${each}' is none of the valid values ${list}`
      }
    }
    return undefined
  }
  return { ...validator(any ? '' : `[${list}]`, check), distinct: true }
}

/**
 * A list of `validStrings` without duplicates; at least one must be given when an empty list is not
 * allowed.
 */
export const validListIn = (validStrings: readonly string[], emptyAllowed = true): Validator => {
  if (!emptyAllowed && validStrings.length === 0) {
    throw new IllegalArgumentException(
      'A list that may not be empty needs at least one valid string',
    )
  }
  return validList(validStrings, { emptyAllowed })
}

/** A list of at most `maxSize` values. */
export const listSizeAtMost = (maxSize: number): Validator =>
  validator(`List containing maximum of ${maxSize} elements`, (value) => {
    const { length } = value as readonly unknown[]
    return length > maxSize ? `it has ${length} elements, allowed are ${maxSize}` : undefined
  })

// ---- together

/** All of `validators`, in order. */
export const allOf = (...validators: Validator[]): Validator => ({
  ensureValid: (name, value) => {
    for (const each of validators) each.ensureValid(name, value)
  },
  toString: () => validators.join(', '),
})
