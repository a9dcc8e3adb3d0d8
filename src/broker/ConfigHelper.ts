/**
 * Answers `DescribeConfigs`: each setting with its value, where that comes from, and what else
 * would have given it.
 *
 *     retention.ms = 60000        TOPIC
 *         log.retention.ms = …    STATIC_BROKER     if it were not set on the topic
 *         log.retention.hours     DEFAULT
 *
 * @kafka kafka.server.ConfigHelper
 * @simplified topics and brokers only: loggers, client metrics and groups are refused. Nothing can
 *   be changed at run time yet, so every setting of a broker is read-only.
 */

import { convertToString } from '../common/config/parseType.ts'
import { InvalidRequestException } from '../common/errors/ApiExceptions.ts'
import { ApiException } from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import { Topic } from '../common/Topic.ts'
import { Errors } from '../protocol/Errors.ts'
import type {
  DescribeConfigsRequestData,
  DescribeConfigsResource,
  DescribeConfigsResponseInput,
} from '../protocol/messages/DescribeConfigs.ts'
import { apiErrorOf } from './apis/ApiError.ts'
import { KAFKA_CONFIG_DEF, type KafkaConfig } from './KafkaConfig.ts'
import { LOG_CONFIG_DEF, NO_LIMIT, TOPIC_CONFIG_SYNONYMS } from './log/LogConfig.ts'
import type { MetadataCache } from './metadata/MetadataCache.ts'

type Result = NonNullable<DescribeConfigsResponseInput['results']>[number]
type Entry = NonNullable<Result['configs']>[number]
type Synonym = NonNullable<Entry['synonyms']>[number]

/** @kafka org.apache.kafka.common.config.ConfigResource.Type */
const RESOURCE = { TOPIC: 2, BROKER: 4 } as const
/** Also loggers, client metrics and groups: those of Kafka that have nothing to show here yet. */
const RESOURCE_TYPES: ReadonlySet<number> = new Set([2, 4, 8, 16, 32])

/** @kafka org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource */
export const ConfigSource = {
  TOPIC_CONFIG: 1,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
} as const

/** @kafka org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType */
const CONFIG_TYPE: Readonly<Record<string, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
}

const BROKER_DEFAULTS = KAFKA_CONFIG_DEF.defaultValues()

const LARGEST_LONG = '9223372036854775807'

interface Wanted {
  readonly synonyms: boolean
  readonly documentation: boolean
}

export class ConfigHelper {
  private readonly brokerId: number
  private readonly config: KafkaConfig
  private readonly metadataCache: MetadataCache
  private readonly logger: Logger

  constructor(brokerId: number, config: KafkaConfig, metadataCache: MetadataCache, logger: Logger) {
    this.brokerId = brokerId
    this.config = config
    this.metadataCache = metadataCache
    this.logger = logger
  }

  /** @throws InvalidRequestException for a type of resource that Kafka does not have either */
  handleDescribeConfigsRequest(request: DescribeConfigsRequestData): DescribeConfigsResponseInput {
    const wanted = {
      synonyms: request.includeSynonyms,
      documentation: request.includeDocumentation,
    }
    for (const { resourceType, resourceName } of request.resources) {
      if (RESOURCE_TYPES.has(resourceType)) continue
      throw new InvalidRequestException(
        `Unexpected resource type ${resourceType} for resource ${resourceName}`,
      )
    }
    return { results: request.resources.map((resource) => this.describe(resource, wanted)) }
  }

  /** A topic's settings as `CreateTopics` returns them: without synonyms and documentation. */
  topicEntries(configs: Readonly<Record<string, string>>): Entry[] {
    return this.describeTopicConfigs(configs, null, { synonyms: false, documentation: false })
  }

  private describe(resource: DescribeConfigsResource, wanted: Wanted): Result {
    const { resourceType, resourceName } = resource
    try {
      return {
        errorCode: Errors.NONE.code,
        errorMessage: null,
        resourceType,
        resourceName,
        configs: this.entriesOf(resource, wanted),
      }
    } catch (error) {
      if (!(error instanceof ApiException)) {
        this.logger.error(`Error describing the configs of '${resourceName}'`, error)
      }
      const { error: wireError, message: errorMessage } = apiErrorOf(error)
      return { errorCode: wireError.code, errorMessage, resourceType, resourceName, configs: [] }
    }
  }

  private entriesOf(resource: DescribeConfigsResource, wanted: Wanted): Entry[] {
    const { resourceType, resourceName, configurationKeys } = resource
    switch (resourceType) {
      case RESOURCE.TOPIC:
        Topic.validate(resourceName)
        if (!this.metadataCache.containsTopic(resourceName)) {
          throw Errors.UNKNOWN_TOPIC_OR_PARTITION.exception()
        }
        return this.describeTopicConfigs(
          this.metadataCache.topicConfig(resourceName),
          configurationKeys,
          wanted,
        )
      case RESOURCE.BROKER:
        return this.describeBroker(resourceName, configurationKeys, wanted)
      default:
        throw new InvalidRequestException(`Unsupported resource type: ${resourceType}`)
    }
  }

  private describeTopicConfigs(
    configs: Readonly<Record<string, string>>,
    keys: readonly string[] | null,
    wanted: Wanted,
  ): Entry[] {
    const values = this.config.logConfigOf(configs).values() as Readonly<Record<string, unknown>>
    return named(LOG_CONFIG_DEF.names(), keys).map((name) => {
      const { type, documentation } = LOG_CONFIG_DEF.definitions[name]
      const value = shown(values[name], type)
      const synonyms = this.brokerSynonyms(TOPIC_CONFIG_SYNONYMS[name] ?? [])
      if (Object.hasOwn(configs, name)) {
        synonyms.unshift({ name, value, source: ConfigSource.TOPIC_CONFIG })
      }
      return entry(name, value, type, documentation, synonyms, false, wanted)
    })
  }

  private describeBroker(
    resourceName: string,
    keys: readonly string[] | null,
    wanted: Wanted,
  ): Entry[] {
    // The empty name asks for what all brokers were told at run time, which nobody can do here yet.
    if (resourceName === '') return []
    if (!/^-?\d+$/.test(resourceName)) {
      throw new InvalidRequestException(`Broker id must be an integer, but it is: ${resourceName}`)
    }
    if (Number(resourceName) !== this.brokerId) {
      throw new InvalidRequestException(
        `Unexpected broker id, expected ${this.brokerId} or empty string, but received ` +
          `${resourceName}`,
      )
    }
    return named(KAFKA_CONFIG_DEF.names(), keys).map((name) => {
      const { type, documentation } = KAFKA_CONFIG_DEF.definitions[name]
      const value = name === 'node.id' ? String(this.brokerId) : shown(this.config.get(name), type)
      const synonyms = this.brokerSynonyms([name])
      return entry(name, value, type, documentation, synonyms, true, wanted)
    })
  }

  /** What the broker says under these names: what was written first, then the defaults. */
  private brokerSynonyms(names: readonly string[]): Synonym[] {
    const known = names.filter((name) => KAFKA_CONFIG_DEF.has(name))
    const written: Synonym[] = []
    const defaults: Synonym[] = []
    for (const name of known as (keyof typeof KAFKA_CONFIG_DEF.definitions)[]) {
      const { type } = KAFKA_CONFIG_DEF.definitions[name]
      if (this.config.staticConfigs[name] !== undefined) {
        const value = shown(this.config.get(name), type)
        written.push({ name, value, source: ConfigSource.STATIC_BROKER_CONFIG })
      }
      const value = shown(BROKER_DEFAULTS[name], type)
      if (value !== null) defaults.push({ name, value, source: ConfigSource.DEFAULT_CONFIG })
    }
    return [...written, ...defaults]
  }
}

const entry = (
  name: string,
  value: string | null,
  type: string,
  documentation: string,
  synonyms: Synonym[],
  readOnly: boolean,
  wanted: Wanted,
): Entry => ({
  name,
  value,
  readOnly,
  configSource: synonyms[0]?.source ?? ConfigSource.DEFAULT_CONFIG,
  isSensitive: false,
  synonyms: wanted.synonyms ? synonyms : [],
  configType: CONFIG_TYPE[type] ?? 0,
  documentation: wanted.documentation ? documentation : null,
})

/** Those of `names` that were asked for; all when none were named. */
const named = <N extends string>(names: readonly N[], keys: readonly string[] | null): N[] =>
  keys === null || keys.length === 0 ? [...names] : names.filter((name) => keys.includes(name))

const shown = (value: unknown, type: string): string | null =>
  type === 'long' && value === NO_LIMIT ? LARGEST_LONG : convertToString(value)
