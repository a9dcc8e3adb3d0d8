/**
 * One process with a consumer: a program as people write them, that reads and commits in its own
 * way until its end, and writes down what it sees.
 */

import {
  FencedInstanceIdException,
  RebalanceInProgressException,
} from '../../src/common/errors/CoordinatorExceptions.ts'
import { TimeoutException, WakeupException } from '../../src/common/errors.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import type { TopicPartition } from '../../src/common/TopicPartition.ts'
import { CommitFailedException } from '../../src/consumer/CommitFailedException.ts'
import type { ConsumerRecord } from '../../src/consumer/ConsumerRecord.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { RetriableCommitFailedException } from '../../src/consumer/RetriableCommitFailedException.ts'
import type { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { Dice } from './Dice.ts'
import type { GroupJournal } from './GroupJournal.ts'
import { BUSY_MS } from './groupMischief.ts'
import type { LifePlan } from './groupPlan.ts'
import { Ownership } from './Ownership.ts'

type StringRecord = ConsumerRecord<string, string>

export interface GroupMemberOptions {
  readonly plan: LifePlan
  readonly bootstrapServers: string
  readonly world: SimulatedWorld
  readonly journal: GroupJournal
  /** For its whims. */
  readonly seed: number
  /** Nothing goes wrong: neither may a commit, but for a rebalance. */
  readonly calm: boolean
}

/** A call may be late by so much: what its last steps on the network and in the queue take. */
const SLACK_MS = 250

/** How often, and how long, a program that ends waits for a rebalance. */
const LAST_COMMITS = 100
const LAST_POLL_MS = 100

/** What goes wrong with a commit without anybody's fault. */
const COMMIT_FAILURES = [
  CommitFailedException,
  RebalanceInProgressException,
  RetriableCommitFailedException,
  TimeoutException,
  WakeupException,
  FencedInstanceIdException,
]
const CALM_COMMIT_FAILURES = [RebalanceInProgressException, WakeupException]

export class GroupMember {
  readonly plan: LifePlan
  readonly ownership: Ownership
  private readonly consumer: KafkaConsumer<string, string>
  private readonly world: SimulatedWorld
  private readonly journal: GroupJournal
  private readonly calm: boolean
  private readonly dice: Dice
  private readonly stop = new AbortController()
  private crashed = false
  /** How long the listener worked during the present call, in milliseconds. */
  private listenerMs = 0
  private openCallbacks = 0
  /** Why the last commit has failed. */
  private isRebalancing = false
  private running: Promise<void> = Promise.resolve()

  constructor(options: GroupMemberOptions) {
    const { plan, bootstrapServers, world, journal, seed, calm } = options
    this.plan = plan
    this.world = world
    this.journal = journal
    this.calm = calm
    this.dice = new Dice(new SeededRandom(seed))
    this.ownership = new Ownership(plan.name, journal)
    this.consumer = new KafkaConsumer<string, string>(
      {
        'bootstrap.servers': bootstrapServers,
        'client.id': plan.name,
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
        ...plan.settings,
      },
      world.environment(plan.name),
    )
  }

  /** Begins to read. */
  start(): void {
    const { consumer, plan } = this
    const listener = {
      onPartitionsAssigned: (partitions: TopicPartition[]) =>
        this.ownership.come(partitions, consumer),
      onPartitionsRevoked: (partitions: TopicPartition[]) => this.revoked(partitions),
      onPartitionsLost: (partitions: TopicPartition[]) => this.ownership.lost(partitions),
    }
    if (plan.topics instanceof RegExp) consumer.subscribe(plan.topics, listener)
    else void consumer.subscribe(plan.topics, listener)
    this.running = this.program()
  }

  /** The program comes to its end by itself, and closes its consumer. */
  async leave(saysGoodBye = false): Promise<void> {
    this.stop.abort()
    if (!this.calm && this.dice.chance(0.5)) this.consumer.wakeup()
    await this.running
    await this.close(saysGoodBye)
    // And its machine is switched off. Else a JoinGroup that is held up on the way would come after
    // that of the next process of a static member, and fence it, in Kafka as here.
    this.world.network.faults.isolate(this.plan.name)
  }

  /** The machine is gone. What is left of the program here ends at the next occasion. */
  crash(): void {
    this.crashed = true
    this.world.network.faults.isolate(this.plan.name)
    this.stop.abort()
  }

  /** Lets go of what a crash has left in this process. */
  async bury(): Promise<void> {
    await this.running
    await this.inTime('close', 0, () => this.consumer.close(0))
  }

  private async close(saysGoodBye: boolean): Promise<void> {
    // The group may take so long, and then the sessions of the fetches.
    const timeoutMs = 2 * Number(this.plan.settings['request.timeout.ms'])
    await this.inTime('close', timeoutMs, () =>
      this.consumer.close(saysGoodBye ? { groupMembershipOperation: 'LEAVE_GROUP' } : {}),
    )
    if (this.ownership.size > 0) this.ownership.complain(`is closed, and has ${this.ownership}`)
    if (this.openCallbacks !== 0 && this.calm) {
      this.ownership.complain(`is closed, and ${this.openCallbacks} commits were never answered`)
    }
  }

  // ---- the program

  private async program(): Promise<void> {
    const turn = this.plan.style === 'records' ? () => this.loop() : () => this.pollOnce()
    while (this.goesOn) {
      try {
        await turn()
      } catch (error) {
        if (error instanceof WakeupException) continue
        this.ownership.complain(`failed: ${error}`)
        return
      }
    }
    if (this.commitsByHand || (this.calm && this.plan.style !== 'atMostOnce')) await this.finish()
  }

  /**
   * A careful program does not go without telling how far it has come; in the middle of a rebalance
   * it waits for its end, and reads nothing more than it must.
   */
  private async finish(): Promise<void> {
    const { consumer, ownership } = this
    for (let i = 0; i < LAST_COMMITS && ownership.size > 0 && !this.crashed; i++) {
      if ((await this.commitSync()) || !this.isRebalancing) return
      consumer.pause(consumer.assignment())
      const records = await consumer.poll(LAST_POLL_MS).catch(nothingIfWoken)
      for (const record of records) {
        ownership.handedOut(record)
        await this.handle(record)
      }
    }
  }

  private get goesOn(): boolean {
    return !this.stop.signal.aborted
  }

  private get commitsByHand(): boolean {
    const { style, settings } = this.plan
    return style !== 'atMostOnce' && settings['enable.auto.commit'] !== true
  }

  private async pollOnce(): Promise<void> {
    const { pollMs, style, whim } = this.plan
    if (this.dice.chance(whim)) this.consumer.wakeup()
    const records = await this.inTime('poll', pollMs, () => this.consumer.poll(pollMs))
    if (records.isEmpty()) return
    if (style === 'atMostOnce' && !(await this.commitSync())) {
      for (const record of records) {
        this.ownership.handedOut(record)
        this.journal.dropped.add(`${record.topic}-${record.partition}@${record.offset}`)
      }
      return
    }
    for (const record of records) {
      this.ownership.handedOut(record)
      await this.handle(record)
    }
    if (this.crashed) return
    if (style === 'sync') await this.commitSync()
    else if (style === 'async') this.commitAsync()
  }

  private async loop(): Promise<void> {
    const { whim } = this.plan
    for await (const record of this.consumer.records({ signal: this.stop.signal })) {
      this.ownership.handedOut(record)
      if (this.dice.chance(whim)) {
        this.ownership.putBack(record)
        break
      }
      await this.handle(record)
      if (this.crashed) return
      if (!this.commitsByHand) continue
      const commit = this.dice.pick('sync', 'async', null, null)
      if (commit === 'sync') await this.commitSync()
      else if (commit === 'async') this.commitAsync()
    }
  }

  private async handle({ topic, partition, offset }: StringRecord): Promise<void> {
    if (this.crashed) return
    const { handleMs, stallChance, stallMs } = this.plan
    const { simulation } = this.world
    const ms = this.dice.chance(stallChance) ? stallMs : this.dice.between(0, handleMs)
    // Who is always too slow for `max.poll.interval.ms` never gets through.
    if (ms > 0 && simulation.hiResClockMs() < BUSY_MS) await simulation.sleep(ms)
    if (!this.crashed) this.journal.noteHandled(`${topic}-${partition}`, offset)
  }

  private async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    const startMs = this.world.simulation.hiResClockMs()
    if (this.plan.commitsWhenRevoked && !this.crashed) await this.commitSync()
    this.ownership.revoked(partitions, this.consumer)
    this.listenerMs += this.world.simulation.hiResClockMs() - startMs
  }

  // ---- commits

  /** Whether it has succeeded. */
  private async commitSync(): Promise<boolean> {
    const timeoutMs = Number(this.plan.settings['default.api.timeout.ms'])
    try {
      await this.inTime('commitSync', timeoutMs, () => this.consumer.commitSync())
      return true
    } catch (error) {
      this.checkCommitFailure(error)
      return false
    }
  }

  private commitAsync(): void {
    this.openCallbacks++
    this.consumer.commitAsync((_, error) => {
      this.openCallbacks--
      if (this.openCallbacks < 0) this.ownership.complain('was told twice of a commit')
      if (error !== null) this.checkCommitFailure(error)
    })
  }

  private checkCommitFailure(error: unknown): void {
    this.isRebalancing = error instanceof RebalanceInProgressException
    const foreseen = this.calm ? CALM_COMMIT_FAILURES : COMMIT_FAILURES
    if (foreseen.some((kind) => error instanceof kind)) return
    this.ownership.complain(`could not commit: ${error instanceof Error ? error.stack : error}`)
  }

  /** Every wait ends. */
  private async inTime<T>(what: string, limitMs: number, call: () => Promise<T>): Promise<T> {
    const { simulation } = this.world
    const startMs = simulation.hiResClockMs()
    const listenerBeforeMs = this.listenerMs
    try {
      return await call()
    } finally {
      const listenerMs = this.listenerMs - listenerBeforeMs
      const tookMs = simulation.hiResClockMs() - startMs - listenerMs
      if (tookMs > limitMs + SLACK_MS) {
        this.ownership.complain(`waited ${tookMs} ms in ${what}, which may take ${limitMs} ms`)
      }
    }
  }
}

const nothingIfWoken = (error: unknown): readonly StringRecord[] => {
  if (error instanceof WakeupException) return []
  throw error
}
