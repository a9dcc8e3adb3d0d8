import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../src/common/Cluster.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { Node } from '../../src/common/Node.ts'
import { PartitionInfo } from '../../src/common/PartitionInfo.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { BuiltInPartitioner } from '../../src/producer/internals/BuiltInPartitioner.ts'
import { RoundRobinPartitioner } from '../../src/producer/RoundRobinPartitioner.ts'
import { covers } from '../support/covers.ts'
import { ascii, SequentialRandom } from './producerSupport.ts'

const NODES = [0, 1, 2, 11].map((id) => new Node(id, 'localhost', 99 + id))

/** Topics to the nodes that lead partition 0, 1, …; `null`: nobody does. */
const clusterOf = (topics: Record<string, (Node | null)[]>): Cluster =>
  new Cluster({
    nodes: NODES,
    partitions: Object.entries(topics).flatMap(([topic, leaders]) =>
      leaders.map((leader, i) => new PartitionInfo(topic, i, leader, NODES, NODES)),
    ),
  })

const [n0, n1, n2] = NODES as [Node, Node, Node]

/** Sends `times` records of one byte; the partitions they went to. */
const produce = (partitioner: BuiltInPartitioner, cluster: Cluster, times: number): number[] =>
  Array.from({ length: times }, () => {
    const info = partitioner.peekCurrentPartitionInfo(cluster)
    partitioner.updatePartitionInfo(info, 1, cluster)
    return info.partition
  })

describe('the sticky choice', () => {
  it('stays with a partition until that has had its bytes', () => {
    covers('BuiltInPartitionerTest.testStickyPartitioning')
    const cluster = clusterOf({ a: [n0, n1, n2], b: [n0] })
    const partitioner = new BuiltInPartitioner('a', 3, new SequentialRandom())
    expect(produce(partitioner, cluster, 9)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2])
    const single = new BuiltInPartitioner('b', 1, new SequentialRandom())
    expect(produce(single, cluster, 10)).toEqual(new Array(10).fill(0))
  })

  it('chooses among partitions with a leader, if there are any', () => {
    covers('BuiltInPartitionerTest.unavailablePartitionsTest')
    const cluster = clusterOf({ a: [n0, null, n2], b: [null, n0], c: [null] })
    const choices = (topic: string): Set<number> =>
      new Set(produce(new BuiltInPartitioner(topic, 1, new SeededRandom(3)), cluster, 100))
    expect(choices('a')).toEqual(new Set([0, 2]))
    expect(choices('b')).toEqual(new Set([1]))
    expect(choices('c')).toEqual(new Set([0]))
  })

  it('needs at least a byte to be sticky about', () => {
    covers('BuiltInPartitionerTest.testStickyBatchSizeMoreThatZero')
    const make = (size: number) => new BuiltInPartitioner('a', size, new SequentialRandom())
    expect(() => make(0)).toThrow(IllegalArgumentException)
    expect(() => make(1)).not.toThrow()
  })

  it('is held back while the last batch is not full, but not beyond twice the size', () => {
    const cluster = clusterOf({ a: [n0, n1, n2] })
    const partitioner = new BuiltInPartitioner('a', 10, new SequentialRandom())
    const info = partitioner.peekCurrentPartitionInfo(cluster)
    partitioner.updatePartitionInfo(info, 12, cluster, false)
    expect(partitioner.isPartitionChanged(info)).toBe(false)
    partitioner.updatePartitionInfo(info, 0, cluster, true)
    expect(partitioner.isPartitionChanged(info)).toBe(true)
    const next = partitioner.peekCurrentPartitionInfo(cluster)
    partitioner.updatePartitionInfo(next, 19, cluster, false)
    expect(partitioner.isPartitionChanged(next)).toBe(false)
    partitioner.updatePartitionInfo(next, 1, cluster, false)
    expect(partitioner.isPartitionChanged(next)).toBe(true)
    expect(partitioner.isPartitionChanged(null)).toBe(false)
  })
})

describe('the adaptive choice', () => {
  it('takes a partition the more often the shorter its queue is', () => {
    covers('BuiltInPartitionerTest.adaptivePartitionsTest')
    const cluster = clusterOf({ a: [n0, n1, n2, n0, n1] })
    const queues = [5, 0, 3, 0, 1]
    const partitioner = new BuiltInPartitioner('a', 1, new SequentialRandom())
    partitioner.updatePartitionLoadStats([...queues], [0, 1, 2, 3, 4], queues.length)
    const cycles = 2
    const chosen = produce(partitioner, cluster, partitioner.loadStatsRangeEnd() * cycles)
    const frequencies = queues.map((_, i) => chosen.filter((p) => p === i).length)
    expect(frequencies).toEqual(queues.map((size) => (6 - size) * cycles))
  })

  it('gives every partition its weight, whatever the queues are', () => {
    const cluster = clusterOf({ a: Array.from({ length: 8 }, () => n0) })
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 2, maxLength: 8 }), (queues) => {
        const partitioner = new BuiltInPartitioner('a', 1, new SequentialRandom())
        const ids = queues.map((_, i) => i)
        partitioner.updatePartitionLoadStats([...queues], ids, queues.length)
        const total = partitioner.loadStatsRangeEnd()
        if (new Set(queues).size === 1) {
          expect(total).toBe(0)
          return
        }
        const chosen = produce(partitioner, cluster, total)
        const largest = Math.max(...queues)
        expect(ids.map((i) => chosen.filter((p) => p === i).length)).toEqual(
          queues.map((size) => largest + 1 - size),
        )
      }),
    )
  })

  it('looks only at those that were not left out, and gives up when it cannot weigh', () => {
    const cluster = clusterOf({ a: [n0, n1, n2] })
    const partitioner = new BuiltInPartitioner('a', 1, new SequentialRandom())
    partitioner.updatePartitionLoadStats([4, 4, 9], [0, 2, 99], 2)
    expect(new Set(produce(partitioner, cluster, 20))).toEqual(new Set([0, 2]))
    partitioner.updatePartitionLoadStats([0, 0, 0], [1, 99, 99], 1)
    // The switch comes after the record for which the choice was made.
    expect(new Set(produce(partitioner, cluster, 20).slice(1))).toEqual(new Set([1]))
    for (const [sizes, length] of [
      [null, 0],
      [[1, 2], 0],
      [[1], 1],
    ] as const) {
      partitioner.updatePartitionLoadStats(sizes && [...sizes], sizes && [0, 1], length)
      expect(partitioner.loadStatsRangeEnd()).toBe(0)
    }
  })
})

it("finds a key's partition as Java does (kafkajs #357: a negative hash)", () => {
  // Two of the vectors that every client agrees on; both hashes are negative.
  expect(BuiltInPartitioner.partitionForKey(ascii('21'), 10)).toBe((-973_932_308 & 0x7fffffff) % 10)
  expect(BuiltInPartitioner.partitionForKey(ascii('foobar'), 10)).toBe(
    (-790_332_482 & 0x7fffffff) % 10,
  )
})

describe('taking turns', () => {
  it('goes round the partitions that have a leader', () => {
    covers('RoundRobinPartitionerTest.testRoundRobinWithUnavailablePartitions')
    const cluster = clusterOf({ a: [n0, null, n2], none: [null, null] })
    const partitioner = new RoundRobinPartitioner()
    const next = (topic: string) => partitioner.partition(topic, null, null, null, null, cluster)
    expect([1, 2, 3, 4].map(() => next('a'))).toEqual([0, 2, 0, 2])
    expect([1, 2, 3].map(() => next('none'))).toEqual([0, 1, 0])
  })

  it('does not look at keys', () => {
    covers('RoundRobinPartitionerTest.testRoundRobinWithKeyBytes')
    const cluster = clusterOf({ a: [n0, n1, n2], b: [n0, n1] })
    const partitioner = new RoundRobinPartitioner()
    const key = ascii('key')
    const counts = [0, 0, 0]
    for (let i = 0; i < 30; i++) {
      counts[partitioner.partition('a', 'key', key, null, null, cluster)]!++
      if (i % 5 === 0) partitioner.partition('b', 'key', key, null, null, cluster)
    }
    expect(counts).toEqual([10, 10, 10])
  })
})
