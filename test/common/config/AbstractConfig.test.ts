import { describe, expect, test } from 'vitest'
import { AbstractConfig } from '../../../src/common/config/AbstractConfig.ts'
import { ConfigDef, type Properties } from '../../../src/common/config/ConfigDef.ts'
import { ofClass } from '../../../src/common/config/ConfigTypes.ts'
import { nonNull } from '../../../src/common/config/validators.ts'
import { ConfigException, KafkaException } from '../../../src/common/errors.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'

const docs = { importance: 'low', documentation: 'docs' } as const

/** What plug-ins did, for one test. */
interface Diary {
  configured: number
  closed: number
  extra: unknown[]
}

const CONFIG = new ConfigDef({
  'metric.reporters': {
    type: 'list',
    default: '',
    validator: nonNull,
    of: ofClass<object>(),
    ...docs,
  },
  'sasl.mechanism': { type: 'string', default: 'GSSAPI', ...docs },
  'sasl.kerberos.kinit.cmd': { type: 'string', default: '/usr/bin/kinit', ...docs },
  'sasl.kerberos.min.time': { type: 'long', default: 60_000, ...docs },
  'ssl.truststore.location': { type: 'string', default: null, ...docs },
  'ssl.key.password': { type: 'password', default: null, ...docs },
  'linger.ms': {
    type: 'long',
    default: 5,
    importance: 'medium',
    documentation: 'how long to wait',
  },
  partitioner: { type: 'class', default: null, of: ofClass<{ name: string }>(), ...docs },
  preprocess: { type: 'string', default: '', ...docs },
})

class TestConfig extends AbstractConfig<typeof CONFIG> {
  constructor(properties: Properties = {}) {
    super(CONFIG, properties)
  }
}

const reporterClass = (diary: Diary, failAt = Number.POSITIVE_INFINITY) =>
  class {
    configure(configs: Properties): void {
      diary.configured++
      diary.extra.push(configs['extra.config'])
      if (diary.configured >= failAt) throw new ConfigException('enough')
    }

    close(): void {
      diary.closed++
    }
  }

const newDiary = (): Diary => ({ configured: 0, closed: 0, extra: [] })

describe('AbstractConfig', () => {
  test('an empty text is an empty list', () => {
    covers('AbstractConfigTest.testEmptyList')

    expect(new TestConfig().get('metric.reporters')).toEqual([])
    expect(new TestConfig({ 'metric.reporters': '' }).get('metric.reporters')).toEqual([])
    expect(new TestConfig({ 'metric.reporters': 'b,c' }).get('metric.reporters')).toEqual([
      'b',
      'c',
    ])
  })

  test('a list of classes gives objects, configured with all settings', () => {
    covers('AbstractConfigTest.testConfiguredInstances', 'AbstractConfigTest.testUnusedConfigs')
    const diary = newDiary()
    const Reporter = reporterClass(diary)
    const ready = new Reporter()
    const config = new TestConfig({
      'metric.reporters': [Reporter, ready],
      'extra.config': 'my_value',
    })
    expect(config.unused()).toContain('extra.config')

    const [made, same] = config.getConfiguredInstances('metric.reporters')

    expect(made).toBeInstanceOf(Reporter)
    expect(same).toBe(ready)
    expect(diary).toEqual({ configured: 1, closed: 0, extra: ['my_value'] })
    expect(config.unused()).not.toContain('extra.config')
  })

  test.each([',', 'some.class.name', 'test1,test2'])(
    'a list with names instead of classes is refused: %s',
    (names) => {
      covers('AbstractConfigTest.testConfiguredInstances')
      const config = new TestConfig({ 'metric.reporters': names })
      expect(() => config.getConfiguredInstances('metric.reporters')).toThrow(KafkaException)
    },
  )

  test('when one of several cannot be configured, those made before and itself are closed', () => {
    covers('AbstractConfigTest.testConfiguredInstancesClosedOnFailure')
    const diary = newDiary()
    const Reporter = reporterClass(diary, 3)
    const config = new TestConfig({ 'metric.reporters': [Reporter, Reporter, Reporter] })

    expect(() => config.getConfiguredInstances('metric.reporters')).toThrow('enough')
    expect(diary).toMatchObject({ configured: 3, closed: 3 })
  })

  test('a close that fails too does not hide the first failure', () => {
    const Stubborn = class {
      configure(): void {
        throw new ConfigException('first')
      }
      close(): void {
        throw new Error('second')
      }
    }
    const config = new TestConfig({ 'metric.reporters': [Stubborn] })

    expect(() => config.getConfiguredInstances('metric.reporters')).toThrow('first')
  })

  test('a class that cannot be made names the setting', () => {
    const Needy = class {
      readonly name: string
      constructor(options: { name: string }) {
        this.name = options.name
      }
    }
    const config = new TestConfig({ partitioner: Needy })

    expect(() => config.getConfiguredInstance('partitioner')).toThrow(/'partitioner'.*Needy/)
    expect(new TestConfig().getConfiguredInstance('partitioner')).toBeNull()
  })

  test('a subclass may change what was written before it is parsed', () => {
    covers('AbstractConfigTest.testPreprocessConfig')
    class Preprocessing extends TestConfig {
      protected override preProcessParsedConfig(originals: Properties): Properties {
        return { ...originals, preprocess: 'success' }
      }
    }
    expect(new Preprocessing().get('preprocess')).toBe('success')
  })

  test('a subclass may derive settings from others, and is held to their types', () => {
    class Deriving extends TestConfig {
      protected override postProcessParsedConfig(values: Properties): Properties {
        return { 'linger.ms': values['sasl.kerberos.min.time'] }
      }
    }
    expect(new Deriving({ 'sasl.kerberos.min.time': 7 }).get('linger.ms')).toBe(7)
    class Wrong extends TestConfig {
      protected override postProcessParsedConfig(): Properties {
        return { 'linger.ms': 'never' }
      }
    }
    expect(() => new Wrong()).toThrow(ConfigException)
  })

  test('originals are what was written, with overrides for once', () => {
    covers('AbstractConfigTest.testOriginalWithOverrides')
    const config = new TestConfig({ 'config.providers': 'file' })

    expect(config.originals()['config.providers']).toBe('file')
    expect(config.originals({ 'config.providers': 'file2' })['config.providers']).toBe('file2')
    expect(config.originals()['config.providers']).toBe('file')
  })

  test('originals with a prefix are read without it, and count as read with it', () => {
    covers('AbstractConfigTest.testOriginalsWithPrefix')
    const config = new TestConfig({ 'foo.bar': 'abc', setting: 'def', 'foo.': 'x' })
    const withPrefix = config.originalsWithPrefix('foo.')
    expect(config.unused()).toContain('foo.bar')

    expect(withPrefix['bar']).toBe('abc')
    expect(config.unused()).not.toContain('foo.bar')
    expect(Object.keys(withPrefix)).toEqual(['bar'])
    expect(Object.keys(config.originalsWithPrefix('foo.', false))).toEqual(['foo.bar'])
  })

  test('a prefixed value stands before one without prefix, and that before the default', () => {
    covers('AbstractConfigTest.testValuesWithPrefixOverride')
    const config = new TestConfig({
      'sasl.mechanism': 'PLAIN',
      'prefix.sasl.mechanism': 'SCRAM',
      'prefix.sasl.kerberos.kinit.cmd': '/usr/bin/kinit2',
      'prefix.ssl.truststore.location': 'my location',
      'prefix.unknown': 'x',
      'linger.ms': 9,
    })
    const values = config.valuesWithPrefixOverride('prefix.')
    expect(config.unused()).toEqual(expect.arrayContaining(['sasl.mechanism', 'linger.ms']))
    expect(config.unused()).toContain('prefix.sasl.mechanism')

    expect(values['sasl.mechanism']).toBe('SCRAM')
    expect(values['sasl.kerberos.kinit.cmd']).toBe('/usr/bin/kinit2')
    expect(values['ssl.truststore.location']).toBe('my location')
    expect(values['linger.ms']).toBe(9)
    expect(values['sasl.kerberos.min.time']).toBe(60_000)
    expect(values['ssl.key.password']).toBeNull()
    expect('unknown' in values).toBe(false)
    expect(config.unused()).toEqual(['prefix.unknown'])
  })

  test('a prefix may be followed by one more part', () => {
    covers('AbstractConfigTest.testValuesWithSecondaryPrefix')
    const config = new TestConfig({
      'listener.name.l1.gssapi.sasl.kerberos.min.time': '70000',
      'listener.name.l1.plain.ssl.key.password': 'secret',
    })
    const values = config.valuesWithPrefixOverride('listener.name.l1.')

    expect(values['gssapi.sasl.kerberos.min.time']).toBe(70_000)
    expect(values['sasl.kerberos.min.time']).toBe(60_000)
    expect(String(values['plain.ssl.key.password'])).toBe('[hidden]')
    expect(config.unused()).toEqual([])
  })

  test('values with a prefix are all there are, if there is one', () => {
    covers('AbstractConfigTest.testValuesWithPrefixAllOrNothing')
    const config = new TestConfig({
      'sasl.mechanism': 'PLAIN',
      'prefix1.sasl.mechanism': 'SCRAM',
      'prefix1.unknown': 1,
    })

    expect(config.valuesWithPrefixAllOrNothing('prefix1.')).toEqual({ 'sasl.mechanism': 'SCRAM' })
    expect(config.valuesWithPrefixAllOrNothing('prefix2.')).toMatchObject({
      'sasl.mechanism': 'PLAIN',
      'linger.ms': 5,
    })
  })

  test('documentation and type of a setting can be asked for', () => {
    covers(
      'AbstractConfigTest.testDocumentationOf',
      'AbstractConfigTest.testDocumentationOfExpectNull',
    )
    const config = new TestConfig()

    expect(config.documentationOf('linger.ms')).toBe('how long to wait')
    expect(config.typeOf('linger.ms')).toBe('long')
    expect(config.documentationOf('xyz')).toBeNull()
    expect(config.typeOf('xyz')).toBeNull()
  })

  test('what was written and never read is reported, unknown names as warnings with a hint', () => {
    const config = new TestConfig({
      'linger.msec': 3,
      'quite.another.thing': 1,
      'sasl.mechanism': 'PLAIN',
      'linger.ms': 9,
      'used.by.plugin': 1,
    })
    const logger = new RecordingLogger()
    config.get('linger.ms')
    config.ignore('used.by.plugin')
    config.logUnused(logger.withPrefix('[Producer] '))

    expect(logger.messages('warn')).toEqual([
      "[Producer] The configuration 'linger.msec' was supplied but is not known. " +
        "Did you mean 'linger.ms'?",
      "[Producer] The configuration 'quite.another.thing' was supplied but is not known.",
    ])
    expect(logger.messages('info')).toEqual([
      '[Producer] These configurations were supplied but are not used: sasl.mechanism',
    ])
  })

  test('all values can be logged, passwords hidden', () => {
    const logger = new RecordingLogger()
    class Chosen {
      readonly name = 'chosen'
    }
    new TestConfig({
      'ssl.key.password': 'secret',
      partitioner: Chosen,
      'metric.reporters': [new Chosen()],
    }).logAll(logger)
    const [text] = logger.messages('info')

    expect(text).toMatch(/^TestConfig values:\n\tlinger\.ms = 5\n\tmetric\.reporters = \[Chosen\]/)
    expect(text).toContain('\tpartitioner = class Chosen')
    expect(text).toContain('\tssl.key.password = [hidden]')
    expect(text).not.toContain('secret')
  })

  test('values are the parsed ones; reading one is noted', () => {
    const config = new TestConfig({ 'linger.ms': '7' })
    const values = config.values()

    expect(config.unused()).toEqual(['linger.ms'])
    expect(values['linger.ms']).toBe(7)
    expect(config.unused()).toEqual([])
  })
})
