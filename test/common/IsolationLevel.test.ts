import { expect, test } from 'vitest'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { IsolationLevel } from '../../src/common/IsolationLevel.ts'

test('an isolation level and its number on the wire name each other', () => {
  expect(IsolationLevel.id('read_uncommitted')).toBe(0)
  expect(IsolationLevel.id('read_committed')).toBe(1)
  for (const id of [0, 1]) expect(IsolationLevel.id(IsolationLevel.forId(id))).toBe(id)
})

test('a number that is no isolation level is refused by name', () => {
  for (const id of [-1, 2, 0.5]) {
    expect(() => IsolationLevel.forId(id)).toThrow(IllegalArgumentException)
    expect(() => IsolationLevel.forId(id)).toThrow(`Unknown isolation level ${id}`)
  }
})
