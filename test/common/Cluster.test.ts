import { describe, expect, test } from 'vitest'
import { Cluster, type ClusterOptions } from '../../src/common/Cluster.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { Node } from '../../src/common/Node.ts'
import { PartitionInfo } from '../../src/common/PartitionInfo.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { covers } from '../support/covers.ts'

const nodes = [0, 1, 2, 11].map((id) => new Node(id, 'localhost', 9000 + id))
const [node0, node1, node2] = nodes as [Node, Node, Node, Node]

const partition = (topic: string, number: number, leader: Node | null): PartitionInfo =>
  new PartitionInfo(topic, number, leader, nodes, nodes)

const idOf = (last: number): Uuid => Uuid.fromBytes(new Uint8Array(16).fill(last, 15))

describe('Cluster', () => {
  test('a bootstrap cluster knows where to ask, under negative ids', () => {
    covers('ClusterTest.testBootstrap')
    const cluster = Cluster.bootstrap([
      { host: '140.211.11.105', port: 9002 },
      { host: 'www.example.com', port: 9003 },
    ])

    expect(cluster.nodes.map(String)).toEqual([
      '140.211.11.105:9002 (id: -1)',
      'www.example.com:9003 (id: -2)',
    ])
    expect(cluster.isBootstrapConfigured).toBe(true)
    expect(Cluster.empty().isBootstrapConfigured).toBe(false)
  })

  test('lists that it hands out cannot be changed', () => {
    covers('ClusterTest.testReturnUnmodifiableCollections')
    const cluster = new Cluster({
      nodes,
      partitions: [partition('a', 0, node0), partition('a', 1, null), partition('b', 0, null)],
    })
    const lists: (readonly unknown[])[] = [
      cluster.nodes,
      cluster.partitionsForTopic('a'),
      cluster.availablePartitionsForTopic('a'),
      cluster.availablePartitionsForTopic('b'),
      cluster.partitionsForNode(0),
      cluster.partitionsForTopic('unknown'),
    ]
    for (const list of lists) {
      expect(() => (list as unknown[]).push('x')).toThrow(TypeError)
    }
    cluster.topics().push('x')
    expect(cluster.topics()).toEqual(['a', 'b'])
  })

  test('a leader without address leads nothing, and need not be among the nodes', () => {
    const nobody = new Node(-1, '', -1)
    const cluster = new Cluster({ nodes, partitions: [partition('a', 0, nobody)] })
    expect(cluster.partitionsForNode(-1)).toEqual([])
    expect(cluster.partitionsForTopic('a')).toHaveLength(1)
  })

  test('partitions are found by topic, by leader, and alone', () => {
    const cluster = new Cluster({
      nodes,
      partitions: [
        partition('a', 0, node0),
        partition('a', 1, null),
        partition('a', 2, node2),
        partition('b', 0, node0),
      ],
    })

    expect(cluster.partitionsForTopic('a').map((p) => p.partition)).toEqual([0, 1, 2])
    expect(cluster.availablePartitionsForTopic('a').map((p) => p.partition)).toEqual([0, 2])
    expect(cluster.partitionsForNode(0).map((p) => p.topic)).toEqual(['a', 'b'])
    expect(cluster.partitionsForNode(1)).toEqual([])
    expect(cluster.leaderFor(new TopicPartition('a', 2))).toBe(node2)
    expect(cluster.leaderFor(new TopicPartition('a', 1))).toBeNull()
    expect(cluster.partition(new TopicPartition('b', 1))).toBeNull()
    expect(cluster.partitionCountForTopic('a')).toBe(3)
    expect(cluster.partitionCountForTopic('unknown')).toBeNull()
    expect(cluster.nodeById(11)?.port).toBe(9011)
    expect(cluster.nodeById(5)).toBeNull()
  })

  test('a leader that is not among the nodes is a broken picture', () => {
    const stranger = new Node(99, 'elsewhere', 1)
    expect(() => new Cluster({ nodes, partitions: [partition('a', 0, stranger)] })).toThrow(
      IllegalArgumentException,
    )
  })

  test('a node is online for a partition when it holds a replica that is not offline', () => {
    const info = new PartitionInfo('a', 0, node0, [node0, node1], [node0], [node1])
    const cluster = new Cluster({ nodes, partitions: [info] })
    const a0 = new TopicPartition('a', 0)

    expect(cluster.nodeIfOnline(a0, 0)).toBe(node0)
    expect(cluster.nodeIfOnline(a0, 1)).toBeNull()
    expect(cluster.nodeIfOnline(a0, 2)).toBeNull()
    expect(cluster.nodeIfOnline(new TopicPartition('x', 0), 0)).toBeNull()
  })

  test('ids and names of topics are found from both sides', () => {
    const cluster = new Cluster({ topicIds: [['a', idOf(7)]] })

    expect(cluster.topicId('a').equals(idOf(7))).toBe(true)
    expect(cluster.topicId('b')).toBe(Uuid.ZERO_UUID)
    expect(cluster.topicName(idOf(7))).toBe('a')
    expect(cluster.topicName(idOf(8))).toBeNull()
    expect(cluster.topicIds().map(String)).toEqual([idOf(7).toString()])
  })

  test('withPartitions adds and replaces, and leaves the first picture as it was', () => {
    const before = new Cluster({ nodes, partitions: [partition('a', 0, node0)], clusterId: 'c' })
    const after = before.withPartitions([partition('a', 0, node1), partition('b', 0, null)])

    expect(after.leaderFor(new TopicPartition('a', 0))).toBe(node1)
    expect(after.topics()).toEqual(['a', 'b'])
    expect(after.clusterResource.clusterId).toBe('c')
    expect(before.leaderFor(new TopicPartition('a', 0))).toBe(node0)
    expect(before.topics()).toEqual(['a'])
  })

  const full = (): Required<ClusterOptions> => ({
    clusterId: 'clusterId1',
    nodes: [new Node(0, 'host0', 100)],
    partitions: [
      new PartitionInfo('topic1', 0, new Node(0, 'host0', 100), [node0, node1], [node0]),
    ],
    unauthorizedTopics: ['topic1'],
    invalidTopics: ['topic1'],
    internalTopics: ['topic3'],
    controller: new Node(2, 'host2', 100),
    topicIds: [['topic1', idOf(1)]],
  })

  test('two pictures of the same are equal', () => {
    covers('ClusterTest.testEquals')
    expect(new Cluster(full()).equals(new Cluster(full()))).toBe(true)
  })

  test.each([
    ['topic ids', { topicIds: [['topic1', idOf(2)] as const] }],
    ['controller', { controller: new Node(3, 'host3', 100) }],
    ['internal topics', { internalTopics: ['topic4'] }],
    ['invalid topics', { invalidTopics: ['topic2'] }],
    ['unauthorized topics', { unauthorizedTopics: ['topic2'] }],
    ['partitions', { partitions: [] }],
    ['nodes', { nodes: [new Node(0, 'host0', 100), new Node(1, 'host1', 100)] }],
    ['cluster id', { clusterId: 'clusterId2' }],
  ])('a picture with other %s is another', (_what, other) => {
    covers('ClusterTest.testNotEquals')
    expect(new Cluster(full()).equals(new Cluster({ ...full(), ...other }))).toBe(false)
  })

  test('it shows what it knows', () => {
    expect(new Cluster({ clusterId: 'c', nodes: [node0] }).toString()).toBe(
      'Cluster(id = c, nodes = [localhost:9000 (id: 0)], partitions = [], controller = null)',
    )
  })
})

describe('TopicPartition', () => {
  test('the key tells topics with dashes apart', () => {
    expect(new TopicPartition('a-1', 2).key).toBe('a-1-2')
    expect(new TopicPartition('a', 1).equals(new TopicPartition('a', 1))).toBe(true)
    expect(new TopicPartition('a', 1).equals(new TopicPartition('a', 2))).toBe(false)
  })
})

describe('Node', () => {
  test('a node without host or with a negative port stands for none', () => {
    expect(Node.NO_NODE.isEmpty()).toBe(true)
    expect(new Node(3, '', 9092).isEmpty()).toBe(true)
    expect(node0.isEmpty()).toBe(false)
    expect(new Node(1, 'h', 2, 'r').toString()).toBe('h:2 (id: 1 rack: r)')
    expect(new Node(1, 'h', 2, 'r').equals(new Node(1, 'h', 2))).toBe(false)
    expect(new Node(-2, 'h', 2).idString()).toBe('-2')
  })
})
