import { describe, expect, test } from 'vitest'
import { IllegalArgumentException, IllegalStateException } from '../../../src/common/errors.ts'
import type { Header } from '../../../src/common/header/Header.ts'
import { RecordHeader } from '../../../src/common/header/RecordHeader.ts'
import { RecordHeaders } from '../../../src/common/header/RecordHeaders.ts'
import { utf8Bytes } from '../../../src/common/utf8.ts'
import { covers } from '../../support/covers.ts'

const header = (key: string, value: string): Header => new RecordHeader(key, utf8Bytes(value))

const shown = (headers: Iterable<Header>): string[] =>
  Array.from(headers, ({ key, value }) => `${key}=${value && String.fromCharCode(...value)}`)

describe('RecordHeaders', () => {
  test('headers are added in order, as objects or as key and value', () => {
    covers('RecordHeadersTest.testAdd', 'RecordHeadersTest.testAddHeadersPreserveOrder')
    const headers = new RecordHeaders().add(header('key', 'value')).add('key2', utf8Bytes('value2'))
    headers.add('key3', null)

    expect(shown(headers)).toEqual(['key=value', 'key2=value2', 'key3=null'])
    expect(headers.length).toBe(3)
  })

  test('remove takes all of one name and keeps the order of the others', () => {
    covers('RecordHeadersTest.testRemove', 'RecordHeadersTest.testPreserveOrderAfterRemove')
    const headers = new RecordHeaders([
      header('a', '1'),
      header('b', '2'),
      header('a', '3'),
      header('c', '4'),
    ])
    headers.remove('a').remove('not there')
    expect(shown(headers)).toEqual(['b=2', 'c=4'])

    headers.add(header('d', '5')).remove('c')
    expect(shown(headers)).toEqual(['b=2', 'd=5'])
  })

  test('adding and removing in turns, the last one of a name counts', () => {
    covers('RecordHeadersTest.testAddRemoveInterleaved', 'RecordHeadersTest.testLastHeader')
    const headers = new RecordHeaders([header('key', '1'), header('key2', '2')])
    headers.remove('key').add(header('key3', '3'))
    expect(headers.lastHeader('key')).toBeNull()

    headers.add(header('key3', '4'))
    expect(shown([headers.lastHeader('key3')!])).toEqual(['key3=4'])

    headers.add(header('key', 'new')).remove('key3')
    expect(shown(headers)).toEqual(['key2=2', 'key=new'])
  })

  test('headers of one name come in order, as they are when they are asked for', () => {
    covers('RecordHeadersTest.testHeaders')
    const headers = new RecordHeaders([header('k', '1'), header('x', '2'), header('k', '3')])
    const ofK = headers.headers('k')
    expect(shown(ofK)).toEqual(['k=1', 'k=3'])

    headers.add('k', null)
    expect(shown(ofK)).toEqual(['k=1', 'k=3', 'k=null'])
    expect(shown(headers.headers('none'))).toEqual([])
  })

  test('read-only headers refuse every change', () => {
    covers('RecordHeadersTest.testReadOnly')
    const headers = new RecordHeaders([header('key', 'value')])
    headers.setReadOnly()

    expect(() => headers.add(header('key', 'value'))).toThrow(IllegalStateException)
    expect(() => headers.add('key', null)).toThrow(IllegalStateException)
    expect(() => headers.remove('key')).toThrow(IllegalStateException)
    expect(headers.isReadOnly()).toBe(true)
    expect(shown(headers)).toEqual(['key=value'])
  })

  test('a copy of read-only headers can be changed, and changes nothing there', () => {
    covers('RecordHeadersTest.testNew')
    const headers = new RecordHeaders([header('key', 'value')])
    headers.setReadOnly()
    const copy = new RecordHeaders(headers).add(header('key', 'value2'))

    expect(shown(headers)).toEqual(['key=value'])
    expect(shown(copy)).toEqual(['key=value', 'key=value2'])
  })

  test('the array is a copy', () => {
    const headers = new RecordHeaders([header('key', 'value')])
    headers.toArray().pop()

    expect(headers.length).toBe(1)
  })

  test('null is no header and no key', () => {
    covers(
      'RecordHeadersTest.shouldThrowNpeWhenAddingNullHeader',
      'RecordHeadersTest.shouldThrowNpeWhenAddingCollectionWithNullHeader',
    )
    const nothing = null as unknown as Header
    const noKey = null as unknown as string

    expect(() => new RecordHeaders().add(nothing)).toThrow(IllegalArgumentException)
    expect(() => new RecordHeaders([nothing])).toThrow(IllegalArgumentException)
    expect(() => new RecordHeader(noKey, null)).toThrow(IllegalArgumentException)
    expect(() => new RecordHeaders().lastHeader(noKey)).toThrow(IllegalArgumentException)
  })
})

describe('RecordHeader', () => {
  test('a fetched one decodes its name when it is asked for', () => {
    const fetched = new RecordHeader(utf8Bytes('größe'), Uint8Array.of(1, 2))

    expect(fetched.key).toBe('größe')
    expect(fetched.key).toBe('größe')
    expect(fetched.toString()).toBe('RecordHeader(key = größe, value = [1, 2])')
  })

  test('equal are those of the same name and bytes', () => {
    const one = new RecordHeader('k', Uint8Array.of(1))

    expect(one.equals(new RecordHeader(utf8Bytes('k'), Uint8Array.of(1)))).toBe(true)
    expect(one.equals(new RecordHeader('k', Uint8Array.of(2)))).toBe(false)
    expect(one.equals(new RecordHeader('k', Uint8Array.of(1, 1)))).toBe(false)
    expect(one.equals(new RecordHeader('x', Uint8Array.of(1)))).toBe(false)
    expect(one.equals(new RecordHeader('k', null))).toBe(false)
    expect(new RecordHeader('k', null).equals(new RecordHeader('k', null))).toBe(true)
  })
})
