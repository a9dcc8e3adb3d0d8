/**
 * Which APIs does the broker serve, in which versions? The first request on every connection, sent
 * before anything is known; so it has rules of its own.
 *
 * The client asks in its newest version. A broker that does not know it answers in version 0 with
 * UNSUPPORTED_VERSION and names the versions of ApiVersions that it does know; the client asks
 * again. For this to work the response header stays in its oldest form for ever, and a reader who
 * fails in his version tries version 0 (`parseResponse`).
 *
 * 3 brought the flexible form and the client's name; 4 lets the lowest version of a feature be 0.
 *
 * @kafka org.apache.kafka.common.message.ApiVersionsRequestData
 * @kafka org.apache.kafka.common.message.ApiVersionsResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bool, int16, int32, int64, string } from '../schema/types.ts'

/**
 * Who is asking. The broker refuses a name or version that is not made of letters, digits, dots and
 * dashes.
 *
 *     ApiVersionsRequest v4 => clientSoftwareName clientSoftwareVersion {}
 *       clientSoftwareName => string
 *       clientSoftwareVersion => string
 */
export const ApiVersionsRequest = message({
  name: 'ApiVersionsRequest',
  kind: 'request',
  apiKey: 18,
  validVersions: '0-4',
  flexibleVersions: '3+',
  fields: {
    clientSoftwareName: string({ versions: '3+', ignorable: true }),
    clientSoftwareVersion: string({ versions: '3+', ignorable: true }),
  },
})
export type ApiVersionsRequestData = DataOf<typeof ApiVersionsRequest>
export type ApiVersionsRequestInput = InputOf<typeof ApiVersionsRequest>

/**
 * What is served. A feature is a property of the whole cluster, such as the version of its
 * metadata.
 *
 *     ApiVersionsResponse v4 => errorCode [apiKeys] throttleTimeMs {0: [supportedFeatures], 1:
 *         finalizedFeaturesEpoch, 2: [finalizedFeatures], 3: zkMigrationReady}
 *       errorCode => int16
 *       apiKeys => apiKey minVersion maxVersion {}
 *         apiKey => int16
 *         minVersion => int16
 *         maxVersion => int16
 *       throttleTimeMs => int32
 *       supportedFeatures => name minVersion maxVersion {}
 *         name => string
 *         minVersion => int16
 *         maxVersion => int16
 *       finalizedFeaturesEpoch => int64
 *       finalizedFeatures => name maxVersionLevel minVersionLevel {}
 *         name => string
 *         maxVersionLevel => int16
 *         minVersionLevel => int16
 *       zkMigrationReady => bool
 */
export const ApiVersionsResponse = message({
  name: 'ApiVersionsResponse',
  kind: 'response',
  apiKey: 18,
  validVersions: '0-4',
  flexibleVersions: '3+',
  fields: {
    errorCode: int16(),
    apiKeys: array({
      apiKey: int16(),
      minVersion: int16(),
      maxVersion: int16(),
    }),
    throttleTimeMs: int32({ versions: '1+', ignorable: true }),
    supportedFeatures: array(
      { versions: '3+', tag: 0, ignorable: true },
      {
        name: string(),
        minVersion: int16(),
        maxVersion: int16(),
      },
    ),
    // Rises with each change of the finalized features; -1 says nothing is known.
    finalizedFeaturesEpoch: int64({ versions: '3+', tag: 1, default: -1, ignorable: true }),
    finalizedFeatures: array(
      { versions: '3+', tag: 2, ignorable: true },
      {
        name: string(),
        maxVersionLevel: int16(),
        minVersionLevel: int16(),
      },
    ),
    // A remnant of the move away from ZooKeeper.
    zkMigrationReady: bool({ versions: '3+', tag: 3, ignorable: true }),
  },
})
export type ApiVersionsResponseData = DataOf<typeof ApiVersionsResponse>
export type ApiVersionsResponseInput = InputOf<typeof ApiVersionsResponse>
export type ApiVersion = ElementOf<ApiVersionsResponseData['apiKeys']>
export type SupportedFeatureKey = ElementOf<ApiVersionsResponseData['supportedFeatures']>
export type FinalizedFeatureKey = ElementOf<ApiVersionsResponseData['finalizedFeatures']>
