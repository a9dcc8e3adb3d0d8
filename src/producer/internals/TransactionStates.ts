/**
 * Where a producer stands on its way to an id, and what went wrong: the half of
 * `TransactionManager` that says whether anything may be sent at all.
 *
 *     UNINITIALIZED ─ InitProducerId ─► INITIALIZING ─ answered ─► READY
 *           ▲                                │                      │
 *           ├──── the batches failed ◄─ ABORTABLE_ERROR             │
 *           └──── the epochs are used up: a new id is needed ◄──────┘
 *     any ─► FATAL_ERROR: every send fails from here on
 *
 * I1  Nothing leads out of `FATAL_ERROR`. A change of state that is not in the picture is a bug,
 *     and leads there too: what was sent under an unknown state is unknown itself.
 *
 * @kafka org.apache.kafka.clients.producer.internals.TransactionManager
 * @simplified a class of its own, with the states of an idempotent producer; those of a transaction
 *   come with transactions.
 */

import {
  ClusterAuthorizationException,
  TransactionalIdAuthorizationException,
  UnsupportedVersionException,
} from '../../common/errors/ApiExceptions.ts'
import {
  InvalidPidMappingException,
  ProducerFencedException,
} from '../../common/errors/CoordinatorExceptions.ts'
import { IllegalStateException, KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'

export type TransactionState =
  | 'UNINITIALIZED'
  | 'INITIALIZING'
  | 'READY'
  | 'ABORTABLE_ERROR'
  | 'FATAL_ERROR'

/** The states from which each one may be entered; `null`: from any. */
const SOURCES: { readonly [S in TransactionState]: readonly TransactionState[] | null } = {
  UNINITIALIZED: ['READY', 'ABORTABLE_ERROR'],
  INITIALIZING: ['UNINITIALIZED'],
  READY: ['INITIALIZING'],
  ABORTABLE_ERROR: ['INITIALIZING', 'ABORTABLE_ERROR'],
  FATAL_ERROR: null,
}

/** After one of these no producer with these rights, this id or this broker can go on. */
const FATAL = [
  ClusterAuthorizationException,
  TransactionalIdAuthorizationException,
  ProducerFencedException,
  UnsupportedVersionException,
  InvalidPidMappingException,
]

export abstract class TransactionStates {
  protected readonly logger: Logger
  private currentState: TransactionState = 'UNINITIALIZED'
  private error: Error | null = null

  constructor(logger: Logger) {
    this.logger = logger
  }

  get state(): TransactionState {
    return this.currentState
  }

  lastError(): Error | null {
    return this.error
  }

  hasError(): boolean {
    return this.hasAbortableError() || this.hasFatalError()
  }

  hasAbortableError(): boolean {
    return this.currentState === 'ABORTABLE_ERROR'
  }

  hasFatalError(): boolean {
    return this.currentState === 'FATAL_ERROR'
  }

  /** @throws KafkaException when nothing can be sent */
  maybeFailWithError(): void {
    if (!this.hasError()) return
    const { error: cause } = this
    throw new KafkaException(
      `Cannot send, because the producer is in an error state: ${cause?.message}. After a fatal ` +
        'error only a new producer can go on.',
      { cause },
    )
  }

  /** After errors that no retry and no new epoch can mend. */
  maybeTransitionToErrorState(error: Error): void {
    if (FATAL.some((fatal) => error instanceof fatal)) this.transitionToFatalError(error)
  }

  transitionToAbortableError(error: Error): void {
    this.logger.info(`Transiting to abortable error state due to ${error}`)
    this.transitionTo('ABORTABLE_ERROR', error)
  }

  transitionToFatalError(error: Error): void {
    this.logger.info(`Transiting to fatal error state due to ${error}`)
    this.transitionTo('FATAL_ERROR', error)
  }

  /** What waited has failed; an id may be asked for again. */
  transitionToUninitialized(): void {
    this.transitionTo('UNINITIALIZED')
  }

  toString(): string {
    return `TransactionStates(${this.currentState})`
  }

  /** I1. */
  protected transitionTo(target: TransactionState, error: Error | null = null): void {
    const from = this.currentState
    const sources = SOURCES[target]
    if (sources !== null && !sources.includes(from)) {
      this.currentState = 'FATAL_ERROR'
      this.error = new IllegalStateException(`Invalid transition from state ${from} to ${target}`)
      throw this.error
    }
    this.currentState = target
    this.error = error
  }
}
