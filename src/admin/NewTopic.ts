/**
 * A topic to be created.
 *
 *     { name: 'orders' }                                            all as the broker has it
 *     { name: 'orders', numPartitions: 3, replicationFactor: 2 }    the controller chooses brokers
 *     { name: 'orders', replicasAssignments: { 0: [1, 2], 1: [2, 3] } }   we do
 *
 * @kafka org.apache.kafka.clients.admin.NewTopic
 * @simplified a plain object.
 */

import { IllegalArgumentException } from '../common/errors.ts'
import type { CreateTopicsRequestInput } from '../protocol/messages/CreateTopics.ts'

export interface NewTopic {
  readonly name: string
  /** Default: -1, the broker's `num.partitions`. */
  readonly numPartitions?: number
  /** Brokers per partition. Default: -1, the broker's `default.replication.factor`. */
  readonly replicationFactor?: number
  /** For each partition the ids of its brokers, the preferred leader first. */
  readonly replicasAssignments?: Readonly<Record<number, readonly number[]>>
  /** Settings of the topic that differ from the broker's, such as `retention.ms`. */
  readonly configs?: Readonly<Record<string, string | null>>
}

export type CreatableTopicInput = NonNullable<CreateTopicsRequestInput['topics']>[number]

/** The broker decides. */
export const BROKER_DEFAULT = -1

/**
 * The topic as the request has it.
 *
 * @throws IllegalArgumentException when brokers are named and numbers too
 */
export const convertToCreatableTopic = (topic: NewTopic): CreatableTopicInput => {
  const { name, numPartitions, replicationFactor, replicasAssignments, configs = {} } = topic
  const isGiven = (value: number | undefined) => value !== undefined && value !== BROKER_DEFAULT
  if (replicasAssignments && (isGiven(numPartitions) || isGiven(replicationFactor))) {
    throw new IllegalArgumentException(
      `Topic '${name}' has replicasAssignments and also numPartitions or replicationFactor. The ` +
        'assignments say both: leave the numbers out.',
    )
  }
  return {
    name,
    numPartitions: numPartitions ?? BROKER_DEFAULT,
    replicationFactor: replicationFactor ?? BROKER_DEFAULT,
    assignments: Object.entries(replicasAssignments ?? {}).map(([partition, brokerIds]) => ({
      partitionIndex: Number(partition),
      brokerIds: [...brokerIds],
    })),
    configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
  }
}
