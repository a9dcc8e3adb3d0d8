import { expect, test } from 'vitest'
import { type NoteId, note } from '../support/notes.ts'

test.each(['N0', 'N65', 'N1.5', 'Nx'])('%s is no note', (id) => {
  expect(() => note(id as NoteId, 'holds')).toThrow(`no note '${id}'`)
})

test('a verdict other than holds says why', () => {
  expect(() => note('N41', 'outdated')).toThrow('needs its reason')
  expect(() => note('N41', 'outdated', '5 since Kafka 4.0')).not.toThrow()
})
