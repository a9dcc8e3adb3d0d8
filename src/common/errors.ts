/**
 * Every failure of this project, under one root: `KafkaException`.
 *
 * Two families grow from it. An `ApiException` is what a broker answers with, or what the client
 * knows about a request; its `RetriableException` branch may succeed when tried again, and the
 * `InvalidMetadataException` branch of that says that our picture of the cluster is old. Everything
 * else is the caller's or the machine's.
 *
 * The table from the wire's numbers to these classes is `protocol/Errors.ts`.
 *
 * @kafka org.apache.kafka.common.KafkaException
 * @kafka org.apache.kafka.common.errors.ApiException
 */

/** The root. `message` says what was being done, with which value, and what to change. */
export class KafkaException extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
  }
}

// ---- what programs do wrong, on either side

/** A call that this object cannot take in its present state, such as `send` after `close`. */
export class IllegalStateException extends KafkaException {}
/** A call that this object can never take, whatever its state. */
export class UnsupportedOperationException extends KafkaException {}
/** A parameter outside its range. */
export class IllegalArgumentException extends KafkaException {}
/** Two callers at once in an object that allows one. */
export class ConcurrentModificationException extends KafkaException {}
/** A configuration value that cannot be: names key, value and allowed range. */
export class ConfigException extends KafkaException {}
/** A key or value that a serializer or deserializer refuses. */
export class SerializationException extends KafkaException {}
/** A read past the limit of a buffer. */
export class BufferUnderflowException extends KafkaException {}
/** A write past the limit of a buffer. */
export class BufferOverflowException extends KafkaException {}
/** Bytes that do not follow the message's schema. */
export class SchemaException extends KafkaException {}
/** A `poll` ended by `wakeup()`. */
export class WakeupException extends KafkaException {}
/** A wait ended because its object was closed. */
export class ClosedException extends KafkaException {}
/** A socket or a file failed. */
export class IOException extends KafkaException {}
/** The other side ended the stream. */
export class EOFException extends IOException {}
/** A frame whose length cannot be, or is above the limit. */
export class InvalidReceiveException extends KafkaException {}

// ---- what a broker says, or what we know about a request

/** An answer of the protocol that is an error. */
export class ApiException extends KafkaException {}
/** May succeed when tried again. */
export class RetriableException extends ApiException {}
/** May succeed when tried again after the metadata was refreshed. */
export class RefreshRetriableException extends RetriableException {}
/** Our picture of the cluster is old. */
export class InvalidMetadataException extends RefreshRetriableException {}
/** A stale picture that was noticed on our side. */
export class StaleMetadataException extends InvalidMetadataException {}
/** Something took longer than it may. */
export class TimeoutException extends RetriableException {}
/** The connection was lost before the answer came. */
export class DisconnectException extends RetriableException {}
/**
 * The pool of `buffer.memory` could not serve a send within its time, or its waiting room is full.
 */
export class BufferExhaustedException extends TimeoutException {}
/** No broker of `bootstrap.servers` could be reached. */
export class BootstrapResolutionException extends KafkaException {}
