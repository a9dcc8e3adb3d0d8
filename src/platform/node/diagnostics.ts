/**
 * Where a process can be observed from outside: its standard error and its diagnostics channels.
 */

import { channel } from 'node:diagnostics_channel'
import type { RawDiagnosticsChannel } from '../primitives.ts'

export const diagnosticsChannel = (name: string): RawDiagnosticsChannel => channel(name)

/** One line on standard error: standard output belongs to the program. */
export const writeLogLine = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
