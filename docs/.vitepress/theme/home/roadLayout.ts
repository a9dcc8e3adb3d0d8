/**
 * Where the stations of the home page's road stand: in one line on a wide screen, below each other
 * on a narrow one.
 *
 *     program ─► accumulator ═ out ═► broker, its logs ═ home ═► reader
 *
 * I1  Both layouts have the same stations, so one view draws both.
 */

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Rect extends Point {
  readonly w: number
  readonly h: number
}

/** A wire: from its beginning to its end, in the direction in which the record goes. */
export interface Leg {
  readonly from: Point
  readonly to: Point
}

export interface Caption extends Point {
  readonly text: string
  readonly anchor: 'start' | 'middle'
}

export interface RoadLayout {
  readonly tall: boolean
  readonly width: number
  readonly height: number
  /** The code that calls `send`, and the code that calls `poll`. */
  readonly program: Rect
  readonly reader: Rect
  readonly accumulator: Rect
  /** By partition: where batches wait, and where the log is. */
  readonly lanes: readonly Rect[]
  readonly logs: readonly Rect[]
  readonly house: Rect
  readonly gable: number
  /** Middle of a request that is being handled, and of one that waits for something to say. */
  readonly handled: Point
  readonly purgatory: Point
  readonly out: Leg
  readonly home: Leg
  readonly captions: readonly Caption[]
  /** The road itself, one line through all stations. */
  readonly road: string
}

const PARTITIONS = [0, 1, 2]

const rows = (first: Rect, pitch: number): Rect[] =>
  PARTITIONS.map((partition) => ({ ...first, y: first.y + partition * pitch }))

const caption = (x: number, y: number, text: string): Caption => ({ x, y, text, anchor: 'middle' })
const heading = (x: number, y: number, text: string): Caption => ({ x, y, text, anchor: 'start' })

export const WIDE: RoadLayout = {
  tall: false,
  width: 1240,
  height: 246,
  program: { x: 4, y: 58, w: 190, h: 150 },
  accumulator: { x: 228, y: 58, w: 190, h: 150 },
  lanes: rows({ x: 238, y: 66, w: 180, h: 38 }, 48),
  house: { x: 628, y: 2, w: 284, h: 208 },
  gable: 44,
  logs: rows({ x: 706, y: 56, w: 148, h: 30 }, 50),
  handled: { x: 665, y: 133 },
  purgatory: { x: 883, y: 133 },
  out: { from: { x: 418, y: 133 }, to: { x: 628, y: 133 } },
  home: { from: { x: 912, y: 133 }, to: { x: 1066, y: 133 } },
  reader: { x: 1066, y: 58, w: 170, h: 150 },
  captions: [
    caption(99, 236, 'your code'),
    caption(323, 236, 'accumulator'),
    caption(523, 236, 'wire'),
    caption(770, 236, 'broker log'),
    caption(989, 236, 'wire'),
    caption(1151, 236, 'your code'),
  ],
  road: 'M194 133H228M418 133H628M912 133H1066',
}

export const TALL: RoadLayout = {
  tall: true,
  width: 360,
  height: 806,
  program: { x: 24, y: 22, w: 312, h: 84 },
  accumulator: { x: 24, y: 142, w: 312, h: 136 },
  lanes: rows({ x: 34, y: 149, w: 302, h: 36 }, 43),
  out: { from: { x: 180, y: 278 }, to: { x: 180, y: 418 } },
  house: { x: 24, y: 372, w: 312, h: 206 },
  gable: 46,
  logs: rows({ x: 112, y: 426, w: 150, h: 30 }, 50),
  handled: { x: 67, y: 500 },
  purgatory: { x: 305, y: 500 },
  home: { from: { x: 180, y: 578 }, to: { x: 180, y: 700 } },
  reader: { x: 24, y: 700, w: 312, h: 84 },
  captions: [
    heading(24, 14, 'your code'),
    heading(24, 134, 'accumulator'),
    heading(24, 316, 'wire'),
    heading(24, 598, 'wire'),
    heading(24, 802, 'your code'),
  ],
  road: 'M180 106V142M180 278V372M180 578V700',
}
