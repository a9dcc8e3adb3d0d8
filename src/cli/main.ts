#!/usr/bin/env node
/** The `annotated-kafka` command; what it can do stands in `program.ts`. */

import * as terminal from '../platform/node/terminal.ts'
import { createProgram } from './program.ts'

try {
  await createProgram(terminal).parseAsync(terminal.programArguments())
} catch (error) {
  terminal.writeError(`${error instanceof Error ? error.message : String(error)}\n`)
  terminal.setExitCode(1)
}
