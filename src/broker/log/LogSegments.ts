/**
 * The segments of one log, by base offset.
 *
 * There are few and they are added at the end, so a sorted array with a search by halving does what
 * Java's skip list does.
 *
 * @kafka org.apache.kafka.storage.internals.log.LogSegments
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { LogSegment } from './LogSegment.ts'

export class LogSegments {
  private readonly topicPartition: TopicPartition
  /** Ascending by base offset. */
  private segments: LogSegment[] = []

  constructor(topicPartition: TopicPartition) {
    this.topicPartition = topicPartition
  }

  isEmpty(): boolean {
    return this.segments.length === 0
  }

  nonEmpty(): boolean {
    return this.segments.length > 0
  }

  numberOfSegments(): number {
    return this.segments.length
  }

  /**
   * Adds a segment, or puts it in the place of the one with the same base offset, which is
   * returned.
   */
  add(segment: LogSegment): LogSegment | undefined {
    const index = this.floorIndex(segment.baseOffset)
    const at = this.segments[index]
    if (at?.baseOffset === segment.baseOffset) {
      this.segments[index] = segment
      return at
    }
    this.segments.splice(index + 1, 0, segment)
    return undefined
  }

  remove(baseOffset: number): void {
    this.segments = this.segments.filter((segment) => segment.baseOffset !== baseOffset)
  }

  clear(): void {
    this.segments = []
  }

  /** Closes every segment, also when one fails; throws the first failure. */
  close(): void {
    const failures: unknown[] = []
    for (const segment of this.segments) {
      try {
        segment.close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  closeHandlers(): void {
    for (const segment of this.segments) segment.closeHandlers()
  }

  updateParentDir(dir: string): void {
    for (const segment of this.segments) segment.updateParentDir(dir)
  }

  contains(baseOffset: number): boolean {
    return this.get(baseOffset) !== undefined
  }

  get(baseOffset: number): LogSegment | undefined {
    const found = this.floorSegment(baseOffset)
    return found?.baseOffset === baseOffset ? found : undefined
  }

  baseOffsets(): number[] {
    return this.segments.map((segment) => segment.baseOffset)
  }

  /** All of them, or those that hold offsets in `[from, to)`: the first may begin before `from`. */
  values(from?: number, to?: number): LogSegment[] {
    if (from === undefined || to === undefined) return [...this.segments]
    if (from === to) return []
    const first = Math.max(0, this.floorIndex(from))
    return this.segments.slice(first).filter((segment) => segment.baseOffset < to)
  }

  /** Those from `from` on that are not written to any more. */
  nonActiveLogSegmentsFrom(from: number): LogSegment[] {
    const active = this.lastSegment()
    if (active === undefined || from > active.baseOffset) return []
    return this.values(from, active.baseOffset)
  }

  firstSegment(): LogSegment | undefined {
    return this.segments[0]
  }

  firstSegmentBaseOffset(): number | undefined {
    return this.segments[0]?.baseOffset
  }

  lastSegment(): LogSegment | undefined {
    return this.segments.at(-1)
  }

  /** The one that is written to. */
  activeSegment(): LogSegment {
    const last = this.segments.at(-1)
    if (last === undefined) {
      throw new IllegalStateException(`No active segment for partition ${this.topicPartition}`)
    }
    return last
  }

  /** The last one that begins at or before `offset`. */
  floorSegment(offset: number): LogSegment | undefined {
    return this.segments[this.floorIndex(offset)]
  }

  /** The last one that begins before `offset`. */
  lowerSegment(offset: number): LogSegment | undefined {
    return this.floorSegment(offset - 1)
  }

  /** The first one that begins behind `offset`. */
  higherSegment(offset: number): LogSegment | undefined {
    return this.segments[this.floorIndex(offset) + 1]
  }

  higherSegments(baseOffset: number): LogSegment[] {
    return this.segments.slice(this.floorIndex(baseOffset) + 1)
  }

  sizeInBytes(): number {
    return LogSegments.sizeInBytes(this.segments)
  }

  static sizeInBytes(segments: readonly LogSegment[]): number {
    return segments.reduce((bytes, segment) => bytes + segment.size, 0)
  }

  /** -1 when all begin behind `offset`. */
  private floorIndex(offset: number): number {
    let low = -1
    let high = this.segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.segments[middle]!.baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}
