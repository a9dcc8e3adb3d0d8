/**
 * A topic's name and a partition's number.
 *
 * `key` is one string for both (`topic-3`, as Kafka prints it): what maps are keyed by, made once
 * per object.
 *
 * @kafka org.apache.kafka.common.TopicPartition
 */
export class TopicPartition {
  readonly topic: string
  readonly partition: number
  /**
   * Unique per topic and partition: a topic's name may contain `-`, but the last `-` is always
   * ours.
   */
  readonly key: string

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
    this.key = `${topic}-${partition}`
  }

  equals(other: TopicPartition): boolean {
    return this.partition === other.partition && this.topic === other.topic
  }

  toString(): string {
    return this.key
  }
}
