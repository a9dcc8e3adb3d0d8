/** What of the stage is drawn when a figure shows a part of it. */

import type { Frame } from './frame.ts'
import { type Box, box } from './geometry.ts'

export type Part = 'producer' | 'broker' | 'consumer'

export const cropOf = (frame: Frame, parts?: readonly Part[]): Box => {
  if (parts === undefined || parts.length === 0) return box(0, 0, frame.width, frame.height)
  const all = parts.map((part) => frame[part].all)
  const left = Math.min(...all.map((b) => b.x)) - 4
  const top = Math.min(...all.map((b) => b.y)) - 26
  const right = Math.max(...all.map((b) => b.x + b.w)) + 4
  const bottom = Math.max(...all.map((b) => b.y + b.h)) + 4
  return box(left, top, right - left, bottom - top)
}
