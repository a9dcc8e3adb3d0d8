import { beforeEach, describe, expect, test } from 'vitest'
import { LeaderAndEpoch } from '../../../src/clients/LeaderAndEpoch.ts'
import { NodeApiVersions } from '../../../src/clients/NodeApiVersions.ts'
import { TopicAuthorizationException } from '../../../src/common/errors/ApiExceptions.ts'
import type { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionMap } from '../../../src/common/TopicPartitionMap.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { FetchPosition } from '../../../src/consumer/internals/FetchPosition.ts'
import { OffsetsForLeaderEpochClient } from '../../../src/consumer/internals/OffsetsForLeaderEpochClient.ts'
import type { OffsetForEpochResult } from '../../../src/consumer/internals/OffsetsForLeaderEpochUtils.ts'
import type { RequestFuture } from '../../../src/consumer/internals/RequestFuture.ts'
import { LogTruncationException } from '../../../src/consumer/LogTruncationException.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type Errors as WireError } from '../../../src/protocol/Errors.ts'
import type { OffsetForLeaderEpochResponseInput } from '../../../src/protocol/messages/OffsetForLeaderEpoch.ts'
import { covers } from '../../support/covers.ts'
import { ConsumerHarness, nodes, tp0, tp1, tp2, tp3 } from '../support/ConsumerHarness.ts'

let harness: ConsumerHarness

beforeEach(() => {
  harness = new ConsumerHarness()
})

const endOf = (
  partition: TopicPartition,
  leaderEpoch: number,
  endOffset: number,
  error: WireError = Errors.NONE,
): OffsetForLeaderEpochResponseInput => ({
  topics: [
    {
      topic: partition.topic,
      partitions: [
        { partition: partition.partition, errorCode: error.code, leaderEpoch, endOffset },
      ],
    },
  ],
})
const prepare = (answer: OffsetForLeaderEpochResponseInput): void =>
  harness.client.prepareResponse(ApiKeys.OFFSET_FOR_LEADER_EPOCH, answer)
const validate = async (): Promise<void> => {
  harness.offsetFetcher.validatePositionsIfNeeded()
  await harness.consumerClient.pollNoWakeup()
}

/** Reads tp0 at `offset`, written in `epoch`, which is also the leader's. */
const seekInEpoch = (offset: number, epoch: number): void => {
  harness.assign(tp0)
  harness.updateMetadata({ leaderEpoch: () => epoch })
  harness.seek(tp0, offset, epoch)
}

describe('a doubtful position', () => {
  test('is asked about at its leader, all partitions of a leader in one request', async () => {
    covers('OffsetFetcherTest.testOffsetValidationRequestGrouping')
    harness = new ConsumerHarness({ nodes: nodes(3) })
    const all = [tp0, tp1, tp2, tp3]
    harness.assign(...all)
    harness.updateMetadata({ leaderEpoch: () => 5 })
    for (const partition of all) harness.seek(partition, 0, 4)
    const asked = new Map<string, number[]>()
    for (const node of harness.nodes) {
      harness.apiVersions.update(node.idString(), NodeApiVersions.create())
      const own = all.filter((tp) => harness.metadata.currentLeader(tp).leader?.id === node.id)
      harness.client.prepareResponse(
        ApiKeys.OFFSET_FOR_LEADER_EPOCH,
        {
          topics: [
            {
              topic: 'test',
              partitions: own.map(({ partition }) => ({ partition, leaderEpoch: 4, endOffset: 0 })),
            },
          ],
        },
        {
          node,
          matcher: (request) => {
            asked.set(
              node.idString(),
              request.topics[0]!.partitions.map((p) => p.partition),
            )
            return request.replicaId === -1
          },
        },
      )
    }
    await validate()
    expect(Object.fromEntries(asked)).toEqual({ 0: [0, 3], 1: [1], 2: [2] })
    expect(all.some((partition) => harness.subscriptions.awaitingValidation(partition))).toBe(false)
  })

  test('waits until it is known what the leader can do', async () => {
    covers('OffsetFetcherTest.testOffsetValidationAwaitsNodeApiVersion')
    harness.apiVersions.remove('0')
    seekInEpoch(20, 1)
    expect(harness.client.isConnected('0')).toBe(false)
    harness.offsetFetcher.validatePositionsIfNeeded()
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(true)
    expect(harness.client.isConnected('0')).toBe(true)
    harness.apiVersions.update('0', NodeApiVersions.create())
    prepare(endOf(tp0, 1, 30))
    await validate()
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(false)
    expect(harness.position(tp0)).toBe(20)
  })

  test('is believed when the leader is too old to be asked', async () => {
    covers('OffsetFetcherTest.testOffsetValidationSkippedForOldBroker')
    seekInEpoch(0, 1)
    const { id: apiKey } = ApiKeys.OFFSET_FOR_LEADER_EPOCH
    harness.apiVersions.update(
      '0',
      NodeApiVersions.create([{ apiKey, minVersion: 0, maxVersion: 2 }]),
    )
    harness.offsetFetcher.validatePositionsIfNeeded()
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(false)
    expect(harness.consumerClient.hasPendingRequests()).toBe(false)
  })

  test('is believed when metadata is too old for its epochs to be relied on', () => {
    covers('OffsetFetcherTest.testOffsetValidationSkippedForOldResponse')
    seekInEpoch(20, 1)
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(true)
    harness.updateMetadata({ leaderEpoch: () => 1, version: 8 })
    harness.offsetFetcher.validatePositionsIfNeeded()
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(false)
  })

  test('is no longer asked about when the caller seeks while the answer is on its way', async () => {
    covers('OffsetFetcherTest.testOffsetValidationHandlesSeekWithInflightOffsetForLeaderRequest')
    seekInEpoch(0, 1)
    await validate()
    expect(harness.client.hasInFlightRequests()).toBe(true)
    harness.seek(tp0, 5, 1)
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(true)
    harness.client.respond(ApiKeys.OFFSET_FOR_LEADER_EPOCH, endOf(tp0, 0, 0))
    await harness.consumerClient.pollNoWakeup()
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(true)
  })

  test('must be confirmed anew when the leader changes while the answer is on its way', async () => {
    covers('OffsetFetcherTest.testOffsetValidationFencing')
    seekInEpoch(0, 1)
    harness.subscriptions.completeValidation(tp0)
    harness.updateMetadata({ leaderEpoch: () => 2 })
    harness.offsetFetcher.validatePositionsIfNeeded()
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(true)

    const { leader } = harness.metadata.currentLeader(tp0)
    harness.subscriptions.completeValidation(tp0)
    harness.subscriptions.setPosition(tp0, new FetchPosition(10, 2, new LeaderAndEpoch(leader, 2)))
    harness.subscriptions.maybeValidatePositionForCurrentLeader(
      harness.apiVersions,
      tp0,
      new LeaderAndEpoch(leader, 3),
    )
    prepare(endOf(tp0, 2, 10))
    await harness.consumerClient.pollNoWakeup()
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(true)

    prepare(endOf(tp0, 3, 10))
    await validate()
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(false)
  })

  test('that the log does not hold any more is reset, with a policy', async () => {
    covers(
      'OffsetFetcherTest.testOffsetValidationresetPositionForUndefinedEpochWithDefinedResetPolicy',
      'OffsetFetcherTest.testOffsetValidationresetPositionForUndefinedOffsetWithDefinedResetPolicy',
    )
    for (const [epoch, offset] of [
      [-1, 0],
      [2, -1],
    ] as const) {
      harness = new ConsumerHarness({ reset: AutoOffsetResetStrategy.EARLIEST })
      seekInEpoch(5, 1)
      prepare(endOf(tp0, epoch, offset))
      await validate()
      expect(harness.subscriptions.awaitingValidation(tp0)).toBe(false)
      expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(true)
    }
  })

  test.each([
    [
      -1,
      0,
      null,
      'OffsetFetcherTest.testOffsetValidationresetPositionForUndefinedEpochWithUndefinedResetPolicy',
    ],
    [
      2,
      -1,
      null,
      'OffsetFetcherTest.testOffsetValidationresetPositionForUndefinedOffsetWithUndefinedResetPolicy',
    ],
    [
      1,
      1,
      1,
      'OffsetFetcherTest.testOffsetValidationTriggerLogTruncationForBadOffsetWithUndefinedResetPolicy',
    ],
  ] as const)(
    'is told to the caller without one (epoch %d ends at %d)',
    async (epoch, offset, divergent, scenario) => {
      covers(scenario)
      harness = new ConsumerHarness({ reset: AutoOffsetResetStrategy.NONE })
      seekInEpoch(5, 1)
      prepare(endOf(tp0, epoch, offset))
      await validate()
      try {
        harness.offsetFetcher.validatePositionsIfNeeded()
        expect.unreachable()
      } catch (error) {
        expect(error).toBeInstanceOf(LogTruncationException)
        const truncation = error as LogTruncationException
        expect(truncation.offsetOutOfRangePartitions.get(tp0)).toBe(5)
        expect(truncation.divergentOffsets.get(tp0)?.offset ?? null).toBe(divergent)
      }
      // Told once.
      harness.offsetFetcher.validatePositionsIfNeeded()
    },
  )
})

describe('the question where an epoch ends', () => {
  const ask = (): RequestFuture<OffsetForEpochResult> => {
    const client = new OffsetsForLeaderEpochClient(harness.consumerClient, harness.logger)
    const positions = new TopicPartitionMap([
      [tp0, new FetchPosition(0, 1, new LeaderAndEpoch(null, 1))],
    ])
    return client.sendAsyncRequest(harness.metadata.fetch().nodes[0]!, positions)
  }
  const answered = async (answer: OffsetForLeaderEpochResponseInput) => {
    harness.updateMetadata()
    const future = ask()
    prepare(answer)
    await harness.consumerClient.pollNoWakeup()
    return future
  }

  test('about nothing is answered with nothing', async () => {
    covers('OffsetForLeaderEpochClientTest.testEmptyResponse')
    harness.updateMetadata()
    const client = new OffsetsForLeaderEpochClient(harness.consumerClient, harness.logger)
    const future = client.sendAsyncRequest(
      harness.metadata.fetch().nodes[0]!,
      new TopicPartitionMap(),
    )
    prepare({ topics: [] })
    await harness.consumerClient.pollNoWakeup()
    expect(future.value().endOffsets.size).toBe(0)
    expect(future.value().partitionsToRetry.size).toBe(0)
  })

  test('that is not answered is asked again', async () => {
    covers('OffsetForLeaderEpochClientTest.testUnexpectedEmptyResponse')
    const future = await answered({ topics: [] })
    expect([...future.value().partitionsToRetry]).toEqual([tp0])
  })

  test('that is answered is done', async () => {
    covers('OffsetForLeaderEpochClientTest.testOkResponse')
    const future = await answered(endOf(tp0, 1, 10))
    expect(future.value().partitionsToRetry.size).toBe(0)
    expect(future.value().endOffsets.get(tp0)).toMatchObject({ endOffset: 10, leaderEpoch: 1 })
  })

  test('that we may not ask is an error', async () => {
    covers('OffsetForLeaderEpochClientTest.testUnauthorizedTopic')
    const future = await answered(endOf(tp0, -1, -1, Errors.TOPIC_AUTHORIZATION_FAILED))
    expect(future.exception()).toBeInstanceOf(TopicAuthorizationException)
  })

  test('to the wrong broker is asked again', async () => {
    covers('OffsetForLeaderEpochClientTest.testRetriableError')
    const future = await answered(endOf(tp0, -1, -1, Errors.LEADER_NOT_AVAILABLE))
    expect([...future.value().partitionsToRetry]).toEqual([tp0])
  })
})
