/**
 * The one table of wire errors: from a response's 16-bit `errorCode` to something that can be
 * thrown, and back.
 *
 *     errorCode 6 ──forCode──► Errors.NOT_LEADER_OR_FOLLOWER ──exception()──► NotLeaderOrFollower…
 *         ▲                            │ retriable, refreshMetadata, fatal
 *         └──────── .code ◄────────────┴──────────forException──────────── any thrown thing
 *
 * A client looks a code up and asks what it may do; the broker goes the other way, from what one of
 * its parts threw to the code that it answers. What an error allows follows from the class alone,
 * so there is no second list that could disagree (but for `fatal`, which Kafka has no class for).
 *
 * A code that is newer than this table is `UNKNOWN_SERVER_ERROR`, as in Kafka: a client of today
 * must live with the broker of tomorrow.
 *
 * @kafka org.apache.kafka.common.protocol.Errors
 */

import {
  AuthenticationException,
  ClusterAuthorizationException,
  TransactionalIdAuthorizationException,
  UnsupportedVersionException,
} from '../common/errors/ApiExceptions.ts'
import {
  FencedInstanceIdException,
  InvalidPidMappingException,
  ProducerFencedException,
} from '../common/errors/CoordinatorExceptions.ts'
import {
  type ApiException,
  InvalidMetadataException,
  RetriableException,
} from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import { type ApiExceptionClass, ERROR_TABLE, type ErrorName, type ErrorRow } from './errorTable.ts'

/**
 * After one of these the client object is of no use any more: who it claims to be, what it may do,
 * or the protocol it speaks has to change, or another instance has taken its place.
 */
const FATAL: readonly ApiExceptionClass[] = [
  AuthenticationException,
  ClusterAuthorizationException,
  TransactionalIdAuthorizationException,
  UnsupportedVersionException,
  ProducerFencedException,
  InvalidPidMappingException,
  FencedInstanceIdException,
]

/** One wire error. There is one object per code, so `===` compares. */
export class WireError {
  readonly code: number
  readonly name: ErrorName
  /** What `exception()` says when the broker sent no text of its own; `NONE` for no error. */
  readonly message: string
  /** `null` for `NONE` only. */
  readonly exceptionClass: ApiExceptionClass | null
  /** The same request may succeed later. */
  readonly retriable: boolean
  /** Ask for the cluster's metadata before trying again. */
  readonly refreshMetadata: boolean
  /** The client that got it has to be closed. */
  readonly fatal: boolean

  constructor(name: ErrorName, [code, exceptionClass, message]: ErrorRow) {
    this.code = code
    this.name = name
    this.message = exceptionClass === null ? name : message
    this.exceptionClass = exceptionClass
    this.retriable = isA(exceptionClass, RetriableException)
    this.refreshMetadata = isA(exceptionClass, InvalidMetadataException)
    this.fatal = FATAL.some((fatal) => isA(exceptionClass, fatal))
  }

  /**
   * A new exception; `null` for `NONE`.
   *
   * @param message what the broker said; default: `message`
   */
  exception(message?: string | null): ApiException | null {
    return this.exceptionClass === null ? null : new this.exceptionClass(message ?? this.message)
  }

  /** Throws the exception, unless this is `NONE`. */
  maybeThrow(message?: string | null): void {
    const exception = this.exception(message)
    if (exception !== null) throw exception
  }

  /** The class's name; `null` for `NONE`. */
  exceptionName(): string | null {
    return this.exceptionClass?.name ?? null
  }

  toString(): string {
    return this.name
  }
}

const isA = (exceptionClass: ApiExceptionClass | null, root: ApiExceptionClass): boolean =>
  exceptionClass !== null && (exceptionClass === root || exceptionClass.prototype instanceof root)

const byName = Object.fromEntries(
  Object.entries(ERROR_TABLE).map(([name, row]) => [name, new WireError(name as ErrorName, row)]),
) as { readonly [N in ErrorName]: WireError }

const all: readonly WireError[] = Object.values(byName)
const byCode: ReadonlyMap<number, WireError> = new Map(all.map((error) => [error.code, error]))
const byClass: ReadonlyMap<unknown, WireError> = new Map(
  all.map((error) => [error.exceptionClass, error]),
)

export const Errors = {
  ...byName,

  /**
   * @param logger told of codes that this table does not know
   */
  forCode(code: number, logger?: Logger): WireError {
    const error = byCode.get(code)
    if (error !== undefined) return error
    logger?.warn(`Unexpected error code ${code}: taken as UNKNOWN_SERVER_ERROR`)
    return byName.UNKNOWN_SERVER_ERROR
  },

  /**
   * The error of the thrown thing's class, or of the nearest class above it that has one;
   * `UNKNOWN_SERVER_ERROR` when there is none.
   */
  forException(thrown: unknown): WireError {
    let prototype = Object(thrown)
    while ((prototype = Object.getPrototypeOf(prototype)) !== null) {
      const error = byClass.get(prototype.constructor)
      if (error !== undefined) return error
    }
    return byName.UNKNOWN_SERVER_ERROR
  },

  /** All of them, by rising code. */
  values: (): readonly WireError[] => all,
} as const

/** As in Kafka, the word for one of them too. */
export type Errors = WireError
