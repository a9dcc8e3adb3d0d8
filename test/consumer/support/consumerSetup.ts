/**
 * A whole `ClassicKafkaConsumer` of strings around a `MockClient`, for tests of its public methods.
 */

import { ApiVersions } from '../../../src/clients/ApiVersions.ts'
import { MockClient } from '../../../src/clients/MockClient.ts'
import { NodeApiVersions } from '../../../src/clients/NodeApiVersions.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import type { Node } from '../../../src/common/Node.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { StringDeserializer } from '../../../src/common/serialization/StringDeserializer.ts'
import type { Time } from '../../../src/common/Time.ts'
import type { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import { ConsumerConfig } from '../../../src/consumer/ConsumerConfig.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { ClassicKafkaConsumer } from '../../../src/consumer/internals/ClassicKafkaConsumer.ts'
import { ConsumerMetadata } from '../../../src/consumer/internals/ConsumerMetadata.ts'
import { SubscriptionState } from '../../../src/consumer/internals/SubscriptionState.ts'
import type { Environment } from '../../../src/network/Environment.ts'
import type { SelectorProvider } from '../../../src/network/nio/SocketChannel.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type Errors as WireError } from '../../../src/protocol/Errors.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import {
  batch,
  type FetchedOptions,
  fetchResponse,
  type MetadataOptions,
  metadataResponse,
  nodes,
  topicId,
  topicName,
} from './ConsumerHarness.ts'

/** Sockets that nobody may open. */
export const noNetwork: SelectorProvider = {
  hostName: 'nowhere',
  openSocketChannel: () => {
    throw new Error('This test has no network.')
  },
  openServerSocketChannel: () => {
    throw new Error('This test has no network.')
  },
}

export const testEnvironment = (time: Time = new MockTime()) => {
  const logger = new RecordingLogger()
  const traceBus = new TraceBus(time)
  return {
    time,
    random: new SeededRandom(1),
    network: noNetwork,
    logger,
    traceBus,
  } satisfies Environment
}

export const settings = {
  'bootstrap.servers': 'localhost:9092',
  'key.deserializer': StringDeserializer,
  'value.deserializer': StringDeserializer,
}

export interface ConsumerSetupOptions {
  readonly settings?: Readonly<Record<string, unknown>>
  readonly reset?: AutoOffsetResetStrategy
  readonly time?: Time
  readonly nodes?: readonly Node[]
}

export const setUpConsumer = (options: ConsumerSetupOptions = {}) => {
  const environment = testEnvironment(options.time)
  const { time, logger, random } = environment
  const trace = environment.traceBus.from('test')
  const apiVersions = new ApiVersions()
  const brokers = options.nodes ?? nodes(1)
  for (const node of brokers) apiVersions.update(node.idString(), NodeApiVersions.create())
  const subscriptions = new SubscriptionState(
    logger,
    options.reset ?? AutoOffsetResetStrategy.EARLIEST,
  )
  const metadata = new ConsumerMetadata({
    refreshBackoffMs: 0,
    refreshBackoffMaxMs: 0,
    metadataExpireMs: 2 ** 40,
    allowAutoTopicCreation: true,
    subscriptions,
    random,
    logger,
    trace,
  })
  const client = new MockClient(time, metadata)
  const config = new ConsumerConfig({ ...settings, ...options.settings }, random)
  const consumer = new ClassicKafkaConsumer<string, string>({
    config,
    environment,
    stack: { client, metadata, subscriptions, apiVersions },
  })
  const picture = (more: MetadataOptions = {}) =>
    metadataResponse({
      nodes: brokers,
      topics: { [topicName]: 4 },
      topicIds: { [topicName]: topicId },
      ...more,
    })

  return {
    ...environment,
    config,
    consumer,
    client,
    metadata,
    subscriptions,
    /** Assigns, and brings metadata. */
    assign: (...partitions: TopicPartition[]): void => {
      consumer.assign(partitions)
      client.updateMetadata(picture())
    },
    updateMetadata: (more?: MetadataOptions): void => client.updateMetadata(picture(more)),
    prepareOffsets: (...found: (readonly [TopicPartition, number | WireError])[]): void =>
      client.prepareResponse(ApiKeys.LIST_OFFSETS, offsetsResponse(...found)),
    prepareFetch: (...fetched: (readonly [TopicPartition, FetchedOptions])[]): void =>
      client.prepareResponse(ApiKeys.FETCH, fetchResponse(fetched)),
    /** Records from `baseOffset` on. */
    prepareRecords: (partition: TopicPartition, baseOffset: number, count: number): void =>
      client.prepareResponse(
        ApiKeys.FETCH,
        fetchResponse([[partition, { records: batch({ baseOffset, count }) }]]),
      ),
    sent: (api: string) => client.requests().filter((request) => request.apiKey.name === api),
  }
}

export const offsetsResponse = (...found: (readonly [TopicPartition, number | WireError])[]) => ({
  topics: found.map(([{ topic, partition }, answer]) => ({
    name: topic,
    partitions: [
      typeof answer === 'number'
        ? { partitionIndex: partition, errorCode: Errors.NONE.code, offset: answer, timestamp: -1 }
        : { partitionIndex: partition, errorCode: answer.code, offset: -1, timestamp: -1 },
    ],
  })),
})
