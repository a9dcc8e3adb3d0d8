/** Groups and their members, of the classic protocol and of the new one. */

import { describe, expect, test } from 'vitest'
import type { MemberDescription } from '../../src/admin/ConsumerGroupDescription.ts'
import type { MockClient } from '../../src/clients/MockClient.ts'
import type { ResponseInputOf } from '../../src/clients/RequestBuilder.ts'
import { UnsupportedVersionException } from '../../src/common/errors/ApiExceptions.ts'
import { GroupIdNotFoundException } from '../../src/common/errors/CoordinatorExceptions.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { serializeConsumerProtocolAssignment } from '../../src/protocol/ConsumerProtocol.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import type { DescribeGroupsResponseInput } from '../../src/protocol/messages/DescribeGroups.ts'
import { covers } from '../support/covers.ts'
import { withAdmin } from './adminEnv.ts'
import { failureOf, GROUP, prepareCoordinator } from './groupEnv.ts'

type ClassicGroup = NonNullable<DescribeGroupsResponseInput['groups']>[number]
type NewGroup = NonNullable<
  ResponseInputOf<typeof ApiKeys.CONSUMER_GROUP_DESCRIBE>['groups']
>[number]
type ClassicMember = NonNullable<ClassicGroup['members']>[number]

const TOPIC_0_TO_2 = serializeConsumerProtocolAssignment({
  assignedPartitions: [{ topic: 'my_topic', partitions: [0, 1, 2] }],
})

const member = (id: string, groupInstanceId: string | null = null): ClassicMember => ({
  memberId: id,
  groupInstanceId,
  clientId: `client-${id}`,
  clientHost: 'clientHost',
  memberMetadata: new Uint8Array(),
  memberAssignment: TOPIC_0_TO_2,
})

const classic = (groupId: string, more: Partial<ClassicGroup> = {}): ClassicGroup => ({
  groupId,
  errorCode: 0,
  groupState: 'Stable',
  protocolType: 'consumer',
  protocolData: 'range',
  members: [],
  ...more,
})

const newGroup = (groupId: string, more: Partial<NewGroup> = {}): NewGroup => ({
  groupId,
  errorCode: 0,
  groupState: 'Stable',
  groupEpoch: 10,
  assignmentEpoch: 9,
  assignorName: 'uniform',
  members: [],
  ...more,
})

const prepareClassic = (client: MockClient, ...groups: ClassicGroup[]): void =>
  client.prepareResponse(ApiKeys.DESCRIBE_GROUPS, { groups })

const prepareNew = (client: MockClient, ...groups: NewGroup[]): void =>
  client.prepareResponse(ApiKeys.CONSUMER_GROUP_DESCRIBE, { groups })

/** The broker knows groups of the classic protocol only. */
const prepareNoNewApi = (client: MockClient): void =>
  client.prepareUnsupportedVersionResponse(ApiKeys.CONSUMER_GROUP_DESCRIBE)

const partitionsOf = ({ assignment }: MemberDescription): string[] => [...assignment].map(String)

describe('describeConsumerGroups', () => {
  test('falls back to the classic API at a broker that has only that', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDescribeConsumerGroups')
      const [broker] = cluster.nodes
      prepareCoordinator(client, broker!)
      prepareNoNewApi(client)
      for (const error of [Errors.COORDINATOR_LOAD_IN_PROGRESS, Errors.NOT_COORDINATOR]) {
        prepareClassic(client, classic(GROUP, { errorCode: error.code }))
      }
      prepareCoordinator(client, broker!)
      prepareClassic(client, classic(GROUP, { errorCode: Errors.COORDINATOR_NOT_AVAILABLE.code }))
      prepareCoordinator(client, broker!)
      const members = [member('0', 'instance-1'), member('1')]
      prepareClassic(client, classic(GROUP, { members }))
      const described = admin.describeConsumerGroups([GROUP]).describedGroups()
      expect([...described.keys()]).toEqual([GROUP])
      const group = await described.get(GROUP)!
      expect(group).toMatchObject({
        groupId: GROUP,
        isSimpleConsumerGroup: false,
        partitionAssignor: 'range',
        type: 'Classic',
        groupState: 'Stable',
        coordinator: broker,
        groupEpoch: null,
        targetAssignmentEpoch: null,
      })
      expect(group.members).toMatchObject([
        { consumerId: '0', groupInstanceId: 'instance-1', clientId: 'client-0', rackId: null },
        { consumerId: '1', groupInstanceId: null, host: 'clientHost', targetAssignment: null },
      ])
      const all = ['my_topic-0', 'my_topic-1', 'my_topic-2']
      expect(group.members.map(partitionsOf)).toEqual([all, all])
    }))

  test('describes many groups, one of which does not exist', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDescribeMultipleConsumerGroups')
      prepareCoordinator(client, cluster.nodes[0]!, GROUP, 'absent')
      prepareNoNewApi(client)
      prepareClassic(
        client,
        classic(GROUP, { members: [member('0')] }),
        classic('absent', {
          errorCode: Errors.GROUP_ID_NOT_FOUND.code,
          errorMessage: 'Group absent not found.',
        }),
      )
      const result = admin.describeConsumerGroups([GROUP, 'absent'])
      const described = result.describedGroups()
      expect([...described.keys()]).toEqual([GROUP, 'absent'])
      expect((await described.get(GROUP)!).members).toHaveLength(1)
      await expect(described.get('absent')).rejects.toThrow(GroupIdNotFoundException)
      await expect(result.all()).rejects.toThrow('Group absent not found.')
    }))

  test('says what the newer API said of a group that neither knows', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDescribeConsumerGroupsGroupIdNotFound')
      const errorCode = Errors.GROUP_ID_NOT_FOUND.code
      prepareCoordinator(client, cluster.nodes[0]!, GROUP, 'connect')
      prepareNew(
        client,
        newGroup(GROUP, { errorCode, errorMessage: `Group ${GROUP} is not a consumer group.` }),
        newGroup('connect', { errorCode, errorMessage: 'Group connect is not a consumer group.' }),
      )
      prepareClassic(
        client,
        classic(GROUP, { members: [member('0'), member('1')] }),
        classic('connect', { errorCode, errorMessage: 'Group connect not found.' }),
      )
      const described = admin.describeConsumerGroups([GROUP, 'connect']).describedGroups()
      expect((await described.get(GROUP)!).members).toHaveLength(2)
      await expect(described.get('connect')).rejects.toThrow('is not a consumer group.')
    }))

  test('has no authorized operations unless the broker says so', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDescribeConsumerGroupsWithAuthorizedOperationsOmitted')
      prepareCoordinator(client, cluster.nodes[0]!)
      prepareNoNewApi(client)
      prepareClassic(client, classic(GROUP))
      const [omitted] = (await admin.describeConsumerGroups([GROUP]).all()).values()
      expect(omitted!.authorizedOperations).toBeNull()
      prepareCoordinator(client, cluster.nodes[0]!)
      client.prepareResponse(
        ApiKeys.CONSUMER_GROUP_DESCRIBE,
        { groups: [newGroup(GROUP, { authorizedOperations: 1 << 3 })] },
        { matcher: ({ includeAuthorizedOperations }) => includeAuthorizedOperations },
      )
      const including = { includeAuthorizedOperations: true }
      const [told] = (await admin.describeConsumerGroups([GROUP], including).all()).values()
      expect([...told!.authorizedOperations!]).toEqual(['READ'])
    }))

  test('refuses a group that is not of consumers', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDescribeNonConsumerGroups')
      prepareCoordinator(client, cluster.nodes[0]!)
      prepareNoNewApi(client)
      prepareClassic(client, classic(GROUP, { protocolType: 'connect' }))
      const failure = await failureOf(admin.describeConsumerGroups([GROUP]).all())
      expect(failure).toBeInstanceOf(IllegalArgumentException)
      expect((failure as Error).message).toContain('is not a consumer group (connect)')
    }))

  test('fails when the broker has neither of the two APIs', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDescribeGroupsWithBothUnsupportedApis')
      prepareCoordinator(client, cluster.nodes[0]!)
      prepareNoNewApi(client)
      client.prepareUnsupportedVersionResponse(ApiKeys.DESCRIBE_GROUPS)
      const failure = await failureOf(admin.describeConsumerGroups([GROUP]).all())
      expect(failure).toBeInstanceOf(UnsupportedVersionException)
    }))

  test('describes groups of both protocols in one call', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDescribeOldAndNewConsumerGroups')
      const { nodes } = cluster
      prepareCoordinator(client, nodes[0]!, 'new', 'old')
      const assigned = (...partitions: number[]) => ({
        topicPartitions: [{ topicName: 'foo', partitions }],
      })
      const newMember = {
        memberId: 'm',
        instanceId: 'i',
        rackId: 'r',
        memberEpoch: 10,
        clientId: 'c',
        clientHost: 'h',
        subscribedTopicNames: ['foo'],
        assignment: assigned(0),
        targetAssignment: assigned(1),
        memberType: 1,
      }
      prepareNew(
        client,
        newGroup('new', { members: [newMember, { ...newMember, memberType: -1 }] }),
        newGroup('old', { errorCode: Errors.GROUP_ID_NOT_FOUND.code }),
      )
      prepareClassic(client, classic('old', { members: [member('0')] }))
      const described = await admin.describeConsumerGroups(['new', 'old']).all()
      expect(described.get('old')).toMatchObject({ type: 'Classic', partitionAssignor: 'range' })
      const { members, ...group } = described.get('new')!
      expect(group).toEqual({
        groupId: 'new',
        isSimpleConsumerGroup: false,
        partitionAssignor: 'uniform',
        type: 'Consumer',
        groupState: 'Stable',
        coordinator: nodes[0],
        authorizedOperations: null,
        groupEpoch: 10,
        targetAssignmentEpoch: 9,
      })
      expect(members).toMatchObject([
        { consumerId: 'm', groupInstanceId: 'i', rackId: 'r', memberEpoch: 10, upgraded: true },
        { upgraded: null },
      ])
      expect(partitionsOf(members[0]!)).toEqual(['foo-0'])
      expect([...members[0]!.targetAssignment!].map(String)).toEqual(['foo-1'])
    }))
})

describe('describeClassicGroups', () => {
  test('describes groups of whatever kind', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers(
        'KafkaAdminClientTest.testDescribeClassicGroups',
        'KafkaAdminClientTest.testDescribeMultipleClassicGroups',
        'KafkaAdminClientTest.testDescribeClassicGroupsWithAuthorizedOperationsOmitted',
      )
      const [broker] = cluster.nodes
      prepareCoordinator(client, broker!, 'consumers', 'workers', 'nobody')
      const loading = { errorCode: Errors.COORDINATOR_LOAD_IN_PROGRESS.code }
      const moved = { errorCode: Errors.NOT_COORDINATOR.code }
      const gone = { errorCode: Errors.GROUP_ID_NOT_FOUND.code }
      prepareClassic(
        client,
        classic('consumers', loading),
        classic('workers', moved),
        classic('nobody', gone),
      )
      prepareCoordinator(client, broker!, 'workers')
      // A worker's assignment is in a form of its own.
      const worker = { ...member('w'), memberAssignment: Uint8Array.of(1, 2, 3) }
      const workers = classic('workers', { protocolType: 'connect', members: [worker] })
      prepareClassic(client, classic('consumers', { members: [member('0')] }))
      prepareClassic(client, workers)
      const described = admin
        .describeClassicGroups(['consumers', 'workers', 'nobody'])
        .describedGroups()
      const [consumers, connect] = [
        await described.get('consumers')!,
        await described.get('workers')!,
      ]
      expect(consumers).toMatchObject({
        protocol: 'consumer',
        protocolData: 'range',
        state: 'Stable',
        coordinator: broker,
        authorizedOperations: null,
      })
      expect(partitionsOf(consumers.members[0]!)).toHaveLength(3)
      expect(connect).toMatchObject({ protocol: 'connect', isSimpleConsumerGroup: false })
      expect(partitionsOf(connect.members[0]!)).toEqual([])
      await expect(described.get('nobody')).rejects.toThrow(GroupIdNotFoundException)
    }))
})
