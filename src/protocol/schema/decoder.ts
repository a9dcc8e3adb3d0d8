/**
 * From a schema to the function that reads it, for one version.
 *
 * The definition is walked once. What comes out is a tree of small functions that know everything
 * already: which fields there are, which are null how, how long a length is. Reading then takes no
 * decision about versions. (The other way to be fast would be to build source text and `eval` it,
 * which no page with a content policy allows and no debugger steps through.)
 *
 * Bytes from a socket are nobody's friend. So, before anything is done with a length:
 *
 * I1  A run of bytes is at most the bytes that are left.
 * I2  An array has at most as many elements as the bytes left could hold of its smallest element.
 * I3  Whatever is wrong is a `KafkaException`: a `SchemaException` that names message and field, or
 *     an underflow of the buffer.
 *
 * A struct starts as a copy of a template that has every field at its default. That gives absent
 * fields their value, and gives all objects of a kind the same hidden class, from the first one on.
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { readUnsignedVarint } from '../../common/ByteUtils.ts'
import { SchemaException } from '../../common/errors.ts'
import { Uuid } from '../../common/Uuid.ts'
import { utf8Read } from '../../common/utf8.ts'
import { defaultMaker, hasOwnDefault } from './defaults.ts'
import {
  type CodecOptions,
  type Field,
  type Fields,
  MAX_STRING_BYTES,
  type RawTaggedField,
} from './types.ts'

export type Decoder = (buffer: ByteBuffer) => unknown

type ReadLength = (buffer: ByteBuffer) => number
type Struct = Record<string, unknown>

/** Reads `field` in the version that `options` name. */
export const compileDecoder = (field: Field, options: CodecOptions, path = ''): Decoder => {
  const where = path === '' ? options.message : path
  const nullable = field.nullable.contains(options.version)
  const flexible = options.flexible && !field.neverFlexible
  switch (field.kind) {
    case 'bool':
      return (buffer) => buffer.get() !== 0
    case 'int8':
      return (buffer) => buffer.getInt8()
    case 'int16':
      return (buffer) => buffer.getShort()
    case 'uint16':
      return (buffer) => buffer.getUnsignedShort()
    case 'int32':
      return (buffer) => buffer.getInt()
    case 'uint32':
      return (buffer) => buffer.getUnsignedInt()
    case 'int64':
      return (buffer) => buffer.getLong()
    case 'bigint64':
      return (buffer) => buffer.getBigLong()
    case 'float64':
      return (buffer) => buffer.getDouble()
    case 'uuid':
      return readUuid
    case 'string':
      return stringDecoder(flexible ? compactLength : shortLength, nullable, where)
    case 'bytes':
    case 'records':
      return bytesDecoder(flexible ? compactLength : intLength, nullable, where, field.kind)
    case 'array':
      return arrayDecoder(field, options, nullable, where)
    case 'struct': {
      const read = structDecoder(field.fields!, options, where)
      return nullable ? orNull(read) : read
    }
  }
}

// ---- lengths: -1 is written for null, and whatever is negative is read as null

const shortLength: ReadLength = (buffer) => buffer.getShort()
const intLength: ReadLength = (buffer) => buffer.getInt()
const compactLength: ReadLength = (buffer) => readUnsignedVarint(buffer) - 1

// ---- values

const readUuid: Decoder = (buffer) => {
  const from = buffer.position
  buffer.skip(16)
  return Uuid.fromBytes(buffer.bytes, from)
}

const stringDecoder =
  (length: ReadLength, nullable: boolean, where: string): Decoder =>
  (buffer) => {
    const bytes = length(buffer)
    if (bytes < 0) return absent(nullable, where)
    if (bytes > MAX_STRING_BYTES) {
      throw new SchemaException(
        `Cannot read ${where}: a text of ${bytes} bytes; at most ${MAX_STRING_BYTES} are allowed`,
      )
    }
    const from = buffer.position
    checkLeft(buffer, bytes, where)
    buffer.skip(bytes)
    return utf8Read(buffer.bytes, from, from + bytes)
  }

const bytesDecoder = (
  length: ReadLength,
  nullable: boolean,
  where: string,
  kind: 'bytes' | 'records',
): Decoder => {
  const read = (buffer: ByteBuffer): Uint8Array | null => {
    const bytes = length(buffer)
    if (bytes < 0) return absent(nullable, where)
    checkLeft(buffer, bytes, where)
    return buffer.getBytes(bytes)
  }
  if (kind === 'records') return read
  // A few bytes that somebody keeps for long must not keep the whole frame alive.
  return (buffer) => read(buffer)?.slice() ?? null
}

const arrayDecoder = (
  field: Field,
  options: CodecOptions,
  nullable: boolean,
  where: string,
): Decoder => {
  const length = options.flexible ? compactLength : intLength
  const element = field.element!
  const read = compileDecoder(element, options, where)
  const smallest = Math.max(1, smallestSize(element, options))
  return (buffer) => {
    const count = length(buffer)
    if (count < 0) return absent(nullable, where)
    if (count * smallest > buffer.remaining()) {
      throw new SchemaException(
        `Cannot read ${where}: ${count} elements of at least ${smallest} bytes are announced, ` +
          `${buffer.remaining()} bytes are left`,
      )
    }
    const elements: unknown[] = []
    for (let i = 0; i < count; i++) elements.push(read(buffer))
    return elements
  }
}

// ---- structs

/** The byte before a struct that may be null. */
const orNull =
  (read: Decoder): Decoder =>
  (buffer) =>
    buffer.getInt8() < 0 ? null : read(buffer)

interface Tagged {
  readonly name: string
  readonly read: Decoder
}

const structDecoder = (fields: Fields, options: CodecOptions, where: string): Decoder => {
  const names: string[] = []
  const reads: Decoder[] = []
  const tagged: (Tagged | undefined)[] = []
  // Fields that are read are overwritten at once: their default may be shared until then.
  const own: { name: string; make: () => unknown }[] = []
  const template: Struct = {}
  for (const [name, field] of Object.entries(fields)) {
    const make = defaultMaker(field)
    template[name] = make()
    const here = field.versions.contains(options.version)
    const read = here ? compileDecoder(field, options, `${where}.${name}`) : undefined
    if (read !== undefined && field.tag === undefined) {
      names.push(name)
      reads.push(read)
      continue
    }
    if (read !== undefined) tagged[field.tag!] = { name, read }
    if (hasOwnDefault(field)) own.push({ name, make })
  }
  return (buffer) => {
    const struct: Struct = { ...template }
    for (let i = 0; i < names.length; i++) struct[names[i]!] = reads[i]!(buffer)
    for (let i = 0; i < own.length; i++) struct[own[i]!.name] = own[i]!.make()
    if (options.flexible) readTaggedFields(buffer, struct, tagged, where)
    return struct
  }
}

const readTaggedFields = (
  buffer: ByteBuffer,
  struct: Struct,
  tagged: readonly (Tagged | undefined)[],
  where: string,
): void => {
  const count = readUnsignedVarint(buffer)
  if (count === 0) return
  // A tagged field has at least a tag and a size.
  if (count * 2 > buffer.remaining()) {
    throw new SchemaException(
      `Cannot read ${where}: ${count} tagged fields are announced, ` +
        `${buffer.remaining()} bytes are left`,
    )
  }
  const unknown: RawTaggedField[] = []
  for (let i = 0; i < count; i++) {
    const tag = readUnsignedVarint(buffer)
    const size = readUnsignedVarint(buffer)
    checkLeft(buffer, size, `${where}, tagged field ${tag}`)
    const known = tagged[tag]
    if (known === undefined) {
      unknown.push({ tag, data: buffer.getBytes(size).slice() })
      continue
    }
    const end = buffer.position + size
    struct[known.name] = known.read(buffer)
    if (buffer.position !== end) {
      throw new SchemaException(
        `Cannot read ${where}.${known.name}: its size is said to be ${size} bytes, ` +
          `its value ends ${buffer.position - end} bytes beyond`,
      )
    }
  }
  if (unknown.length > 0) struct['unknownTaggedFields'] = unknown
}

// ---- what all of them need

const absent = (nullable: boolean, where: string): null => {
  if (nullable) return null
  throw new SchemaException(`Cannot read ${where}: it is null, which this version does not allow`)
}

const checkLeft = (buffer: ByteBuffer, length: number, where: string): void => {
  if (length > buffer.remaining()) {
    throw new SchemaException(
      `Cannot read ${where}: its length is ${length} bytes, ${buffer.remaining()} bytes are left`,
    )
  }
}

/** Bytes that a value takes at the very least. */
const smallestSize = (field: Field, options: CodecOptions): number => {
  switch (field.kind) {
    case 'bool':
    case 'int8':
      return 1
    case 'int16':
    case 'uint16':
      return 2
    case 'int32':
    case 'uint32':
      return 4
    case 'int64':
    case 'bigint64':
    case 'float64':
      return 8
    case 'uuid':
      return 16
    case 'string':
      return options.flexible ? 1 : 2
    case 'bytes':
    case 'records':
    case 'array':
      return options.flexible ? 1 : 4
    case 'struct': {
      if (field.nullable.contains(options.version)) return 1
      let size = options.flexible ? 1 : 0
      for (const inner of Object.values(field.fields!)) {
        const here = inner.versions.contains(options.version) && inner.tag === undefined
        if (here) size += smallestSize(inner, options)
      }
      return size
    }
  }
}
