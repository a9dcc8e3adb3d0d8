/**
 * Where the machines and their parts stand: everything of the stage that does not move.
 *
 *     wide                                   tall
 *     ┌producer┐ ║ ┌broker──┐                ┌producer┐
 *     │        │ ║ │        │                └────────┘
 *     │        │ ║ └────────┘                    ║
 *     │        │       ║                     ┌broker──┐
 *     │        │   ┌consumer┐                └────────┘
 *     └────────┘   └────────┘                    ║
 *                                            ┌consumer┐
 *                                            └────────┘
 *
 * The machines are described once, by their place and width; the two shapes arrange them.
 *
 * I1  A frame depends on its shape and on the number of lanes alone: nothing shifts during a run.
 */

import { type Box, box, type Track } from './geometry.ts'

export type Shape = 'wide' | 'tall'

export interface ProducerFrame {
  readonly all: Box
  readonly code: Box
  readonly interceptors: Box
  readonly metadata: Box
  readonly serializer: Box
  readonly partitioner: Box
  readonly accumulator: Box
  readonly lanes: readonly Box[]
  readonly pool: Box
  readonly sender: Box
  /** Where a batch is between its deque and its request. */
  readonly loop: Box
  readonly slots: readonly Box[]
}

export interface BrokerFrame {
  readonly all: Box
  readonly gable: number
  readonly queue: readonly Box[]
  readonly handler: Box
  readonly logs: readonly Box[]
  readonly purgatory: Box
  readonly held: readonly Box[]
}

export interface ConsumerFrame {
  readonly all: Box
  readonly buffer: Box
  readonly deserializer: Box
  readonly code: Box
  readonly given: readonly Box[]
}

export interface Frame {
  readonly shape: Shape
  readonly width: number
  readonly height: number
  readonly producer: ProducerFrame
  readonly broker: BrokerFrame
  readonly consumer: ConsumerFrame
  /** Requests and answers of the producer, and of the consumer. */
  readonly produce: Track
  readonly acknowledge: Track
  readonly fetch: Track
  readonly answer: Track
}

/** `max.in.flight.requests.per.connection`. */
const IN_FLIGHT = 5
const TITLE = 24

const producerFrame = (x: number, y: number, w: number, lanes: number, h = 0): ProducerFrame => {
  const top = y + TITLE
  const least = TITLE + 124 + (32 + lanes * 46) + 54 + 106
  // What is left over in a high box goes between the lanes, and above them.
  const spare = Math.max(0, h - least)
  const air = Math.min(26, spare / 4)
  const pitch = 46 + Math.min(56, (spare - air) / Math.max(1, lanes))
  const [pad, gap] = [12, 14]
  const stationW = (w - 2 * pad - 3 * gap) / 4
  const stationY = top + 56 + air * 0.6
  const station = (i: number) => box(x + pad + i * (stationW + gap), stationY, stationW, 40)
  const deck = stationY + 68 + air * 0.4
  const accumulator = box(x + pad, deck, w - 2 * pad, 32 + lanes * pitch)
  const laneH = Math.min(56, pitch - 6)
  const lane = (i: number) => box(x + pad + 22, deck + 26 + i * pitch, w - 2 * pad - 30, laneH)
  const pool = box(x + pad, deck + accumulator.h + 14, w - 2 * pad, 16)
  const sender = box(x + pad, pool.y + 40, w - 2 * pad, 94)
  const loopW = 62
  const slotW = (sender.w - loopW - 22) / IN_FLIGHT
  const slots = Array.from({ length: IN_FLIGHT }, (_, i) =>
    box(sender.x + loopW + 16 + i * slotW, sender.y + 32, slotW - 4, 48),
  )
  const bottom = Math.max(sender.y + sender.h + 12, y + h)
  return {
    all: box(x, top, w, bottom - top),
    code: box(x + pad, top + 12, w - 2 * pad, 26),
    interceptors: station(0),
    metadata: station(1),
    serializer: station(2),
    partitioner: station(3),
    accumulator,
    lanes: Array.from({ length: lanes }, (_, i) => lane(i)),
    pool,
    sender,
    loop: box(sender.x + 8, sender.y + 32, loopW - 4, 36),
    slots,
  }
}

const brokerFrame = (x: number, y: number, w: number, lanes: number): BrokerFrame => {
  const gable = 40
  const top = y + gable
  const slotW = w > 380 ? 72 : 60
  const queue = [0, 1].map((i) => box(x + 14 + i * (slotW + 5), top + 36, slotW, 48))
  const handler = box(x + w - 14 - 136, top + 30, 136, 58)
  const deck = top + 116
  const logs = Array.from({ length: lanes }, (_, i) => box(x + 34, deck + i * 50, w - 48, 30))
  const purgatory = box(x + 14, deck + lanes * 50 + 6, w - 28, 58)
  const held = [0, 1].map((i) => box(purgatory.x + 6 + i * (slotW + 5), purgatory.y + 5, slotW, 48))
  const all = box(x, y, w, purgatory.y + purgatory.h + 12 - y)
  return { all, gable, queue, handler, logs, purgatory, held }
}

const consumerFrame = (x: number, y: number, w: number): ConsumerFrame => {
  const all = box(x, y, w, 146)
  const [bufferW, deserializerW] = w > 380 ? [132, 84] : [104, 74]
  const codeW = w - 24 - bufferW - deserializerW - 48
  const buffer = box(x + 12, y + 34, bufferW, 52)
  const deserializer = box(buffer.x + bufferW + 24, y + 34, deserializerW, 52)
  const code = box(deserializer.x + deserializerW + 24, y + 30, codeW, 86)
  const given = [0, 1, 2].map((i) => box(code.x, code.y + 4 + i * 28, codeW, 24))
  return { all, buffer, deserializer, code, given }
}

const ENVELOPE = { w: 114, h: 60 }
const SMALL = { w: 62, h: 44 }

const track = (x: number, fromY: number, toY: number, size: { w: number; h: number }): Track => ({
  x,
  fromY,
  toY,
  ...size,
})

const wideFrame = (lanes: number): Frame => {
  const machine = 402
  const right = 1000 - machine - 2
  const broker = brokerFrame(right, 2, machine, lanes)
  const brokerEnd = broker.all.y + broker.all.h
  const consumer = consumerFrame(right, brokerEnd + 122, machine)
  const height = consumer.all.y + consumer.all.h + 4
  const producer = producerFrame(2, 0, machine, lanes, height - 4)
  const low = producer.sender.y + 48
  const high = broker.queue[0]!.y + 24
  const fetchX = right + machine - 72
  const answerX = consumer.buffer.x + consumer.buffer.w / 2
  return {
    shape: 'wide',
    width: 1000,
    height,
    producer,
    broker,
    consumer,
    produce: track(right - 6 - 62 - 6 - 57, low, high, ENVELOPE),
    acknowledge: track(right - 6 - 31, high + 44, low + 10, SMALL),
    fetch: track(fetchX, consumer.all.y - 26, brokerEnd + 26, SMALL),
    answer: track(answerX, brokerEnd + 34, consumer.all.y - 34, ENVELOPE),
  }
}

const tallFrame = (lanes: number): Frame => {
  const machine = 356
  const gap = 156
  const producer = producerFrame(2, 0, machine, lanes)
  const producerEnd = producer.all.y + producer.all.h
  const broker = brokerFrame(2, producerEnd + gap, machine, lanes)
  const brokerEnd = broker.all.y + broker.all.h
  const consumer = consumerFrame(2, brokerEnd + gap - 20, machine)
  const [near, far] = [110, 274]
  return {
    shape: 'tall',
    width: 360,
    height: consumer.all.y + consumer.all.h + 4,
    producer,
    broker,
    consumer,
    produce: track(near, producerEnd + 34, broker.all.y - 10, ENVELOPE),
    acknowledge: track(far, broker.all.y - 2, producerEnd + 26, SMALL),
    fetch: track(far, consumer.all.y - 26, brokerEnd + 26, SMALL),
    answer: track(
      consumer.buffer.x + consumer.buffer.w / 2 + 8,
      brokerEnd + 34,
      consumer.all.y - 34,
      ENVELOPE,
    ),
  }
}

/** @param lanes how many partitions are drawn, 1 to 4 */
export const frameOf = (shape: Shape, lanes: number): Frame => {
  const count = Math.max(1, Math.min(4, lanes))
  return shape === 'wide' ? wideFrame(count) : tallFrame(count)
}
