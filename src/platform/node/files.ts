/** Files on Node. Synchronous, because a log acknowledges only after write(2) has returned. */

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { RawFile, RawFiles } from '../primitives.ts'

class NodeFile implements RawFile {
  private readonly fd: number

  constructor(fd: number) {
    this.fd = fd
  }

  read(position: number, into: Uint8Array): number {
    let done = 0
    while (done < into.length) {
      const n = readSync(this.fd, into, done, into.length - done, position + done)
      if (n === 0) break
      done += n
    }
    return done
  }

  write(position: number, bytes: Uint8Array): void {
    let done = 0
    while (done < bytes.length) {
      done += writeSync(this.fd, bytes, done, bytes.length - done, position + done)
    }
  }

  size(): number {
    return fstatSync(this.fd).size
  }

  truncate(size: number): void {
    ftruncateSync(this.fd, size)
  }

  flush(): Promise<void> {
    return new Promise((resolve, reject) =>
      fsync(this.fd, (error) => (error ? reject(error) : resolve())),
    )
  }

  close(): void {
    closeSync(this.fd)
  }
}

export const files: RawFiles = {
  open: (path) => new NodeFile(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)),
  exists: (path) => existsSync(path),
  list: (path) => readdirSync(path).sort(),
  makeDirectory: (path) => {
    mkdirSync(path, { recursive: true })
  },
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  join: (...parts) => join(...parts),
}
