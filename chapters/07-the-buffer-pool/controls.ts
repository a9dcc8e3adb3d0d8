/**
 * What a reader may set and do in the lab of chapter 07. Without the cast: the controls stand on
 * the page before the engine is loaded.
 *
 * Memory is counted in cells of `batch.size`, so every buffer is a whole number of them and the
 * picture has no crumbs.
 */

import type { Controls, Hands } from '../../lab/Scenario.ts'

const LOAD = 'The programs'
const MEMORY = 'The memory'
const PATIENCE = 'Patience'
const BROKER = 'The broker'

export const controls = {
  rate: {
    kind: 'range',
    group: LOAD,
    label: 'records',
    min: 0,
    max: 400,
    step: 25,
    default: 100,
    unit: '/s',
    help: 'How many records A and B send in a second, in turn, for the first 60 ms.',
  },
  value: {
    kind: 'range',
    group: LOAD,
    label: 'value',
    min: 50,
    max: 900,
    step: 50,
    default: 700,
    unit: 'B',
    help: 'Bytes of a small value. With 700 a batch of 1024 has room for one.',
  },
  callback: {
    kind: 'choice',
    group: LOAD,
    label: 'callback',
    options: [
      { value: 'sends', label: 'sends' },
      { value: 'listens', label: 'listens' },
    ],
    default: 'sends',
    help: 'When a record of B is stored, does B’s callback send one for D at once?',
  },
  memory: {
    kind: 'range',
    group: MEMORY,
    label: 'buffer.mem.',
    min: 4,
    max: 16,
    step: 1,
    default: 8,
    unit: 'cells',
    help: 'buffer.memory, in cells of batch.size. Kafka’s default is 2048 cells.',
  },
  batchSize: {
    kind: 'range',
    group: MEMORY,
    label: 'batch.size',
    min: 512,
    max: 2048,
    step: 256,
    default: 1024,
    unit: 'B',
    help: 'The size of a cell, and of the buffers that are kept. Kafka’s default is 16384.',
  },
  large: {
    kind: 'range',
    group: MEMORY,
    label: 'large one',
    min: 2,
    max: 6,
    step: 1,
    default: 4,
    unit: 'cells',
    help: 'What a record of C needs: a buffer of its own size.',
  },
  maxBlock: {
    kind: 'range',
    group: PATIENCE,
    label: 'max.block',
    min: 50,
    max: 500,
    step: 25,
    default: 175,
    unit: 'ms',
    help: 'max.block.ms: how long a send waits for memory. Kafka’s default is 60000.',
  },
  linger: {
    kind: 'range',
    group: PATIENCE,
    label: 'linger.ms',
    min: 0,
    max: 100,
    step: 10,
    default: 30,
    unit: 'ms',
    help: 'How long a batch waits for company, unless somebody waits for memory.',
  },
  slow: {
    kind: 'range',
    group: BROKER,
    label: 'distance',
    min: 5,
    max: 100,
    step: 5,
    default: 40,
    unit: 'ms',
    help: 'How far away the broker is, one way. An answer takes twice as long.',
  },
} as const satisfies Controls

export const hands = {
  a: { kind: 'button', label: 'A sends', help: 'One small record, for topic a.' },
  b: { kind: 'button', label: 'B sends', help: 'One small record, for topic b.' },
  c: {
    kind: 'button',
    label: 'C sends a large one',
    help: 'It needs several cells in one buffer.',
  },
  d: { kind: 'button', label: 'D sends', help: 'One small record, for topic d.' },
  burst: {
    kind: 'button',
    label: 'A sends twelve',
    help: 'At once, without awaiting any of them.',
  },
  still: {
    kind: 'switch',
    label: 'The broker is still',
    default: false,
    help: 'Nothing gets there and no answer comes back.',
  },
  close: {
    kind: 'button',
    label: 'close()',
    help: 'No more sends. Who stands in line is served first.',
  },
  closeNow: {
    kind: 'button',
    label: 'close(0)',
    help: 'At once: who stands in line is told, and what is out is given up.',
  },
} as const satisfies Hands
