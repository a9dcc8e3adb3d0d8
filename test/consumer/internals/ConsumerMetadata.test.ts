import { beforeEach, describe, expect, test } from 'vitest'
import { Node } from '../../../src/common/Node.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { covers } from '../../support/covers.ts'
import { ConsumerHarness, metadataResponse, topicName, tp0 } from '../support/ConsumerHarness.ts'

let harness: ConsumerHarness

beforeEach(() => {
  harness = new ConsumerHarness()
})

const foo = new TopicPartition('foo', 0)
const bar = new TopicPartition('bar', 0)

test('a picture holds the topics that are assigned, and no others', () => {
  covers('ConsumerMetadataTest.testUserAssignment')
  harness.assign(foo, bar)
  expect([...harness.metadata.newMetadataRequestBuilder().topics!].sort()).toEqual(['bar', 'foo'])
  harness.updateMetadata({ topics: { foo: 1, bar: 1, baz: 1, __consumer_offsets: 1 } })
  expect(harness.metadata.fetch().topics().sort()).toEqual(['bar', 'foo'])
})

const allTopics = {
  topics: { foo: 1, bar: 1, baz: 1, __consumer_offsets: 1, other: 1 },
  internalTopics: ['__consumer_offsets'],
}
const known = (): string[] => harness.metadata.fetch().topics().sort()

test("a picture holds the topics that are subscribed, for a leader also the group's", () => {
  covers('ConsumerMetadataTest.testNormalSubscription')
  const { subscriptions, metadata } = harness
  const asked = (): string[] => [...metadata.newMetadataRequestBuilder().topics!].sort()
  subscriptions.subscribe(new Set(['foo', 'bar', '__consumer_offsets']))
  subscriptions.groupSubscribe(['baz', 'foo', 'bar', '__consumer_offsets'])
  expect(asked()).toEqual(['__consumer_offsets', 'bar', 'baz', 'foo'])
  harness.updateMetadata(allTopics)
  expect(known()).toEqual(['__consumer_offsets', 'bar', 'baz', 'foo'])

  subscriptions.resetGroupSubscription()
  expect(asked()).toEqual(['__consumer_offsets', 'bar', 'foo'])
  harness.updateMetadata(allTopics)
  expect(known()).toEqual(['__consumer_offsets', 'bar', 'foo'])
})

test.each([
  [false, 'NoInternalTopics', ['__matching_topic']],
  [true, 'IncludeInternalTopics', ['__consumer_offsets', '__matching_topic']],
] as const)(
  'a pattern asks for all topics and keeps what fits; internal ones too: %s',
  (includeInternalTopics, scenario, kept) => {
    covers(`ConsumerMetadataTest.testPatternSubscription${scenario}`)
    harness = new ConsumerHarness({ includeInternalTopics })
    harness.subscriptions.subscribe(/__.*/)
    expect(harness.metadata.newMetadataRequestBuilder().isAllTopics).toBe(true)
    harness.updateMetadata({
      topics: { __consumer_offsets: 1, __matching_topic: 1, non_matching_topic: 1 },
      internalTopics: ['__consumer_offsets'],
    })
    expect(known()).toEqual(kept)
  },
)

test('asking for metadata may create the topic, if the setting says so', () => {
  harness.assign(foo)
  const request = harness.metadata.newMetadataRequestBuilder().build(13)
  expect(request.allowAutoTopicCreation).toBe(true)
})

test('topics that somebody asks about belong to it for as long as the question runs', () => {
  covers('ConsumerMetadataTest.testTransientTopics')
  harness.assign(tp0)
  expect(harness.metadata.updateRequested()).toBe(false)
  harness.metadata.addTransientTopics([topicName])
  expect(harness.metadata.updateRequested()).toBe(false)
  harness.metadata.addTransientTopics(['foo'])
  expect(harness.metadata.updateRequested()).toBe(true)
  harness.updateMetadata({ topics: { [topicName]: 1, foo: 1 } })
  expect(harness.metadata.fetch().topics().sort()).toEqual(['foo', topicName])

  harness.metadata.clearTransientTopics()
  harness.updateMetadata({ topics: { [topicName]: 1, foo: 1 } })
  expect(harness.metadata.fetch().topics()).toEqual([topicName])
})

describe('a leader that a fetch response names', () => {
  const response = (epoch: number) =>
    metadataResponse({ topics: { [topicName]: 2 }, leaderEpoch: () => epoch })

  beforeEach(() => {
    harness.assign(tp0)
    harness.client.updateMetadata(response(100))
  })

  test('is taken when it is newer', () => {
    covers('ConsumerMetadataTest.testValidPartitionLeadershipUpdate')
    const newNode = new Node(999, 'newnode', 999)
    const changed = harness.metadata.updatePartitionLeadership(
      [[tp0, { leaderId: 999, epoch: 101 }]],
      [newNode],
    )
    expect(changed).toEqual([tp0])
    expect(harness.metadata.currentLeader(tp0)).toMatchObject({ leader: newNode, epoch: 101 })
    expect(harness.metadata.fetch().leaderFor(tp0)).toEqual(newNode)
  })

  test('is left alone when it is older, incomplete, unknown, or of another topic', () => {
    covers('ConsumerMetadataTest.testInvalidPartitionLeadershipUpdates')
    const before = harness.metadata.fetch()
    const update = (partition: TopicPartition, leaderId: number | null, epoch: number | null) =>
      harness.metadata.updatePartitionLeadership([[partition, { leaderId, epoch }]], [])
    expect(update(tp0, 0, 99)).toEqual([])
    expect(update(tp0, 0, 100)).toEqual([])
    expect(update(tp0, null, 101)).toEqual([])
    expect(update(tp0, 0, null)).toEqual([])
    expect(update(tp0, 77, 101)).toEqual([])
    expect(update(new TopicPartition('other', 0), 0, 101)).toEqual([])
    expect(harness.metadata.fetch()).toBe(before)
  })
})
