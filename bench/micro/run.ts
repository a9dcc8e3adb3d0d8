/** All micro-benchmarks, in a process of their own; prints one JSON line. */

import { accumulating } from './accumulating.ts'
import { assigning } from './assigning.ts'
import { ofBytes } from './bytes.ts'
import { ofCodecs } from './codecs.ts'
import { timed } from './timed.ts'

const all = [...accumulating(), ...assigning(), ...ofBytes(), ...ofCodecs()]
process.stdout.write(`${JSON.stringify(all.map(timed))}\n`)
