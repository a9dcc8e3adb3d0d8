import { describe, expect, expectTypeOf, test } from 'vitest'
import { InvalidConfigurationException } from '../../src/common/errors/ApiExceptions.ts'
import { ConfigException } from '../../src/common/errors.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { IntegerDeserializer } from '../../src/common/serialization/IntegerDeserializer.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { CONSUMER_CONFIG, ConsumerConfig } from '../../src/consumer/ConsumerConfig.ts'
import type { ConsumerRecords } from '../../src/consumer/ConsumerRecords.ts'
import { fetchConfigOf } from '../../src/consumer/internals/FetchConfig.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { covers } from '../support/covers.ts'

const required = {
  'bootstrap.servers': 'localhost:9092',
  'key.deserializer': StringDeserializer,
  'value.deserializer': StringDeserializer,
}
const configOf = (settings: Readonly<Record<string, unknown>> = {}): ConsumerConfig =>
  new ConsumerConfig({ ...required, ...settings }, new SeededRandom(1))

describe('defaults', () => {
  test('are those of Kafka 4.3.1', () => {
    expect(fetchConfigOf(configOf())).toEqual({
      minBytes: 1,
      maxBytes: 52_428_800,
      maxWaitMs: 500,
      fetchSize: 1_048_576,
      maxPollRecords: 500,
      checkCrcs: true,
      clientRackId: '',
      isolationLevel: 'read_uncommitted',
    })
    const config = configOf()
    expect(config.get('auto.offset.reset')).toBe('latest')
    expect(config.get('default.api.timeout.ms')).toBe(60_000)
    expect(config.get('request.timeout.ms')).toBe(30_000)
    expect(config.get('retry.backoff.ms')).toBe(100)
    expect(config.get('heartbeat.interval.ms')).toBe(3000)
    expect(config.get('metadata.max.age.ms')).toBe(300_000)
    expect(config.get('group.id')).toBe(null)
    expect(config.get('allow.auto.create.topics')).toBe(true)
    expect(config.get('metadata.recovery.strategy')).toBe('rebootstrap')
  })

  test('of the recovery strategy may be changed, within what there is', () => {
    covers(
      'ConsumerConfigTest.testDefaultMetadataRecoveryStrategy',
      'ConsumerConfigTest.testInvalidMetadataRecoveryStrategy',
    )
    expect(configOf().get('metadata.recovery.strategy')).toBe('rebootstrap')
    expect(() => configOf({ 'metadata.recovery.strategy': 'abc' })).toThrow(
      /metadata\.recovery\.strategy/,
    )
  })

  test('have documentation each', () => {
    for (const name of CONSUMER_CONFIG.names()) {
      expect(CONSUMER_CONFIG.configKey(name)!.documentation.length).toBeGreaterThan(20)
    }
  })
})

describe('a bad value', () => {
  test.each([
    ['max.poll.records', 0, /max\.poll\.records.*\[1,\.\.\.\]/],
    ['fetch.min.bytes', -1, /fetch\.min\.bytes.*\[0,\.\.\.\]/],
    ['isolation.level', 'read_everything', /isolation\.level.*read_committed, read_uncommitted/],
    [
      'auto.offset.reset',
      'none of these',
      /auto\.offset\.reset.*earliest, latest, none or by_duration/,
    ],
    ['auto.offset.reset', 'by_duration:1h', /auto\.offset\.reset/],
    ['check.crcs', 'perhaps', /check\.crcs/],
    ['fetch.max.wait.ms', 'soon', /fetch\.max\.wait\.ms/],
    ['security.protocol', 'abc', /security\.protocol/],
  ])('of %s is refused, with key, value and what is allowed', (key, value, message) => {
    covers(
      'ConsumerConfigTest.testInvalidSecurityProtocol',
      'AutoOffsetResetStrategyTest.testValidator',
    )
    expect(() => configOf({ [key]: value })).toThrow(ConfigException)
    expect(() => configOf({ [key]: value })).toThrow(message)
  })

  test('may be a missing one', () => {
    covers('ConsumerConfigTest.testAppendDeserializerToConfigWithException')
    for (const key of ['bootstrap.servers', 'key.deserializer', 'value.deserializer']) {
      expect(() => configOf({ [key]: undefined })).toThrow(new RegExp(key.replace('.', '\\.')))
    }
  })

  test('is not one only because it is a text, as in a properties file', () => {
    covers('ConsumerConfigTest.testCaseInsensitiveSecurityProtocol')
    const config = configOf({
      'max.poll.records': '7',
      'check.crcs': 'false',
      'bootstrap.servers': 'a:1,b:2',
      'security.protocol': 'plaintext',
    })
    expect(config.get('max.poll.records')).toBe(7)
    expect(config.get('check.crcs')).toBe(false)
    expect(config.get('bootstrap.servers')).toEqual(['a:1', 'b:2'])
  })
})

describe('the client id', () => {
  test('is made up when none is given, from the group and a number', () => {
    covers('ConsumerConfigTest.testOverrideClientId')
    expect(configOf().get('client.id')).toMatch(/^consumer-null-\d+$/)
    expect(configOf({ 'group.id': 'g', 'client.id': '' }).get('client.id')).toMatch(
      /^consumer-g-\d+$/,
    )
    expect(configOf({ 'client.id': 'mine' }).get('client.id')).toBe('mine')
  })

  test('is the same for the same seed', () => {
    expect(configOf().get('client.id')).toBe(configOf().get('client.id'))
  })
})

test('nothing is committed in the background without a group', () => {
  covers('ConsumerConfigTest.testOverrideEnableAutoCommit')
  expect(configOf().get('enable.auto.commit')).toBe(false)
  expect(configOf({ 'enable.auto.commit': false }).get('enable.auto.commit')).toBe(false)
  expect(configOf({ 'group.id': 'g' }).get('enable.auto.commit')).toBe(true)
  expect(() => configOf({ 'enable.auto.commit': true })).toThrow(InvalidConfigurationException)
})

test('one who sets the first reconnect wait only gets that wait', () => {
  expect(configOf({ 'reconnect.backoff.ms': 20 }).get('reconnect.backoff.max.ms')).toBe(20)
})

test('types follow from the deserializers, and unknown settings do not compile', () => {
  covers('ConsumerConfigTest.testAppendDeserializerToConfig')
  const make = () =>
    new KafkaConsumer({
      'bootstrap.servers': 'localhost:9092',
      'key.deserializer': new IntegerDeserializer(),
      'value.deserializer': StringDeserializer,
    })
  expectTypeOf(make).returns.toEqualTypeOf<KafkaConsumer<number, string>>()
  expectTypeOf<Awaited<ReturnType<KafkaConsumer<number, string>['poll']>>>().toEqualTypeOf<
    ConsumerRecords<number, string>
  >()
  const wrong = () =>
    new KafkaConsumer({
      'bootstrap.servers': 'x:1',
      'key.deserializer': StringDeserializer,
      'value.deserializer': StringDeserializer,
      // @ts-expect-error: a mistyped name.
      'max.pol.records': 3,
    })
  const missing = () =>
    // @ts-expect-error: a deserializer is missing.
    new KafkaConsumer({ 'bootstrap.servers': 'x:1', 'key.deserializer': StringDeserializer })
  expect([typeof wrong, typeof missing]).toEqual(['function', 'function'])
})
