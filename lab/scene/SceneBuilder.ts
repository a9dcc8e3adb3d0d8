/**
 * Builds the scene of a moment from all moments before it.
 *
 *     keyframe              keyframe              keyframe
 *     ●──●──●──●── … ──●──●─●──●──●── … ──●──●──●─●──●─►
 *                                            └── back to here: from the keyframe before, forwards
 *
 * I1  A scene depends on moments alone: the same ones give the same scene, from whichever side the
 *     reader came.
 */

import type { Moment, MomentName } from '../moments.ts'
import { brokerMoments } from './brokerMoments.ts'
import { consumerMoments } from './consumerMoments.ts'
import { producerMoments } from './producerMoments.ts'
import type { Scene } from './Scene.ts'
import { type Handler, type Handlers, SceneState } from './SceneState.ts'
import { wireMoments } from './wireMoments.ts'

const HANDLERS: Handlers = {
  ...producerMoments,
  ...wireMoments,
  ...brokerMoments,
  ...consumerMoments,
}

const KEYFRAME_EVERY = 256

export class SceneBuilder {
  private readonly moments: readonly Moment[]
  private readonly keyframes: SceneState[] = [new SceneState()]
  private state = new SceneState()

  /** @param moments may grow at its end */
  constructor(moments: readonly Moment[]) {
    this.moments = moments
  }

  /** The scene after the moment `index`; -1: before the first. It is the caller's. */
  at(index: number): Scene {
    return structuredClone(this.peek(index))
  }

  /** As `at`, to be read at once: the next call changes it. */
  peek(index: number): Scene {
    const last = Math.min(index, this.moments.length - 1)
    const ahead = last - this.state.scene.index
    if (ahead < 0 || ahead > KEYFRAME_EVERY) this.seek(last)
    while (this.state.scene.index < last) this.apply(this.moments[this.state.scene.index + 1]!)
    return this.state.scene
  }

  private seek(index: number): void {
    const nearest = Math.min(Math.floor((index + 1) / KEYFRAME_EVERY), this.keyframes.length - 1)
    this.state = this.keyframes[nearest]!.copy()
  }

  private apply(moment: Moment): void {
    const { scene } = this.state
    const handle = HANDLERS[moment.name] as Handler<MomentName> | undefined
    handle?.(this.state, moment.fields, moment)
    scene.index = moment.index
    scene.atMs = moment.atMs
    const applied = moment.index + 1
    if (applied === this.keyframes.length * KEYFRAME_EVERY) this.keyframes.push(this.state.copy())
  }
}
