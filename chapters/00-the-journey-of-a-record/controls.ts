/**
 * What a reader may set and do in the lab of chapter 00. Without the cast: its buttons stand on the
 * page before the engine is loaded.
 */

import type { Controls, Hands } from '../../lab/Scenario.ts'

export const controls = {
  acks: {
    kind: 'choice',
    label: 'acks',
    options: [
      { value: '0', label: '0' },
      { value: '1', label: '1' },
      { value: 'all', label: 'all' },
    ],
    default: 'all',
    help:
      'Whose word the producer waits for: nobody’s (0), the leader’s (1), or that of every ' +
      'replica in sync (all). Kafka: acks.',
  },
  linger: {
    kind: 'range',
    label: 'linger',
    min: 0,
    max: 100,
    step: 5,
    default: 5,
    unit: 'ms',
    help: 'How long a batch waits for company before it leaves. Kafka: linger.ms.',
  },
  latency: {
    kind: 'range',
    label: 'latency',
    min: 1,
    max: 100,
    step: 1,
    default: 20,
    unit: 'ms',
    help: 'How long a packet travels between two machines, one way.',
  },
} as const satisfies Controls

export const hands = {
  send: {
    kind: 'text',
    label: 'Send',
    default: 'hello, kafka',
    help: 'Hands a record with this value to the producer.',
  },
  lose: {
    kind: 'button',
    label: 'Lose a packet',
    help: 'The next packet from the producer to the broker does not arrive at the first try.',
  },
} as const satisfies Hands
