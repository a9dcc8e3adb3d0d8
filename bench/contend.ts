/** One contender, alone in its process: `contend.ts NAME BOOTSTRAP TOPIC COUNT`; prints one JSON line. */

import { CONTENDERS } from './contenders.ts'

const [name, bootstrap, topic, count] = process.argv.slice(2) as [string, string, string, string]

// A warm-up to the same broker: the code is compiled, the connections' first steps are known.
await CONTENDERS[name]!.run(bootstrap, `${topic}-warm-up`, 20_000)

const cpuBefore = process.cpuUsage()
const rssBefore = process.memoryUsage().rss
const startedMs = performance.now()
const acknowledged = await CONTENDERS[name]!.run(bootstrap, topic, Number(count))
const seconds = (performance.now() - startedMs) / 1000
const cpu = process.cpuUsage(cpuBefore)

process.stdout.write(
  `${JSON.stringify({
    acknowledged,
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
    memoryBeforeMb: rssBefore / 2 ** 20,
  })}\n`,
)
