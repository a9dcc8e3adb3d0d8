import { beforeEach, describe, expect, test } from 'vitest'
import type { Group } from '../../../src/broker/group/Group.ts'
import type { CoordinatorRecord } from '../../../src/broker/group/GroupCoordinatorRecord.ts'
import type { Groups } from '../../../src/broker/group/Groups.ts'
import {
  GroupIdNotFoundException,
  GroupNotEmptyException,
  UnknownMemberIdException,
} from '../../../src/common/errors/CoordinatorExceptions.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { GROUP_ID, GroupHarness, metadataRecordOf, requestContext } from './GroupHarness.ts'

const UNKNOWN_OPERATIONS = -(2 ** 31)

let groups: GroupHarness

beforeEach(() => {
  groups = new GroupHarness()
})

describe('describing groups', () => {
  const member = {
    memberId: 'member-id',
    groupInstanceId: 'group-instance-id',
    clientId: 'client-id',
    clientHost: 'client-host',
  }
  const subscription = new Uint8Array([0, 1, 2])
  const assignment = new Uint8Array([0])

  beforeEach(() => {
    const times = { rebalanceTimeout: -1, sessionTimeout: 0 }
    const members = [{ ...member, ...times, subscription, assignment }]
    groups.replay(metadataRecordOf({ protocol: 'range', leader: 'member-id', members }))
  })

  const describeGroup = (groupId = GROUP_ID, version = 6) =>
    groups.manager.describeGroups(requestContext(version), [groupId])

  const group = {
    errorCode: 0,
    errorMessage: null,
    groupId: GROUP_ID,
    protocolType: 'consumer',
    authorizedOperations: UNKNOWN_OPERATIONS,
  }

  test('shows what the members of a stable one said, and got', () => {
    covers('GroupMetadataManagerTest.testDescribeGroupStable')
    expect(describeGroup()).toEqual([
      {
        ...group,
        groupState: 'Stable',
        protocolData: 'range',
        members: [{ ...member, memberMetadata: subscription, memberAssignment: assignment }],
      },
    ])
  })

  test('shows less while the members still choose', () => {
    covers('GroupMetadataManagerTest.testDescribeGroupRebalancing')
    groups.manager.prepareRebalance(groups.group, 'trigger rebalance')
    expect(describeGroup()).toEqual([
      {
        ...group,
        groupState: 'PreparingRebalance',
        protocolData: '',
        members: [{ ...member, memberMetadata: new Uint8Array(0), memberAssignment: assignment }],
      },
    ])
  })

  const dead = {
    ...group,
    groupId: 'other-id',
    groupState: 'Dead',
    protocolType: '',
    protocolData: '',
    members: [],
  }

  test('that are not there is an error from version 6 on', () => {
    covers('GroupMetadataManagerTest.testDescribeGroupsGroupIdNotFoundException')
    expect(describeGroup('other-id')).toEqual([
      {
        ...dead,
        errorCode: Errors.GROUP_ID_NOT_FOUND.code,
        errorMessage: 'Group other-id not found.',
      },
    ])
  })

  test('that are not there shows a dead one before', () => {
    covers('GroupMetadataManagerTest.testDescribeGroupsBeforeV6GroupIdNotFoundException')
    expect(describeGroup('other-id', 5)).toEqual([dead])
  })
})

describe('listing groups', () => {
  test('finds them by state and by type, in any case', () => {
    groups.replay(metadataRecordOf({ protocol: 'range' }))
    groups.manager.getOrMaybeCreateClassicGroup('simple', true)
    const rebalancing = groups.manager.getOrMaybeCreateClassicGroup('rebalancing', true)
    rebalancing.transitionTo('PreparingRebalance')
    const listed = (states: string[], types: string[] = []) =>
      groups.manager.listGroups(states, types).map(({ groupId }) => groupId)

    expect(groups.manager.listGroups([], [])).toEqual([
      { groupId: GROUP_ID, protocolType: 'consumer', groupState: 'Empty', groupType: 'classic' },
      { groupId: 'simple', protocolType: '', groupState: 'Empty', groupType: 'classic' },
      {
        groupId: 'rebalancing',
        protocolType: '',
        groupState: 'PreparingRebalance',
        groupType: 'classic',
      },
    ])
    expect(listed(['empty'])).toEqual([GROUP_ID, 'simple'])
    expect(listed([' EMPTY '], ['Classic'])).toEqual([GROUP_ID, 'simple'])
    expect(listed(['preparingrebalance', 'stable'])).toEqual(['rebalancing'])
    expect(listed([], ['consumer'])).toEqual([])
    expect(listed([], ['Invalid'])).toEqual([])
    expect(listed(['Invalid'])).toEqual([])
  })
})

describe('deleting groups', () => {
  const tombstone: CoordinatorRecord = {
    type: 'GROUP_METADATA',
    key: { group: GROUP_ID },
    value: null,
  }
  let records: CoordinatorRecord[]

  beforeEach(() => {
    groups = GroupHarness.withGroup()
    records = []
  })

  test('is a tombstone', () => {
    covers('GroupMetadataManagerTest.testClassicGroupDelete')
    groups.manager.createGroupTombstoneRecordsAndCancelTimers(GROUP_ID, records)
    expect(records).toEqual([tombstone])
    groups.replay(tombstone)
    expect(() => groups.manager.group(GROUP_ID)).toThrow(GroupIdNotFoundException)
  })

  test('where it is only meant to tidy up is for empty ones', () => {
    covers('GroupMetadataManagerTest.testClassicGroupMaybeDelete')
    groups.manager.maybeDeleteGroup(GROUP_ID, records)
    expect(records).toEqual([tombstone])
    records = []
    groups.group.transitionTo('PreparingRebalance')
    groups.manager.maybeDeleteGroup(GROUP_ID, records)
    groups.manager.maybeDeleteGroup('invalid-group-id', records)
    expect(records).toEqual([])
  })

  test('is refused where somebody is in it, or where there is none', () => {
    groups.joinAndComplete()
    expect(() => groups.manager.validateDeleteGroup(GROUP_ID)).toThrow(GroupNotEmptyException)
    expect(() => groups.manager.validateDeleteGroup('other')).toThrow(GroupIdNotFoundException)
  })
})

describe('a group of another kind', () => {
  /** As the new group protocol will have them; nothing makes one yet. */
  const shareGroup = {
    groupId: 'share-group',
    type: 'share',
    isEmpty: () => false,
    isInStates: () => true,
  } as Partial<Group> as Group

  beforeEach(() => {
    const registry: Groups = Reflect.get(groups.manager, 'groups')
    registry.put(shareGroup)
  })

  const { groupId } = shareGroup
  const member = { groupId, memberId: 'member-id' }

  test('takes no classic members', () => {
    groups.join({ groupId }).expectAnswer(Errors.INCONSISTENT_GROUP_PROTOCOL)
    groups.sync({ ...member, generationId: 1 }).expectAnswer(Errors.UNKNOWN_MEMBER_ID)
    expect(() => groups.heartbeat('member-id', 1, null, groupId)).toThrow(UnknownMemberIdException)
    const leave = { groupId, memberId: '', members: [] }
    expect(() => groups.manager.classicGroupLeave(requestContext(5), leave)).toThrow(
      UnknownMemberIdException,
    )
  })

  test('is no classic one, whoever asks', () => {
    expect(() => groups.manager.getOrMaybeCreateClassicGroup(groupId, true)).toThrow(
      GroupIdNotFoundException,
    )
    const [described] = groups.manager.describeGroups(requestContext(6), [groupId])
    expect(described).toMatchObject({
      groupState: 'Dead',
      errorCode: Errors.GROUP_ID_NOT_FOUND.code,
      errorMessage: 'Group share-group is not a classic group.',
    })
  })
})
