/** The steps of the hot path one by one: what each costs, on this machine, in this Node. */

import { join } from 'node:path'
import { runToEnd } from '../processes.ts'
import type { Session } from '../session.ts'
import { textTable } from '../table.ts'
import type { Timed } from './timed.ts'

export const measureMicro = async ({ built, cleanup, say }: Session): Promise<Timed[]> => {
  const { out } = await runToEnd(process.execPath, [join(built, 'bench/micro/run.js')], cleanup)
  const all = JSON.parse(out) as Timed[]
  say(
    `\n${textTable(
      ['', 'nanoseconds', '(least–most)', 'MB/s'],
      all.map(({ name, nanoseconds: { median, min, max }, megabytesPerSecond }) => [
        name,
        median,
        `${min}–${max}`,
        megabytesPerSecond,
      ]),
    )}`,
  )
  return all
}
