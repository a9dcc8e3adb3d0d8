import { describe, expect, it } from 'vitest'
import {
  MetadataSnapshot,
  type MetadataSnapshotFields,
} from '../../src/clients/MetadataSnapshot.ts'
import { PartitionMetadata } from '../../src/clients/PartitionMetadata.ts'
import { Cluster } from '../../src/common/Cluster.ts'
import { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'

const random = new SeededRandom(3)
const partitionOf = (topic: string, index: number, leaderEpoch: number | null = 10) =>
  new PartitionMetadata({
    error: Errors.NONE,
    topicPartition: new TopicPartition(topic, index),
    leaderId: 5,
    leaderEpoch,
    replicaIds: [5, 6, 7],
    inSyncReplicaIds: [5, 6, 7],
    offlineReplicaIds: [],
  })
const nodesOf = (...ids: number[]) => new Map(ids.map((id) => [id, new Node(id, 'localhost', id)]))
const snapshotOf = (fields: Partial<MetadataSnapshotFields>) =>
  new MetadataSnapshot({
    clusterId: 'clusterId',
    nodes: nodesOf(6, 7, 8),
    partitions: [],
    unauthorizedTopics: new Set(),
    invalidTopics: new Set(),
    internalTopics: new Set(),
    controller: null,
    topicIds: new Map(),
    ...fields,
  })

describe('MetadataSnapshot', () => {
  it('has no leader for a partition whose leader is an unknown broker', () => {
    covers('MetadataSnapshotTest.testMissingLeaderEndpoint')
    const partition = new TopicPartition('topic', 0)
    const cluster = snapshotOf({ partitions: [partitionOf('topic', 0)] }).cluster()
    expect(cluster.leaderFor(partition)).toBeNull()
    const replicas = cluster.partition(partition)!.replicas
    expect(replicas.map((node) => node.id)).toEqual([5, 6, 7])
    expect(replicas[0]!.isEmpty()).toBe(true)
    expect(replicas[1]!.port).toBe(6)
  })

  it('keeps the topics it knew when others are merged in', () => {
    covers('MetadataSnapshotTest.testMergeWithThatPreExistingPartitionIsRetainedPostMerge')
    const [id1, id2] = [Uuid.randomUuid(random), Uuid.randomUuid(random)]
    const before = snapshotOf({
      partitions: [partitionOf('topic1', 1)],
      topicIds: new Map([['topic1', id1]]),
      internalTopics: new Set(['topic1']),
    })
    const news = {
      clusterId: 'clusterId',
      nodes: nodesOf(6, 7, 8),
      partitions: [partitionOf('topic2', 2)],
      unauthorizedTopics: new Set<string>(),
      invalidTopics: new Set<string>(),
      internalTopics: new Set<string>(),
      controller: null,
      topicIds: new Map([['topic2', id2]]),
    }
    const asked: [string, boolean][] = []
    const after = before.mergeWith(news, (topic, isInternal) => {
      asked.push([topic, isInternal])
      return true
    })
    expect(after.cluster().topics().sort()).toEqual(['topic1', 'topic2'])
    expect(after.topicName(id1)).toBe('topic1')
    expect(after.topicName(id2)).toBe('topic2')
    expect(after.topicId('topic1')).toBe(id1)
    expect(asked).toContainEqual(['topic1', true])
    expect(before.cluster().topics()).toEqual(['topic1']) // it did not change
    const dropped = before.mergeWith(news, () => false)
    expect(dropped.cluster().topics()).toEqual(['topic2'])
    expect(dropped.topicId('topic1')).toBeNull()
  })

  it('finds names by ids', () => {
    covers(
      'MetadataSnapshotTest.testTopicNamesCacheBuiltFromTopicIds',
      'MetadataSnapshotTest.testEmptyTopicNamesCacheBuiltFromTopicIds',
    )
    const topicIds = new Map([
      ['topic1', Uuid.randomUuid(random)],
      ['topic2', Uuid.randomUuid(random)],
    ])
    const snapshot = snapshotOf({ topicIds })
    for (const [name, id] of topicIds) expect(snapshot.topicName(id)).toBe(name)
    expect(snapshotOf({}).topicName(topicIds.get('topic1')!)).toBeNull()
  })

  it('knows leader epochs where there are any', () => {
    covers('MetadataSnapshotTest.testLeaderEpochFor')
    const snapshot = snapshotOf({
      partitions: [partitionOf('topic', 0, 10), partitionOf('topic', 1, null)],
    })
    expect(snapshot.leaderEpochFor(new TopicPartition('topic', 0))).toBe(10)
    expect(snapshot.leaderEpochFor(new TopicPartition('topic', 1))).toBeNull()
    expect(snapshot.leaderEpochFor(new TopicPartition('missing', 0))).toBeNull()
  })

  it('begins with nothing, or with addresses', () => {
    expect(MetadataSnapshot.empty().cluster().equals(Cluster.empty())).toBe(true)
    const addresses = [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
    ]
    const bootstrap = MetadataSnapshot.bootstrap(addresses)
    expect(bootstrap.cluster().equals(Cluster.bootstrap(addresses))).toBe(true)
    expect(bootstrap.cluster().isBootstrapConfigured).toBe(true)
    expect(bootstrap.nodeById(-2)?.host).toBe('b')
    expect(bootstrap.nodeById(0)).toBeNull()
  })
})
