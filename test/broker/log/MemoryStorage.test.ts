import { describe, expect, test } from 'vitest'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import { IOException } from '../../../src/common/errors.ts'
import { Simulation } from '../../../src/common/Simulation.ts'
import { utf8Bytes, utf8Read } from '../../../src/common/utf8.ts'

const text = (bytes: Uint8Array): string => utf8Read(bytes, 0, bytes.length)

const fileOf = (storage: MemoryStorage, content = 'hello world', path = 'a') => {
  const file = storage.open(path)
  file.write(0, utf8Bytes(content))
  return file
}

const contentOf = (storage: MemoryStorage, path = 'a'): string => {
  const file = storage.open(path)
  return text(file.read(0, file.size()))
}

describe('MemoryStorage', () => {
  test('a power loss takes what was not flushed', async () => {
    const storage = new MemoryStorage()
    const file = fileOf(storage)
    await file.flush()
    file.write(11, utf8Bytes(', again'))

    expect(contentOf(storage.powerLoss())).toBe('hello world')
    expect(contentOf(storage)).toBe('hello world, again')
  })

  test('a killed process keeps what was written, flushed or not', () => {
    const storage = new MemoryStorage()
    fileOf(storage)
    expect(contentOf(storage.afterKill())).toBe('hello world')
  })

  test('a power loss can leave a part of what was not flushed, and zeros behind it', async () => {
    const storage = new MemoryStorage()
    const file = fileOf(storage, 'base')
    await file.flush()
    file.write(4, utf8Bytes('0123456789'))

    const torn = storage.powerLoss((_path, unflushedBytes) => {
      expect(unflushedBytes).toBe(10)
      return { keptBytes: 3, zeroBytes: 2 }
    })
    expect(contentOf(torn)).toBe('base012\0\0')
  })

  test('zeros never make a file longer than it was', () => {
    const storage = new MemoryStorage()
    fileOf(storage, 'abc')
    const torn = storage.powerLoss(() => ({ keptBytes: 2, zeroBytes: 100 }))
    expect(contentOf(torn)).toBe('ab\0')
  })

  test('what is found after a power loss is durable', () => {
    const storage = new MemoryStorage()
    fileOf(storage, 'abc')
    const torn = storage.powerLoss(() => ({ keptBytes: 2 }))
    expect(contentOf(torn.powerLoss())).toBe('ab')
  })

  test('a flush makes durable what was written before it began, not what follows', async () => {
    const simulation = new Simulation({ seed: 1 })
    const storage = new MemoryStorage({ time: simulation, flushLatencyMs: 10 })
    await simulation.run(async () => {
      const file = fileOf(storage, 'before')
      const flushed = file.flush()
      file.write(6, utf8Bytes(' after'))
      expect(contentOf(storage.powerLoss())).toBe('')
      await flushed
      expect(simulation.hiResClockMs()).toBe(10)
      expect(contentOf(storage.powerLoss())).toBe('before')
    })
  })

  test('a failed flush rejects and makes nothing durable', async () => {
    const storage = new MemoryStorage()
    const file = fileOf(storage)
    storage.failFlushes((path) => path === 'a')
    await expect(file.flush()).rejects.toThrow(IOException)
    expect(contentOf(storage.powerLoss())).toBe('')
    storage.failFlushes(undefined)
    await file.flush()
    expect(contentOf(storage.powerLoss())).toBe('hello world')
  })

  test('a full disk refuses to write and changes nothing', () => {
    const storage = new MemoryStorage()
    const file = fileOf(storage)
    storage.failWrites(() => true)
    expect(() => file.write(11, utf8Bytes('!'))).toThrow(/no space left/)
    storage.failWrites(undefined)
    expect(contentOf(storage)).toBe('hello world')
  })

  test('a read view is not changed by a later write or cut at its place', () => {
    const storage = new MemoryStorage()
    const file = fileOf(storage)
    const held = file.read(6, 5)
    file.write(6, utf8Bytes('earth'))
    expect(text(held)).toBe('world')
    expect(contentOf(storage)).toBe('hello earth')
    const again = file.read(0, 5)
    file.truncate(0)
    file.write(0, utf8Bytes('other'))
    expect(text(again)).toBe('hello')
  })

  test('writing over the middle keeps what stands behind', () => {
    const storage = new MemoryStorage()
    const file = fileOf(storage)
    file.write(4, utf8Bytes('O W'))
    expect(contentOf(storage)).toBe('hellO World')
  })

  test('writing over flushed bytes makes them unflushed', async () => {
    const storage = new MemoryStorage()
    const file = fileOf(storage)
    await file.flush()
    file.write(6, utf8Bytes('earth'))
    expect(contentOf(storage.powerLoss())).toBe('hello ')
  })

  test('a read over the borders of chunks is whole', () => {
    const storage = new MemoryStorage()
    const file = storage.open('big')
    const block = Uint8Array.from({ length: 1000 }, (_, i) => i % 251)
    for (let i = 0; i < 100; i++) file.write(i * 1000, block)
    expect(file.size()).toBe(100_000)
    for (const [position, length] of [
      [0, 100_000],
      [4_000, 200],
      [12_280, 30_000],
      [99_990, 500],
    ] as const) {
      const found = file.read(position, length)
      expect(found.length).toBe(Math.min(length, 100_000 - position))
      expect(found.every((byte, i) => byte === ((position + i) % 1000) % 251)).toBe(true)
    }
    expect(file.read(100_000, 10).length).toBe(0)
  })

  test('a hole in a file is refused', () => {
    const file = fileOf(new MemoryStorage())
    expect(() => file.write(100, utf8Bytes('x'))).toThrow(IOException)
  })

  test('directories list, rename and go with all that is in them', () => {
    const storage = new MemoryStorage()
    storage.makeDirectory('logs/orders-0')
    fileOf(storage, 'x', 'logs/orders-0/b')
    fileOf(storage, 'x', 'logs/orders-0/a')
    fileOf(storage, 'x', 'logs/orders-01')
    expect(storage.list('logs')).toEqual(['orders-0', 'orders-01'])
    expect(storage.list('logs/orders-0')).toEqual(['a', 'b'])
    expect(storage.isDirectory('logs/orders-0')).toBe(true)
    expect(storage.isDirectory('logs/orders-01')).toBe(false)

    storage.rename('logs/orders-0', 'logs/gone')
    expect(storage.list('logs')).toEqual(['gone', 'orders-01'])
    expect(contentOf(storage, 'logs/gone/a')).toBe('x')
    expect(() => storage.rename('logs/orders-0', 'logs/x')).toThrow(IOException)

    storage.remove('logs/gone')
    expect(storage.list('logs')).toEqual(['orders-01'])
    expect(() => storage.open('logs/gone/a')).toThrow(/there is no directory/)
    expect(() => storage.open('logs')).toThrow(/it is a directory/)
  })

  test('a file that is renamed over another replaces it at once', () => {
    const storage = new MemoryStorage()
    fileOf(storage, 'old', 'a')
    fileOf(storage, 'new', 'a.tmp')
    storage.rename('a.tmp', 'a')
    expect(contentOf(storage)).toBe('new')
    expect(storage.list('')).toEqual(['a'])
  })

  test('an open file that is removed can be read to its end', () => {
    const storage = new MemoryStorage()
    const file = fileOf(storage)
    storage.remove('a')
    expect(text(file.read(0, 5))).toBe('hello')
    file.close()
    file.close()
    expect(() => file.read(0, 5)).toThrow(/closed/)
  })
})
