/**
 * The state of one classic group, and since when it is in it. The picture of the states and of the
 * ways between them is in `ClassicGroupState.ts`.
 *
 * I1  A state is only ever left on one of those ways; anything else is a mistake in the code that
 *     asks for it, and throws.
 *
 * @kafka org.apache.kafka.coordinator.group.classic.ClassicGroup
 */

import { IllegalStateException } from '../../../common/errors.ts'
import type { Time } from '../../../common/Time.ts'
import { type ClassicGroupState, validPreviousStates } from './ClassicGroupState.ts'

export class ClassicGroupStateMachine {
  readonly groupId: string
  private readonly time: Time
  private state: ClassicGroupState
  private formerState: ClassicGroupState = 'Dead'
  /** `null`: not known, for it was written by a broker that did not keep it. */
  protected currentStateTimestamp: number | null

  /** @param sinceMs milliseconds since 1970, or `null` for unknown */
  constructor(groupId: string, time: Time, state: ClassicGroupState, sinceMs: number | null) {
    this.groupId = groupId
    this.time = time
    this.state = state
    this.currentStateTimestamp = sinceMs
  }

  currentState(): ClassicGroupState {
    return this.state
  }

  /** The one before; `Dead` for a group that is new. */
  previousState(): ClassicGroupState {
    return this.formerState
  }

  stateAsString(): string {
    return this.state
  }

  isInState(state: ClassicGroupState): boolean {
    return this.state === state
  }

  /** @param statesFilter in lower case */
  isInStates(statesFilter: ReadonlySet<string>): boolean {
    return statesFilter.has(this.state.toLowerCase())
  }

  isEmpty(): boolean {
    return this.state === 'Empty'
  }

  canRebalance(): boolean {
    return validPreviousStates('PreparingRebalance').includes(this.state)
  }

  /** Milliseconds since 1970; -1: not known. */
  currentStateTimestampOrDefault(): number {
    return this.currentStateTimestamp ?? -1
  }

  /** @throws IllegalStateException I1 */
  transitionTo(state: ClassicGroupState): void {
    const valid = validPreviousStates(state)
    if (!valid.includes(this.state)) {
      throw new IllegalStateException(
        `Group ${this.groupId} should be in one of [${valid.join(', ')}] states before moving to ` +
          `${state} state. Instead it is in ${this.state} state.`,
      )
    }
    this.formerState = this.state
    this.state = state
    this.currentStateTimestamp = this.time.milliseconds()
  }
}
