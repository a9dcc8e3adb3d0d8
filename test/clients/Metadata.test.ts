import { beforeEach, describe, expect, it } from 'vitest'
import { LeaderAndEpoch } from '../../src/clients/LeaderAndEpoch.ts'
import { Metadata, type MetadataOptions } from '../../src/clients/Metadata.ts'
import type { MetadataRequestBuilder } from '../../src/clients/MetadataRequest.ts'
import { Cluster } from '../../src/common/Cluster.ts'
import {
  InvalidTopicException,
  TopicAuthorizationException,
} from '../../src/common/errors/ApiExceptions.ts'
import {
  IllegalArgumentException,
  IllegalStateException,
  KafkaException,
} from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { TraceBus, type TraceEntry } from '../../src/common/Trace.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { metadataResponse, metadataUpdateWith } from '../support/RequestTestUtils.ts'

const BACKOFF_MS = 100
const EXPIRE_MS = 1000
const random = new SeededRandom(11)
const EMPTY = metadataResponse({ brokers: [], topics: [] })
const PARTITION = new TopicPartition('topic-1', 0)

const optionsWith = (more: Partial<MetadataOptions> = {}): MetadataOptions => ({
  refreshBackoffMs: BACKOFF_MS,
  refreshBackoffMaxMs: 1000,
  metadataExpireMs: EXPIRE_MS,
  random,
  logger: new RecordingLogger(),
  ...more,
})

/** Of topic-1, one partition. */
const responseWith = (leaderEpoch: number, topicId?: Uuid, isrNodes?: number[]) =>
  metadataUpdateWith(1, {
    topics: { 'topic-1': 1 },
    leaderEpoch,
    ...(topicId && { topicIds: { 'topic-1': topicId } }),
    ...(isrNodes && { partition: { isrNodes } }),
  })

/** Keeps what `wanted` names, and asks for new topics apart. */
class PickyMetadata extends Metadata {
  wanted: ReadonlySet<string> | null = null

  override newMetadataRequestBuilderForNewTopics(): MetadataRequestBuilder {
    return this.newMetadataRequestBuilder()
  }

  protected override retainTopic(topic: string): boolean {
    return this.wanted?.has(topic) ?? true
  }
}

describe('Metadata', () => {
  let metadata: Metadata
  const update = (response = EMPTY, nowMs = 0, isPartialUpdate = false) =>
    metadata.updateWithCurrentRequestVersion(response, isPartialUpdate, nowMs)

  beforeEach(() => {
    metadata = new Metadata(optionsWith())
  })

  describe('when to ask', () => {
    it('is right after bootstrapping', () => {
      covers('MetadataTest.testUpdateMetadataAllowedImmediatelyAfterBootstrap')
      const nowMs = new MockTime().milliseconds()
      metadata.bootstrap([{ host: 'localhost', port: 9002 }])
      expect(metadata.timeToAllowUpdate(nowMs)).toBe(0)
      expect(metadata.timeToNextUpdate(nowMs)).toBe(0)
      expect(metadata.fetch().isBootstrapConfigured).toBe(true)
    })

    it.each([
      [100, 1000],
      [1000, 100],
      [0, 0],
      [0, 100],
      [100, 0],
    ])('is after back-off (%i ms) and age (%i ms), whichever is later', (backoffMs, expireMs) => {
      covers('MetadataTest.testTimeToNextUpdate')
      let now = 10_000
      const later = Math.max(backoffMs, expireMs)
      metadata = new Metadata(
        optionsWith({
          refreshBackoffMs: backoffMs,
          refreshBackoffMaxMs: backoffMs,
          metadataExpireMs: expireMs,
        }),
      )
      expect(metadata.timeToNextUpdate(now)).toBe(0)
      update(EMPTY, now)
      expect(metadata.timeToNextUpdate(now)).toBe(later)
      metadata.requestUpdate(true)
      expect(metadata.timeToNextUpdate(now)).toBe(backoffMs)
      update(EMPTY, now)
      expect(metadata.timeToNextUpdate(now)).toBe(later)
      now += later
      expect(metadata.timeToNextUpdate(now)).toBe(0)
      expect(metadata.timeToNextUpdate(now + 1)).toBe(0)
    })

    it('is after back-off when an attempt failed, even when asked to', () => {
      covers('MetadataTest.testTimeToNextUpdateRetryBackoff')
      const now = 10_000
      metadata.failedUpdate(now)
      for (const askedTo of [false, true]) {
        if (askedTo) metadata.requestUpdate(true)
        const waitMs = metadata.timeToNextUpdate(now)
        expect(waitMs).toBeGreaterThanOrEqual(BACKOFF_MS * 0.8)
        expect(waitMs).toBeLessThanOrEqual(BACKOFF_MS * 1.2)
      }
      expect(metadata.timeToNextUpdate(now + BACKOFF_MS * 1.2)).toBe(0)
    })

    it('comes later with every attempt that failed', () => {
      const waits = [1, 2, 3, 4].map(() => {
        metadata.failedUpdate(10_000)
        return metadata.timeToAllowUpdate(10_000)
      })
      waits.forEach((waitMs, i) => {
        expect(Math.abs(waitMs - BACKOFF_MS * 2 ** i)).toBeLessThanOrEqual(
          BACKOFF_MS * 2 ** i * 0.2,
        )
      })
    })

    it('counts failures from the last good answer', () => {
      covers('MetadataTest.testFailedUpdate')
      update(EMPTY, 100)
      expect(metadata.timeToNextUpdate(1000)).toBe(100)
      metadata.failedUpdate(1100)
      expect(Math.abs(metadata.timeToNextUpdate(1100) - BACKOFF_MS)).toBeLessThanOrEqual(20)
      expect(metadata.lastSuccessfulUpdate()).toBe(100)
      update(EMPTY, 100)
      expect(metadata.timeToNextUpdate(1000)).toBe(100)
    })

    it('comes later with every answer that says nothing new, until one does', () => {
      metadata = new Metadata(optionsWith({ metadataExpireMs: 300_000 }))
      let now = 10_000
      const waits: number[] = []
      for (let i = 0; i < 4; i++) {
        update(responseWith(10), now)
        metadata.requestUpdate(false)
        waits.push(metadata.timeToNextUpdate(now))
        now += 1000
      }
      // The first answer was new, the others were not.
      ;[100, 100, 200, 400].forEach((expected, i) => {
        expect(Math.abs(waits[i]! - expected)).toBeLessThanOrEqual(expected * 0.2)
      })
      update(responseWith(11), now)
      metadata.requestUpdate(false)
      expect(metadata.timeToNextUpdate(now)).toBeLessThanOrEqual(120)
    })

    it('is now for a new topic, whatever back-off runs', () => {
      update(EMPTY, 10_000)
      metadata.failedUpdate(10_000)
      metadata.requestUpdateForNewTopics()
      expect(metadata.timeToNextUpdate(10_000)).toBe(0)
    })

    it('is when a newer leader epoch was seen elsewhere, not an old one', () => {
      covers('MetadataTest.testRequestUpdate')
      const partition = new TopicPartition('topic', 0)
      expect(metadata.updateRequested()).toBe(false)
      update(metadataUpdateWith(1, { topics: { topic: 1 }, leaderEpoch: 0 }), 10)
      const seen = [42, 42, 41, 41, 42, 43, 43, 42, 41, 44]
      const asked = seen.map((epoch) => {
        metadata.updateLastSeenEpochIfNewer(partition, epoch)
        const requested = metadata.updateRequested()
        update(EMPTY, 0)
        expect(metadata.updateRequested()).toBe(false)
        return requested
      })
      expect(asked).toEqual([
        ...[true, false, false, false, false, true, false, false, false],
        true,
      ])
    })
  })

  describe('requests and answers', () => {
    const ask = (nowMs = 10_000) => metadata.newMetadataRequestAndVersion(nowMs)
    const answer = (asked: ReturnType<typeof ask>, nowMs = 10_000, topic = 'topic') =>
      metadata.update(
        asked.requestVersion,
        metadataUpdateWith(1, { topics: { [topic]: 1 } }),
        asked.isPartialUpdate,
        nowMs,
      )

    it('do not count an answer for topics that were added after the question', () => {
      covers('MetadataTest.testRequestVersion')
      metadata = new PickyMetadata(optionsWith())
      metadata.requestUpdate(true)
      answer(ask())
      expect(metadata.updateRequested()).toBe(false)

      metadata.requestUpdateForNewTopics()
      const asked = ask()
      metadata.requestUpdateForNewTopics()
      answer(asked)
      expect(metadata.updateRequested()).toBe(true)
      answer(ask())
      expect(metadata.updateRequested()).toBe(false)
    })

    it('are for new topics only, if that is enough', () => {
      covers('MetadataTest.testPartialMetadataUpdate')
      metadata = new PickyMetadata(optionsWith())
      metadata.requestUpdate(true)
      let asked = ask()
      expect(asked.isPartialUpdate).toBe(false)
      answer(asked)

      metadata.requestUpdateForNewTopics()
      asked = ask()
      expect(asked.isPartialUpdate).toBe(true)
      answer(asked)
      expect(metadata.updateRequested()).toBe(false)

      metadata.requestUpdate(true)
      metadata.requestUpdateForNewTopics()
      asked = ask()
      expect(asked.isPartialUpdate).toBe(false)
      answer(asked)

      // The picture is too old: the whole of it is asked for.
      metadata.requestUpdateForNewTopics()
      asked = ask(10_000 + EXPIRE_MS)
      expect(asked.isPartialUpdate).toBe(false)
      answer(asked, 10_000 + EXPIRE_MS)

      metadata.requestUpdateForNewTopics()
      const first = ask()
      metadata.requestUpdateForNewTopics()
      const second = ask()
      expect([first.isPartialUpdate, second.isPartialUpdate]).toEqual([true, true])
      answer(first, 10_000, 'topic-1')
      expect(metadata.updateRequested()).toBe(true)
      answer(second, 10_000, 'topic-2')
      expect(metadata.updateRequested()).toBe(false)
    })

    it('count up the version that those who wait look at', () => {
      const before = metadata.requestUpdate(true)
      expect(metadata.updateVersion()).toBe(before)
      update()
      expect(metadata.updateVersion()).toBe(before + 1)
    })

    it('are over once it is closed', () => {
      covers('MetadataTest.testMetadataUpdateAfterClose')
      metadata.close()
      expect(metadata.isClosed()).toBe(true)
      expect(() => update()).toThrow(IllegalStateException)
    })

    it('are told to listeners and to the trace, bootstrapping is not', () => {
      covers('MetadataTest.testClusterListenerGetsNotifiedOfUpdate')
      const heard: (string | null)[] = []
      const entries: TraceEntry[] = []
      const bus = new TraceBus(new MockTime())
      bus.listen((entry) => entries.push(entry))
      metadata = new Metadata(
        optionsWith({
          trace: bus.from('test'),
          clusterResourceListeners: [{ onUpdate: ({ clusterId }) => heard.push(clusterId) }],
        }),
      )
      metadata.bootstrap([{ host: 'www.example.com', port: 9002 }])
      expect(heard).toEqual([])
      update(metadataUpdateWith(1, { clusterId: 'dummy', topics: { topic: 1, topic1: 1 } }))
      expect(heard).toEqual(['dummy'])
      expect(entries.map(({ name, fields }) => [name, fields])).toEqual([
        ['clients.metadata.update', { topics: 2, nodes: 1, requestVersion: 0 }],
      ])
    })

    it('are told to all listeners, also when one of them throws', () => {
      const heard: string[] = []
      class Broken {
        onUpdate(): void {
          heard.push('broken')
          throw new Error('broken')
        }
      }
      const logger = new RecordingLogger()
      metadata = new Metadata(
        optionsWith({
          logger,
          clusterResourceListeners: [new Broken(), { onUpdate: () => heard.push('sound') }],
        }),
      )
      update(metadataUpdateWith(1, { clusterId: 'dummy' }))
      expect(heard).toEqual(['broken', 'sound'])
      expect(metadata.fetch().clusterResource.clusterId).toBe('dummy')
      expect(logger.messages('error')).toEqual([
        expect.stringContaining('Broken threw in onUpdate(ClusterResource(clusterId=dummy))'),
      ])
    })

    it('ask again when a topic or partition is being moved', () => {
      const error = Errors.LEADER_NOT_AVAILABLE
      update(metadataUpdateWith(1, { topicErrors: { topic: error } }))
      expect(metadata.updateRequested()).toBe(true)
      update()
      expect(metadata.updateRequested()).toBe(false)
      update(metadataUpdateWith(1, { topics: { topic: 1 }, partition: { errorCode: error.code } }))
      expect(metadata.updateRequested()).toBe(true)
    })
  })

  describe('leader epochs', () => {
    it('are left out where an old broker may be wrong about them', () => {
      covers('MetadataTest.testIgnoreLeaderEpochInOlderMetadataResponse')
      for (const version of ApiKeys.METADATA.allVersions()) {
        const response = metadataUpdateWith(1, {
          topics: { 'topic-1': 1 },
          ...(version >= 7 && { leaderEpoch: 10 }),
          version,
        })
        update(response, 100)
        expect(response.hasReliableLeaderEpochs).toBe(version >= 9)
        expect(metadata.partitionMetadataIfCurrent(PARTITION)?.leaderEpoch).toBe(
          version >= 9 ? 10 : null,
        )
      }
    })

    it('keep an older answer from replacing a newer one', () => {
      covers('MetadataTest.testStaleMetadata')
      update(responseWith(10, undefined, [1, 2, 3]), 100)
      update(responseWith(9, undefined, [1, 2]), 101)
      const known = metadata.partitionMetadataIfCurrent(PARTITION)
      expect(known?.inSyncReplicaIds).toEqual([1, 2, 3])
      expect(known?.leaderEpoch).toBe(10)
      expect(metadata.lastSeenLeaderEpoch(PARTITION)).toBe(10)
    })

    it('go up by other responses, never down, and only of partitions that are known', () => {
      covers('MetadataTest.testUpdateLastEpoch')
      update()
      for (const epoch of [0, 1, 2]) {
        expect(metadata.updateLastSeenEpochIfNewer(PARTITION, epoch)).toBe(false)
      }
      expect(metadata.lastSeenLeaderEpoch(PARTITION)).toBeNull()
      update(responseWith(10), 1)
      expect(metadata.updateLastSeenEpochIfNewer(PARTITION, 1)).toBe(false)
      expect(metadata.updateLastSeenEpochIfNewer(PARTITION, 10)).toBe(false)
      expect(metadata.lastSeenLeaderEpoch(PARTITION)).toBe(10)
      expect(metadata.updateLastSeenEpochIfNewer(PARTITION, 12)).toBe(true)
      update(responseWith(12), 2)
      update(responseWith(11), 3)
      expect(metadata.lastSeenLeaderEpoch(PARTITION)).toBe(12)
      expect(() => metadata.updateLastSeenEpochIfNewer(PARTITION, -1)).toThrow(
        IllegalArgumentException,
      )
    })

    it('outlive the deletion of a topic, and start again with its next life', () => {
      covers('MetadataTest.testEpochUpdateAfterTopicDeletion')
      update(responseWith(10, Uuid.randomUuid(random)), 1)
      const error = Errors.UNKNOWN_TOPIC_OR_PARTITION
      update(metadataUpdateWith(1, { topicErrors: { 'topic-1': error } }), 1)
      expect(metadata.lastSeenLeaderEpoch(PARTITION)).toBe(10)
      update(responseWith(5, Uuid.randomUuid(random)), 1)
      expect(metadata.lastSeenLeaderEpoch(PARTITION)).toBe(5)
    })

    it('may go down when the topic id is another one', () => {
      covers('MetadataTest.testEpochUpdateOnChangedTopicIds')
      const id = Uuid.randomUuid(random)
      const seen = (epoch: number, topicId?: Uuid) => {
        update(responseWith(epoch, topicId), 1)
        return metadata.lastSeenLeaderEpoch(PARTITION)
      }
      expect(seen(100)).toBe(100)
      expect(seen(10, id)).toBe(10)
      expect(seen(10, id)).toBe(10)
      expect(seen(12, id)).toBe(12)
      expect(seen(3, Uuid.randomUuid(random))).toBe(3)
      expect(seen(20, Uuid.randomUuid(random))).toBe(20)
    })

    it('are remembered while the partition is gone', () => {
      covers('MetadataTest.testRejectOldMetadata')
      update(responseWith(100), 10)
      update(responseWith(99, undefined, []), 20)
      expect(metadata.fetch().partition(PARTITION)?.inSyncReplicas).toHaveLength(1)
      update(responseWith(100, undefined, []), 20)
      expect(metadata.fetch().partition(PARTITION)?.inSyncReplicas).toHaveLength(0)
      update(metadataUpdateWith(1), 20)
      expect(metadata.fetch().partition(PARTITION)).toBeNull()
      update(responseWith(99), 20)
      expect(metadata.fetch().partition(PARTITION)).toBeNull()
      expect(metadata.lastSeenLeaderEpoch(PARTITION)).toBe(100)
    })

    it('make what is known old when another response names a newer one', () => {
      covers('MetadataTest.testOutOfBandEpochUpdate')
      expect(metadata.updateLastSeenEpochIfNewer(PARTITION, 99)).toBe(false)
      const response = (leaderEpoch: number) =>
        metadataUpdateWith(1, { topics: { 'topic-1': 5 }, leaderEpoch })
      update(response(100), 10)
      expect(metadata.updateLastSeenEpochIfNewer(PARTITION, 101)).toBe(true)
      for (const nowMs of [20, 30]) {
        expect(metadata.fetch().partitionCountForTopic('topic-1')).toBe(5)
        expect(metadata.partitionMetadataIfCurrent(PARTITION)).toBeNull()
        expect(metadata.currentLeader(PARTITION).equals(new LeaderAndEpoch(null, 101))).toBe(true)
        update(response(100), nowMs)
      }
      update(response(101), 40)
      expect(metadata.partitionMetadataIfCurrent(PARTITION)).not.toBeNull()
      expect(metadata.currentLeader(PARTITION).leader?.id).toBe(0)
    })

    it('can be missing', () => {
      covers('MetadataTest.testNoEpoch')
      update(metadataUpdateWith(1, { topics: { 'topic-1': 1 } }), 10)
      expect(metadata.lastSeenLeaderEpoch(PARTITION)).toBeNull()
      expect(metadata.partitionMetadataIfCurrent(PARTITION)?.leaderId).toBe(0)
      metadata.updateLastSeenEpochIfNewer(PARTITION, 10)
      expect(metadata.partitionMetadataIfCurrent(PARTITION)?.leaderEpoch).toBeNull()
    })

    it('keep a leader on a broker that is no longer there from being believed', () => {
      covers('MetadataTest.testLeaderMetadataInconsistentWithBrokerMetadata')
      const responseFrom = (ids: number[], leaderEpoch: number, leaderId: number) =>
        metadataResponse({
          brokers: ids.map((nodeId) => ({ nodeId, host: 'localhost', port: 9092 + nodeId })),
          topics: [
            {
              name: 'topic-1',
              partitions: [{ leaderId, leaderEpoch, replicaNodes: [0, 1, 2], isrNodes: ids }],
            },
          ],
        })
      update(responseFrom([0, 1, 2], 10, 0), 10)
      update(responseFrom([1, 2], 8, 1), 20)
      expect(metadata.fetch().leaderFor(PARTITION)).toBeNull()
      expect(metadata.lastSeenLeaderEpoch(PARTITION)).toBe(10)
      expect(metadata.currentLeader(PARTITION).leader).toBeNull()
    })

    it('that are newer change a leader without a metadata request', () => {
      covers('MetadataTest.testTopicMetadataOnUpdatePartitionLeadership')
      const other = new TopicPartition('topic-1', 1)
      const response = metadataUpdateWith(3, {
        topics: { 'topic-1': 2 },
        leaderEpoch: 1,
        partition: { leaderId: 1, replicaNodes: [1, 2] },
        topicIds: { 'topic-1': Uuid.ONE_UUID },
      })
      update(response, 10)
      const change = (partition: TopicPartition, leaderId: number | null, epoch: number | null) =>
        metadata.updatePartitionLeadership(
          [[partition, { leaderId, epoch }]],
          [new Node(7, 'new', 9092)],
        )
      expect(change(other, 2, 3)).toEqual([other])
      expect(metadata.fetch().partitionsForTopic('topic-1')).toHaveLength(2)
      expect(metadata.fetch().leaderFor(PARTITION)?.id).toBe(1)
      expect(metadata.fetch().leaderFor(other)?.id).toBe(2)
      expect(metadata.lastSeenLeaderEpoch(other)).toBe(3)
      expect(metadata.topicIds().get('topic-1')?.equals(Uuid.ONE_UUID)).toBe(true)

      expect(change(other, 7, 4)).toEqual([other])
      expect(metadata.fetch().leaderFor(other)?.host).toBe('new')
      // Incomplete, not newer, on an unknown broker, of an unknown partition.
      expect(change(other, null, 9)).toEqual([])
      expect(change(other, 1, null)).toEqual([])
      expect(change(other, 1, 4)).toEqual([])
      expect(change(other, 99, 9)).toEqual([])
      expect(change(new TopicPartition('unknown', 0), 1, 9)).toEqual([])
      expect(metadata.fetch().leaderFor(other)?.id).toBe(7)
    })
  })

  describe('what is kept', () => {
    it('is a cluster as the broker described it', () => {
      covers('MetadataTest.testClusterCopy')
      update(
        metadataUpdateWith(4, {
          clusterId: 'dummy',
          topics: { topic1: 2, topic2: 3, __consumer_offsets: 3 },
          topicErrors: {
            topic3: Errors.INVALID_TOPIC_EXCEPTION,
            topic4: Errors.TOPIC_AUTHORIZATION_FAILED,
          },
        }),
      )
      const cluster = metadata.fetch()
      expect(cluster.clusterResource.clusterId).toBe('dummy')
      expect(cluster.nodes).toHaveLength(4)
      expect([...cluster.invalidTopics]).toEqual(['topic3'])
      expect([...cluster.unauthorizedTopics]).toEqual(['topic4'])
      expect([...cluster.internalTopics]).toEqual(['__consumer_offsets'])
      expect(cluster.topics()).toHaveLength(3)
      expect(cluster.partitionsForTopic('topic1')).toHaveLength(2)
      expect(cluster.controller?.id).toBe(0)
      expect(new Metadata(optionsWith()).fetch().equals(Cluster.empty())).toBe(true)
    })

    it('changes with what is wanted, at a partial update', () => {
      covers('MetadataTest.testMetadataMerge')
      const picky = new PickyMetadata(optionsWith())
      metadata = picky
      const ids = Object.fromEntries(
        ['oldValid', 'keepValid', 'newValid'].map((name) => [name, Uuid.randomUuid(random)]),
      )
      const topicsOf = (...names: string[]) => {
        picky.wanted = new Set(names)
      }
      const invalid = Errors.INVALID_TOPIC_EXCEPTION
      const unauthorized = Errors.TOPIC_AUTHORIZATION_FAILED

      topicsOf('oldBad', 'keepBad', 'oldHidden', 'keepHidden', 'oldValid', 'keepValid')
      update(
        metadataUpdateWith(2, {
          clusterId: 'old',
          topics: { oldValid: 2, keepValid: 3 },
          topicErrors: {
            oldBad: invalid,
            keepBad: invalid,
            oldHidden: unauthorized,
            keepHidden: unauthorized,
          },
          topicIds: ids,
          leaderEpoch: 100,
        }),
        0,
        true,
      )
      expect([...metadata.fetch().invalidTopics]).toEqual(['oldBad', 'keepBad'])
      expect(metadata.fetch().topics()).toEqual(['oldValid', 'keepValid'])

      topicsOf('keepBad', 'newBad', 'keepHidden', 'newHidden', 'keepValid', 'newValid')
      update(
        metadataUpdateWith(3, {
          clusterId: 'new',
          topics: { keepValid: 2, newValid: 4 },
          topicErrors: { newBad: invalid, newHidden: unauthorized },
          topicIds: ids,
          leaderEpoch: 200,
        }),
        0,
        true,
      )
      let cluster = metadata.fetch()
      expect(cluster.clusterResource.clusterId).toBe('new')
      expect(cluster.nodes).toHaveLength(3)
      expect([...cluster.invalidTopics].sort()).toEqual(['keepBad', 'newBad'])
      expect([...cluster.unauthorizedTopics].sort()).toEqual(['keepHidden', 'newHidden'])
      expect(cluster.topics().sort()).toEqual(['keepValid', 'newValid'])
      expect(cluster.partitionsForTopic('keepValid')).toHaveLength(2)
      expect(cluster.partitionsForTopic('newValid')).toHaveLength(4)
      expect([...metadata.topicIds().keys()].sort()).toEqual(['keepValid', 'newValid'])

      topicsOf()
      update(metadataUpdateWith(3, { topics: { keepValid: 2 }, leaderEpoch: 300 }), 0, true)
      cluster = metadata.fetch()
      expect(cluster.topics()).toEqual([])
      expect(cluster.invalidTopics.size + cluster.unauthorizedTopics.size).toBe(0)
      expect(cluster.topicIds()).toEqual([])
      expect(metadata.lastSeenLeaderEpoch(new TopicPartition('keepValid', 0))).toBeNull()
    })

    it('has no id of a topic any more when the last word has none', () => {
      covers('MetadataTest.testMetadataMergeOnIdDowngrade')
      const topics = { topic1: 2, topic2: 3 }
      const [id1, id2] = [Uuid.randomUuid(random), Uuid.randomUuid(random)]
      const topicIds = { topic1: id1, topic2: id2 }
      update(metadataUpdateWith(2, { topics, topicIds, leaderEpoch: 100 }), 0, true)
      expect(metadata.topicName(id1)).toBe('topic1')
      const downgraded = { topics, topicIds: { topic2: id2 }, leaderEpoch: 200 }
      update(metadataUpdateWith(2, downgraded), 0, true)
      expect([...metadata.topicIds()].map(String)).toEqual([`topic2,${id2}`])
      expect(metadata.topicName(id1)).toBeNull()
      expect(metadata.fetch().partitionsForTopic('topic1')).toHaveLength(2)
      expect(metadata.fetch().topicId('topic1')).toBe(Uuid.ZERO_UUID)
    })

    it('says whether a node holds a replica that is online', () => {
      covers(
        'MetadataTest.testNodeIfOffline',
        'MetadataTest.testNodeIfOnlineWhenNotInReplicaSet',
        'MetadataTest.testNodeIfOnlineNonExistentTopicPartition',
      )
      const partition = { leaderId: 0, replicaNodes: [0, 1], offlineReplicas: [1] }
      update(metadataUpdateWith(3, { topics: { 'topic-1': 1 }, leaderEpoch: 99, partition }))
      const cluster = metadata.fetch()
      expect(cluster.nodeIfOnline(PARTITION, 0)?.id).toBe(0)
      expect(cluster.nodeIfOnline(PARTITION, 1)).toBeNull()
      expect(cluster.nodeIfOnline(PARTITION, 2)).toBeNull()
      expect(cluster.nodeById(2)?.id).toBe(2)
      expect(cluster.nodeIfOnline(new TopicPartition('other', 0), 0)).toBeNull()
    })

    it('is one consistent picture for whoever holds it across an await', async () => {
      covers('MetadataTest.testConcurrentUpdateAndFetchForSnapshotAndCluster')
      update(metadataUpdateWith(10, { topics: { topic1: 1 }, leaderEpoch: 100 }))
      const [snapshot, cluster] = [metadata.fetchMetadataSnapshot(), metadata.fetch()]
      const reader = (async () => {
        await Promise.resolve()
        const partition = new TopicPartition('topic1', 0)
        return [
          snapshot.leaderEpochFor(partition),
          cluster.nodes.length,
          metadata.fetchMetadataSnapshot().leaderEpochFor(partition),
          metadata.fetch().nodes.length,
        ]
      })()
      update(metadataUpdateWith(11, { topics: { topic1: 2 }, leaderEpoch: 101 }))
      expect(await reader).toEqual([100, 10, 101, 11])
      expect(snapshot.cluster()).toBe(cluster)
    })
  })

  describe('trouble', () => {
    it('with a topic’s name is thrown once, and gone with the next good answer', () => {
      covers('MetadataTest.testInvalidTopicError')
      const bad = metadataUpdateWith(1, {
        topicErrors: { 'topic dfsa': Errors.INVALID_TOPIC_EXCEPTION },
      })
      update(bad)
      let thrown: unknown
      try {
        metadata.maybeThrowAnyException()
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(InvalidTopicException)
      expect([...(thrown as InvalidTopicException).invalidTopics]).toEqual(['topic dfsa'])
      metadata.maybeThrowAnyException()
      update(bad)
      update(EMPTY)
      metadata.maybeThrowAnyException()
    })

    it('with the right to see a topic is thrown once, and gone with the next good answer', () => {
      covers('MetadataTest.testTopicAuthorizationError')
      const bad = metadataUpdateWith(1, {
        topicErrors: { foo: Errors.TOPIC_AUTHORIZATION_FAILED },
      })
      update(bad)
      expect(() => metadata.maybeThrowAnyException()).toThrow(TopicAuthorizationException)
      metadata.maybeThrowAnyException()
      update(bad)
      update(EMPTY)
      metadata.maybeThrowAnyException()
    })

    it('of one topic is not thrown at another, but forgotten all the same', () => {
      covers('MetadataTest.testMetadataTopicErrors')
      const bad = metadataUpdateWith(1, {
        topicErrors: {
          invalid: Errors.INVALID_TOPIC_EXCEPTION,
          secret1: Errors.TOPIC_AUTHORIZATION_FAILED,
          secret2: Errors.TOPIC_AUTHORIZATION_FAILED,
        },
      })
      for (const topic of ['secret1', 'secret2', 'invalid']) {
        update(bad)
        expect(() => metadata.maybeThrowExceptionForTopic(topic)).toThrow(topic)
        metadata.maybeThrowAnyException()
      }
      update(bad)
      metadata.maybeThrowExceptionForTopic('another')
      metadata.maybeThrowAnyException()
    })

    it('that is fatal is thrown at everybody’s next question, once', () => {
      const fatal = new KafkaException('no way')
      metadata.fatalError(fatal)
      expect(() => metadata.maybeThrowFatalException()).toThrow(fatal)
      metadata.maybeThrowFatalException()
      metadata.fatalError(fatal)
      expect(() => metadata.maybeThrowExceptionForTopic('topic')).toThrow(fatal)
      metadata.maybeThrowAnyException()
    })

    it('of a connection is kept for whoever gives up, until a broker answers', () => {
      metadata.noteConnectionProblem('nobody at localhost:1')
      expect(metadata.connectionProblem()).toBe('nobody at localhost:1')
      update(metadataUpdateWith(1))
      expect(metadata.connectionProblem()).toBeNull()
    })
  })

  it('starts again from the addresses it began with', () => {
    metadata.bootstrap([{ host: 'seed', port: 9092 }])
    update(metadataUpdateWith(3))
    expect(metadata.fetch().isBootstrapConfigured).toBe(false)
    const before = metadata.updateVersion()
    metadata.rebootstrap()
    expect(metadata.fetch().isBootstrapConfigured).toBe(true)
    expect(metadata.fetch().nodes.map(String)).toEqual(['seed:9092 (id: -1)'])
    expect(metadata.updateRequested()).toBe(true)
    expect(metadata.updateVersion()).toBe(before + 1)
  })
})
