import { describe, expect, test } from 'vitest'
import { SchemaException } from '../../../src/common/errors.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { utf8Bytes } from '../../../src/common/utf8.ts'
import { Assignment } from '../../../src/consumer/Assignment.ts'
import {
  deserializeAssignment,
  deserializeSubscription,
  serializeAssignment,
  serializeSubscription,
} from '../../../src/consumer/internals/ConsumerProtocol.ts'
import { Subscription } from '../../../src/consumer/Subscription.ts'
import {
  deserializeConsumerProtocolAssignment,
  deserializeConsumerProtocolSubscription,
  deserializeVersion,
  PROTOCOL_TYPE,
  serializeConsumerProtocolAssignment,
} from '../../../src/protocol/ConsumerProtocol.ts'
import { MessageWriter } from '../../../src/protocol/schema/MessageWriter.ts'
import { covers } from '../../support/covers.ts'

const TOPICS = ['foo', 'bar']
const TP1 = new TopicPartition('foo', 1)
const TP2 = new TopicPartition('bar', 2)
const VERSIONS = [0, 1, 2, 3]
const HELLO = utf8Bytes('hello')
const NOTHING = new Uint8Array(0)

const full = (): Subscription =>
  new Subscription(TOPICS, {
    userData: HELLO,
    ownedPartitions: [new TopicPartition('foo', 0), new TopicPartition('bar', 0)],
    generationId: 1,
    rackId: 'rack-a',
  })

const words = (partitions: readonly TopicPartition[]): string => partitions.join(' ')

/** What a version brings that this one lacks is not there. */
const expectBare = (subscription: Subscription): void => {
  expect(subscription.topics).toEqual(['bar', 'foo'])
  expect(subscription.ownedPartitions).toEqual([])
  expect(subscription.generationId).toBeNull()
  expect(subscription.rackId).toBeNull()
  expect(subscription.groupInstanceId).toBeNull()
}

describe('Subscriptions', () => {
  test.each(VERSIONS)('version %i says what it has fields for', (version) => {
    covers(
      'ConsumerProtocolTest.serializeDeserializeSubscriptionAllVersions',
      'ConsumerProtocolTest.serializeDeserializeConsumerProtocolSubscriptionAllVersions',
    )
    const note = serializeSubscription(full(), version)
    expect(deserializeVersion(note)).toBe(version)
    const subscription = deserializeSubscription(note)
    expect(subscription.topics).toEqual(['bar', 'foo'])
    expect(subscription.userData).toEqual(HELLO)
    expect(words(subscription.ownedPartitions)).toBe(version >= 1 ? 'bar-0 foo-0' : '')
    expect(subscription.generationId).toBe(version >= 2 ? 1 : null)
    expect(subscription.rackId).toBe(version >= 3 ? 'rack-a' : null)
    expect(subscription.groupInstanceId).toBeNull()

    expect(deserializeConsumerProtocolSubscription(note)).toEqual({
      topics: ['bar', 'foo'],
      userData: HELLO,
      ownedPartitions:
        version >= 1
          ? [
              { topic: 'bar', partitions: [0] },
              { topic: 'foo', partitions: [0] },
            ]
          : [],
      generationId: version >= 2 ? 1 : -1,
      rackId: version >= 3 ? 'rack-a' : null,
    })
  })

  test('no user data and empty user data are two things, and stay two', () => {
    covers(
      'ConsumerProtocolTest.serializeDeserializeMetadata',
      'ConsumerProtocolTest.serializeDeserializeNullSubscriptionUserData',
    )
    for (const userData of [NOTHING, null]) {
      const note = serializeSubscription(new Subscription(TOPICS, { userData }))
      const subscription = deserializeSubscription(note)
      expect(subscription.userData).toEqual(userData)
      expectBare(subscription)
    }
  })

  test('the instance id is not among the bytes: the leader adds it', () => {
    covers('ConsumerProtocolTest.serializeDeserializeMetadataAndGroupInstanceId')
    const written = new Subscription(TOPICS, { userData: NOTHING, groupInstanceId: 'instance.id' })
    const subscription = deserializeSubscription(serializeSubscription(written))
    expectBare(subscription)
    subscription.setGroupInstanceId('instance.id')
    expect(subscription.groupInstanceId).toBe('instance.id')
  })

  test('topics and owned partitions are sorted: the same wishes are the same bytes', () => {
    covers(
      'ConsumerProtocolTest.serializeSubscriptionShouldOrderTopics',
      'ConsumerProtocolTest.serializeSubscriptionShouldOrderOwnedPartitions',
    )
    const bytes = (topics: string[], ownedPartitions: TopicPartition[]): Uint8Array =>
      serializeSubscription(new Subscription(topics, { ownedPartitions }))
    const wanted = bytes(['foo', 'bar'], [TP1, TP2])
    expect(bytes(['bar', 'foo'], [TP1, TP2])).toEqual(wanted)
    expect(bytes(['foo', 'bar'], [TP2, TP1])).toEqual(wanted)
  })

  test('an old version is read, and a new one as an old one', () => {
    covers(
      'ConsumerProtocolTest.deserializeOldSubscriptionVersion',
      'ConsumerProtocolTest.deserializeNewSubscriptionWithOldVersion',
    )
    expectBare(deserializeSubscription(serializeSubscription(new Subscription(TOPICS), 0)))
    for (const more of [{}, { generationId: 1, rackId: 'rack-a' }]) {
      const newer = new Subscription(TOPICS, { ownedPartitions: [TP2], ...more })
      const subscription = deserializeSubscription(serializeSubscription(newer), 0)
      expect(subscription.userData).toBeNull()
      expectBare(subscription)
    }
  })

  test('a version of the future is read as the newest, and what it adds is left', () => {
    covers('ConsumerProtocolTest.deserializeFutureSubscriptionVersion')
    const known = serializeSubscription(full())
    const future = Uint8Array.of(...known, 0, 3, ...utf8Bytes('bar'))
    future[1] = 100
    expect(String(deserializeSubscription(future))).toBe(String(deserializeSubscription(known)))
    // Written as what we know, too.
    expect(serializeSubscription(full(), 100)).toEqual(known)
  })

  test('an empty rack is none', () => {
    const note = serializeSubscription(new Subscription(TOPICS, { rackId: '' }))
    expect(deserializeSubscription(note).rackId).toBeNull()
  })
})

describe('Assignments', () => {
  test.each(VERSIONS)('version %i says all of it', (version) => {
    covers(
      'ConsumerProtocolTest.serializeDeserializeAssignmentAllVersions',
      'ConsumerProtocolTest.serializeDeserializeConsumerProtocolAssignmentAllVersions',
    )
    const note = serializeAssignment(new Assignment([TP1, TP2], HELLO), version)
    expect(deserializeVersion(note)).toBe(version)
    const assignment = deserializeAssignment(note)
    expect(words(assignment.partitions)).toBe('foo-1 bar-2')
    expect(assignment.userData).toEqual(HELLO)

    const data = {
      assignedPartitions: [
        { topic: 'foo', partitions: [1] },
        { topic: 'bar', partitions: [2] },
      ],
      userData: HELLO,
    }
    expect(serializeConsumerProtocolAssignment(data, version)).toEqual(note)
    expect(deserializeConsumerProtocolAssignment(note)).toEqual(data)
  })

  test('Empty user data in an assignment (#284): read as empty, and none as none', () => {
    covers(
      'ConsumerProtocolTest.serializeDeserializeAssignment',
      'ConsumerProtocolTest.deserializeNullAssignmentUserData',
    )
    for (const userData of [NOTHING, null]) {
      const note = serializeAssignment(new Assignment([TP1, TP2], userData))
      const assignment = deserializeAssignment(note)
      expect(words(assignment.partitions)).toBe('foo-1 bar-2')
      expect(assignment.userData).toEqual(userData)
    }
  })

  test('partitions are grouped by topic in the order in which topics first come', () => {
    const partitions = [TP1, TP2, new TopicPartition('foo', 7)]
    const note = serializeAssignment(new Assignment(partitions))
    expect(words(deserializeAssignment(note).partitions)).toBe('foo-1 foo-7 bar-2')
  })

  test('a version of the future is read as the newest, and what it adds is left', () => {
    covers('ConsumerProtocolTest.deserializeFutureAssignmentVersion')
    const out = new MessageWriter()
    out.writeBytes(serializeAssignment(new Assignment([TP1], NOTHING)))
    out.writeBytes(Uint8Array.of(0, 3, ...utf8Bytes('bar')))
    const future = out.toBytes()
    future[1] = 100
    expect(words(deserializeAssignment(future).partitions)).toBe('foo-1')
  })
})

describe('What is no note', () => {
  test('too few bytes, at every place, are a SchemaException', () => {
    const subscription = serializeSubscription(full())
    for (let length = 0; length < subscription.length; length++) {
      expect(() => deserializeSubscription(subscription.subarray(0, length))).toThrow(
        SchemaException,
      )
    }
    expect(() => deserializeVersion(Uint8Array.of(0))).toThrow(
      "Buffer underflow while parsing consumer protocol's header",
    )
  })

  test('a version below 0 has never been', () => {
    const note = Uint8Array.of(0xff, 0xff, 0, 0, 0, 0)
    expect(() => deserializeSubscription(note)).toThrow('Unsupported subscription version: -1')
    expect(() => deserializeAssignment(note)).toThrow('Unsupported assignment version: -1')
    expect(() => serializeAssignment(new Assignment([]), -1)).toThrow(SchemaException)
  })

  test('the protocol has its name', () => {
    expect(PROTOCOL_TYPE).toBe('consumer')
  })
})
