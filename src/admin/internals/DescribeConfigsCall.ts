/**
 * Asks one broker, or any, for settings.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @simplified a class of its own; in Java inside of `describeConfigs`.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import { ApiException } from '../../common/errors.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  DescribeConfigsResourceResult,
  DescribeConfigsResponseData,
} from '../../protocol/messages/DescribeConfigs.ts'
import type { DescribeConfigsOptions } from '../AdminOptions.ts'
import { Config, type ConfigEntry, configSourceOf, configTypeOf } from '../Config.ts'
import { type ConfigResource, configResourceKey, configResourceTypeId } from '../ConfigResource.ts'
import type { AdminContext } from './AdminContext.ts'
import { Call } from './Call.ts'
import { completeAllExceptionally, type KafkaFutureImpl } from './KafkaFutureImpl.ts'

/** A resource and the promise of its settings. */
export interface AskedResource {
  readonly resource: ConfigResource
  readonly future: KafkaFutureImpl<Config>
}

export interface DescribeConfigsCallOptions {
  readonly context: AdminContext
  readonly deadlineMs: number
  /** The broker to ask; `null`: any. */
  readonly node: number | null
  /** By `configResourceKey`. */
  readonly asked: ReadonlyMap<string, AskedResource>
  readonly options: DescribeConfigsOptions
}

export class DescribeConfigsCall extends Call {
  private readonly call: DescribeConfigsCallOptions

  constructor(call: DescribeConfigsCallOptions) {
    const { context, node, deadlineMs } = call
    const { nodeProviders } = context
    const nodeProvider =
      node === null ? nodeProviders.leastLoaded() : nodeProviders.constantNodeId(node)
    super({ callName: 'describeConfigs', deadlineMs, nodeProvider })
    this.call = call
  }

  override createRequest(): RequestBuilder {
    const { asked, options } = this.call
    return requestBuilder(ApiKeys.DESCRIBE_CONFIGS, {
      resources: Array.from(asked.values(), ({ resource }) => ({
        resourceType: configResourceTypeId(resource),
        resourceName: resource.name,
        configurationKeys: null,
      })),
      includeSynonyms: options.includeSynonyms ?? false,
      includeDocumentation: options.includeDocumentation ?? false,
    })
  }

  override handleResponse(response: ClientResponse): void {
    const { asked, context } = this.call
    const { results } = response.responseBody as DescribeConfigsResponseData
    for (const result of results) {
      const { resourceType, resourceName, errorCode, errorMessage, configs } = result
      const future = asked.get(configResourceKey(resourceType, resourceName))?.future
      if (future === undefined) {
        context.logger.warn(
          `The config of resource '${resourceName}' (type ${resourceType}) in the response from ` +
            `node ${response.destination} is not in the request`,
        )
        continue
      }
      // Kafka's own brokers send an empty text where they have none.
      const error = Errors.forCode(errorCode).exception(errorMessage || null)
      if (error === null) future.complete(new Config(configs.map(entryOf)))
      else future.completeExceptionally(error)
    }
    for (const { resource, future } of asked.values()) {
      if (future.isDone()) continue
      future.completeExceptionally(
        new ApiException(
          'The node response did not contain a result for config resource ' +
            `${resource.type} '${resource.name}'`,
        ),
      )
    }
  }

  override handleFailure(error: Error): void {
    completeAllExceptionally(
      Array.from(this.call.asked.values(), ({ future }) => future),
      error,
    )
  }
}

const entryOf = (config: DescribeConfigsResourceResult): ConfigEntry => ({
  name: config.name,
  value: config.value,
  source: configSourceOf(config.configSource),
  isSensitive: config.isSensitive,
  isReadOnly: config.readOnly,
  synonyms: config.synonyms.map(({ name, value, source }) => ({
    name,
    value,
    source: configSourceOf(source),
  })),
  type: configTypeOf(config.configType),
  documentation: config.documentation,
})
