import { describe, expect, test } from 'vitest'
import { MetadataResponse } from '../../../src/clients/MetadataResponse.ts'
import { IllegalArgumentException, IllegalStateException } from '../../../src/common/errors.ts'
import { Node } from '../../../src/common/Node.ts'
import type { TopicPartition } from '../../../src/common/TopicPartition.ts'
import type { RebalanceProtocol } from '../../../src/consumer/ConsumerPartitionAssignor.ts'
import type { GroupAssignment } from '../../../src/consumer/GroupAssignment.ts'
import type { GroupSubscription } from '../../../src/consumer/GroupSubscription.ts'
import { deserializeAssignment } from '../../../src/consumer/internals/ConsumerProtocol.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { metadataResponse } from '../support/ConsumerHarness.ts'
import {
  bothTopics,
  CoordinatorHarness,
  t1p,
  t2p,
  topic1,
  topic2,
} from '../support/CoordinatorHarness.ts'
import { MockPartitionAssignor } from '../support/groupDoubles.ts'
import { joinedAsFollower, member, mockAssignorName } from '../support/groupResponses.ts'

const PROTOCOLS = ['EAGER', 'COOPERATIVE'] as const

/** What `onLeaderElected` ends with; metadata that it needs is brought by the polls. */
const elect = async (
  harness: CoordinatorHarness,
  members: readonly ReturnType<typeof member>[],
  { assignorName = mockAssignorName, skipAssignment = false } = {},
): Promise<Record<string, readonly TopicPartition[]>> => {
  const elected = harness.coordinator.onLeaderElected('1', assignorName, members, skipAssignment)
  await harness.consumerClient.pollFuture(elected, harness.timer(1000))
  if (elected.failed()) throw elected.exception()
  const shares = [...elected.value()]
  return Object.fromEntries(
    shares.map(([id, bytes]) => [id, deserializeAssignment(bytes).partitions]),
  )
}

describe('the rebalance protocol', () => {
  const select = (...supported: RebalanceProtocol[][]) =>
    new CoordinatorHarness('EAGER', {
      assignors: supported.map((protocols) => new MockPartitionAssignor(protocols)),
    }).coordinator.getProtocol()

  test('is the best that all assignors support', () => {
    covers('ConsumerCoordinatorTest.testSelectRebalanceProtocol')
    expect(() => select(['EAGER'], ['COOPERATIVE'])).toThrow(IllegalArgumentException)
    expect(select(['EAGER', 'COOPERATIVE'], ['EAGER', 'COOPERATIVE'])).toBe('COOPERATIVE')
    expect(select(['EAGER', 'COOPERATIVE'], ['EAGER'])).toBe('EAGER')
  })

  test('is none without assignors, and then no topics can be subscribed to', async () => {
    const harness = new CoordinatorHarness('EAGER', { assignors: [] })
    expect(harness.coordinator.getProtocol()).toBe(null)
    harness.subscribe(topic1)
    const poll = harness.coordinator.poll(harness.timer(0))
    await expect(poll).rejects.toThrow('partition.assignment.strategy')
  })
})

describe.each(PROTOCOLS)('the leader of a group that is %s', (protocol) => {
  test('watches the topics of all, and those that its assignor gives out unasked', async () => {
    const scenario = 'ShouldUpdateGroupSubscriptionAfterAssignmentIfNeeded'
    covers(`ConsumerCoordinatorTest.testPerformAssignment${scenario}`)
    const harness = new CoordinatorHarness(protocol)
    const watched = (): string[] => [...harness.subscriptions.metadataTopics()].sort()
    harness.subscribe(topic1)
    harness.assignor.prepare({ consumer: [t1p] })
    expect(await elect(harness, [member('consumer', [topic1])])).toEqual({ consumer: [t1p] })
    expect(watched()).toEqual([topic1])

    harness.assignor.prepare({ consumer: [t1p, t2p] })
    expect(await elect(harness, [member('consumer', [topic1])])).toEqual({ consumer: [t1p, t2p] })
    expect(watched()).toEqual([topic1, topic2])
    expect(harness.logger.messages('info').join()).toContain(`brokers: [${topic2}]`)
  })

  test('has metadata for the topics of the others when it assigns', async () => {
    const harness = new CoordinatorHarness(protocol)
    harness.subscribe(topic1)
    harness.updateMetadata({ topics: { [topic1]: 1 } })
    const seen: string[] = []
    const { assignor } = harness
    assignor.assign = (metadata: unknown, group: GroupSubscription): GroupAssignment => {
      seen.push(...(metadata as { topics(): string[] }).topics())
      return MockPartitionAssignor.prototype.assign.call(assignor, metadata, group)
    }
    assignor.prepare({ consumer: [t1p], other: [t2p] })
    harness.prepareMetadataUpdate({ topics: bothTopics })
    await elect(harness, [member('consumer', [topic1]), member('other', [topic2])])
    expect(seen.sort()).toEqual([topic1, topic2])
  })

  const twoMembers = () => [
    member('consumer', [topic1], { ownedPartitions: [t1p, t2p], generationId: 1 }),
    member('consumer2', [topic1], { generationId: 1 }),
  ]

  test('gives nobody what another still owns, unless all give up first', async () => {
    covers('ConsumerCoordinatorTest.testPerformAssignmentShouldValidateCooperativeAssignment')
    const harness = new CoordinatorHarness(protocol)
    harness.subscribe(topic1)
    harness.assignor.prepare({ consumer: [t1p], consumer2: [t2p] })
    const electing = elect(harness, twoMembers())
    if (protocol === 'EAGER') await electing
    else {
      await expect(electing).rejects.toThrow(IllegalStateException)
      await expect(electing).rejects.toThrow(/violates its requirements.*test2-0/)
    }
  })

  test('believes the cooperative sticky assignor, which looks at the generations', async () => {
    const scenario = 'ShouldSkipValidateCooperativeAssignmentForBuiltInCooperativeStickyAssignor'
    covers(`ConsumerCoordinatorTest.testPerformAssignment${scenario}`)
    const assignor = new MockPartitionAssignor([protocol], 'cooperative-sticky')
    const harness = new CoordinatorHarness(protocol, { assignors: [assignor] })
    harness.subscribe(topic1)
    const shares = { consumer: [t1p], consumer2: [t2p] }
    assignor.prepare(shares)
    expect(await elect(harness, twoMembers(), { assignorName: 'cooperative-sticky' })).toEqual(
      shares,
    )
  })

  test('assigns nothing when the coordinator keeps what there is', async () => {
    covers('ConsumerCoordinatorTest.testOnLeaderElectedShouldSkipAssignment')
    const harness = new CoordinatorHarness(protocol)
    harness.subscribe(topic1)
    const members = [member('consumer', [topic1])]
    expect(await elect(harness, members, { skipAssignment: true })).toEqual({})
    expect(harness.coordinator.isLeader()).toBe(true)
  })

  test('whose assignor throws tells its program, and the group goes on without', async () => {
    const harness = new CoordinatorHarness(protocol)
    harness.subscribe(topic1)
    await expect(elect(harness, [member('consumer', [topic1])])).rejects.toThrow('no result')
    expect(() => harness.coordinator.onLeaderElected('1', 'unheard-of', [], false)).toThrow(
      'invalid assignment protocol: unheard-of',
    )
  })
})

describe('a static leader that has come back, and did not assign', () => {
  test.each([
    [
      'its own topics',
      { consumer: [topic1] },
      topic1,
      'testStaticLeaderRejoinsGroupAndCanTriggersRebalance',
    ],
    [
      "the others' topics",
      { consumer: [topic1], consumer2: [topic2] },
      topic2,
      'testStaticLeaderRejoinsGroupAndCanDetectMetadataChangesForOtherMembers',
    ],
  ])('still notices when %s change', async (_, subscriptions, changed, scenario) => {
    covers(`ConsumerCoordinatorTest.${scenario}`)
    const harness = new CoordinatorHarness()
    const { coordinator } = harness
    harness.subscribe(topic1)
    await harness.findCoordinator()
    harness.prepareJoinAsLeader([t1p], { subscriptions, skipAssignment: true })
    await coordinator.poll(harness.forever)
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
    const watched = [...harness.subscriptions.metadataTopics()].sort()
    expect(watched).toEqual([...new Set(Object.values(subscriptions).flat())])
    harness.updateMetadata({ topics: { ...bothTopics, [changed]: 2 } })
    await coordinator.poll(harness.timer(0), false)
    expect(coordinator.rejoinNeededOrPending()).toBe(true)
  })
})

// ---- racks

const racks = ['rack-a', 'rack-b', 'rack-c']
const sixNodes = Array.from(
  { length: 6 },
  (_, i) => new Node(i, 'localhost', 1969 + i, racks[i % 3]!),
)

/** One topic, by the brokers that have each of its partitions. */
const placed = (...replicas: number[][]): MetadataResponse => {
  const response = metadataResponse({ nodes: sixNodes, topics: { [topic1]: replicas.length } })
  for (const { partitions } of response.data.topics) {
    for (const [i, partition] of partitions.entries()) {
      const brokers = replicas[i]!
      const [leaderId = -1] = brokers
      Object.assign(partition, { leaderId, replicaNodes: brokers, isrNodes: brokers })
    }
  }
  return new MetadataResponse(response.data, 13)
}

describe.each(PROTOCOLS)('a leader, %s, whose partitions move between brokers', (protocol) => {
  const before = [
    [0, 1],
    [1, 2],
    [2, 0],
  ]

  test.each([
    [
      'Rack',
      'DifferentRacks',
      [
        [0, 2],
        [1, 2],
        [2, 0],
      ],
      true,
      true,
    ],
    [
      'NonRack',
      'DifferentRacks',
      [
        [0, 2],
        [1, 2],
        [2, 0],
      ],
      false,
      false,
    ],
    [
      'Rack',
      'AdditionalRacks',
      [
        [0, 1, 2],
        [1, 2],
        [2, 0],
      ],
      true,
      true,
    ],
    ['Rack', 'LessRacks', [[0, 1], [1, 2], [2]], true, true],
    [
      'Rack',
      'NewPartitions',
      [
        [0, 1],
        [1, 2],
        [2, 0],
        [0, 1],
      ],
      true,
      true,
    ],
    ['Rack', 'NoMetadataChange', before, true, false],
    [
      'Rack',
      'NoRackChange',
      [
        [3, 4],
        [4, 5],
        [5, 3],
      ],
      true,
      false,
    ],
    [
      'Rack',
      'NewReplicasOnSameRacks',
      [
        [0, 1, 3],
        [1, 2, 5],
        [2, 0, 3],
      ],
      true,
      false,
    ],
  ])('%sAware, %s: rebalances only if racks matter and change', async (...row) => {
    const [kind, change, after, isRackAware, rebalances] = row
    covers(`ConsumerCoordinatorTest.test${kind}AwareConsumerRebalanceWith${change}`)
    const rack = isRackAware ? { rackId: racks[0]! } : {}
    const harness = new CoordinatorHarness(protocol, rack)
    await verifyRebalance(harness, placed(...before), placed(...after), rebalances)
  })

  test('rejoins even if the change is undone while it joins', async () => {
    covers('ConsumerCoordinatorTest.testRebalanceWithMetadataChange')
    const harness = new CoordinatorHarness(protocol)
    const both = metadataResponse({ nodes: [harness.node], topics: bothTopics })
    const one = metadataResponse({ nodes: [harness.node], topics: { [topic1]: 1 } })
    await verifyRebalance(harness, both, one, true)
  })

  const verifyRebalance = async (
    harness: CoordinatorHarness,
    first: MetadataResponse,
    second: MetadataResponse,
    rebalances: boolean,
  ): Promise<void> => {
    const { client, coordinator, listener } = harness
    harness.subscribe(topic1, topic2)
    client.updateMetadata(first)
    const partitions = harness.partitionsKnown()
    await harness.findCoordinator()
    const subscriptions = { leader: [topic1, topic2] }
    harness.prepareJoinAsLeader(partitions, { memberId: 'leader', subscriptions })
    await coordinator.poll(harness.forever)
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
    expect(harness.assigned()).toEqual(partitions)

    client.updateMetadata(second)
    await coordinator.poll(harness.timer(0))
    expect(client.requests().map(({ apiKey }) => apiKey.name)).toEqual(
      rebalances ? ['JoinGroup'] : [],
    )
    if (!rebalances) return

    // It is as it was, but the join must be finished all the same.
    client.updateMetadata(first)
    const error = Errors.NOT_COORDINATOR
    client.respond(ApiKeys.JOIN_GROUP, joinedAsFollower({ error }))
    harness.prepareCoordinator()
    // Time for a back-off, but not for an answer.
    await coordinator.poll(harness.timer(1))
    await coordinator.poll(harness.timer(0))
    expect(coordinator.rejoinNeededOrPending()).toBe(true)
    harness.respondToJoinAsLeader(partitions, {
      memberId: 'leader',
      generationId: 2,
      subscriptions,
      onJoin: ({ memberId }) => memberId === 'leader',
    })
    await coordinator.poll(harness.forever)
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
    expect(harness.assigned()).toEqual(partitions)
    expect(listener.revoked).toEqual(protocol === 'EAGER' ? partitions : null)
    expect(listener.lostCount).toBe(0)
    expect(listener.assignedCount).toBe(2)
    expect(listener.assigned).toEqual(protocol === 'EAGER' ? partitions : [])
  }
})

test('a member tells the leader in which rack it stands', async () => {
  covers('ConsumerCoordinatorTest.testSubscriptionRackId')
  const harness = new CoordinatorHarness('EAGER', { rackId: 'rack-a' })
  const { assignor } = harness
  const seen: unknown[] = []
  assignor.assign = (metadata: unknown, group: GroupSubscription): GroupAssignment => {
    for (const { rackId } of group.groupSubscription().values()) seen.push(rackId)
    return MockPartitionAssignor.prototype.assign.call(assignor, metadata, group)
  }
  harness.subscribe(topic1)
  await harness.findCoordinator()
  const [own] = harness.coordinator.metadata()
  const members = [{ ...member('consumer', []), metadata: own!.metadata }]
  assignor.prepare({ consumer: [t1p] })
  await elect(harness, members)
  expect(seen).toEqual(['rack-a'])
})
