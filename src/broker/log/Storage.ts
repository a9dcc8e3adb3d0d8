/**
 * The disk as a seam: files that a log appends to and reads from, real or in memory.
 *
 * Reading and writing are synchronous and only `flush` is awaited. That is what makes the promise
 * of this broker short enough to check: a record is acknowledged after `write` has returned, so a
 * killed process loses nothing that was acknowledged; `flush` (fsync) is about losing power, and
 * follows Kafka's `log.flush.*` settings.
 *
 * A path is made of names joined by `/`; `FileStorage` maps it to a directory of the machine,
 * `MemoryStorage` keeps a map. Nobody above this line knows which of the two it has.
 *
 * @kafka java.nio.channels.FileChannel
 */

/** An open file. Positions and sizes are bytes. */
export interface StorageFile {
  /**
   * The bytes `[position, position + length)`, fewer at the end of the file. The caller must not
   * change them: they may be a view of memory that others read too.
   */
  read(position: number, length: number): Uint8Array
  /** Writes all of `bytes` at `position`, which is at most `size()`. Throws an `IOException`. */
  write(position: number, bytes: Uint8Array): void
  size(): number
  /** Cuts the file to `size` bytes. A larger `size` than the file has does nothing. */
  truncate(size: number): void
  /**
   * What was written before the call survives a power loss once this resolves; rejects with an
   * `IOException`.
   */
  flush(): Promise<void>
  /** Any use after `close` throws; a second `close` does nothing. */
  close(): void
}

/** A tree of files and directories. */
export interface Storage {
  /** Opens a file for reading and writing, made empty if it is not there. */
  open(path: string): StorageFile
  exists(path: string): boolean
  /** Names in a directory, sorted; empty when it is not there. */
  list(path: string): string[]
  /** Makes a directory and its parents; an existing one is fine. */
  makeDirectory(path: string): void
  /** Moves a file or a directory; a file at `to` is replaced, at once or not at all. */
  rename(from: string, to: string): void
  /** Removes a file or a whole directory; an absent one is fine. */
  remove(path: string): void
  /** Whether `path` names a directory. */
  isDirectory(path: string): boolean
}

/** Joins names of a `Storage` path. */
export const joinPath = (...parts: string[]): string =>
  parts.filter((part) => part !== '').join('/')

/** Everything before the last name of a path; `''` for a single name. */
export const parentPath = (path: string): string => {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

/** The last name of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Reads a whole small file; `undefined` when it is not there. */
export const readWhole = (storage: Storage, path: string): Uint8Array | undefined => {
  if (!storage.exists(path)) return undefined
  const file = storage.open(path)
  try {
    return file.read(0, file.size()).slice()
  } finally {
    file.close()
  }
}
