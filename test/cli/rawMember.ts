/** A member of a group, by its requests alone: it joins and gets what the test says. */

import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import {
  serializeConsumerProtocolAssignment,
  serializeConsumerProtocolSubscription,
} from '../../src/protocol/ConsumerProtocol.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import type { WireClient } from '../support/WireClient.ts'

export interface RawMember {
  readonly topic: string
  readonly groupInstanceId?: string
}

/** The first question for a coordinator makes the topic of offsets; it is there a little later. */
const awaitCoordinator = async (client: WireClient, groupId: string): Promise<void> => {
  for (let tries = 0; tries < 1000; tries++) {
    const asked = { keyType: 0, coordinatorKeys: [groupId] }
    const found = await client.request(ApiKeys.FIND_COORDINATOR, 6, asked)
    if (found.coordinators[0]!.errorCode === 0) return
  }
  throw new Error(`The group '${groupId}' has no coordinator`)
}

const check = ({ errorCode }: { readonly errorCode: number }, what: string): void => {
  if (errorCode !== 0) throw new Error(`${what} has failed with ${Errors.forCode(errorCode)}`)
}

/**
 * @param partitions of its topic; `null`: it does not tell, so the group waits for its assignment
 * @returns its member id
 */
export const joinAsMember = async (
  client: WireClient,
  groupId: string,
  { topic, groupInstanceId }: RawMember,
  partitions: readonly number[] | null,
): Promise<string> => {
  await awaitCoordinator(client, groupId)
  const metadata = serializeConsumerProtocolSubscription({ topics: [topic] })
  const join = {
    groupId,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    groupInstanceId: groupInstanceId ?? null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata }],
  }
  // The first answer only gives it its id, unless it is a static member.
  const first = await client.request(ApiKeys.JOIN_GROUP, 9, { ...join, memberId: '' })
  const { memberId } = first
  const joined =
    first.errorCode === 0
      ? first
      : await client.request(ApiKeys.JOIN_GROUP, 9, { ...join, memberId })
  check(joined, 'JoinGroup')
  if (partitions === null) return memberId
  const assignment = serializeConsumerProtocolAssignment({
    assignedPartitions: [{ topic, partitions: [...partitions] }],
  })
  const synced = await client.request(ApiKeys.SYNC_GROUP, 5, {
    groupId,
    generationId: joined.generationId,
    memberId,
    groupInstanceId: groupInstanceId ?? null,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: [{ memberId, assignment }],
  })
  check(synced, 'SyncGroup')
  return memberId
}
