/**
 * Runs one seed: the plan's cluster, groups and misfortunes on virtual time; then a quiet end, in
 * which every group must get through; then the logs are read and held against what the members saw.
 *
 *     plan ─► records, members that come and go ─┐
 *          └► mischief, then all is healed ──────┴─► a last record for each partition
 *               ─► handled in each group ─► close ─► logs ─► checkGroups
 */

import type { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { TraceListener } from '../../src/common/Trace.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import type { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { partitionsOf, range } from '../cluster/clusterSupport.ts'
import { GroupJournal } from './GroupJournal.ts'
import { GroupMember } from './GroupMember.ts'
import { checkGroups, type GroupOutcome } from './groupChecks.ts'
import { type GroupPlan, type LifePlan, type Plan, planOf } from './groupPlan.ts'
import { Misfortunes } from './Misfortunes.ts'
import { groupHistories } from './offsetsLog.ts'
import { batchesOf, createTopics, runWorld, startCluster } from './simulated.ts'

/** How long a group may need to get through when all is healed, in milliseconds. */
const QUIET_MS = 60_000
const LOOK_EVERY_MS = 100

export interface SimulatedRun {
  readonly records: number
  readonly handled: number
  readonly generations: number
  readonly virtualMs: number
  readonly steps: number
  readonly faultsHit: number
}

/** @throws when something is not as it must be; the message says what */
export const simulateGroups = async (
  seed: number,
  listener?: TraceListener,
): Promise<SimulatedRun> => {
  const plan = planOf(seed)
  let run!: GroupsRun
  const world = await runWorld({
    seed,
    listener,
    main: (made) => {
      run = new GroupsRun(plan, made)
      return run.main()
    },
    check: () => checkGroups(plan, run.outcomes),
    isForeseen: (message) => !plan.calm && isForeseen(message),
  })
  const claims = run.outcomes.flatMap(({ journal }) => journal.claims)
  const counts = run.outcomes.flatMap(({ journal }) => [...journal.handled.values()].flat())
  return {
    records: run.outcomes.reduce((sum, { ends }) => sum + total(ends.values()), 0),
    handled: total(counts),
    generations: new Set(claims.map(({ generation }) => generation)).size,
    virtualMs: world.simulation.hiResClockMs(),
    steps: world.simulation.steps,
    faultsHit: run.faultsHit,
  }
}

/**
 * What Kafka's consumer reports as an error when its group goes on without it, or the coordinator
 * is not where it was; and the coordinator, when a whole group is gone.
 */
const FORESEEN = [
  'Offset commit failed on partition',
  'Asynchronous auto-commit of offsets failed',
  'LeaveGroup of Generation',
  'could not complete rebalance because no members rejoined',
]

const isForeseen = (message: string): boolean =>
  FORESEEN.some((foreseen) => message.includes(foreseen))

const total = (numbers: Iterable<number>): number => {
  let sum = 0
  for (const each of numbers) sum += each
  return sum
}

/** The members of one group, those that are there and those that were. */
class GroupRun {
  readonly plan: GroupPlan
  readonly journal = new GroupJournal()
  readonly present = new Set<GroupMember>()
  readonly crashed: GroupMember[] = []

  constructor(plan: GroupPlan) {
    this.plan = plan
  }
}

class GroupsRun {
  readonly plan: Plan
  readonly outcomes: GroupOutcome[] = []
  private readonly world: SimulatedWorld
  private readonly groups: readonly GroupRun[]
  private readonly partitions: readonly TopicPartition[]
  private readonly ends = new Map<string, number>()
  private bootstrapServers = ''
  private cluster!: EmbeddedCluster
  private misfortunes!: Misfortunes
  private writer!: KafkaProducer<string, string>
  private members = 0

  constructor(plan: Plan, world: SimulatedWorld) {
    this.plan = plan
    this.world = world
    this.groups = plan.groups.map((group) => new GroupRun(group))
    this.partitions = plan.topics.flatMap(({ name, partitions }) => partitionsOf(name, partitions))
    for (const { key } of this.partitions) this.ends.set(key, 0)
  }

  get faultsHit(): number {
    return this.misfortunes.faultsHit
  }

  async main(): Promise<void> {
    const { plan, world } = this
    this.cluster = await startCluster(world, plan.brokers, {
      'group.min.session.timeout.ms': 1,
      'group.initial.rebalance.delay.ms': plan.initialRebalanceDelayMs,
      'offsets.topic.num.partitions': plan.offsetsPartitions,
    })
    this.bootstrapServers = this.cluster.bootstrapServers
    this.misfortunes = new Misfortunes(world, this.cluster)
    await createTopics(world, this.cluster, plan.topics)
    this.writer = this.newWriter()
    world.network.faults.shape(plan.link)
    const lives = new Map<string, Promise<void>>()
    for (const group of this.groups) {
      for (const life of group.plan.lives) {
        const before = life.after === null ? undefined : lives.get(life.after)
        lives.set(life.name, this.live(group, life, before))
      }
    }
    await Promise.all([this.misfortunes.happen(plan.mischief), this.write(), ...lives.values()])
    await this.quietEnd()
    await this.closeAll()
  }

  // ---- what the plan says

  private newWriter(): KafkaProducer<string, string> {
    return new KafkaProducer<string, string>(
      {
        'bootstrap.servers': this.bootstrapServers,
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
        // One at a time: what is in a log has the number that it was sent with.
        'max.in.flight.requests.per.connection': 1,
        'request.timeout.ms': 1000,
        'delivery.timeout.ms': 120_000,
        'retry.backoff.ms': 50,
        'reconnect.backoff.ms': 20,
        'reconnect.backoff.max.ms': 200,
      },
      this.world.environment('writer'),
    )
  }

  private async write(): Promise<void> {
    for (const { atMs, topic, partition, records } of this.plan.writes.toSorted(
      (a, b) => a.atMs - b.atMs,
    )) {
      await this.sleepUntil(atMs)
      for (const _ of range(records)) this.send(new TopicPartition(topic, partition))
    }
  }

  /** A record's value is its offset. */
  private send({ topic, partition, key }: TopicPartition): void {
    const number = this.ends.get(key)!
    this.ends.set(key, number + 1)
    this.writer.send({ topic, partition, value: String(number) })
  }

  private async live(
    group: GroupRun,
    life: LifePlan,
    before: Promise<void> | undefined,
  ): Promise<void> {
    await this.sleepUntil(life.joinAtMs)
    await before
    const member = this.newMember(group, life)
    const { end } = life
    if (end.kind === 'stays') return
    await this.sleepUntil(end.atMs)
    group.present.delete(member)
    if (end.kind === 'leaves') return member.leave(end.saysGoodBye)
    group.crashed.push(member)
    member.crash()
  }

  private newMember(group: GroupRun, life: LifePlan): GroupMember {
    const member = new GroupMember({
      plan: life,
      bootstrapServers: this.bootstrapServers,
      world: this.world,
      journal: group.journal,
      seed: this.plan.seed * 100 + this.members++,
      calm: this.plan.calm,
    })
    group.present.add(member)
    member.start()
    return member
  }

  private async sleepUntil(atMs: number): Promise<void> {
    const { simulation } = this.world
    await simulation.sleep(Math.max(0, atMs - simulation.hiResClockMs()))
  }

  // ---- the quiet end

  private async quietEnd(): Promise<void> {
    const { simulation, network } = this.world
    this.cluster.faults.clear()
    network.faults.shape({ breakChance: 0 })
    for (const group of this.groups) {
      const { lastResort } = group.plan
      if (lastResort !== null) this.newMember(group, lastResort)
    }
    for (const partition of this.partitions) this.send(partition)
    await this.writer.flush()
    const deadlineMs = simulation.hiResClockMs() + QUIET_MS
    while (!this.groups.every((group) => this.isThrough(group))) {
      if (simulation.hiResClockMs() > deadlineMs) throw new Error(this.stuck())
      await simulation.sleep(LOOK_EVERY_MS)
    }
  }

  /** The last record of each partition was handled; all others have been before it. */
  private isThrough({ journal, plan }: GroupRun): boolean {
    const { problems } = journal
    if (problems.length > 0) return true
    return this.partitions.every(({ key }) => {
      const last = this.ends.get(key)! - 1
      if (journal.timesHandled(key, last) > 0) return true
      return plan.atMostOnce && journal.dropped.has(`${key}@${last}`)
    })
  }

  private stuck(): string {
    const lines = this.groups.map(({ plan, journal, present }) => {
      const missing = this.partitions.filter(({ key }) => {
        return journal.timesHandled(key, this.ends.get(key)! - 1) === 0
      })
      const members = Array.from(
        present,
        ({ plan: { name }, ownership }) => `${name}: ${ownership}`,
      )
      return `group ${plan.name} misses [${missing}]; ${members.join('; ')}`
    })
    return `${QUIET_MS} ms after everything was healed\n${lines.join('\n')}`
  }

  private async closeAll(): Promise<void> {
    const present = this.groups.flatMap((group) => [...group.present])
    await Promise.all(present.map((member) => member.leave()))
    const told = new Map<string, ReadonlyMap<string, number>>()
    for (const { plan } of this.groups) told.set(plan.name, await this.committed(plan.name))
    for (const { crashed } of this.groups) for (const member of crashed) await member.bury()
    await this.writer.close()
    this.readLogs(told)
    await this.cluster.close()
  }

  private readLogs(told: ReadonlyMap<string, ReadonlyMap<string, number>>): void {
    const batches = range(this.plan.offsetsPartitions).flatMap((partition) => [
      ...batchesOf(this.cluster, '__consumer_offsets', partition),
    ])
    const histories = groupHistories(batches)
    for (const { plan, journal } of this.groups) {
      const { name } = plan
      const history = histories.get(name) ?? []
      this.outcomes.push({ plan, journal, ends: this.ends, told: told.get(name)!, history })
    }
  }

  /** What the coordinator says, to somebody who is no member. */
  private async committed(group: string): Promise<ReadonlyMap<string, number>> {
    const auditor = new KafkaConsumer<string, string>(
      {
        'bootstrap.servers': this.bootstrapServers,
        'group.id': group,
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
      },
      this.world.environment('auditor'),
    )
    const offsets = await auditor.committed(this.partitions)
    await auditor.close()
    const told = new Map<string, number>()
    for (const [{ key }, committed] of offsets)
      if (committed !== null) told.set(key, committed.offset)
    return told
  }
}
