/**
 * What a reader may set and do in the lab. Apart from the cast: the page shows it before it runs.
 */

import type { Controls, Hands } from '../../lab/Scenario.ts'

export const controls = {
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
  send: { kind: 'text', label: 'send', default: 'hello', help: 'Sends one record.' },
} as const satisfies Hands
