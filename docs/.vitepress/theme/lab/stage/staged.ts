/**
 * What the stage is made of at one moment; see `tokens.ts`.
 */

import type { Scene } from '../../../../../lab/scene/Scene.ts'
import type { Cast } from './cast.ts'
import type { Frame, Shape } from './frame.ts'
import type { Box } from './geometry.ts'

export interface Token extends Box {
  readonly key: string
  /** Follows the clock. */
  readonly quick: boolean
  readonly title: string
}

export interface RequestToken extends Token {
  readonly id: string
  readonly label: string
  readonly lost: boolean
  readonly back: boolean
}

export interface BatchToken extends Token {
  readonly id: string
  readonly open: boolean
  /** Bytes of `batch.size`, 0…1. */
  readonly fill: number
  readonly bytes: number
  readonly inLane: boolean
}

export interface RecordToken extends Token {
  readonly text: string
  readonly solid: boolean
  readonly failed: boolean
  readonly folded: boolean
  readonly resting: boolean
}

/** `+3` behind what is shown. */
export interface More {
  readonly key: string
  readonly x: number
  readonly y: number
  readonly count: number
}

export interface Staged {
  readonly frame: Frame
  readonly cast: Cast
  readonly requests: readonly RequestToken[]
  readonly batches: readonly BatchToken[]
  readonly records: readonly RecordToken[]
  readonly reads: readonly RecordToken[]
  readonly dots: readonly Token[]
  readonly more: readonly More[]
}

export interface Staging {
  readonly scene: Scene
  readonly clockMs: number
  readonly shape: Shape
  readonly partitions: number
}

/** The reader's own record: the newest. */
export const ownRecord = (scene: Scene): string | null => Object.keys(scene.records).at(-1) ?? null

/** A stage while things are put on it. */
export interface StageSet extends Staging {
  readonly cast: Cast
  readonly frame: Frame
  readonly more: More[]
}
