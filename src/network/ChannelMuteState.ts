/**
 * Why a channel is not read, and what may change that.
 *
 *                 mute              REQUEST_RECEIVED
 *     NOT_MUTED ───────► MUTED ────────────────────────► MUTED_AND_RESPONSE_PENDING
 *         ▲                │ ▲ ◄──── RESPONSE_SENT ─────────────┘  │ ▲
 *         └── maybeUnmute ─┘ │                     THROTTLE_STARTED│ │THROTTLE_ENDED
 *                            │THROTTLE_ENDED                       ▼ │
 *             MUTED_AND_THROTTLED ◄── RESPONSE_SENT ── MUTED_AND_THROTTLED_AND_RESPONSE_PENDING
 *
 * A broker takes one request from a connection at a time, which is what keeps a connection's
 * requests in order; while one is worked on, or while a quota holds the client back, the channel is
 * muted. Only from MUTED does it come back.
 *
 * @kafka org.apache.kafka.common.network.KafkaChannel.ChannelMuteState
 * @kafka org.apache.kafka.common.network.KafkaChannel.ChannelMuteEvent
 */

import { IllegalStateException } from '../common/errors.ts'

export type ChannelMuteState =
  | 'NOT_MUTED'
  | 'MUTED'
  | 'MUTED_AND_RESPONSE_PENDING'
  | 'MUTED_AND_THROTTLED'
  | 'MUTED_AND_THROTTLED_AND_RESPONSE_PENDING'

export type ChannelMuteEvent =
  /** A request came in from the client. */
  | 'REQUEST_RECEIVED'
  /** The response went out; with acks=0, the request was worked on. */
  | 'RESPONSE_SENT'
  /** A quota was overdrawn. */
  | 'THROTTLE_STARTED'
  | 'THROTTLE_ENDED'

const TRANSITIONS: Readonly<
  Record<ChannelMuteEvent, Readonly<Partial<Record<ChannelMuteState, ChannelMuteState>>>>
> = {
  REQUEST_RECEIVED: { MUTED: 'MUTED_AND_RESPONSE_PENDING' },
  RESPONSE_SENT: {
    MUTED_AND_RESPONSE_PENDING: 'MUTED',
    MUTED_AND_THROTTLED_AND_RESPONSE_PENDING: 'MUTED_AND_THROTTLED',
  },
  THROTTLE_STARTED: { MUTED_AND_RESPONSE_PENDING: 'MUTED_AND_THROTTLED_AND_RESPONSE_PENDING' },
  THROTTLE_ENDED: {
    MUTED_AND_THROTTLED: 'MUTED',
    MUTED_AND_THROTTLED_AND_RESPONSE_PENDING: 'MUTED_AND_RESPONSE_PENDING',
  },
}

/** Where `event` leads from `state`; throws an `IllegalStateException` where it must not happen. */
export const afterMuteEvent = (
  state: ChannelMuteState,
  event: ChannelMuteEvent,
): ChannelMuteState => {
  const next = TRANSITIONS[event][state]
  if (next === undefined) {
    throw new IllegalStateException(`Cannot transition from ${state} for ${event}`)
  }
  return next
}
