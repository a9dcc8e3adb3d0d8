/** The parts of the `groups` command that need no cluster. */

import { describe, expect, test } from 'vitest'
import { CommandFailure } from '../../src/cli/groups/CommandFailure.ts'
import { exportOffsetsToCsv, parseResetPlan } from '../../src/cli/groups/csv.ts'
import { getDateTime } from '../../src/cli/groups/getDateTime.ts'
import { checkArgs } from '../../src/cli/groups/groupsOptions.ts'
import { parseTopicsWithPartitions } from '../../src/cli/groups/OffsetsUtils.ts'
import { parseProperties } from '../../src/cli/properties.ts'
import { UsageError } from '../../src/cli/UsageError.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { TopicPartitionMap } from '../../src/common/TopicPartitionMap.ts'
import { parseGroups } from './groupsCli.ts'

const check = (line: string): { action: string; warnings: string[] } => {
  const { word, flags } = parseGroups(['--bootstrap-server', 'x:1', ...line.split(' ')])
  const warnings: string[] = []
  return { action: checkArgs(word, flags, (warning) => warnings.push(warning)), warnings }
}

describe('the arguments', () => {
  test.each([
    ['list', 'list'],
    ['--list --state stable', 'list'],
    ['describe --group g --members --verbose', 'describe'],
    ['--describe --all-groups --state', 'describe'],
    ['reset-offsets --group g --topic t --shift-by -5 --dry-run', 'reset-offsets'],
    ['--delete-offsets --group g --topic t', 'delete-offsets'],
    ['delete --group g --group h', 'delete'],
  ])('%s', (line, action) => {
    expect(check(line)).toEqual({ action, warnings: [] })
  })

  test.each([
    ['--verbose', 'Option(s) [verbose] are unavailable'],
    ['--group g', 'Command must include exactly one action: --list, --describe'],
    ['destroy --group g', 'Command must include exactly one action'],
    ['list --members', 'Option(s) [members] are unavailable given other options'],
    ['describe --all-groups --type', 'Option(s) [type] are unavailable'],
    ['list --group g', 'Option "[group]" can\'t be used with option "[list]"'],
    ['describe --group g --topic t', 'Option "[topic]" can\'t be used with option "[describe]"'],
    ['describe --group g --all-groups', '"[group]" can\'t be used with option "[all-groups]"'],
    ['describe', 'Option [describe] takes one of these options: [group], [all-groups]'],
    ['describe --group g --offsets --state', 'takes at most one of these options'],
    ['describe --group g --state stable', 'Option [describe] does not take a value for [state]'],
    ['delete', 'Option [delete] takes one of these options'],
    ['delete --group g --topic t', 'does not support topic-specific offset deletion'],
    ['delete-offsets --group g', 'Option [delete-offsets] takes the following options'],
    ['reset-offsets --dry-run', 'Option [reset-offsets] takes one of these options'],
    ['reset-offsets --group g --dry-run --execute', 'only accepts one of [execute] and [dry-run]'],
    [
      'reset-offsets --group g --dry-run --to-offset 1 --to-latest',
      'Option "[to-offset]" can\'t be used with option "[to-latest]"',
    ],
  ])('%s cannot be', (line, message) => {
    expect(() => check(line)).toThrow(UsageError)
    expect(() => check(line)).toThrow(message)
  })

  test('a Kafka to connect to is asked for before all else', () => {
    const { word, flags } = parseGroups(['describe'])
    expect(() => checkArgs(word, flags, () => {})).toThrow(
      'Missing required argument "[bootstrap-server]"',
    )
  })

  test('a number has to be one', () => {
    expect(() => check('reset-offsets --group g --to-offset soon')).toThrow('whole number')
  })

  test('a reset that says neither is a dry run, with a warning', () => {
    const { warnings } = check('reset-offsets --group g --to-latest --topic t')
    expect(warnings).toEqual([expect.stringContaining('--execute option is missing')])
  })
})

describe('partitions of a topic', () => {
  test('are named after a colon', () => {
    expect(parseTopicsWithPartitions('a:0,12').map(String)).toEqual(['a-0', 'a-12'])
  })

  test.each(['a:', ':1', 'a:1:2', 'a:1,x', 'a:'])('%s cannot be', (text) => {
    expect(() => parseTopicsWithPartitions(text)).toThrow(/Invalid (topic arg|partition)/)
  })
})

describe('a moment', () => {
  test.each([
    ['2023-11-14T22:13:20.000', 1_700_000_000_000],
    ['2023-11-14T22:13:20.000Z', 1_700_000_000_000],
    ['2023-11-15T00:13:20.000+02:00', 1_700_000_000_000],
    ['2023-11-15T00:13:20.000+0200', 1_700_000_000_000],
    ['2023-11-14T20:43:20.001-01:30', 1_700_000_000_001],
    ['1970-01-01T01:00:00.000+01', 0],
    ['2024-02-29T00:00:00.000', 1_709_164_800_000],
  ])('%s', (text, ms) => {
    expect(getDateTime(text)).toBe(ms)
  })

  test.each([
    'yesterday',
    '2023-11-14',
    '2023-11-14T22:13:20',
    '2023-02-29T00:00:00.000',
    '2023-11-14T24:00:00.000',
    '2023-13-14T22:13:20.000',
  ])('%s cannot be', (text) => {
    expect(() => getDateTime(text)).toThrow(CommandFailure)
  })
})

describe('offsets in a file', () => {
  const offsets = (...of: [string, number, number][]) =>
    new TopicPartitionMap(of.map(([topic, p, offset]) => [new TopicPartition(topic, p), offset]))

  test('come out as they went in, with the group or without', () => {
    const one = new Map([['g', offsets(['orders', 0, 5], ['orders', 1, 0])]])
    const both = new Map([...one, ['a "quoted", group', offsets(['orders', 0, 7])]])
    expect(exportOffsetsToCsv(one, true)).toBe('orders,0,5\norders,1,0\n')
    const lines = exportOffsetsToCsv(both, false)
    expect(lines).toContain('"a ""quoted"", group",orders,0,7\n')
    const shown = (plan: ReadonlyMap<string, TopicPartitionMap<number>>) =>
      Array.from(plan, ([group, of]) => `${group} ${of}`)
    expect(shown(parseResetPlan(exportOffsetsToCsv(one, true), ['g']))).toEqual(shown(one))
    expect(shown(parseResetPlan(lines, [...both.keys()]))).toEqual(shown(both))
    // Also one group's lines may name it.
    expect(shown(parseResetPlan('g,orders,0,5\ng,orders,1,0\n', ['g']))).toEqual(shown(one))
  })

  test.each(['orders,0', 'orders,x,1', 'orders,0,1\ng,orders,0,1', 'a,b,c,d,e'])(
    '%j is refused with the number of its line',
    (text) => {
      expect(() => parseResetPlan(text, ['g'])).toThrow(/Line \d of the reset plan is not/)
    },
  )
})

describe('a file of properties', () => {
  test('has one setting in each line', () => {
    const text = [
      '# a comment',
      '   ! another one',
      'a=1',
      'b : 2',
      'c 3 4',
      'd',
      'e = x=y ',
      '',
      'f = first \\',
      '    second',
      'g\\ h = tab\\tand \\u00e9',
      'a=last',
    ].join('\r\n')
    expect(parseProperties(text)).toEqual({
      a: 'last',
      b: '2',
      c: '3 4',
      d: '',
      e: 'x=y ',
      f: 'first second',
      'g h': 'tab\tand é',
    })
  })
})
