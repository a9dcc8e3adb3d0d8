/**
 * The bytes of one file in memory: chunks that are appended to and never moved.
 *
 *     chunk 0 (4 KiB)  chunk 1 (8 KiB)   chunk 2 (16 KiB)
 *     ├──────────────┤├────────────────┤├──────────┄┄┄┄┄┄┤
 *     start 0         start 4096        start 12288 ^ size
 *
 * Growing by chunks instead of by copying keeps views valid and costs one copy per byte in all;
 * doubling their size up to 8 MiB keeps a thousand empty partitions small and makes reads across a
 * border rare.
 */

const FIRST_CHUNK = 4 * 1024
const LARGEST_CHUNK = 8 * 1024 * 1024

interface Chunk {
  /** Where its first byte stands in the file. */
  readonly start: number
  readonly bytes: Uint8Array
  used: number
}

export class MemoryFileData {
  size = 0
  /** Bytes that survive a power loss. */
  flushedSize = 0
  private readonly chunks: Chunk[] = []

  read(position: number, length: number): Uint8Array {
    const end = Math.min(this.size, position + length)
    if (position >= end) return new Uint8Array(0)
    let index = this.chunkAt(position)
    const first = this.chunks[index]!
    if (end <= first.start + first.used) {
      return first.bytes.subarray(position - first.start, end - first.start)
    }
    const joined = new Uint8Array(end - position)
    for (let done = position; done < end; index++) {
      const chunk = this.chunks[index]!
      const upTo = Math.min(end, chunk.start + chunk.used)
      joined.set(chunk.bytes.subarray(done - chunk.start, upTo - chunk.start), done - position)
      done = upTo
    }
    return joined
  }

  /** Writes at `position` ≤ `size`. What stood behind the end of `bytes` stays. */
  write(position: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const end = position + bytes.length
    if (position < this.size) {
      const behind = end < this.size ? this.read(end, this.size - end).slice() : undefined
      this.truncate(position)
      this.append(bytes)
      if (behind !== undefined) this.append(behind)
    } else {
      this.append(bytes)
    }
  }

  truncate(size: number): void {
    if (size >= this.size) return
    while (this.chunks.length > 0 && this.chunks.at(-1)!.start >= size) this.chunks.pop()
    const last = this.chunks.at(-1)
    if (last !== undefined && last.start + last.used > size) {
      // I2: a reader may hold a view of what is cut off, so the room behind the cut is not used
      // again.
      const kept = last.bytes.subarray(0, size - last.start)
      this.chunks[this.chunks.length - 1] = { start: last.start, bytes: kept, used: kept.length }
    }
    this.size = size
    this.flushedSize = Math.min(this.flushedSize, size)
  }

  /** The first `size` bytes, as they were when the flush began, are durable. */
  flushed(size: number): void {
    this.flushedSize = Math.max(this.flushedSize, Math.min(size, this.size))
  }

  afterPowerLoss(keptBytes: number, zeroBytes: number): MemoryFileData {
    const found = new MemoryFileData()
    const kept = Math.min(this.size, this.flushedSize + keptBytes)
    found.append(this.read(0, kept).slice())
    found.append(new Uint8Array(Math.min(zeroBytes, this.size - kept)))
    found.flushedSize = found.size
    return found
  }

  private append(bytes: Uint8Array): void {
    let done = 0
    while (done < bytes.length) {
      const chunk = this.chunkWithRoom(bytes.length - done)
      const count = Math.min(bytes.length - done, chunk.bytes.length - chunk.used)
      chunk.bytes.set(bytes.subarray(done, done + count), chunk.used)
      chunk.used += count
      this.size += count
      done += count
    }
  }

  private chunkWithRoom(needed: number): Chunk {
    const last = this.chunks.at(-1)
    if (last !== undefined && last.used < last.bytes.length) return last
    const grown = last === undefined ? FIRST_CHUNK : Math.min(LARGEST_CHUNK, last.bytes.length * 2)
    const capacity = Math.max(FIRST_CHUNK, grown, Math.min(needed, LARGEST_CHUNK))
    const chunk = { start: this.size, bytes: new Uint8Array(capacity), used: 0 }
    this.chunks.push(chunk)
    return chunk
  }

  /** The index of the chunk that holds `position` < `size`. */
  private chunkAt(position: number): number {
    let low = 0
    let high = this.chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.chunks[middle]!.start <= position) low = middle
      else high = middle - 1
    }
    return low
  }
}
