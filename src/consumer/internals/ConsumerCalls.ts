/**
 * What every call of a consumer begins and ends with: the lock, the deadline, the way to abort.
 *
 *     call      checks that the consumer is open and that nobody else waits in it; done at once
 *     wait      as `call`, for what has to ask a broker: with a timer, and perhaps an `AbortSignal`
 *
 * An abort sets the call's own timer to "over" and wakes the network client, or the back-off
 * between two tries (`WakeableClock`). Every loop down there looks at its timer after each round,
 * so all of them end by the same way out that a time-out takes. There is no flag that could stay
 * set and end the wrong call, as a late `wakeup` does.
 *
 * I1  One call at a time (`SingleCaller`).
 * I2  When a call begins, an iteration over records has put back what it has not handed out.
 * I3  A call that has succeeded says so, aborted or not.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer
 */

import { IllegalStateException, TimeoutException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import { Timer } from '../../common/Timer.ts'
import type { Trace } from '../../common/Trace.ts'
import type { Environment } from '../../network/Environment.ts'
import type { ConsumerConfig } from '../ConsumerConfig.ts'
import type { Wait } from '../WaitOptions.ts'
import { type ConsumerParts, type ConsumerStack, createConsumerParts } from './ConsumerParts.ts'
import * as ConsumerUtils from './ConsumerUtils.ts'
import type { RecordIterator } from './RecordIterator.ts'
import { type Call, SingleCaller } from './SingleCaller.ts'
import { WakeableClock } from './WakeableClock.ts'

export interface ClassicKafkaConsumerOptions {
  readonly config: ConsumerConfig
  readonly environment: Environment
  /** For tests: what stands in for the network. */
  readonly stack?: ConsumerStack
}

/** For messages and deadlines: what a caller has written. */
export const timeoutMsOf = (wait: Wait | undefined, defaultMs: number): number =>
  typeof wait === 'number' ? wait : (wait?.timeoutMs ?? defaultMs)

export const signalOf = (wait: Wait | undefined): AbortSignal | undefined =>
  typeof wait === 'number' ? undefined : wait?.signal

export abstract class ConsumerCalls<K, V> {
  readonly clientId: string
  readonly trace: Trace
  protected readonly logger: Logger
  protected readonly time: Time
  protected readonly caller = new SingleCaller()
  private readonly clock: WakeableClock
  protected readonly parts: ConsumerParts<K, V>
  protected readonly defaultApiTimeoutMs: number
  /** The loop over `records()` that goes on at present. */
  protected iteration: RecordIterator<K, V> | null = null
  protected closed = false

  /**
   * @throws KafkaException whose cause says which part could not be made, or that the group id is
   *   nothing but blanks
   */
  constructor({ config, environment, stack }: ClassicKafkaConsumerOptions) {
    this.clientId = config.get('client.id')
    this.logger = ConsumerUtils.createLogger(config, environment)
    this.trace = environment.traceBus.from(this.clientId)
    this.time = environment.time
    this.clock = new WakeableClock(this.time)
    this.defaultApiTimeoutMs = config.get('default.api.timeout.ms')
    const { caller, logger, trace } = this
    const given = { config, environment, caller, logger, trace, stack }
    this.parts = createConsumerParts<K, V>(given)
  }

  /** Ends the poll that goes on, or the next one; a back-off before that one is cut short. */
  wakeup(): void {
    this.parts.client.wakeup()
    this.clock.wake()
  }

  protected call<T>(method: string, body: () => T): T {
    const call = this.acquireAndEnsureOpen(method)
    try {
      return body()
    } finally {
      this.caller.release(call)
    }
  }

  /** @param defaultMs default: `default.api.timeout.ms` */
  protected async wait<T>(
    method: string,
    wait: Wait | undefined,
    body: (timer: Timer) => Promise<T>,
    defaultMs = this.defaultApiTimeoutMs,
  ): Promise<T> {
    const call = this.acquireAndEnsureOpen(method)
    try {
      return await this.withTimer(wait, defaultMs, body)
    } finally {
      await this.caller.awaitCallsInside(call)
      this.caller.release(call)
    }
  }

  protected async withTimer<T>(
    wait: Wait | undefined,
    defaultMs: number,
    body: (timer: Timer) => Promise<T>,
  ): Promise<T> {
    const signal = signalOf(wait)
    signal?.throwIfAborted()
    const timer = new Timer(this.clock, timeoutMsOf(wait, defaultMs))
    if (signal === undefined) return body(timer)
    const onAbort = (): void => {
      timer.updateAndReset(0)
      this.parts.kafkaClient.wakeup()
      this.clock.wake()
    }
    signal.addEventListener('abort', onAbort)
    try {
      return await body(timer)
    } catch (error) {
      if (signal.aborted && error instanceof TimeoutException) throw signal.reason
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** @param ofIteration `true`: the iteration itself calls */
  protected acquireAndEnsureOpen(method: string, ofIteration = false): Call {
    const call = this.caller.acquire(method)
    if (this.closed) {
      this.caller.release(call)
      throw new IllegalStateException(
        `This consumer has already been closed: ${method}() needs an open one.`,
      )
    }
    if (!ofIteration) this.iteration?.putBack(false)
    return call
  }
}
