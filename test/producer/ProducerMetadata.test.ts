import { beforeEach, expect, it } from 'vitest'
import { AuthenticationException } from '../../src/common/errors/ApiExceptions.ts'
import { KafkaException, TimeoutException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { ProducerMetadata } from '../../src/producer/internals/ProducerMetadata.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { metadataUpdateWith } from '../support/RequestTestUtils.ts'
import { rejectionOf, settle } from './producerSupport.ts'

const IDLE_MS = 60_000
const EXPIRE_MS = 1000
/** The longest back-off after one attempt: 100 ms and 20 %. */
const BACKOFF_MS = 120

let time: MockTime
let metadata: ProducerMetadata
beforeEach(() => {
  time = new MockTime()
  metadata = new ProducerMetadata({
    refreshBackoffMs: 100,
    refreshBackoffMaxMs: 1000,
    metadataExpireMs: EXPIRE_MS,
    metadataIdleMs: IDLE_MS,
    time,
    random: new SeededRandom(4),
    logger: new RecordingLogger(),
  })
})

const update = (nowMs: number, topics: Iterable<string> = metadata.topics(), isPartial = false) => {
  const counts = Object.fromEntries([...topics].map((topic) => [topic, 1]))
  metadata.updateWithCurrentRequestVersion(
    metadataUpdateWith(1, { topics: counts }),
    isPartial,
    nowMs,
  )
}

const newTopics = () => [...metadata.topics()].filter((topic) => metadata.isNewTopic(topic))

it('releases all who wait for a topic when news of it come', async () => {
  covers('ProducerMetadataTest.testMetadata')
  let now = time.milliseconds()
  metadata.add('my-topic', now)
  update(now, [])
  expect(metadata.timeToNextUpdate(now)).toBeGreaterThan(0)
  metadata.requestUpdate(true)
  expect(metadata.timeToNextUpdate(now)).toBeGreaterThan(0)
  now += BACKOFF_MS
  expect(metadata.timeToNextUpdate(now)).toBe(0)

  const fetch = async (): Promise<void> => {
    while (metadata.fetch().partitionsForTopic('my-topic').length === 0) {
      await metadata.awaitUpdate(metadata.requestUpdate(false), 500)
    }
  }
  let released = 0
  const waiting = [fetch(), fetch()].map((each) => each.then(() => released++))
  await settle()
  expect(released).toBe(0)
  update(now)
  await Promise.all(waiting)
  expect(released).toBe(2)
  expect(metadata.timeToNextUpdate(now)).toBeGreaterThan(0)
  expect(metadata.timeToNextUpdate(now + EXPIRE_MS)).toBe(0)
})

it('tells who waits after it was closed, and who waits when it is', async () => {
  covers('ProducerMetadataTest.testMetadataAwaitAfterClose')
  const before = rejectionOf(metadata.awaitUpdate(metadata.requestUpdate(true), 500))
  metadata.close()
  for (const rejection of [before, rejectionOf(metadata.awaitUpdate(0, 500))]) {
    expect(await rejection).toBeInstanceOf(KafkaException)
    expect((await rejection).message).toBe('Requested metadata update after close')
  }
})

it('asks the less often, the longer nothing new is said', () => {
  covers('ProducerMetadataTest.testMetadataEquivalentResponsesBackoff')
  let now = 0
  update(now)
  metadata.requestUpdate(false)
  expect(metadata.timeToNextUpdate(now)).toBeGreaterThan(0)
  now += BACKOFF_MS
  update(now)
  metadata.requestUpdate(false)
  expect(metadata.timeToNextUpdate(now + 100)).toBeGreaterThan(0)
  expect(metadata.timeToNextUpdate(now + 2 * BACKOFF_MS)).toBe(0)
})

it('does not wait longer than it may, and not at all with no time', async () => {
  covers('ProducerMetadataTest.testMetadataUpdateWaitTime')
  update(0)
  expect(await rejectionOf(metadata.awaitUpdate(metadata.requestUpdate(true), 0))).toBeInstanceOf(
    TimeoutException,
  )
  let ended = false
  const rejection = rejectionOf(metadata.awaitUpdate(metadata.requestUpdate(true), 2000))
  void rejection.then(() => {
    ended = true
  })
  await time.sleep(1999)
  await settle()
  expect(ended).toBe(false)
  await time.sleep(1)
  expect(await rejection).toBeInstanceOf(TimeoutException)
})

it('does not wait longer than the news take', async () => {
  update(0)
  const waiting = metadata.awaitUpdate(metadata.requestUpdate(true), 2000)
  await time.sleep(1999)
  update(time.milliseconds())
  await waiting
  // Its time-out was called off: nothing is left that could reject.
  await time.sleep(10)
})

it('asks for a new topic at once, whatever back-off is running', () => {
  covers('ProducerMetadataTest.testTimeToNextUpdateOverwriteBackoff')
  const now = 10_000
  update(now)
  metadata.add('new-topic', now)
  expect(metadata.timeToNextUpdate(now)).toBe(0)
  update(now)
  metadata.add('new-topic', now)
  expect(metadata.timeToNextUpdate(now)).toBe(EXPIRE_MS)
  metadata.add('another-new-topic', now)
  expect(metadata.timeToNextUpdate(now)).toBe(0)
})

it('forgets a topic that nothing was sent to, but not one that is waited for', () => {
  covers('ProducerMetadataTest.testTopicExpiry')
  let now = 0
  metadata.add('unused', now)
  update(now)
  expect(metadata.containsTopic('unused')).toBe(true)
  now += IDLE_MS
  update(now)
  expect(metadata.containsTopic('unused')).toBe(false)

  metadata.add('used', now)
  update(now)
  for (let i = 0; i < 3; i++) {
    now += IDLE_MS / 2
    update(now)
    expect(metadata.containsTopic('used')).toBe(true)
    metadata.add('used', now)
  }

  metadata.add('new', now)
  now += IDLE_MS * 2
  update(now)
  expect(metadata.containsTopic('new')).toBe(true)
})

it('hands a fatal error to who waits', async () => {
  covers('ProducerMetadataTest.testMetadataWaitAbortedOnFatalException')
  const waiting = rejectionOf(metadata.awaitUpdate(0, 1000))
  metadata.fatalError(new AuthenticationException('first'))
  expect((await waiting).message).toBe('first')
  metadata.fatalError(new AuthenticationException('second'))
  expect(await rejectionOf(metadata.awaitUpdate(0, 1000))).toBeInstanceOf(AuthenticationException)
})

it('keeps a topic new until an answer speaks of it', () => {
  covers('ProducerMetadataTest.testMetadataPartialUpdate')
  let now = 10_000
  metadata.add('one', now)
  expect([metadata.updateRequested(), metadata.timeToNextUpdate(now)]).toEqual([true, 0])
  expect(newTopics()).toEqual(['one'])
  now += 1000
  update(now, ['one'], true)
  expect([metadata.updateRequested(), newTopics()]).toEqual([false, []])
  metadata.add('one', now)
  expect([metadata.updateRequested(), newTopics()]).toEqual([false, []])
  expect(metadata.timeToNextUpdate(now)).toBeGreaterThan(0)

  metadata.add('two', now + 1000)
  metadata.add('three', now + 2000)
  expect(newTopics()).toEqual(['two', 'three'])
  expect(metadata.newMetadataRequestBuilderForNewTopics().topics).toEqual(['two', 'three'])
  expect(metadata.newMetadataRequestBuilder().topics).toEqual(['one', 'two', 'three'])
  update(now + 3000, ['two'], true)
  expect([[...metadata.topics()], newTopics()]).toEqual([['one', 'two', 'three'], ['three']])
})

it('asks for all topics when a known one is wanted again', () => {
  covers('ProducerMetadataTest.testRequestUpdateForTopic')
  let now = 10_000
  metadata.add('one', now)
  metadata.add('two', now)
  metadata.requestUpdateForTopic('one')
  now += 1000
  update(now, ['one'], true)
  expect(metadata.updateRequested()).toBe(false)
  metadata.requestUpdateForTopic('one')
  now += 1000
  update(now, ['one'], true)
  expect(metadata.updateRequested()).toBe(true)
  now += 1000
  update(now, ['one', 'two'])
  expect(metadata.updateRequested()).toBe(false)
})
