import { beforeEach, describe, expect, test } from 'vitest'
import { CompletableFuture } from '../../../src/broker/coordinator/CompletableFuture.ts'
import {
  ClassicGroupMember,
  type ClassicGroupMemberOptions,
} from '../../../src/broker/group/classic/ClassicGroupMember.ts'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { covers } from '../../support/covers.ts'

const RANGE = { name: 'range', metadata: new Uint8Array([0]) }
const ROUND_ROBIN = { name: 'roundrobin', metadata: new Uint8Array([1]) }

const memberWith = (options: Partial<ClassicGroupMemberOptions> = {}): ClassicGroupMember =>
  new ClassicGroupMember({
    memberId: 'member',
    groupInstanceId: 'group-instance-id',
    clientId: 'client-id',
    clientHost: 'client-host',
    rebalanceTimeoutMs: 10,
    sessionTimeoutMs: 4500,
    protocolType: 'generic',
    supportedProtocols: [RANGE, ROUND_ROBIN],
    ...options,
  })

let member: ClassicGroupMember

beforeEach(() => {
  member = memberWith()
})

describe('the protocols of a member', () => {
  test('are the same when names, notes and order are', () => {
    covers('ClassicGroupMemberTest.testMatchesSupportedProtocols')
    expect(memberWith({ supportedProtocols: [RANGE] }).matches([{ ...RANGE }])).toBe(true)
    expect(member.matches([RANGE, ROUND_ROBIN])).toBe(true)
    expect(member.matches([ROUND_ROBIN, RANGE])).toBe(false)
    expect(member.matches([RANGE])).toBe(false)
    expect(member.matches([])).toBe(false)
    expect(member.matches([{ name: 'range', metadata: new Uint8Array([7]) }, ROUND_ROBIN])).toBe(
      false,
    )
  })

  test('are voted for in the order of preference', () => {
    covers('ClassicGroupMemberTest.testVoteForPreferredProtocol')
    expect(member.vote(new Set(['range', 'roundrobin']))).toBe('range')
    expect(member.vote(new Set(['blah', 'roundrobin']))).toBe('roundrobin')
  })

  test('cannot be voted for when the member knows none of them', () => {
    covers('ClassicGroupMemberTest.testVoteRaisesOnNoSupportedProtocols')
    expect(() => member.vote(new Set(['unknown']))).toThrow(IllegalArgumentException)
  })

  test('have a note each', () => {
    covers('ClassicGroupMemberTest.testMetadata')
    expect(member.metadata('range')).toEqual(new Uint8Array([0]))
    expect(member.metadata('roundrobin')).toEqual(new Uint8Array([1]))
  })

  test('have no note where the member does not know the protocol', () => {
    covers('ClassicGroupMemberTest.testMetadataRaisesOnUnsupportedProtocol')
    expect(() => memberWith({ supportedProtocols: [] }).metadata('unknown')).toThrow(
      IllegalArgumentException,
    )
  })

  test('are a set of names', () => {
    covers('ClassicGroupMemberTest.testPlainProtocolSet')
    expect(ClassicGroupMember.plainProtocolSet([RANGE, ROUND_ROBIN])).toEqual(
      new Set(['range', 'roundrobin']),
    )
  })
})

describe('a member', () => {
  test('with an instance id is static', () => {
    covers('ClassicGroupMemberTest.testHasValidGroupInstanceId')
    expect(member.isStaticMember()).toBe(true)
    expect(member.groupInstanceId).toBe('group-instance-id')
    expect(memberWith({ groupInstanceId: null }).isStaticMember()).toBe(false)
  })

  test('needs no heartbeat while it waits for an answer, unless it is new', () => {
    covers('ClassicGroupMemberTest.testHasHeartbeatSatisfied')
    expect(member.hasSatisfiedHeartbeat()).toBe(false)
    member.awaitingJoinFuture = new CompletableFuture()
    expect(member.hasSatisfiedHeartbeat()).toBe(true)
    member.isNew = true
    expect(member.hasSatisfiedHeartbeat()).toBe(false)
    member.isNew = false
    member.awaitingJoinFuture = null
    member.awaitingSyncFuture = new CompletableFuture()
    expect(member.hasSatisfiedHeartbeat()).toBe(true)
  })

  test('is described without a note while its group has no protocol', () => {
    covers('ClassicGroupMemberTest.testDescribeNoMetadata')
    expect(memberWith({ assignment: new Uint8Array([5]) }).describeNoMetadata()).toEqual({
      memberId: 'member',
      groupInstanceId: 'group-instance-id',
      clientId: 'client-id',
      clientHost: 'client-host',
      memberAssignment: new Uint8Array([5]),
      memberMetadata: new Uint8Array(0),
    })
  })

  test("is described with its note under the group's protocol", () => {
    covers('ClassicGroupMemberTest.testDescribe')
    expect(member.describe('range')).toEqual({
      ...member.describeNoMetadata(),
      memberMetadata: new Uint8Array([0]),
    })
  })

  test('tells who it is', () => {
    expect(String(member)).toBe(
      "ClassicGroupMember(memberId='member', groupInstanceId='group-instance-id', " +
        "clientId='client-id', clientHost='client-host', rebalanceTimeoutMs=10, " +
        "sessionTimeoutMs=4500, protocolType='generic', supportedProtocols=[range, roundrobin])",
    )
  })
})
