/**
 * The program that a tour is recorded in: the chapter's demo, and beside it a thread that debugs
 * it.
 *
 *     node --import ts-blank-space/register scripts/book/tour/child.ts '{"demo": …, "stops": […]}'
 *
 * The debugger is a thread of the same process: V8's inspector needs no port then, and nobody else
 * on the machine can reach it. Never run under tsx, which puts a file on one line.
 */

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { TourGate } from './gate.ts'
import { GATE, type Job, type Message } from './protocol.ts'

const job = JSON.parse(process.argv[2] ?? '') as Job
const gate = new TourGate(job.stops.map(({ hit }) => hit))
Reflect.set(globalThis, Symbol.for(GATE), gate)

const say = (message: Message): void => writeFileSync(3, `${JSON.stringify(message)}\n`)

try {
  const debuggerThread = new Worker(new URL('debugger.ts', import.meta.url), { workerData: job })
  const [{ demo }] = await Promise.all([import(job.demo), once(debuggerThread, 'message')])
  await demo(gate.write)
  // Still here: the debugger has not met all stops, or the recorder would have ended this process.
  const { looking, passed, held } = gate
  if (looking < job.stops.length) say({ kind: 'missed', stop: looking, passed, held })
} catch (error) {
  say({
    kind: 'failed',
    error: error instanceof Error ? (error.stack ?? String(error)) : String(error),
  })
}
