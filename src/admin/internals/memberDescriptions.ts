/**
 * Members as the two APIs for groups tell them.
 *
 * @kafka org.apache.kafka.clients.admin.internals.DescribeConsumerGroupsHandler
 * @kafka org.apache.kafka.clients.admin.internals.DescribeClassicGroupsHandler
 */

import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import { deserializeConsumerProtocolAssignment } from '../../protocol/ConsumerProtocol.ts'
import type { DescribedConsumerGroupMember } from '../../protocol/messages/ConsumerGroupDescribe.ts'
import type { DescribedGroupMember } from '../../protocol/messages/DescribeGroups.ts'
import type { MemberDescription } from '../ConsumerGroupDescription.ts'

/** @param isConsumer only consumers' assignments are known to be in the consumers' protocol */
export const classicMember = (
  member: DescribedGroupMember,
  isConsumer: boolean,
): MemberDescription => ({
  consumerId: member.memberId,
  groupInstanceId: member.groupInstanceId,
  rackId: null,
  clientId: member.clientId,
  host: member.clientHost,
  assignment: isConsumer ? assignmentOf(member.memberAssignment) : new TopicPartitionSet(),
  targetAssignment: null,
  memberEpoch: null,
  upgraded: null,
})

/** Empty while the group is rebalancing, and for a member that got nothing. */
const assignmentOf = (bytes: Uint8Array): TopicPartitionSet => {
  if (bytes.length === 0) return new TopicPartitionSet()
  const { assignedPartitions } = deserializeConsumerProtocolAssignment(bytes)
  return new TopicPartitionSet(
    assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => new TopicPartition(topic, partition)),
    ),
  )
}

export const consumerMember = (member: DescribedConsumerGroupMember): MemberDescription => ({
  consumerId: member.memberId,
  groupInstanceId: member.instanceId,
  rackId: member.rackId,
  clientId: member.clientId,
  host: member.clientHost,
  assignment: partitionsOf(member.assignment),
  targetAssignment: partitionsOf(member.targetAssignment),
  memberEpoch: member.memberEpoch,
  upgraded: member.memberType === -1 ? null : member.memberType === 1,
})

const partitionsOf = ({
  topicPartitions,
}: DescribedConsumerGroupMember['assignment']): TopicPartitionSet =>
  new TopicPartitionSet(
    topicPartitions.flatMap(({ topicName, partitions }) =>
      partitions.map((partition) => new TopicPartition(topicName, partition)),
    ),
  )
