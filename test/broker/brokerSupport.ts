/**
 * What tests of a whole broker share: a cluster on virtual time, connections to it, and requests in
 * one line.
 */

import { EmbeddedCluster, type EmbeddedClusterOptions } from '../../src/broker/EmbeddedCluster.ts'
import type { Uuid } from '../../src/common/Uuid.ts'
import type { Environment } from '../../src/network/Environment.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import type { FetchRequestInput } from '../../src/protocol/messages/Fetch.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { type RecordsOptions, withRecords } from '../../src/record/withRecords.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { WireClient } from '../support/WireClient.ts'

export interface TestCluster {
  readonly world: SimulatedWorld
  readonly cluster: EmbeddedCluster
  readonly logger: RecordingLogger
  readonly environment: Environment
  /** A connection to a broker. */
  connect(brokerId?: number): Promise<WireClient>
}

/** A test on virtual time against a cluster of its own. */
export const onCluster =
  (main: (test: TestCluster) => Promise<void>, options: EmbeddedClusterOptions = {}, seed = 1) =>
  async (): Promise<void> => {
    const logger = new RecordingLogger()
    const world = new SimulatedWorld({ seed, logger })
    await world.run(async () => {
      const environment = world.environment('app')
      const cluster = await EmbeddedCluster.start({
        host: 'cluster',
        environment: world.environment('cluster'),
        ...options,
      })
      const clients: WireClient[] = []
      const connect = async (brokerId = 1): Promise<WireClient> => {
        const { host, port } = cluster.broker(brokerId)
        const client = await WireClient.connect(environment, host, port)
        clients.push(client)
        return client
      }
      try {
        await main({ world, cluster, logger, environment, connect })
      } finally {
        for (const client of clients) client.close()
        await cluster.close()
      }
    })
  }

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** One batch as a producer sends it. */
export const batchOf = (values: readonly string[], options: RecordsOptions = {}): Uint8Array =>
  withRecords(
    options,
    ...values.map((value) => ({ timestamp: 1_700_000_000_000, key: null, value: text(value) })),
  ).bytes

/** Makes a topic and returns its id. */
export const createTopic = async (
  client: WireClient,
  name: string,
  numPartitions = 1,
  configs: Record<string, string> = {},
): Promise<Uuid> => {
  const { topics } = await client.request(ApiKeys.CREATE_TOPICS, 7, {
    topics: [
      {
        name,
        numPartitions,
        replicationFactor: 1,
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
  })
  if (topics[0]!.errorCode !== 0) throw new Error(topics[0]!.errorMessage ?? 'not created')
  return topics[0]!.topicId
}

/**
 * Produces one batch by name, in a version before topic ids, and returns the partition's answer.
 */
export const produce = async (
  client: WireClient,
  topic: string,
  records: Uint8Array | null,
  { partition = 0, acks = -1, version = 9, transactionalId = null as string | null } = {},
) => {
  const { responses } = await client.request(ApiKeys.PRODUCE, version, {
    acks,
    timeoutMs: 1000,
    transactionalId,
    topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
  })
  return responses[0]!.partitionResponses[0]!
}

export interface FetchOptions extends Omit<FetchRequestInput, 'topics'> {
  partition?: number
  offset?: number
  partitionMaxBytes?: number
  currentLeaderEpoch?: number
  lastFetchedEpoch?: number
  version?: number
}

/** Fetches one partition by name, in a version before topic ids. */
export const fetch = async (client: WireClient, topic: string, options: FetchOptions = {}) => {
  const { partition = 0, offset = 0, version = 12, ...rest } = options
  const { partitionMaxBytes = 1024 * 1024, currentLeaderEpoch, lastFetchedEpoch, ...request } = rest
  const response = await client.request(ApiKeys.FETCH, version, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 50 * 1024 * 1024,
    ...request,
    topics: [
      {
        topic,
        partitions: [
          {
            partition,
            fetchOffset: offset,
            partitionMaxBytes,
            currentLeaderEpoch,
            lastFetchedEpoch,
          },
        ],
      },
    ],
  })
  return response.responses[0]!.partitions[0]!
}

/** The values in fetched bytes. */
export const valuesIn = (records: Uint8Array | null): string[] =>
  [...MemoryRecords.readableRecords(records ?? new Uint8Array(0)).batches()].flatMap((each) =>
    [...each].map((record) => new TextDecoder().decode(record.value ?? undefined)),
  )
