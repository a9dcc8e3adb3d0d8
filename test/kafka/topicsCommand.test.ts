/**
 * The commands `topics` and `consume` beside Kafka's own tools, at Apache Kafka's own broker: the
 * same arguments, the same output, the same exit code.
 */

import { afterAll, expect, inject, test, vi } from 'vitest'
import { systemEnvironment } from '../../src/network/Environment.ts'
import type { Ended } from '../cli/groupsCli.ts'
import { startCli } from '../cli/runCli.ts'
import { KafkaTool } from './support/KafkaTool.ts'

const bootstrap = inject('realKafka')
const tool = new KafkaTool(inject('tools'))
const DEADLINE = { timeout: 30_000, interval: 100 }
const environment = systemEnvironment()

afterAll(() => tool.stop())

const argsOf = (line: string): string[] => ['--bootstrap-server', bootstrap, ...line.split(' ')]

const ours = (command: string, line: string, input: readonly string[] = []): Promise<Ended> =>
  startCli([command, ...argsOf(line)], { environment, input }).ended

const compareTopics = async (line: string): Promise<Ended> => {
  const theirs = await tool.run('TopicCommand', argsOf(line))
  const { code, out, err } = await ours('topics', line)
  const firstOf = (text: string) => text.split('\n')[0]
  expect({ code, out }, line).toEqual({ code: theirs.code, out: theirs.out })
  // Of arguments that cannot be: why; behind it stands the help of each.
  if (/^Option|^Command|^Missing/.test(theirs.err)) expect(firstOf(err)).toBe(firstOf(theirs.err))
  return { code, out, err }
}

test('topics are listed, described and refused in the same words', async () => {
  const config = '--config retention.ms=3600000 --config cleanup.policy=compact'
  await ours('topics', `--create --topic cli-red --partitions 3 ${config}`)
  await tool.run('TopicCommand', argsOf('--create --topic cli-green --replica-assignment 1,1'))
  // A broker hears of new topics a moment later.
  const listed = async () => (await ours('topics', '--list --topic cli-.*')).out
  await vi.waitUntil(async () => (await listed()) === 'cli-green\ncli-red\n', DEADLINE)
  const described = await compareTopics('--describe --topic cli-.*')
  expect(described.out).toContain('Topic: cli-green')
  await compareTopics('--list --topic cli-.*')
  await compareTopics('--list --exclude-internal')
  await compareTopics('--describe --topic cli-.* --topics-with-overrides')
  await compareTopics('--describe --topic cli-.* --under-replicated-partitions')
  await compareTopics('--describe --topic cli-.* --at-min-isr-partitions')
  await compareTopics('--describe --topic cli-.* --under-min-isr-partitions')
  await compareTopics('--create --topic cli-red')
  await compareTopics('--create --topic cli-red --if-not-exists')
  await compareTopics('--describe --topic cli-absent')
  await compareTopics('--describe --topic cli-absent --if-exists')
  await compareTopics('--delete --topic cli-absent')
  // Each deletes one of the two.
  const theirs = await tool.run('TopicCommand', argsOf('--delete --topic cli-green'))
  const { code, out } = await ours('topics', '--delete --topic cli-red')
  expect({ code, out }).toEqual({ code: theirs.code, out: theirs.out })
  await compareTopics('--create')
  await compareTopics('--list --partitions 3')
  await compareTopics('--describe --topics-with-overrides --unavailable-partitions')
})

test('records come out in the same lines', async () => {
  await ours('topics', '--create --topic cli-records')
  const properties = ['parse.key=true', 'parse.headers=true', 'null.marker=NULL']
  const input = ['a:1,b:NULL\tkey\tvalue', 'NULL\tNULL\tplain', 'c:2\tkey\tNULL']
  const produce = properties.map((property) => `--reader-property ${property}`).join(' ')
  expect(await ours('produce', `--topic cli-records ${produce}`, input)).toMatchObject({ code: 0 })
  const shown = ['timestamp', 'partition', 'offset', 'headers', 'key', 'value']
  const print = shown.map((what) => `--formatter-property print.${what}=true`).join(' ')
  for (const how of [
    print,
    '',
    '--formatter-property key.separator=| --formatter-property print.key=true',
  ]) {
    const line = `--topic cli-records --partition 0 --offset 0 --max-messages 3 ${how}`.trim()
    const theirs = await tool.run('consumer.ConsoleConsumer', argsOf(line))
    const { out, err } = await ours('consume', line)
    expect(out, line).toBe(theirs.out)
    expect(theirs.err).toContain(err)
    expect(out.split('\n')).toHaveLength(4)
  }
})
