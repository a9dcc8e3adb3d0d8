/**
 * What can be wrong with one segment.
 *
 * @kafka org.apache.kafka.storage.internals.log.LogSegmentOffsetOverflowException
 */

import { KafkaException } from '../../common/errors.ts'

/** An offset that is too far from the base offset of the segment it should go to. */
export class LogSegmentOffsetOverflowException extends KafkaException {}

/** The offset index of a segment is not there. */
export class NoSuchIndexException extends KafkaException {}
