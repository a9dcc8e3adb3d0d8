/**
 * Topics by their names, or by their ids. Results are looked up by the text of either.
 *
 * @kafka org.apache.kafka.common.TopicCollection
 */

import { InvalidTopicException } from '../common/errors/ApiExceptions.ts'
import { Uuid } from '../common/Uuid.ts'

export type TopicCollection = readonly string[] | readonly Uuid[]

export const isTopicIds = (topics: TopicCollection): topics is readonly Uuid[] =>
  topics[0] instanceof Uuid

/**
 * Why no request can hold this topic; `null` if one can. What a name may be like is left to the
 * broker, whose rules may change.
 */
export const unrepresentable = (topic: string | Uuid): InvalidTopicException | null => {
  if (topic instanceof Uuid ? !topic.equals(Uuid.ZERO_UUID) : topic) return null
  const what = topic instanceof Uuid ? 'id' : 'name'
  return new InvalidTopicException(
    `The given topic ${what} '${topic}' cannot be represented in a request. ` +
      `Give the ${what} of a topic.`,
  )
}
