import { describe, expect, it } from 'vitest'
import type { Properties } from '../../src/common/config/ConfigDef.ts'
import { ConfigException } from '../../src/common/errors.ts'
import { ByteArraySerializer } from '../../src/common/serialization/ByteArraySerializer.ts'
import { logDisabledIdempotence } from '../../src/producer/internals/idempotenceConfigs.ts'
import { ProducerConfig } from '../../src/producer/ProducerConfig.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

const IN_FLIGHT = 'max.in.flight.requests.per.connection'

const configOf = (settings: Record<string, unknown> = {}): ProducerConfig =>
  new ProducerConfig({
    'bootstrap.servers': 'localhost:9092',
    'key.serializer': ByteArraySerializer,
    'value.serializer': ByteArraySerializer,
    ...settings,
  })

const isIdempotent = (settings: Record<string, unknown> = {}): boolean =>
  configOf(settings).get('enable.idempotence')

const logged = (settings: Record<string, unknown>): string[] => {
  const logger = new RecordingLogger()
  const config = configOf(settings)
  logDisabledIdempotence(config.originals(), config.values() as Properties, logger)
  return logger.messages('info')
}

describe('a producer is idempotent', () => {
  it('by default, with acks=all and retries without end', () => {
    const config = configOf()
    expect(config.get('enable.idempotence')).toBe(true)
    expect(config.acks()).toBe(-1)
    expect(config.get('retries')).toBe(2 ** 31 - 1)
    expect(logged({})).toEqual([])
  })

  it('not with fewer acks: switched off with a log line, or an error when it was asked for', () => {
    covers('KafkaProducerTest.testAcksAndIdempotenceForIdempotentProducers')
    for (const acks of ['0', '1']) {
      expect(isIdempotent({ acks })).toBe(false)
      expect(isIdempotent({ acks, 'enable.idempotence': 'false' })).toBe(false)
      expect(configOf({ acks }).acks()).toBe(Number(acks))
      expect(logged({ acks })).toEqual([
        `Idempotence will be disabled because acks is set to ${acks}, not set to 'all'.`,
      ])
      expect(logged({ acks, 'enable.idempotence': false })).toEqual([])
      const asked = () => configOf({ acks, 'enable.idempotence': 'true' })
      expect(asked).toThrow(ConfigException)
      expect(asked).toThrow(new RegExp(`'enable.idempotence': acks is set to ${acks}`))
      expect(() => configOf({ acks, 'transactional.id': 'tx' })).toThrow(ConfigException)
    }
    expect(isIdempotent({ acks: 'all', 'enable.idempotence': false })).toBe(false)
    expect(isIdempotent({ acks: '-1', 'enable.idempotence': true })).toBe(true)
  })

  it('not without retries: switched off with a log line, or an error when it was asked for', () => {
    covers('KafkaProducerTest.testRetriesAndIdempotenceForIdempotentProducers')
    expect(isIdempotent({ retries: 0 })).toBe(false)
    expect(isIdempotent({ retries: 0, 'enable.idempotence': false })).toBe(false)
    expect(configOf({ retries: 0 }).get('retries')).toBe(0)
    expect(isIdempotent({ retries: 1 })).toBe(true)
    expect(logged({ retries: 0 })).toEqual([
      'Idempotence will be disabled because retries is set to 0.',
    ])
    const asked = () => configOf({ retries: 0, 'enable.idempotence': true })
    expect(asked).toThrow(ConfigException)
    expect(asked).toThrow(/retries is set to 0/)
    expect(() => configOf({ retries: 0, 'transactional.id': 'tx' })).toThrow(ConfigException)
  })

  it('not with more than 5 requests in flight: an error, asked for or not', () => {
    covers(
      'KafkaProducerTest.testInflightRequestsAndIdempotenceForIdempotentProducers',
      'ProducerConfigTest.testUpperboundCheckOfEnableIdempotence',
    )
    expect(configOf({ [IN_FLIGHT]: 6, 'enable.idempotence': false }).get(IN_FLIGHT)).toBe(6)
    for (const asked of [{}, { 'enable.idempotence': true }]) {
      expect(() => configOf({ [IN_FLIGHT]: '6', ...asked })).toThrow(ConfigException)
      expect(() => configOf({ [IN_FLIGHT]: '6', ...asked })).toThrow(
        /Invalid value 6 for.*max\.in\.flight.*idempotent producer it must be at most 5/,
      )
    }
    // As in Kafka, also when something else would have switched it off.
    expect(() => configOf({ [IN_FLIGHT]: 6, acks: '1' })).toThrow(/at most 5/)
    expect(isIdempotent({ [IN_FLIGHT]: 5 })).toBe(true)
    expect(() => configOf({ [IN_FLIGHT]: 6, 'transactional.id': 'tx' })).toThrow(ConfigException)
  })
})
