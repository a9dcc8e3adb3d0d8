import { expect, test } from 'vitest'
import { Errors } from '../../../src/protocol/Errors.ts'
import { GROUP_ID, GroupHarness, PATIENT } from './GroupHarness.ts'

test('the life of a group is told on the trace bus', () => {
  const groups = GroupHarness.withGroup()
  const told: string[] = []
  groups.traceBus.listen(({ name, source, fields }) => {
    expect(source).toBe('broker-1')
    expect(fields).toMatchObject({ groupId: GROUP_ID })
    const { members, generationId } = fields as { members?: number; generationId?: number }
    told.push([name.replace('broker.group.', ''), generationId, members].join(' ').trim())
  })
  const { memberId } = groups.stabilize()
  const follower = groups.join(PATIENT)
  groups.leave({ memberId })
  follower.expectAnswer(Errors.NONE)
  groups.syncAsLeader(follower.response.memberId, 2)
  groups.sleep(PATIENT.sessionTimeoutMs)
  expect(told).toEqual([
    'addMember  1',
    'prepareRebalance 0 1',
    'completeJoin 1 1',
    'stable 1 1',
    'addMember  2',
    'prepareRebalance 1 2',
    'leave',
    'completeJoin 2 1',
    'stable 2 1',
    'expire',
    'prepareRebalance 2 0',
    'completeJoin 3 0',
  ])
})

test('a group and its members say in a few words how they are', () => {
  const groups = GroupHarness.withGroup()
  expect(String(groups.group)).toBe(
    'ClassicGroup(groupId=group-id, generation=0, protocolType=null, currentState=Empty, ' +
      'members=[])',
  )
  const { memberId } = groups.stabilize()
  expect(String(groups.group)).toBe(
    'ClassicGroup(groupId=group-id, generation=1, protocolType=consumer, currentState=Stable, ' +
      `members=[${memberId}])`,
  )
})
