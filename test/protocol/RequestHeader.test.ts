import { describe, expect, it } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { InvalidRequestException } from '../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { RequestHeader } from '../../src/protocol/RequestHeader.ts'
import { MessageWriter } from '../../src/protocol/schema/MessageWriter.ts'
import { covers } from '../support/covers.ts'

const bytesOf = (header: RequestHeader): Uint8Array => {
  const out = new MessageWriter()
  header.write(out)
  return out.toBytes()
}
const parse = (bytes: Uint8Array): RequestHeader => RequestHeader.parse(ByteBuffer.wrap(bytes))

describe('RequestHeader', () => {
  it('is in version 1 before a classic request', () => {
    const header = new RequestHeader(ApiKeys.FIND_COORDINATOR.id, 1, 10, '')
    expect(header.headerVersion()).toBe(1)
    const bytes = bytesOf(header)
    expect([...bytes]).toEqual([0, 10, 0, 1, 0, 0, 0, 10, 0, 0])
    expect(parse(bytes)).toEqual(new RequestHeader(10, 1, 10, '', 10))
    covers('RequestHeaderTest.testRequestHeaderV1')
  })

  it('is in version 2 before a flexible request: tagged fields at the end, old client id', () => {
    const header = new RequestHeader(ApiKeys.CREATE_TOPICS.id, 5, 10, '')
    expect(header.headerVersion()).toBe(2)
    const bytes = bytesOf(header)
    expect([...bytes]).toEqual([0, 19, 0, 5, 0, 0, 0, 10, 0, 0, 0])
    expect(parse(bytes)).toEqual(new RequestHeader(19, 5, 10, '', 11))
    covers('RequestHeaderTest.testRequestHeaderV2')
  })

  it('reads a null client id as an empty one', () => {
    const parsed = parse(bytesOf(new RequestHeader(ApiKeys.METADATA.id, 1, 7, null)))
    expect(parsed.clientId).toBe('')
    covers('RequestHeaderTest.parseHeaderWithNullClientId')
  })

  it('can begin anywhere in a buffer, and leaves it at the first byte of the request', () => {
    const bytes = bytesOf(new RequestHeader(ApiKeys.FIND_COORDINATOR.id, 1, 10, 'a client'))
    const buffer = ByteBuffer.allocate(64)
    buffer.position = 10
    buffer.putBytes(bytes).put(99)
    buffer.position = 10
    const header = RequestHeader.parse(buffer)
    expect(header).toMatchObject({ apiKeyId: 10, apiVersion: 1, clientId: 'a client' })
    expect(buffer.get()).toBe(99)
    covers('RequestHeaderTest.parseHeaderFromBufferWithNonZeroPosition')
  })

  it('says how many bytes it took', () => {
    const bytes = bytesOf(new RequestHeader(ApiKeys.PRODUCE.id, 13, 1, 'größe'))
    expect(parse(bytes).sizeBytes).toBe(bytes.length)
    covers('RequestHeaderTest.verifySizeMethodsReturnSameValue')
  })

  it('is read also before a version of ApiVersions that nobody knows yet', () => {
    const bytes = Uint8Array.of(0, 18, 0, 99, 0, 0, 0, 5, 0, 1, 97, 0)
    const header = parse(bytes)
    expect(header).toMatchObject({ apiVersion: 99, correlationId: 5, clientId: 'a' })
    expect(header.isApiVersionSupported()).toBe(false)
    expect(header.apiKey.isVersionEnabled(99, false)).toBe(true)
  })

  it('refuses an API that is not spoken here, by its name', () => {
    const addOffsets = Uint8Array.of(0, 25, 0, 0, 0, 0, 0, 1, 0, 0)
    expect(() => parse(addOffsets)).toThrow(InvalidRequestException)
    expect(() => parse(addOffsets)).toThrow('AddOffsetsToTxn(25) is not served here')
    expect(() => parse(Uint8Array.of(0x47, 0x45, 0x54, 0x20, 0x2f))).toThrow('API 18245')
  })

  it('refuses bytes that end too early', () => {
    const bytes = bytesOf(new RequestHeader(ApiKeys.PRODUCE.id, 13, 1, 'client'))
    for (let end = 0; end < bytes.length; end++) {
      expect(() => parse(bytes.subarray(0, end))).toThrow(InvalidRequestException)
    }
  })

  it('refuses a correlation id that has grown past 32 bits', () => {
    const header = new RequestHeader(ApiKeys.PRODUCE.id, 13, 2 ** 31, 'client')
    expect(() => bytesOf(header)).toThrow(IllegalArgumentException)
  })
})
