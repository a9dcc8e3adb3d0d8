/**
 * What a `NetworkClient` is made of.
 *
 * @kafka org.apache.kafka.clients.NetworkClient
 */

import type { Logger } from '../common/Logger.ts'
import type { Sensor } from '../common/metrics/Sensor.ts'
import type { Random } from '../common/Random.ts'
import type { Time } from '../common/Time.ts'
import type { Trace } from '../common/Trace.ts'
import type { Selectable } from '../network/Selectable.ts'
import type { ApiVersions } from './ApiVersions.ts'
import type { HostResolver } from './HostResolver.ts'
import type { Metadata } from './Metadata.ts'
import type { MetadataRecoveryStrategy } from './MetadataRecoveryStrategy.ts'
import type { MetadataUpdater } from './MetadataUpdater.ts'

export interface NetworkClientOptions {
  readonly selector: Selectable
  /** The picture to keep fresh. Needed unless there is a `metadataUpdater`. */
  readonly metadata?: Metadata
  /** Knows the nodes, in the place of `metadata`. */
  readonly metadataUpdater?: MetadataUpdater
  readonly clientId: string
  /** `max.in.flight.requests.per.connection`, where there is such a setting. */
  readonly maxInFlightRequestsPerConnection: number
  /** `reconnect.backoff.ms`. */
  readonly reconnectBackoffMs: number
  /** `reconnect.backoff.max.ms`. */
  readonly reconnectBackoffMaxMs: number
  /** `request.timeout.ms`: for requests that do not bring a time of their own. */
  readonly defaultRequestTimeoutMs: number
  /** `socket.connection.setup.timeout.ms`. */
  readonly connectionSetupTimeoutMs: number
  /** `socket.connection.setup.timeout.max.ms`. */
  readonly connectionSetupTimeoutMaxMs: number
  /** Default: `none`. */
  readonly metadataRecoveryStrategy?: MetadataRecoveryStrategy
  /** `metadata.recovery.rebootstrap.trigger.ms`; default: never. */
  readonly rebootstrapTriggerMs?: number
  readonly apiVersions: ApiVersions
  /** Ask each node which versions it serves before anything else. Default: `true`. */
  readonly discoverBrokerVersions?: boolean
  /** Default: the socket resolves names. */
  readonly hostResolver?: HostResolver
  /** Hears of every response how long its quota holds the client back. */
  readonly throttleTimeSensor?: Sensor
  readonly time: Time
  readonly random: Random
  readonly logger: Logger
  readonly trace: Trace
}
