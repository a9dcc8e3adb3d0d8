/**
 * A group as its record in `__consumer_offsets` has it: stable with its members, or empty.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 */

import type { Logger } from '../../../common/Logger.ts'
import type { Time } from '../../../common/Time.ts'
import type {
  GroupMetadataKeyData,
  GroupMetadataValueData,
} from '../messages/GroupMetadataRecord.ts'
import { ClassicGroup } from './ClassicGroup.ts'
import { ClassicGroupMember } from './ClassicGroupMember.ts'

/** What older versions say where they have no word for it. */
const UNKNOWN = -1

export const classicGroupOfRecord = (
  { group: groupId }: GroupMetadataKeyData,
  value: GroupMetadataValueData,
  { logger, time }: { logger: Logger; time: Time },
): ClassicGroup => {
  const { protocolType, protocol, currentStateTimestamp } = value
  const group = new ClassicGroup({
    groupId,
    logger,
    time,
    initialState: value.members.length === 0 ? 'Empty' : 'Stable',
    generationId: value.generation,
    protocolType: protocolType === '' ? null : protocolType,
    protocolName: protocol,
    leaderId: value.leader,
    currentStateTimestamp: currentStateTimestamp === UNKNOWN ? null : currentStateTimestamp,
  })
  for (const member of value.members) {
    const { rebalanceTimeout, sessionTimeout, subscription } = member
    group.add(
      new ClassicGroupMember({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeoutMs: rebalanceTimeout === UNKNOWN ? sessionTimeout : rebalanceTimeout,
        sessionTimeoutMs: sessionTimeout,
        protocolType,
        // Of what the member knew, only what the group uses was written down.
        supportedProtocols: [{ name: protocol ?? '', metadata: subscription }],
        assignment: member.assignment,
      }),
    )
  }
  group.subscribedTopics = group.computeSubscribedTopics()
  return group
}
