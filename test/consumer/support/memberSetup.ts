/**
 * A whole `ClassicKafkaConsumer` with a group around a `MockClient`: what the coordinator answers,
 * a test prepares.
 */

import type { ResponseOptions } from '../../../src/clients/MockClient.ts'
import type { TopicPartition } from '../../../src/common/TopicPartition.ts'
import type { ConsumerRebalanceListener } from '../../../src/consumer/ConsumerRebalanceListener.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import { nodes } from './ConsumerHarness.ts'
import { type ConsumerSetupOptions, setUpConsumer } from './consumerSetup.ts'
import {
  committed,
  coordinatorIs,
  groupId,
  joinedAsFollower,
  type StoredOffset,
  storedOffsets,
  synced,
} from './groupResponses.ts'

export const heartbeatIntervalMs = 1000
export const autoCommitIntervalMs = 500
export const memberId = 'consumer'

/** Notes what it is told, and throws when it is to. */
export const listenerThat = (fails: string | null = null) => {
  const told: string[] = []
  const tell = (what: string) => (partitions: readonly TopicPartition[]) => {
    told.push(`${what} ${partitions.join()}`.trim())
    if (what === fails || fails === 'always') throw new Error(`${what} ${partitions.join()}`)
  }
  const listener: ConsumerRebalanceListener = {
    onPartitionsRevoked: tell('revoked'),
    onPartitionsAssigned: tell('assigned'),
    onPartitionsLost: tell('lost'),
  }
  return { told, listener }
}

/** What the action fails with, at the latest at the given call. */
export const failureOf = async (action: () => Promise<unknown>, calls = 10): Promise<Error> => {
  for (let i = 0; i < calls; i++) {
    try {
      await action()
    } catch (error) {
      return error as Error
    }
  }
  throw new Error('It succeeded.')
}

export const setUpMember = (options: ConsumerSetupOptions = {}) => {
  const setup = setUpConsumer({
    ...options,
    settings: {
      'group.id': groupId,
      'heartbeat.interval.ms': heartbeatIntervalMs,
      'session.timeout.ms': 10_000,
      'auto.commit.interval.ms': autoCommitIntervalMs,
      ...options.settings,
    },
  })
  const { client, consumer } = setup
  const node = (options.nodes ?? nodes(1))[0]!
  setup.updateMetadata()
  const prepareCoordinator = (error: WireError = Errors.NONE): void =>
    client.prepareResponse(ApiKeys.FIND_COORDINATOR, coordinatorIs(node, error))
  const prepareJoin = (partitions: readonly TopicPartition[], generationId = 1): void => {
    const protocolName = 'range'
    client.prepareResponse(
      ApiKeys.JOIN_GROUP,
      joinedAsFollower({ memberId, generationId, protocolName }),
    )
    client.prepareResponse(ApiKeys.SYNC_GROUP, synced(partitions))
  }
  const prepareStored = (...offsets: (readonly [TopicPartition, number | StoredOffset])[]): void =>
    client.prepareResponse(
      ApiKeys.OFFSET_FETCH,
      storedOffsets(
        offsets.map(([partition, stored]) => [
          partition,
          typeof stored === 'number' ? { offset: stored } : stored,
        ]),
      ),
    )
  /** Lets the consumer find its coordinator, join, and begin where nothing was committed. */
  const join = async (...partitions: TopicPartition[]): Promise<void> => {
    prepareCoordinator()
    prepareJoin(partitions)
    prepareStored(...partitions.map((partition) => [partition, 0] as const))
    await pollUntil(() => consumer.assignment().size === partitions.length)
    await consumer.poll(0)
  }
  const pollUntil = async (condition: () => boolean): Promise<void> => {
    for (let i = 0; i < 20 && !condition(); i++) await consumer.poll(0)
    if (!condition()) throw new Error('It did not come about within 20 polls.')
  }
  return {
    ...setup,
    node,
    groupId,
    prepareCoordinator,
    prepareJoin,
    prepareStored,
    join,
    pollUntil,
    /** Answers a commit of exactly these offsets. */
    prepareCommit: (...offsets: (readonly [TopicPartition, number])[]) => {
      const commit = { received: false }
      const matcher: ResponseOptions<typeof ApiKeys.OFFSET_COMMIT>['matcher'] = (request) => {
        const found = request.topics.flatMap(({ name, partitions }) =>
          partitions.map(
            ({ partitionIndex, committedOffset }) => `${name}-${partitionIndex}@${committedOffset}`,
          ),
        )
        const wanted = offsets.map(([partition, offset]) => `${partition}@${offset}`)
        commit.received = found.sort().join() === wanted.sort().join()
        return commit.received
      }
      client.prepareResponse(
        ApiKeys.OFFSET_COMMIT,
        committed(offsets.map(([partition]) => partition)),
        { matcher },
      )
      return commit
    },
  }
}
