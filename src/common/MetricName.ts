/**
 * What one measurement is called: a name, the group it belongs to, and tags that tell apart those
 * of the same name.
 *
 *     batch-size-avg   producer-metrics         { client-id: web-1 }
 *     byte-rate        producer-topic-metrics   { client-id: web-1, topic: orders }
 *
 * I1  Two names are the same when name, group and tags are, whatever the order of the tags. The
 *     description does not count.
 *
 * @kafka org.apache.kafka.common.MetricName
 */

/** Further attributes of a metric; their order is kept for whoever prints them. */
export type MetricTags = Readonly<Record<string, string>>

export class MetricName {
  readonly name: string
  readonly group: string
  /** For people. */
  readonly description: string
  readonly tags: MetricTags
  /** The same text for names that are the same (I1): what a `Map` can go by. */
  readonly key: string

  constructor(name: string, group: string, description = '', tags: MetricTags = {}) {
    this.name = name
    this.group = group
    this.description = description
    this.tags = tags
    const sorted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))
    this.key = JSON.stringify([group, name, ...sorted])
  }

  equals(other: MetricName): boolean {
    return this.key === other.key
  }

  toString(): string {
    const { name, group, description, tags } = this
    const list = Object.entries(tags).map(([tag, value]) => `${tag}=${value}`)
    return `MetricName(${name}, group=${group}, tags={${list.join(', ')}}, ${description})`
  }
}
