/**
 * What the coordinator knows about groups of the consumer protocol (KIP-848), where the broker
 * makes the assignment. A group of the classic protocol is not found here: see `DescribeGroups`.
 *
 * 1 brought the type of each member, for groups that are on their way from one protocol to the
 * other (KIP-1099).
 *
 * @kafka org.apache.kafka.common.message.ConsumerGroupDescribeRequestData
 * @kafka org.apache.kafka.common.message.ConsumerGroupDescribeResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bool, int8, int16, int32, string, struct, uuid } from '../schema/types.ts'

/**
 * Which groups.
 *
 *     ConsumerGroupDescribeRequest v1 => [groupIds] includeAuthorizedOperations {}
 *       groupIds => string
 *       includeAuthorizedOperations => bool
 */
export const ConsumerGroupDescribeRequest = message({
  name: 'ConsumerGroupDescribeRequest',
  kind: 'request',
  apiKey: 69,
  validVersions: '0-1',
  flexibleVersions: '0+',
  fields: {
    groupIds: array(string()),
    includeAuthorizedOperations: bool(),
  },
})
export type ConsumerGroupDescribeRequestData = DataOf<typeof ConsumerGroupDescribeRequest>
export type ConsumerGroupDescribeRequestInput = InputOf<typeof ConsumerGroupDescribeRequest>

/** By topic; with the name too, for people. */
const topicPartitions = () =>
  array({
    topicId: uuid(),
    topicName: string(),
    partitions: array(int32()),
  })

/**
 * Each group with its members, what each has, and what it is to have.
 *
 *     ConsumerGroupDescribeResponse v1 => throttleTimeMs [groups] {}
 *       throttleTimeMs => int32
 *       groups => errorCode errorMessage groupId groupState groupEpoch assignmentEpoch assignorName
 *           [members] authorizedOperations {}
 *         errorCode => int16
 *         errorMessage => string | null
 *         groupId => string
 *         groupState => string
 *         groupEpoch => int32
 *         assignmentEpoch => int32
 *         assignorName => string
 *         members => memberId instanceId rackId memberEpoch clientId clientHost
 *             [subscribedTopicNames] subscribedTopicRegex assignment targetAssignment memberType {}
 *           memberId => string
 *           instanceId => string | null
 *           rackId => string | null
 *           memberEpoch => int32
 *           clientId => string
 *           clientHost => string
 *           subscribedTopicNames => string
 *           subscribedTopicRegex => string | null
 *           assignment => [topicPartitions] {}
 *             topicPartitions => topicId topicName [partitions] {}
 *               topicId => uuid
 *               topicName => string
 *               partitions => int32
 *           targetAssignment => [topicPartitions] {}
 *             topicPartitions => topicId topicName [partitions] {}
 *               topicId => uuid
 *               topicName => string
 *               partitions => int32
 *           memberType => int8
 *         authorizedOperations => int32
 */
export const ConsumerGroupDescribeResponse = message({
  name: 'ConsumerGroupDescribeResponse',
  kind: 'response',
  apiKey: 69,
  validVersions: '0-1',
  flexibleVersions: '0+',
  fields: {
    throttleTimeMs: int32(),
    groups: array({
      errorCode: int16(),
      errorMessage: string({ nullable: '0+', default: null }),
      groupId: string(),
      groupState: string(),
      groupEpoch: int32(),
      assignmentEpoch: int32(),
      assignorName: string(),
      members: array({
        memberId: string(),
        instanceId: string({ nullable: '0+', default: null }),
        rackId: string({ nullable: '0+', default: null }),
        memberEpoch: int32(),
        clientId: string(),
        clientHost: string(),
        subscribedTopicNames: array(string()),
        subscribedTopicRegex: string({ nullable: '0+', default: null }),
        assignment: struct({ topicPartitions: topicPartitions() }),
        targetAssignment: struct({ topicPartitions: topicPartitions() }),
        // 0: a member of the classic protocol. 1: one of this one. -1: the broker does not say.
        memberType: int8({ versions: '1+', default: -1, ignorable: true }),
      }),
      authorizedOperations: int32({ default: -2147483648 }),
    }),
  },
})
export type ConsumerGroupDescribeResponseData = DataOf<typeof ConsumerGroupDescribeResponse>
export type ConsumerGroupDescribeResponseInput = InputOf<typeof ConsumerGroupDescribeResponse>
export type DescribedConsumerGroup = ElementOf<ConsumerGroupDescribeResponseData['groups']>
export type DescribedConsumerGroupMember = ElementOf<DescribedConsumerGroup['members']>
