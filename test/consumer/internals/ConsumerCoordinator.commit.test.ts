import { beforeEach, describe, expect, test } from 'vitest'
import {
  FencedInstanceIdException,
  OffsetMetadataTooLarge,
} from '../../../src/common/errors/CoordinatorExceptions.ts'
import { DisconnectException, KafkaException } from '../../../src/common/errors.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionMap } from '../../../src/common/TopicPartitionMap.ts'
import type { Offsets } from '../../../src/consumer/internals/OffsetCommitter.ts'
import { OffsetAndMetadata } from '../../../src/consumer/OffsetAndMetadata.ts'
import { RetriableCommitFailedException } from '../../../src/consumer/RetriableCommitFailedException.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import {
  CoordinatorHarness,
  microtasks,
  offsets,
  t1p,
  t2p,
  topic1,
} from '../support/CoordinatorHarness.ts'
import { committed, coordinatorIs } from '../support/groupResponses.ts'

const at100 = offsets([t1p, 100])

let harness: CoordinatorHarness

/** A callback that keeps what it was told. */
const recorder = () => {
  const told: { offsets: Offsets; error: Error | null }[] = []
  const callback = (committedOffsets: Offsets, error: Error | null): void => {
    told.push({ offsets: committedOffsets, error })
  }
  return { told, callback }
}

const commitSync = (timeoutMs = Number.MAX_SAFE_INTEGER): Promise<boolean> =>
  harness.coordinator.commitOffsetsSync(at100, harness.timer(timeoutMs))

/** Commits without waiting, and lets the answer come. */
const commitAsync = async (what: Offsets = at100) => {
  const { told, callback } = recorder()
  harness.coordinator.commitOffsetsAsync(what, callback)
  await harness.settle()
  expect(told).toEqual([])
  harness.coordinator.invokeCompletedOffsetCommitCallbacks()
  expect(told.length).toBe(1)
  return told[0]!
}

beforeEach(() => {
  harness = new CoordinatorHarness()
})

describe('an asynchronous commit', () => {
  beforeEach(() => harness.findCoordinator())

  test('calls back when it is stored, in a later call of the consumer', async () => {
    covers(
      'ConsumerCoordinatorTest.testCommitOffsetOnly',
      'ConsumerCoordinatorTest.testCommitOffsetAsyncWithDefaultCallback',
    )
    harness.assignByHand(t1p)
    harness.prepareCommit(at100)
    expect(await commitAsync()).toEqual({ offsets: at100, error: null })
    expect(harness.inFlightAsyncCommits()).toBe(0)
  })

  test('carries the metadata beside the offset', async () => {
    covers('ConsumerCoordinatorTest.testCommitOffsetMetadataAsync')
    harness.assignByHand(t1p)
    const withNote = new TopicPartitionMap([[t1p, new OffsetAndMetadata(100, 7, 'hello')]])
    let sent: unknown
    harness.client.prepareResponse(ApiKeys.OFFSET_COMMIT, committed([t1p]), {
      matcher: ({ topics }) => {
        sent = topics[0]?.partitions[0]
        return true
      },
    })
    expect(await commitAsync(withNote)).toEqual({ offsets: withNote, error: null })
    expect(sent).toMatchObject({
      partitionIndex: 0,
      committedOffset: 100,
      committedLeaderEpoch: 7,
      committedMetadata: 'hello',
    })
  })

  test.each([
    ['COORDINATOR_NOT_AVAILABLE', 'testCommitOffsetAsyncCoordinatorNotAvailable'],
    ['COORDINATOR_NOT_AVAILABLE', 'testCommitOffsetAsyncFailedWithDefaultCallback'],
    ['NOT_COORDINATOR', 'testCommitOffsetAsyncNotCoordinator'],
  ] as const)('is not repeated after %s: that may overtake a newer one', async (name, scenario) => {
    covers(`ConsumerCoordinatorTest.${scenario}`)
    harness.prepareCommit(at100, Errors[name])
    const { error } = await commitAsync()
    expect(error).toBeInstanceOf(RetriableCommitFailedException)
    expect(error?.cause).toBeInstanceOf(Errors[name].exceptionClass!)
    expect(harness.coordinator.coordinatorUnknown()).toBe(true)
    expect(harness.client.hasInFlightRequests()).toBe(false)
  })

  test('fails when the connection is lost', async () => {
    covers('ConsumerCoordinatorTest.testCommitOffsetAsyncDisconnected')
    harness.prepareCommit(at100, Errors.NONE, { disconnected: true })
    const { error } = await commitAsync()
    expect(error).toBeInstanceOf(RetriableCommitFailedException)
    expect(harness.coordinator.coordinatorUnknown()).toBe(true)
  })

  test('without callback is logged when it fails', async () => {
    harness.prepareCommit(at100, Errors.NOT_COORDINATOR)
    harness.coordinator.commitOffsetsAsync(at100)
    await harness.settle()
    harness.coordinator.invokeCompletedOffsetCommitCallbacks()
    expect(harness.logger.messages('error').join()).toMatch(/test1-0.*failed/)
  })

  test.each(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE'] as const)(
    'takes those behind it along when it is told %s',
    async (name) => {
      covers(
        name === 'NOT_COORDINATOR'
          ? 'ConsumerCoordinatorTest.testCoordinatorDisconnectAfterNotCoordinatorError'
          : 'ConsumerCoordinatorTest.testCoordinatorDisconnectAfterCoordinatorNotAvailableError',
      )
      const [first, second] = [recorder(), recorder()]
      harness.coordinator.commitOffsetsAsync(at100, first.callback)
      harness.coordinator.commitOffsetsAsync(at100, second.callback)
      await microtasks()
      expect(harness.inFlightAsyncCommits()).toBe(2)
      harness.respondToCommit(at100, Errors[name])
      await harness.settle()
      harness.coordinator.invokeCompletedOffsetCommitCallbacks()
      expect(harness.coordinator.coordinatorUnknown()).toBe(true)
      for (const { told } of [first, second]) {
        expect(told[0]?.error).toBeInstanceOf(RetriableCommitFailedException)
      }
      expect(harness.inFlightAsyncCommits()).toBe(0)
    },
  )

  test('of a thousand under way, each is told when the coordinator is lost', async () => {
    covers('ConsumerCoordinatorTest.testManyInFlightAsyncCommitsWithCoordinatorDisconnect')
    const { told, callback } = recorder()
    for (let i = 0; i < 1000; i++) {
      harness.coordinator.commitOffsetsAsync(offsets([t1p, i]), callback)
    }
    expect(harness.inFlightAsyncCommits()).toBe(1000)
    harness.coordinator.markCoordinatorUnknown('test cause')
    await harness.settle()
    harness.coordinator.invokeCompletedOffsetCommitCallbacks()
    expect(told.length).toBe(1000)
    for (const { error } of told) expect(error?.cause).toBeInstanceOf(DisconnectException)
    // In the order in which they were made.
    expect(told.map((one) => one.offsets.get(t1p)?.offset)).toEqual([...Array(1000).keys()])
    expect(harness.inFlightAsyncCommits()).toBe(0)
  })

  test('sees the coordinator as unknown when it was never sent to it', async () => {
    covers('ConsumerCoordinatorTest.testCoordinatorUnknownInUnsentCallbacksAfterCoordinatorDead')
    const { coordinator } = harness
    const seen: unknown[] = []
    coordinator.committer.sendOffsetCommitRequest(at100).addListener({
      onFailure: (error) => seen.push(error, coordinator.coordinatorUnknown()),
    })
    coordinator.markCoordinatorUnknown('test cause')
    await harness.consumerClient.pollNoWakeup()
    expect(seen).toEqual([expect.any(DisconnectException), true])
    expect(harness.inFlightAsyncCommits()).toBe(0)
  })

  test('tells the interceptors, right when the answer comes', async () => {
    const stored: Offsets[] = []
    harness = new CoordinatorHarness('EAGER', { onCommit: (what) => stored.push(what) })
    await harness.findCoordinator()
    harness.prepareCommit(at100)
    harness.coordinator.commitOffsetsAsync(at100)
    await harness.settle()
    expect(stored).toEqual([at100])
    harness.prepareCommit(at100)
    await commitSync()
    expect(stored).toEqual([at100, at100])
  })

  describe('that was told that another instance has its name', () => {
    beforeEach(async () => {
      harness.assignByHand(t1p)
      harness.prepareCommit(at100, Errors.FENCED_INSTANCE_ID)
      harness.coordinator.commitOffsetsAsync(at100, recorder().callback)
      await harness.settle()
      expect(harness.inFlightAsyncCommits()).toBe(0)
    })

    test('throws so in the next call, and in all that follow', async () => {
      covers(
        'ConsumerCoordinatorTest.testCommitOffsetRequestAsyncWithFencedInstanceIdException',
        'ConsumerCoordinatorTest.testCommitOffsetRequestAsyncAlwaysReceiveFencedException',
      )
      const { coordinator } = harness
      const invoke = () => coordinator.invokeCompletedOffsetCommitCallbacks()
      expect(invoke).toThrow(FencedInstanceIdException)
      expect(() => coordinator.commitOffsetsAsync(at100)).toThrow(FencedInstanceIdException)
      expect(harness.inFlightAsyncCommits()).toBe(0)
      await expect(commitSync()).rejects.toThrow(FencedInstanceIdException)
    })
  })
})

describe('an asynchronous commit without a coordinator', () => {
  test('waits for it to be found, and is sent at once then', async () => {
    covers('ConsumerCoordinatorTest.testCommitAsyncWithUserAssignedType')
    const { client, coordinator } = harness
    const { told, callback } = recorder()
    harness.assignByHand(t1p)
    await coordinator.poll(harness.timer(0))
    expect(coordinator.coordinatorUnknown()).toBe(true)
    expect(client.hasInFlightRequests()).toBe(false)

    expect(coordinator.commitOffsetsAsync(at100, callback)).toBe(null)
    await coordinator.poll(harness.timer(0))
    expect(coordinator.coordinatorUnknown()).toBe(true)
    expect(client.hasInFlightRequests()).toBe(true)
    expect(harness.inFlightAsyncCommits()).toBe(0)
    expect(coordinator.committer.pendingAsyncCommits()).toBe(1)

    client.respond(ApiKeys.FIND_COORDINATOR, coordinatorIs(harness.node))
    await coordinator.poll(harness.timer(0))
    await microtasks()
    expect(coordinator.coordinatorUnknown()).toBe(false)
    expect(client.hasInFlightRequests()).toBe(true)
    expect(harness.inFlightAsyncCommits()).toBe(1)
    expect(told).toEqual([])
  })

  test('fails when it is not found, and the next one looks for it anew', async () => {
    const { client, coordinator } = harness
    const { told, callback } = recorder()
    harness.assignByHand(t1p)
    coordinator.commitOffsetsAsync(at100, callback)
    coordinator.commitOffsetsAsync(offsets([t1p, 200]), callback)
    await microtasks()
    const error = Errors.COORDINATOR_NOT_AVAILABLE
    client.respond(ApiKeys.FIND_COORDINATOR, coordinatorIs(harness.node, error))
    await coordinator.poll(harness.timer(0))
    await coordinator.poll(harness.timer(0))
    expect(told.map((one) => one.offsets.get(t1p)?.offset)).toEqual([100, 200])
    expect(told[0]?.error).toBeInstanceOf(RetriableCommitFailedException)

    harness.prepareCoordinator()
    harness.prepareCommit(offsets([t1p, 300]))
    coordinator.commitOffsetsAsync(offsets([t1p, 300]), callback)
    await harness.settle()
    coordinator.invokeCompletedOffsetCommitCallbacks()
    expect(told[2]?.error).toBe(null)
  })

  test('of nothing needs none', async () => {
    const { error } = await commitAsync(offsets())
    expect(error).toBe(null)
    expect(harness.client.hasInFlightRequests()).toBe(false)
  })

  test('gets on its way although nobody polls', async () => {
    await harness.findCoordinator()
    harness.coordinator.commitOffsetsAsync(at100)
    await microtasks()
    expect(harness.client.requests()[0]?.apiKey).toBe(ApiKeys.OFFSET_COMMIT)
  })
})

describe('a synchronous commit', () => {
  beforeEach(() => harness.findCoordinator())

  test('returns when it is stored', async () => {
    covers('ConsumerCoordinatorTest.testCommitOffsetMetadataSync')
    harness.assignByHand(t1p)
    harness.prepareCommit(at100)
    expect(await commitSync()).toBe(true)
  })

  test('tries again after what may pass, with the coordinator found anew', async () => {
    covers(
      'ConsumerCoordinatorTest.testCommitOffsetSyncNotCoordinator',
      'ConsumerCoordinatorTest.testCommitOffsetSyncCoordinatorNotAvailable',
      'ConsumerCoordinatorTest.testCommitOffsetSyncCoordinatorDisconnected',
    )
    for (const error of [Errors.NOT_COORDINATOR, Errors.COORDINATOR_NOT_AVAILABLE, null]) {
      harness.prepareCommit(at100, error ?? Errors.NONE, { disconnected: error === null })
      harness.prepareCoordinator()
      harness.prepareCommit(at100)
      expect(await commitSync()).toBe(true)
      expect(harness.client.hasPendingResponses()).toBe(false)
    }
  })

  test('tries again for a partition that is not known yet, after a back-off', async () => {
    covers('ConsumerCoordinatorTest.testRetryCommitUnknownTopicOrPartition')
    harness.prepareCommit(at100, Errors.UNKNOWN_TOPIC_OR_PARTITION)
    harness.prepareCommit(at100)
    const startMs = harness.time.milliseconds()
    expect(await commitSync(10_000)).toBe(true)
    expect(harness.time.milliseconds()).toBeGreaterThanOrEqual(startMs + 80)
  })

  test.each([
    ['OFFSET_METADATA_TOO_LARGE', OffsetMetadataTooLarge, 'testCommitOffsetMetadataTooLarge'],
    [
      'UNKNOWN_SERVER_ERROR',
      KafkaException,
      'testCommitOffsetSyncCallbackWithNonRetriableException',
    ],
    [
      'FENCED_INSTANCE_ID',
      FencedInstanceIdException,
      'testCommitOffsetRequestSyncWithFencedInstanceIdException',
    ],
  ] as const)('throws after %s', async (name, exception, scenario) => {
    covers(`ConsumerCoordinatorTest.${scenario}`)
    harness.prepareCommit(at100, Errors[name])
    await expect(commitSync()).rejects.toThrow(exception)
  })

  test('names all topics that it may not commit to', async () => {
    const both = offsets([t1p, 1], [t2p, 2])
    harness.prepareCommit(both, Errors.TOPIC_AUTHORIZATION_FAILED)
    const commit = harness.coordinator.commitOffsetsSync(both, harness.forever)
    await expect(commit).rejects.toMatchObject({
      unauthorizedTopics: new Set([topic1, t2p.topic]),
    })
  })

  test('returns false when the time is over first', async () => {
    covers('ConsumerCoordinatorTest.testCommitOffsetSyncWithoutFutureGetsCompleted')
    expect(await commitSync(0)).toBe(false)
  })

  test('returns after the callbacks of those before it', async () => {
    covers('ConsumerCoordinatorTest.testAsyncCommitCallbacksInvokedPriorToSyncCommitCompletion')
    const { coordinator } = harness
    const story: string[] = []
    coordinator.commitOffsetsAsync(offsets([t1p, 0]), () => story.push('first'))
    const second = coordinator
      .commitOffsetsSync(offsets([t1p, 1]), harness.timer(10_000))
      .then(() => story.push('second'))
    await microtasks()
    expect(harness.inFlightAsyncCommits()).toBe(1)
    harness.respondToCommit(offsets([t1p, 0]))
    harness.respondToCommit(offsets([t1p, 1]))
    await second
    expect(story).toEqual(['first', 'second'])
    expect(harness.inFlightAsyncCommits()).toBe(0)
  })

  test('of nothing still waits for those before it', async () => {
    covers('ConsumerCoordinatorTest.testEnsureCompletingAsyncCommitsWhenSyncCommitWithoutOffsets')
    const { coordinator } = harness
    const foo = offsets([new TopicPartition('foo', 0), 123])
    const { told, callback } = recorder()
    coordinator.commitOffsetsAsync(foo, callback)
    await microtasks()
    expect(await coordinator.commitOffsetsSync(offsets(), harness.timer(100))).toBe(false)
    expect(told).toEqual([])
    expect(harness.inFlightAsyncCommits()).toBe(1)

    harness.respondToCommit(foo)
    expect(await coordinator.commitOffsetsSync(offsets(), harness.forever)).toBe(true)
    expect(told.length).toBe(1)
    expect(harness.inFlightAsyncCommits()).toBe(0)
  })
})
