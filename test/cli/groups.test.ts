/** The `groups` command at an embedded cluster, on virtual time. */

import { describe, expect, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { OffsetAndMetadata } from '../../src/consumer/OffsetAndMetadata.ts'
import { batchOf, onCluster, produce, type TestCluster } from '../broker/brokerSupport.ts'
import { type Ended, groupsCli } from './groupsCli.ts'
import { joinAsMember } from './rawMember.ts'

interface Prepared extends TestCluster {
  readonly admin: KafkaAdminClient
  /** The command, with the address of the cluster. */
  readonly groups: (line: string, files?: Readonly<Record<string, string>>) => Promise<Ended>
  readonly commit: (group: string, offsets: Readonly<Record<number, number>>) => Promise<void>
}

/** A topic `orders` with 10, 5 and no records; a group is what a test makes of it. */
const withOrders = (main: (prepared: Prepared) => Promise<void>) =>
  onCluster(
    async (cluster) => {
      const { bootstrapServers } = cluster.cluster
      const { environment } = cluster
      const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrapServers }, environment)
      await admin.createTopics([{ name: 'orders', numPartitions: 3 }]).all()
      const client = await cluster.connect()
      const values = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)
      await produce(client, 'orders', batchOf(values(10)), { partition: 0 })
      await produce(client, 'orders', batchOf(values(5)), { partition: 1 })
      const groups = (line: string, files = {}) =>
        groupsCli(['--bootstrap-server', bootstrapServers, ...line.split(' ')], {
          environment,
          files,
          ...(!line.includes('--command-config') && { admin }),
        })
      const commit = (group: string, offsets: Readonly<Record<number, number>>) =>
        admin
          .alterConsumerGroupOffsets(
            group,
            Object.entries(offsets).map(([partition, offset]) => [
              new TopicPartition('orders', Number(partition)),
              new OffsetAndMetadata(offset),
            ]),
          )
          .all()
      await main({ ...cluster, admin, groups, commit })
      await admin.close()
    },
    { config: { 'group.initial.rebalance.delay.ms': '0', 'offsets.topic.num.partitions': '3' } },
  )

const lines = (...texts: string[]): string => texts.map((line) => `${line}\n`).join('')

describe('list', () => {
  test(
    'prints ids, and a table when states or types are asked for',
    withOrders(async ({ groups, commit }) => {
      expect(await groups('list')).toEqual({ code: 0, out: '', err: '' })
      await commit('billing', { 0: 4 })
      expect((await groups('list')).out).toBe('billing\n')
      expect((await groups('--list')).out).toBe('billing\n')
      expect((await groups('list --type --state')).out).toBe(
        lines(
          'GROUP                     TYPE                 STATE               ',
          'billing                   Classic              Empty               ',
        ),
      )
      const header = 'GROUP                     STATE               '
      expect((await groups('list --state stable')).out).toBe(lines(header))
    }),
  )
})

describe('describe', () => {
  test(
    'shows what is committed and how far that is behind',
    withOrders(async ({ groups, commit }) => {
      await commit('billing', { 0: 4, 1: 5, 2: 0 })
      const { code, out, err } = await groups('describe --group billing')
      expect([code, err]).toEqual([0, "\nConsumer group 'billing' has no active members.\n"])
      expect(out).toBe(
        `\n${lines(
          'GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID',
          'billing         orders          0          4               10              6               -               -               -',
          'billing         orders          1          5               5               0               -               -               -',
          'billing         orders          2          0               0               0               -               -               -',
        )}`,
      )
    }),
  )

  test(
    'shows who reads what, those with most partitions first, and what nobody reads',
    withOrders(async ({ groups, commit, connect }) => {
      await commit('billing', { 0: 4, 2: 0 })
      const member = await joinAsMember(await connect(), 'billing', { topic: 'orders' }, [0, 1])
      const { out, err } = await groups('describe --group billing --verbose')
      const rows = out.replaceAll(member, 'MEMBER').replaceAll(/ +/g, ' ').trim().split('\n')
      expect(err).toBe('')
      expect(rows).toEqual([
        'GROUP TOPIC PARTITION LEADER-EPOCH CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID',
        expect.stringMatching(/^billing orders 0 - 4 10 6 MEMBER \/\S+ \S+$/),
        expect.stringMatching(/^billing orders 1 - - 5 - MEMBER \/\S+ \S+$/),
        'billing orders 2 - 0 0 0 - - -',
      ])
    }),
  )

  test(
    'shows members, with what they have',
    withOrders(async ({ groups, connect }) => {
      const settings = { topic: 'orders', groupInstanceId: 'instance-1' }
      const member = await joinAsMember(await connect(), 'billing', settings, [2, 0])
      const short = (text: string) =>
        text.replaceAll(member, 'MEMBER').replaceAll(/ +/g, ' ').trim().split('\n')
      expect(short((await groups('describe --group billing --members')).out)).toEqual([
        'GROUP CONSUMER-ID GROUP-INSTANCE-ID HOST CLIENT-ID #PARTITIONS ',
        expect.stringMatching(/^billing MEMBER instance-1 \/\S+ \S+ 2$/),
      ])
      const verbose = short((await groups('describe --group billing --members --verbose')).out)
      expect(verbose[1]).toMatch(/ 2 - orders:0,2 - -$/)
    }),
  )

  test(
    'shows states and coordinators',
    withOrders(async ({ groups, connect, cluster }) => {
      await joinAsMember(await connect(), 'billing', { topic: 'orders' }, [0])
      const { host, port } = cluster.broker(1)
      const where = `${host}:${port}  (1)`.padEnd(25)
      expect((await groups('describe --group billing --state')).out).toBe(
        `\n${lines(
          'GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS',
          `billing         ${where} range                Stable               1`,
        )}`,
      )
      const { out } = await groups('describe --group billing --state --verbose')
      expect(out).toContain('GROUP-EPOCH     TARGET-ASSIGNMENT-EPOCH   #MEMBERS')
    }),
  )

  test(
    'says that a group is rebalancing, or does not exist',
    withOrders(async ({ groups, connect }) => {
      await joinAsMember(await connect(), 'billing', { topic: 'orders' }, null)
      const { err } = await groups('describe --group billing --members')
      expect(err).toBe("\nWarning: Consumer group 'billing' is rebalancing.\n")
      expect(await groups('describe --group nobody')).toEqual({
        code: 0,
        out:
          '\nError: Executing consumer group command failed due to ' +
          'GroupIdNotFoundException: Group nobody not found.\n',
        err: '',
      })
    }),
  )

  test(
    'describes all groups, by their names',
    withOrders(async ({ groups, commit }) => {
      for (const group of ['c', 'a', 'b']) await commit(group, { 0: 1 })
      const { out } = await groups('describe --all-groups --offsets')
      expect(out.match(/^[abc] /gm)).toEqual(['a ', 'b ', 'c '])
    }),
  )
})

describe('reset-offsets', () => {
  /** The new offsets of the partitions 0, 1 and 2. */
  const newOffsets = ({ out }: Ended): string =>
    Array.from(out.matchAll(/^billing +orders +\d+ +(\d+)$/gm), ([, offset]) => offset).join(' ')

  test(
    'shows what it would do, and does it when told so',
    withOrders(async ({ groups, commit, admin }) => {
      await commit('billing', { 0: 4, 1: 5, 2: 0 })
      const ended = await groups('reset-offsets --group billing --topic orders --to-earliest')
      expect(ended.err).toMatch(/^WARN: No action will be performed/)
      expect(ended.out).toBe(
        `\n${lines(
          'GROUP           TOPIC           PARTITION  NEW-OFFSET',
          'billing         orders          0          0',
          'billing         orders          1          0',
          'billing         orders          2          0',
        )}`,
      )
      const at = async () => {
        const found = await admin
          .listConsumerGroupOffsets('billing')
          .partitionsToOffsetAndMetadata()
        return found.get(new TopicPartition('orders', 0))!.offset
      }
      expect(await at()).toBe(4)
      await groups('reset-offsets --group billing --topic orders --to-earliest --execute')
      expect(await at()).toBe(0)
    }),
  )

  test(
    'goes to each kind of place, and never past what the log has',
    withOrders(async ({ groups, commit }) => {
      await commit('billing', { 0: 4, 1: 5, 2: 0 })
      const to = async (how: string, scope = '--topic orders') =>
        newOffsets(await groups(`reset-offsets --group billing ${scope} ${how} --dry-run`))
      expect(await to('--to-latest')).toBe('10 5 0')
      expect(await to('--to-current')).toBe('4 5 0')
      expect(await to('--to-offset 3')).toBe('3 3 0')
      expect(await to('--to-offset 7')).toBe('7 5 0')
      expect(await to('--shift-by -2')).toBe('2 3 0')
      expect(await to('--shift-by 3')).toBe('7 5 0')
      expect(await to('--to-latest', '--topic orders:0,1')).toBe('10 5')
      expect(await to('--to-latest', '--all-topics')).toBe('10 5 0')
      // All records are of November 2023.
      expect(await to('--to-datetime 2023-01-01T00:00:00.000')).toBe('0 0 0')
      expect(await to('--to-datetime 2024-01-01T00:00:00.000')).toBe('10 5 0')
      expect(await to('--by-duration P1D')).toMatch(/^(0 0 0|10 5 0)$/)
      const shifted = await groups(
        'reset-offsets --group billing --topic orders --shift-by 9 --dry-run',
      )
      expect(shifted.err).toContain(
        'WARN New offset (13) is higher than latest offset for topic partition orders-0. ' +
          'Value will be set to 10\n',
      )
    }),
  )

  test(
    'exports a plan, and takes it back',
    withOrders(async ({ groups, commit }) => {
      await commit('billing', { 0: 4, 1: 5 })
      const scope = 'reset-offsets --group billing --all-topics'
      const { out } = await groups(`${scope} --to-current --dry-run --export`)
      expect(out).toBe('orders,0,4\norders,1,5\n\n')
      const plan = { 'plan.csv': 'orders,0,2\norders,1,99\n' }
      const fromFile = 'reset-offsets --group billing --from-file plan.csv --dry-run'
      expect(newOffsets(await groups(fromFile, plan))).toBe('2 5')
      const ofOther = { 'plan.csv': 'other,orders,0,2\n' }
      const none = await groups(fromFile, ofOther)
      expect(none.out).toContain('Error: No reset plan for group billing found')
    }),
  )

  test(
    'leaves a group with members alone',
    withOrders(async ({ groups, connect }) => {
      await joinAsMember(await connect(), 'billing', { topic: 'orders' }, [0])
      const { out } = await groups(
        'reset-offsets --group billing --topic orders --to-earliest --execute',
      )
      expect(out).toContain(
        "\nError: Assignments can only be reset if the group 'billing' is inactive, but the " +
          'current state is Stable.\n',
      )
      expect(out).toContain('\nGROUP           TOPIC           PARTITION  NEW-OFFSET\n')
    }),
  )

  test(
    'refuses what cannot be, and says why',
    withOrders(async ({ groups }) => {
      const refused = [
        ['--topic orders:7 --to-earliest', 0, 'The partitions "orders-7" do not exist'],
        ['--topic orders:x --to-earliest', 1, "Invalid partition 'x' specified"],
        ['--topic orders --shift-by 1', 1, 'since there is no current committed offset'],
        ['--topic orders --by-duration 1day', 0, 'Text cannot be parsed to a Duration'],
        ['--topic orders --to-datetime 2023-02-31T00:00:00.000', 0, 'Unparseable date'],
        ['--topic orders', 1, 'requires one of the following scenarios'],
        ['--to-earliest', 1, 'One of the reset scopes should be defined'],
      ] as const
      for (const [how, code, message] of refused) {
        const ended = await groups(`reset-offsets --group billing ${how} --dry-run`)
        expect(ended.code, how).toBe(code)
        expect(code === 0 ? ended.out : ended.err).toContain(message)
      }
    }),
  )
})

describe('delete', () => {
  test(
    'deletes groups without members, and says why others stay',
    withOrders(async ({ groups, commit, connect }) => {
      await commit('idle', { 0: 1 })
      await joinAsMember(await connect(), 'busy', { topic: 'orders' }, [0])
      const { out } = await groups('delete --group idle --group busy --group nobody')
      expect(out).toMatch(/^\nError: Deletion of some consumer groups failed:\n/)
      expect(out).toMatch(/\* Group 'busy' could not be deleted due to: GroupNotEmptyException/)
      expect(out).toMatch(/\* Group 'nobody' could not be deleted due to: GroupIdNotFound/)
      expect(out).toMatch(/\nThese consumer groups were deleted successfully: 'idle'\n$/)
      await commit('idle', { 0: 1 })
      expect((await groups('delete --group idle')).out).toBe(
        "Deletion of requested consumer groups ('idle') was successful.\n",
      )
    }),
  )

  test(
    'forgets offsets of some topics',
    withOrders(async ({ groups, commit, admin, connect }) => {
      await commit('idle', { 0: 1, 1: 2, 2: 0 })
      const { out } = await groups('delete-offsets --group idle --topic orders:0,2 --topic nosuch')
      expect(out).toMatch(/^Request succeeded for deleting offsets from group idle\.\n/)
      expect(out).toMatch(/\nnosuch {10}- {10}Error: UnknownTopicOrPartitionException/)
      expect(out).toMatch(/\norders {10}0 {10}Successful/)
      const left = await admin.listConsumerGroupOffsets('idle').partitionsToOffsetAndMetadata()
      expect([...left.keys()].map(String)).toEqual(['orders-1'])
      await joinAsMember(await connect(), 'busy', { topic: 'orders' }, [0])
      const refused = await groups('delete-offsets --group busy --topic orders')
      expect(refused.out).toMatch(/^\nError: Encountered some partition-level error/)
      expect(refused.out).toMatch(/\norders {10}2 {10}Error: GroupSubscribedToTopicException/)
      const nobody = await groups('delete-offsets --group nobody --topic orders')
      expect(nobody.out).toContain('Error: There is no such group.')
    }),
  )
})

test(
  'settings come from a file of properties',
  withOrders(async ({ groups }) => {
    const files = { 'client.properties': '# ours\nrequest.timeout.ms = 100\nretries: none\n' }
    const failure = groups('list --command-config client.properties', files)
    await expect(failure).rejects.toThrow("Invalid value 'none' for configuration 'retries'")
  }),
)
