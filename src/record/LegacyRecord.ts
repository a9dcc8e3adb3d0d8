/**
 * What becomes of batches in the formats 0 and 1: they are refused, by name.
 *
 * Kafka 4 no longer writes them, and a broker of 4.x keeps such segments only if they were written
 * before 2017. Telling them from rubbish is all that is done here.
 *
 * @kafka org.apache.kafka.common.record.internal.LegacyRecord
 * @simplified Java still decodes both formats.
 */

import { UnsupportedForMessageFormatException } from '../common/errors/ApiExceptions.ts'

export const LegacyRecord = {
  /** Bytes of the smallest record of format 0; no batch of any format has less behind its size. */
  RECORD_OVERHEAD_V0: 14,

  /** What to throw for a batch of format 0 or 1. */
  refusal(magic: number, offset: number): UnsupportedForMessageFormatException {
    return new UnsupportedForMessageFormatException(
      `The batch at offset ${offset} has message format ${magic}, which Kafka wrote before 0.11; ` +
        'only format 2 is read here. Copy the topic with a client of Kafka 0.11 to 3.x first.',
    )
  },
} as const
