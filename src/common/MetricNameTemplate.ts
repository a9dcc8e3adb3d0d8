/**
 * A metric's name before the values of its tags are known: which tags there will be, and what the
 * metric means. The list of all templates is what a client documents.
 *
 * @kafka org.apache.kafka.common.MetricNameTemplate
 */
export class MetricNameTemplate {
  readonly name: string
  readonly group: string
  readonly description: string
  /** In the order in which they are shown. */
  readonly tags: ReadonlySet<string>

  constructor(name: string, group: string, description: string, tags: Iterable<string>) {
    this.name = name
    this.group = group
    this.description = description
    this.tags = new Set(tags)
  }

  toString(): string {
    return `name=${this.name}, group=${this.group}, tags=[${[...this.tags].join(', ')}]`
  }
}
