import { describe, expect, test } from 'vitest'
import { HashMap, hashOfString } from '../../src/common/HashMap.ts'

const keys = (map: HashMap<string, unknown>): string => [...map.keys()].join(' ')
const mapOf = (...names: string[]): HashMap<string, true> =>
  HashMap.ofStrings(names.map((name) => [name, true] as const))

/** `Aa` and `BB` have the same hash in Java, and so have all texts made of them. */
const COLLIDING = ['AaAa', 'AaBB', 'BBAa', 'BBBB']

describe('HashMap', () => {
  test('texts have the hashes of Java', () => {
    expect(hashOfString('')).toBe(0)
    expect(hashOfString('consumer')).toBe(-567770122)
    expect(hashOfString('Aa')).toBe(hashOfString('BB'))
    expect(hashOfString('é€')).toBe(31 * 0xe9 + 0x20ac)
  })

  test('entries come by bucket, whatever came first', () => {
    expect(keys(mapOf('consumer1', 'consumer2', 'consumer3'))).toBe('consumer3 consumer2 consumer1')
    expect(keys(mapOf('c', 'b', 'a'))).toBe('a b c')
  })

  test('in a bucket they come in the order in which they were set', () => {
    expect(keys(mapOf(...COLLIDING))).toBe(COLLIDING.join(' '))
    const map = mapOf(...COLLIDING)
    map.set('AaAa', true)
    expect(keys(map)).toBe(COLLIDING.join(' '))
    map.delete('AaAa')
    map.set('AaAa', true)
    expect(keys(map)).toBe('AaBB BBAa BBBB AaAa')
  })

  test('computeIfAbsent puts a new one in front', () => {
    const map = HashMap.ofStrings<number>()
    for (const [i, key] of COLLIDING.entries()) expect(map.computeIfAbsent(key, () => i)).toBe(i)
    expect(map.computeIfAbsent('AaAa', () => 9)).toBe(0)
    expect(keys(map)).toBe([...COLLIDING].reverse().join(' '))
  })

  test('with the thirteenth entry the table has 32 buckets, and the order changes', () => {
    // 'a' is 97 and 'q' is 113: the same of 16 buckets, two of 32.
    const twelve = mapOf('q', 'a', ...'bcdefghijk')
    expect(keys(twelve)).toBe('q a b c d e f g h i j k')
    expect(keys(twelve.set('l', true))).toBe('a b c d e f g h i j k l q')
  })

  test('a ninth entry in one bucket doubles a small table', () => {
    const letters = Array.from({ length: 9 }, (_, i) => String.fromCharCode(97 + 16 * i))
    const map = mapOf(...letters.slice(0, 8))
    expect(keys(map)).toBe(letters.slice(0, 8).join(' '))
    map.set(letters[8]!, true)
    const odd = letters.filter((_, i) => i % 2 === 1)
    const even = letters.filter((_, i) => i % 2 === 0)
    expect(keys(map).split(' ')).toEqual([...even, ...odd])
  })

  test('it finds, counts and takes out', () => {
    const map = HashMap.ofStrings([['a', 1]])
    expect([map.get('a'), map.get('b'), map.has('a'), map.has('b'), map.size]).toEqual([
      1,
      undefined,
      true,
      false,
      1,
    ])
    expect(map.delete('b')).toBe(false)
    expect(map.delete('a')).toBe(true)
    expect([...map]).toEqual([])
  })
})
