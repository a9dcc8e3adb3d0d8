/**
 * An authentication failed; the peer is told, and its connection closed, only after a delay, so
 * that guessing passwords is slow.
 *
 * @kafka org.apache.kafka.common.network.DelayedResponseAuthenticationException
 */

import { AuthenticationException } from '../common/errors/ApiExceptions.ts'

export class DelayedResponseAuthenticationException extends AuthenticationException {
  constructor(cause: AuthenticationException) {
    super(cause.message, { cause })
  }
}
