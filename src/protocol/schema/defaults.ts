/**
 * What a field holds when nobody said anything, and how to tell whether somebody did.
 *
 * A default is used three times: a decoder gives it to fields that a version lacks, an encoder
 * writes it for fields that were left out, and a tagged field is on the wire only when it differs
 * from it. Like the codecs, both answers are functions made once per field.
 */

import type { Uuid } from '../../common/Uuid.ts'
import type { Field, Fields } from './types.ts'

type Struct = Record<string, unknown>

/** Makes a field's default: a new one each time where it could be changed (arrays, structs). */
export const defaultMaker = (field: Field): (() => unknown) => {
  if (field.default === null) return () => null
  if (field.kind === 'array') return () => []
  if (field.kind === 'struct') return structMaker(field.fields!)
  return () => field.default
}

/** The default is an object that two owners must not share. */
export const hasOwnDefault = (field: Field): boolean =>
  field.default !== null && (field.kind === 'array' || field.kind === 'struct')

/**
 * Makes structs with every field at its default. All have one hidden class: that of the template.
 */
export const structMaker = (fields: Fields): (() => Struct) => {
  const template: Struct = {}
  const own: { name: string; make: () => unknown }[] = []
  for (const [name, field] of Object.entries(fields)) {
    const make = defaultMaker(field)
    template[name] = make()
    if (hasOwnDefault(field)) own.push({ name, make })
  }
  return () => {
    const struct: Struct = { ...template }
    for (let i = 0; i < own.length; i++) struct[own[i]!.name] = own[i]!.make()
    return struct
  }
}

/** Says whether a value is the field's default; left out counts as such. */
export const defaultTest = (field: Field): ((value: unknown) => boolean) => {
  const test = valueTest(field)
  return (value) =>
    value === undefined ||
    (value === null || field.default === null ? value === field.default : test(value))
}

const valueTest = (field: Field): ((value: unknown) => boolean) => {
  switch (field.kind) {
    case 'array':
      return (value) => (value as readonly unknown[]).length === 0
    case 'bytes':
    case 'records':
      return (value) => (value as Uint8Array).length === 0
    case 'uuid':
      return (value) => (value as Uuid).equals(field.default as Uuid)
    case 'struct':
      return structTest(field.fields!)
    default:
      return (value) => value === field.default
  }
}

const structTest = (fields: Fields): ((value: unknown) => boolean) => {
  const tests = Object.entries(fields).map(([name, field]) => ({ name, test: defaultTest(field) }))
  return (value) => {
    const struct = value as Struct
    const unknownTags = struct['unknownTaggedFields'] as readonly unknown[] | undefined
    if (unknownTags !== undefined && unknownTags.length > 0) return false
    for (let i = 0; i < tests.length; i++) {
      if (!tests[i]!.test(struct[tests[i]!.name])) return false
    }
    return true
  }
}
