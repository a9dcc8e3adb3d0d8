import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import * as page from '../../src/platform/browser/index.ts'
import * as node from '../../src/platform/node/index.ts'
import { type Bundle, bundleForPage, runInPage } from './bundle.ts'

const LIMIT = 1 << 20

describe('the bundle for a page', () => {
  let bundle: Bundle
  beforeAll(async () => {
    bundle = await bundleForPage('test/platform/page.ts', 'Page')
  })

  test('asks for nothing of Node', () => {
    expect(bundle.imports).toEqual([])
    expect(bundle.code.match(/\bnode:\w+/g)).toBeNull()
  })

  test('runs a simulated cluster, a producer and a consumer to the end', async () => {
    const values = Array.from({ length: 20 }, (_, i) => `wert ${i} 😀`)
    const call = `Page.roundTrip('schlüssel', ${JSON.stringify(values)})`
    const consumed = (await runInPage(bundle.code, call)) as string[]
    expect([...consumed]).toEqual(values.map((value) => `schlüssel=${value}`))
  })
})

test('both sides of the platform offer the same names', () => {
  expect(Object.keys(page).sort()).toEqual(Object.keys(node).sort())
})

describe("a page's gzip", () => {
  const plainBytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat({ max: 100_000 }).map((length) => new Uint8Array(length).fill(7)),
  )

  test('is read by Node, and reads what Node wrote, at every level', () => {
    fc.assert(
      fc.property(plainBytes, fc.constantFrom(-1, 1, 6, 9), (plain, level) => {
        expect(Buffer.compare(node.gunzip(page.gzip(plain, level), LIMIT), plain)).toBe(0)
        expect(Buffer.compare(page.gunzip(node.gzip(plain, level), LIMIT), plain)).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  test('gives the same bytes at any time: a simulated run in a page repeats', () => {
    const modified = new DataView(page.gzip(new Uint8Array(9), 6).buffer).getUint32(4)
    expect(modified).toBe(0)
  })

  test('reads members one after the other as one, as Node does', () => {
    const members = [new Uint8Array(5000).fill(1), new Uint8Array(0), new Uint8Array(3).fill(2)]
    const file = new Uint8Array(Buffer.concat(members.map((member) => gzipSync(member))))
    expect(Buffer.compare(page.gunzip(file, LIMIT), gunzipSync(file))).toBe(0)
  })

  test('that is cut off anywhere is an error, as on Node', () => {
    const whole = page.gzip(new TextEncoder().encode('hello hello hello'), 6)
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length)
      expect(() => node.gunzip(cut, LIMIT), `${length} bytes on Node`).toThrow()
      expect(() => page.gunzip(cut, LIMIT), `${length} bytes in a page`).toThrow()
    }
  })

  test('stops at the limit, long before a small bomb has gone off', () => {
    const bomb = gzipSync(new Uint8Array(64 << 20))
    for (const { gunzip } of [node, page]) {
      expect(gunzip(page.gzip(new Uint8Array(100), 6), 100).length).toBe(100)
      expect(() => gunzip(page.gzip(new Uint8Array(101), 6), 100)).toThrow(RangeError)
      const before = process.memoryUsage().arrayBuffers
      expect(() => gunzip(bomb, LIMIT)).toThrow(RangeError)
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20)
    }
  })
})

describe("a page's text", () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.nat({ max: 0xffff })).map((units) => String.fromCharCode(...units)),
  )

  test('is encoded as on Node, half a surrogate pair included', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const expected = [...node.encodeUtf8(text)]
        expect([...page.encodeUtf8(text)]).toEqual(expected)
        for (const { encodeUtf8Into } of [node, page]) {
          const into = new Uint8Array(expected.length + 3)
          expect(encodeUtf8Into(text, into, 3)).toBe(expected.length)
          expect([...into.subarray(3)]).toEqual(expected)
        }
      }),
    )
  })

  test('is decoded as on Node, byte order marks and malformed bytes included', () => {
    const leads = fc.constantFrom(0x41, 0x80, 0xbf, 0xc3, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xff, 0xbb)
    fc.assert(
      fc.property(fc.array(fc.oneof(leads, fc.nat({ max: 255 }))), fc.nat(5), (some, start) => {
        const bytes = Uint8Array.from(some)
        const from = Math.min(start, bytes.length)
        const expected = node.decodeUtf8(bytes, from, bytes.length)
        expect(page.decodeUtf8(bytes, from, bytes.length)).toBe(expected)
      }),
    )
    expect(page.decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 0, 4)).toBe('\ufeffa')
  })
})

describe.each([
  ['a page', page],
  ['Node', node],
])('the event loop of %s', (_where, { clearTimer, macrotask, setMacrotask, setTimer }) => {
  test('takes a turn only after every promise has gone on, however deep', async () => {
    const order: string[] = []
    setMacrotask(() => order.push('turn'))
    void (async () => {
      for (let i = 0; i < 50; i++) await Promise.resolve()
      order.push('promises')
    })()
    await macrotask()
    expect(order).toEqual(['promises', 'turn'])
  })

  test('takes turns in the order in which they were asked for, promises in between', async () => {
    const order: string[] = []
    for (const name of ['a', 'b']) {
      setMacrotask(() => {
        order.push(name)
        void Promise.resolve().then(() => order.push(`${name}, then`))
      })
    }
    await macrotask()
    await macrotask()
    expect(order).toEqual(['a', 'a, then', 'b', 'b, then'])
  })

  test('runs a timer, unless it was called off', async () => {
    const ran = await new Promise<string[]>((resolve) => {
      const seen: string[] = []
      clearTimer(setTimer(0, () => seen.push('called off')))
      setTimer(1, () => resolve([...seen, 'ran']))
    })
    expect(ran).toEqual(['ran'])
  })
})

test('a page says what to take instead of sockets and files', () => {
  const nobody = (): never => {
    throw new Error('unused')
  }
  const listen = () => page.listenTcp('localhost', 0, nobody, nobody)
  expect(listen).toThrow('A page has no TCP sockets: use MemoryNetwork instead.')
  expect(() => page.files.open('x')).toThrow('A page has no files: use MemoryStorage instead.')
})

test("a page's chance is not the same twice", () => {
  expect(page.randomBytes(16)).toHaveLength(16)
  expect([...page.randomBytes(16)]).not.toEqual([...page.randomBytes(16)])
})
