/**
 * What was read has since been replaced: an unclean leader election cut the log before the
 * consumer's position.
 *
 * @kafka org.apache.kafka.clients.consumer.LogTruncationException
 */

import type { ReadonlyTopicPartitionMap } from '../common/TopicPartitionMap.ts'
import type { OffsetAndMetadata } from './OffsetAndMetadata.ts'
import { OffsetOutOfRangeException } from './OffsetOutOfRangeException.ts'

export class LogTruncationException extends OffsetOutOfRangeException {
  /**
   * The first offset known to differ from what was read; a partition is missing here when it is not
   * known.
   */
  readonly divergentOffsets: ReadonlyTopicPartitionMap<OffsetAndMetadata>

  constructor(
    fetchOffsets: ReadonlyTopicPartitionMap<number>,
    divergentOffsets: ReadonlyTopicPartitionMap<OffsetAndMetadata>,
  ) {
    super(
      `Truncated partitions detected with divergent offsets ${divergentOffsets}. ` +
        "Seek to a divergent offset to read what replaced it, or set 'auto.offset.reset'.",
      fetchOffsets,
    )
    this.divergentOffsets = divergentOffsets
  }
}
