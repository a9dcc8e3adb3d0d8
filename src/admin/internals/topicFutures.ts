/**
 * A future for each topic that a call is asked for.
 *
 * A topic that no request can hold, for want of a name, fails at once and is left out of the
 * request; the others are none the worse.
 */

import type { Uuid } from '../../common/Uuid.ts'
import { type TopicCollection, unrepresentable } from '../TopicCollection.ts'
import { KafkaFutureImpl } from './KafkaFutureImpl.ts'

export interface TopicFutures<V> {
  /** By the name, or the text of the id. */
  readonly futures: ReadonlyMap<string, KafkaFutureImpl<V>>
  /** The keys of those that a request can hold. */
  readonly pending: readonly string[]
}

export const futuresOf = <V>(topics: Iterable<string | Uuid>): TopicFutures<V> => {
  const futures = new Map<string, KafkaFutureImpl<V>>()
  const pending: string[] = []
  for (const topic of topics) {
    const key = String(topic)
    if (futures.has(key)) continue
    const future = new KafkaFutureImpl<V>()
    futures.set(key, future)
    const error = unrepresentable(topic)
    if (error === null) pending.push(key)
    else future.completeExceptionally(error)
  }
  return { futures, pending }
}

/** The same, with what to ask for. */
export const askFor = <V>(
  topics: TopicCollection,
): Pick<TopicFutures<V>, 'futures'> & { readonly items: ReadonlyMap<string, string | Uuid> } => {
  const given = new Map<string, string | Uuid>()
  for (const topic of topics) given.set(String(topic), topic)
  const { futures, pending } = futuresOf<V>(given.values())
  return { futures, items: new Map(pending.map((key) => [key, given.get(key)!])) }
}
