import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileStorage } from '../../../src/broker/log/FileStorage.ts'
import { INTERNAL_SEGMENT_BYTES } from '../../../src/broker/log/LogConfig.ts'
import { logFile } from '../../../src/broker/log/LogFileUtils.ts'
import { readWhole } from '../../../src/broker/log/Storage.ts'
import { IOException } from '../../../src/common/errors.ts'
import { utf8Bytes, utf8Read } from '../../../src/common/utf8.ts'
import { batch, batchOf, cutFile, DIR, logDirOn, readAll, sizeOf } from './helpers.ts'

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : utf8Read(bytes, 0, bytes.length)

describe('FileStorage', () => {
  let root: string
  let storage: FileStorage

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'annotated-kafka-'))
    storage = new FileStorage(root)
  })

  afterEach(() => rmSync(root, { recursive: true }))

  const write = (path: string, content: string): void => {
    const file = storage.open(path)
    file.write(0, utf8Bytes(content))
    file.close()
  }

  test('what was written is read, at any position and not beyond the end', () => {
    const file = storage.open('a')
    file.write(0, utf8Bytes('hello'))
    file.write(5, utf8Bytes(' world'))
    expect(file.size()).toBe(11)
    expect(text(file.read(4, 3))).toBe('o w')
    expect(text(file.read(6, 100))).toBe('world')
    expect(file.read(50, 10).length).toBe(0)
    file.write(0, utf8Bytes('J'))
    expect(text(file.read(0, 5))).toBe('Jello')
    file.close()
  })

  test('a file is cut, and never made longer', () => {
    write('a', 'hello world')
    const file = storage.open('a')
    file.truncate(5)
    file.truncate(50)
    expect(file.size()).toBe(5)
    file.close()
    expect(text(readWhole(storage, 'a'))).toBe('hello')
    expect(readWhole(storage, 'b')).toBeUndefined()
  })

  test('directories are made, listed, renamed and removed with all that is in them', () => {
    storage.makeDirectory('logs/orders-0')
    storage.makeDirectory('logs/orders-0')
    write('logs/orders-0/b', '1')
    write('logs/orders-0/a', '1')
    expect(storage.list('logs/orders-0')).toEqual(['a', 'b'])
    expect(storage.list('nowhere')).toEqual([])
    expect(storage.isDirectory('logs')).toBe(true)
    expect(storage.isDirectory('logs/orders-0/a')).toBe(false)
    expect(storage.isDirectory('nowhere')).toBe(false)
    storage.rename('logs/orders-0', 'logs/gone')
    expect(storage.exists('logs/orders-0')).toBe(false)
    expect(text(readWhole(storage, 'logs/gone/a'))).toBe('1')
    storage.remove('logs/gone')
    storage.remove('logs/gone')
    expect(storage.list('logs')).toEqual([])
  })

  test('a file that is renamed over another replaces it', () => {
    write('a', 'old')
    write('a.tmp', 'new')
    storage.rename('a.tmp', 'a')
    expect(text(readWhole(storage, 'a'))).toBe('new')
    expect(storage.list('')).toEqual(['a'])
  })

  test('what fails says what was done to which file', () => {
    expect(() => storage.open('no/such/directory')).toThrow(IOException)
    expect(() => storage.open('no/such/directory')).toThrow(/Cannot open '.*no\/such\/directory'/)
    expect(() => storage.rename('nothing', 'a')).toThrow(
      /Cannot rename to 'a' the file '.*nothing'/,
    )
  })

  test('a closed file refuses everything, and closing twice is fine', async () => {
    const file = storage.open('a')
    file.close()
    file.close()
    expect(() => file.read(0, 1)).toThrow(/closed/)
    expect(() => file.write(0, utf8Bytes('x'))).toThrow(/closed/)
    expect(() => file.size()).toThrow(/closed/)
    await expect(file.flush()).rejects.toThrow(/closed/)
  })

  test('a file may be closed while a flush of it is under way', async () => {
    const file = storage.open('a')
    file.write(0, utf8Bytes('x'))
    const flushes = [file.flush(), file.flush()]
    file.close()
    await expect(Promise.all(flushes)).resolves.toBeDefined()
  })
})

describe('a log on a real disk', () => {
  let root: string
  const settings = { [INTERNAL_SEGMENT_BYTES]: 400, 'file.delete.delay.ms': 0 }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'annotated-kafka-'))
  })

  afterEach(() => rmSync(root, { recursive: true }))

  const openDir = () => logDirOn(new FileStorage(root))

  test('is found again after it was closed, with its producers', async () => {
    const dir = openDir()
    const log = dir.open({ settings })
    const timestamp = dir.time.milliseconds()
    for (let i = 0; i < 20; i++) {
      log.appendAsLeader(batchOf(3n, 0, i, `value ${i}`, { timestamp }), 0)
    }
    await log.flush()
    log.close()

    const again = openDir().open({ settings, hadCleanShutdown: true })
    expect(again.numberOfSegments()).toBeGreaterThan(3)
    expect(readAll(again).map(({ value }) => value)).toEqual(
      Array.from({ length: 20 }, (_, i) => `value ${i}`),
    )
    expect(again.appendAsLeader(batchOf(3n, 0, 19), 0).isDuplicate).toBe(true)
    expect(again.appendAsLeader(batchOf(3n, 0, 20), 0).firstOffset).toBe(20)
    again.close()
  })

  test('is read by another process while it is written, and cut where it was torn', () => {
    const log = openDir().open()
    for (let i = 0; i < 5; i++) log.appendAsLeader(batch(`value ${i}`), 0)
    // Not closed: as a killed process leaves it.
    const size = sizeOf(new FileStorage(root), logFile(DIR, 0))
    cutFile(new FileStorage(root), logFile(DIR, 0), size - 3)
    const again = openDir().open()
    expect(readAll(again).map(({ value }) => value)).toEqual([0, 1, 2, 3].map((i) => `value ${i}`))
    again.appendAsLeader(batch('new'), 0)
    expect(again.logEndOffset).toBe(5)
    again.close()
    log.activeSegment().closeHandlers()
  })

  test('is renamed and removed while it is open', async () => {
    const storage = new FileStorage(root)
    const dir = logDirOn(storage)
    const log = dir.open({ settings })
    for (let i = 0; i < 10; i++) log.appendAsLeader(batch(`value ${i}`), 0)
    log.renameDir('orders-0.abc-delete')
    expect(storage.list('')).toEqual(['orders-0.abc-delete'])
    expect(readAll(log)).toHaveLength(10)
    log.appendAsLeader(batch('late'), 1)
    await log.flush()
    log.delete()
    expect(storage.list('')).toEqual([])
    expect(dir.context.failureChannel.hasOfflineLogDir()).toBe(false)
  })
})
