/**
 * How a consumer takes its leave.
 *
 *     await consumer.close({ groupMembershipOperation: 'REMAIN_IN_GROUP', timeoutMs: 5000 })
 *
 * A member that leaves tells its group so, and the others take over its partitions at once. One
 * that remains is missed only when its session is over: good for a program that is back before
 * that, because nobody has to move.
 *
 * @kafka org.apache.kafka.clients.consumer.CloseOptions
 * @simplified an object with two fields; Java needs a builder for it.
 */

/**
 * `DEFAULT` is what suits the member: a dynamic one leaves, a static one (`group.instance.id`)
 * remains.
 *
 * @kafka org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation
 */
export type GroupMembershipOperation = 'LEAVE_GROUP' | 'REMAIN_IN_GROUP' | 'DEFAULT'

export interface CloseOptions {
  /** How long the brokers may be kept informed, in milliseconds. Default: 30 seconds. */
  readonly timeoutMs?: number
  /** Default: `DEFAULT`. */
  readonly groupMembershipOperation?: GroupMembershipOperation
}
