/**
 * Random messages, made from the schema itself: any value that a version can carry, with fields
 * left out at random.
 */

import fc from 'fast-check'
import { Uuid } from '../../src/common/Uuid.ts'
import { defaultMaker } from '../../src/protocol/schema/defaults.ts'
import type { AnyMessage } from '../../src/protocol/schema/message.ts'
import type { Field, Fields, RawTaggedField } from '../../src/protocol/schema/types.ts'

type Struct = Record<string, unknown>

/** What may be given to `encode`. */
export const messageArbitrary = (message: AnyMessage, version: number): fc.Arbitrary<Struct> =>
  structArbitrary(message.fields, version, message.flexibleVersions.contains(version))

/** What `decode` should make of it: defaults for all that was left out. */
export const completed = (fields: Fields, struct: Struct): Struct => {
  const full: Struct = {}
  for (const [name, field] of Object.entries(fields)) {
    const given = struct[name]
    full[name] = given === undefined ? defaultMaker(field)() : completedValue(field, given)
  }
  const unknown = struct['unknownTaggedFields'] as RawTaggedField[] | undefined
  if (unknown !== undefined && unknown.length > 0) full['unknownTaggedFields'] = unknown
  return full
}

const completedValue = (field: Field, value: unknown): unknown => {
  if (value === null) return null
  if (field.kind === 'struct') return completed(field.fields!, value as Struct)
  if (field.kind !== 'array') return value
  return (value as unknown[]).map((element) => completedValue(field.element!, element))
}

const structArbitrary = (
  fields: Fields,
  version: number,
  flexible: boolean,
): fc.Arbitrary<Struct> => {
  const arbitraries: Record<string, fc.Arbitrary<unknown>> = {}
  for (const [name, field] of Object.entries(fields)) {
    if (field.versions.contains(version)) {
      arbitraries[name] = fieldArbitrary(field, version, flexible)
    }
  }
  if (flexible) arbitraries['unknownTaggedFields'] = unknownTags
  return fc.record(arbitraries, { requiredKeys: [], noNullPrototype: true })
}

/** Numbers that none of our messages has. */
const unknownTags = fc
  .uniqueArray(
    fc.record(
      { tag: fc.integer({ min: 50, max: 100_000 }), data: fc.uint8Array({ maxLength: 5 }) },
      { noNullPrototype: true },
    ),
    { selector: ({ tag }) => tag, maxLength: 3 },
  )
  .map((tags) => tags.sort((a, b) => a.tag - b.tag))

const fieldArbitrary = (
  field: Field,
  version: number,
  flexible: boolean,
): fc.Arbitrary<unknown> => {
  const value = valueArbitrary(field, version, flexible)
  return field.nullable.contains(version) ? fc.option(value) : value
}

/** Long ones are written by reference; what stands in them does not matter. */
const runOfBytes = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 40 }) }, fc.constant(1100)),
    fc.nat({ max: 255 }),
  )
  .map(([length, byte]) => new Uint8Array(length).fill(byte))

const bits = (width: number): fc.Arbitrary<number> =>
  fc.integer({ min: -(2 ** (width - 1)), max: 2 ** (width - 1) - 1 })

const valueArbitrary = (
  field: Field,
  version: number,
  flexible: boolean,
): fc.Arbitrary<unknown> => {
  switch (field.kind) {
    case 'bool':
      return fc.boolean()
    case 'int8':
      return bits(8)
    case 'int16':
      return bits(16)
    case 'uint16':
      return fc.integer({ min: 0, max: 0xffff })
    case 'int32':
      return bits(32)
    case 'uint32':
      return fc.integer({ min: 0, max: 0xffffffff })
    case 'int64':
      return fc.maxSafeInteger()
    case 'bigint64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case 'float64':
      return fc.double()
    case 'uuid':
      return fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Uuid.fromBytes(bytes))
    case 'string':
      return fc.string({ unit: 'binary', maxLength: 200 })
    case 'bytes':
    case 'records':
      return runOfBytes
    case 'array':
      return fc.array(fieldArbitrary(field.element!, version, flexible), { maxLength: 4 })
    case 'struct':
      return structArbitrary(field.fields!, version, flexible)
  }
}
