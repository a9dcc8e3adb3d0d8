/**
 * The consumer that does its I/O inside its owner's calls.
 *
 *     poll ─┬─ coordinator.poll       with a group: join, and commit when it is time
 *           ├─ updateFetchPositions   committed offsets, then OffsetFetcher: missing and doubtful
 *           │                         positions
 *           ├─ collectFetch           is something there already? then return it …
 *           ├─ sendFetches            … else ask
 *           ├─ client.poll            … and wait, for an answer or the end of the time
 *           ├─ collectFetch
 *           └─ sendFetches            before returning, so that the next records come meanwhile
 *
 * Between two calls nothing happens but heartbeats (`HeartbeatLoop`) and what the operating system
 * does: bytes arrive and lie in the socket. That makes the consumer easy to reason about, and it
 * means that an owner who does not call `poll` stops everything.
 *
 * The class is built in layers, each in a file of its own:
 *
 *     ConsumerCalls              the lock, the deadline, the way to abort
 *      └ ConsumerPositions       seek, position, endOffsets, partitionsFor, …
 *         └ ConsumerCommits      commitSync, commitAsync, committed, …
 *            └ ConsumerSubscriptions     subscribe, assign, unsubscribe
 *               └ ClassicKafkaConsumer   poll and records, close
 *
 * I1  One call at a time (`SingleCaller`).
 * I2  From the moment the positions have moved until `poll` returns the records nothing may fail,
 *     or they are lost.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer
 */

import { warnDisablingExponentialBackoff } from '../../clients/CommonClientConfigs.ts'
import type { Properties } from '../../common/config/ConfigDef.ts'
import { IllegalArgumentException, IllegalStateException } from '../../common/errors.ts'
import type { MetricName } from '../../common/MetricName.ts'
import type { KafkaMetric } from '../../common/metrics/KafkaMetric.ts'
import type { Timer } from '../../common/Timer.ts'
import type { CloseOptions } from '../CloseOptions.ts'
import type { ConsumerRecord } from '../ConsumerRecord.ts'
import { ConsumerRecords } from '../ConsumerRecords.ts'
import type { RecordsOptions, Wait } from '../WaitOptions.ts'
import { type ClassicKafkaConsumerOptions, signalOf } from './ConsumerCalls.ts'
import type { ConsumerDelegate } from './ConsumerDelegate.ts'
import { closeConsumerParts } from './ConsumerParts.ts'
import { ConsumerSubscriptions } from './ConsumerSubscriptions.ts'
import { DEFAULT_CLOSE_TIMEOUT_MS } from './ConsumerUtils.ts'
import type { Fetch } from './Fetch.ts'
import { RecordIterator } from './RecordIterator.ts'

/** After so many polls without I/O one is made to let the event loop turn. */
const POLLS_WITHOUT_TURN = 32

const WITHOUT_LIMIT_MS = Number.MAX_SAFE_INTEGER

export class ClassicKafkaConsumer<K, V>
  extends ConsumerSubscriptions<K, V>
  implements ConsumerDelegate<K, V>
{
  private readonly retryBackoffMs: number
  private readonly requestTimeoutMs: number
  private pollsWithoutTurn = 0

  /** @throws as `ConsumerCalls` */
  constructor(options: ClassicKafkaConsumerOptions) {
    super(options)
    const { config } = options
    this.retryBackoffMs = config.get('retry.backoff.ms')
    this.requestTimeoutMs = config.get('request.timeout.ms')
    warnDisablingExponentialBackoff(config.values() as Properties, this.logger)
    config.logUnused(this.logger)
  }

  // ---- reading

  /** @param caller `records`: a loop over them */
  async poll(wait: Wait, caller: 'poll' | 'records' = 'poll'): Promise<ConsumerRecords<K, V>> {
    if (wait === undefined || wait === null) {
      throw new IllegalArgumentException('poll() must be told how long it may wait.')
    }
    const call = this.acquireAndEnsureOpen(caller, caller === 'records')
    const { client, metrics, subscriptions } = this.parts
    try {
      metrics.calls.recordPollStart(this.time.milliseconds())
      this.throwIfNothingToRead()
      if (this.trace.enabled) {
        const assigned = subscriptions.numAssignedPartitions()
        this.trace.emit('consumer.delegate.poll', { assigned })
      }
      return await this.withTimer(wait, WITHOUT_LIMIT_MS, async (timer) => {
        do {
          client.maybeTriggerWakeup()
          // A join that takes longer than this poll goes on in the next one.
          await this.updateAssignmentMetadataIfNeeded(timer, false)
          const fetch = await this.pollForFetches(timer)
          if (!fetch.isEmpty()) return await this.handOut(fetch)
        } while (timer.notExpired())
        signalOf(wait)?.throwIfAborted()
        return ConsumerRecords.empty<K, V>()
      })
    } finally {
      await this.caller.awaitCallsInside(call)
      this.caller.release(call)
      metrics.calls.recordPollEnd(this.time.milliseconds())
    }
  }

  records({ signal }: RecordsOptions = {}): AsyncIterableIterator<ConsumerRecord<K, V>> {
    const iteration = new RecordIterator<K, V>({
      subscriptions: this.parts.subscriptions,
      poll: (leaving) => this.poll({ signal: leaving }, 'records'),
      onEnd: (ended) => {
        if (this.iteration === ended) this.iteration = null
      },
      signal,
    })
    this.iteration?.end()
    this.iteration = iteration
    return iteration
  }

  private throwIfNothingToRead(): void {
    if (!this.parts.subscriptions.hasNoSubscriptionOrUserAssignment()) return
    throw new IllegalStateException(
      'Consumer is not subscribed to any topics or assigned any partitions: call subscribe or ' +
        'assign first.',
    )
  }

  private async updateAssignmentMetadataIfNeeded(
    timer: Timer,
    waitForJoinGroup: boolean,
  ): Promise<boolean> {
    const { coordinator } = this.parts
    if (coordinator !== null && !(await coordinator.poll(timer, waitForJoinGroup))) return false
    return this.updateFetchPositions(timer)
  }

  /** Already there, or what comes within the time. */
  private async pollForFetches(timer: Timer): Promise<Fetch<K, V>> {
    const { client, coordinator, fetcher } = this.parts
    const remainingMs = Math.min(
      timer.remainingMs(),
      coordinator?.timeToNextPoll(timer.currentTimeMs()) ?? WITHOUT_LIMIT_MS,
    )
    const fetch = fetcher.collectFetch()
    if (!fetch.isEmpty()) return fetch
    this.sendFetches()
    // A lookup of positions may be backing off after a failure: do not wait longer than that.
    const timeoutMs = this.hasAllFetchPositions
      ? remainingMs
      : Math.min(remainingMs, this.retryBackoffMs)
    const pollTimer = this.time.timer(timeoutMs)
    // It may have to stand behind the heartbeat loop first: what has come, and an abort, end it.
    const shouldBlock = (): boolean => timer.notExpired() && !fetcher.hasAvailableFetches()
    await client.poll(pollTimer, { shouldBlock })
    this.pollsWithoutTurn = 0
    timer.update(pollTimer.currentTimeMs())
    return fetcher.collectFetch()
  }

  /** Sends the next fetches, then returns. */
  private async handOut(fetch: Fetch<K, V>): Promise<ConsumerRecords<K, V>> {
    const { client, interceptors } = this.parts
    try {
      const hasToSend = this.sendFetches() > 0 || client.hasPendingRequests()
      if (hasToSend || ++this.pollsWithoutTurn >= POLLS_WITHOUT_TURN) {
        this.pollsWithoutTurn = 0
        await client.transmitSends()
      }
    } catch (error) {
      // I2: what has failed here, such as a login, fails again in the next poll, and is raised
      // there.
      this.logger.error('The next fetch could not be sent; the next poll tries it again', error)
    }
    const records = new ConsumerRecords<K, V>(fetch.records(), fetch.nextOffsets())
    return this.caller.runPlugin(() => interceptors.onConsume(records))
  }

  private sendFetches(): number {
    this.parts.offsetFetcher.validatePositionsOnMetadataChange()
    return this.parts.fetcher.sendFetches()
  }

  /** Everything that is measured; it shows what comes and goes later. */
  metrics(): ReadonlyMap<MetricName, KafkaMetric> {
    return this.parts.metrics.metrics.metrics()
  }

  // ---- the end

  async close(options: number | CloseOptions = {}): Promise<void> {
    const {
      timeoutMs = DEFAULT_CLOSE_TIMEOUT_MS,
      groupMembershipOperation: operation = 'DEFAULT',
    } = typeof options === 'number' ? { timeoutMs: options } : options
    if (!(timeoutMs >= 0)) {
      throw new IllegalArgumentException(`The timeout of close cannot be negative: ${timeoutMs}`)
    }
    const call = this.caller.acquire('close')
    try {
      if (this.closed) return
      this.iteration?.end()
      const { logger, requestTimeoutMs, time } = this
      const closing = { time, timeoutMs, requestTimeoutMs, operation, logger }
      await closeConsumerParts(this.parts, closing)
    } finally {
      await this.caller.awaitCallsInside(call)
      this.closed = true
      this.caller.release(call)
    }
  }
}
