/**
 * What the calls need of the client that makes them.
 *
 * @simplified in Java calls are inner classes of `KafkaAdminClient` and reach its fields.
 */

import type { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { AdminMetadataManager } from './AdminMetadataManager.ts'
import type { Call } from './Call.ts'
import type { NodeProviders } from './NodeProvider.ts'

export interface AdminContext {
  readonly nodeProviders: NodeProviders
  readonly metadataManager: AdminMetadataManager
  /** `retry.backoff.ms`, growing to `retry.backoff.max.ms`. */
  readonly retryBackoff: ExponentialBackoff
  readonly time: Time
  readonly logger: Logger
  /** Hands a call to the loop. */
  readonly submit: (call: Call) => void
}
