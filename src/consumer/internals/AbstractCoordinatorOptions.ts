/**
 * What a member of a group is made of.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator
 */

import type { Logger } from '../../common/Logger.ts'
import type { Metrics } from '../../common/metrics/Metrics.ts'
import type { Random } from '../../common/Random.ts'
import type { Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import type { GroupRebalanceConfig } from './GroupRebalanceConfig.ts'
import type { HeartbeatLoop, HeartbeatLoopOptions } from './HeartbeatLoop.ts'

export interface AbstractCoordinatorOptions {
  readonly rebalanceConfig: GroupRebalanceConfig
  readonly logger: Logger
  readonly client: ConsumerNetworkClient
  readonly metrics: Metrics
  /** `consumer` */
  readonly metricGrpPrefix: string
  readonly time: Time
  readonly random: Random
  readonly trace: Trace
  /** For tests that step through the loop by themselves. Default: a `HeartbeatLoop`. */
  readonly heartbeatLoopSupplier?: (options: HeartbeatLoopOptions) => HeartbeatLoop
}
