/**
 * What a reader may set and do in the lab of chapter 06. Without the cast: the controls stand on
 * the page before the engine is loaded.
 *
 * The sizes are small, so that a batch is full after a handful of records and memory runs out while
 * somebody looks. Kafka's defaults are named beside them.
 */

import type { Controls, Hands } from '../../lab/Scenario.ts'

/** Fixed; the picture of a batch that backs off goes by it. */
export const RETRY_BACKOFF_MS = 60

const LOAD = 'The load'
const BATCHING = 'Batching'
const LIMITS = 'Limits'
const CLUSTER = 'The cluster'

export const controls = {
  rate: {
    kind: 'range',
    group: LOAD,
    label: 'records',
    min: 0,
    max: 600,
    step: 50,
    default: 250,
    unit: '/s',
    help: 'How many records the program sends in a second, for a fifth of a second.',
  },
  value: {
    kind: 'range',
    group: LOAD,
    label: 'value',
    min: 10,
    max: 400,
    step: 10,
    default: 90,
    unit: 'B',
    help: 'Bytes of each value. A batch adds 61 bytes of header, a record a few.',
  },
  spread: {
    kind: 'choice',
    group: LOAD,
    label: 'spread',
    options: [
      { value: 'even', label: 'in turn' },
      { value: 'hot', label: 'one hot' },
      { value: 'sticky', label: 'no key' },
    ],
    default: 'even',
    help:
      'To all partitions in turn, two of three to orders-0, or without partition and key, so ' +
      'that the producer chooses.',
  },
  batchSize: {
    kind: 'range',
    group: BATCHING,
    label: 'batch.size',
    min: 200,
    max: 1500,
    step: 100,
    default: 600,
    unit: 'B',
    help: 'How large a batch may become. Kafka’s default is 16384.',
  },
  linger: {
    kind: 'range',
    group: BATCHING,
    label: 'linger.ms',
    min: 0,
    max: 100,
    step: 5,
    default: 40,
    unit: 'ms',
    help: 'How long a batch that is not full waits for company. Kafka’s default is 5.',
  },
  maxRequest: {
    kind: 'range',
    group: BATCHING,
    label: 'max.request',
    min: 600,
    max: 4000,
    step: 100,
    default: 1600,
    unit: 'B',
    help: 'max.request.size: what drain may put into one request. Kafka’s default is 1048576.',
  },
  inFlight: {
    kind: 'choice',
    group: LIMITS,
    label: 'in flight',
    options: [
      { value: '1', label: '1' },
      { value: '2', label: '2' },
      { value: '5', label: '5' },
    ],
    default: '5',
    help:
      'max.in.flight.requests.per.connection. With 1, a partition is muted while a batch of it ' +
      'is out, so order survives a retry.',
  },
  memory: {
    kind: 'range',
    group: LIMITS,
    label: 'buffer.mem.',
    min: 1800,
    max: 18000,
    step: 600,
    default: 9000,
    unit: 'B',
    help: 'buffer.memory: what all batches may hold together. Kafka’s default is 33554432.',
  },
  delivery: {
    kind: 'range',
    group: LIMITS,
    label: 'delivery',
    min: 300,
    max: 1500,
    step: 100,
    default: 600,
    unit: 'ms',
    help: 'delivery.timeout.ms: after so long a batch expires. Kafka’s default is 120000.',
  },
  partitions: {
    kind: 'choice',
    group: CLUSTER,
    label: 'partitions',
    options: [
      { value: '2', label: '2' },
      { value: '3', label: '3' },
      { value: '4', label: '4' },
    ],
    default: '2',
    help: 'Of each of the two topics, orders and clicks.',
  },
  largest: {
    kind: 'range',
    group: CLUSTER,
    label: 'largest',
    min: 200,
    max: 2000,
    step: 100,
    default: 2000,
    unit: 'B',
    help: 'message.max.bytes: the largest batch a broker takes. Kafka’s default is 1048588.',
  },
  slow: {
    kind: 'range',
    group: CLUSTER,
    label: 'broker 2',
    min: 5,
    max: 80,
    step: 5,
    default: 30,
    unit: 'ms',
    help: 'How far away broker 2 is, one way. Broker 1 is 5 ms away.',
  },
} as const satisfies Controls

export const hands = {
  burst: {
    kind: 'button',
    label: 'A burst',
    help: 'Twelve records at once, for orders-0 and clicks-0.',
  },
  flush: {
    kind: 'button',
    label: 'flush()',
    help: 'Everything that waits may go at once.',
  },
  cut: {
    kind: 'button',
    label: 'Break a connection',
    help: 'That to broker 2. What was on it comes back, and backs off.',
  },
  lose: {
    kind: 'button',
    label: 'Lose a packet',
    help: 'The next one to broker 2. TCP sends it again, 200 ms later.',
  },
  away: {
    kind: 'switch',
    label: 'Broker 2 is away',
    default: false,
    help: 'Nothing gets there and nothing comes back.',
  },
  close: {
    kind: 'button',
    label: 'close()',
    help: 'No more sends; what is there is sent.',
  },
} as const satisfies Hands
