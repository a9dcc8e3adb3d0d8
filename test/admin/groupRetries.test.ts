/**
 * What all operations on groups do alike: find the coordinator, ask it, try again what may pass,
 * fail what will not.
 */

import { describe, expect, test } from 'vitest'
import type { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import type { MockClient } from '../../src/clients/MockClient.ts'
import type { ResponseInputOf } from '../../src/clients/RequestBuilder.ts'
import { GroupAuthorizationException } from '../../src/common/errors/ApiExceptions.ts'
import { TimeoutException } from '../../src/common/errors.ts'
import { OffsetAndMetadata } from '../../src/consumer/OffsetAndMetadata.ts'
import { type AnyApiKey, ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { until, withAdmin } from './adminEnv.ts'
import { coordinatorOf, FOO_0, failureOf, GROUP, prepareCoordinator } from './groupEnv.ts'

interface Operation<K extends AnyApiKey = AnyApiKey> {
  readonly name: string
  readonly api: K
  readonly answer: (error: Errors) => ResponseInputOf<K>
  readonly run: (admin: KafkaAdminClient) => Promise<unknown>
  /** What will not pass. */
  readonly fatal: readonly Errors[]
  readonly scenarios: Readonly<Partial<Record<Scenario, string>>>
}

type Scenario = 'numRetries' | 'backoff' | 'retriable' | 'fatal' | 'findRetriable' | 'findFatal'

const { GROUP_AUTHORIZATION_FAILED, INVALID_GROUP_ID, GROUP_ID_NOT_FOUND, NONE } = Errors

const operation = <K extends AnyApiKey>(of: Operation<K>): Operation => of as unknown as Operation

const operations: readonly Operation[] = [
  operation({
    name: 'alterConsumerGroupOffsets',
    api: ApiKeys.OFFSET_COMMIT,
    answer: ({ code: errorCode }) => ({
      topics: [{ name: 'foo', partitions: [{ partitionIndex: 0, errorCode }] }],
    }),
    run: (admin) =>
      admin.alterConsumerGroupOffsets(GROUP, [[FOO_0, new OffsetAndMetadata(123)]]).all(),
    fatal: [GROUP_AUTHORIZATION_FAILED, INVALID_GROUP_ID, GROUP_ID_NOT_FOUND],
    scenarios: {
      numRetries: 'testOffsetCommitNumRetries',
      backoff: 'testOffsetCommitRetryBackoff',
      retriable: 'testAlterConsumerGroupOffsetsRetriableErrors',
      fatal: 'testAlterConsumerGroupOffsetsNonRetriableErrors',
      findRetriable: 'testAlterConsumerGroupOffsetsFindCoordinatorRetriableErrors',
      findFatal: 'testAlterConsumerGroupOffsetsFindCoordinatorNonRetriableErrors',
    },
  }),
  operation({
    name: 'deleteConsumerGroupOffsets',
    api: ApiKeys.OFFSET_DELETE,
    answer: ({ code }) =>
      code === 0
        ? { topics: [{ name: 'foo', partitions: [{ partitionIndex: 0, errorCode: 0 }] }] }
        : { errorCode: code },
    run: (admin) => admin.deleteConsumerGroupOffsets(GROUP, [FOO_0]).all(),
    fatal: [GROUP_AUTHORIZATION_FAILED, INVALID_GROUP_ID, GROUP_ID_NOT_FOUND],
    scenarios: {
      numRetries: 'testDeleteConsumerGroupOffsetsNumRetries',
      backoff: 'testDeleteConsumerGroupOffsetsRetryBackoff',
      retriable: 'testDeleteConsumerGroupOffsetsRetriableErrors',
      fatal: 'testDeleteConsumerGroupOffsetsNonRetriableErrors',
      findRetriable: 'testDeleteConsumerGroupOffsetsFindCoordinatorRetriableErrors',
      findFatal: 'testDeleteConsumerGroupOffsetsFindCoordinatorNonRetriableErrors',
    },
  }),
  operation({
    name: 'deleteConsumerGroups',
    api: ApiKeys.DELETE_GROUPS,
    answer: ({ code: errorCode }) => ({ results: [{ groupId: GROUP, errorCode }] }),
    run: (admin) => admin.deleteConsumerGroups([GROUP]).all(),
    fatal: [GROUP_AUTHORIZATION_FAILED, Errors.NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND],
    scenarios: {
      numRetries: 'testDeleteConsumerGroupsNumRetries',
      backoff: 'testDeleteConsumerGroupsRetryBackoff',
    },
  }),
  operation({
    name: 'listConsumerGroupOffsets',
    api: ApiKeys.OFFSET_FETCH,
    answer: ({ code: errorCode }) => ({ groups: [{ groupId: GROUP, topics: [], errorCode }] }),
    run: (admin) => admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata(),
    fatal: [
      GROUP_AUTHORIZATION_FAILED,
      INVALID_GROUP_ID,
      GROUP_ID_NOT_FOUND,
      Errors.UNKNOWN_MEMBER_ID,
      Errors.STALE_MEMBER_EPOCH,
    ],
    scenarios: {
      numRetries: 'testListConsumerGroupOffsetsNumRetries',
      backoff: 'testListConsumerGroupOffsetsRetryBackoff',
      retriable: 'testListConsumerGroupOffsetsRetriableErrors',
      fatal: 'testListConsumerGroupOffsetsNonRetriableErrors',
    },
  }),
  operation({
    name: 'describeConsumerGroups',
    api: ApiKeys.CONSUMER_GROUP_DESCRIBE,
    answer: ({ code: errorCode }) => ({
      groups: [
        {
          groupId: GROUP,
          errorCode,
          groupState: 'Empty',
          groupEpoch: 1,
          assignmentEpoch: 1,
          assignorName: 'range',
          members: [],
        },
      ],
    }),
    run: (admin) => admin.describeConsumerGroups([GROUP]).all(),
    fatal: [GROUP_AUTHORIZATION_FAILED, Errors.TOPIC_AUTHORIZATION_FAILED, INVALID_GROUP_ID],
    scenarios: {
      numRetries: 'testDescribeConsumerGroupNumRetries',
      backoff: 'testDescribeConsumerGroupRetryBackoff',
    },
  }),
  operation({
    name: 'removeMembersFromConsumerGroup',
    api: ApiKeys.LEAVE_GROUP,
    answer: ({ code: errorCode }) => ({
      errorCode,
      members: [{ memberId: '', groupInstanceId: 'instance-1', errorCode: 0 }],
    }),
    run: (admin) => {
      const members = [{ groupInstanceId: 'instance-1' }]
      return admin.removeMembersFromConsumerGroup(GROUP, { members }).all()
    },
    fatal: [GROUP_AUTHORIZATION_FAILED, Errors.UNKNOWN_SERVER_ERROR],
    scenarios: {
      numRetries: 'testRemoveMembersFromGroupNumRetries',
      backoff: 'testRemoveMembersFromGroupRetryBackoff',
      retriable: 'testRemoveMembersFromGroupRetriableErrors',
      fatal: 'testRemoveMembersFromGroupNonRetriableErrors',
    },
  }),
]

describe.each(operations)('$name', ({ api, answer, run, fatal, scenarios }) => {
  const claim = (scenario: Scenario): void => {
    const name = scenarios[scenario]
    if (name !== undefined) covers(`KafkaAdminClientTest.${name}`)
  }
  const prepare = (client: MockClient, error: Errors): void =>
    client.prepareResponse(api, answer(error))

  test('asks the coordinator again while it loads, and looks for it when it has moved', () =>
    withAdmin({ nodes: 2 }, async ({ admin, client, cluster }) => {
      claim('retriable')
      const [first, second] = cluster.nodes
      prepareCoordinator(client, first!)
      const asked = (error: Errors, node = first!) =>
        client.prepareResponse(api, answer(error), { node })
      asked(Errors.COORDINATOR_LOAD_IN_PROGRESS)
      asked(Errors.NOT_COORDINATOR)
      prepareCoordinator(client, second!)
      asked(Errors.COORDINATOR_NOT_AVAILABLE, second!)
      prepareCoordinator(client, second!)
      asked(NONE, second!)
      await run(admin)
      expect(client.numAwaitingResponses()).toBe(0)
    }))

  test('looks for the coordinator again when its connection breaks', () =>
    withAdmin({ nodes: 2 }, async ({ admin, client, cluster }) => {
      const [first, second] = cluster.nodes
      prepareCoordinator(client, first!)
      client.prepareResponse(api, null, { node: first!, disconnected: true })
      prepareCoordinator(client, second!)
      client.prepareResponse(api, answer(NONE), { node: second! })
      await run(admin)
      expect(client.numAwaitingResponses()).toBe(0)
    }))

  test.each(fatal)('fails at once by %s', (error) =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      claim('fatal')
      prepareCoordinator(client, cluster.nodes[0]!)
      prepare(client, error)
      const failure = await failureOf(run(admin))
      expect((failure as Error).constructor).toBe(error.exceptionClass)
      expect(client.numAwaitingResponses()).toBe(0)
    }),
  )

  test('asks for the coordinator until there is one', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      claim('findRetriable')
      for (const name of ['COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS'] as const) {
        const error = Errors[name]
        client.prepareResponse(ApiKeys.FIND_COORDINATOR, coordinatorOf(null, { error }))
      }
      prepareCoordinator(client, cluster.nodes[0]!)
      prepare(client, NONE)
      await run(admin)
      expect(client.numAwaitingResponses()).toBe(0)
    }))

  test('fails when it may not know the coordinator', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client }) => {
      claim('findFatal')
      const error = GROUP_AUTHORIZATION_FAILED
      client.prepareResponse(ApiKeys.FIND_COORDINATOR, coordinatorOf(null, { error }))
      const failure = await failureOf(run(admin))
      expect(failure).toBeInstanceOf(GroupAuthorizationException)
      expect((failure as GroupAuthorizationException).groupId).toBe(GROUP)
    }))

  test('gives up when there are no more retries', () =>
    withAdmin({ config: { retries: 0 } }, async ({ admin, client, cluster }) => {
      claim('numRetries')
      const [first] = cluster.nodes
      prepareCoordinator(client, first!)
      prepare(client, Errors.NOT_COORDINATOR)
      prepareCoordinator(client, first!)
      const failure = await failureOf(run(admin))
      expect(failure).toBeInstanceOf(TimeoutException)
      // The time-out tells of all that was tried, not of its last request alone.
      expect((failure as Error).message).toContain('4 requests were sent')
    }))

  test('waits for the back-off before it asks again', () =>
    withAdmin(
      { config: { 'retry.backoff.ms': 100, 'retry.backoff.max.ms': 100 } },
      async ({ admin, client, cluster, time }) => {
        claim('backoff')
        const sentMs: number[] = []
        const note = { matcher: () => sentMs.push(time.milliseconds()) > 0 }
        prepareCoordinator(client, cluster.nodes[0]!)
        client.prepareResponse(api, answer(Errors.NOT_COORDINATOR), note)
        prepareCoordinator(client, cluster.nodes[0]!)
        client.prepareResponse(api, answer(NONE), note)
        const done = run(admin)
        await until(time, () => sentMs.length === 1)
        await done
        expect(sentMs[1]! - sentMs[0]!).toBe(100)
      },
    ))
})
