/**
 * What a call may be told beside its subject. Everything is optional.
 *
 * @kafka org.apache.kafka.clients.admin.AbstractOptions
 * @kafka org.apache.kafka.clients.admin.CreateTopicsOptions
 * @kafka org.apache.kafka.clients.admin.DeleteTopicsOptions
 * @kafka org.apache.kafka.clients.admin.ListTopicsOptions
 * @kafka org.apache.kafka.clients.admin.DescribeTopicsOptions
 * @kafka org.apache.kafka.clients.admin.DescribeClusterOptions
 * @kafka org.apache.kafka.clients.admin.DescribeConfigsOptions
 * @simplified plain objects in one file, where Java has a class with setters for each.
 */

export interface AbstractOptions {
  /** How long the call may take in all, retries included. Default: `default.api.timeout.ms`. */
  readonly timeoutMs?: number
}

export interface CreateTopicsOptions extends AbstractOptions {
  /** Check everything, create nothing. Default: `false`. */
  readonly validateOnly?: boolean
  /**
   * When the cluster's quota of changes is used up, wait and try again until the deadline; else
   * fail at once. Default: `true`.
   */
  readonly retryOnQuotaViolation?: boolean
}

export interface DeleteTopicsOptions extends AbstractOptions {
  /** As in `CreateTopicsOptions`. Default: `true`. */
  readonly retryOnQuotaViolation?: boolean
}

export interface ListTopicsOptions extends AbstractOptions {
  /** Kafka's own topics too, such as `__consumer_offsets`. Default: `false`. */
  readonly listInternal?: boolean
}

export interface DescribeTopicsOptions extends AbstractOptions {
  /** Also tell what we may do with each topic. Default: `false`. */
  readonly includeAuthorizedOperations?: boolean
  /** How many partitions one response may hold; there are as many as are needed. Default: 2000. */
  readonly partitionSizeLimitPerResponse?: number
}

export interface DescribeClusterOptions extends AbstractOptions {
  /** Also tell what we may do with the cluster. Default: `false`. */
  readonly includeAuthorizedOperations?: boolean
  /** Also name brokers that are registered but not serving. Default: `false`. */
  readonly includeFencedBrokers?: boolean
}

export interface DescribeConfigsOptions extends AbstractOptions {
  /** Also tell all places that set each value. Default: `false`. */
  readonly includeSynonyms?: boolean
  /** Also bring the documentation. Default: `false`. */
  readonly includeDocumentation?: boolean
}
