/**
 * What went wrong as a response says it: the error, and the text that goes with it.
 *
 * The text is left out where it would say no more than the error itself, and where the error is one
 * that nobody foresaw: what an exception of our own says is nobody else's business.
 *
 * @kafka org.apache.kafka.common.requests.ApiError
 */

import { Errors, type WireError } from '../../protocol/Errors.ts'

export interface ApiError {
  readonly error: WireError
  readonly message: string | null
}

export const apiErrorOf = (thrown: unknown): ApiError => {
  const error = Errors.forException(thrown)
  const text = thrown instanceof Error ? thrown.message : ''
  const saysMore = text !== '' && text !== error.message && error !== Errors.UNKNOWN_SERVER_ERROR
  return { error, message: saysMore ? text : null }
}
