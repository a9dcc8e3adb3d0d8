/**
 * How far we are with a node.
 *
 *     ─► CONNECTING ─► CHECKING_API_VERSIONS ─► READY
 *           │                  │                  │
 *           └──────────────────┴──────────────────┴─► DISCONNECTED     (or AUTHENTICATION_FAILED)
 *
 * @kafka org.apache.kafka.clients.ConnectionState
 */
export type ConnectionState =
  | 'DISCONNECTED'
  | 'CONNECTING'
  | 'CHECKING_API_VERSIONS'
  | 'READY'
  | 'AUTHENTICATION_FAILED'

export const isDisconnected = (state: ConnectionState): boolean =>
  state === 'DISCONNECTED' || state === 'AUTHENTICATION_FAILED'

export const isConnected = (state: ConnectionState): boolean =>
  state === 'CHECKING_API_VERSIONS' || state === 'READY'
