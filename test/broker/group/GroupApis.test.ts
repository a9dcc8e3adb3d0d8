import { describe, expect, test } from 'vitest'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { text } from '../brokerSupport.ts'
import {
  commit,
  committed,
  join,
  joinAlone,
  onGroupCluster,
  SUBSCRIPTION,
  sync,
} from './groupSupport.ts'

const { code: UNKNOWN_MEMBER } = Errors.UNKNOWN_MEMBER_ID

const joinRequest = (groupId: string, memberId = '') => ({
  groupId,
  sessionTimeoutMs: 10_000,
  memberId,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: SUBSCRIPTION }],
})

describe('joining', () => {
  test(
    'works in every version, and says "no protocol" as that version can',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers(
        'KafkaApisTest.testHandleJoinGroupRequest',
        'KafkaApisTest.testJoinGroupProtocolNameBackwardCompatibility',
      )
      for (const version of ApiKeys.JOIN_GROUP.allVersions()) {
        const groupId = `group-${version}`
        const client = await coordinatorOf(groupId)
        const first = await client.request(ApiKeys.JOIN_GROUP, version, joinRequest(groupId))
        const asksForId = version >= 4
        expect(first.errorCode).toBe(asksForId ? Errors.MEMBER_ID_REQUIRED.code : 0)
        if (asksForId) expect(first.protocolName).toBe(version >= 7 ? null : '')
        const { memberId } = first
        const again = joinRequest(groupId, memberId)
        const joined = asksForId ? await client.request(ApiKeys.JOIN_GROUP, version, again) : first
        expect(joined).toMatchObject({
          errorCode: 0,
          generationId: 1,
          protocolName: 'range',
          leader: memberId,
          members: [{ memberId, metadata: SUBSCRIPTION }],
        })
        if (version >= 7) expect(joined.protocolType).toBe('consumer')
      }
    }),
  )

  test(
    'is refused without a group, and for sessions that are too short or too long',
    onGroupCluster(async ({ coordinatorOf }) => {
      const client = await coordinatorOf('g')
      const ask = async (fields: { groupId?: string; sessionTimeoutMs?: number }) =>
        client.request(ApiKeys.JOIN_GROUP, 9, { ...joinRequest('g', 'm'), ...fields })
      expect(await ask({ groupId: '' })).toMatchObject({
        errorCode: Errors.INVALID_GROUP_ID.code,
        memberId: 'm',
      })
      for (const sessionTimeoutMs of [5999, 30 * 60_000 + 1]) {
        const { errorCode } = await ask({ sessionTimeoutMs })
        expect(errorCode).toBe(Errors.INVALID_SESSION_TIMEOUT.code)
      }
    }),
  )
})

describe('sharing out', () => {
  test(
    'gives every member what the leader sent for it, in every version',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers('KafkaApisTest.testHandleSyncGroupRequest')
      for (const version of ApiKeys.SYNC_GROUP.allVersions()) {
        const groupId = `group-${version}`
        const client = await coordinatorOf(groupId)
        const { memberId, generationId } = await join(client, groupId)
        const { errorCode, assignment } = await client.request(ApiKeys.SYNC_GROUP, version, {
          groupId,
          generationId,
          memberId,
          ...(version >= 5 && { protocolType: 'consumer', protocolName: 'range' }),
          assignments: [{ memberId, assignment: text('all') }],
        })
        expect(errorCode).toBe(0)
        expect(assignment).toEqual(text('all'))
      }
    }),
  )

  test(
    'must name its protocol from version 5 on',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers('KafkaApisTest.testSyncGroupProtocolTypeAndNameAreMandatorySinceV5')
      const client = await coordinatorOf('g')
      const { memberId, generationId } = await join(client, 'g')
      const request = { groupId: 'g', generationId, memberId, assignments: [] }
      for (const version of ApiKeys.SYNC_GROUP.allVersions()) {
        const { errorCode } = await client.request(ApiKeys.SYNC_GROUP, version, request)
        expect(errorCode).toBe(version < 5 ? 0 : Errors.INCONSISTENT_GROUP_PROTOCOL.code)
      }
    }),
  )
})

test(
  'a heartbeat keeps a member, and tells one that was thrown out',
  onGroupCluster(async ({ coordinatorOf, world }) => {
    covers('KafkaApisTest.testHandleHeartbeatRequest')
    const client = await coordinatorOf('g')
    const { memberId, generationId } = await joinAlone(client, 'g')
    const beat = async (version = 4) =>
      (await client.request(ApiKeys.HEARTBEAT, version, { groupId: 'g', memberId, generationId }))
        .errorCode
    for (const version of ApiKeys.HEARTBEAT.allVersions()) {
      await world.simulation.sleep(9_000)
      expect(await beat(version)).toBe(0)
    }
    await world.simulation.sleep(10_001)
    expect(await beat()).toBe(UNKNOWN_MEMBER)
  }),
)

describe('leaving', () => {
  test(
    'is for one member before version 3',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers('KafkaApisTest.testHandleLeaveGroupWithSingleMember')
      for (let version = 0; version < 3; version++) {
        const groupId = `group-${version}`
        const client = await coordinatorOf(groupId)
        const { memberId } = await joinAlone(client, groupId)
        const leave = async () =>
          client.request(ApiKeys.LEAVE_GROUP, version, { groupId, memberId })
        expect(await leave()).toMatchObject({ errorCode: 0, members: [] })
        expect((await leave()).errorCode).toBe(UNKNOWN_MEMBER)
      }
    }),
  )

  test(
    'is for several from version 3 on, each with an answer of its own',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers('KafkaApisTest.testHandleLeaveGroupWithMultipleMembers')
      const client = await coordinatorOf('g')
      const { memberId } = await joinAlone(client, 'g')
      const request = { groupId: 'g', members: [{ memberId }, { memberId: 'nobody' }] }
      expect(await client.request(ApiKeys.LEAVE_GROUP, 5, request)).toMatchObject({
        errorCode: 0,
        members: [
          { memberId, errorCode: 0 },
          { memberId: 'nobody', errorCode: UNKNOWN_MEMBER },
        ],
      })
      const none = { groupId: 'none', members: [{ memberId: 'm' }] }
      expect(await client.request(ApiKeys.LEAVE_GROUP, 3, none)).toMatchObject({
        errorCode: 0,
        members: [{ memberId: 'm', groupInstanceId: null, errorCode: UNKNOWN_MEMBER }],
      })
    }),
  )
})

describe('looking at groups', () => {
  test(
    'lists those that this broker coordinates, by state and by kind',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers('KafkaApisTest.testListGroupsRequest')
      const client = await coordinatorOf('reading')
      await joinAlone(client, 'reading')
      await join(client, 'sharing')
      const list = async (statesFilter: string[] = [], typesFilter: string[] = []) => {
        const response = await client.request(ApiKeys.LIST_GROUPS, 5, { statesFilter, typesFilter })
        expect(response.errorCode).toBe(0)
        return response.groups.map(({ groupId }) => groupId).sort()
      }
      expect(await list()).toEqual(['reading', 'sharing'])
      expect(await list(['stable'])).toEqual(['reading'])
      expect(await list(['CompletingRebalance', 'Dead'])).toEqual(['sharing'])
      expect(await list(['no such state'])).toEqual([])
      expect(await list([], ['Classic'])).toEqual(['reading', 'sharing'])
      expect(await list([], ['consumer'])).toEqual([])
      const { groups } = await client.request(ApiKeys.LIST_GROUPS, 5, { statesFilter: ['stable'] })
      expect(groups).toEqual([
        {
          groupId: 'reading',
          protocolType: 'consumer',
          groupState: 'Stable',
          groupType: 'classic',
        },
      ])
    }),
  )

  test(
    'describes members with their addresses, wishes and shares',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers('KafkaApisTest.testHandleDescribeGroups')
      const client = await coordinatorOf('g')
      const { memberId } = await joinAlone(client, 'g')
      const describeGroups = async (version: number, ...groups: string[]) =>
        (
          await client.request(ApiKeys.DESCRIBE_GROUPS, version, {
            groups,
            ...(version >= 3 && { includeAuthorizedOperations: true }),
          })
        ).groups
      const [group] = await describeGroups(6, 'g')
      expect(group).toMatchObject({
        errorCode: 0,
        groupState: 'Stable',
        protocolType: 'consumer',
        protocolData: 'range',
        authorizedOperations: 0b1101_0100_1000,
        members: [
          {
            memberId,
            clientHost: expect.stringMatching(/^\/./),
            memberMetadata: SUBSCRIPTION,
            memberAssignment: text(`of ${memberId}`),
          },
        ],
      })
      const [old] = await describeGroups(5, 'none')
      expect(old).toMatchObject({ errorCode: 0, groupState: 'Dead', members: [] })
      const [unknown] = await describeGroups(6, 'none')
      expect(unknown).toMatchObject({
        errorCode: Errors.GROUP_ID_NOT_FOUND.code,
        errorMessage: 'Group none not found.',
        groupState: 'Dead',
      })
    }),
  )

  test(
    'of a broker that does not coordinate them gives the error of each API',
    onGroupCluster(
      async ({ coordinatorOf, connect, cluster }) => {
        covers(
          'KafkaApisTest.testHandleJoinGroupRequestFutureFailed',
          'KafkaApisTest.testHandleSyncGroupRequestFutureFailed',
          'KafkaApisTest.testHandleHeartbeatRequestFutureFailed',
          'KafkaApisTest.testHandleLeaveGroupFutureFailed',
          'KafkaApisTest.testHandleDescribeGroupsFutureFailed',
          'KafkaApisTest.testHandleDeleteGroupsFutureFailed',
        )
        const { coordinators } = await (await coordinatorOf('g')).request(
          ApiKeys.FIND_COORDINATOR,
          6,
          { coordinatorKeys: ['g'] },
        )
        const wrong = cluster.brokerIds().find((id) => id !== coordinators[0]!.nodeId)!
        const client = await connect(wrong)
        const { code } = Errors.NOT_COORDINATOR
        const member = { groupId: 'g', memberId: 'm', generationId: 1 }
        const protocol = { protocolType: 'consumer', protocolName: 'range' }
        const sharing = { ...member, ...protocol, assignments: [] }
        const { request } = client
        const ask = request.bind(client)
        expect((await ask(ApiKeys.JOIN_GROUP, 9, joinRequest('g', 'm'))).errorCode).toBe(code)
        expect((await ask(ApiKeys.SYNC_GROUP, 5, sharing)).errorCode).toBe(code)
        expect((await ask(ApiKeys.HEARTBEAT, 4, member)).errorCode).toBe(code)
        const members = [{ memberId: 'm' }]
        expect((await ask(ApiKeys.LEAVE_GROUP, 5, { groupId: 'g', members })).errorCode).toBe(code)
        const [described] = (await ask(ApiKeys.DESCRIBE_GROUPS, 6, { groups: ['g'] })).groups
        expect(described).toMatchObject({ groupId: 'g', errorCode: code })
        const [deleted] = (await ask(ApiKeys.DELETE_GROUPS, 2, { groupsNames: ['g'] })).results
        expect(deleted).toMatchObject({ groupId: 'g', errorCode: code })
        // Others are not asked: who wants all groups asks all brokers.
        expect(await ask(ApiKeys.LIST_GROUPS, 5, {})).toMatchObject({ errorCode: 0, groups: [] })
      },
      { brokers: 2 },
    ),
  )
})

test(
  'a group can be deleted when nobody is in it, and its offsets go with it',
  onGroupCluster(async ({ coordinatorOf }) => {
    covers('KafkaApisTest.testHandleDeleteGroups')
    const client = await coordinatorOf('g')
    const { topics } = await client.request(ApiKeys.CREATE_TOPICS, 7, {
      topics: [{ name: 'orders', numPartitions: 2, replicationFactor: 1 }],
    })
    expect(topics[0]!.errorCode).toBe(0)
    const member = await joinAlone(client, 'g')
    expect(await commit(client, 'g', 'orders', 5, member)).toBe(0)
    expect(await commit(client, 'simple', 'orders', 7)).toBe(0)
    const remove = async (...groupsNames: string[]) => {
      const { results } = await client.request(ApiKeys.DELETE_GROUPS, 2, { groupsNames })
      return Object.fromEntries(results.map(({ groupId, errorCode }) => [groupId, errorCode]))
    }
    expect(await remove('g', 'simple', 'none', 'simple')).toEqual({
      g: Errors.NON_EMPTY_GROUP.code,
      simple: 0,
      none: Errors.GROUP_ID_NOT_FOUND.code,
    })
    expect(await committed(client, 'g')).toEqual({ 'orders-0': 5 })
    expect(await committed(client, 'simple')).toEqual({})
    const leave = { groupId: 'g', members: [{ memberId: member.memberId }] }
    await client.request(ApiKeys.LEAVE_GROUP, 5, leave)
    expect(await remove('g')).toEqual({ g: 0 })
    expect(await committed(client, 'g')).toEqual({})
    expect((await sync(client, 'g', member)).errorCode).toBe(UNKNOWN_MEMBER)
  }),
)
