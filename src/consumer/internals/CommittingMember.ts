/**
 * The member of a group, as far as its offsets are concerned: who it is, where its coordinator is,
 * and what becomes of it when a commit says that it is nobody any more.
 *
 * In Java these are methods of `AbstractCoordinator`, which `ConsumerCoordinator` inherits.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator
 */

import type { Node } from '../../common/Node.ts'
import type { Timer } from '../../common/Timer.ts'
import type { WireError } from '../../protocol/Errors.ts'
import type { HandlingCoordinator } from './CoordinatorResponseHandler.ts'
import type { Generation } from './Generation.ts'
import type { MemberState } from './MemberState.ts'
import type { RequestFuture } from './RequestFuture.ts'

export interface CommittingMember extends HandlingCoordinator {
  memberId(): string
  coordinatorUnknown(): boolean
  checkAndGetCoordinator(): Node | null
  ensureCoordinatorReady(timer: Timer): Promise<boolean>
  lookupCoordinator(): RequestFuture<void>
  /** `null` unless the member is `STABLE`. */
  generationIfStable(): Generation | null
  rebalanceInProgress(): boolean
  memberState(): MemberState
  requestRejoin(shortReason: string, fullReason?: string): void
  resetStateOnResponseError(api: string, error: WireError, shouldResetMemberId: boolean): void
}
