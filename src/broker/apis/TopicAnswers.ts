/**
 * Puts an answer together that comes from two places: the partitions that were refused here, and
 * those that somebody else decided about.
 *
 * @kafka org.apache.kafka.common.requests.OffsetCommitResponse.Builder
 * @kafka org.apache.kafka.common.requests.OffsetDeleteResponse.Builder
 */

import type { Uuid } from '../../common/Uuid.ts'

interface TopicAnswer<P> {
  readonly topicId?: Uuid | undefined
  readonly name?: string | undefined
  readonly partitions?: readonly P[] | undefined
}

export class TopicAnswers<P> {
  private readonly byId: boolean
  private readonly byKey = new Map<string, TopicAnswer<P>>()

  /** @param byId whether a topic is known by its id, or by its name */
  constructor(byId: boolean) {
    this.byId = byId
  }

  get topics(): TopicAnswer<P>[] {
    return [...this.byKey.values()]
  }

  /** A topic that is there already gets these partitions behind those that it has. */
  add(topic: TopicAnswer<P>): void {
    const key = this.byId ? String(topic.topicId) : String(topic.name)
    const known = this.byKey.get(key)
    const partitions = [...(known?.partitions ?? []), ...(topic.partitions ?? [])]
    this.byKey.set(key, { ...topic, partitions })
  }

  /** All of them, with `topics` added. */
  merge(topics: readonly TopicAnswer<P>[]): TopicAnswer<P>[] {
    for (const topic of topics) this.add(topic)
    return this.topics
  }
}
