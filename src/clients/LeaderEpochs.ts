/**
 * The newest leader epoch seen of each partition: what tells an old piece of news from a new one.
 *
 * Every election of a leader raises the partition's epoch by one. Brokers learn of it at different
 * moments, so two metadata responses that arrive one after the other may speak of the past in
 * either order. Whoever has the higher epoch is right:
 *
 *     seen 7, told 8   news: take it
 *     seen 7, told 7   the same election; replicas may have changed: take it
 *     seen 7, told 6   asked a broker that is behind: keep what we have
 *
 * A topic that was deleted and made again starts at 0. Its id is another one, and that is how it is
 * told from a broker that is behind.
 *
 * I1  An epoch never goes down while the topic's id stays the same.
 *
 * @kafka org.apache.kafka.clients.Metadata
 * @simplified a class of its own; in Java a map inside `Metadata`.
 */

import type { TopicPartition } from '../common/TopicPartition.ts'
import type { Uuid } from '../common/Uuid.ts'

/** What to do with what a metadata response says of a partition. */
export type EpochVerdict =
  /** Take it; something changed. */
  | 'newer'
  /** Take it; the leader is the one we knew. */
  | 'same'
  /** Keep what is known. */
  | 'older'

export class LeaderEpochs {
  /** Topic, then partition: a topic that is no longer wanted goes in one step. */
  private readonly seen = new Map<string, Map<number, number>>()

  get(partition: TopicPartition): number | null {
    return this.seen.get(partition.topic)?.get(partition.partition) ?? null
  }

  set(partition: TopicPartition, epoch: number): void {
    const ofTopic = this.seen.get(partition.topic)
    if (ofTopic === undefined) {
      this.seen.set(partition.topic, new Map([[partition.partition, epoch]]))
    } else {
      ofTopic.set(partition.partition, epoch)
    }
  }

  remove(partition: TopicPartition): void {
    this.seen.get(partition.topic)?.delete(partition.partition)
  }

  /** Forgets the topics for which `retain` says no. */
  retainTopics(retain: (topic: string) => boolean): void {
    for (const topic of this.seen.keys()) {
      if (!retain(topic)) this.seen.delete(topic)
    }
  }

  /** `true` when the epoch of a known partition went up. A partition never seen stays unseen. */
  raise(partition: TopicPartition, epoch: number): boolean {
    const known = this.get(partition)
    if (known === null || epoch <= known) return false
    this.set(partition, epoch)
    return true
  }

  /**
   * Judges the epoch of a metadata response, and remembers it unless it is old.
   *
   * @param topicId the id in the response, `null` when it has none
   * @param knownTopicId the id known so far, `null` when there is none
   */
  judge(
    partition: TopicPartition,
    epoch: number,
    topicId: Uuid | null,
    knownTopicId: Uuid | null,
  ): EpochVerdict {
    const known = this.get(partition)
    const otherTopic = topicId !== null && !(knownTopicId !== null && topicId.equals(knownTopicId))
    if (known !== null && !otherTopic && epoch < known) return 'older'
    this.set(partition, epoch)
    return known === null || otherTopic || epoch > known ? 'newer' : 'same'
  }
}
