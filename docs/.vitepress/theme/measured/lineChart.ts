/**
 * Where the points of a line chart are, in per cent of its place.
 *
 * I1  x is logarithmic: what grows from six to a thousand would else be a heap at the left.
 * I2  y begins at zero unless it is logarithmic too: a line that looks steep is steep.
 */

export interface LinePoint {
  readonly x: number
  readonly y: number
}

export interface Placed {
  /** From the left, and from the top. */
  readonly left: number
  readonly top: number
}

export interface Chart {
  place(point: LinePoint): Placed
  readonly ticks: readonly { readonly value: number; readonly top: number }[]
}

const ROOM_AT_SIDES = 4
const TICKS = 4

/** The next of 1, 2, 2.5, 5 times a power of ten. */
const niceStep = (step: number): number => {
  const power = 10 ** Math.floor(Math.log10(step))
  return ([1, 2, 2.5, 5, 10].find((nice) => nice * power >= step) ?? 10) * power
}

const linearTicks = (most: number): number[] => {
  const step = niceStep(most / TICKS)
  const count = Math.ceil(most / step)
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(6)))
}

const logTicks = (least: number, most: number): number[] => {
  const [from, to] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))]
  return Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i))
}

/** A scale on which 0 counts as the place before the first: `x` may be "none at all". */
const logOf = (values: readonly number[]): ((value: number) => number) => {
  const least = Math.min(...values.filter((value) => value > 0))
  const none = Math.log10(least) - 1
  return (value) => (value > 0 ? Math.log10(value) : none)
}

export const chartOf = (points: readonly LinePoint[], isLogarithmic: boolean): Chart => {
  const xs = points.map(({ x }) => x)
  const log = logOf(xs)
  const [first, last] = [Math.min(...xs.map(log)), Math.max(...xs.map(log))]
  const ys = points.map(({ y }) => y)
  const most = Math.max(...ys)
  const values = isLogarithmic ? logTicks(Math.min(...ys), most) : linearTicks(most)
  const height = isLogarithmic ? Math.log10 : (value: number): number => value
  const [bottom, top] = [height(values[0]!), height(values.at(-1)!)]
  const topOf = (value: number): number => 100 - (100 * (height(value) - bottom)) / (top - bottom)
  const width = 100 - 2 * ROOM_AT_SIDES
  return {
    place: ({ x, y }) => ({
      left: ROOM_AT_SIDES + (width * (log(x) - first)) / (last - first || 1),
      top: topOf(y),
    }),
    ticks: values.map((value) => ({ value, top: topOf(value) })),
  }
}
