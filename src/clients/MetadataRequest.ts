/**
 * The question "who leads what?", for some topics or for all of them.
 *
 * @kafka org.apache.kafka.common.requests.MetadataRequest.Builder
 */

import { UnsupportedVersionException } from '../common/errors/ApiExceptions.ts'
import type { Uuid } from '../common/Uuid.ts'
import { ApiKeys } from '../protocol/ApiKeys.ts'
import type { MetadataRequestInput } from '../protocol/messages/Metadata.ts'
import { type AllowedVersions, type RequestBuilder, requestBuilder } from './RequestBuilder.ts'

export interface MetadataRequestBuilder extends RequestBuilder<typeof ApiKeys.METADATA> {
  /** What is asked about, by name; `null`: all topics. */
  readonly topics: readonly string[] | null
  readonly isAllTopics: boolean
}

/**
 * Asks about all topics. Never creates one; the flag says so only because old versions read it that
 * way.
 */
export const metadataRequestForAllTopics = (): MetadataRequestBuilder =>
  metadataRequest({ topics: null, allowAutoTopicCreation: true })

/**
 * Asks about topics by name.
 *
 * @param allowAutoTopicCreation a broker that may create topics creates those that are missing
 */
export const metadataRequestForTopics = (
  topics: readonly string[],
  allowAutoTopicCreation: boolean,
  allowed?: AllowedVersions,
): MetadataRequestBuilder =>
  metadataRequest({ topics: topics.map((name) => ({ name })), allowAutoTopicCreation }, allowed)

/** Asks about topics by id; creates none, for want of a name. */
export const metadataRequestForTopicIds = (topicIds: readonly Uuid[]): MetadataRequestBuilder =>
  metadataRequest({
    topics: topicIds.map((topicId) => ({ topicId, name: null })),
    allowAutoTopicCreation: false,
  })

const metadataRequest = (
  data: MetadataRequestInput,
  allowed?: AllowedVersions,
): MetadataRequestBuilder => ({
  ...requestBuilder(
    ApiKeys.METADATA,
    (version) => {
      checkVersion(data, version)
      return data
    },
    allowed,
  ),
  topics: data.topics?.map((topic) => topic.name ?? '') ?? null,
  isAllTopics: data.topics === null,
})

const checkVersion = (data: MetadataRequestInput, version: number): void => {
  if (version < 1) {
    throw new UnsupportedVersionException(
      'A metadata request of version 0 cannot tell "all topics" from "no topics".',
    )
  }
  if (data.allowAutoTopicCreation === false && version < 4) {
    throw new UnsupportedVersionException(
      `A metadata request of version ${version} cannot forbid the creation of topics; 4 can.`,
    )
  }
}
