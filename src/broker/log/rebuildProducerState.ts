/**
 * Makes the producers' state of a log true again: the newest snapshot, and what the log says behind
 * it.
 *
 * @kafka org.apache.kafka.storage.internals.log.UnifiedLog (rebuildProducerState)
 */

import { MemoryRecords } from '../../record/MemoryRecords.ts'
import type { LogSegment } from './LogSegment.ts'
import type { LogSegments } from './LogSegments.ts'
import type { ProducerStateManager } from './ProducerStateManager.ts'

/** A segment is read in pieces of this size. */
const CHUNK_BYTES = 1024 * 1024

/**
 * @param lastOffset the state is wanted as it is before this offset
 * @param reloadFromCleanShutdown no snapshot at all after a clean shutdown means that there never
 *   was a producer to remember: the log need not be read
 */
export const rebuildProducerState = (
  producers: ProducerStateManager,
  segments: LogSegments,
  logStartOffset: number,
  lastOffset: number,
  nowMs: number,
  reloadFromCleanShutdown: boolean,
): void => {
  const toSnapshot = offsetsToSnapshot(segments, lastOffset)
  if (producers.latestSnapshotOffset() === undefined && reloadFromCleanShutdown) {
    for (const offset of toSnapshot) {
      producers.updateMapEndOffset(offset)
      producers.takeSnapshot()
    }
    return
  }
  const nothingToDo = producers.isEmpty() && producers.mapEndOffset() >= lastOffset
  producers.truncateAndReload(logStartOffset, lastOffset, nowMs)
  if (lastOffset > producers.mapEndOffset() && !nothingToDo) {
    for (const segment of segments.values(producers.mapEndOffset(), lastOffset)) {
      const startOffset = Math.max(segment.baseOffset, producers.mapEndOffset(), logStartOffset)
      producers.updateMapEndOffset(startOffset)
      if (toSnapshot.includes(segment.baseOffset)) producers.takeSnapshot()
      loadProducersFromSegment(producers, segment, startOffset, lastOffset)
    }
  }
  producers.updateMapEndOffset(lastOffset)
  producers.takeSnapshot()
}

/**
 * The starts of the last two segments, so that a crash while the last one is written costs one
 * segment's reading.
 */
const offsetsToSnapshot = (segments: LogSegments, lastOffset: number): number[] => {
  const offsets: number[] = []
  const last = segments.lastSegment()
  if (last !== undefined) {
    const lower = segments.lowerSegment(last.baseOffset)
    if (lower !== undefined) offsets.push(lower.baseOffset)
    offsets.push(last.baseOffset)
  }
  offsets.push(lastOffset)
  return offsets
}

const loadProducersFromSegment = (
  producers: ProducerStateManager,
  segment: LogSegment,
  startOffset: number,
  lastOffset: number,
): void => {
  const end = segment.translateOffset(lastOffset)?.position ?? segment.size
  let position = segment.translateOffset(startOffset)?.position ?? end
  while (position < end) {
    const header = segment.log.headerAt(position)
    if (header === undefined) return
    const size = Math.min(Math.max(CHUNK_BYTES, header.sizeInBytes), end - position)
    const chunk = MemoryRecords.readableRecords(segment.log.slice(position, size).toBytes())
    loadProducersFromRecords(producers, chunk)
    position += chunk.validBytes()
  }
}

/** Replays all batches of `records`. */
export const loadProducersFromRecords = (
  producers: ProducerStateManager,
  records: MemoryRecords,
): void => {
  const batches = records.batchIterator()
  while (batches.hasNext()) producers.replay(batches.next())
}
