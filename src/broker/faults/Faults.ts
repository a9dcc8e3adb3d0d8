/**
 * Faults on request: what a test tells the brokers of a cluster to do wrong, and how often.
 *
 *     cluster.faults.on({ api: 'PRODUCE', topic: 'orders' }).error('NOT_LEADER_OR_FOLLOWER')
 *     cluster.faults.on({ api: 'PRODUCE', times: 3 }).disconnect({ when: 'afterHandling' })
 *     const slow = cluster.faults.on({ broker: 2, times: Infinity }).delay(200)
 *     …
 *     expect(slow.hits).toBeGreaterThan(0)
 *     slow.remove()
 *
 *     request ─► oldest rule that fits ─► beforeHandling ─► KafkaApis ─► afterHandling ─► answer
 *                                         └ error, delay, drop, disconnect: one of the two places
 *
 * A rule works on requests that have reached the broker. What goes wrong on the way there is the
 * network's part (`NetworkFaults`, with a `MemoryNetwork`).
 *
 * I1  A request meets at most one rule: the oldest that fits and has times left.
 * I2  A rule that is used up is gone. Without rules a request costs one comparison more.
 * I3  Rules draw no lots and wait by the cluster's own clock, so a simulated run stays fixed by its
 *     seed.
 *
 * @simplified Kafka has none: its tests put a `MockClient` in the place of the network. This one
 *   works for any client in any language.
 */

import { IllegalArgumentException } from '../../common/errors.ts'
import { type AnyApiKey, ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors, WireError } from '../../protocol/Errors.ts'
import type { ErrorName } from '../../protocol/errorTable.ts'

/** The name of an API as Kafka's table has it: `PRODUCE`, `FETCH`, `METADATA`, … */
export type ApiName = {
  [K in keyof typeof ApiKeys]: (typeof ApiKeys)[K] extends AnyApiKey ? K : never
}[keyof typeof ApiKeys]

/** An error of the protocol by its name, such as `NOT_LEADER_OR_FOLLOWER`. */
export type FaultErrorName = Exclude<ErrorName, 'NONE'>

/** Which requests a rule is for, and for how many. What is left out fits everything. */
export interface FaultFilter {
  readonly api?: ApiName
  /** The broker that has the request. */
  readonly broker?: number
  /** Requests that name this topic; others, such as for the metadata of all topics, do not fit. */
  readonly topic?: string
  /** Requests that name this partition, of `topic` or of any. */
  readonly partition?: number
  /** Requests that name this group: of its members, of its offsets, or for its coordinator. */
  readonly group?: string
  /** The `client.id` of who asks. */
  readonly clientId?: string
  /** How many requests it hits; `Infinity`: until it is removed. Default 1. */
  readonly times?: number
}

/** Before the broker does what was asked, or after it: then only the answer is concerned. */
export type FaultMoment = 'beforeHandling' | 'afterHandling'

export type FaultAction =
  | { readonly kind: 'error'; readonly error: WireError }
  | { readonly kind: 'delay'; readonly when: FaultMoment; readonly ms: number }
  | { readonly kind: 'drop'; readonly when: FaultMoment }
  | { readonly kind: 'disconnect'; readonly when: FaultMoment; readonly afterBytes: number }

/** What a request names: a topic, and a partition where the API has partitions. */
export interface RequestPart {
  readonly topic: string
  readonly partition: number | undefined
}

/** A request, as a rule looks at it. */
export interface FaultCandidate {
  readonly apiKey: AnyApiKey
  readonly broker: number
  readonly clientId: string | null
  parts(): readonly RequestPart[]
  groups(): readonly string[]
}

/** One rule that was set. */
export class FaultRule {
  readonly filter: FaultFilter
  readonly action: FaultAction
  private readonly times: number
  private readonly forget: (rule: FaultRule) => void
  private hitCount = 0

  constructor(filter: FaultFilter, action: FaultAction, forget: (rule: FaultRule) => void) {
    this.filter = filter
    this.action = action
    this.times = filter.times ?? 1
    this.forget = forget
  }

  /** How many requests it has hit so far. */
  get hits(): number {
    return this.hitCount
  }

  /** How many more it will hit; 0 when it is used up. */
  get remaining(): number {
    return this.times - this.hitCount
  }

  /** From now on it hits nothing. A request that it has hit already stays hit. */
  remove(): void {
    this.forget(this)
  }

  /** @internal */
  matches(candidate: FaultCandidate): boolean {
    const { api, broker, clientId, group } = this.filter
    if (api !== undefined && ApiKeys[api].id !== candidate.apiKey.id) return false
    if (broker !== undefined && broker !== candidate.broker) return false
    if (clientId !== undefined && clientId !== candidate.clientId) return false
    if (group !== undefined && !candidate.groups().includes(group)) return false
    if (!this.namesParts()) return true
    return candidate.parts().some((part) => this.matchesPart(part))
  }

  /**
   * Whether it is for some topics or partitions only.
   *
   * @internal
   */
  namesParts(): boolean {
    return this.filter.topic !== undefined || this.filter.partition !== undefined
  }

  /**
   * Whether the rule is meant for this part of a request that it has hit.
   *
   * @internal
   */
  matchesPart(part: RequestPart): boolean {
    const { topic, partition } = this.filter
    if (topic !== undefined && topic !== part.topic) return false
    return partition === undefined || partition === part.partition
  }

  /**
   * Counts a hit; the last one takes the rule out.
   *
   * @internal
   */
  hit(): void {
    this.hitCount++
    if (this.remaining <= 0) this.remove()
  }

  toString(): string {
    const filter = Object.entries(this.filter).map(([name, value]) => `${name}=${value}`)
    return `${describe(this.action)} on ${filter.join(', ') || 'every request'}`
  }
}

/** Says what shall happen to the requests of a filter. */
export class FaultBuilder {
  private readonly add: (action: FaultAction) => FaultRule

  constructor(add: (action: FaultAction) => FaultRule) {
    this.add = add
  }

  /**
   * The answer has this error: for the topics and partitions of the filter, while the others of the
   * same request are really handled. With acks=0, which has no answer, the connection is closed.
   *
   * @throws IllegalArgumentException for a name that is no error
   */
  error(name: FaultErrorName): FaultRule {
    const error: unknown = Object.hasOwn(Errors, name) ? Errors[name] : undefined
    if (!(error instanceof WireError) || error === Errors.NONE) {
      throw new IllegalArgumentException(
        `There is no error '${name}'. Kafka's names are meant, such as 'NOT_LEADER_OR_FOLLOWER'.`,
      )
    }
    return this.add({ kind: 'error', error })
  }

  /**
   * The request is handled `ms` later, or answered that much later. Its connection is not read
   * meanwhile, as with any request that takes long.
   */
  delay(ms: number, { when = 'beforeHandling' }: { when?: FaultMoment } = {}): FaultRule {
    if (!(ms >= 0)) throw new IllegalArgumentException(`A delay cannot be ${ms} ms`)
    return this.add({ kind: 'delay', when, ms })
  }

  /**
   * The request is never answered, and its connection not read any more: the client's
   * `request.timeout.ms` ends it. With acks=0, where nobody waits for an answer, the request is
   * lost and the connection goes on. Default: it is not handled either.
   */
  drop({ when = 'beforeHandling' }: { when?: FaultMoment } = {}): FaultRule {
    return this.add({ kind: 'drop', when })
  }

  /**
   * The connection is closed: instead of handling the request, or instead of answering it (the
   * acknowledgement is lost). With `afterBytes` so many bytes of the answer still get out, the four
   * of its size counted.
   *
   * @throws IllegalArgumentException for bytes of an answer that there would not be
   */
  disconnect(options: { when?: FaultMoment; afterBytes?: number } = {}): FaultRule {
    const { afterBytes } = options
    const when = options.when ?? (afterBytes === undefined ? 'beforeHandling' : 'afterHandling')
    if (afterBytes !== undefined && (when === 'beforeHandling' || !(afterBytes >= 0))) {
      throw new IllegalArgumentException(
        `Cannot disconnect ${when} after ${afterBytes} bytes of the answer: afterBytes goes with ` +
          "'afterHandling', and is at least 0.",
      )
    }
    return this.add({ kind: 'disconnect', when, afterBytes: afterBytes ?? 0 })
  }
}

/** All rules of a cluster: `cluster.faults`. */
export class Faults {
  private readonly list: FaultRule[] = []

  /**
   * Begins a rule: `on({ api: 'PRODUCE' }).drop()`.
   *
   * @throws IllegalArgumentException for an API that there is not, or `times` below 1
   */
  on(filter: FaultFilter = {}): FaultBuilder {
    const { api, times = 1 } = filter
    if (api !== undefined && !Object.hasOwn(ApiKeys, api)) {
      throw new IllegalArgumentException(
        `There is no API '${api}' here. Kafka's names are meant, such as 'PRODUCE' or 'FETCH'.`,
      )
    }
    if (times !== Number.POSITIVE_INFINITY && !(Number.isInteger(times) && times >= 1)) {
      throw new IllegalArgumentException(`A fault cannot hit ${times} times`)
    }
    return new FaultBuilder((action) => {
      const rule = new FaultRule({ ...filter }, action, (used) => this.forget(used))
      this.list.push(rule)
      return rule
    })
  }

  /** Those that are set and not used up, oldest first. */
  rules(): readonly FaultRule[] {
    return [...this.list]
  }

  isEmpty(): boolean {
    return this.list.length === 0
  }

  /** Removes all rules. */
  clear(): void {
    this.list.length = 0
  }

  /**
   * I1: the rule that a request meets, its hit counted.
   *
   * @internal
   */
  take(candidate: FaultCandidate): FaultRule | undefined {
    const rule = this.list.find((each) => each.matches(candidate))
    rule?.hit()
    return rule
  }

  private forget(rule: FaultRule): void {
    const index = this.list.indexOf(rule)
    if (index >= 0) this.list.splice(index, 1)
  }
}

/** For people: in a trace, or in the story of a simulated run. */
export const describe = (action: FaultAction): string => {
  switch (action.kind) {
    case 'error':
      return `error ${action.error}`
    case 'delay':
      return `delay of ${action.ms} ms ${action.when}`
    case 'drop':
      return `drop ${action.when}`
    case 'disconnect':
      return action.afterBytes === 0
        ? `disconnect ${action.when}`
        : `disconnect ${action.when}, ${action.afterBytes} bytes out`
  }
}
