/**
 * How much a zstd frame can hold, and where it ends: what must be known before it is given to a
 * decoder that wants to be told how much room to make.
 *
 *     │ 28 b5 2f fd │ descriptor 1 │ window 0–1 │ dictionary 0–4 │ plain size 0–8 │
 *     │ block: last, kind, size 3 │ … │ block … │ … │ checksum 0 or 4 │
 *
 * Java and librdkafka write while records arrive, so their frames do not say the plain size. But
 * each block says its own, or is compressed and holds at most 128 KiB; walking from block to block
 * gives a bound, and shows what is cut off. A size that is said and goes beyond that bound is a
 * lie. The content of a block is not looked at: that is the decoder's work.
 *
 * I1  `plainBound` is at least what the frame holds, and follows from bytes that are there.
 *
 * Java's client reads a stream and need not know.
 */

import { InvalidRecordException } from '../../common/errors/ApiExceptions.ts'

export interface ZstdFrame {
  readonly from: number
  readonly to: number
  /** Plain bytes that the frame says; `null` when it does not. */
  readonly plainSize: number | null
  /** Plain bytes that the frame can hold. */
  readonly plainBound: number
}

const MAGIC = 0xfd2fb528
/** Frames for others to put something in; a decoder steps over them. */
const SKIPPABLE_MAGIC = 0x184d2a5
const MAX_BLOCK = 128 * 1024
const RAW = 0
const RUN_LENGTH = 1
const RESERVED = 3

/** Bytes of the two optional fields, by the bits in the descriptor. */
const DICTIONARY_BYTES: readonly number[] = [0, 1, 2, 4]
const SIZE_BYTES: readonly number[] = [0, 2, 4, 8]

/**
 * The frames that `bytes` is made of, skippable ones left out.
 *
 * @throws InvalidRecordException when a frame is cut off, or is none
 */
export const zstdFrames = (bytes: Uint8Array): ZstdFrame[] => {
  const frames: ZstdFrame[] = []
  for (let at = 0; at < bytes.length; ) {
    const magic = littleEndian(bytes, at, 4)
    if (magic === MAGIC) {
      const frame = frameAt(bytes, at)
      frames.push(frame)
      at = frame.to
    } else if (magic >>> 4 === SKIPPABLE_MAGIC) {
      at += 8 + littleEndian(bytes, at + 4, 4)
      if (at > bytes.length) throw cutOff()
    } else {
      throw invalid(`no frame begins at byte ${at}`)
    }
  }
  return frames
}

const frameAt = (bytes: Uint8Array, from: number): ZstdFrame => {
  const descriptor = littleEndian(bytes, from + 4, 1)
  const isSingleSegment = (descriptor & 0b10_0000) !== 0
  if ((descriptor & 0b1000) !== 0) throw invalid('a reserved bit of the frame is set')
  let at = from + 5 + (isSingleSegment ? 0 : 1) + DICTIONARY_BYTES[descriptor & 0b11]!
  const sizeBytes = SIZE_BYTES[descriptor >>> 6]! || (isSingleSegment ? 1 : 0)
  const said = littleEndian(bytes, at, sizeBytes)
  const plainSize = sizeBytes === 0 ? null : sizeBytes === 2 ? said + 256 : said
  at += sizeBytes
  let plainBound = 0
  for (let isLast = false; !isLast; ) {
    const header = littleEndian(bytes, at, 3)
    const kind = (header >>> 1) & 0b11
    const size = header >>> 3
    isLast = (header & 1) !== 0
    if (kind === RESERVED) throw invalid('a block has a reserved kind')
    at += 3 + (kind === RUN_LENGTH ? 1 : size)
    if (at > bytes.length) throw cutOff()
    plainBound += kind === RAW || kind === RUN_LENGTH ? Math.min(size, MAX_BLOCK) : MAX_BLOCK
  }
  const to = at + ((descriptor & 0b100) === 0 ? 0 : 4)
  if (to > bytes.length) throw cutOff()
  if (plainSize !== null && plainSize > plainBound) {
    throw invalid(`the frame says ${plainSize} bytes, its blocks hold at most ${plainBound}`)
  }
  return { from, to, plainSize, plainBound }
}

const littleEndian = (bytes: Uint8Array, at: number, count: number): number => {
  if (at + count > bytes.length) throw cutOff()
  let value = 0
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!
  return value
}

const cutOff = (): InvalidRecordException => invalid('the frame is cut off')

const invalid = (what: string): InvalidRecordException =>
  new InvalidRecordException(`zstd: ${what}`)
