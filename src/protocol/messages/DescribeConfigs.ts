/**
 * What are the settings of a topic or of a broker, and where does each come from? A broker answers
 * for topics; for a broker's own settings that broker must be asked.
 *
 * Version 0 is gone since 4.0. 3 brought types and documentation, 4 the flexible form.
 *
 * @kafka org.apache.kafka.common.message.DescribeConfigsRequestData
 * @kafka org.apache.kafka.common.message.DescribeConfigsResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bool, int8, int16, int32, string } from '../schema/types.ts'

/**
 * Whose settings. Resource types: 2 a topic, 4 a broker, 8 its loggers, 16 client metrics, 32 a
 * group.
 *
 *     DescribeConfigsRequest v4 => [resources] includeSynonyms includeDocumentation {}
 *       resources => resourceType resourceName [configurationKeys] {}
 *         resourceType => int8
 *         resourceName => string
 *         configurationKeys => string | null
 *       includeSynonyms => bool
 *       includeDocumentation => bool
 */
export const DescribeConfigsRequest = message({
  name: 'DescribeConfigsRequest',
  kind: 'request',
  apiKey: 32,
  validVersions: '1-4',
  flexibleVersions: '4+',
  fields: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      // null asks for all of them.
      configurationKeys: array({ nullable: '0+' }, string()),
    }),
    includeSynonyms: bool(),
    includeDocumentation: bool({ versions: '3+' }),
  },
})
export type DescribeConfigsRequestData = DataOf<typeof DescribeConfigsRequest>
export type DescribeConfigsRequestInput = InputOf<typeof DescribeConfigsRequest>
export type DescribeConfigsResource = ElementOf<DescribeConfigsRequestData['resources']>

/**
 * The settings. Sources: 1 topic, 2 broker (dynamic), 3 default of all brokers (dynamic), 4 broker
 * (file), 5 default, 6 logger, 7 client metrics, 8 group. Types: 1 boolean, 2 string, 3 int, 4
 * short, 5 long, 6 double, 7 list, 8 class, 9 password.
 *
 *     DescribeConfigsResponse v4 => throttleTimeMs [results] {}
 *       throttleTimeMs => int32
 *       results => errorCode errorMessage resourceType resourceName [configs] {}
 *         errorCode => int16
 *         errorMessage => string | null
 *         resourceType => int8
 *         resourceName => string
 *         configs => name value readOnly configSource isSensitive [synonyms] configType
 *             documentation {}
 *           name => string
 *           value => string | null
 *           readOnly => bool
 *           configSource => int8
 *           isSensitive => bool
 *           synonyms => name value source {}
 *             name => string
 *             value => string | null
 *             source => int8
 *           configType => int8
 *           documentation => string | null
 */
export const DescribeConfigsResponse = message({
  name: 'DescribeConfigsResponse',
  kind: 'response',
  apiKey: 32,
  validVersions: '1-4',
  flexibleVersions: '4+',
  fields: {
    throttleTimeMs: int32(),
    results: array({
      errorCode: int16(),
      errorMessage: string({ nullable: '0+' }),
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        // null for a setting that is sensitive, such as a password.
        value: string({ nullable: '0+' }),
        readOnly: bool(),
        configSource: int8({ default: -1, ignorable: true }),
        isSensitive: bool(),
        // All places that set it, the one that wins first.
        synonyms: array(
          { ignorable: true },
          {
            name: string(),
            value: string({ nullable: '0+' }),
            source: int8(),
          },
        ),
        configType: int8({ versions: '3+', ignorable: true }),
        documentation: string({ versions: '3+', nullable: '0+', ignorable: true }),
      }),
    }),
  },
})
export type DescribeConfigsResponseData = DataOf<typeof DescribeConfigsResponse>
export type DescribeConfigsResponseInput = InputOf<typeof DescribeConfigsResponse>
export type DescribeConfigsResult = ElementOf<DescribeConfigsResponseData['results']>
export type DescribeConfigsResourceResult = ElementOf<DescribeConfigsResult['configs']>
export type DescribeConfigsSynonym = ElementOf<DescribeConfigsResourceResult['synonyms']>
