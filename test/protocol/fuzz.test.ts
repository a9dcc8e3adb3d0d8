/**
 * Frames that somebody broke: each decoder gives a message or a `KafkaException`, and never trusts
 * a length.
 */

import { describe, expect, it } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { KafkaException } from '../../src/common/errors.ts'
import { type Random, SeededRandom } from '../../src/common/Random.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { RequestHeader } from '../../src/protocol/RequestHeader.ts'
import { buildRequestSend, parseResponse } from '../../src/protocol/SendBuilder.ts'
import { MessageWriter } from '../../src/protocol/schema/MessageWriter.ts'
import { allMessages, type Sample, samplesOf } from './golden.ts'

/** Half of the runs are for frames; the other half belongs to record batches. */
const RUNS = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 20_000) / 2)
const SEED = 20_260_611

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array

/** What breaks decoders: other values, lengths that cannot be, an end too early, bytes too many. */
const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => bytes.slice(0, random.nextInt(bytes.length)),
  (bytes, random) => {
    bytes[random.nextInt(bytes.length)] = random.nextInt(256)
    return bytes
  },
  (bytes, random) => {
    bytes[random.nextInt(bytes.length)]! ^= 1 << random.nextInt(8)
    return bytes
  },
  (bytes, random) => {
    const huge = [0x7fffffff, -1, -2, 0x00ffffff, -0x80000000, 65_536][random.nextInt(6)]!
    if (bytes.length < 4) return bytes
    new DataView(bytes.buffer).setInt32(random.nextInt(bytes.length - 3), huge)
    return bytes
  },
  (bytes, random) => bytes.slice().fill(0xff, random.nextInt(bytes.length)),
  (bytes, random) => {
    const at = random.nextInt(bytes.length)
    return Uint8Array.from([
      ...bytes.subarray(0, at),
      ...random.nextBytes(5),
      ...bytes.subarray(at),
    ])
  },
  (_bytes, random) => random.nextBytes(random.nextInt(64)),
]

const broken = (bytes: Uint8Array, random: Random): Uint8Array => {
  let copy: Uint8Array = bytes.slice()
  for (let i = random.nextInt(3); i >= 0 && copy.length > 0; i--) {
    copy = MUTATIONS[random.nextInt(MUTATIONS.length)]!(copy, random)
  }
  return copy
}

/** Runs `read`; anything but a typed error fails the test. Returns what was read, if it was. */
const readOrTypedError = <T>(read: () => T, what: string): T | undefined => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof KafkaException)) {
      throw new Error(`${what}: ${error instanceof Error ? error.stack : error}`)
    }
    return undefined
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('a broken frame', () => {
  const corpus = allMessages().map((message) => ({ message, samples: samplesOf(message) }))
  const pick = (random: Random) => {
    const { message, samples } = corpus[random.nextInt(corpus.length)]!
    const sample = samples[random.nextInt(samples.length)] as Sample
    return { message, sample }
  }

  it(`gives a message or a typed error, in ${RUNS} tries`, () => {
    const random = new SeededRandom(SEED)
    let read = 0
    for (let run = 0; run < RUNS; run++) {
      const { message, sample } = pick(random)
      const { version } = sample
      const bytes = broken(sample.bytes, random)
      const what = `run ${run}, ${message.name} v${version}, ${hex(bytes)}`
      const decode = (from: Uint8Array): unknown => message.decode(ByteBuffer.wrap(from), version)
      const data = readOrTypedError(() => decode(bytes), what)
      if (data === undefined) continue
      read++
      // What could be read can be written, unless unknown tags are out of order; and comes back.
      const out = new MessageWriter()
      const written = readOrTypedError(() => {
        message.encode(data, version, out)
        return out.toBytes()
      }, what)
      if (written !== undefined) expect(decode(written), what).toStrictEqual(data)
    }
    expect(read, 'mutations that leave a frame readable').toBeGreaterThan(RUNS / 100)
  })

  it('is a typed error, or a header, where a request begins', () => {
    const random = new SeededRandom(SEED + 1)
    for (let run = 0; run < RUNS / 10; run++) {
      const key = ApiKeys.values()[random.nextInt(ApiKeys.values().length)]!
      const [frame] = buildRequestSend(key, key.latestVersion(), run, 'fuzz', {})
      const bytes = broken(frame!.subarray(4), random)
      const parse = (): RequestHeader => RequestHeader.parse(ByteBuffer.wrap(bytes))
      readOrTypedError(parse, `run ${run}, ${key}, ${hex(bytes)}`)
    }
  })

  it('is a typed error, or a message, where a response is expected', () => {
    const random = new SeededRandom(SEED + 2)
    for (let run = 0; run < RUNS / 10; run++) {
      const key = ApiKeys.values()[random.nextInt(ApiKeys.values().length)]!
      const version = key.oldestVersion() + random.nextInt(key.allVersions().length)
      const bytes = random.nextBytes(random.nextInt(40))
      const parse = (): unknown => parseResponse(key, version, ByteBuffer.wrap(bytes))
      readOrTypedError(parse, `run ${run}, ${key} v${version}, ${hex(bytes)}`)
    }
  })
})
