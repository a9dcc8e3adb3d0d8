import { describe, expect, test } from 'vitest'
import { ConfigDef } from '../../../src/common/config/ConfigDef.ts'
import {
  niceMemoryUnits,
  niceTimeUnits,
  toMarkdownTable,
  toRefusedTable,
} from '../../../src/common/config/ConfigDocs.ts'
import { Password } from '../../../src/common/config/Password.ts'
import { convertToString } from '../../../src/common/config/parseType.ts'
import { validString } from '../../../src/common/config/validators.ts'
import { covers } from '../../support/covers.ts'

const DEF = new ConfigDef({
  opt1: {
    type: 'string',
    default: 'a',
    validator: validString('a', 'b'),
    importance: 'high',
    documentation: 'one | two\n  and more',
  },
  opt2: { type: 'int', importance: 'medium', documentation: 'docs2' },
  'wait.ms': { type: 'long', default: 300_000, importance: 'high', documentation: 'docs3' },
  'size.bytes': { type: 'int', default: 65_536, importance: 'low', documentation: 'docs4' },
  empty: { type: 'string', default: '', importance: 'low', documentation: 'docs5' },
  none: { type: 'list', default: null, importance: 'low', documentation: 'docs6' },
  hidden: { type: 'int', default: 1, importance: 'low', documentation: 'docs7', internal: true },
  'no.1': { type: 'int', default: 1, importance: 'high', documentation: 'docs8', refused: 'why' },
})

describe('the table of settings', () => {
  test('leaves out what is refused, which stands in a table with the reasons', () => {
    expect(toMarkdownTable(DEF)).not.toContain('no.1')
    expect(toRefusedTable(DEF).split('\n')).toEqual([
      '| Name | What it is for | Refused because |',
      '| --- | --- | --- |',
      '| no.1 | docs8 | why |',
      '',
    ])
  })

  test('has what must be given first, then the important, and shows large numbers readably', () => {
    expect(toMarkdownTable(DEF).split('\n')).toEqual([
      '| Name | Description | Type | Default | Valid Values | Importance |',
      '| --- | --- | --- | --- | --- | --- |',
      '| opt2 | docs2 | int |  |  | medium |',
      '| opt1 | one \\| two and more | string | a | [a, b] | high |',
      '| wait.ms | docs3 | long | 300000 (5 minutes) |  | high |',
      '| empty | docs5 | string | "" |  | low |',
      '| none | docs6 | list | null |  | low |',
      '| size.bytes | docs4 | int | 65536 (64 kibibytes) |  | low |',
      '',
    ])
  })

  test('does not show internal settings', () => {
    covers('ConfigDefTest.testInternalConfigDoesntShowUpInDocs')
    expect(toMarkdownTable(DEF)).not.toContain('hidden')
  })

  test('can say how a running broker takes a change', () => {
    covers('ConfigDefTest.testDynamicUpdateModeInDocs')
    const table = toMarkdownTable(DEF, { opt1: 'per-broker', opt2: 'cluster-wide' })

    expect(table).toMatch(/\| opt1 .*\| per-broker \|/)
    expect(table).toMatch(/\| opt2 .*\| cluster-wide \|/)
    expect(table).toMatch(/\| wait.ms .*\| read-only \|/)
  })

  test('shows every kind of value as a text', () => {
    covers(
      'ConfigDefTest.testConvertValueToStringBoolean',
      'ConfigDefTest.testConvertValueToStringShort',
      'ConfigDefTest.testConvertValueToStringInt',
      'ConfigDefTest.testConvertValueToStringString',
      'ConfigDefTest.testConvertValueToStringPassword',
      'ConfigDefTest.testConvertValueToStringList',
      'ConfigDefTest.testConvertValueToStringClass',
      'ConfigDefTest.testConvertValueToStringNestedClass',
      'ConfigDefTest.testConvertValueToStringNullType',
    )
    class Nested {}

    expect([true, 32767, 2147483647, 'foobar'].map(convertToString)).toEqual([
      'true',
      '32767',
      '2147483647',
      'foobar',
    ])
    expect(convertToString(new Password('foobar'))).toBe('[hidden]')
    expect(convertToString(['a', 'bc', 'd'])).toBe('a,bc,d')
    expect(convertToString(Nested)).toBe('Nested')
    expect(convertToString(new Nested())).toBe('Nested')
    expect(convertToString(null)).toBeNull()
  })
})

describe('units', () => {
  test.each([
    [0, ''],
    [1023, ''],
    [1024, ' (1 kibibyte)'],
    [1025, ''],
    [2 * 1024, ' (2 kibibytes)'],
    [1024 ** 2, ' (1 mebibyte)'],
    [2 * 1024 ** 3, ' (2 gibibytes)'],
    [1024 ** 4, ' (1 tebibyte)'],
    [1024 ** 5, ' (1024 tebibytes)'],
  ])('%i bytes are shown as%s', (bytes, text) => {
    covers('ConfigDefTest.testNiceMemoryUnits')
    expect(niceMemoryUnits(bytes)).toBe(text)
  })

  test.each([
    [0, ''],
    [999, ''],
    [1000, ' (1 second)'],
    [2000, ' (2 seconds)'],
    [60_000, ' (1 minute)'],
    [7_200_000, ' (2 hours)'],
    [86_400_000, ' (1 day)'],
    [365 * 86_400_000, ' (365 days)'],
  ])('%i milliseconds are shown as%s', (millis, text) => {
    covers('ConfigDefTest.testNiceTimeUnits')
    expect(niceTimeUnits(millis)).toBe(text)
  })
})
