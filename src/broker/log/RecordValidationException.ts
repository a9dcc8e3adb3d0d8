/**
 * Some records of a batch were refused: which ones, and the error that the batch is answered with.
 *
 * @kafka org.apache.kafka.storage.internals.log.RecordValidationException
 */

import { type ApiException, KafkaException } from '../../common/errors.ts'
import type { RecordError } from './LogAppendInfo.ts'

export class RecordValidationException extends KafkaException {
  readonly invalidException: ApiException
  readonly recordErrors: readonly RecordError[]

  constructor(invalidException: ApiException, recordErrors: readonly RecordError[]) {
    super(invalidException.message, { cause: invalidException })
    this.invalidException = invalidException
    this.recordErrors = recordErrors
  }
}
