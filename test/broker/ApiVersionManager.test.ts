import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ApiVersionManager, SERVED_APIS } from '../../src/broker/ApiVersionManager.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { covers } from '../support/covers.ts'

/** For each number: name, oldest, latest, latest stable version, and who serves it in Kafka. */
const { apis: facts } = JSON.parse(
  readFileSync(new URL('../golden/facts.json', import.meta.url), 'utf8'),
) as { apis: Record<string, [string, number, number, number, string[]]> }

const named = (manager = new ApiVersionManager()) => manager.apiVersionResponse(false).apiKeys ?? []

const GET_TELEMETRY_SUBSCRIPTIONS = 71
const PUSH_TELEMETRY = 72

describe('the versions that a broker names', () => {
  test('are those it can read and write, Produce from 0 on', () => {
    covers('ApiVersionsResponseTest.shouldHaveCorrectDefaultApiVersionsResponse')
    expect(named()).toHaveLength(SERVED_APIS.length)
    for (const { apiKey, minVersion, maxVersion } of named()) {
      const key = ApiKeys.get(apiKey!)
      expect(minVersion, key.name).toBe(key === ApiKeys.PRODUCE ? 0 : key.oldestVersion())
      expect(maxVersion, key.name).toBe(key.latestVersion(false))
      for (const { validVersions } of [key.request, key.response]) {
        expect(validVersions.contains(key.oldestVersion() - 1), key.name).toBe(false)
        for (let version = key.oldestVersion(); version <= maxVersion!; version++) {
          expect(validVersions.contains(version), `${key.name} ${version}`).toBe(true)
        }
      }
    }
  })

  test('are of every API that is served, and nobody is throttled by it', () => {
    covers('ApiVersionsResponseTest.shouldReturnAllKeysWhenThrottleMsIsDefaultThrottle')
    expect(named().map(({ apiKey }) => apiKey)).toEqual(SERVED_APIS.map(({ id }) => id))
    expect(new ApiVersionManager().apiVersionResponse(true).throttleTimeMs ?? 0).toBe(0)
  })

  test('are of what a broker serves, never of what only a controller does', () => {
    covers('ApiVersionsResponseTest.testBrokerApisAreEnabled')
    const manager = new ApiVersionManager()
    const exposed = new Set(named(manager).map(({ apiKey }) => apiKey))
    for (const [id, [name, , , max, listeners]] of Object.entries(facts)) {
      const isNamed = exposed.has(Number(id))
      expect(manager.isApiEnabled(Number(id), max), name).toBe(isNamed)
      if (isNamed) expect(listeners, name).toContain('broker')
    }
  })

  test('are not of telemetry, which nobody receives here', () => {
    covers('ApiVersionsResponseTest.shouldNotCreateApiResponseWithTelemetryWhenDisabled')
    const ids = named().map(({ apiKey }) => apiKey)
    expect(ids).not.toContain(GET_TELEMETRY_SUBSCRIPTIONS)
    expect(ids).not.toContain(PUSH_TELEMETRY)
  })
})

test('a feature that may be at level 0 is kept from clients that cannot read that', () => {
  covers('ApiVersionsResponseTest.testAlterV0Features')
  const feature = { name: 'my.feature', minVersion: 0, maxVersion: 1 }
  const other = { name: 'other', minVersion: 1, maxVersion: 1 }
  const manager = new ApiVersionManager(SERVED_APIS, [feature, other])
  expect(manager.apiVersionResponse(false).supportedFeatures).toEqual([feature, other])
  expect(manager.apiVersionResponse(true).supportedFeatures).toEqual([other])
})
