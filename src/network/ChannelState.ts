/**
 * How far a connection has come; when it is gone, how far it had come.
 *
 *     NOT_CONNECTED ──► AUTHENTICATE ──► READY ──┬─► EXPIRED        idle for too long
 *           │                 │                  ├─► FAILED_SEND    a send could not be begun
 *           │                 └─► AUTHENTICATION_FAILED
 *           └──────────────────────► READY       └─► LOCAL_CLOSE    we closed it ourselves
 *               (plaintext)
 *
 * When the other side ends a connection, its state stays what it was; so a disconnection in
 * NOT_CONNECTED says "nobody there", one in AUTHENTICATE "wrong security", one in READY "it left".
 *
 * @kafka org.apache.kafka.common.network.ChannelState
 */

import type { AuthenticationException } from '../common/errors/ApiExceptions.ts'

export type ChannelStateName =
  | 'NOT_CONNECTED'
  | 'AUTHENTICATE'
  | 'READY'
  | 'EXPIRED'
  | 'FAILED_SEND'
  | 'AUTHENTICATION_FAILED'
  | 'LOCAL_CLOSE'

export class ChannelState {
  static readonly NOT_CONNECTED = new ChannelState('NOT_CONNECTED')
  static readonly AUTHENTICATE = new ChannelState('AUTHENTICATE')
  static readonly READY = new ChannelState('READY')
  static readonly EXPIRED = new ChannelState('EXPIRED')
  static readonly FAILED_SEND = new ChannelState('FAILED_SEND')
  static readonly LOCAL_CLOSE = new ChannelState('LOCAL_CLOSE')

  readonly state: ChannelStateName
  /** `host:port` of the other side, where it was known. */
  readonly remoteAddress: string | null
  /** Why, in AUTHENTICATION_FAILED. */
  readonly exception: AuthenticationException | null

  constructor(
    state: ChannelStateName,
    remoteAddress: string | null = null,
    exception: AuthenticationException | null = null,
  ) {
    this.state = state
    this.remoteAddress = remoteAddress
    this.exception = exception
  }

  toString(): string {
    return this.remoteAddress === null ? this.state : `${this.state} (${this.remoteAddress})`
  }
}
