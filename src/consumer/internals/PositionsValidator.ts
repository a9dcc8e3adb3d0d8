/**
 * Looks after each change of the metadata whether positions have a new leader, and so must be
 * confirmed.
 *
 * An error of a validation is found while some unrelated call polls, and belongs to whoever asks
 * for positions. So it is kept, and thrown the next time somebody does.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.PositionsValidator
 */

import type { ApiVersions } from '../../clients/ApiVersions.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import type { FetchPosition } from './FetchPosition.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface PositionsValidatorOptions {
  readonly logger: Logger
  readonly time: Time
  readonly metadata: ConsumerMetadata
  readonly subscriptions: SubscriptionState
  readonly apiVersions: ApiVersions
}

export class PositionsValidator {
  private readonly logger: Logger
  private readonly time: Time
  private readonly metadata: ConsumerMetadata
  private readonly subscriptions: SubscriptionState
  private readonly apiVersions: ApiVersions
  private cachedException: Error | null = null
  private metadataUpdateVersion = -1

  constructor(options: PositionsValidatorOptions) {
    this.logger = options.logger
    this.time = options.time
    this.metadata = options.metadata
    this.subscriptions = options.subscriptions
    this.apiVersions = options.apiVersions
  }

  /** The positions to ask about now. Throws what an earlier validation has found. */
  refreshAndGetPartitionsToValidate(): TopicPartitionMap<FetchPosition> {
    this.maybeThrowError()
    this.validatePositionsOnMetadataChange()
    return this.subscriptions.partitionsNeedingValidation(this.time.milliseconds())
  }

  /** Cheap while nothing has changed, so it may be called before each fetch. */
  validatePositionsOnMetadataChange(): void {
    const version = this.metadata.updateVersion()
    if (version === this.metadataUpdateVersion) return
    this.metadataUpdateVersion = version
    for (const partition of this.subscriptions.assignedPartitions()) {
      this.subscriptions.maybeValidatePositionForCurrentLeader(
        this.apiVersions,
        partition,
        this.metadata.currentLeader(partition),
      )
    }
  }

  maybeSetError(error: Error): void {
    if (this.cachedException === null) this.cachedException = error
    else {
      this.logger.error('Discarding an error of validating positions: another is pending', error)
    }
  }

  private maybeThrowError(): void {
    const error = this.cachedException
    this.cachedException = null
    if (error !== null) throw error
  }
}
