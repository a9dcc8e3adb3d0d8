/**
 * A pool on the workbench: eight cells of 1,024 bytes, named programs that take and give back, and
 * a picture of where the memory is.
 *
 *     |###++o..|   # in use   + reserved for one who waits   o kept (free list)   . unallocated
 *
 * The chapter's demo draws with it, its tests ask it. The pool is the real one, its clock virtual.
 */

import type { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import type { Simulation } from '../../src/common/Simulation.ts'
import { TraceBus } from '../../src/common/Trace.ts'
import { BufferPool } from '../../src/producer/internals/BufferPool.ts'
import type {
  BufferPoolSnapshot,
  WaiterSnapshot,
} from '../../src/producer/internals/ProducerSnapshot.ts'

/** Bytes of a pooled buffer, and of one cell of the picture. */
export const CELL = 1024
export const CELLS = 8

export class Workbench {
  readonly pool: BufferPool
  readonly time: Simulation
  /** Who got what, in the order in which they got it. */
  readonly served: string[] = []
  readonly failed: { readonly name: string; readonly error: Error }[] = []
  private readonly held = new Map<string, ByteBuffer>()

  constructor(time: Simulation, cells = CELLS) {
    this.time = time
    const trace = new TraceBus(time).from('pool')
    this.pool = new BufferPool({ memory: cells * CELL, poolableSize: CELL, time, trace })
  }

  /** `name` asks for so many cells, and has them at once or waits for them. */
  take(name: string, cells: number, maxBlockMs = 60_000): 'at once' | 'waits' {
    const got = this.pool.allocate(cells * CELL, maxBlockMs)
    if (!(got instanceof Promise)) {
      this.keep(name, got)
      return 'at once'
    }
    got.then(
      (buffer) => this.keep(name, buffer),
      (error: Error) => this.failed.push({ name, error }),
    )
    return 'waits'
  }

  give(name: string): void {
    const buffer = this.held.get(name)
    if (buffer === undefined) throw new Error(`${name} holds nothing`)
    this.held.delete(name)
    this.pool.deallocate(buffer)
  }

  /** The very buffer that `name` holds. */
  bufferOf(name: string): ByteBuffer | undefined {
    return this.held.get(name)
  }

  /** Everybody who was woken goes on; time passes by a microsecond or two. */
  async settle(): Promise<void> {
    await this.time.sleep(0)
  }

  picture(): string {
    return pictureOf(this.pool.snapshot())
  }

  /** `4 (has 1), 1`: what those in line wait for, in cells, the first one first. */
  line(): string {
    return this.pool.snapshot().waiters.map(wantedBy).join(', ')
  }

  private keep(name: string, buffer: ByteBuffer): void {
    this.held.set(name, buffer)
    this.served.push(name)
  }
}

export const pictureOf = (pool: BufferPoolSnapshot): string => {
  const { totalBytes, inUseBytes, unallocatedBytes, freeBuffers, waiters } = pool
  const reserved = waiters.reduce((sum, { accumulated }) => sum + accumulated, 0)
  const cells = [
    ['#', inUseBytes],
    ['+', reserved],
    ['o', freeBuffers * CELL],
    ['.', unallocatedBytes],
  ] as const
  const bar = cells.map(([cell, bytes]) => cell.repeat(bytes / CELL)).join('')
  return `|${bar.padEnd(totalBytes / CELL)}|`
}

/** `4 (has 1)`, in cells. */
export const wantedBy = ({ bytes, accumulated }: WaiterSnapshot): string =>
  accumulated === 0 ? `${bytes / CELL}` : `${bytes / CELL} (has ${accumulated / CELL})`
