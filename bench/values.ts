/**
 * The values that are sent, and how a value that comes back proves that it is one of them.
 *
 *     {"no": "0001e240","text":"ledger amber river …     "}
 *             └ number, eight hex digits, at bytes 8 to 15; the whole of a value of 8 to 15 bytes
 *                                └ words drawn from the number's place in the ring
 *
 * Values live in a ring: a producer that keeps the bytes until they are on the wire finds them
 * unchanged, as long as fewer records are outstanding than the ring has places. Only the number is
 * written anew.
 *
 * I1  The text of a value follows from its number modulo the ring's places, so a reader knows what
 *     every byte must be without having seen what was sent.
 * I2  Numbers start at 0 and have no gap: reading `count` different ones below `count` proves that
 *     all came, and each once.
 *
 * The text is words, not one letter over and over: a codec finds something to do, and not too much.
 */

/** More than any contender has outstanding. */
export const RING = 16_384

/** Of values that only a producer sends which copies them at once; else the ring would be huge. */
const SMALL_RING = 32
const LARGE_VALUE_BYTES = 8192

const NUMBER_DIGITS = 8
const HEX = new TextEncoder().encode('0123456789abcdef')

/** The smallest value that holds its number. */
export const MIN_VALUE_BYTES = NUMBER_DIGITS

const numberAt = (valueBytes: number): number => (valueBytes < 16 ? 0 : 8)

const placesOf = (valueBytes: number): number =>
  valueBytes < LARGE_VALUE_BYTES ? RING : SMALL_RING

const WORDS = (
  'amber anchor basin beacon border bridge canyon cellar copper corner current delta drift ' +
  'ember engine field flint forest garden glacier granite harbor hollow island journal ' +
  'kernel ladder lantern ledger margin meadow mirror mortar needle north orchard packet ' +
  'paper pebble pillar quarry quartz raven ridge river saddle salmon signal silver spark ' +
  'station summit tower valley vessel violet wagon walnut water willow window winter ' +
  'yarrow'
).split(' ')

/** The text of the value in place `slot` of the ring, with a number of zeros. */
const valueText = (slot: number, valueBytes: number): string => {
  let state = (slot * 2_654_435_761 + 12_345) >>> 0
  let text = '{"no": "00000000","text":"'
  while (text.length < valueBytes) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += `${WORDS[(state >>> 8) % WORDS.length]} `
  }
  return valueBytes < 40 ? text.slice(0, valueBytes) : `${text.slice(0, valueBytes - 2)}"}`
}

const ring = (valueBytes: number): Buffer[] => {
  const places = placesOf(valueBytes)
  const all = Buffer.alloc(places * valueBytes)
  return Array.from({ length: places }, (_, slot) => {
    const value = all.subarray(slot * valueBytes, (slot + 1) * valueBytes)
    value.write(valueText(slot, valueBytes), 'latin1')
    return value
  })
}

/** Hands out the values numbered from 0 on. */
export class Values {
  private readonly ring: Buffer[]
  private readonly numberAt: number
  private number = 0

  /** @param valueBytes at least `MIN_VALUE_BYTES` */
  constructor(valueBytes: number) {
    if (valueBytes < MIN_VALUE_BYTES) {
      throw new Error(`A value needs ${MIN_VALUE_BYTES} bytes for its number, not ${valueBytes}`)
    }
    this.ring = ring(valueBytes)
    this.numberAt = numberAt(valueBytes)
  }

  next(): Buffer {
    const number = this.number++
    const value = this.ring[number % this.ring.length]!
    for (let i = this.numberAt, shift = 28; shift >= 0; i++, shift -= 4) {
      value[i] = HEX[(number >>> shift) & 15]!
    }
    return value
  }
}

/**
 * The first `RING` values, one to a line: what `ProducerPerformance --payload-file` chooses from.
 */
export const valuesFile = (valueBytes: number): string => {
  const values = new Values(valueBytes)
  return Array.from({ length: RING }, () => values.next().toString('latin1')).join('\n')
}

/** What reading back found. */
export interface Found {
  count: number
  /** Values that are none of ours: other length, other bytes. */
  wrong: number
  /** Values whose number had been seen before. */
  repeated: number
}

/** Sum of a value's bytes, four at a time, without its number. */
const textSum = (value: Uint8Array): number => {
  const view = new DataView(value.buffer, value.byteOffset, value.length)
  const words = value.length & ~3
  const numberStart = numberAt(value.length)
  let sum = 0
  for (let at = 0; at < numberStart; at += 4) sum = (sum + view.getUint32(at)) | 0
  for (let at = numberStart + NUMBER_DIGITS; at < words; at += 4) {
    sum = (sum + view.getUint32(at)) | 0
  }
  for (let at = words; at < value.length; at++) sum = (sum + value[at]!) | 0
  return sum
}

const hexDigit = (byte: number): number =>
  byte >= 48 && byte <= 57 ? byte - 48 : byte >= 97 && byte <= 102 ? byte - 87 : -1

/** The number of a value; -1 when there is none. */
export const numberOf = (value: Uint8Array): number => {
  const start = numberAt(value.length)
  let number = 0
  for (let i = start; i < start + NUMBER_DIGITS; i++) {
    const digit = hexDigit(value[i]!)
    if (digit < 0) return -1
    number = number * 16 + digit
  }
  return number
}

/** Takes what was read back, in any order. */
export class ValueCheck {
  readonly found: Found = { count: 0, wrong: 0, repeated: 0 }
  private readonly valueBytes: number
  private readonly sums: Int32Array
  private readonly seen: Uint8Array

  /** @param numbers how many numbers can come: those below it */
  constructor(valueBytes: number, numbers: number) {
    this.valueBytes = valueBytes
    this.sums = Int32Array.from(ring(valueBytes), textSum)
    this.seen = new Uint8Array((numbers + 7) >>> 3)
  }

  add(value: Uint8Array | null): void {
    const { found, seen } = this
    found.count++
    const number = value?.length === this.valueBytes ? numberOf(value) : -1
    if (number < 0 || number >>> 3 >= seen.length || !this.isTextOf(number, value!)) {
      found.wrong++
      return
    }
    const bit = 1 << (number & 7)
    if ((seen[number >>> 3]! & bit) !== 0) found.repeated++
    seen[number >>> 3]! |= bit
  }

  private isTextOf(number: number, value: Uint8Array): boolean {
    return textSum(value) === this.sums[number % this.sums.length]
  }
}
