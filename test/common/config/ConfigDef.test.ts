import { describe, expect, test } from 'vitest'
import { ConfigDef, defineConfigs } from '../../../src/common/config/ConfigDef.ts'
import type { Definition } from '../../../src/common/config/ConfigTypes.ts'
import { Password } from '../../../src/common/config/Password.ts'
import {
  allOf,
  atLeast,
  between,
  caseInsensitiveValidString,
  listSizeAtMost,
  nonEmptyString,
  nonEmptyStringWithoutControlChars,
  nonNull,
  type Validator,
  validList,
  validListIn,
  validString,
} from '../../../src/common/config/validators.ts'
import { ConfigException, IllegalArgumentException } from '../../../src/common/errors.ts'
import { covers } from '../../support/covers.ts'

const docs = { importance: 'high', documentation: 'docs' } as const

/** A definition of one setting, for tests that go through its types as data. */
const only = (definition: Record<string, unknown>): ConfigDef<{ name: Definition }> =>
  new ConfigDef({ name: { ...docs, ...definition } as unknown as Definition })

const parseOnly = (definition: Record<string, unknown>, value: unknown): unknown =>
  only(definition).parseProperties({ name: value }).name

class Plugin {}

describe('ConfigDef.parse', () => {
  test('values and texts become values of their types', () => {
    covers('ConfigDefTest.testBasicTypes', 'ConfigDefTest.testNestedClass')
    const def = new ConfigDef({
      a: { type: 'int', default: 5, validator: between(0, 14), ...docs },
      b: { type: 'long', ...docs },
      c: { type: 'string', default: 'hello', ...docs },
      d: { type: 'list', ...docs },
      e: { type: 'double', ...docs },
      f: { type: 'class', ...docs },
      g: { type: 'boolean', ...docs },
      h: { type: 'boolean', ...docs },
      i: { type: 'boolean', ...docs },
      j: { type: 'password', ...docs },
      k: { type: 'short', ...docs },
    })
    const values = def.parseProperties({
      a: '1   ',
      b: 2,
      d: ' a , b, c',
      e: 42.5,
      f: Plugin,
      g: 'true',
      h: 'FalSE',
      i: true,
      j: 'password',
      k: '-32768',
    })

    expect({ ...values, j: values.j.value() }).toEqual({
      a: 1,
      b: 2,
      c: 'hello',
      d: ['a', 'b', 'c'],
      e: 42.5,
      f: Plugin,
      g: true,
      h: false,
      i: true,
      j: 'password',
      k: -32768,
    })
  })

  test.each([
    ['int', ['hello', '42.5', 42.5, 2 ** 31, -(2 ** 31) - 1, '9223372036854775807', {}, '', true]],
    ['short', [32768, '-32769', 'x']],
    ['long', ['hello', '42.5', '922337203685477580700', 2 ** 53, {}, '0x10']],
    ['double', ['hello', {}, '', '1,5']],
    ['string', [{}, 5, true]],
    ['list', [53, {}, true]],
    ['boolean', ['hello', 'truee', 'fals', 1, {}]],
    ['class', ['ClassDoesNotExist', 5]],
    ['password', [5, {}]],
  ] as const)('a bad value for %s is refused, naming the key', (type, values) => {
    covers('ConfigDefTest.testBadInputs')
    for (const value of values) {
      expect(() => parseOnly({ type }, value)).toThrow(ConfigException)
      expect(() => parseOnly({ type }, value)).toThrow(/'name'/)
    }
  })

  test('the message of a bad value names key, value and what is allowed', () => {
    const definition = { type: 'int', validator: between(0, 10) }

    expect(() => parseOnly(definition, 11)).toThrow(
      "Invalid value 11 for configuration 'name': it must be at most 10, allowed is [0,...,10]",
    )
    expect(() => parseOnly(definition, 'abc')).toThrow(
      "Invalid value 'abc' for configuration 'name': " +
        'expected a 32-bit integer, and this is no whole number, allowed is [0,...,10]',
    )
  })

  test("a password's value never stands in a message", () => {
    expect(() => parseOnly({ type: 'password' }, { secret: 'x' })).toThrow(/\[hidden\]/)
    expect(() =>
      parseOnly({ type: 'password', validator: validString('x') }, 'my secret'),
    ).not.toThrow(/my secret/)
  })

  test('the largest long of Java means no limit, and is read as the largest safe integer', () => {
    expect(parseOnly({ type: 'long' }, '9223372036854775807')).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('a missing key without default is named, with the key that was meant for it', () => {
    covers('ConfigDefTest.testMissingRequired')
    const def = new ConfigDef({ 'bootstrap.servers': { type: 'list', ...docs } })

    expect(() => def.parseProperties({})).toThrow(/'bootstrap.servers', which has no default/)
    expect(() => def.parseProperties({ bootstrapServers: 'a:1' })).toThrow(/'bootstrapServers'/)
  })

  test('null and the empty text are defaults like others; undefined counts as absent', () => {
    covers(
      'ConfigDefTest.testNullDefault',
      'ConfigDefTest.testParsingEmptyDefaultValueForStringFieldShouldSucceed',
      'ConfigDefTest.testNullDefaultWithValidator',
    )
    const def = new ConfigDef({
      a: { type: 'int', default: null, ...docs },
      b: { type: 'string', default: '', ...docs },
    })
    const required = new ConfigDef({
      c: { type: 'string', validator: validString('ONE', 'TWO'), ...docs },
    })

    expect(def.parse({ a: undefined })).toEqual({ a: null, b: '' })
    expect(required.parse({ c: 'ONE' })).toEqual({ c: 'ONE' })
    expect(() => required.parseProperties({ c: undefined })).toThrow(ConfigException)
  })

  test('names of Object are no keys', () => {
    expect(only({ type: 'int', default: 1 }).has('toString')).toBe(false)
    const { name } = only({ type: 'string', default: 'x' }).parseProperties(
      Object.create({ name: 'inherited' }),
    )
    expect(name).toBe('x')
  })
})

describe('a definition', () => {
  test.each([
    { type: 'int', default: 'hello' },
    { type: 'int', default: -1, validator: between(0, 10) },
    { type: 'string', default: 'bad', validator: validString('valid', 'values') },
  ])('with a default that cannot be is refused when it is made', (definition) => {
    covers(
      'ConfigDefTest.testInvalidDefault',
      'ConfigDefTest.testInvalidDefaultRange',
      'ConfigDefTest.testInvalidDefaultString',
    )
    expect(() => only(definition)).toThrow(ConfigException)
  })

  test('knows its names, definitions and defaults', () => {
    covers('ConfigDefTest.testNames')
    const def = new ConfigDef({
      a: { type: 'string', ...docs },
      b: { type: 'int', default: 7, ...docs },
    })
    def.names().pop()

    expect(def.names()).toEqual(['a', 'b'])
    expect(def.defaultValues()).toEqual({ b: 7 })
    expect([def.hasDefault('a'), def.hasDefault('b')]).toEqual([false, true])
    expect(def.configKey('b')?.type).toBe('int')
    expect(def.configKey('c')).toBeUndefined()
  })

  test('may share settings with another', () => {
    const COMMON = defineConfigs({ 'client.id': { type: 'string', default: '', ...docs } })
    const def = new ConfigDef({ ...COMMON, x: { type: 'int', default: 1, ...docs } })

    expect(def.parse({ 'client.id': 'me' })).toEqual({ 'client.id': 'me', x: 1 })
  })

  test('an internal setting is parsed like others', () => {
    covers('ConfigDefTest.testCanAddInternalConfig')
    expect(parseOnly({ type: 'string', default: '', internal: true }, 'value')).toBe('value')
  })
})

describe('validators', () => {
  const check = (type: string, validator: Validator, good: unknown[], bad: unknown[]): void => {
    for (const value of good) expect(() => parseOnly({ type, validator }, value)).not.toThrow()
    for (const value of bad) {
      expect(() => parseOnly({ type, validator }, value)).toThrow(ConfigException)
    }
  }

  test('let the good through and refuse the bad', () => {
    covers('ConfigDefTest.testValidators')
    check('int', between(0, 10), [0, 5, 10], [-1, 11, null])
    check('long', atLeast(3), [3, '4'], [2, null])
    check('double', atLeast(0), [0.5], [Number.NaN, -0.1])
    check('string', validString('good', 'values'), ['good', 'values'], ['bad', 'GOOD', null])
    check('string', caseInsensitiveValidString('good'), ['gOOd'], ['Bad', null])
    check('list', validListIn(['1', '2', '3']), ['1', '1,2,3', ''], ['4', '1,,2', null])
    check('string', nonNull, ['abb'], [null])
    check('string', nonEmptyString, ['a', null], ['', '  '])
    check('string', allOf(nonNull, validString('a', 'b')), ['a'], [null, -1, 'c'])
    check(
      'string',
      nonEmptyStringWithoutControlChars,
      ['test/test', 'test\u1234', '/+%>&):??<&()?-', '     test   \n\r', '\n  hello \t', null],
      ['nontrailing\nnotallowed', 'as\u0001cii', 'tes\rt', 'test\btest', '1\t2', '', 'x\u0085y'],
    )
  })

  test('show their range', () => {
    covers('ConfigDefTest.testListSizeValidatorToString')
    expect(String(atLeast(0))).toBe('[0,...]')
    expect(String(between(1, 5))).toBe('[1,...,5]')
    expect(String(validString('a', 'b'))).toBe('[a, b]')
    expect(String(caseInsensitiveValidString('a'))).toBe('(case insensitive) [a]')
    expect(String(listSizeAtMost(5))).toBe('List containing maximum of 5 elements')
    expect(String(validList([]))).toBe('')
    expect(String(allOf(nonNull, atLeast(1)))).toBe('non-null string, [1,...]')
  })

  test('a list may have so many elements and no more', () => {
    covers(
      'ConfigDefTest.testThrowsExceptionWhenListSizeExceedsLimit',
      'ConfigDefTest.testNoExceptionIsThrownWhenListSizeEqualsTheLimit',
      'ConfigDefTest.testNoExceptionIsThrownWhenListSizeIsBelowTheLimit',
    )
    const lst = (size: number) =>
      only({ type: 'list', default: 'a,b', validator: listSizeAtMost(size) })

    expect(() => lst(1)).toThrow(
      "Invalid value ['a', 'b'] for configuration 'name': it has 2 elements, allowed are 1",
    )
    expect(lst(2).parseProperties({}).name).toEqual(['a', 'b'])
    expect(() => lst(3)).not.toThrow()
  })

  test('a list of any different values may or may not be empty or null', () => {
    covers('ConfigDefTest.testListValidatorAnyNonDuplicateValues')
    const all = validList([], { nullAllowed: true })
    const notEmpty = validList([], { emptyAllowed: false, nullAllowed: true })
    const notNull = validList([])
    const valid = (validator: Validator, value: unknown) => () => validator.ensureValid('x', value)

    for (const validator of [all, notEmpty, notNull]) {
      expect(valid(validator, ['a', 'b'])).not.toThrow()
      expect(valid(validator, ['a', 'a'])).toThrow(/twice/)
      expect(valid(validator, ['a', ''])).toThrow(/may be empty/)
    }
    expect(valid(all, [])).not.toThrow()
    expect(valid(all, null)).not.toThrow()
    expect(valid(notEmpty, [])).toThrow(/must not be empty/)
    expect(valid(notNull, null)).toThrow(/must not be null/)
  })

  test('a list of known values may need at least one', () => {
    covers('ConfigDefTest.testListValidatorIn')
    const validator = validListIn(['a', 'b', 'c'], false)

    expect(() => validator.ensureValid('x', ['a', 'b'])).not.toThrow()
    expect(() => validator.ensureValid('x', ['d'])).toThrow(/'d' is none of/)
    expect(() => validator.ensureValid('x', [])).toThrow(/valid are a, b, c/)
    expect(() => validListIn([], false)).toThrow(IllegalArgumentException)
  })

  test('a list that may have no value twice drops the second', () => {
    covers('ConfigDefTest.testParsedValueWillRemoveDuplicatesInValidList')
    expect(parseOnly({ type: 'list', validator: validListIn(['a', 'b']) }, 'a, b, a')).toEqual([
      'a',
      'b',
    ])
    expect(parseOnly({ type: 'list' }, 'a,a')).toEqual(['a', 'a'])
  })
})

describe('the nearest name', () => {
  const def = new ConfigDef({
    'linger.ms': { type: 'long', default: 5, ...docs },
    'batch.size': { type: 'int', default: 16384, ...docs },
    'max.request.size': { type: 'int', default: 1048576, ...docs },
  })

  test.each([
    ['linger.msec', 'linger.ms'],
    ['lingerMs', 'linger.ms'],
    ['LINGER_MS', 'linger.ms'],
    ['batchSize', 'batch.size'],
    ['max.request.szie', 'max.request.size'],
  ])('for %s is %s', (written, meant) => {
    expect(def.nearestName(written)).toBe(meant)
  })

  test('for another word there is none', () => {
    expect(def.nearestName('my.serializer.charset')).toBeUndefined()
    expect(def.nearestName('')).toBeUndefined()
  })
})

describe('Password', () => {
  test('shows itself nowhere, and is equal to one of the same text', () => {
    covers('ConfigDefTest.testSslPasswords')
    const password = parseOnly({ type: 'password' }, 'key_password') as Password

    expect(password.value()).toBe('key_password')
    expect(`${password} ${JSON.stringify({ password })}`).toBe('[hidden] {"password":"[hidden]"}')
    expect(Object.values(password)).toEqual([])
    expect(password.equals(new Password('key_password'))).toBe(true)
    expect(password.equals(new Password('other'))).toBe(false)
  })
})

describe('a refused setting', () => {
  const def = new ConfigDef({
    'secret.size': { type: 'int', default: 5, refused: 'there are no secrets', ...docs },
    secrets: { type: 'list', default: ['a', 'b'], refused: 'there are no secrets', ...docs },
    'secret.class': { type: 'class', default: null, refused: 'no class loader', ...docs },
    size: { type: 'int', default: 1, ...docs },
  })

  test('has its default, and may be written with it, as a value or as a text', () => {
    for (const given of [
      {},
      { 'secret.size': 5, secrets: ['a', 'b'], 'secret.class': null },
      { 'secret.size': ' 5', secrets: 'a,b', 'secret.class': undefined },
    ]) {
      expect(def.parseProperties(given)).toEqual({
        'secret.size': 5,
        secrets: ['a', 'b'],
        'secret.class': null,
        size: 1,
      })
    }
  })

  test('takes nothing else, and the reason is told before anything is said of the value', () => {
    for (const [name, value, reason] of [
      ['secret.size', 6, 'there are no secrets'],
      ['secret.size', 'not even a number', 'there are no secrets'],
      ['secrets', ['a'], 'there are no secrets'],
      ['secret.class', 'org.example.Secret', 'no class loader'],
    ] as const) {
      const parse = () => def.parseProperties({ [name]: value })
      expect(parse).toThrow(ConfigException)
      expect(parse).toThrow(`Configuration '${name}' is refused: ${reason}. Leave it out.`)
    }
  })

  test('cannot be written where a compiler looks', () => {
    // @ts-expect-error it is refused
    expect(() => def.parse({ 'secret.size': 6 })).toThrow(ConfigException)
    expect(def.parse({ size: 2 })['secret.size']).toBe(5)
  })
})
