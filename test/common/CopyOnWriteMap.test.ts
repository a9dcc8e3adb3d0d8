import { describe, expect, test } from 'vitest'
import { CopyOnWriteMap } from '../../src/common/CopyOnWriteMap.ts'

describe('CopyOnWriteMap', () => {
  test('a reader that iterates sees one state, whatever is put meanwhile', () => {
    const map = new CopyOnWriteMap([['a', 1]])
    const seen: string[] = []
    for (const [key] of map) {
      seen.push(key)
      if (seen.length < 5) map.put(`${key}+`, 2)
    }

    expect(seen).toEqual(['a'])
    expect([...map.keys()]).toEqual(['a', 'a+'])
  })

  test('what it was made from can be changed without changing it', () => {
    const source = new Map([['a', 1]])
    const map = new CopyOnWriteMap(source)
    source.set('b', 2)

    expect(map.has('b')).toBe(false)
  })

  test('put returns what was there before', () => {
    const map = new CopyOnWriteMap<string, number>()

    expect(map.put('a', 1)).toBeUndefined()
    expect(map.put('a', 2)).toBe(1)
    expect(map.get('a')).toBe(2)
    expect(map.size).toBe(1)
  })

  test('putIfAbsent and computeIfAbsent keep what is there', () => {
    const map = new CopyOnWriteMap([['a', 1]])

    expect(map.putIfAbsent('a', 9)).toBe(1)
    expect(map.putIfAbsent('b', 2)).toBeUndefined()
    expect(map.computeIfAbsent('b', () => 9)).toBe(2)
    expect(map.computeIfAbsent('c', (key) => key.length)).toBe(1)
    expect([...map.values()]).toEqual([1, 2, 1])
  })

  test('remove and replace may depend on the value', () => {
    const map = new CopyOnWriteMap([
      ['a', 1],
      ['b', 2],
    ])

    expect(map.remove('a', 9)).toBeUndefined()
    expect(map.remove('a', 1)).toBe(1)
    expect(map.replace('a', 5)).toBe(false)
    expect(map.replace('b', 5, 9)).toBe(false)
    expect(map.replace('b', 5, 2)).toBe(true)
    expect([...map.entries()]).toEqual([['b', 5]])
    expect(map.remove('b')).toBe(5)
    expect(map.isEmpty()).toBe(true)
  })

  test('a value of undefined is a value', () => {
    const map = new CopyOnWriteMap<string, number | undefined>([['a', undefined]])

    expect(map.computeIfAbsent('a', () => 1)).toBeUndefined()
    expect(map.replace('a', 2)).toBe(true)
  })

  test('what was handed out stays as it was when a key is removed', () => {
    const map = new CopyOnWriteMap([['a', 1]])
    const before = map.entries()
    map.remove('a')
    expect([...before]).toEqual([['a', 1]])
  })

  test('putAll and clear change all at once', () => {
    const map = new CopyOnWriteMap([['a', 1]])
    const before = map.entries()
    map.putAll([
      ['a', 3],
      ['b', 4],
    ])
    expect([...map]).toEqual([
      ['a', 3],
      ['b', 4],
    ])
    map.clear()

    expect([...before]).toEqual([['a', 1]])
    expect(map.size).toBe(0)
  })
})
