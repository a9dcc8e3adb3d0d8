/**
 * A message of the protocol: one definition, from which its types, its decoder and its encoder
 * come.
 *
 *     export const HeartbeatRequest = message({
 *       name: 'HeartbeatRequest', kind: 'request', apiKey: 12,
 *       validVersions: '0-4', flexibleVersions: '4+',
 *       fields: { groupId: string(), generationId: int32(), … },
 *     })
 *     export type HeartbeatRequestData = DataOf<typeof HeartbeatRequest>
 *
 * Kafka writes the same definitions as JSON and generates some thousand lines of Java from each.
 * Here nothing is generated: the compiler infers the types from the definition, and at run time
 * each version's codec is put together from small functions, once, when that version is first used.
 *
 * `decode` gives full objects: a field that its version does not carry has its default, so code
 * above never asks which version it was. `encode` takes partial ones, and refuses to drop what it
 * cannot say: a value other than the default, on a field that this version lacks, is an
 * `UnsupportedVersionException` unless the field is `ignorable`.
 *
 * @kafka org.apache.kafka.common.protocol.Message
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { compileDecoder, type Decoder } from './decoder.ts'
import { compileEncoder, type Encoder } from './encoder.ts'
import type { MessageWriter } from './MessageWriter.ts'
import {
  type CodecOptions,
  type Field,
  type Fields,
  type StructData,
  type StructInput,
  struct,
} from './types.ts'
import { VersionRange, type VersionsText } from './VersionRange.ts'

/** Which of the two sides sends it; headers and data inside other messages have no API. */
export type MessageKind = 'request' | 'response' | 'header' | 'data'

export interface MessageDefinition<F extends Fields> {
  /** Kafka's name, as `ProduceRequest`. */
  readonly name: string
  readonly kind: MessageKind
  /** The API's number; absent for headers and data. */
  readonly apiKey?: number
  readonly validVersions: VersionsText
  /** From which version on lengths are varints and every struct ends with tagged fields. */
  readonly flexibleVersions: VersionsText
  /** The newest version is still being worked on: known, not advertised. */
  readonly latestVersionUnstable?: boolean
  readonly fields: F
}

export class Message<Data = unknown, Input = unknown> {
  readonly name: string
  readonly kind: MessageKind
  /** -1 for headers and data. */
  readonly apiKey: number
  readonly validVersions: VersionRange
  readonly flexibleVersions: VersionRange
  readonly latestVersionUnstable: boolean
  readonly fields: Fields
  private readonly root: Field
  private readonly decoders: Decoder[] = []
  private readonly encoders: Encoder[] = []

  constructor(definition: MessageDefinition<Fields>) {
    this.name = definition.name
    this.kind = definition.kind
    this.apiKey = definition.apiKey ?? -1
    this.validVersions = VersionRange.parse(definition.validVersions)
    this.flexibleVersions = VersionRange.parse(definition.flexibleVersions)
    this.latestVersionUnstable = definition.latestVersionUnstable ?? false
    this.fields = definition.fields
    this.root = struct(definition.fields)
  }

  /**
   * Reads one message at the buffer's position. `records` fields are views on the buffer's bytes.
   *
   * @throws SchemaException when the bytes do not follow the schema, UnsupportedVersionException
   *   when
   *   the version is not known
   */
  decode(buffer: ByteBuffer, version: number): Data {
    const decoder = this.decoders[version] ?? this.decoderFor(version)
    return decoder(buffer) as Data
  }

  /**
   * Writes one message; large `records` are put in by reference.
   *
   * @throws UnsupportedVersionException when this version cannot say what `data` says
   */
  encode(data: Input, version: number, out: MessageWriter): void {
    const encoder = this.encoders[version] ?? this.encoderFor(version)
    encoder(out, data)
  }

  /** Compiling twice would give the same function, so it does not matter who asks first. */
  private decoderFor(version: number): Decoder {
    this.checkVersion(version, 'read')
    return (this.decoders[version] = compileDecoder(this.root, this.codecOptions(version)))
  }

  private encoderFor(version: number): Encoder {
    this.checkVersion(version, 'write')
    return (this.encoders[version] = compileEncoder(this.root, this.codecOptions(version)))
  }

  private codecOptions(version: number): CodecOptions {
    return { message: this.name, version, flexible: this.flexibleVersions.contains(version) }
  }

  private checkVersion(version: number, verb: 'read' | 'write'): void {
    if (this.validVersions.contains(version)) return
    throw new UnsupportedVersionException(
      `Cannot ${verb} version ${version} of ${this.name}: known versions are ${this.validVersions}`,
    )
  }
}

/** Any message at all. */
export type AnyMessage = Message
/** What decoding gives. */
export type DataOf<M> = M extends Message<infer Data, infer _> ? Data : never
/** What encoding takes. */
export type InputOf<M> = M extends Message<infer _, infer Input> ? Input : never

/** Makes a message from its definition; see the head of this file. */
export const message = <const F extends Fields>(
  definition: MessageDefinition<F>,
): Message<StructData<F>, StructInput<F>> => new Message(definition)
/** What an array is made of, also one that may be null or left out. */
export type ElementOf<A> = NonNullable<A> extends readonly (infer E)[] ? E : never
