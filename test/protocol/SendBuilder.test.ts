import { describe, expect, it } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { SchemaException } from '../../src/common/errors.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { RequestHeader } from '../../src/protocol/RequestHeader.ts'
import {
  buildRequestSend,
  buildResponseSend,
  parseResponse,
} from '../../src/protocol/SendBuilder.ts'

const joined = (slices: Uint8Array[]): ByteBuffer =>
  ByteBuffer.wrap(Uint8Array.from(slices.flatMap((slice) => [...slice])))

describe('buildRequestSend', () => {
  it('puts size and header in front, and leaves records where they are', () => {
    const first = new Uint8Array(2000).fill(1)
    const second = new Uint8Array(3000).fill(2)
    const partitionData = [
      { index: 0, records: first },
      { index: 1, records: second },
    ]
    const data = { acks: -1, timeoutMs: 30_000, topicData: [{ name: 'orders', partitionData }] }
    const slices = buildRequestSend(ApiKeys.PRODUCE, 9, 42, 'client', data)
    expect(slices[1]).toBe(first)
    expect(slices[3]).toBe(second)

    const frame = joined(slices)
    expect(frame.getInt()).toBe(frame.remaining())
    expect(RequestHeader.parse(frame)).toMatchObject({ apiVersion: 9, correlationId: 42 })
    expect(ApiKeys.PRODUCE.request.decode(frame, 9)).toMatchObject(data)
    expect(frame.hasRemaining()).toBe(false)
  })
})

describe('parseResponse', () => {
  const apiKeys = [{ apiKey: 18, minVersion: 0, maxVersion: 4 }]
  const throughWire = (sentVersion: number, readVersion: number, errorCode: number) => {
    const data = { errorCode, apiKeys }
    const frame = joined(buildResponseSend(ApiKeys.API_VERSIONS, sentVersion, 7, data))
    expect(frame.getInt()).toBe(frame.remaining())
    return parseResponse(ApiKeys.API_VERSIONS, readVersion, frame)
  }

  it('reads what buildResponseSend wrote, in every version', () => {
    for (const version of ApiKeys.FETCH.allVersions()) {
      const partitions = [{ partitionIndex: 3, records: Uint8Array.of(1, 2, 3) }]
      const data = { throttleTimeMs: 5, responses: [{ partitions }] }
      const frame = joined(buildResponseSend(ApiKeys.FETCH, version, -9, data))
      frame.skip(4)
      const { correlationId, data: read } = parseResponse(ApiKeys.FETCH, version, frame)
      expect(correlationId).toBe(-9)
      expect(read).toMatchObject(data)
    }
  })

  it('falls back to version 0 of ApiVersions when a broker knew nothing newer', () => {
    const { code } = Errors.UNSUPPORTED_VERSION
    for (const version of ApiKeys.API_VERSIONS.allVersions()) {
      const { correlationId, data } = throughWire(0, version, code)
      expect(correlationId).toBe(7)
      expect(data.errorCode).toBe(code)
      expect(data.apiKeys).toEqual(apiKeys)
    }
  })

  it('reads every version of ApiVersions behind a header in version 0', () => {
    for (const version of ApiKeys.API_VERSIONS.allVersions()) {
      expect(ApiKeys.API_VERSIONS.responseHeaderVersion(version)).toBe(0)
      expect(throughWire(version, version, 0).data.apiKeys).toEqual(apiKeys)
    }
  })

  it('does not fall back for any other API', () => {
    const frame = ByteBuffer.wrap(Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0))
    expect(() => parseResponse(ApiKeys.METADATA, 9, frame)).toThrow(SchemaException)
  })
})
