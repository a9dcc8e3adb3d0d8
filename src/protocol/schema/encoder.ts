/**
 * From a schema to the function that writes it, for one version: the mirror of `decoder.ts`.
 *
 * Three things make it more than a mirror. What was left out is written as its default. A value
 * that this version has no place for is refused, unless the field is `ignorable`. And a tagged
 * field needs its size in front, so it is written into a small writer of its own first; tagged
 * fields that hold their default are not written at all, which makes this rare.
 *
 * I1  Decoding what was encoded gives the same values, with defaults for what the version lacks.
 * I2  Nothing that somebody set is lost without an error, but for `ignorable` fields.
 */

import { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import type { Uuid } from '../../common/Uuid.ts'
import { utf8Length } from '../../common/utf8.ts'
import { defaultMaker, defaultTest } from './defaults.ts'
import { MessageWriter } from './MessageWriter.ts'
import { RawTaggedFieldWriter } from './RawTaggedFieldWriter.ts'
import {
  type CodecOptions,
  type Field,
  type Fields,
  MAX_STRING_BYTES,
  type RawTaggedField,
} from './types.ts'

export type Encoder = (out: MessageWriter, value: unknown) => void

type WriteLength = (out: MessageWriter, length: number) => void
type Struct = Readonly<Record<string, unknown>>

const MAX_SAFE = Number.MAX_SAFE_INTEGER

/** Writes `field` in the version that `options` name. */
export const compileEncoder = (field: Field, options: CodecOptions, path = ''): Encoder => {
  const where = path === '' ? options.message : path
  const flexible = options.flexible && !field.neverFlexible
  const write = valueEncoder(field, options, flexible, where)
  const writeNull = nullEncoder(field, options, flexible, where)
  if (field.kind === 'struct' && field.nullable.contains(options.version)) {
    return (out, value) => {
      if (value === null) return writeNull(out)
      out.writeByte(1)
      write(out, value)
    }
  }
  if (!isReference(field)) return write
  return (out, value) => (value === null ? writeNull(out) : write(out, value))
}

const valueEncoder = (
  field: Field,
  options: CodecOptions,
  flexible: boolean,
  where: string,
): Encoder => {
  switch (field.kind) {
    case 'bool':
      return (out, value) => out.writeByte(value ? 1 : 0)
    case 'int8':
      return (out, value) => out.writeByte(whole(value, -0x80, 0x7f, where))
    case 'int16':
      return (out, value) => out.writeShort(whole(value, -0x8000, 0x7fff, where))
    case 'uint16':
      return (out, value) => out.writeShort(whole(value, 0, 0xffff, where))
    case 'int32':
      return (out, value) => out.writeInt(whole(value, -0x80000000, 0x7fffffff, where))
    case 'uint32':
      return (out, value) => out.writeInt(whole(value, 0, 0xffffffff, where))
    case 'int64':
      return (out, value) => out.writeLong(whole(value, -MAX_SAFE, MAX_SAFE, where))
    case 'bigint64':
      return (out, value) => out.writeBigLong(wholeBig(value, where))
    case 'float64':
      return (out, value) => out.writeDouble(value as number)
    case 'uuid':
      return (out, value) => out.writeBytes((value as Uuid).bytes)
    case 'string':
      return stringEncoder(flexible ? compactLength : shortLength, where)
    case 'bytes':
      return bytesEncoder(flexible ? compactLength : intLength)
    case 'records':
      return recordsEncoder(flexible ? compactLength : intLength)
    case 'array':
      return arrayEncoder(field.element!, options, where)
    case 'struct':
      return structEncoder(field.fields!, options, where)
  }
}

// ---- lengths

const shortLength: WriteLength = (out, length) => out.writeShort(length)
const intLength: WriteLength = (out, length) => out.writeInt(length)
const compactLength: WriteLength = (out, length) => out.writeUnsignedVarint(length + 1)

// ---- values

/** A `DataView` would cut a number down to its width without a word. */
const whole = (value: unknown, min: number, max: number, where: string): number => {
  const number = value as number
  if (Number.isInteger(number) && number >= min && number <= max) return number
  throw new IllegalArgumentException(
    `Cannot write ${where}: ${value} is no whole number from ${min} to ${max}`,
  )
}

const wholeBig = (value: unknown, where: string): bigint => {
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return value
  throw new IllegalArgumentException(`Cannot write ${where}: ${value} is no bigint of 64 bits`)
}

const stringEncoder =
  (length: WriteLength, where: string): Encoder =>
  (out, value) => {
    const text = value as string
    const bytes = utf8Length(text)
    if (bytes > MAX_STRING_BYTES) {
      throw new IllegalArgumentException(
        `Cannot write ${where}: a text of ${bytes} bytes; at most ${MAX_STRING_BYTES} are allowed`,
      )
    }
    length(out, bytes)
    out.writeUtf8(text, bytes)
  }

const bytesEncoder =
  (length: WriteLength): Encoder =>
  (out, value) => {
    const bytes = value as Uint8Array
    length(out, bytes.length)
    out.writeBytes(bytes)
  }

const recordsEncoder =
  (length: WriteLength): Encoder =>
  (out, value) => {
    const bytes = value as Uint8Array
    length(out, bytes.length)
    out.writeRecords(bytes)
  }

const arrayEncoder = (element: Field, options: CodecOptions, where: string): Encoder => {
  const length = options.flexible ? compactLength : intLength
  const write = compileEncoder(element, options, where)
  return (out, value) => {
    const elements = value as readonly unknown[]
    length(out, elements.length)
    for (let i = 0; i < elements.length; i++) write(out, elements[i])
  }
}

const isReference = (field: Field): boolean =>
  ['string', 'bytes', 'records', 'array', 'struct'].includes(field.kind)

/** How null is written; or the refusal, if this version, or the field altogether, knows none. */
const nullEncoder = (
  field: Field,
  { version }: CodecOptions,
  flexible: boolean,
  where: string,
): ((out: MessageWriter) => void) => {
  const { nullable } = field
  if (nullable.isEmpty()) {
    return () => {
      throw new IllegalArgumentException(`Cannot write ${where}: it must not be null`)
    }
  }
  if (!nullable.contains(version)) {
    return () => {
      throw new UnsupportedVersionException(
        `Cannot write ${where} as null in version ${version}: only ${nullable} know it`,
      )
    }
  }
  if (field.kind === 'struct') return (out) => out.writeByte(-1)
  if (flexible) return (out) => out.writeUnsignedVarint(0)
  return field.kind === 'string' ? (out) => out.writeShort(-1) : (out) => out.writeInt(-1)
}

// ---- structs

interface Written {
  readonly name: string
  readonly tag: number
  readonly write: Encoder
  /** Written for a field that was left out. */
  readonly fallback: unknown
  readonly isDefault: (value: unknown) => boolean
}
interface Refused {
  readonly name: string
  readonly isDefault: (value: unknown) => boolean
  readonly error: () => Error
}

const structEncoder = (fields: Fields, options: CodecOptions, where: string): Encoder => {
  const written: Written[] = []
  const tagged: Written[] = []
  const refused: Refused[] = []
  for (const [name, field] of Object.entries(fields)) {
    const path = `${where}.${name}`
    const isDefault = defaultTest(field)
    if (field.versions.contains(options.version)) {
      const write = compileEncoder(field, options, path)
      const fallback = defaultMaker(field)()
      const entry: Written = { name, tag: field.tag ?? -1, write, fallback, isDefault }
      if (field.tag === undefined) written.push(entry)
      else tagged.push(entry)
    } else if (!field.ignorable) {
      refused.push({ name, isDefault, error: () => unsupported(path, field, options) })
    }
  }
  tagged.sort((a, b) => a.tag - b.tag)
  const writeTagged = options.flexible
    ? taggedFieldsEncoder(tagged)
    : refuseUnknownTags(where, options)
  return (out, value) => {
    const struct = value as Struct
    for (let i = 0; i < refused.length; i++) {
      const { name, isDefault, error } = refused[i]!
      if (!isDefault(struct[name])) throw error()
    }
    for (let i = 0; i < written.length; i++) {
      const { name, write, fallback } = written[i]!
      const given = struct[name]
      write(out, given === undefined ? fallback : given)
    }
    writeTagged(out, struct)
  }
}

const unsupported = (where: string, field: Field, { version }: CodecOptions): Error =>
  new UnsupportedVersionException(
    `Cannot write ${where} in version ${version}: it exists in ${field.versions}`,
  )

/** Known and unknown tagged fields, woven together: tags go up. */
const taggedFieldsEncoder =
  (tagged: readonly Written[]) =>
  (out: MessageWriter, struct: Struct): void => {
    const unknown = struct['unknownTaggedFields'] as readonly RawTaggedField[] | undefined
    let count = unknown === undefined ? 0 : unknown.length
    for (let i = 0; i < tagged.length; i++) {
      if (!tagged[i]!.isDefault(struct[tagged[i]!.name])) count++
    }
    out.writeUnsignedVarint(count)
    if (count > 0) writeTaggedFields(out, struct, tagged, unknown ?? [])
  }

const writeTaggedFields = (
  out: MessageWriter,
  struct: Struct,
  tagged: readonly Written[],
  unknown: readonly RawTaggedField[],
): void => {
  const raw = new RawTaggedFieldWriter(unknown)
  for (const { name, tag, write, isDefault } of tagged) {
    raw.writeRawTags(out, tag)
    if (isDefault(struct[name])) continue
    const value = new MessageWriter()
    write(value, struct[name])
    out.writeUnsignedVarint(tag)
    out.writeUnsignedVarint(value.size)
    out.append(value)
  }
  raw.writeRawTags(out, Number.POSITIVE_INFINITY)
}

const refuseUnknownTags =
  (where: string, { version }: CodecOptions) =>
  (_out: MessageWriter, struct: Struct): void => {
    const unknown = struct['unknownTaggedFields'] as readonly RawTaggedField[] | undefined
    if (unknown === undefined || unknown.length === 0) return
    throw new UnsupportedVersionException(
      `Cannot write ${where} in version ${version}: it has no place for tagged fields`,
    )
  }
