/** A page is observed through its console; it has no diagnostics channels. */

import type { RawDiagnosticsChannel } from '../primitives.ts'

const silent: RawDiagnosticsChannel = {
  hasSubscribers: false,
  publish: () => {},
  subscribe: () => () => {},
}

export const diagnosticsChannel = (_name: string): RawDiagnosticsChannel => silent

export const writeLogLine = (line: string): void => {
  console.warn(line)
}
