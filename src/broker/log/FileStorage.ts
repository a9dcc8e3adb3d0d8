/**
 * The machine's disk: a directory of real files behind the `Storage` seam.
 *
 * `write` is one positioned write(2) that has returned before the caller goes on, and `read` one
 * positioned read(2) into bytes of its own. Errors of the machine become `IOException`s that name
 * the file, so that the log directory can be declared failed without guessing.
 *
 * @kafka java.nio.channels.FileChannel
 */

import { files } from '#platform'
import { IOException } from '../../common/errors.ts'
import type { RawFile } from '../../platform/primitives.ts'
import type { Storage, StorageFile } from './Storage.ts'

export class FileStorage implements Storage {
  /** The directory that the empty path stands for. */
  readonly root: string

  constructor(root: string) {
    this.root = root
    attempt('make the directory', root, () => files.makeDirectory(root))
  }

  open(path: string): StorageFile {
    const real = this.real(path)
    return new RealFile(
      real,
      attempt('open', real, () => files.open(real)),
    )
  }

  exists(path: string): boolean {
    return files.exists(this.real(path))
  }

  isDirectory(path: string): boolean {
    if (!this.exists(path)) return false
    try {
      files.list(this.real(path))
      return true
    } catch {
      // Only a directory can be listed; the platform has no narrower question to ask.
      return false
    }
  }

  list(path: string): string[] {
    const real = this.real(path)
    return files.exists(real) ? attempt('list', real, () => files.list(real)) : []
  }

  makeDirectory(path: string): void {
    const real = this.real(path)
    attempt('make the directory', real, () => files.makeDirectory(real))
  }

  rename(from: string, to: string): void {
    const real = this.real(from)
    attempt(`rename to '${to}' the file`, real, () => files.rename(real, this.real(to)))
  }

  remove(path: string): void {
    const real = this.real(path)
    attempt('remove', real, () => files.remove(real))
  }

  private real(path: string): string {
    return files.join(this.root, path)
  }
}

class RealFile implements StorageFile {
  private readonly path: string
  private file: RawFile | undefined
  private flushes = 0

  constructor(path: string, file: RawFile) {
    this.path = path
    this.file = file
  }

  read(position: number, length: number): Uint8Array {
    const into = new Uint8Array(length)
    const count = attempt('read', this.path, () => this.opened().read(position, into))
    return count === length ? into : into.subarray(0, count)
  }

  write(position: number, bytes: Uint8Array): void {
    attempt('write to', this.path, () => this.opened().write(position, bytes))
  }

  size(): number {
    return attempt('measure', this.path, () => this.opened().size())
  }

  truncate(size: number): void {
    attempt('truncate', this.path, () => {
      const file = this.opened()
      if (size < file.size()) file.truncate(size)
    })
  }

  async flush(): Promise<void> {
    const file = this.opened()
    this.flushes++
    try {
      await file.flush()
    } catch (error) {
      throw failed('flush', this.path, error)
    } finally {
      this.flushes--
      if (this.file === undefined) this.release(file)
    }
  }

  close(): void {
    const { file } = this
    this.file = undefined
    if (file !== undefined) this.release(file)
  }

  /** Closes the descriptor unless an fsync on it is under way: the last of those closes it then. */
  private release(file: RawFile): void {
    if (this.flushes === 0) attempt('close', this.path, () => file.close())
  }

  private opened(): RawFile {
    if (this.file === undefined) throw new IOException(`The file '${this.path}' is closed.`)
    return this.file
  }
}

const failed = (doing: string, path: string, cause: unknown): IOException => {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new IOException(`Cannot ${doing} '${path}': ${why}.`, { cause })
}

const attempt = <T>(doing: string, path: string, action: () => T): T => {
  try {
    return action()
  } catch (error) {
    throw error instanceof IOException ? error : failed(doing, path, error)
  }
}
