/**
 * The two notes that the members of a consumer group exchange, between bytes and message data.
 *
 *     ┌─────────┬──────────────────────────────────────────────┐
 *     │ version │ Subscription, or Assignment, in that version │
 *     └─ int16 ─┴──────────────────────────────────────────────┘
 *
 * To the coordinator they are bytes that it passes on, with two exceptions: it looks up the topics
 * of a group whose offsets may expire or be deleted, and one day it converts a group from one
 * protocol to the other. So clients and broker both read them, and they live below both.
 *
 * A member may be newer than we are. Fields are only ever added at the end, so what says version
 * 100 is read as our newest and what comes after is left unread. No version below 0 has ever been.
 *
 * I1  Subscription and Assignment have the same versions: a program that knows one knows the other.
 * I2  Bytes that do not follow the schema are a `SchemaException`, whatever is wrong with them.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerProtocol
 * @simplified a reader takes the whole note, two version bytes in front included; Java's takes a
 *   buffer that stands behind them or before them.
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import { BufferUnderflowException, SchemaException } from '../common/errors.ts'
import {
  ConsumerProtocolAssignment,
  type ConsumerProtocolAssignmentData,
  type ConsumerProtocolAssignmentInput,
  ConsumerProtocolSubscription,
  type ConsumerProtocolSubscriptionData,
  type ConsumerProtocolSubscriptionInput,
} from './messages/ConsumerProtocol.ts'
import { MessageWriter } from './schema/MessageWriter.ts'
import type { AnyMessage, DataOf, InputOf } from './schema/message.ts'

/** What JoinGroup says as protocol type: whose notes these are. */
export const PROTOCOL_TYPE = 'consumer'

const VERSION_BYTES = 2

/**
 * The version that stands in front of a note.
 *
 * @throws SchemaException when there are no two bytes
 */
export const deserializeVersion = (note: Uint8Array): number =>
  parsing("header's version", () => ByteBuffer.wrap(note).getShort())

/** @param version default: the newest; above it, the newest */
export const serializeConsumerProtocolSubscription = (
  data: ConsumerProtocolSubscriptionInput,
  version: number = ConsumerProtocolSubscription.validVersions.max,
): Uint8Array => serialize(ConsumerProtocolSubscription, 'subscription', data, version)

/** @param version default: the newest; above it, the newest */
export const serializeConsumerProtocolAssignment = (
  data: ConsumerProtocolAssignmentInput,
  version: number = ConsumerProtocolAssignment.validVersions.max,
): Uint8Array => serialize(ConsumerProtocolAssignment, 'assignment', data, version)

/**
 * @param version read it as this; default: as what it says it is
 * @throws SchemaException when the bytes do not follow the schema
 */
export const deserializeConsumerProtocolSubscription = (
  note: Uint8Array,
  version: number = deserializeVersion(note),
): ConsumerProtocolSubscriptionData =>
  deserialize(ConsumerProtocolSubscription, 'subscription', note, version)

/**
 * @param version read it as this; default: as what it says it is
 * @throws SchemaException when the bytes do not follow the schema
 */
export const deserializeConsumerProtocolAssignment = (
  note: Uint8Array,
  version: number = deserializeVersion(note),
): ConsumerProtocolAssignmentData =>
  deserialize(ConsumerProtocolAssignment, 'assignment', note, version)

const serialize = <M extends AnyMessage>(
  message: M,
  what: string,
  data: InputOf<M>,
  version: number,
): Uint8Array => {
  const known = knownVersion(message, what, version)
  const out = new MessageWriter()
  out.writeShort(known)
  message.encode(data, known, out)
  return out.toBytes()
}

const deserialize = <M extends AnyMessage>(
  message: M,
  what: string,
  note: Uint8Array,
  version: number,
): DataOf<M> => {
  const known = knownVersion(message, what, version)
  return parsing(what, () => {
    const buffer = ByteBuffer.wrap(note)
    buffer.skip(VERSION_BYTES)
    return message.decode(buffer, known) as DataOf<M>
  })
}

/** `version`, or our newest if that is older. */
const knownVersion = (message: AnyMessage, what: string, version: number): number => {
  const { min, max } = message.validVersions
  if (version < min) throw new SchemaException(`Unsupported ${what} version: ${version}`)
  return Math.min(version, max)
}

const parsing = <T>(what: string, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof BufferUnderflowException)) throw error
    const message = `Buffer underflow while parsing consumer protocol's ${what}`
    throw new SchemaException(message, { cause: error })
  }
}
