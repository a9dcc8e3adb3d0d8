/** Requests about groups, in the forms that brokers of different ages understand. */

import { describe, expect, test } from 'vitest'
import {
  CoordinatorType,
  coordinatorsOf,
  findCoordinatorRequest,
  NoBatchedFindCoordinatorsException,
} from '../../src/clients/FindCoordinatorRequest.ts'
import {
  joinGroupRequest,
  maybeTruncateReason,
  validateGroupInstanceId,
} from '../../src/clients/JoinGroupRequest.ts'
import { leaveGroupErrorOf, leaveGroupRequest } from '../../src/clients/LeaveGroupRequest.ts'
import { throughCodec } from '../../src/clients/throughCodec.ts'
import {
  InvalidConfigurationException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { FindCoordinatorResponse } from '../../src/protocol/messages/FindCoordinator.ts'
import { LeaveGroupResponse } from '../../src/protocol/messages/LeaveGroup.ts'

describe('who coordinates', () => {
  const group = findCoordinatorRequest(CoordinatorType.GROUP, ['billing'])

  test('is asked with a list of keys from version 4 on, with one key before', () => {
    expect(group.build(4)).toEqual({ keyType: 0, coordinatorKeys: ['billing'] })
    expect(group.build(3)).toEqual({ keyType: 0, key: 'billing' })
  })

  test('cannot be asked about two groups at once, or about transactions, in the old forms', () => {
    const two = findCoordinatorRequest(CoordinatorType.GROUP, ['billing', 'shipping'])
    expect(two.build(4)).toMatchObject({ coordinatorKeys: ['billing', 'shipping'] })
    expect(() => two.build(3)).toThrow(NoBatchedFindCoordinatorsException)
    const transaction = findCoordinatorRequest(CoordinatorType.TRANSACTION, ['t'])
    expect(transaction.build(1)).toEqual({ keyType: 1, key: 't' })
    expect(() => transaction.build(0)).toThrow(UnsupportedVersionException)
  })

  test('is answered with a list in every version', () => {
    const place = { nodeId: 3, host: 'broker-3', port: 9092 }
    const old = throughCodec(FindCoordinatorResponse, place, 3)
    expect(coordinatorsOf(old)).toMatchObject([{ ...place, errorCode: 0 }])
    const listed = { coordinators: [{ key: 'billing', ...place, errorCode: 0 }] }
    const recent = throughCodec(FindCoordinatorResponse, listed, 4)
    expect(coordinatorsOf(recent)).toMatchObject([{ key: 'billing', ...place }])
  })
})

describe('joining', () => {
  const data = { groupId: 'billing', sessionTimeoutMs: 1, memberId: '', protocolType: 'consumer' }

  test('with a name of its own needs a broker that knows static members', () => {
    const request = joinGroupRequest({ ...data, groupInstanceId: 'printer-1' })
    expect(request.build(5)).toMatchObject({ groupInstanceId: 'printer-1' })
    expect(() => request.build(4)).toThrow(UnsupportedVersionException)
    expect(() => request.build(4)).toThrow(/unset group.instance.id/)
    expect(joinGroupRequest(data).build(0)).toBe(data)
  })

  test('takes a name that a topic could have as well', () => {
    validateGroupInstanceId('printer_1.a-b')
    for (const name of ['', '..', 'a b', 'ä', 'x'.repeat(250)]) {
      expect(() => validateGroupInstanceId(name)).toThrow(InvalidConfigurationException)
      expect(() => validateGroupInstanceId(name)).toThrow(/Group instance id is invalid/)
    }
  })

  test('gives a reason of 255 characters at most', () => {
    expect(maybeTruncateReason('short')).toBe('short')
    expect(maybeTruncateReason('x'.repeat(300))).toHaveLength(255)
  })
})

describe('leaving', () => {
  const [a, b] = [{ memberId: 'a' }, { memberId: 'b' }]

  test('is possible for one at a time before version 3', () => {
    expect(leaveGroupRequest('billing', [a]).build(2)).toEqual({
      groupId: 'billing',
      memberId: 'a',
    })
    const two = leaveGroupRequest('billing', [a, b])
    expect(two.build(3)).toEqual({ groupId: 'billing', members: [a, b] })
    expect(() => two.build(2)).toThrow(UnsupportedVersionException)
    expect(() => leaveGroupRequest('billing', [])).toThrow(IllegalArgumentException)
  })

  test('has failed when it failed as a whole, or for one member', () => {
    const answer = (errorCode: number, ...members: number[]) =>
      leaveGroupErrorOf(
        throughCodec(
          LeaveGroupResponse,
          {
            errorCode,
            members: members.map((code, i) => ({
              memberId: `${i}`,
              groupInstanceId: null,
              errorCode: code,
            })),
          },
          5,
        ),
      )
    expect(answer(0)).toBe(Errors.NONE)
    expect(answer(0, 0, 25, 82)).toBe(Errors.UNKNOWN_MEMBER_ID)
    expect(answer(16, 25)).toBe(Errors.NOT_COORDINATOR)
  })
})
