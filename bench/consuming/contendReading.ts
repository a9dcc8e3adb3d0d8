/**
 * One reader, alone in its process. Gets a `ReadJob` as JSON, prints one JSON line.
 *
 * I1  The warm-up is another reader of the same client, in the same process: what is measured is
 *     not the first compilation.
 * I2  Memory counts from before the very first connection, the warm-up's.
 */

import type { Outcome } from '../contend.ts'
import { megabytes, watchGc, watchLoop } from '../watch.ts'
import { loadReader } from './readers/index.ts'
import type { ReadSetting } from './readers/OpenReader.ts'
import { Tally } from './Tally.ts'

export interface ReadJob extends Omit<ReadSetting, 'group'> {
  readonly contender: string
  /** The records of the topic. */
  readonly count: number
  /** Read before; 0: what is measured is the first that the process reads. */
  readonly warmUp: number
}

const run = async (job: ReadJob): Promise<Outcome> => {
  const readAll = await loadReader(job.contender)
  const rssBefore = process.memoryUsage().rss
  const group = `${job.topic}-${job.contender}-${process.pid}`
  if (job.warmUp > 0) await readAll({ ...job, group: `${group}-warm-up` }, new Tally(job.warmUp))
  const gc = watchGc()
  const loop = watchLoop()
  const tally = new Tally(job.count)
  await readAll({ ...job, group }, tally)
  const loopDelayMs = loop.stop()
  const pauses = await gc.stop()
  tally.checkWhole()
  return {
    acknowledged: tally.count,
    seconds: tally.seconds,
    cpuSeconds: tally.cpuSeconds,
    memoryBeforeMb: megabytes(rssBefore),
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
    loopDelayMs,
    gc: pauses,
    latencyMs: null,
  }
}

if (process.argv[2] !== undefined) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2]) as ReadJob))}\n`)
}
