/** What every log of one log directory shares. */

import type { Logger } from '../../common/Logger.ts'
import type { Random } from '../../common/Random.ts'
import type { Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import type { BackgroundTasks } from './BackgroundTasks.ts'
import type { LogDirFailureChannel } from './LogDirFailureChannel.ts'
import type { Storage } from './Storage.ts'

export interface LogDirContext {
  readonly storage: Storage
  readonly time: Time
  readonly random: Random
  readonly logger: Logger
  readonly trace: Trace
  readonly failureChannel: LogDirFailureChannel
  /** Deletes files later. */
  readonly deletions: BackgroundTasks
  /** `producer.id.expiration.ms` */
  readonly producerIdExpirationMs: number
}
