/**
 * Which versions of which APIs one node serves, as it told us itself.
 *
 *     we:        oldest ├──────────────┤ latest
 *     the node:              min ├─────────────┤ max
 *     usable:                    ├─────┤ ◄── the newest version in here
 *
 * @kafka org.apache.kafka.clients.NodeApiVersions
 */

import { UnsupportedVersionException } from '../common/errors/ApiExceptions.ts'
import { ApiKeys } from '../protocol/ApiKeys.ts'
import { API_NAMES } from '../protocol/apiTable.ts'
import type {
  ApiVersionsResponseData,
  FinalizedFeatureKey,
  SupportedFeatureKey,
} from '../protocol/messages/ApiVersions.ts'
import type { AnyApiKey } from './RequestBuilder.ts'

/** One API's versions: part of the ApiVersions response. */
export interface ApiVersionRange {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

export interface SupportedVersionRange {
  readonly minVersion: number
  readonly maxVersion: number
}

export interface NodeApiVersionsFields {
  readonly apiKeys: Iterable<ApiVersionRange>
  readonly supportedFeatures?: Iterable<Omit<SupportedFeatureKey, 'unknownTaggedFields'>>
  readonly finalizedFeatures?: Iterable<Pick<FinalizedFeatureKey, 'name' | 'maxVersionLevel'>>
  /** -1: not known. */
  readonly finalizedFeaturesEpoch?: number
}

export class NodeApiVersions {
  readonly supportedFeatures: ReadonlyMap<string, SupportedVersionRange>
  /** Name to level. */
  readonly finalizedFeatures: ReadonlyMap<string, number>
  readonly finalizedFeaturesEpoch: number
  private readonly versions: ReadonlyMap<number, ApiVersionRange>

  constructor(fields: NodeApiVersionsFields) {
    this.versions = new Map(Array.from(fields.apiKeys, (range) => [range.apiKey, range]))
    this.supportedFeatures = new Map(
      Array.from(fields.supportedFeatures ?? [], ({ name, ...range }) => [name, range]),
    )
    this.finalizedFeatures = new Map(
      Array.from(fields.finalizedFeatures ?? [], (f) => [f.name, f.maxVersionLevel]),
    )
    this.finalizedFeaturesEpoch = fields.finalizedFeaturesEpoch ?? -1
  }

  static from(response: ApiVersionsResponseData): NodeApiVersions {
    return new NodeApiVersions(response)
  }

  /** A node that serves what we speak, but for `overrides`. For tests. */
  static create(overrides: readonly ApiVersionRange[] = []): NodeApiVersions {
    const ours = ApiKeys.values().map((key) => ({
      apiKey: key.id,
      minVersion: key.oldestVersion(),
      maxVersion: key.latestVersion(),
    }))
    // The later entry of a key wins.
    return new NodeApiVersions({ apiKeys: [...ours, ...overrides] })
  }

  /** What the node serves of an API; `null` when it does not serve it. */
  apiVersion(apiKey: AnyApiKey): ApiVersionRange | null {
    return this.versions.get(apiKey.id) ?? null
  }

  allSupportedApiVersions(): ReadonlyMap<number, ApiVersionRange> {
    return this.versions
  }

  /**
   * The newest version that the node serves and the caller allows.
   *
   * @param oldestAllowed default: the oldest that we know
   * @param latestAllowed default: the newest that we know
   * @throws UnsupportedVersionException when there is none
   */
  latestUsableVersion(
    apiKey: AnyApiKey,
    oldestAllowed: number = apiKey.oldestVersion(),
    latestAllowed: number = apiKey.latestVersion(),
  ): number {
    const served = this.versions.get(apiKey.id)
    if (served === undefined) {
      throw new UnsupportedVersionException(`The node does not support ${apiKey.name}`)
    }
    const latest = Math.min(latestAllowed, served.maxVersion)
    if (latest < oldestAllowed || latest < served.minVersion) {
      throw new UnsupportedVersionException(
        `The node does not support ${apiKey.name} with version in range ` +
          `[${oldestAllowed},${latestAllowed}]. The supported range is ` +
          `[${served.minVersion},${served.maxVersion}].`,
      )
    }
    return latest
  }

  /** All APIs in the order of their numbers, also those that only one side knows. */
  toString(lineBreaks = false): string {
    const texts = new Map<number, string>()
    for (const range of this.versions.values()) texts.set(range.apiKey, describe(range))
    for (const key of ApiKeys.values()) {
      if (!texts.has(key.id)) texts.set(key.id, `${key.name}(${key.id}): UNSUPPORTED`)
    }
    const sorted = [...texts].sort(([a], [b]) => a - b).map(([, text]) => text)
    return lineBreaks ? `(\n\t${sorted.join(',\n\t')}\n)` : `(${sorted.join(', ')})`
  }
}

const describe = ({ apiKey, minVersion, maxVersion }: ApiVersionRange): string => {
  const name = API_NAMES.get(apiKey) ?? 'UNKNOWN'
  const range = minVersion === maxVersion ? `${minVersion}` : `${minVersion} to ${maxVersion}`
  const ours = ApiKeys.forId(apiKey)
  if (ours === undefined) return `${name}(${apiKey}): ${range}`
  const usable =
    ours.latestVersion() < minVersion
      ? 'unusable: node too new'
      : maxVersion < ours.oldestVersion()
        ? 'unusable: node too old'
        : `usable: ${Math.min(ours.latestVersion(), maxVersion)}`
  return `${name}(${apiKey}): ${range} [${usable}]`
}
