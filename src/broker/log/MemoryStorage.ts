/**
 * A disk in memory, for tests, labs and simulation: it can lose power, tear writes, refuse to write
 * and fail to flush.
 *
 *     written        ├────────────────────────────────┤
 *     flushed        ├──────────────────┤             ¦
 *     after a crash  ├──────────────────┤░░░ torn ░░░┤   there, in part, as zeros, or not
 *
 * A file is a list of chunks that grow from 4 KiB to 8 MiB: appending never moves old bytes, so a
 * read inside one chunk is a view and stays true for as long as its reader keeps it; a read across
 * two chunks is one copy.
 *
 * I1  Bytes below a file's `flushedSize` survive `powerLoss`; nothing is said about the others.
 * I2  A byte that a reader may hold is never overwritten in place: writing over old bytes starts a
 *     new chunk there.
 * I3  `flush` waits for an entry of `Time`, never for a real device, so a simulated run is fixed by
 *     its seed.
 *
 * @simplified making, renaming and removing files is durable at once, as on a journalling file
 *   system.
 */

import { IOException } from '../../common/errors.ts'
import type { Time } from '../../common/Time.ts'
import { MemoryFileData } from './MemoryFileData.ts'
import { parentPath, type Storage, type StorageFile } from './Storage.ts'

/** What a lost power supply leaves of one file's unflushed bytes. */
export interface TornTail {
  /** How many bytes past the flushed ones have reached the disk. */
  keptBytes: number
  /** Further bytes that the file system had already counted, but whose content never arrived. */
  zeroBytes?: number
}

export interface MemoryStorageOptions {
  /** Whose entries `flush` waits for. Without one it does not wait. */
  time?: Time
  /** How long one `flush` takes, in milliseconds. Default 0: one turn of the event loop. */
  flushLatencyMs?: number
}

export class MemoryStorage implements Storage {
  private readonly options: MemoryStorageOptions
  private readonly files: Map<string, MemoryFileData>
  private readonly directories: Set<string>
  private writeFault: ((path: string) => boolean) | undefined
  private flushFault: ((path: string) => boolean) | undefined

  constructor(options: MemoryStorageOptions = {}) {
    this.options = options
    this.files = new Map()
    this.directories = new Set([''])
  }

  /**
   * While `failing(path)` is true, writing to that file throws, as on a full disk. `undefined` ends
   * it.
   */
  failWrites(failing: ((path: string) => boolean) | undefined): void {
    this.writeFault = failing
  }

  /** While `failing(path)` is true, flushing that file rejects and makes nothing durable. */
  failFlushes(failing: ((path: string) => boolean) | undefined): void {
    this.flushFault = failing
  }

  /**
   * The disk as it is found after the power came back: a new storage, this one untouched.
   *
   * @param torn what is left of the unflushed part of a file of `unflushedBytes`; default: nothing
   */
  powerLoss(torn?: (path: string, unflushedBytes: number) => TornTail): MemoryStorage {
    const found = this.emptyCopy()
    for (const [path, data] of this.files) {
      const tail = torn?.(path, data.size - data.flushedSize) ?? { keptBytes: 0 }
      found.files.set(path, data.afterPowerLoss(tail.keptBytes, tail.zeroBytes ?? 0))
    }
    return found
  }

  /** The disk as a killed process leaves it: every write that returned is there. */
  afterKill(): MemoryStorage {
    const found = this.emptyCopy()
    for (const [path, data] of this.files) {
      found.files.set(path, data.afterPowerLoss(data.size - data.flushedSize, 0))
    }
    return found
  }

  /** Bytes held by all files. */
  sizeInBytes(): number {
    let bytes = 0
    for (const data of this.files.values()) bytes += data.size
    return bytes
  }

  open(path: string): StorageFile {
    const parent = parentPath(path)
    if (!this.directories.has(parent)) {
      throw new IOException(`Cannot open '${path}': there is no directory '${parent}'.`)
    }
    if (this.directories.has(path)) {
      throw new IOException(`Cannot open '${path}': it is a directory.`)
    }
    let data = this.files.get(path)
    if (data === undefined) {
      data = new MemoryFileData()
      this.files.set(path, data)
    }
    return new MemoryFile(this, path, data)
  }

  exists(path: string): boolean {
    return this.files.has(path) || this.directories.has(path)
  }

  isDirectory(path: string): boolean {
    return this.directories.has(path)
  }

  list(path: string): string[] {
    const prefix = path === '' ? '' : `${path}/`
    const names: string[] = []
    for (const known of [...this.files.keys(), ...this.directories]) {
      if (!known.startsWith(prefix) || known.length === prefix.length) continue
      const rest = known.slice(prefix.length)
      if (!rest.includes('/')) names.push(rest)
    }
    return names.sort()
  }

  makeDirectory(path: string): void {
    for (let at = path; at !== ''; at = parentPath(at)) this.directories.add(at)
  }

  rename(from: string, to: string): void {
    const file = this.files.get(from)
    if (file !== undefined) {
      this.files.delete(from)
      this.files.set(to, file)
      return
    }
    if (!this.directories.has(from)) {
      throw new IOException(`Cannot rename '${from}' to '${to}': there is nothing of that name.`)
    }
    if (this.exists(to)) {
      throw new IOException(`Cannot rename '${from}' to '${to}': the target exists.`)
    }
    const moved = (path: string): string | undefined =>
      path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : undefined
    for (const [path, data] of [...this.files]) {
      const target = moved(path)
      if (target === undefined) continue
      this.files.delete(path)
      this.files.set(target, data)
    }
    for (const path of [...this.directories]) {
      const target = moved(path)
      if (target === undefined) continue
      this.directories.delete(path)
      this.directories.add(target)
    }
  }

  remove(path: string): void {
    this.files.delete(path)
    if (!this.directories.delete(path)) return
    for (const known of [...this.files.keys()]) {
      if (known.startsWith(`${path}/`)) this.files.delete(known)
    }
    for (const known of [...this.directories]) {
      if (known.startsWith(`${path}/`)) this.directories.delete(known)
    }
  }

  /** Called by an open file before it writes. */
  checkWrite(path: string): void {
    if (this.writeFault?.(path)) {
      throw new IOException(`Cannot write to '${path}': no space left on device.`)
    }
  }

  /** Called by an open file: resolves once what it has now is durable. */
  async flushFile(path: string, data: MemoryFileData): Promise<void> {
    const size = data.size
    await this.options.time?.sleep(this.options.flushLatencyMs ?? 0)
    if (this.flushFault?.(path))
      throw new IOException(`Cannot flush '${path}': input/output error.`)
    data.flushed(size)
  }

  private emptyCopy(): MemoryStorage {
    const copy = new MemoryStorage(this.options)
    for (const directory of this.directories) copy.directories.add(directory)
    return copy
  }
}

class MemoryFile implements StorageFile {
  private readonly storage: MemoryStorage
  private readonly path: string
  private data: MemoryFileData | undefined

  constructor(storage: MemoryStorage, path: string, data: MemoryFileData) {
    this.storage = storage
    this.path = path
    this.data = data
  }

  read(position: number, length: number): Uint8Array {
    return this.opened().read(position, length)
  }

  write(position: number, bytes: Uint8Array): void {
    const data = this.opened()
    this.storage.checkWrite(this.path)
    if (position > data.size) {
      throw new IOException(`Cannot write '${this.path}' at ${position}: it ends at ${data.size}.`)
    }
    data.write(position, bytes)
  }

  size(): number {
    return this.opened().size
  }

  truncate(size: number): void {
    this.opened().truncate(size)
  }

  flush(): Promise<void> {
    return this.storage.flushFile(this.path, this.opened())
  }

  close(): void {
    this.data = undefined
  }

  private opened(): MemoryFileData {
    if (this.data === undefined) throw new IOException(`The file '${this.path}' is closed.`)
    return this.data
  }
}
