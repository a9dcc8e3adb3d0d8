/**
 * What a member knows about itself: who it is, in which round, how far into it, and whether it has
 * to join again.
 *
 *     requestRejoin ─► rejoinNeeded ─► (join, sync) ─► STABLE, rejoinNeeded = false
 *           ▲
 *           └── resetStateAndRejoin: the coordinator does not know us (any more)
 *
 * Two loops read and write this, the user's and the heartbeat's, and both await in between. So
 * whoever has awaited looks again: the generation may have been reset by an answer to a heartbeat
 * while a join or a listener ran.
 *
 * I1  STABLE means that this generation's share of the partitions has arrived.
 * I2  A reset always asks for a rejoin, and for `onJoinPrepare` before it: what was owned may be
 *     lost.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator
 */

import type { Logger } from '../../common/Logger.ts'
import type { WireError } from '../../protocol/Errors.ts'
import { Generation } from './Generation.ts'
import type { MemberState } from './MemberState.ts'

export class GroupMembership {
  generation = Generation.NO_GENERATION
  state: MemberState = 'UNJOINED'
  rejoinNeeded = true
  /** Why, as the coordinator is told (KIP-800); `''` when all is well. */
  rejoinReason = ''
  /** `onJoinPrepare` has not run yet for the rebalance that comes. */
  needsJoinPrepare = true
  private readonly logger: Logger

  constructor(logger: Logger) {
    this.logger = logger
  }

  /** @param shortReason what the coordinator is told; `fullReason` is for the log */
  requestRejoin(shortReason: string, fullReason: string = shortReason): void {
    this.logger.info(`Request joining group due to: ${fullReason}`)
    this.rejoinReason = shortReason
    this.rejoinNeeded = true
  }

  /** Nobody has been in this round for some time, or the coordinator has forgotten us. */
  resetStateAndGeneration(reason: string, shouldResetMemberId: boolean): void {
    const what = shouldResetMemberId ? 'generation and member id' : 'generation'
    this.logger.info(`Resetting ${what} due to: ${reason}`)
    this.state = 'UNJOINED'
    // An id that may still be good is kept: else the group would wait for its old bearer.
    this.generation = shouldResetMemberId
      ? Generation.NO_GENERATION
      : new Generation(
          Generation.NO_GENERATION.generationId,
          this.generation.memberId,
          Generation.NO_GENERATION.protocolName,
        )
  }

  /** I2. */
  resetStateAndRejoin(reason: string, shouldResetMemberId: boolean): void {
    this.resetStateAndGeneration(reason, shouldResetMemberId)
    this.requestRejoin(reason)
    this.needsJoinPrepare = true
  }

  /** @param api the name of the request whose answer `error` is */
  resetStateOnResponseError(api: string, error: WireError, shouldResetMemberId: boolean): void {
    this.resetStateAndRejoin(`encountered ${error.name} from ${api} response`, shouldResetMemberId)
  }

  /**
   * Whether the round was given up. The member id does not count: it may be good beyond the round.
   */
  hasGenerationReset(generation: Generation = this.generation): boolean {
    return (
      generation.generationId === Generation.NO_GENERATION.generationId &&
      generation.protocolName === null
    )
  }

  /** I1. */
  rebalanceSucceeded(): void {
    this.state = 'STABLE'
    this.rejoinReason = ''
    this.rejoinNeeded = false
  }

  toString(): string {
    const rejoin = this.rejoinNeeded ? `, must join: '${this.rejoinReason}'` : ''
    return `GroupMembership(${this.state}, ${this.generation}${rejoin})`
  }
}
