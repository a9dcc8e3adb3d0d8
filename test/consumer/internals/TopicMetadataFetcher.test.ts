import { beforeEach, expect, test } from 'vitest'
import {
  InvalidTopicException,
  TopicAuthorizationException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { TimeoutException } from '../../../src/common/errors.ts'
import { TopicMetadataFetcher } from '../../../src/consumer/internals/TopicMetadataFetcher.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import {
  ConsumerHarness,
  type MetadataOptions,
  metadataResponse,
  topicName,
} from '../support/ConsumerHarness.ts'

let harness: ConsumerHarness
let fetcher: TopicMetadataFetcher

beforeEach(() => {
  harness = new ConsumerHarness()
  harness.updateMetadata()
  const { logger, consumerClient: client, random } = harness
  fetcher = new TopicMetadataFetcher({
    logger,
    client,
    random,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1000,
  })
})

const prepare = (options: MetadataOptions, disconnected = false): void =>
  harness.client.prepareResponse(ApiKeys.METADATA, metadataResponse(options).data, { disconnected })
const timer = (ms = 5000) => harness.time.timer(ms)
const all = { topics: { [topicName]: 4, other: 1 } }

test('all topics are listed with their partitions', async () => {
  covers('TopicMetadataFetcherTest.testGetAllTopics')
  prepare(all)
  const topics = await fetcher.getAllTopicMetadata(timer())
  expect([...topics].map(([topic, infos]) => [topic, infos.length])).toEqual([
    [topicName, 4],
    ['other', 1],
  ])
  expect(topics.get(topicName)![0]!.leader?.id).toBe(0)
})

test('a lost connection is tried again', async () => {
  covers('TopicMetadataFetcherTest.testGetAllTopicsDisconnect')
  prepare({}, true)
  prepare(all)
  expect((await fetcher.getAllTopicMetadata(timer())).size).toBe(2)
})

test('an answer that does not come in time is an error', async () => {
  covers('TopicMetadataFetcherTest.testGetAllTopicsTimeout')
  harness.client.advanceTimeDuringPoll = true
  await expect(fetcher.getAllTopicMetadata(timer(50))).rejects.toThrow(TimeoutException)
})

test('a topic that we may not see is an error that names it', async () => {
  covers('TopicMetadataFetcherTest.testGetAllTopicsUnauthorized')
  prepare({ errors: { secret: Errors.TOPIC_AUTHORIZATION_FAILED } })
  const asked = fetcher.getAllTopicMetadata(timer())
  await expect(asked).rejects.toThrow(TopicAuthorizationException)
  await expect(asked).rejects.toMatchObject({ unauthorizedTopics: new Set(['secret']) })
})

test('a topic whose name cannot be is an error', async () => {
  covers('TopicMetadataFetcherTest.testGetTopicMetadataInvalidTopic')
  prepare({ errors: { 'no good': Errors.INVALID_TOPIC_EXCEPTION } })
  await expect(fetcher.getTopicMetadata('no good', true, timer())).rejects.toThrow(
    InvalidTopicException,
  )
})

test('a topic that is not there has no partitions', async () => {
  covers('TopicMetadataFetcherTest.testGetTopicMetadataUnknownTopic')
  prepare({ errors: { nowhere: Errors.UNKNOWN_TOPIC_OR_PARTITION } })
  expect(await fetcher.getTopicMetadata('nowhere', true, timer())).toBe(null)
})

test('a topic without leader yet is asked for again', async () => {
  covers('TopicMetadataFetcherTest.testGetTopicMetadataLeaderNotAvailable')
  prepare({ errors: { [topicName]: Errors.LEADER_NOT_AVAILABLE } })
  prepare(all)
  expect(await fetcher.getTopicMetadata(topicName, true, timer())).toHaveLength(4)
})

test('a partition without leader is listed all the same', async () => {
  covers('TopicMetadataFetcherTest.testGetTopicMetadataOfflinePartitions')
  prepare({ ...all, leader: ({ partition }) => (partition === 0 ? null : harness.nodes[0]!) })
  const infos = (await fetcher.getTopicMetadata(topicName, false, timer()))!
  expect(infos).toHaveLength(4)
  expect(infos[0]!.leader).toBe(null)
  expect(infos[1]!.leader?.id).toBe(0)
})
