import { describe, expect, test } from 'vitest'
import {
  AuthenticationException,
  InvalidTopicException,
  TopicAuthorizationException,
} from '../../src/common/errors/ApiExceptions.ts'
import { InvalidGroupIdException } from '../../src/common/errors/CoordinatorExceptions.ts'
import {
  ConcurrentModificationException,
  IllegalArgumentException,
  IllegalStateException,
  KafkaException,
  SerializationException,
  TimeoutException,
  WakeupException,
} from '../../src/common/errors.ts'
import { Simulation } from '../../src/common/Simulation.ts'
import type { Deserializer } from '../../src/common/serialization/Deserializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { ConsumerInterceptor } from '../../src/consumer/ConsumerInterceptor.ts'
import { ConsumerRecords } from '../../src/consumer/ConsumerRecords.ts'
import { AutoOffsetResetStrategy } from '../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { NoOffsetForPartitionException } from '../../src/consumer/NoOffsetForPartitionException.ts'
import { OffsetAndMetadata } from '../../src/consumer/OffsetAndMetadata.ts'
import { RecordDeserializationException } from '../../src/consumer/RecordDeserializationException.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import type { FetchRequestData } from '../../src/protocol/messages/Fetch.ts'
import { covers } from '../support/covers.ts'
import {
  batch,
  fetchResponse,
  metadataResponse,
  nodes,
  topicName,
  tp0,
  tp1,
  tp3,
} from './support/ConsumerHarness.ts'
import {
  offsetsResponse,
  settings,
  setUpConsumer,
  testEnvironment,
} from './support/consumerSetup.ts'

const elsewhere = new TopicPartition('elsewhere', 0)

describe('assigning', () => {
  test('says what is read, and nothing more', () => {
    const { consumer } = setUpConsumer()
    expect(consumer.assignment().size).toBe(0)
    consumer.assign([tp0, tp1])
    expect([...consumer.assignment()]).toEqual([tp0, tp1])
    consumer.assign([tp1])
    expect([...consumer.assignment()]).toEqual([tp1])
  })

  test('nothing is the same as unsubscribing', async () => {
    covers('KafkaConsumerTest.testAssignOnEmptyTopicPartition')
    const { consumer } = setUpConsumer()
    consumer.assign([tp0])
    consumer.assign([])
    expect(consumer.assignment().size).toBe(0)
    consumer.assign([tp0])
    await consumer.unsubscribe()
    expect(consumer.assignment().size).toBe(0)
  })

  test('refuses a partition without topic', () => {
    covers(
      'KafkaConsumerTest.testAssignOnNullTopicPartition',
      'KafkaConsumerTest.testAssignOnNullTopicInPartition',
      'KafkaConsumerTest.testAssignOnEmptyTopicInPartition',
    )
    const { consumer } = setUpConsumer()
    for (const bad of [null, [null], [new TopicPartition('', 0)], [new TopicPartition('  ', 0)]]) {
      expect(() => consumer.assign(bad as TopicPartition[])).toThrow(IllegalArgumentException)
    }
  })

  test('asks for metadata of new topics only', () => {
    const { consumer, metadata, assign } = setUpConsumer()
    assign(tp0)
    expect(metadata.updateRequested()).toBe(false)
    consumer.assign([tp0, tp1])
    expect(metadata.updateRequested()).toBe(false)
    consumer.assign([elsewhere])
    expect(metadata.updateRequested()).toBe(true)
  })

  test('pauses and resumes', () => {
    covers('KafkaConsumerTest.testPause')
    const { consumer } = setUpConsumer()
    consumer.assign([tp0])
    expect(consumer.paused().size).toBe(0)
    consumer.pause([tp0])
    expect([...consumer.paused()]).toEqual([tp0])
    consumer.resume([tp0])
    expect(consumer.paused().size).toBe(0)
    expect(() => consumer.pause([tp1])).toThrow(IllegalStateException)
  })
})

describe('polling', () => {
  test('returns records, and where each partition goes on', async () => {
    covers('KafkaConsumerTest.testPollReturnsRecords')
    const { consumer, assign, prepareRecords } = setUpConsumer()
    assign(tp0)
    consumer.seek(tp0, 0)
    prepareRecords(tp0, 0, 5)
    const records = await consumer.poll(0)
    expect(records.count()).toBe(5)
    expect(records.partitions()).toEqual([tp0])
    expect(records.records(tp0).map((record) => record.value)).toEqual(
      [0, 1, 2, 3, 4].map((i) => `value-${i}`),
    )
    expect(records.nextOffsets.get(tp0)?.offset).toBe(5)
    expect(await consumer.position(tp0)).toBe(5)
  })

  test('without anything assigned is a mistake', async () => {
    covers(
      'KafkaConsumerTest.testPollWithNoSubscription',
      'KafkaConsumerTest.testPollWithEmptyUserAssignment',
    )
    const { consumer } = setUpConsumer()
    await expect(consumer.poll(0)).rejects.toThrow(IllegalStateException)
    consumer.assign([])
    await expect(consumer.poll(0)).rejects.toThrow(/call subscribe or assign first/)
  })

  test('sends the next fetch before it returns', async () => {
    const { consumer, assign, prepareRecords, sent } = setUpConsumer()
    assign(tp0)
    consumer.seek(tp0, 0)
    prepareRecords(tp0, 0, 2)
    await consumer.poll(0)
    const [next] = sent('Fetch')
    const body = next!.requestBuilder.build(
      next!.requestBuilder.latestAllowedVersion,
    ) as FetchRequestData
    expect(body.topics[0]!.partitions[0]!.fetchOffset).toBe(2)
  })

  test('returns at most max.poll.records', async () => {
    const { consumer, assign, prepareRecords } = setUpConsumer({
      settings: { 'max.poll.records': 2 },
    })
    assign(tp0)
    consumer.seek(tp0, 0)
    prepareRecords(tp0, 0, 5)
    const counts: number[] = []
    for (let i = 0; i < 3; i++) counts.push((await consumer.poll(0)).count())
    expect(counts).toEqual([2, 2, 1])
  })

  test('finds missing positions on the way', async () => {
    covers('KafkaConsumerTest.verifyNoCoordinatorLookupForManualAssignmentWithSeek')
    const { consumer, assign, prepareOffsets, prepareRecords } = setUpConsumer()
    assign(tp0)
    consumer.seekToBeginning([tp0])
    prepareOffsets([tp0, 50])
    prepareRecords(tp0, 50, 5)
    const records = await consumer.poll(1)
    expect(records.count()).toBe(5)
    expect(await consumer.position(tp0)).toBe(55)
    expect(records.nextOffsets.get(tp0)).toEqual(new OffsetAndMetadata(55))
  })

  test('goes on with what has a position while another is still looked for', async () => {
    covers('KafkaConsumerTest.testFetchProgressWithMissingPartitionPosition')
    const { consumer, assign, client, prepareOffsets, prepareRecords } = setUpConsumer()
    assign(tp0, tp1)
    consumer.seekToEnd([tp0])
    consumer.seekToBeginning([tp1])
    prepareOffsets([tp0, 50], [tp1, Errors.NOT_LEADER_OR_FOLLOWER])
    prepareRecords(tp0, 50, 5)
    const records = await consumer.poll(1)
    expect(records.partitions()).toEqual([tp0])
    expect(records.count()).toBe(5)
    expect(client.numAwaitingResponses()).toBe(0)
  })

  test('is an error when there is no position, and no policy', async () => {
    covers('KafkaConsumerTest.testMissingOffsetNoResetPolicy')
    const { consumer, assign } = setUpConsumer({ reset: AutoOffsetResetStrategy.NONE })
    assign(tp0)
    await expect(consumer.poll(0)).rejects.toThrow(NoOffsetForPartitionException)
    await expect(consumer.poll(0)).rejects.toThrow(/test-0.*Seek to an offset/)
  })

  test('keeps a position that was seeked to', async () => {
    covers('KafkaConsumerTest.testOffsetIsValidAfterSeek')
    const { consumer, assign, subscriptions } = setUpConsumer({
      reset: AutoOffsetResetStrategy.LATEST,
    })
    assign(tp0)
    consumer.seek(tp0, 20)
    await consumer.poll(0)
    expect(subscriptions.validPosition(tp0)?.offset).toBe(20)
  })

  test('ignores a response with a partition that was not asked for', async () => {
    covers('KafkaConsumerTest.fetchResponseWithUnexpectedPartitionIsIgnored')
    const { consumer, assign, prepareFetch } = setUpConsumer()
    assign(tp0)
    consumer.seek(tp0, 0)
    prepareFetch(
      [tp0, { records: batch({ count: 1 }) }],
      [elsewhere, { records: batch({ count: 10 }) }],
    )
    const records = await consumer.poll(0)
    expect(records.count()).toBe(0)
    expect(records.nextOffsets.size).toBe(0)
  })

  test('does not stop when a leader goes: it learns of the new one and reads on', async () => {
    // kafkajs 659: the consumer stopped silently.
    const brokers = nodes(2)
    const { consumer, assign, client, prepareFetch, prepareRecords, updateMetadata } =
      setUpConsumer({ nodes: brokers })
    assign(tp0)
    consumer.seek(tp0, 0)
    prepareFetch([tp0, { error: Errors.NOT_LEADER_OR_FOLLOWER }])
    expect((await consumer.poll(0)).count()).toBe(0)
    client.prepareMetadataUpdate(
      metadataResponse({ nodes: brokers, topics: { [topicName]: 4 }, leader: () => brokers[1]! }),
    )
    updateMetadata({ leader: () => brokers[1]! })
    prepareRecords(tp0, 0, 3)
    let count = 0
    for (let i = 0; i < 5 && count === 0; i++) count = (await consumer.poll(0)).count()
    expect(count).toBe(3)
  })
})

describe('a record that cannot be deserialized', () => {
  const failing = (calls: number): Deserializer<string> => {
    let call = 0
    return {
      deserialize: (_topic, data) => {
        if (++call >= calls) throw new SerializationException('no')
        return new TextDecoder().decode(data!)
      },
    }
  }

  test('comes after the records before it, and keeps the position', async () => {
    covers(
      'KafkaConsumerTest.testSecondPollWithDeserializationErrorThrowsRecordDeserializationException',
    )
    const { consumer, assign, prepareRecords } = setUpConsumer({
      settings: { 'value.deserializer': failing(4) },
    })
    assign(tp0)
    consumer.seek(tp0, 0)
    prepareRecords(tp0, 0, 5)
    const records = await consumer.poll(0)
    expect(records.count()).toBe(3)
    expect(records.nextOffsets.get(tp0)?.offset).toBe(3)
    const failure = await consumer.poll(0).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(RecordDeserializationException)
    expect(failure).toMatchObject({ offset: 3, topicPartition: tp0 })
    expect(await consumer.position(tp0)).toBe(3)
  })
})

describe('seeking', () => {
  test('refuses a negative offset, and a partition that is not assigned', () => {
    covers('KafkaConsumerTest.testSeekNegative')
    const { consumer } = setUpConsumer()
    consumer.assign([tp0])
    expect(() => consumer.seek(tp0, -1)).toThrow(IllegalArgumentException)
    for (const noOffset of [Number.NaN, 1.5, 2 ** 60, Number.POSITIVE_INFINITY]) {
      expect(() => consumer.seek(tp0, noOffset), `${noOffset}`).toThrow(IllegalArgumentException)
    }
    expect(() => consumer.seek(tp1, 1)).toThrow(IllegalStateException)
  })

  test('with an epoch asks the leader first', async () => {
    const { consumer, assign, subscriptions, updateMetadata, client } = setUpConsumer()
    assign(tp0)
    updateMetadata({ leaderEpoch: () => 5 })
    consumer.seek(tp0, new OffsetAndMetadata(10, 4))
    expect(subscriptions.awaitingValidation(tp0)).toBe(true)
    client.prepareResponse(ApiKeys.OFFSET_FOR_LEADER_EPOCH, {
      topics: [{ topic: topicName, partitions: [{ partition: 0, leaderEpoch: 4, endOffset: 20 }] }],
    })
    expect(await consumer.position(tp0, 1000)).toBe(10)
  })

  test('to the beginning and to the end waits for the next call that needs a position', async () => {
    const { consumer, assign, prepareOffsets } = setUpConsumer()
    assign(tp0, tp1)
    consumer.seekToEnd()
    prepareOffsets([tp0, 7], [tp1, 8])
    expect(await consumer.position(tp0)).toBe(7)
    expect(await consumer.position(tp1)).toBe(8)
    consumer.seekToBeginning([tp1])
    prepareOffsets([tp1, 2])
    expect(await consumer.position(tp1)).toBe(2)
    expect(await consumer.position(tp0)).toBe(7)
  })
})

describe('the position', () => {
  test.each([
    ['latest', AutoOffsetResetStrategy.LATEST, 'KafkaConsumerTest.testResetUsingAutoResetPolicy'],
    [
      'by duration',
      AutoOffsetResetStrategy.fromString('by_duration:PT1H'),
      'KafkaConsumerTest.testResetUsingDurationBasedAutoResetPolicy',
    ],
  ] as const)('is found by the policy: %s', async (_, reset, scenario) => {
    covers(scenario)
    const { consumer, assign, prepareOffsets } = setUpConsumer({ reset })
    assign(tp0)
    prepareOffsets([tp0, 50])
    expect(await consumer.position(tp0)).toBe(50)
  })

  test('of a paused partition is found too', async () => {
    const { consumer, assign, prepareOffsets } = setUpConsumer()
    assign(tp0, tp1)
    consumer.pause([tp0, tp1])
    consumer.seekToEnd([tp0, tp1])
    prepareOffsets([tp0, 3], [tp1, 3])
    expect(await consumer.position(tp0)).toBe(3)
    expect(await consumer.position(tp1)).toBe(3)
  })

  test('that cannot be found in time is an error that says so', async () => {
    const { consumer, assign, client } = setUpConsumer()
    assign(tp0)
    client.advanceTimeDuringPoll = true
    await expect(consumer.position(tp0, 500)).rejects.toThrow(TimeoutException)
    await expect(consumer.position(tp0, 500)).rejects.toThrow(/500ms.*test-0/)
  })

  test('was waited for although it had been found, as long as a fetch was waiting', async () => {
    const simulation = new Simulation({ seed: 3 })
    await simulation.run(async () => {
      const { consumer, assign, client, sent } = setUpConsumer({
        time: simulation,
        settings: { 'max.poll.records': 1 },
        nodes: nodes(2),
      })
      client.waitDuringPoll = true
      assign(tp0, tp1, tp3)
      consumer.seek(tp0, 0)
      consumer.seek(tp3, 0) // the other broker, which has nothing and waits
      simulation.schedule(20, () => {
        const fetched = fetchResponse([[tp0, { records: batch({ count: 3 }) }]])
        const [request] = sent('Fetch').filter(({ destination }) => destination === '0')
        client.respondToRequest(request!, ApiKeys.FETCH, fetched)
      })
      expect((await consumer.poll(1000)).count()).toBe(1)
      client.respondToRequest(
        sent('ListOffsets')[0]!,
        ApiKeys.LIST_OFFSETS,
        offsetsResponse([tp1, 7]),
      )
      expect((await consumer.poll(1000)).count()).toBe(1) // from the buffer; the answer comes in
      expect(await consumer.position(tp1)).toBe(7)
      expect(Math.floor(simulation.hiResClockMs())).toBe(20)
    })
  })

  test('is there for assigned partitions only', async () => {
    const { consumer } = setUpConsumer()
    await expect(consumer.position(tp0)).rejects.toThrow(IllegalStateException)
  })
})

describe('questions about offsets', () => {
  test.each([
    ['offsetsForTimes', 'KafkaConsumerTest.testOffsetsForTimesTimeout'],
    ['beginningOffsets', 'KafkaConsumerTest.testBeginningOffsetsTimeout'],
    ['endOffsets', 'KafkaConsumerTest.testEndOffsetsTimeout'],
  ] as const)('%s gives up after default.api.timeout.ms', async (method, scenario) => {
    covers(scenario)
    const { consumer, client, updateMetadata } = setUpConsumer({
      settings: { 'default.api.timeout.ms': 500 },
    })
    updateMetadata()
    client.advanceTimeDuringPoll = true
    const asked =
      method === 'offsetsForTimes' ? consumer.offsetsForTimes([[tp0, 0]]) : consumer[method]([tp0])
    await expect(asked).rejects.toThrow(TimeoutException)
  })

  test('refuse a time that is negative, or not in whole milliseconds', async () => {
    const { consumer } = setUpConsumer()
    await expect(consumer.offsetsForTimes([[tp0, -1]])).rejects.toThrow('cannot be negative')
    for (const noTime of [1000.25, 2 ** 60, Number.NaN]) {
      await expect(consumer.offsetsForTimes([[tp0, noTime]])).rejects.toThrow('whole milliseconds')
    }
  })

  test('about the end also tell how far behind we are', async () => {
    covers('KafkaConsumerTest.testListOffsetShouldUpdateSubscriptions')
    const { consumer, assign, prepareOffsets } = setUpConsumer()
    assign(tp0)
    consumer.seek(tp0, 50)
    prepareOffsets([tp0, 90])
    expect((await consumer.endOffsets([tp0])).get(new TopicPartition(topicName, 0))).toBe(90)
    expect(consumer.currentLag(tp0)).toBe(40)
  })
})

describe('the lag', () => {
  test('is asked for when it is not known, and followed from then on', async () => {
    covers('KafkaConsumerTest.testCurrentLag')
    const { consumer, assign, client, sent } = setUpConsumer()
    assign(tp0)
    expect(consumer.currentLag(tp0)).toBe(null)
    expect(client.inFlightRequestCount()).toBe(0)
    consumer.seek(tp0, 50)
    await consumer.poll(0)
    expect([sent('ListOffsets').length, sent('Fetch').length]).toEqual([1, 1])
    expect(consumer.currentLag(tp0)).toBe(null)
    client.respondToRequest(
      sent('ListOffsets')[0]!,
      ApiKeys.LIST_OFFSETS,
      offsetsResponse([tp0, 90]),
    )
    await consumer.poll(0)
    expect(consumer.currentLag(tp0)).toBe(40)
    const records = batch({ baseOffset: 50, count: 5 })
    client.respondToRequest(
      sent('Fetch')[0]!,
      ApiKeys.FETCH,
      fetchResponse([[tp0, { records, highWatermark: 100 }]]),
    )
    expect((await consumer.poll(1)).count()).toBe(5)
    expect(consumer.currentLag(tp0)).toBe(45)
  })

  test('is asked for once at a time', async () => {
    covers('KafkaConsumerTest.testCurrentLagPreventsMultipleInFlightRequests')
    const { consumer, assign, sent } = setUpConsumer()
    assign(tp0)
    consumer.seek(tp0, 50)
    expect(consumer.currentLag(tp0)).toBe(null)
    expect(consumer.currentLag(tp0)).toBe(null)
    await consumer.poll(0)
    expect(sent('ListOffsets')).toHaveLength(1)
  })

  test.each([
    [
      Errors.TOPIC_AUTHORIZATION_FAILED,
      'KafkaConsumerTest.testCurrentLagClearsFlagOnFatalPartitionError',
    ],
    [
      Errors.OFFSET_NOT_AVAILABLE,
      'KafkaConsumerTest.testCurrentLagClearsFlagOnRetriablePartitionError',
    ],
  ])('may be asked for again after %s', async (error, scenario) => {
    covers(scenario)
    const { consumer, assign, client, sent, subscriptions } = setUpConsumer()
    assign(tp0)
    consumer.seek(tp0, 50)
    expect(consumer.currentLag(tp0)).toBe(null)
    expect(subscriptions.partitionEndOffsetRequested(tp0)).toBe(true)
    await consumer.poll(0)
    client.respondToRequest(
      sent('ListOffsets')[0]!,
      ApiKeys.LIST_OFFSETS,
      offsetsResponse([tp0, error]),
    )
    if (error.retriable) await consumer.poll(0)
    else await expect(consumer.poll(0)).rejects.toThrow(TopicAuthorizationException)
    expect(subscriptions.partitionEndOffsetRequested(tp0)).toBe(false)
  })
})

describe('topics', () => {
  test('that are known are described without asking', async () => {
    const { consumer, assign } = setUpConsumer()
    assign(tp0)
    expect(await consumer.partitionsFor(topicName)).toHaveLength(4)
  })

  test('that are not there have no partitions', async () => {
    covers('KafkaConsumerTest.testPartitionsForNonExistingTopic')
    const { consumer, client, updateMetadata } = setUpConsumer()
    updateMetadata()
    client.prepareResponse(
      ApiKeys.METADATA,
      metadataResponse({ errors: { nowhere: Errors.UNKNOWN_TOPIC_OR_PARTITION } }).data,
    )
    expect(await consumer.partitionsFor('nowhere')).toEqual([])
  })

  test('are listed', async () => {
    const { consumer, client, updateMetadata } = setUpConsumer()
    updateMetadata()
    client.prepareResponse(ApiKeys.METADATA, metadataResponse({ topics: { a: 1, b: 2 } }).data)
    expect([...(await consumer.listTopics()).keys()]).toEqual(['a', 'b'])
  })

  test('whose name cannot be are told by poll', async () => {
    const { consumer, client } = setUpConsumer()
    const bad = new TopicPartition('topic abc', 0)
    consumer.assign([bad])
    client.prepareMetadataUpdate(
      metadataResponse({ errors: { 'topic abc': Errors.INVALID_TOPIC_EXCEPTION } }),
    )
    client.updateMetadata(metadataResponse())
    client.prepareMetadataUpdate(
      metadataResponse({ errors: { 'topic abc': Errors.INVALID_TOPIC_EXCEPTION } }),
    )
    const failure = consumer.poll(0).then(() => consumer.poll(0))
    await expect(failure).rejects.toThrow(InvalidTopicException)
  })
})

describe('a broker that refuses our login', () => {
  const refused = () => {
    const set = setUpConsumer()
    set.assign(tp0)
    set.client.createPendingAuthenticationError(set.metadata.fetch().nodes[0]!, 0)
    return set
  }

  test('is told by every call that asks it', async () => {
    covers(
      'KafkaConsumerTest.testPartitionsForAuthenticationFailure',
      'KafkaConsumerTest.testBeginningOffsetsAuthenticationFailure',
      'KafkaConsumerTest.testEndOffsetsAuthenticationFailure',
      'KafkaConsumerTest.testOffsetsForTimesAuthenticationFailure',
      'KafkaConsumerTest.testPollAuthenticationFailure',
    )
    const calls = [
      ({ consumer }: ReturnType<typeof refused>) => consumer.partitionsFor('some other topic'),
      ({ consumer }: ReturnType<typeof refused>) => consumer.beginningOffsets([tp0]),
      ({ consumer }: ReturnType<typeof refused>) => consumer.endOffsets([tp0]),
      ({ consumer }: ReturnType<typeof refused>) => consumer.offsetsForTimes([[tp0, 0]]),
      async ({ consumer, client, metadata }: ReturnType<typeof refused>) => {
        consumer.seek(tp0, 0)
        client.authenticationFailed(metadata.fetch().nodes[0]!, 300)
        await consumer.poll(0)
      },
    ]
    for (const call of calls) await expect(call(refused())).rejects.toThrow(AuthenticationException)
  })
})

test('a login that fails while records are returned does not lose them', async () => {
  const brokers = nodes(2)
  const twoAtATime = { 'max.poll.records': 2 }
  const { consumer, assign, client, logger } = setUpConsumer({
    nodes: brokers,
    settings: twoAtATime,
  })
  assign(tp0, tp1)
  for (const partition of [tp0, tp1]) consumer.seek(partition, 0)
  await consumer.poll(0)
  const four = fetchResponse([[tp0, { records: batch({ count: 4 }) }]])
  client.respond(ApiKeys.FETCH, four, { node: brokers[0]! })
  client.respond(ApiKeys.FETCH, null, { node: brokers[1]!, disconnected: true })
  expect((await consumer.poll(0)).count()).toBe(2)
  client.disconnect('1')
  client.authenticationFailed(brokers[1]!, 300)
  expect((await consumer.poll(0)).count()).toBe(2)
  expect(logger.messages('error').join()).toMatch(/The next fetch could not be sent/)
  await expect(consumer.poll(0)).rejects.toThrow(AuthenticationException)
})

describe('wakeup', () => {
  test('went unheard as long as there was something in the buffer', async () => {
    const { consumer, assign, prepareRecords } = setUpConsumer({
      settings: { 'max.poll.records': 1 },
    })
    assign(tp0)
    consumer.seek(tp0, 0)
    prepareRecords(tp0, 0, 2)
    const first = await consumer.poll(0)
    const next = first.isEmpty() ? await consumer.poll(0) : first
    expect(next.count()).toBe(1)
    consumer.wakeup()
    await expect(consumer.poll(0)).rejects.toThrow(WakeupException)
    expect((await consumer.poll(0)).records(tp0).map(({ offset }) => offset)).toEqual([1])
  })

  test('comes before records that have arrived, and loses none', async () => {
    covers('KafkaConsumerTest.testWakeupWithFetchDataAvailable')
    const { consumer, assign, client } = setUpConsumer()
    assign(tp0)
    consumer.seek(tp0, 0)
    await consumer.poll(0)
    client.respond(ApiKeys.FETCH, fetchResponse([[tp0, { records: batch({ count: 5 }) }]]))
    consumer.wakeup()
    await expect(consumer.poll(0)).rejects.toThrow(WakeupException)
    expect(await consumer.position(tp0)).toBe(0)
    const records = await consumer.poll(0)
    expect(records.count()).toBe(5)
    expect(records.nextOffsets.get(tp0)?.offset).toBe(5)
  })

  test('ends a poll that waits', async () => {
    const simulation = new Simulation({ seed: 3 })
    await simulation.run(async () => {
      const { consumer, assign, client } = setUpConsumer({ time: simulation })
      client.waitDuringPoll = true
      assign(tp0)
      consumer.seek(tp0, 0)
      simulation.schedule(250, () => consumer.wakeup())
      await expect(consumer.poll(60_000)).rejects.toThrow(WakeupException)
      expect(Math.floor(simulation.hiResClockMs())).toBe(250)
    })
  })
})

describe('two callers at once', () => {
  test('are refused: one call waits, the other is an error that names both', async () => {
    covers('KafkaConsumerTest.testPreventMultiThread')
    const simulation = new Simulation({ seed: 3 })
    await simulation.run(async () => {
      const { consumer, assign, client } = setUpConsumer({ time: simulation })
      client.waitDuringPoll = true
      assign(tp0)
      consumer.seek(tp0, 0)
      const polled = consumer.poll(1000)
      await expect(consumer.poll(0)).rejects.toThrow(ConcurrentModificationException)
      expect(() => consumer.seek(tp0, 5)).toThrow(
        /seek\(\) was called while poll\(\) is still waiting/,
      )
      await expect(consumer.close()).rejects.toThrow(ConcurrentModificationException)
      expect((await polled).count()).toBe(0)
      consumer.seek(tp0, 5)
    })
  })

  test('an interceptor is not a second caller', async () => {
    let offset: number | undefined
    const curious: ConsumerInterceptor<string, string> = {
      onConsume: (records) => {
        offset = consumer.assignment().size
        return records
      },
    }
    const { consumer, assign, prepareRecords } = setUpConsumer({
      settings: { 'interceptor.classes': [curious] },
    })
    assign(tp0)
    consumer.seek(tp0, 0)
    prepareRecords(tp0, 0, 1)
    await consumer.poll(0)
    expect(offset).toBe(1)
  })
})

test('an interceptor may change what poll returns', async () => {
  const nothing: ConsumerInterceptor<string, string> = { onConsume: () => ConsumerRecords.empty() }
  const { consumer, assign, prepareRecords } = setUpConsumer({
    settings: { 'interceptor.classes': [nothing] },
  })
  assign(tp0)
  consumer.seek(tp0, 0)
  prepareRecords(tp0, 0, 3)
  expect((await consumer.poll(0)).count()).toBe(0)
  expect(await consumer.position(tp0)).toBe(3)
})

test('the trace bus tells the way of a record, station by station', async () => {
  const { consumer, assign, prepareRecords, traceBus } = setUpConsumer()
  const told: string[] = []
  assign(tp0)
  consumer.seek(tp0, 0)
  prepareRecords(tp0, 0, 1)
  traceBus.listen(({ name, fields }) => {
    if (name.startsWith('consumer.')) told.push(`${name.slice(9)} ${JSON.stringify(fields)}`)
  })
  await consumer.poll(0)
  const bytes = batch({ count: 1 }).length
  expect(told).toEqual([
    'delegate.poll {"assigned":1}',
    'fetcher.sendFetches {"node":0,"partitions":["test-0"]}',
    'networkClient.poll {"timeoutMs":0,"pendingCompletions":0}',
    `fetchBuffer.add {"topic":"test","partition":0,"fetchOffset":0,"bytes":${bytes}}`,
    'deserialize {"keyBytes":3,"valueBytes":7}',
    'completedFetch.fetchRecords {"topic":"test","partition":0,"records":1,"nextOffset":1}',
    'fetchCollector.collectFetch {"records":1}',
    'fetcher.sendFetches {"node":0,"partitions":["test-0"]}',
    'interceptors.onConsume {"interceptors":0,"records":1}',
  ])
})

describe('long polling', () => {
  test('waits for what the broker waits for, and returns the moment it comes', async () => {
    const simulation = new Simulation({ seed: 3 })
    await simulation.run(async () => {
      const { consumer, assign, client } = setUpConsumer({ time: simulation })
      client.waitDuringPoll = true
      assign(tp0)
      consumer.seek(tp0, 0)
      simulation.schedule(300, () =>
        client.respond(ApiKeys.FETCH, fetchResponse([[tp0, { records: batch({ count: 2 }) }]])),
      )
      expect((await consumer.poll(60_000)).count()).toBe(2)
      expect(Math.floor(simulation.hiResClockMs())).toBe(300)
    })
  })

  test('returns nothing when the time is over', async () => {
    const simulation = new Simulation({ seed: 3 })
    await simulation.run(async () => {
      const { consumer, assign, client } = setUpConsumer({ time: simulation })
      client.waitDuringPoll = true
      assign(tp0)
      consumer.seek(tp0, 0)
      expect((await consumer.poll(700)).isEmpty()).toBe(true)
      expect(Math.floor(simulation.hiResClockMs())).toBe(700)
    })
  })
})

describe('closing', () => {
  test('tells the broker, closes what was handed in, and may be done twice', async () => {
    covers('KafkaConsumerTest.testGracefulClose', 'KafkaConsumerTest.testCloseShouldBeIdempotent')
    const closed: string[] = []
    const interceptor: ConsumerInterceptor<string, string> = {
      onConsume: (records) => records,
      close: () => closed.push('interceptor'),
    }
    const deserializer: Deserializer<string> = {
      deserialize: () => '',
      close: () => closed.push('deserializer'),
    }
    const { consumer, assign, client } = setUpConsumer({
      settings: { 'interceptor.classes': [interceptor], 'value.deserializer': deserializer },
    })
    assign(tp0)
    consumer.seek(tp0, 0)
    client.prepareResponse(
      ApiKeys.FETCH,
      fetchResponse([[tp0, { records: batch() }]], { sessionId: 5 }),
    )
    await consumer.poll(0)
    const epochs: number[] = []
    client.respond(ApiKeys.FETCH, fetchResponse([], { sessionId: 5 }))
    client.prepareResponse(ApiKeys.FETCH, fetchResponse([]), {
      matcher: (request) => {
        epochs.push(request.sessionEpoch)
        return true
      },
    })
    await consumer.close(5000)
    await consumer.close(5000)
    expect(epochs).toEqual([-1])
    expect(closed).toEqual(['interceptor', 'deserializer'])
    expect(client.active()).toBe(false)
  })

  test('does not wait for ever for a broker that is silent', async () => {
    covers(
      'KafkaConsumerTest.testCloseTimeoutDueToNoResponseForCloseFetchRequest',
      'KafkaConsumerTest.testCloseTimeout',
      'KafkaConsumerTest.testCloseNoWait',
    )
    for (const timeoutMs of [0, 5000]) {
      const { consumer, assign, client, prepareRecords, time } = setUpConsumer()
      assign(tp0)
      consumer.seek(tp0, 0)
      prepareRecords(tp0, 0, 1)
      await consumer.poll(0)
      client.advanceTimeDuringPoll = true
      const start = time.milliseconds()
      await consumer.close(timeoutMs)
      expect(time.milliseconds() - start).toBeLessThanOrEqual(timeoutMs)
      expect(client.active()).toBe(false)
    }
  })

  test('makes every other call an error that says so', async () => {
    const { consumer } = setUpConsumer()
    await consumer.close()
    expect(() => consumer.assign([tp0])).toThrow(/already been closed/)
    await expect(consumer.poll(0)).rejects.toThrow(IllegalStateException)
    await expect(consumer.close(-1)).rejects.toThrow(IllegalArgumentException)
  })
})

describe('construction', () => {
  const environment = () => testEnvironment()

  test('gives plug-ins the client id that was made up', () => {
    covers('KafkaConsumerTest.configurableObjectsShouldSeeGeneratedClientId')
    const seen: unknown[] = []
    class Curious implements Deserializer<string>, ConsumerInterceptor<string, string> {
      configure(configs: Readonly<Record<string, unknown>>): void {
        seen.push(configs['client.id'])
      }
      deserialize(): string {
        return ''
      }
      onConsume(records: ConsumerRecords<string, string>): ConsumerRecords<string, string> {
        return records
      }
    }
    const consumer = new KafkaConsumer<string, string>(
      {
        'bootstrap.servers': 'localhost:9999',
        'key.deserializer': Curious,
        'value.deserializer': Curious,
        'interceptor.classes': [Curious],
      },
      environment(),
    )
    expect(consumer.clientId).toMatch(/^consumer-null-\d+$/)
    expect(seen).toEqual([consumer.clientId, consumer.clientId, consumer.clientId])
  })

  test('that fails closes what was made before', () => {
    covers(
      'KafkaConsumerTest.testConstructorClose',
      'KafkaConsumerTest.testInterceptorConstructorClose',
      'KafkaConsumerTest.testInterceptorConstructorConfigurationWithExceptionShouldCloseRemainingInstances',
    )
    let closed = 0
    class Closing implements ConsumerInterceptor<string, string> {
      onConsume(records: ConsumerRecords<string, string>): ConsumerRecords<string, string> {
        return records
      }
      close(): void {
        closed++
      }
    }
    class Failing extends Closing {
      configure(): void {
        throw new Error('Injected')
      }
    }
    const make = (change: object) => () =>
      new KafkaConsumer<string, string>({ ...settings, ...change }, environment())
    expect(make({ 'interceptor.classes': [Closing, Failing] })).toThrow(KafkaException)
    expect(closed).toBe(2)
    expect(make({ 'interceptor.classes': [Closing], 'bootstrap.servers': 'nonsense' })).toThrow(
      /Failed to construct kafka consumer.*nonsense/,
    )
    expect(closed).toBe(3)
  })

  test('refuses a group id of nothing', () => {
    covers('KafkaConsumerTest.testEmptyGroupId', 'KafkaConsumerTest.testGroupIdWithWhitespace')
    for (const groupId of ['', '   ']) {
      expect(() => new KafkaConsumer({ ...settings, 'group.id': groupId }, environment())).toThrow(
        expect.objectContaining({
          constructor: KafkaException,
          cause: expect.any(InvalidGroupIdException),
        }),
      )
    }
  })

  test('warns of a setting that does not exist, with the nearest that does', () => {
    covers('KafkaConsumerTest.testUnusedConfigs')
    const env = environment()
    const mistyped = { ...settings, 'max.pol.records': 3 }
    new KafkaConsumer(mistyped as typeof settings, env)
    expect(env.logger.messages('warn').join()).toMatch(/'max\.pol\.records'.*'max\.poll\.records'/)
  })
})
