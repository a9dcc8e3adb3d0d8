/** Groups are known to their coordinators, so all brokers are asked for theirs. */

import { describe, expect, test } from 'vitest'
import { forConsumerGroups, type ListGroupsOptions } from '../../src/admin/AdminOptions.ts'
import type { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import type { ListGroupsResult } from '../../src/admin/ListGroupsResult.ts'
import type { MockClient, RequestMatcher } from '../../src/clients/MockClient.ts'
import { NodeApiVersions } from '../../src/clients/NodeApiVersions.ts'
import {
  UnknownServerException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import { KafkaException } from '../../src/common/errors.ts'
import type { Node } from '../../src/common/Node.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import type { ListGroupsResponseInput } from '../../src/protocol/messages/ListGroups.ts'
import { covers } from '../support/covers.ts'
import { metadataOf, mockCluster, withAdmin } from './adminEnv.ts'

type Listed = NonNullable<ListGroupsResponseInput['groups']>[number]

const listed = (
  groupId: string,
  protocolType = 'consumer',
  groupType = 'Classic',
  groupState = 'Stable',
): Listed => ({ groupId, protocolType, groupType, groupState })

/** A request with exactly these filters. */
const filters =
  (
    states: readonly string[],
    types: readonly string[],
  ): RequestMatcher<typeof ApiKeys.LIST_GROUPS> =>
  ({ statesFilter, typesFilter }) =>
    statesFilter.join() === states.join() && typesFilter.join() === types.join()

const prepareGroups = (
  client: MockClient,
  groups: readonly Listed[],
  more: { node?: Node; error?: Errors; matcher?: RequestMatcher<typeof ApiKeys.LIST_GROUPS> } = {},
): void => {
  const { error = Errors.NONE, ...options } = more
  client.prepareResponse(ApiKeys.LIST_GROUPS, { errorCode: error.code, groups }, options)
}

const noBrokers = { ...metadataOf(mockCluster(3)), brokers: [], controllerId: -1 }

type Listing = { readonly groupId: string }
type List = (
  admin: KafkaAdminClient,
  options?: Pick<ListGroupsOptions, 'groupStates' | 'types'>,
) => Pick<ListGroupsResult<Listing>, 'all' | 'valid' | 'errors'>

interface Way {
  readonly name: string
  readonly list: List
  readonly consumersOnly: boolean
  /** What the request asks for when nothing is said. */
  readonly types: readonly string[]
  readonly scenario: (what: string) => string
}

const ways: readonly Way[] = [
  {
    name: 'listGroups()',
    list: (admin, options) => admin.listGroups(options),
    consumersOnly: false,
    types: [],
    scenario: (what) => `KafkaAdminClientTest.testListGroups${what}`,
  },
  {
    name: 'listGroups(forConsumerGroups())',
    list: (admin, options) => admin.listGroups(forConsumerGroups(options)),
    consumersOnly: true,
    types: ['Classic', 'Consumer'],
    scenario: (what) => `KafkaAdminClientTest.testListConsumerGroups${what}`,
  },
  {
    name: 'listConsumerGroups()',
    list: (admin, options) => admin.listConsumerGroups(options),
    consumersOnly: true,
    types: [],
    scenario: (what) => `KafkaAdminClientTest.testListConsumerGroupsDeprecated${what}`,
  },
]

describe.each(ways)('$name', ({ list, consumersOnly, types, scenario }) => {
  test('asks every broker, and tells which could not be asked', () =>
    withAdmin({ nodes: 4, config: { retries: 2 } }, async ({ admin, client, cluster }) => {
      covers(scenario(''))
      const [zero, one, two, three] = cluster.nodes
      // A broker that is starting up knows nobody yet.
      client.prepareResponse(ApiKeys.METADATA, noBrokers)
      client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster))
      const at = (node: Node | undefined, ...ids: string[]) =>
        prepareGroups(
          client,
          ids.flatMap((id) => [listed(id), listed(`connect-${id}`, 'connector')]),
          { node: node! },
        )
      at(zero, 'a')
      prepareGroups(client, [], { node: one!, error: Errors.COORDINATOR_NOT_AVAILABLE })
      prepareGroups(client, [], { node: one!, error: Errors.COORDINATOR_LOAD_IN_PROGRESS })
      at(one, 'b')
      at(two, 'c')
      prepareGroups(client, [], { node: three!, error: Errors.UNKNOWN_SERVER_ERROR })
      const result = list(admin)
      await expect(result.all()).rejects.toThrow(UnknownServerException)
      await expect(result.all()).rejects.toThrow('Error listing groups on localhost:8124')
      const ids = (await result.valid()).map(({ groupId }) => groupId).sort()
      const all = ['a', 'b', 'c', 'connect-a', 'connect-b', 'connect-c']
      expect(ids).toEqual(consumersOnly ? ['a', 'b', 'c'] : all)
      expect(await result.errors()).toHaveLength(1)
    }))

  test('fails when nobody tells which brokers there are', () =>
    withAdmin({ config: { retries: 0 } }, async ({ admin, client }) => {
      covers(scenario('MetadataFailure'))
      client.prepareResponse(ApiKeys.METADATA, noBrokers)
      const result = list(admin)
      await expect(result.all()).rejects.toThrow(KafkaException)
      await expect(result.all()).rejects.toThrow('Failed to find brokers to send ListGroups')
      expect(await result.valid()).toEqual([])
    }))

  test('asks for groups in certain states', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      if (consumersOnly) covers(scenario('WithStates'))
      client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster))
      const groups = [listed('a', 'consumer', 'Classic', 'Stable'), listed('b', '', '', 'Empty')]
      const matcher = filters(['Stable', 'Empty'], types)
      prepareGroups(client, groups, { matcher })
      const found = await list(admin, { groupStates: ['Stable', 'Empty'] }).all()
      expect(found).toMatchObject([
        { groupId: 'a', groupState: 'Stable', isSimpleConsumerGroup: false },
        { groupId: 'b', groupState: 'Empty', type: null },
      ])
    }))

  test('asks for groups of certain types', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers(scenario('WithTypes'))
      client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster))
      prepareGroups(client, [listed('a', 'consumer', 'Consumer')], {
        matcher: filters([], ['Consumer']),
      })
      const found = await list(admin, { types: ['Consumer'] }).all()
      expect(found).toMatchObject([{ groupId: 'a', type: 'Consumer' }])
    }))

  test('does not ask an old broker for what it cannot filter', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      if (consumersOnly) covers(scenario('WithStatesOlderBrokerVersion'))
      covers(scenario('WithTypesOlderBrokerVersion'))
      const serving = (maxVersion: number) =>
        client.setNodeApiVersions(
          NodeApiVersions.create([{ apiKey: ApiKeys.LIST_GROUPS.id, minVersion: 0, maxVersion }]),
        )
      const none = filters([], [])
      const answered = async (
        options: Pick<ListGroupsOptions, 'groupStates' | 'types'>,
        m = none,
      ) => {
        client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster))
        prepareGroups(client, [listed('a')], { matcher: m })
        return list(admin, options).all()
      }
      serving(4)
      expect(await answered({ groupStates: ['Stable'] }, filters(['Stable'], []))).toMatchObject([
        { groupId: 'a', groupState: 'Stable', type: null },
      ])
      // It has classic groups only, so there is nothing to filter.
      expect(await answered({ types: ['Classic'] })).toHaveLength(1)
      expect(await answered({ types: ['Classic', 'Consumer'] })).toHaveLength(1)
      for (const type of ['Share', 'Consumer'] as const) {
        await expect(answered({ types: [type] })).rejects.toThrow(UnsupportedVersionException)
      }
      serving(3)
      expect(await answered({})).toMatchObject([{ groupId: 'a', groupState: null }])
      const stable = answered({ groupStates: ['Stable'] })
      await expect(stable).rejects.toThrow(UnsupportedVersionException)
    }))
})

describe('the groups that are listed', () => {
  test('are those of the protocols asked for', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers(
        'KafkaAdminClientTest.testListGroupsWithProtocolTypes',
        'KafkaAdminClientTest.testListConsumerGroupsWithProtocolTypes',
      )
      const all = [listed('a'), listed('b', 'connect'), listed('c', '')]
      const asking = async (options: ListGroupsOptions) => {
        client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster))
        prepareGroups(client, all)
        const found = await admin.listGroups(options).all()
        return found.map(({ groupId }) => groupId)
      }
      expect(await asking({ protocolTypes: ['consumer'] })).toEqual(['a'])
      expect(await asking({ protocolTypes: ['', 'connect'] })).toEqual(['b', 'c'])
      expect(await asking(forConsumerGroups())).toEqual(['a', 'c'])
      expect(await asking(forConsumerGroups({ protocolTypes: ['consumer'] }))).toEqual(['a'])
    }))

  test('may be without a protocol or a type', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers(
        'KafkaAdminClientTest.testListGroupsEmptyProtocol',
        'KafkaAdminClientTest.testListGroupsEmptyGroupType',
      )
      client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster))
      prepareGroups(client, [listed('a', '', 'Classic', 'Empty'), listed('b', 'any', '', '')])
      const result = admin.listGroups()
      expect(await result.all()).toEqual([
        {
          groupId: 'a',
          type: 'Classic',
          protocol: '',
          groupState: 'Empty',
          isSimpleConsumerGroup: true,
        },
        {
          groupId: 'b',
          type: null,
          protocol: 'any',
          groupState: null,
          isSimpleConsumerGroup: false,
        },
      ])
      expect(await result.errors()).toEqual([])
    }))
})
