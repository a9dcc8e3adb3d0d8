/**
 * One rebalance, seen by a member: prepare, join, sync, complete; and again, until it holds.
 *
 *     rejoinNeeded ─► onJoinPrepare ─► JoinGroup ─► SyncGroup ─► onJoinComplete ─► done
 *          ▲               │ not yet        │ failed                  │ throws
 *          │               ▼                ▼                         ▼
 *          │            (next call)   retriable: back off,      the same assignment
 *          └──────────────────────────go round; else throw       with the next call
 *
 * I1  `onJoinPrepare` succeeds once for a rebalance, and before any join of it is sent. A join that
 *     failed does not repeat it; a generation that was reset does.
 * I2  An assignment is handed to `onJoinComplete` until that has returned without an error: a
 *     wakeup in a listener loses no assignment.
 * I3  A join under way is found again by the next call: one that was woken up, or out of time,
 *     sends no second one.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator
 */

import {
  IllegalGenerationException,
  MemberIdRequiredException,
  RebalanceInProgressException,
  UnknownMemberIdException,
} from '../../common/errors/CoordinatorExceptions.ts'
import type { Timer } from '../../common/Timer.ts'
import type { GroupContext } from './GroupContext.ts'
import type { RequestFuture } from './RequestFuture.ts'

/** What a rebalance calls on its way. */
export interface JoiningMember {
  ensureCoordinatorReady(timer: Timer): Promise<boolean>

  /** `isNeededOrPending`, and what else the member has reasons for: its topics have changed. */
  rejoinNeededOrPending(): boolean

  /**
   * Called before each join: commits, and gives up what must not be kept.
   *
   * @param generation of the round that ends; -1: none
   * @param memberId `''`: none
   * @returns `false`: not done yet, come back with the next call
   */
  onJoinPrepare(timer: Timer, generation: number, memberId: string): Promise<boolean>

  /**
   * Called when this member has its assignment. If it throws, it is called again with the next call
   * of `joinGroupIfNeeded`.
   */
  onJoinComplete(
    generation: number,
    memberId: string,
    protocol: string,
    assignment: Uint8Array,
  ): Promise<void>
}

/** After these there is no need to wait: the next try says something else. */
const AT_ONCE = [
  UnknownMemberIdException,
  IllegalGenerationException,
  RebalanceInProgressException,
  MemberIdRequiredException,
]

export class GroupJoin {
  private readonly context: GroupContext
  private readonly member: JoiningMember
  private readonly sendJoinGroupRequest: () => RequestFuture<Uint8Array>
  /** I3. */
  private joinFuture: RequestFuture<Uint8Array> | null = null

  constructor(
    context: GroupContext,
    member: JoiningMember,
    sendJoinGroupRequest: () => RequestFuture<Uint8Array>,
  ) {
    this.context = context
    this.member = member
    this.sendJoinGroupRequest = sendJoinGroupRequest
  }

  /** A join is needed, or one is under way that must be finished. */
  isNeededOrPending(): boolean {
    return this.context.membership.rejoinNeeded || this.joinFuture !== null
  }

  /**
   * @returns `false` when the time was over first; the state says how far it came, and what is
   *   under way is finished by the next call
   */
  async joinGroupIfNeeded(timer: Timer): Promise<boolean> {
    while (this.member.rejoinNeededOrPending()) {
      if (!(await this.member.ensureCoordinatorReady(timer))) return false
      // In each round of the loop: a change of metadata may ask for another rebalance meanwhile.
      if (!(await this.prepare(timer))) return false
      const future = this.initiateJoinGroup()
      await this.context.client.pollFuture(future, timer)
      if (!future.isDone()) return false
      if (future.succeeded()) await this.complete(future.value())
      else if (!(await this.recover(future, timer))) return false
    }
    return true
  }

  /** I1. */
  private async prepare(timer: Timer): Promise<boolean> {
    const { membership } = this.context
    if (!membership.needsJoinPrepare) return true
    // Before the call: a listener that throws has been called all the same.
    membership.needsJoinPrepare = false
    const { generationId, memberId } = membership.generation
    if (await this.member.onJoinPrepare(timer, generationId, memberId)) return true
    membership.needsJoinPrepare = true
    return false
  }

  /** I3. */
  private initiateJoinGroup(): RequestFuture<Uint8Array> {
    if (this.joinFuture !== null) return this.joinFuture
    const { membership, sensors, time } = this.context
    membership.state = 'PREPARING_REBALANCE'
    // Tries that failed belong to the rebalance that succeeds in the end.
    const { rebalances } = sensors
    if (!rebalances.rebalanceStarted()) rebalances.recordRebalanceStarted(time.milliseconds())
    this.joinFuture = this.sendJoinGroupRequest()
    this.joinFuture.addListener({ onFailure: () => rebalances.maybeRecordRebalanceFailed() })
    return this.joinFuture
  }

  private async complete(assignment: Uint8Array): Promise<void> {
    const { membership } = this.context
    const { generation, state } = membership
    if (membership.hasGenerationReset() || state !== 'STABLE') {
      // Between the answer and now an answer to a heartbeat said otherwise.
      membership.resetStateAndRejoin(
        `rebalance failed since the generation/state was modified by the heartbeat loop to ` +
          `${generation}/${state} before the rebalance callback triggered`,
        true,
      )
      this.joinFuture = null
      return
    }
    const { generationId, memberId, protocolName } = generation
    // I2: a copy, for whoever reads it may be interrupted half way.
    const copy = assignment.slice()
    await this.member.onJoinComplete(generationId, memberId, protocolName ?? '', copy)
    this.joinFuture = null
    membership.needsJoinPrepare = true
  }

  /** @returns whether to go round. @throws what no second try can mend */
  private async recover(future: RequestFuture<Uint8Array>, timer: Timer): Promise<boolean> {
    const error = future.exception()
    this.joinFuture = null
    // A member that was just named has asked for a rejoin already, with a reason of its own.
    if (!(error instanceof MemberIdRequiredException)) {
      this.context.membership.requestRejoin(
        `rebalance failed due to ${error.name}`,
        `rebalance failed due to '${error.message}' (${error.name})`,
      )
    }
    if (AT_ONCE.some((kind) => error instanceof kind)) return true
    if (!future.isRetriable()) throw error
    if (timer.isExpired()) return false
    await timer.sleep(this.context.config.retryBackoffMs)
    return true
  }
}
