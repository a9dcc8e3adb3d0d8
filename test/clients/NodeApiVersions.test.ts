import { describe, expect, it } from 'vitest'
import { ApiVersions } from '../../src/clients/ApiVersions.ts'
import { NodeApiVersions } from '../../src/clients/NodeApiVersions.ts'
import { UnsupportedVersionException } from '../../src/common/errors/ApiExceptions.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { covers } from '../support/covers.ts'

const PRODUCE = ApiKeys.PRODUCE
/** Everything that we speak, as a broker would tell it. */
const ALL = [...NodeApiVersions.create().allSupportedApiVersions().values()]

const serving = (apiKey: number, minVersion: number, maxVersion: number) =>
  NodeApiVersions.create([{ apiKey, minVersion, maxVersion }])

describe('NodeApiVersions', () => {
  it('says UNSUPPORTED of what the node did not name', () => {
    covers('NodeApiVersionsTest.testUnsupportedVersionsToString')
    const expected = ApiKeys.values()
      .toSorted((a, b) => a.id - b.id)
      .map(({ id, name }) => `${name}(${id}): UNSUPPORTED`)
    expect(new NodeApiVersions({ apiKeys: [] }).toString()).toBe(`(${expected.join(', ')})`)
  })

  it('prints an API that nobody here has heard of', () => {
    covers('NodeApiVersionsTest.testUnknownApiVersionsToString')
    expect(serving(337, 0, 1).toString()).toMatch(/, UNKNOWN\(337\): 0 to 1\)$/)
  })

  it('prints ranges, what is usable of them, and why nothing is', () => {
    covers('NodeApiVersionsTest.testVersionsToString')
    const text = new NodeApiVersions({
      apiKeys: [
        ...ALL,
        { apiKey: ApiKeys.DELETE_TOPICS.id, minVersion: 10_000, maxVersion: 10_001 },
        { apiKey: ApiKeys.CREATE_TOPICS.id, minVersion: 0, maxVersion: 1 },
        { apiKey: 24, minVersion: 0, maxVersion: 9 },
      ],
    }).toString(true)
    const lines = text.split('\n\t')
    expect(lines).toContain('DeleteTopics(20): 10000 to 10001 [unusable: node too new],')
    expect(lines).toContain('CreateTopics(19): 0 to 1 [unusable: node too old],')
    expect(lines).toContain('AddPartitionsToTxn(24): 0 to 9,')
    const { id, name } = ApiKeys.FETCH
    const [oldest, latest] = [ApiKeys.FETCH.oldestVersion(), ApiKeys.FETCH.latestVersion()]
    expect(lines).toContain(`${name}(${id}): ${oldest} to ${latest} [usable: ${latest}],`)
  })

  it('takes the newest version in both ranges', () => {
    covers('NodeApiVersionsTest.testLatestUsableVersion')
    const versions = serving(PRODUCE.id, 8, 10)
    expect(versions.latestUsableVersion(PRODUCE)).toBe(10)
    const usable = (oldest: number, latest: number) =>
      versions.latestUsableVersion(PRODUCE, oldest, latest)
    expect(usable(7, 8)).toBe(8)
    expect(usable(8, 8)).toBe(8)
    expect(usable(8, 9)).toBe(9)
    expect(usable(8, 10)).toBe(10)
    expect(usable(9, 9)).toBe(9)
    expect(usable(9, 10)).toBe(10)
    expect(usable(10, 10)).toBe(10)
    expect(usable(10, 11)).toBe(10)
  })

  it('refuses ranges that do not meet, and names both', () => {
    covers(
      'NodeApiVersionsTest.testLatestUsableVersionOutOfRangeLow',
      'NodeApiVersionsTest.testLatestUsableVersionOutOfRangeHigh',
      'NodeApiVersionsTest.testLatestUsableVersionOutOfRange',
    )
    const usable = (min: number, max: number, oldest?: number, latest?: number) => () =>
      serving(PRODUCE.id, min, max).latestUsableVersion(PRODUCE, oldest, latest)
    expect(usable(1, 2, 3, 4)).toThrow(UnsupportedVersionException)
    expect(usable(1, 2, 3, 4)).toThrow(/Produce .* range \[3,4\]\. The supported range is \[1,2\]/)
    expect(usable(2, 3, 0, 1)).toThrow(UnsupportedVersionException)
    expect(usable(300, 300)).toThrow(UnsupportedVersionException)
  })

  it('takes the end of the common part, whichever side it comes from', () => {
    covers('ApiVersionsResponseTest.testIntersect')
    const [least, most] = [-(2 ** 15), 2 ** 15 - 1]
    const open = serving(ApiKeys.FETCH.id, 0, most)
    const other = serving(ApiKeys.FETCH.id, least, 10)
    expect(open.latestUsableVersion(ApiKeys.FETCH, least, 10)).toBe(10)
    expect(other.latestUsableVersion(ApiKeys.FETCH, 0, most)).toBe(10)
    const none = new NodeApiVersions({ apiKeys: [] })
    expect(none.apiVersion(ApiKeys.FETCH)).toBeNull()
    expect(() => none.latestUsableVersion(ApiKeys.FETCH, least, most)).toThrow(
      UnsupportedVersionException,
    )
  })

  it('refuses an API that the node does not serve', () => {
    covers('NodeApiVersionsTest.testUsableVersionCalculationNoKnownVersions')
    const nothing = new NodeApiVersions({ apiKeys: [] })
    expect(() => nothing.latestUsableVersion(ApiKeys.FETCH)).toThrow(
      'The node does not support Fetch',
    )
  })

  it('takes our newest version of everything when the node is as new, or newer', () => {
    covers('NodeApiVersionsTest.testUsableVersionLatestVersions')
    const versions = new NodeApiVersions({
      apiKeys: [...ALL, { apiKey: 100, minVersion: 0, maxVersion: 1 }],
    })
    for (const key of ApiKeys.values()) {
      expect(versions.latestUsableVersion(key)).toBe(key.latestVersion())
    }
  })

  it('gives back what the node said', () => {
    covers('NodeApiVersionsTest.testConstructionFromApiVersionsResponse')
    const versions = new NodeApiVersions({ apiKeys: ALL })
    for (const range of ALL) {
      expect(versions.apiVersion(ApiKeys.get(range.apiKey))).toEqual(range)
    }
    expect(new NodeApiVersions({ apiKeys: [] }).apiVersion(PRODUCE)).toBeNull()
  })

  it('keeps features', () => {
    covers('NodeApiVersionsTest.testFeatures')
    const versions = new NodeApiVersions({
      apiKeys: [],
      supportedFeatures: [{ name: 'transaction.version', minVersion: 0, maxVersion: 2 }],
      finalizedFeatures: [{ name: 'transaction.version', maxVersionLevel: 2 }],
      finalizedFeaturesEpoch: 0,
    })
    expect(versions.supportedFeatures.get('transaction.version')).toEqual({
      minVersion: 0,
      maxVersion: 2,
    })
    expect(versions.finalizedFeatures.get('transaction.version')).toBe(2)
    expect(versions.finalizedFeaturesEpoch).toBe(0)
  })
})

describe('ApiVersions', () => {
  const withFeature = (level: number, finalizedFeaturesEpoch: number) =>
    new NodeApiVersions({
      apiKeys: ALL,
      finalizedFeatures: [{ name: 'transaction.version', maxVersionLevel: level }],
      finalizedFeaturesEpoch,
    })

  it('believes the node with the highest features epoch', () => {
    covers('ApiVersionsTest.testFinalizedFeaturesUpdate')
    const apiVersions = new ApiVersions()
    expect(apiVersions.getMaxFinalizedFeaturesEpoch()).toBe(-1)
    apiVersions.update('2', withFeature(2, 1))
    apiVersions.update('1', withFeature(1, 0))
    const info = apiVersions.getFinalizedFeaturesInfo()
    expect(info.finalizedFeaturesEpoch).toBe(1)
    expect(info.finalizedFeatures.get('transaction.version')).toBe(2)
  })

  it('forgets a node, not what it said of the cluster', () => {
    const apiVersions = new ApiVersions()
    const versions = withFeature(2, 1)
    apiVersions.update('2', versions)
    expect(apiVersions.get('2')).toBe(versions)
    apiVersions.remove('2')
    expect(apiVersions.get('2')).toBeNull()
    expect(apiVersions.getMaxFinalizedFeaturesEpoch()).toBe(1)
  })
})
