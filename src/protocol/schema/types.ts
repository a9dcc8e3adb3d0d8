/**
 * The words in which a message is described: the wire types, as functions that make a `Field`.
 *
 *     name: string({ versions: '0-12', ignorable: true })
 *     topicId: uuid({ versions: '13+' })
 *     partitions: array({ index: int32(), records: records({ nullable: '0+' }) })
 *
 * A field says two things at once. To the compiler it is a type: what decoding gives (`Data`) and
 * what encoding takes (`Input`, where everything may be left out). At run time it is data: kind,
 * versions, default. From that data `encoder.ts` and `decoder.ts` make their functions, a test
 * compares it with Kafka's own definitions, and the protocol reference is printed.
 *
 *     kind      classic form                    flexible ("compact") form        in JavaScript
 *     bool      1 byte                          the same                         boolean
 *     int8…32   big-endian                      the same                         number
 *     int64     big-endian                      the same                         number, ±2^53
 *     bigint64  the same bytes as int64         the same                         bigint
 *     uuid      16 bytes                        the same                         Uuid
 *     string    int16 length, UTF-8; null -1    varint length + 1, UTF-8; null 0 string
 *     bytes     int32 length; null -1           varint length + 1; null 0        Uint8Array, a copy
 *     records   as bytes                        as bytes                         Uint8Array, a view
 *     array     int32 count; null -1            varint count + 1; null 0         array
 *     struct    its fields                      its fields, then tagged fields   object
 *
 * A struct that may be null has one byte before it: -1 null, 1 present. A tagged field stands
 * behind the others, as (tag, size, value), and only when it differs from its default: the way in
 * which Kafka adds fields that old readers skip.
 *
 * @kafka org.apache.kafka.common.protocol.types.Type
 */

import { Uuid } from '../../common/Uuid.ts'
import { VersionRange, type VersionsText } from './VersionRange.ts'

/** A longer text is refused in both forms, by readers and by writers. */
export const MAX_STRING_BYTES = 0x7fff

/** A tagged field that this schema does not know: kept, and written back. */
export interface RawTaggedField {
  readonly tag: number
  readonly data: Uint8Array
}

export type PrimitiveKind =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'bigint64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records'

/** What every field may say about itself. */
export interface FieldOptions {
  /** Where the field is there at all; default: wherever its struct is. */
  readonly versions?: VersionsText
  /** Where it may be null; default: nowhere. */
  readonly nullable?: VersionsText
  /** Its tag, when it is a tagged field in all of its versions. */
  readonly tag?: number
  /** What a reader assumes where it is absent; default: Kafka's for the kind (0, '', [], …). */
  readonly default?: unknown
  /** May be dropped silently from a version that has no place for it. */
  readonly ignorable?: boolean
  /** Written in the classic form even in flexible versions; one field of one header needs it. */
  readonly flexible?: 'none'
}

export type FieldKind = PrimitiveKind | 'array' | 'struct'

/**
 * One field. `Data` and `Input` exist for the compiler only; no object has the properties that
 * carry them.
 */
export interface Field<Data = unknown, Input = unknown> {
  readonly kind: FieldKind
  readonly versions: VersionRange
  readonly nullable: VersionRange
  readonly tag: number | undefined
  readonly ignorable: boolean
  readonly neverFlexible: boolean
  /** `undefined` for a struct: each of its fields at its own default. */
  readonly default: unknown
  /** What an array is made of. */
  readonly element?: Field
  /** What a struct is made of. */
  readonly fields?: Fields
  readonly '~data'?: Data
  readonly '~input'?: Input
}

/** The fields of a struct, in the order of the wire. */
export interface Fields {
  readonly [name: string]: Field
}

/** What a compiled codec is made for. */
export interface CodecOptions {
  /** For messages of errors. */
  readonly message: string
  readonly version: number
  readonly flexible: boolean
}

/** What decoding a struct gives: every field, in every version. */
export type StructData<F extends Fields> = {
  -readonly [N in keyof F]: F[N] extends Field<infer Data, infer _> ? Data : never
} & { unknownTaggedFields?: RawTaggedField[] }

/** What encoding a struct takes: whatever is left out has its default. */
export type StructInput<F extends Fields> = {
  readonly [N in keyof F]?: (F[N] extends Field<infer _, infer Input> ? Input : never) | undefined
} & { readonly unknownTaggedFields?: readonly RawTaggedField[] | undefined }

type OrNull<O, T> = O extends { readonly nullable: string } ? T | null : T
type Scalar<O, T> = Field<OrNull<O, T>, OrNull<O, T>>
type Of = Field | Fields
type ElementData<E> =
  E extends Field<infer Data, infer _> ? Data : E extends Fields ? StructData<E> : never
type ElementInput<E> =
  E extends Field<infer _, infer Input> ? Input : E extends Fields ? StructInput<E> : never
type ArrayOf<O, E> = Field<OrNull<O, ElementData<E>[]>, OrNull<O, readonly ElementInput<E>[]>>
type StructOf<O, F extends Fields> = Field<OrNull<O, StructData<F>>, OrNull<O, StructInput<F>>>

interface NoOptions {
  readonly nullable?: never
}

// ---- numbers and truth

export const bool = (options?: FieldOptions): Field<boolean, boolean> =>
  scalar('bool', options, false)
export const int8 = (options?: FieldOptions): Field<number, number> => scalar('int8', options, 0)
export const int16 = (options?: FieldOptions): Field<number, number> => scalar('int16', options, 0)
export const uint16 = (options?: FieldOptions): Field<number, number> =>
  scalar('uint16', options, 0)
export const int32 = (options?: FieldOptions): Field<number, number> => scalar('int32', options, 0)
export const uint32 = (options?: FieldOptions): Field<number, number> =>
  scalar('uint32', options, 0)
/** A 64-bit field whose values are safe integers: offsets, timestamps. */
export const int64 = (options?: FieldOptions): Field<number, number> => scalar('int64', options, 0)
/**
 * A 64-bit field that uses all its bits: producer ids, and the few with the largest int64 as
 * default.
 */
export const bigint64 = (options?: FieldOptions): Field<bigint, bigint> =>
  scalar('bigint64', options, 0n)
export const float64 = (options?: FieldOptions): Field<number, number> =>
  scalar('float64', options, 0)

// ---- runs of bytes

export const uuid = (options?: FieldOptions): Field<Uuid, Uuid> =>
  scalar('uuid', options, Uuid.ZERO_UUID)
export const string = <const O extends FieldOptions = NoOptions>(options?: O): Scalar<O, string> =>
  scalar('string', options, '')
export const bytes = <const O extends FieldOptions = NoOptions>(
  options?: O,
): Scalar<O, Uint8Array> => scalar('bytes', options, new Uint8Array(0))
/** Record batches, as they stand: who wants records reads them from these bytes. */
export const records = <const O extends FieldOptions = NoOptions>(
  options?: O,
): Scalar<O, Uint8Array> => scalar('records', options, null)

// ---- what is made of fields

/** `array(int32())`, `array({ …fields })`, `array({ nullable: '1+' }, …)`. */
export function array<const E extends Of>(of: E): ArrayOf<NoOptions, E>
export function array<const O extends FieldOptions, const E extends Of>(
  options: O,
  of: E,
): ArrayOf<O, E>
export function array(first: FieldOptions | Of, second?: Of): Field<never, never> {
  const options = second === undefined ? undefined : (first as FieldOptions)
  const of = second ?? (first as Of)
  const element = isField(of) ? of : struct(of)
  return { kind: 'array', element, ...common(options, []) }
}

/** `struct({ …fields })`, `struct({ nullable: '0+', default: null }, { …fields })`. */
export function struct<const F extends Fields>(fields: F): StructOf<NoOptions, F>
export function struct<const O extends FieldOptions, const F extends Fields>(
  options: O,
  fields: F,
): StructOf<O, F>
export function struct(first: FieldOptions | Fields, second?: Fields): Field<never, never> {
  const options = second === undefined ? undefined : (first as FieldOptions)
  const fields = second ?? (first as Fields)
  return { kind: 'struct', fields, ...common(options, undefined) }
}

/** A `Fields` object has fields as its values, so its `kind`, if it has one, is no text. */
const isField = (of: Of): of is Field => typeof of['kind'] === 'string'

const scalar = (
  kind: PrimitiveKind,
  options: FieldOptions | undefined,
  defaultValue: unknown,
): Field<never, never> => ({ kind, ...common(options, defaultValue) })

const common = (
  options: FieldOptions | undefined,
  defaultValue: unknown,
): Omit<Field, 'kind' | '~data' | '~input'> => ({
  versions: parse(options?.versions, VersionRange.ALL),
  nullable: parse(options?.nullable, VersionRange.NONE),
  tag: options?.tag,
  ignorable: options?.ignorable ?? false,
  neverFlexible: options?.flexible === 'none',
  default: options?.default === undefined ? defaultValue : options.default,
})

const parse = (text: VersionsText | undefined, absent: VersionRange): VersionRange =>
  text === undefined ? absent : VersionRange.parse(text)
