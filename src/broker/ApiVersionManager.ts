/**
 * Which APIs this broker serves, and in which versions.
 *
 * Clients switch features on by what they read here, so exactly what is served is named, with one
 * exception that is Kafka's own: Produce is named from version 0, because librdkafka looks for it,
 * and versions 0 to 2 are refused all the same.
 *
 * @kafka org.apache.kafka.server.SimpleApiVersionManager
 * @kafka org.apache.kafka.common.requests.ApiVersionsResponse
 * @simplified `metadata.version` is the only feature: the others come with what they switch on.
 */

import { type AnyApiKey, ApiKeys } from '../protocol/ApiKeys.ts'
import { Errors } from '../protocol/Errors.ts'
import type {
  ApiVersionsRequestData,
  ApiVersionsResponseInput,
} from '../protocol/messages/ApiVersions.ts'

/** What `KafkaApis` has a handler for. */
export const SERVED_APIS: readonly AnyApiKey[] = [
  ApiKeys.PRODUCE,
  ApiKeys.FETCH,
  ApiKeys.LIST_OFFSETS,
  ApiKeys.METADATA,
  ApiKeys.OFFSET_COMMIT,
  ApiKeys.OFFSET_FETCH,
  ApiKeys.FIND_COORDINATOR,
  ApiKeys.JOIN_GROUP,
  ApiKeys.HEARTBEAT,
  ApiKeys.LEAVE_GROUP,
  ApiKeys.SYNC_GROUP,
  ApiKeys.DESCRIBE_GROUPS,
  ApiKeys.LIST_GROUPS,
  ApiKeys.API_VERSIONS,
  ApiKeys.CREATE_TOPICS,
  ApiKeys.DELETE_TOPICS,
  ApiKeys.INIT_PRODUCER_ID,
  ApiKeys.OFFSET_FOR_LEADER_EPOCH,
  ApiKeys.DESCRIBE_CONFIGS,
  ApiKeys.DELETE_GROUPS,
  ApiKeys.OFFSET_DELETE,
  ApiKeys.DESCRIBE_CLUSTER,
  ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
]

/** The lowest version of Produce that is named; the lowest that is served is 3. */
const PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION = 0

/** `metadata.version` of 4.3: 4.3-IV0 has this level. */
const METADATA_VERSION = 30
const MINIMUM_METADATA_VERSION = 7

type SupportedFeatures = NonNullable<ApiVersionsResponseInput['supportedFeatures']>

const SUPPORTED_FEATURES: SupportedFeatures = [
  { name: 'metadata.version', minVersion: MINIMUM_METADATA_VERSION, maxVersion: METADATA_VERSION },
]

export class ApiVersionManager {
  private readonly served: ReadonlyMap<number, AnyApiKey>
  private readonly response: ApiVersionsResponseInput

  constructor(
    apis: readonly AnyApiKey[] = SERVED_APIS,
    supportedFeatures: SupportedFeatures = SUPPORTED_FEATURES,
  ) {
    this.served = new Map(apis.map((apiKey) => [apiKey.id, apiKey]))
    this.response = buildResponse(apis, supportedFeatures)
  }

  /** Whether a request is answered with more than a closed connection. */
  isApiEnabled(apiKeyId: number, version: number): boolean {
    return this.served.get(apiKeyId)?.isVersionEnabled(version, false) ?? false
  }

  /** @param alterFeatureLevel0 clients before version 4 cannot read a lowest level of 0 */
  apiVersionResponse(alterFeatureLevel0: boolean): ApiVersionsResponseInput {
    if (!alterFeatureLevel0) return this.response
    const supportedFeatures = (this.response.supportedFeatures ?? []).filter(
      (feature) => feature.minVersion !== 0,
    )
    return { ...this.response, supportedFeatures }
  }

  /** The answer to a version that is not known here: in version 0, with the versions to ask in. */
  static unsupportedVersionResponse(): ApiVersionsResponseInput {
    const { API_VERSIONS } = ApiKeys
    return {
      errorCode: Errors.UNSUPPORTED_VERSION.code,
      apiKeys: [
        {
          apiKey: API_VERSIONS.id,
          minVersion: API_VERSIONS.oldestVersion(),
          maxVersion: API_VERSIONS.latestVersion(false),
        },
      ],
    }
  }
}

const SOFTWARE_NAME_VERSION = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

/** From version 3 on a client must say what it is, in letters, digits, dots and dashes. */
export const isValidIntroduction = (version: number, request: ApiVersionsRequestData): boolean =>
  version < 3 ||
  (SOFTWARE_NAME_VERSION.test(request.clientSoftwareName) &&
    SOFTWARE_NAME_VERSION.test(request.clientSoftwareVersion))

const buildResponse = (
  apis: readonly AnyApiKey[],
  supportedFeatures: SupportedFeatures,
): ApiVersionsResponseInput => ({
  errorCode: Errors.NONE.code,
  apiKeys: apis.map((apiKey) => ({
    apiKey: apiKey.id,
    minVersion:
      apiKey.id === ApiKeys.PRODUCE.id
        ? PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION
        : apiKey.oldestVersion(),
    maxVersion: apiKey.latestVersion(false),
  })),
  supportedFeatures,
  finalizedFeaturesEpoch: 0,
  finalizedFeatures: [
    {
      name: 'metadata.version',
      maxVersionLevel: METADATA_VERSION,
      minVersionLevel: METADATA_VERSION,
    },
  ],
})
