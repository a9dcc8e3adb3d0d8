/** Members that are taken out of their group. */

import { expect, test } from 'vitest'
import type { RemoveMembersFromConsumerGroupOptions } from '../../src/admin/AdminOptions.ts'
import type { MockClient } from '../../src/clients/MockClient.ts'
import { NodeApiVersions } from '../../src/clients/NodeApiVersions.ts'
import {
  UnknownServerException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import { UnknownMemberIdException } from '../../src/common/errors/CoordinatorExceptions.ts'
import { IllegalArgumentException, KafkaException } from '../../src/common/errors.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import type { LeaveGroupRequestData } from '../../src/protocol/messages/LeaveGroup.ts'
import { covers } from '../support/covers.ts'
import { type AdminEnv, withAdmin } from './adminEnv.ts'
import { failureOf, GROUP, prepareCoordinator } from './groupEnv.ts'

const ONE = { groupInstanceId: 'instance-1' }
const TWO = { groupInstanceId: 'instance-2' }

const left = (groupInstanceId: string | null, error = Errors.NONE, memberId = '') => ({
  memberId,
  groupInstanceId,
  errorCode: error.code,
})

const prepareLeave = (
  client: MockClient,
  members: readonly ReturnType<typeof left>[],
  sent: LeaveGroupRequestData[] = [],
): void =>
  client.prepareResponse(
    ApiKeys.LEAVE_GROUP,
    { errorCode: 0, members },
    { matcher: (request) => sent.push(request) > 0 },
  )

test('each member has its own outcome', () =>
  withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
    covers(
      'KafkaAdminClientTest.testRemoveMembersFromGroup',
      'KafkaAdminClientTest.testGetSubLevelError',
    )
    const [broker] = cluster.nodes
    const remove = () => admin.removeMembersFromConsumerGroup(GROUP, { members: [ONE, TWO] })
    prepareCoordinator(client, broker!)
    client.prepareResponse(ApiKeys.LEAVE_GROUP, { errorCode: Errors.UNKNOWN_SERVER_ERROR.code })
    const broken = remove()
    await expect(broken.all()).rejects.toThrow(UnknownServerException)
    await expect(broken.memberResult(ONE)).rejects.toThrow(UnknownServerException)

    prepareCoordinator(client, broker!)
    const unknown = Errors.UNKNOWN_MEMBER_ID
    prepareLeave(client, [left('instance-1', unknown), left('instance-2')])
    const partly = remove()
    await expect(partly.all()).rejects.toThrow(UnknownMemberIdException)
    await expect(partly.memberResult(ONE)).rejects.toThrow(UnknownMemberIdException)
    await partly.memberResult(TWO)

    prepareCoordinator(client, broker!)
    prepareLeave(client, [left('instance-2')])
    const missing = remove()
    const absent = missing.memberResult(ONE)
    await expect(absent).rejects.toThrow(IllegalArgumentException)
    await expect(absent).rejects.toThrow('not included in the removal response')
    await missing.memberResult(TWO)
    const stranger = { groupInstanceId: 'stranger' }
    expect(() => missing.memberResult(stranger)).toThrow(IllegalArgumentException)

    prepareCoordinator(client, broker!)
    prepareLeave(client, [left('instance-1'), left('instance-2')])
    const done = remove()
    await done.all()
    await done.memberResult(ONE)

    const nobody = () => admin.removeMembersFromConsumerGroup(GROUP, { members: [] })
    expect(nobody).toThrow(IllegalArgumentException)
  }))

const prepareMembers = ({ client, cluster }: AdminEnv): void => {
  prepareCoordinator(client, cluster.nodes[0]!)
  client.prepareUnsupportedVersionResponse(ApiKeys.CONSUMER_GROUP_DESCRIBE)
  const member = (memberId: string, groupInstanceId: string | null) => ({
    memberId,
    groupInstanceId,
    clientId: 'client',
    clientHost: 'host',
    memberMetadata: new Uint8Array(),
    memberAssignment: new Uint8Array(),
  })
  client.prepareResponse(ApiKeys.DESCRIBE_GROUPS, {
    groups: [
      {
        errorCode: 0,
        groupId: GROUP,
        groupState: 'Stable',
        protocolType: 'consumer',
        protocolData: 'range',
        members: [member('m-1', 'instance-1'), member('m-2', null)],
      },
    ],
  })
  prepareCoordinator(client, cluster.nodes[0]!)
}

test('all members are removed, static ones by their instance id, others by their member id', () =>
  withAdmin({ nodes: 1 }, async (env) => {
    const { admin, client } = env
    prepareMembers(env)
    const sent: LeaveGroupRequestData[] = []
    prepareLeave(client, [left('instance-1'), left(null, Errors.NONE, 'm-2')], sent)
    const result = admin.removeMembersFromConsumerGroup(GROUP)
    await result.all()
    expect(sent[0]!.members).toMatchObject([
      { memberId: '', groupInstanceId: 'instance-1' },
      { memberId: 'm-2', groupInstanceId: null },
    ])
    expect(() => result.memberResult(ONE)).toThrow(IllegalArgumentException)
  }))

test('one member that does not go fails the removal of all', () =>
  withAdmin({ nodes: 1 }, async (env) => {
    prepareMembers(env)
    const unknown = Errors.UNKNOWN_MEMBER_ID
    prepareLeave(env.client, [left('instance-1'), left(null, unknown, 'm-2')])
    const failure = await failureOf(env.admin.removeMembersFromConsumerGroup(GROUP).all())
    expect(failure).toBeInstanceOf(KafkaException)
    expect((failure as Error).message).toContain("'m-2'")
    expect((failure as Error).cause).toBeInstanceOf(UnknownMemberIdException)
  }))

test('when the members cannot be found, none is removed', () =>
  withAdmin({ nodes: 1 }, async ({ admin, client }) => {
    const errorCode = Errors.GROUP_AUTHORIZATION_FAILED.code
    const where = { nodeId: -1, host: '', port: -1, errorCode }
    const coordinators = [{ key: GROUP, ...where }]
    client.prepareResponse(ApiKeys.FIND_COORDINATOR, { coordinators })
    const failure = await failureOf(admin.removeMembersFromConsumerGroup(GROUP).all())
    expect((failure as Error).message).toContain(`the members of group '${GROUP}'`)
  }))

test.each([
  [
    'testRemoveMembersFromGroupReason',
    'testing remove members reason',
    'testing remove members reason',
  ],
  ['testRemoveMembersFromGroupTruncatesReason', 'x'.repeat(300), 'x'.repeat(255)],
  ['testRemoveMembersFromGroupDefaultReason', undefined, 'member was removed by an admin'],
  ['testRemoveMembersFromGroupDefaultReason', '', 'member was removed by an admin'],
])('%s: the broker is told why', (scenario, reason, expected) =>
  withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
    covers(`KafkaAdminClientTest.${scenario}`)
    prepareCoordinator(client, cluster.nodes[0]!)
    const sent: LeaveGroupRequestData[] = []
    prepareLeave(client, [left('instance-1'), left('instance-2')], sent)
    const options: RemoveMembersFromConsumerGroupOptions = {
      members: [ONE, TWO],
      ...(reason !== undefined && { reason }),
    }
    await admin.removeMembersFromConsumerGroup(GROUP, options).all()
    expect(sent[0]!.members.map((member) => member.reason)).toEqual([expected, expected])
  }),
)

test('an old broker is asked to remove one member, never several', () =>
  withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
    const leaveGroupV2 = { apiKey: ApiKeys.LEAVE_GROUP.id, minVersion: 0, maxVersion: 2 }
    client.setNodeApiVersions(NodeApiVersions.create([leaveGroupV2]))
    prepareCoordinator(client, cluster.nodes[0]!)
    client.prepareResponse(ApiKeys.LEAVE_GROUP, { errorCode: 0 })
    const two = admin.removeMembersFromConsumerGroup(GROUP, { members: [ONE, TWO] })
    await expect(two.all()).rejects.toThrow(UnsupportedVersionException)
    prepareCoordinator(client, cluster.nodes[0]!)
    client.prepareResponse(ApiKeys.LEAVE_GROUP, { errorCode: 0 })
    await admin.removeMembersFromConsumerGroup(GROUP, { members: [ONE] }).all()
  }))
