/** What a mocked cluster answers when it is asked about groups. */

import type { MockClient } from '../../src/clients/MockClient.ts'
import type { ResponseInputOf } from '../../src/clients/RequestBuilder.ts'
import { Node } from '../../src/common/Node.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'

export const GROUP = 'group-0'
export const FOO_0 = new TopicPartition('foo', 0)
export const FOO_1 = new TopicPartition('foo', 1)
export const BAR_0 = new TopicPartition('bar', 0)

/** The coordinator of all these groups is `node`. */
export const coordinatorOf = (
  node: Node | null,
  { groups = [GROUP], error = Errors.NONE }: { groups?: readonly string[]; error?: Errors } = {},
): ResponseInputOf<typeof ApiKeys.FIND_COORDINATOR> => {
  const { id: nodeId, host, port } = node ?? Node.NO_NODE
  const where = { nodeId, host, port, errorCode: error.code }
  return { coordinators: groups.map((key) => ({ key, ...where })) }
}

/** The same from a broker that answers for one group at a time. */
export const oldCoordinator = (
  node: Node | null,
  error: Errors = Errors.NONE,
): ResponseInputOf<typeof ApiKeys.FIND_COORDINATOR> => {
  const { id: nodeId, host, port } = node ?? Node.NO_NODE
  return { nodeId, host, port, errorCode: error.code }
}

export const prepareCoordinator = (client: MockClient, node: Node, ...groups: string[]): void =>
  client.prepareResponse(
    ApiKeys.FIND_COORDINATOR,
    coordinatorOf(node, groups.length > 0 ? { groups } : {}),
  )

/** A broker of long ago: FindCoordinator about one group, OffsetFetch too. */
export const FIND_COORDINATOR_V3 = { apiKey: 10, minVersion: 0, maxVersion: 3 }
export const OFFSET_FETCH_V7 = { apiKey: 9, minVersion: 0, maxVersion: 7 }

export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  )
