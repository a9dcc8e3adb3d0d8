/**
 * Where a process can be observed from outside: its standard error and its diagnostics channels.
 */

import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { RawDiagnosticsChannel } from '../primitives.ts'

export const diagnosticsChannel = (name: string): RawDiagnosticsChannel => {
  const raw = channel(name)
  return {
    get hasSubscribers() {
      return raw.hasSubscribers
    },
    publish: (message) => raw.publish(message),
    subscribe: (listener) => {
      // A function of its own: the same listener may be given twice, and each is taken back alone.
      const hear = (message: unknown): void => listener(message)
      subscribe(name, hear)
      return () => {
        unsubscribe(name, hear)
      }
    },
  }
}

/** One line on standard error: standard output belongs to the program. */
export const writeLogLine = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
