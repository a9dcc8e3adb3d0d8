import { describe, expect, test } from 'vitest'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { TopicPartitionMap } from '../../src/common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../src/common/TopicPartitionSet.ts'

const tp = (topic: string, partition: number): TopicPartition =>
  new TopicPartition(topic, partition)

describe('TopicPartitionMap', () => {
  test('finds by value what a Map would miss by identity', () => {
    const map = new TopicPartitionMap([[tp('a', 0), 1]])
    map.set(tp('a', 0), 2).set(tp('a', 1), 3)

    expect(map.get(tp('a', 0))).toBe(2)
    expect(map.has(tp('a', 1))).toBe(true)
    expect(map.has(tp('a', 2))).toBe(false)
    expect(map.size).toBe(2)
    expect(map.delete(tp('a', 0))).toBe(true)
    expect(map.delete(tp('a', 0))).toBe(false)
  })

  test('iterates in the order in which partitions came', () => {
    const map = new TopicPartitionMap<number>().setAll([
      [tp('b', 1), 1],
      [tp('a', 0), 2],
      [tp('b', 1), 3],
    ])

    expect([...map.keys()].map(String)).toEqual(['b-1', 'a-0'])
    expect([...map.values()]).toEqual([3, 2])
    expect([...map].map(([key, value]) => `${key}=${value}`)).toEqual(['b-1=3', 'a-0=2'])
    expect(map.toString()).toBe('{b-1=3, a-0=2}')
    map.clear()
    expect([...map.entries()]).toEqual([])
  })
})

describe('TopicPartitionSet', () => {
  test('holds each partition once, in order', () => {
    const set = new TopicPartitionSet([tp('b', 1), tp('a', 0), tp('b', 1)])

    expect([...set].map(String)).toEqual(['b-1', 'a-0'])
    expect(set.has(tp('a', 0))).toBe(true)
    expect(set.size).toBe(2)
  })
})
