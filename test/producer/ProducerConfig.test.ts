import { describe, expect, it } from 'vitest'
import { ConfigException } from '../../src/common/errors.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { ByteArraySerializer } from '../../src/common/serialization/ByteArraySerializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import {
  configureDeliveryTimeout,
  PRODUCER_CONFIG,
  ProducerConfig,
  type ProducerConfigInput,
} from '../../src/producer/ProducerConfig.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

const REQUIRED = {
  'bootstrap.servers': 'localhost:9092',
  'key.serializer': ByteArraySerializer,
  'value.serializer': StringSerializer,
}
const configWith = (more: object = {}) => new ProducerConfig({ ...REQUIRED, ...more })

describe('the settings of a producer', () => {
  it("have Kafka's defaults", () => {
    covers('ProducerConfigTest.testDefaultMetadataRecoveryStrategy')
    const config = configWith()
    expect({
      'batch.size': config.get('batch.size'),
      'linger.ms': config.get('linger.ms'),
      'buffer.memory': config.get('buffer.memory'),
      'max.request.size': config.get('max.request.size'),
      'max.block.ms': config.get('max.block.ms'),
      'delivery.timeout.ms': config.get('delivery.timeout.ms'),
      'request.timeout.ms': config.get('request.timeout.ms'),
      retries: config.get('retries'),
      'retry.backoff.ms': config.get('retry.backoff.ms'),
      'retry.backoff.max.ms': config.get('retry.backoff.max.ms'),
      'max.in.flight.requests.per.connection': config.get('max.in.flight.requests.per.connection'),
      'metadata.max.idle.ms': config.get('metadata.max.idle.ms'),
      'metadata.recovery.strategy': config.get('metadata.recovery.strategy'),
      'compression.type': config.get('compression.type'),
      acks: config.acks(),
    }).toEqual({
      'batch.size': 16_384,
      'linger.ms': 5,
      'buffer.memory': 33_554_432,
      'max.request.size': 1_048_576,
      'max.block.ms': 60_000,
      'delivery.timeout.ms': 120_000,
      'request.timeout.ms': 30_000,
      retries: 2_147_483_647,
      'retry.backoff.ms': 100,
      'retry.backoff.max.ms': 1000,
      'max.in.flight.requests.per.connection': 5,
      'metadata.max.idle.ms': 300_000,
      'metadata.recovery.strategy': 'rebootstrap',
      'compression.type': 'none',
      acks: -1,
    })
  })

  it('name key, value and what is allowed when a value cannot be', () => {
    covers(
      'ProducerConfigTest.testInvalidCompressionType',
      'ProducerConfigTest.testInvalidSecurityProtocol',
      'ProducerConfigTest.testInvalidMetadataRecoveryStrategy',
    )
    for (const [key, value, allowed] of [
      ['compression.type', 'abc', 'none, gzip'],
      ['security.protocol', 'abc', 'PLAINTEXT'],
      ['metadata.recovery.strategy', 'abc', 'none, rebootstrap'],
      ['acks', '2', 'all, -1, 0, 1'],
      ['linger.ms', -1, '[0,...]'],
      ['max.block.ms', -5, '[0,...]'],
      ['delivery.timeout.ms', -1, '[0,...]'],
      ['compression.gzip.level', 12, '[1,...,9]'],
      ['compression.lz4.level', 18, '[1,...,17]'],
      ['compression.zstd.level', 23, '[-131072,...,22]'],
      ['max.in.flight.requests.per.connection', 0, '[1,...]'],
    ] as const) {
      const make = () => configWith({ [key]: value })
      expect(make).toThrow(ConfigException)
      expect(make).toThrow(key)
      expect(make).toThrow(String(value))
      expect(make).toThrow(allowed)
    }
  })

  it('cannot do without serializers', () => {
    covers('ProducerConfigTest.testAppendSerializerToConfigWithException')
    const { 'key.serializer': _, ...withoutKey } = REQUIRED
    expect(() => new ProducerConfig(withoutKey)).toThrow(/'key\.serializer'/)
    expect(() => configWith({ 'value.serializer': null })).toThrow(ConfigException)
    expect(configWith().get('key.serializer')).toBe(ByteArraySerializer)
    const serializer = new StringSerializer()
    expect(configWith({ 'key.serializer': serializer }).get('key.serializer')).toBe(serializer)
  })

  it('say plainly that transactions are not there yet', () => {
    expect(() => configWith({ 'transactional.id': 'tx' })).toThrow(/transactional\.id.*not there/)
  })

  it('are checked by the compiler', () => {
    const input: ProducerConfigInput<Uint8Array, string> = { ...REQUIRED, 'linger.ms': '7' }
    // @ts-expect-error the name is mistyped
    const mistyped: ProducerConfigInput<Uint8Array, string> = { ...REQUIRED, 'linger.msec': 7 }
    // @ts-expect-error a text where a number belongs
    const wrong: ProducerConfigInput<Uint8Array, string> = { ...REQUIRED, 'batch.size': 'big' }
    expect(new ProducerConfig(input as never).get('linger.ms')).toBe(7)
    expect(() => new ProducerConfig(wrong as never)).toThrow(ConfigException)

    const logger = new RecordingLogger()
    new ProducerConfig(mistyped as never).logUnused(logger)
    expect(logger.messages('warn')[0]).toMatch(/'linger\.msec'.*Did you mean 'linger\.ms'\?/)
  })

  it('take a name of their own when none is given', () => {
    const random = new SeededRandom(1)
    expect(configWith().clientId(random)).toMatch(/^producer-\w+$/)
    expect(configWith({ 'client.id': 'mine' }).clientId(random)).toBe('mine')
  })

  it('keep a reconnect back-off constant that was chosen without a maximum', () => {
    const config = configWith({ 'reconnect.backoff.ms': 5000 })
    expect(config.get('reconnect.backoff.max.ms')).toBe(5000)
  })

  it('document every one of themselves', () => {
    for (const name of PRODUCER_CONFIG.names()) {
      expect(PRODUCER_CONFIG.configKey(name)?.documentation.length).toBeGreaterThan(20)
    }
  })
})

describe('delivery.timeout.ms', () => {
  const configured = (more: object) => {
    const warnings: string[] = []
    const ms = configureDeliveryTimeout(configWith(more), (message) => warnings.push(message))
    return { ms, warnings }
  }

  it('must leave time for one attempt', () => {
    expect(() => configured({ 'delivery.timeout.ms': 1000, 'linger.ms': 1000 })).toThrow(
      /delivery\.timeout\.ms.*linger\.ms.*request\.timeout\.ms/,
    )
    const exact = { 'delivery.timeout.ms': 1000, 'linger.ms': 999, 'request.timeout.ms': 1 }
    expect(configured(exact)).toEqual({ ms: 1000, warnings: [] })
  })

  it('is raised when it was not chosen', () => {
    const { ms, warnings } = configured({ 'linger.ms': 200_000 })
    expect(ms).toBe(230_000)
    expect(warnings).toHaveLength(1)
    expect(configured({ 'linger.ms': 2 ** 40 }).ms).toBe(2 ** 31 - 1)
  })
})
