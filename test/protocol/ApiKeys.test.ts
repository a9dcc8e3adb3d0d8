import { describe, expect, it } from 'vitest'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { covers } from '../support/covers.ts'

describe('ApiKeys', () => {
  it('refuse a number below the lowest', () => {
    expect(() => ApiKeys.get(-1)).toThrow(IllegalArgumentException)
    expect(ApiKeys.forId(-1)).toBeUndefined()
    expect(ApiKeys.hasId(-1)).toBe(false)
    covers('ApiKeysTest.testForIdWithInvalidIdLow')
  })

  it('refuse a number above the highest', () => {
    expect(() => ApiKeys.get(10_000)).toThrow('Unexpected API key: 10000')
    expect(ApiKeys.forId(10_000)).toBeUndefined()
    covers('ApiKeysTest.testForIdWithInvalidIdHigh')
  })

  it('are found by their number, and nowhere twice', () => {
    const all = ApiKeys.values()
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    for (const key of all) {
      expect(ApiKeys.forId(key.id)).toBe(key)
      expect(key.response.apiKey).toBe(key.id)
      expect(key.response.name).toBe(`${key.name}Response`)
    }
  })

  it('let every response say for how long its client was throttled', () => {
    for (const { response } of ApiKeys.values()) {
      expect(Object.keys(response.fields), response.name).toContain('throttleTimeMs')
    }
    covers('ApiKeysTest.testResponseThrottleTime')
  })

  it('have a name for numbers that are not spoken here', () => {
    expect(ApiKeys.nameOf(11)).toBe('JoinGroup(11)')
    expect(ApiKeys.nameOf(4321)).toBe('API 4321')
    expect(String(ApiKeys.FETCH)).toBe('Fetch(1)')
  })

  it('keep a version that is still being worked on back when it is not asked for', () => {
    const key = ApiKeys.INIT_PRODUCER_ID
    expect([key.latestVersion(), key.latestVersion(false)]).toEqual([6, 5])
    expect(key.isVersionEnabled(6, false)).toBe(false)
    expect(key.isVersionEnabled(6, true)).toBe(true)
    expect(ApiKeys.FETCH.latestVersion(false)).toBe(18)
  })

  it('know the versions that they can speak', () => {
    expect(ApiKeys.CREATE_TOPICS.allVersions()).toEqual([2, 3, 4, 5, 6, 7])
    expect(ApiKeys.PRODUCE.isVersionSupported(2)).toBe(false)
    expect(ApiKeys.PRODUCE.isVersionSupported(3)).toBe(true)
  })
})
