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
 * @kafka org.apache.kafka.clients.admin.ListGroupsOptions
 * @kafka org.apache.kafka.clients.admin.ListConsumerGroupsOptions
 * @kafka org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions
 * @kafka org.apache.kafka.clients.admin.DescribeClassicGroupsOptions
 * @kafka org.apache.kafka.clients.admin.DeleteConsumerGroupsOptions
 * @kafka org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions
 * @kafka org.apache.kafka.clients.admin.AlterConsumerGroupOffsetsOptions
 * @kafka org.apache.kafka.clients.admin.DeleteConsumerGroupOffsetsOptions
 * @kafka org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions
 * @kafka org.apache.kafka.clients.admin.ListOffsetsOptions
 * @simplified plain objects in one file, where Java has a class with setters for each.
 */

import type { IsolationLevel } from '../common/IsolationLevel.ts'
import type { GroupState, GroupType } from './GroupState.ts'
import type { MemberToRemove } from './RemoveMembersFromConsumerGroupResult.ts'

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

export interface ListGroupsOptions extends AbstractOptions {
  /** Only groups in one of these states. Default: all. */
  readonly groupStates?: readonly GroupState[]
  /** Only groups of one of these types. Default: all. */
  readonly types?: readonly GroupType[]
  /** Only groups of one of these protocols, such as `consumer`. Default: all. */
  readonly protocolTypes?: readonly string[]
}

/** The options for groups of consumers, of both protocols, also those that only commit offsets. */
export const forConsumerGroups = (options: ListGroupsOptions = {}): ListGroupsOptions => ({
  types: ['Classic', 'Consumer'],
  protocolTypes: ['', 'consumer'],
  ...options,
})

export interface ListConsumerGroupsOptions extends AbstractOptions {
  /** Only groups in one of these states. Default: all. */
  readonly groupStates?: readonly GroupState[]
  /** Only groups of one of these types. Default: all. */
  readonly types?: readonly GroupType[]
}

export interface DescribeConsumerGroupsOptions extends AbstractOptions {
  /** Also tell what we may do with each group. Default: `false`. */
  readonly includeAuthorizedOperations?: boolean
}

export interface DescribeClassicGroupsOptions extends AbstractOptions {
  /** Also tell what we may do with each group. Default: `false`. */
  readonly includeAuthorizedOperations?: boolean
}

export interface DeleteConsumerGroupsOptions extends AbstractOptions {}

export interface ListConsumerGroupOffsetsOptions extends AbstractOptions {
  /**
   * Wait until open transactions have ended that commit offsets of these groups. Default: `false`.
   */
  readonly requireStable?: boolean
}

export interface AlterConsumerGroupOffsetsOptions extends AbstractOptions {}

export interface DeleteConsumerGroupOffsetsOptions extends AbstractOptions {}

export interface RemoveMembersFromConsumerGroupOptions extends AbstractOptions {
  /** Static members, at least one. Default: all members of the group, static or not. */
  readonly members?: readonly MemberToRemove[]
  /**
   * For the broker's log; up to 255 characters. Default: "member was removed by an admin".
   */
  readonly reason?: string
}

export interface ListOffsetsOptions extends AbstractOptions {
  /** Of `latest`: with records of open transactions or without. Default: `read_uncommitted`. */
  readonly isolationLevel?: IsolationLevel
}
