import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changeMs, lastChangeMs, OfText } from '../../scripts/book/files.ts'

let folder: string
let file: string
let seconds = 1

const write = (text: string): void => {
  writeFileSync(file, text)
  seconds++
  utimesSync(file, seconds, seconds)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'))
  file = join(folder, 'a.txt')
  write('one')
})

afterEach(() => rmSync(folder, { recursive: true }))

test('what is made of a text is made once, and again when the file has changed', () => {
  const made: string[] = []
  const lengths = new OfText((text) => {
    made.push(text)
    return text.length
  }, changeMs)
  expect([lengths.of(file), lengths.of(file)]).toEqual([3, 3])
  write('three')
  expect([lengths.of(file), lengths.of(file)]).toEqual([5, 5])
  expect(made).toEqual(['one', 'three'])
})

test('a file is looked at once in a stretch of work, and anew in the next', async () => {
  await setImmediate()
  const before = lastChangeMs(file)
  write('three')
  expect(lastChangeMs(file)).toBe(before)
  await setImmediate()
  await setImmediate()
  expect(lastChangeMs(file)).toBe(changeMs(file))
  expect(lastChangeMs(file)).not.toBe(before)
})

test('a file that is not there has no time of change', () => {
  expect(changeMs(join(folder, 'none.txt'))).toBe(-1)
})
