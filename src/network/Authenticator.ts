/**
 * Finds out who is at the other end, after the transport's handshake and before the first request.
 *
 * @kafka org.apache.kafka.common.network.Authenticator
 * @simplified no principal and no re-authentication: both come with security.
 */

export interface Authenticator {
  /**
   * One step; called whenever the socket has something new, until `complete`.
   *
   * @throws AuthenticationException when the other side is not who it should be, or refuses us
   */
  authenticate(): void
  complete(): boolean
  /** Called when a delayed close comes due: the last chance to tell the peer why. */
  handleAuthenticationFailure(): void
  close(): void
}
