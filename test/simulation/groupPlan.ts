/**
 * What happens in one simulated run of consumer groups: which cluster, which members with which
 * settings and habits, when they come and how they go, and what goes wrong meanwhile. Everything is
 * drawn from the seed before the run begins, so that it can be told.
 */

import { SeededRandom } from '../../src/common/Random.ts'
import type { ConsumerConfigInput } from '../../src/consumer/ConsumerConfig.ts'
import type { LinkSettings } from '../../src/network/nio/MemoryLink.ts'
import { range } from '../cluster/clusterSupport.ts'
import { Dice } from './Dice.ts'
import { BUSY_MS, mischiefPlan, offsetsTopic } from './groupMischief.ts'
import {
  linkPlan,
  storyOfMischief,
  storyOfTopic,
  type Timetable,
  type TopicPlan,
} from './mischief.ts'

export type Settings = Partial<ConsumerConfigInput<string, string>>

/**
 * How a member's program reads, and when it commits.
 *
 *     auto           polls; the consumer commits
 *     sync, async    polls, handles, commits
 *     records        a loop over single records, which it sometimes leaves
 *     atMostOnce     polls, commits, and handles only what is committed
 */
export type Style = 'auto' | 'sync' | 'async' | 'records' | 'atMostOnce'

/** How a member's program ends: all that have an end do so before the quiet end of the run. */
export type LifeEnd =
  | { readonly kind: 'stays' }
  /** Closes its consumer; a static member may say good-bye, too. */
  | { readonly kind: 'leaves'; readonly atMs: number; readonly saysGoodBye: boolean }
  /** Its machine is never heard of again. */
  | { readonly kind: 'crashes'; readonly atMs: number }

/** One process with a consumer, from its start to its end. */
export interface LifePlan {
  /** Also its host and its `client.id`. */
  readonly name: string
  readonly topics: readonly string[] | RegExp
  readonly settings: Settings
  readonly style: Style
  readonly joinAtMs: number
  /** In whose place it comes: not before that one is closed, or has crashed. */
  readonly after: string | null
  readonly end: LifeEnd
  readonly pollMs: number
  /** How long it takes over one record, at most. */
  readonly handleMs: number
  /** How likely it stops at a record, and for how long. */
  readonly stallChance: number
  readonly stallMs: number
  /** Commits once more when partitions are revoked. */
  readonly commitsWhenRevoked: boolean
  /** How likely a loop over records is left at a record, or the program is woken. */
  readonly whim: number
}

export interface GroupPlan {
  readonly name: string
  readonly atMostOnce: boolean
  readonly lives: readonly LifePlan[]
  /** Comes when all is quiet, if nobody has stayed. */
  readonly lastResort: LifePlan | null
}

/** So many records are written to a partition of `topic`. */
export interface WritePlan {
  readonly atMs: number
  readonly topic: string
  readonly partition: number
  readonly records: number
}

export interface Plan {
  readonly seed: number
  /** Nothing goes wrong: every record must be handled exactly once in each group. */
  readonly calm: boolean
  readonly brokers: number
  readonly offsetsPartitions: number
  readonly initialRebalanceDelayMs: number
  readonly topics: readonly TopicPlan[]
  readonly link: Partial<LinkSettings>
  readonly groups: readonly GroupPlan[]
  /** Before the members come: at 0 ms. */
  readonly writes: readonly WritePlan[]
  readonly mischief: Timetable
}

/** What a member's assignors may be. Members of one group draw from one of these. */
const STRATEGIES: readonly (readonly (readonly string[])[])[] = [
  [['range']],
  [['roundrobin']],
  [['sticky']],
  [['cooperative-sticky']],
  [['cooperative-sticky']],
  [['range', 'cooperative-sticky']],
  // In the middle of a rolling change. What all have in common comes first: a coordinator that
  // reads its groups back from its log knows no more of a member than what was in use.
  [['range'], ['range', 'cooperative-sticky']],
  [['cooperative-sticky'], ['cooperative-sticky', 'range']],
]

export const planOf = (seed: number): Plan => {
  // A chance of its own: what is drawn while it runs does not depend on what is drawn here.
  const dice = new Dice(new SeededRandom(seed * 2 + 1))
  const calm = dice.chance(0.15)
  const brokers = dice.pick(1, 2, 2, 3, 4)
  const offsetsPartitions = dice.between(1, 4)
  const topics = range(dice.pick(1, 1, 2)).map((i): TopicPlan => {
    return { name: `t${i}`, partitions: dice.between(1, 4), configs: {} }
  })
  const groups = range(dice.pick(1, 1, 1, 1, 2)).map((i) => groupPlan(dice, `g${i}`, topics, calm))
  const lives = groups.flatMap((group) => group.lives)
  const mischief = calm
    ? []
    : mischiefPlan(dice, brokers, [...topics, offsetsTopic(offsetsPartitions)], lives)
  return {
    seed,
    calm,
    brokers,
    offsetsPartitions,
    initialRebalanceDelayMs: dice.pick(0, 0, 50, 300),
    topics,
    link: linkPlan(dice, calm),
    groups,
    writes: topics.flatMap((topic) => writesPlan(dice, topic)),
    mischief,
  }
}

const writesPlan = (dice: Dice, { name, partitions }: TopicPlan): WritePlan[] =>
  range(partitions).flatMap((partition) =>
    range(dice.between(1, 3)).map((i) => ({
      atMs: i === 0 ? 0 : dice.between(0, BUSY_MS),
      topic: name,
      partition,
      records: dice.pick(1, 4, 12),
    })),
  )

// ---- groups

const groupPlan = (
  dice: Dice,
  name: string,
  topics: readonly TopicPlan[],
  calm: boolean,
): GroupPlan => {
  const strategies = dice.pick(...STRATEGIES)
  const atMostOnce = dice.chance(0.15)
  const names = topics.map((topic) => topic.name)
  const lives: LifePlan[] = []
  for (const i of range(dice.pick(1, 2, 2, 2, 3, 3, 4, 5))) {
    const style = atMostOnce ? 'atMostOnce' : dice.pick<Style>('auto', 'sync', 'async', 'records')
    const instance = dice.chance(0.3) ? `${name}-static-${i}` : null
    const strategy = dice.pick(...strategies)
    let joinAtMs = dice.pick(0, 0, dice.between(0, BUSY_MS / 2))
    let after: string | null = null
    // A process, and perhaps those that are started in its place.
    for (const start of ['', 'b', 'c']) {
      const end = endPlan(dice, joinAtMs, calm)
      const stays = end.kind === 'stays'
      const life = `${name}m${i}${start}`
      const habits = habitsPlan(dice, calm)
      const settings = settingsPlan(dice, name, instance, strategy, style, calm)
      lives.push({
        ...habits,
        commitsWhenRevoked: calm ? mustCommitWhenRevoked(style, settings) : dice.chance(0.5),
        name: life,
        // A static member that comes back gets what it had: the coordinator does not look whether
        // it wants something else now.
        topics: topicsPlan(dice, names, stays || instance !== null),
        settings,
        style,
        joinAtMs,
        after,
        end,
      })
      after = life
      if (end.kind === 'stays' || dice.chance(0.5)) break
      joinAtMs = end.atMs + dice.pick(0, 100, 800)
    }
  }
  const stays = lives.some(({ end }) => end.kind === 'stays')
  return {
    name,
    atMostOnce,
    lives,
    lastResort: stays ? null : lastResort(lives[0]!, name, names),
  }
}

const lastResort = (first: LifePlan, group: string, topics: readonly string[]): LifePlan => ({
  ...first,
  name: `${group}last`,
  topics,
  after: null,
  settings: { ...first.settings, 'group.instance.id': null },
  end: { kind: 'stays' },
})

const topicsPlan = (
  dice: Dice,
  topics: readonly string[],
  all: boolean,
): readonly string[] | RegExp =>
  dice.chance(0.1) ? /^t\d$/ : all || dice.chance(0.7) ? topics : [dice.pick(...topics)]

const endPlan = (dice: Dice, joinAtMs: number, calm: boolean): LifeEnd => {
  const atMs = Math.min(joinAtMs + dice.between(0, BUSY_MS), BUSY_MS)
  const kind = dice.pick(...(['stays', 'stays', 'leaves', calm ? 'leaves' : 'crashes'] as const))
  if (kind === 'stays') return { kind }
  return kind === 'leaves' ? { kind, atMs, saysGoodBye: dice.chance(0.5) } : { kind, atMs }
}

type Habits = Pick<LifePlan, 'pollMs' | 'handleMs' | 'stallChance' | 'stallMs' | 'whim'>

/**
 * What it takes to handle each record once. A consumer that commits by itself does so before it
 * gives up everything; one that gives up a part does not.
 */
const mustCommitWhenRevoked = (style: Style, settings: Settings): boolean => {
  if (style === 'atMostOnce') return false
  const strategy = String(settings['partition.assignment.strategy'])
  return settings['enable.auto.commit'] !== true || strategy === 'cooperative-sticky'
}

const habitsPlan = (dice: Dice, calm: boolean): Habits => ({
  pollMs: dice.pick(50, 500, 2000, 2000),
  handleMs: dice.pick(0, 0, 0, 0, 15),
  stallChance: calm ? 0 : dice.pick(0, 0, 0.01, 0.05),
  stallMs: dice.pick(200, 800, 2000),
  whim: calm ? 0 : dice.pick(0, 0, 0.05),
})

const settingsPlan = (
  dice: Dice,
  group: string,
  instance: string | null,
  strategy: readonly string[],
  style: Style,
  calm: boolean,
): Settings => {
  const sessionMs = calm ? 1500 : dice.pick(400, 700, 1200)
  const requestMs = calm ? 30_000 : dice.pick(400, 1000, 2000)
  return {
    'group.id': group,
    'group.instance.id': instance,
    'partition.assignment.strategy': [...strategy],
    'session.timeout.ms': sessionMs,
    'heartbeat.interval.ms': Math.floor(sessionMs / dice.pick(2, 3)),
    'max.poll.interval.ms': calm ? 60_000 : dice.pick(500, 1200, 2500),
    'enable.auto.commit': style === 'auto' || (style === 'records' && dice.chance(0.5)),
    'auto.commit.interval.ms': dice.pick(50, 400, 1000),
    'auto.offset.reset': 'earliest',
    'max.poll.records': dice.pick(1, 4, 20, 500),
    // A fetch that waits longer than its request may never ends, nor does what stands behind it.
    'fetch.max.wait.ms': Math.min(requestMs / 2, dice.pick(50, 500, 500)),
    'max.partition.fetch.bytes': dice.pick(200, 1_000_000),
    'request.timeout.ms': requestMs,
    'default.api.timeout.ms': calm ? 60_000 : dice.pick(2000, 5000),
    // How often the heartbeat's loop looks, too.
    'retry.backoff.ms': dice.pick(30, 100, 100),
    'retry.backoff.max.ms': 200,
    'reconnect.backoff.ms': dice.pick(5, 50),
    'reconnect.backoff.max.ms': 200,
    'socket.connection.setup.timeout.ms': 500,
    'socket.connection.setup.timeout.max.ms': 1000,
  }
}

// ---- the plan for people

const storyOfEnd = (end: LifeEnd): string => {
  if (end.kind === 'stays') return 'stays'
  const goodBye = end.kind === 'leaves' && end.saysGoodBye ? ' and says good-bye' : ''
  return `${end.kind} at ${end.atMs} ms${goodBye}`
}

const storyOfLife = (life: LifePlan): string => {
  const { name, style, joinAtMs, after, end, settings, topics, ...habits } = life
  const of = topics instanceof RegExp ? String(topics) : topics.join(' ')
  return (
    `  ${name} reads ${of} (${style}), comes at ${joinAtMs} ms` +
    `${after === null ? '' : ` after ${after}`}, ${storyOfEnd(end)}; ` +
    `${JSON.stringify(habits)} ${JSON.stringify(settings)}`
  )
}

export const storyOf = (plan: Plan): string => {
  const { seed, calm, brokers, offsetsPartitions, initialRebalanceDelayMs } = plan
  const lines = [
    `seed ${seed}${calm ? ', nothing goes wrong' : ''}: ${brokers} broker(s), ` +
      `${offsetsPartitions} partition(s) of offsets, first rebalance after ` +
      `${initialRebalanceDelayMs} ms`,
    `link ${JSON.stringify(plan.link)}`,
    ...plan.topics.map(storyOfTopic),
    ...plan.groups.flatMap(({ name, lives, lastResort: last, atMostOnce }) => [
      `group ${name}, ${atMostOnce ? 'at most once' : 'at least once'}`,
      ...lives.map(storyOfLife),
      ...(last === null ? [] : [`when all is quiet ${storyOfLife(last)}`]),
    ]),
    ...plan.writes.map(
      ({ atMs, topic, partition, records }) =>
        `at ${atMs} ms: ${records} record(s) for ${topic}-${partition}`,
    ),
    ...storyOfMischief(plan.mischief),
  ]
  return lines.join('\n')
}
