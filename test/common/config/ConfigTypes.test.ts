/**
 * What TypeScript knows of settings: these tests are checked by the compiler, the run time only
 * agrees.
 */

import { describe, expect, expectTypeOf, test } from 'vitest'
import { AbstractConfig } from '../../../src/common/config/AbstractConfig.ts'
import {
  ConfigDef,
  type ConfigInput,
  type ConfigValues,
  defineConfigs,
} from '../../../src/common/config/ConfigDef.ts'
import { type ClassOrInstance, ofClass, ofType } from '../../../src/common/config/ConfigTypes.ts'
import type { Password } from '../../../src/common/config/Password.ts'
import { atLeast, validString } from '../../../src/common/config/validators.ts'
import { ConfigException } from '../../../src/common/errors.ts'

interface Reporter {
  report(): string
}

class LoudReporter implements Reporter {
  report(): string {
    return 'loud'
  }
}

const docs = { importance: 'medium', documentation: 'docs' } as const

const COMMON = defineConfigs({
  'client.id': { type: 'string', default: '', ...docs },
  'request.timeout.ms': { type: 'int', default: 30_000, validator: atLeast(0), ...docs },
})

const CONFIG = new ConfigDef({
  ...COMMON,
  'bootstrap.servers': { type: 'list', ...docs },
  'linger.ms': { type: 'long', default: 5, validator: atLeast(0), ...docs },
  'compression.type': {
    type: 'string',
    default: 'none',
    validator: validString('none', 'gzip'),
    ...docs,
  },
  'enable.metrics': { type: 'boolean', default: true, ...docs },
  'transactional.id': { type: 'string', default: null, ...docs },
  'ssl.key.password': { type: 'password', default: null, ...docs },
  reporter: { type: 'class', default: null, of: ofClass<Reporter>(), ...docs },
  'metric.reporters': { type: 'list', default: [], of: ofClass<Reporter>(), ...docs },
  ports: { type: 'list', default: [], of: ofType<9092 | 9093>(), ...docs },
})

type Values = ConfigValues<typeof CONFIG>
type Input = ConfigInput<typeof CONFIG>

class TestConfig extends AbstractConfig<typeof CONFIG> {
  constructor(input: Input) {
    super(CONFIG, input)
  }
}

/** Takes settings as a client's constructor does. */
const client = (input: Input): Values => CONFIG.parse(input)

describe('the types of settings', () => {
  test('are inferred from their definitions', () => {
    expectTypeOf<Values['linger.ms']>().toEqualTypeOf<number>()
    expectTypeOf<Values['client.id']>().toEqualTypeOf<string>()
    expectTypeOf<Values['enable.metrics']>().toEqualTypeOf<boolean>()
    expectTypeOf<Values['bootstrap.servers']>().toEqualTypeOf<readonly string[]>()
    expectTypeOf<Values['transactional.id']>().toEqualTypeOf<string | null>()
    expectTypeOf<Values['ssl.key.password']>().toEqualTypeOf<Password | null>()
    expectTypeOf<Values['compression.type']>().toEqualTypeOf<'none' | 'gzip'>()
    expectTypeOf<Values['reporter']>().toEqualTypeOf<ClassOrInstance<Reporter> | null>()
    expectTypeOf<Values['metric.reporters']>().toEqualTypeOf<readonly ClassOrInstance<Reporter>[]>()
    expectTypeOf<Values['ports']>().toEqualTypeOf<readonly (9092 | 9093)[]>()
    expectTypeOf<keyof Values>().toEqualTypeOf<keyof typeof CONFIG.definitions>()
  })

  test('allow texts where a properties file has them', () => {
    const values = client({
      'bootstrap.servers': 'a:9092,b:9092',
      'linger.ms': '20',
      'enable.metrics': 'false',
      'ssl.key.password': 'secret',
      'request.timeout.ms': undefined,
    })

    expect(values['bootstrap.servers']).toEqual(['a:9092', 'b:9092'])
    expect(values['linger.ms']).toBe(20)
    expect(values['enable.metrics']).toBe(false)
  })

  test('take a class or an object of it', () => {
    const servers = 'a:1'
    expect(client({ 'bootstrap.servers': servers, reporter: LoudReporter }).reporter).toBe(
      LoudReporter,
    )
    client({ 'bootstrap.servers': servers, 'metric.reporters': [LoudReporter, new LoudReporter()] })
    // @ts-expect-error a Date reports nothing
    client({ 'bootstrap.servers': servers, reporter: Date })
  })

  test('make an unknown key a compile error', () => {
    // @ts-expect-error 'linger.msec' does not exist
    client({ 'bootstrap.servers': 'a:1', 'linger.msec': 5 })
    // @ts-expect-error neither does 'lingerMs'
    client({ 'bootstrap.servers': 'a:1', lingerMs: 5 })
    const config = new TestConfig({ 'bootstrap.servers': 'a:1' })
    // @ts-expect-error nor can it be asked for
    expect(() => config.get('linger.msec')).toThrow(ConfigException)
  })

  test('make a missing key a compile error', () => {
    // @ts-expect-error 'bootstrap.servers' has no default
    expect(() => client({ 'linger.ms': 5 })).toThrow(ConfigException)
  })

  test('make a value of a wrong type a compile error', () => {
    // @ts-expect-error a text that is no number
    expect(() => client({ 'bootstrap.servers': 'a', 'linger.ms': 'soon' })).toThrow()
    // @ts-expect-error neither true nor false
    expect(() => client({ 'bootstrap.servers': 'a', 'enable.metrics': 'yes' })).toThrow()
    // @ts-expect-error none of the valid texts
    expect(() => client({ 'bootstrap.servers': 'a', 'compression.type': 'rar' })).toThrow()
    // @ts-expect-error null only where it is the default
    expect(() => client({ 'bootstrap.servers': 'a', 'linger.ms': null })).toThrow()
  })

  test('make a default of a wrong type a compile error', () => {
    // @ts-expect-error no number
    expect(() => new ConfigDef({ x: { type: 'int', default: true, ...docs } })).toThrow()
    // @ts-expect-error no such type
    expect(() => new ConfigDef({ x: { type: 'integer', default: 1, ...docs } })).toThrow()
  })

  test('follow get and the making of objects', () => {
    const config = new TestConfig({
      'bootstrap.servers': 'a:1',
      reporter: LoudReporter,
      'metric.reporters': [new LoudReporter(), LoudReporter],
    })
    const reporter = config.getConfiguredInstance('reporter')
    const reporters = config.getConfiguredInstances('metric.reporters')

    expectTypeOf(config.get('linger.ms')).toEqualTypeOf<number>()
    expectTypeOf(config.get('compression.type')).toEqualTypeOf<'none' | 'gzip'>()
    expectTypeOf(reporter).toEqualTypeOf<Reporter | null>()
    expectTypeOf(reporters).toEqualTypeOf<Reporter[]>()
    expect(reporter?.report()).toBe('loud')
    expect(reporters.map((each) => each.report())).toEqual(['loud', 'loud'])
  })
})
