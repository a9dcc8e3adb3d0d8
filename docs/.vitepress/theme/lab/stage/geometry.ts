/**
 * Boxes, and how things share one.
 *
 * I1  What `row` and `along` return does not overlap, and stays inside what it was given.
 */

export interface Box {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

/** A wire's track: envelopes of `w` by `h` travel with their centres from `fromY` to `toY`. */
export interface Track {
  readonly x: number
  readonly fromY: number
  readonly toY: number
  readonly w: number
  readonly h: number
}

export const box = (x: number, y: number, w: number, h: number): Box => ({ x, y, w, h })

export const inset = (b: Box, dx: number, dy: number = dx): Box => ({
  x: b.x + dx,
  y: b.y + dy,
  w: Math.max(0, b.w - 2 * dx),
  h: Math.max(0, b.h - 2 * dy),
})

export const overlaps = (a: Box, b: Box): boolean =>
  a.x < b.x + b.w - 0.01 &&
  b.x < a.x + a.w - 0.01 &&
  a.y < b.y + b.h - 0.01 &&
  b.y < a.y + a.h - 0.01

export const within = (a: Box, b: Box): boolean =>
  a.x >= b.x - 0.01 &&
  a.y >= b.y - 0.01 &&
  a.x + a.w <= b.x + b.w + 0.01 &&
  a.y + a.h <= b.y + b.h + 0.01

export interface RowShape {
  readonly min: number
  readonly max: number
  readonly gap: number
}

/**
 * Boxes for `count` things side by side in `room`, each `min` to `max` wide. When not all find
 * room, the list is shorter: the rest is folded behind the last.
 */
export const row = (count: number, room: Box, { min, max, gap }: RowShape): Box[] => {
  const fits = Math.max(1, Math.floor((room.w + gap) / (min + gap)))
  const shown = Math.min(count, fits)
  const w = Math.min(max, (room.w - gap * (shown - 1)) / Math.max(1, shown))
  return Array.from({ length: shown }, (_, i) => box(room.x + i * (w + gap), room.y, w, room.h))
}

/**
 * Centres on a track for things that ought to be at `wanted` (0…1, the foremost first): pushed
 * apart where they would cover each other, the foremost keeping its place where it can.
 */
export const along = (wanted: readonly number[], track: Track): number[] => {
  const length = Math.abs(track.toY - track.fromY)
  const step = Math.min(track.h + 5, wanted.length > 1 ? length / (wanted.length - 1) : 0)
  const at = wanted.map((share) => Math.max(0, Math.min(1, share)) * length)
  for (let i = 1; i < at.length; i++) at[i] = Math.min(at[i]!, at[i - 1]! - step)
  for (let i = at.length - 1; i >= 0; i--) {
    const floor = i === at.length - 1 ? 0 : at[i + 1]! + step
    at[i] = Math.max(at[i]!, floor)
  }
  const way = Math.sign(track.toY - track.fromY)
  return at.map((distance) => track.fromY + way * distance)
}

/** How many envelopes a track holds side by side in time. */
export const capacity = ({ fromY, toY, h }: Track): number =>
  1 + Math.floor(Math.abs(toY - fromY) / (h + 5))
