/**
 * Which cluster this is.
 *
 * @kafka org.apache.kafka.common.ClusterResource
 */
export class ClusterResource {
  /** `null` until a broker has told it. */
  readonly clusterId: string | null

  constructor(clusterId: string | null) {
    this.clusterId = clusterId
  }

  toString(): string {
    return `ClusterResource(clusterId=${this.clusterId})`
  }
}
