/**
 * What state a partition's position is in, and where it can go from there.
 *
 *     INITIALIZING ─────seek──────► FETCHING ◄────validated──── AWAIT_VALIDATION
 *          │                        │  ▲  └──leader changed──────────►  │
 *          │ no offset at hand      │  │ offset found                   │ log was cut
 *          └──────► AWAIT_RESET ◄───┘  │                                │
 *                        └─────────────┘ ◄──────────────────────────────┘
 *
 * Only FETCHING reads. AWAIT_VALIDATION has a position too, but does not trust it until the new
 * leader has said that its log still holds what comes before. A transition that is not in the table
 * is ignored, not an error: an answer may arrive when the caller has already moved on (`seek` while
 * a reset is under way).
 *
 * @kafka org.apache.kafka.clients.consumer.internals.SubscriptionState.FetchStates
 */

export type FetchState = 'INITIALIZING' | 'FETCHING' | 'AWAIT_RESET' | 'AWAIT_VALIDATION'

interface FetchStateTraits {
  readonly validTransitions: readonly FetchState[]
  /** There is a position in this state, trusted or not. */
  readonly requiresPosition: boolean
  /** The position may be fetched from. */
  readonly hasValidPosition: boolean
}

export const FETCH_STATES: { readonly [S in FetchState]: FetchStateTraits } = {
  INITIALIZING: {
    validTransitions: ['FETCHING', 'AWAIT_RESET', 'AWAIT_VALIDATION'],
    requiresPosition: false,
    hasValidPosition: false,
  },
  FETCHING: {
    validTransitions: ['FETCHING', 'AWAIT_RESET', 'AWAIT_VALIDATION'],
    requiresPosition: true,
    hasValidPosition: true,
  },
  AWAIT_RESET: {
    validTransitions: ['FETCHING', 'AWAIT_RESET'],
    requiresPosition: false,
    hasValidPosition: false,
  },
  AWAIT_VALIDATION: {
    validTransitions: ['FETCHING', 'AWAIT_RESET', 'AWAIT_VALIDATION'],
    requiresPosition: true,
    hasValidPosition: false,
  },
}
