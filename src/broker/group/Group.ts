/**
 * What every kind of group can be asked, by those who keep its offsets, list it or delete it.
 *
 * Whether something is allowed is a question that throws: the exception's class is the answer on
 * the wire.
 *
 * @kafka org.apache.kafka.coordinator.group.Group
 * @simplified only classic groups are ever made here, so a commit is not checked partition by
 *   partition, and nobody asks how a group stood at an older offset of its log.
 */

import type { ListedGroup } from '../../protocol/messages/ListGroups.ts'
import type { CoordinatorRecord } from './GroupCoordinatorRecord.ts'
import type { OffsetExpirationCondition } from './OffsetExpirationCondition.ts'

/** As they go over the wire. */
export const GROUP_TYPES = ['consumer', 'classic', 'share', 'streams', 'unknown'] as const
export type GroupType = (typeof GROUP_TYPES)[number]

/** A name in any case; `unknown` where there is no such type. */
export const parseGroupType = (name: string): GroupType =>
  GROUP_TYPES.find((type) => type === name.toLowerCase()) ?? 'unknown'

export interface Group {
  readonly groupId: string
  readonly type: GroupType
  /** As ListGroups and DescribeGroups say it. */
  stateAsString(): string
  asListedGroup(): ListedGroup
  /**
   * @param memberId empty: nobody that is a member
   * @param generationId negative: nobody that is a member
   * @throws CoordinatorNotAvailableException, UnknownMemberIdException, FencedInstanceIdException,
   *   IllegalGenerationException, RebalanceInProgressException when this one must not commit now
   */
  validateOffsetCommit(
    memberId: string,
    groupInstanceId: string | null,
    generationId: number,
    isTransactional: boolean,
    apiVersion: number,
  ): void
  /** @throws GroupIdNotFoundException when the group is dead */
  validateOffsetFetch(memberId: string | null, memberEpoch: number): void
  /** @throws GroupIdNotFoundException, GroupNotEmptyException */
  validateOffsetDelete(): void
  /** @throws GroupIdNotFoundException, GroupNotEmptyException */
  validateDeleteGroup(): void
  /** Whether a member reads the topic; `true` also where a group of consumers cannot tell. */
  isSubscribedToTopic(topic: string): boolean
  /** Adds what deletes the group from the log. */
  createGroupTombstoneRecords(records: CoordinatorRecord[]): void
  /** Nobody is in it. */
  isEmpty(): boolean
  /** `undefined`: offsets of this group do not expire now. */
  offsetExpirationCondition(): OffsetExpirationCondition | undefined
  /** @param statesFilter in lower case */
  isInStates(statesFilter: ReadonlySet<string>): boolean
  hasMember(memberId: string): boolean
  numMembers(): number
  /** Whether a group that has neither members nor offsets is to be deleted. */
  shouldExpire(): boolean
}
