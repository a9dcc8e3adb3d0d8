/**
 * The `groups` command and Kafka's own `ConsumerGroupCommand`, side by side at Apache Kafka's own
 * broker: the same arguments, the same output, the same exit code.
 *
 * What may differ: the order of what Java keeps in a `HashMap`; the packages of exceptions and
 * their texts, which are our own words; stack traces and the usage, which each prints in its own
 * form; what Java logs, which the tool here is told not to.
 */

import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { type Ended, groupsCli } from '../cli/groupsCli.ts'
import { JavaMember, KafkaTool } from './support/KafkaTool.ts'

const bootstrap = inject('realKafka')
const tools = inject('tools')
const GROUPS_TOOL = 'consumer.group.ConsumerGroupCommand'
const ORDERS = 'groups-orders'
const PAYMENTS = 'groups-payments'
const MEMBERS_DEADLINE_MS = 60_000
const IDLE_FILE = `${ORDERS},0,3\n${ORDERS},1,99\n`

const tool = new KafkaTool(tools)
const members: JavaMember[] = []
const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrap })

const fillTopics = async (): Promise<void> => {
  const topic = (name: string, numPartitions: number) => ({
    name,
    numPartitions,
    replicationFactor: 1,
  })
  await admin.createTopics([topic(ORDERS, 3), topic(PAYMENTS, 1)]).all()
  const producer = new KafkaProducer({
    'bootstrap.servers': bootstrap,
    'key.serializer': StringSerializer,
    'value.serializer': StringSerializer,
  })
  for (let i = 0; i < 15; i++) producer.send({ topic: ORDERS, partition: i % 2, value: `${i}` })
  await producer.close()
}

/** What each group is: classic, classic with a static member, of the consumer protocol. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'g-active': { 'client.id': 'worker' },
  'g-static': { 'client.id': 'worker', 'group.instance.id': 'instance-of-a-long-name' },
  'g-modern': { 'client.id': 'worker', 'group.protocol': 'consumer' },
}

/** All members have their partitions, and have committed. */
const settled = async (): Promise<boolean> => {
  const described = await admin.describeConsumerGroups(Object.keys(GROUPS)).all()
  const stable = [...described.values()].every(({ groupState }) => groupState === 'Stable')
  const specs = new Map(Object.keys(GROUPS).map((group) => [group, {}]))
  const offsets = await admin.listConsumerGroupOffsets(specs).all()
  const ends = [...offsets.values()].map((of) => [...of].map(([, at]) => at?.offset).sort())
  return stable && ends.every((of) => of.join() === '0,7,8')
}

beforeAll(async () => {
  await fillTopics()
  for (const [group, settings] of Object.entries(GROUPS)) {
    members.push(new JavaMember(tools, bootstrap, ORDERS, { ...settings, 'group.id': group }))
  }
  const deadline = Date.now() + MEMBERS_DEADLINE_MS
  while (!(await settled().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('The Java consumers have not read all in time')
    await sleep(250)
  }
})

afterAll(async () => {
  await Promise.all(members.map((member) => member.stop()))
  await tool.stop()
  await admin.close()
})

const TEXTS: readonly (readonly [kafkas: string, ours: Errors])[] = [
  ['The group id does not exist.', Errors.GROUP_ID_NOT_FOUND],
  ['This server does not host this topic-partition.', Errors.UNKNOWN_TOPIC_OR_PARTITION],
]

/** Without what may differ. */
const comparable = ({ code, out, err }: Ended) => {
  let text = out.replace(/(?:[a-z]+\.)+(?=[A-Z]\w+Exception)/g, '')
  for (const [kafkas, ours] of TEXTS) text = text.replaceAll(kafkas, ours.message)
  const lines = text
    .replace(/ExecutionException: /g, '')
    .replace(/(\w+Exception): .*/g, '$1')
    .split('\n')
  // The usage begins in the second line; the words of the first may be a list from a HashSet.
  const words = err.split('\n')[0]!.split(/[\s,[\]]+/)
  const notice = err
    .split('\n')
    .filter((line) => /^(Warning|Consumer group|WARN: No action)/.test(line))
  return { code, out: lines.sort(), err: code === 0 ? notice : words.sort() }
}

const compare = async (...args: string[]): Promise<Ended> => {
  const all = ['--bootstrap-server', bootstrap, ...args]
  const theirs = await tool.run(GROUPS_TOOL, all)
  const ours = await groupsCli(all)
  expect(comparable(ours), args.join(' ')).toEqual(comparable(theirs))
  return ours
}

const compareAll = async (lines: readonly string[]): Promise<string> => {
  const ended: Ended[] = []
  for (const line of lines)
    ended.push(await compare(...line.split(' ').filter((arg) => arg !== '')))
  return ended.map(({ out }) => out).join('')
}

const ALL = Object.keys(GROUPS)
  .map((group) => `--group ${group}`)
  .join(' ')

test('groups are listed, with states and types', async () => {
  const out = await compareAll([
    '--list',
    '--list --state',
    '--list --type',
    '--list --state --type',
    '--list --state stable,empty',
    '--list --type consumer',
  ])
  expect(out).toContain('g-modern')
})

test('groups are described: offsets and lag, members, states', async () => {
  const out = await compareAll([
    `--describe ${ALL}`,
    `--describe ${ALL} --offsets --verbose`,
    `--describe ${ALL} --members`,
    `--describe ${ALL} --members --verbose`,
    `--describe ${ALL} --state`,
    `--describe ${ALL} --state --verbose`,
    '--describe --group g-nobody',
  ])
  expect(out).toContain('instance-of-a-long-name')
  expect(out).toContain(`${ORDERS}:0,1,2`)
})

test('arguments that cannot be end with exit code 1 and the same words', async () => {
  const usage = [
    '--list --state bogus',
    '--list --type share',
    '--list --group g-active',
    '--list --describe --group g-active',
    '--describe',
    '--describe --group g-active --all-groups',
    '--describe --group g-active --topic x',
    '--describe --group g-active --members --state',
    '--describe --group g-active --state stable',
    '--delete',
    '--delete --group g-active --topic x',
    '--delete-offsets --group g-active',
    '--reset-offsets --to-earliest --dry-run',
    '--reset-offsets --group g-idle --to-earliest --dry-run',
    `--reset-offsets --group g-idle --topic ${ORDERS} --dry-run`,
    `--reset-offsets --group g-idle --topic ${ORDERS}:x --to-latest --dry-run`,
    `--reset-offsets --group g-fresh --topic ${ORDERS} --shift-by 1 --dry-run`,
    `--reset-offsets --group g-idle --topic ${ORDERS} --to-latest --to-earliest`,
    `--reset-offsets --group g-idle --topic ${ORDERS} --to-latest --dry-run --execute`,
  ]
  for (const line of usage) expect((await compare(...line.split(' '))).code, line).toBe(1)
  const missing = await groupsCli(['--list'])
  expect(comparable(missing)).toEqual(comparable(await tool.run(GROUPS_TOOL, ['--list'])))
})

describe('offsets', () => {
  const reset = `--reset-offsets --group g-idle --topic ${ORDERS} --topic ${PAYMENTS}:0`

  test('are reset to each kind of place, and within what the log has', async () => {
    const out = await compareAll([
      `${reset} --to-earliest`,
      `${reset} --to-latest --execute`,
      `${reset} --shift-by -2 --dry-run`,
      `${reset} --shift-by 100 --dry-run`,
      `${reset} --to-offset 3 --dry-run`,
      `${reset} --to-offset 300 --dry-run`,
      `${reset} --to-current --dry-run`,
      `${reset} --to-datetime 2020-01-01T00:00:00.000 --dry-run`,
      `${reset} --to-datetime 2120-01-01T00:00:00.000+02:00 --dry-run`,
      `${reset} --by-duration P1D --dry-run`,
      `${reset} --to-earliest --dry-run --export`,
      '--reset-offsets --group g-idle --all-topics --to-latest --execute',
      `--reset-offsets --group g-idle --topic ${ORDERS}:7 --to-latest --dry-run`,
      `--reset-offsets --group g-fresh --topic ${ORDERS} --to-current --dry-run`,
      `--reset-offsets --group g-active --topic ${ORDERS} --to-earliest --execute`,
      '--describe --group g-idle',
      '--describe --group g-idle --members',
      '--describe --group g-idle --state',
    ])
    expect(out).toContain('Falling back to latest known offset.')
  })

  test('come from the same file', async () => {
    const path = `${tools.workDir}/reset.csv`
    writeFileSync(path, IDLE_FILE)
    const args = ['--bootstrap-server', bootstrap, '--reset-offsets', '--group', 'g-idle']
    const all = [...args, '--from-file', path, '--dry-run']
    const ours = await groupsCli(all, { files: { [path]: IDLE_FILE } })
    expect(comparable(ours)).toEqual(comparable(await tool.run(GROUPS_TOOL, all)))
    expect(ours.out).toMatch(/groups-orders +1 +7/)
  })

  test('and groups are deleted, and refused in the same words', async () => {
    // Of two groups alike each tool deletes its own.
    const twin = async (line: string): Promise<void> => {
      const args = (group: string) => [
        '--bootstrap-server',
        bootstrap,
        ...line.replace('TWIN', group).split(' '),
      ]
      const theirs = await tool.run(GROUPS_TOOL, args('g-twin-1'))
      const ours = await groupsCli(args('g-twin-2'))
      const named = (text: string) => text.replaceAll('g-twin-2', 'g-twin-1')
      const ofTheOther = { ...ours, out: named(ours.out), err: named(ours.err) }
      expect(comparable(ofTheOther), line).toEqual(comparable(theirs))
    }
    const scope = `--topic ${ORDERS} --topic ${PAYMENTS}`
    await twin(`--reset-offsets --group TWIN ${scope} --to-latest --execute`)
    await twin(`--reset-offsets --group TWIN ${scope} --shift-by -2 --execute`)
    await twin(`--delete-offsets --group TWIN --topic nosuch --topic ${PAYMENTS}`)
    await twin(`--delete-offsets --group TWIN --topic ${ORDERS}:2`)
    await twin('--describe --group TWIN')
    await twin('--delete --group TWIN --group g-active --group g-nobody')
    await twin('--delete --group TWIN')
    await twin('--delete-offsets --group g-nobody --topic groups-orders')
    await twin('--delete-offsets --group g-active --topic groups-orders')
  })
})
