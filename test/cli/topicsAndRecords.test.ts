/** `topics`, `produce` and `consume` at an embedded cluster, on virtual time. */

import { describe, expect, test } from 'vitest'
import { DefaultMessageFormatter } from '../../src/cli/console/DefaultMessageFormatter.ts'
import { LineMessageReader } from '../../src/cli/console/LineMessageReader.ts'
import { RecordHeaders } from '../../src/common/header/RecordHeaders.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { utf8Bytes } from '../../src/common/utf8.ts'
import { ConsumerRecord } from '../../src/consumer/ConsumerRecord.ts'
import { ControlRecordType } from '../../src/record/ControlRecordType.ts'
import { EndTransactionMarker } from '../../src/record/EndTransactionMarker.ts'
import { withEndTransactionMarker } from '../../src/record/withRecords.ts'
import { onCluster, type TestCluster } from '../broker/brokerSupport.ts'
import { type CliRun, startCli } from './runCli.ts'

interface Shell extends TestCluster {
  readonly start: (line: string, input?: readonly string[]) => CliRun
  readonly cli: (line: string, input?: readonly string[]) => CliRun['ended']
}

/** `$` in a line is the address of the cluster. */
const withShell = (main: (shell: Shell) => Promise<void>, brokers = 1) =>
  onCluster(
    async (cluster) => {
      const { environment } = cluster
      const start = (line: string, input: readonly string[] = []) => {
        const where = `--bootstrap-server ${cluster.cluster.bootstrapServers}`
        return startCli(line.replace('$', where).split(/ +/), { environment, input })
      }
      await main({ ...cluster, start, cli: (line, input) => start(line, input).ended })
    },
    {
      brokers,
      config: { 'group.initial.rebalance.delay.ms': '0', 'offsets.topic.num.partitions': '1' },
    },
  )

/** The end of a transaction: an offset of the log that no record of a consumer has. */
const appendMarker = ({ cluster }: Shell, topic: string): void => {
  const end = new EndTransactionMarker(ControlRecordType.COMMIT, 0)
  const options = { timestamp: 0, producerId: 1n, producerEpoch: 0 }
  const partition = cluster.broker(1).replicaManager.getPartition(new TopicPartition(topic, 0))!
  partition.appendRecordsToLeader(withEndTransactionMarker(options, end), 'coordinator', 1)
}

describe('topics', () => {
  test(
    'are created, described, listed and deleted',
    withShell(async ({ cli }) => {
      const created = await cli('topics create $ --topic a.b --partitions 2 --config x.y=1')
      expect([created.code, created.out]).toEqual([1, expect.stringContaining('WARNING: Due to')])
      expect(created.out).toContain('Error while executing topic command : ')
      await cli('topics create $ --topic red --partitions 2')
      await cli('topics --create $ --topic green --config retention.ms=5')
      const again = await cli('topics create $ --topic red')
      expect(again).toMatchObject({
        code: 1,
        out: "Error while executing topic command : Topic 'red' already exists.\n",
      })
      expect(await cli('topics create $ --topic red --if-not-exists')).toMatchObject({
        code: 0,
        out: '',
      })
      expect((await cli('topics list $')).out).toBe('green\nred\n')
      expect((await cli('topics list $ --topic gr.*,blue')).out).toBe('green\n')
      const described = await cli('topics describe $ --topic red')
      expect(described.out.split('\n')).toEqual([
        expect.stringMatching(
          /^Topic: red\tTopicId: \S+\tPartitionCount: 2\tReplicationFactor: 1\t/,
        ),
        '\tTopic: red\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: ',
        '\tTopic: red\tPartition: 1\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: ',
        '',
      ])
      const overridden = await cli('topics describe $ --topics-with-overrides')
      expect(overridden.out).toMatch(/^Topic: green\t.*\tConfigs: retention.ms=5\n$/)
      expect((await cli('topics describe $ --under-replicated-partitions')).out).toBe('')
      expect((await cli('topics describe $ --at-min-isr-partitions --topic red')).out).toMatch(
        /^\tTopic: red\tPartition: 0.*\n\tTopic: red\tPartition: 1.*\n$/,
      )
      expect((await cli('topics delete $ --topic green|red')).code).toBe(0)
      expect((await cli('topics list $')).out).toBe('\n')
      const gone = await cli('topics delete $ --topic red')
      expect(gone.out).toContain("Topic 'red' does not exist as expected")
      expect((await cli('topics delete $ --topic red --if-exists')).code).toBe(0)
    }),
  )

  test.each([
    ['topics $', 'Command must include exactly one action'],
    ['topics list --create $ --topic a', 'Command must include exactly one action'],
    ['topics list', '--bootstrap-server must be specified'],
    ['topics create $', 'Missing required argument "[topic]"'],
    ['topics list $ --partitions 3', '"[partitions]" can\'t be used with option "[list]"'],
    ['topics describe $ --if-exists', '--topic is required to describe a topic'],
    [
      'topics create $ --topic a --partitions 1 --replica-assignment 1',
      '"[replica-assignment]" can\'t be used with option "[partitions]"',
    ],
  ])('%s: cannot be, and says so with the help', (line, message) =>
    withShell(async ({ cli }) => {
      const { code, err } = await cli(line)
      expect([code, err]).toEqual([1, expect.stringContaining(message)])
      expect(err).toContain('Usage: annotated-kafka topics')
    })(),
  )
})

describe('records', () => {
  test(
    'go in by lines and come out by lines, as the group has read them',
    withShell(async ({ cli, start, world }) => {
      await cli('topics create $ --topic orders')
      const sent = await cli('produce $ --topic orders --compression-codec', [
        'one',
        'two',
        'three',
      ])
      expect(sent).toMatchObject({ code: 0, out: '', err: '' })
      const first = await cli(
        'consume $ --topic orders --group g --from-beginning --max-messages 2',
      )
      expect(first).toMatchObject({ out: 'one\ntwo\n', err: 'Processed a total of 2 messages\n' })
      // It was fetched with the others, but not shown: so it was not committed.
      const second = await cli('consume $ --include ord.* --group g --timeout-ms 9000')
      expect(second.out).toBe('three\n')
      const forever = start('consume $ --topic orders --group g')
      await world.simulation.sleep(9000)
      await cli('produce $ --topic orders --sync --request-required-acks 1', ['four'])
      await world.simulation.sleep(1000)
      forever.interrupt()
      expect((await forever.ended).all).toBe('four\nProcessed a total of 1 messages\n')
      const from = async (offset: string) =>
        (await cli(`consume $ --topic orders --partition 0 ${offset} --timeout-ms 600`)).out
      expect(await from('--offset 2')).toBe('three\nfour\n')
      expect(await from('--offset earliest')).toBe('one\ntwo\nthree\nfour\n')
      expect(await from('--from-beginning')).toBe('one\ntwo\nthree\nfour\n')
      expect(await from('')).toBe('')
    }),
  )

  test(
    'are waited for past what is no record: a poll that only moved on does not end it',
    withShell(async (shell) => {
      await shell.cli('topics create $ --topic orders')
      appendMarker(shell, 'orders')
      appendMarker(shell, 'orders')
      await shell.cli('produce $ --topic orders', ['one', 'two'])
      const { out } = await shell.cli(
        'consume $ --topic orders --partition 0 --from-beginning --timeout-ms 600 ' +
          '--command-property max.partition.fetch.bytes=1',
      )
      expect(out).toBe('one\ntwo\n')
    }),
  )

  test(
    'are waited for no longer because something else comes: each wait has one deadline',
    withShell(async (shell) => {
      const { simulation } = shell.world
      await shell.cli('topics create $ --topic orders')
      const begunMs = simulation.milliseconds()
      const reading = shell.cli('consume $ --topic orders --partition 0 --timeout-ms 1000')
      const endedMs = reading.then(() => simulation.milliseconds())
      await simulation.sleep(600)
      await shell.cli('produce $ --topic orders', ['one'])
      for (let i = 0; i < 10; i++) {
        await simulation.sleep(300)
        appendMarker(shell, 'orders')
      }
      expect((await reading).out).toBe('one\n')
      expect((await endedMs) - begunMs).toBeGreaterThanOrEqual(1600)
      expect((await endedMs) - begunMs).toBeLessThan(1900)
    }),
  )

  test(
    'that nobody takes any more end it as Ctrl-C does, with the reason and without a failure',
    withShell(async ({ cli, start, world }) => {
      await cli('topics create $ --topic orders')
      const reading = start('consume $ --topic orders --group g')
      await world.simulation.sleep(9000)
      await cli('produce $ --topic orders', ['one'])
      await world.simulation.sleep(1000)
      reading.closeOutput()
      expect(await reading.ended).toMatchObject({
        code: 0,
        err:
          'Unable to write to standard out, closing consumer.\n' +
          'Processed a total of 1 messages\n',
      })
      expect((await cli('groups describe $ --group g --state')).out).toMatch(/ Empty +0$/m)
    }),
  )

  test(
    'that cannot be sent are told of, and end with exit code 1',
    withShell(async ({ cli }) => {
      await cli('topics create $ --topic orders')
      const tooLarge = await cli(
        'produce $ --topic orders --command-property max.request.size=100',
        ['short', 'x'.repeat(200)],
      )
      expect(tooLarge.code).toBe(1)
      expect(tooLarge.err).toContain('Error when sending message to topic orders: RecordTooLarge')
      const { out } = await cli(
        'consume $ --topic orders --partition 0 --offset 0 --max-messages 1',
      )
      expect(out).toBe('short\n')
    }),
  )

  test.each([
    ['consume $', 'Exactly one of the following arguments is required: [topic], [include]'],
    ['consume $ --topic a --include b', 'Exactly one of the following arguments is required'],
    ['consume $ --topic a --offset 1', 'The partition is required when offset is specified.'],
    ['consume $ --include a --partition 1', 'The topic is required when partition is specified.'],
    ['consume $ --topic a --partition 0 --offset x', "The provided offset value 'x' is incorrect."],
    [
      'consume $ --topic a --partition 0 --offset 1 --from-beginning',
      'Options from-beginning and offset cannot be specified together.',
    ],
    [
      'consume $ --topic a --from-beginning --command-property auto.offset.reset=latest',
      "Can't simultaneously specify --from-beginning and 'auto.offset.reset=latest'",
    ],
  ])('%s: cannot be', (line, message) =>
    withShell(async ({ cli }) => {
      expect(await cli(line)).toMatchObject({ code: 1, err: expect.stringContaining(message) })
    })(),
  )
})

describe('a line of input', () => {
  test('is a value, or headers, key and value', () => {
    expect(new LineMessageReader({}).read('a:b\tc')).toEqual({
      key: null,
      value: 'a:b\tc',
      headers: [],
    })
    const all = { 'parse.key': 'true', 'parse.headers': 'true', 'null.marker': 'NULL' }
    const reader = new LineMessageReader(all)
    expect(reader.read('h:1,i:NULL\tkey\tvalue\twith tab')).toEqual({
      key: 'key',
      value: 'value\twith tab',
      headers: [
        ['h', '1'],
        ['i', null],
      ],
    })
    expect(reader.read('NULL\tNULL\tNULL')).toEqual({ key: null, value: null, headers: [] })
    const colon = new LineMessageReader({ 'parse.key': 'true', 'key.separator': '::' })
    expect(colon.read('key::value')).toMatchObject({ key: 'key', value: 'value' })
  })

  test('without its separator is refused with its number, or taken as a value', () => {
    const reader = new LineMessageReader({ 'parse.key': 'true' })
    reader.read('a\tb')
    expect(() => reader.read('ab')).toThrow("No key separator found on line number 2: 'ab'")
    const headers = new LineMessageReader({ 'parse.headers': 'true' })
    expect(() => headers.read('x\ty')).toThrow("No header key separator found in pair 'x'")
    const tolerant = new LineMessageReader({ 'parse.key': 'true', 'ignore.error': 'true' })
    expect(tolerant.read('ab')).toEqual({ key: null, value: 'ab', headers: [] })
  })
})

describe('a line of output', () => {
  const shown = (properties: Readonly<Record<string, string>>, more: object = {}): string => {
    const record = new ConsumerRecord<Uint8Array, Uint8Array>({
      topic: 'orders',
      partition: 3,
      offset: 15,
      key: null,
      value: utf8Bytes('hello'),
      timestamp: 1000,
      timestampType: 'CreateTime',
      leaderEpoch: 2,
      ...more,
    })
    let out = ''
    new DefaultMessageFormatter(properties).writeTo(record, (part) => {
      out += new TextDecoder().decode(part)
    })
    return out
  }

  test('is the value, or all that is asked for, in the order of Kafka', () => {
    expect(shown({})).toBe('hello\n')
    const names = ['timestamp', 'partition', 'offset', 'epoch', 'headers', 'key']
    const all = Object.fromEntries(names.map((name) => [`print.${name}`, 'true']))
    expect(shown(all)).toBe(
      'CreateTime:1000\tPartition:3\tOffset:15\tEpoch:2\tNO_HEADERS\tnull\thello\n',
    )
    const headers = new RecordHeaders()
    headers.add('a', utf8Bytes('1')).add('b', null)
    expect(shown({ 'print.headers': 'true', 'key.separator': '|' }, { headers })).toBe(
      'a:1,b:null|hello\n',
    )
    const other = { 'null.literal': '-', 'line.separator': ';' }
    expect(shown({ ...other, 'print.key': 'true' })).toBe('-\thello;')
    expect(shown({ 'print.value': 'false', 'print.offset': 'true' })).toBe('Offset:15')
  })
})
