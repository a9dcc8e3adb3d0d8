/**
 * `npm run bench`: our producer and consumer beside others, against the same broker, in the same run.
 *
 * See `bench/README.md` for what is measured and how; `-- --help` for what can be asked for.
 */

import { Cleanup } from './Cleanup.ts'
import { compare, compareQuickly } from './compare.ts'
import { groupsText, measureGroups } from './consuming/groups.ts'
import { measureSlowReader, slowText } from './consuming/slow.ts'
import { measureMemory, memoryText } from './memory.ts'
import { measureMicro } from './micro/micro.ts'
import { type Options, parseOptions, USAGE } from './options.ts'
import { measureProfile } from './profile.ts'
import { publish } from './publish.ts'
import { ratiosOf } from './report.ts'
import { measureScale } from './scale/scale.ts'
import { openSession, type Session } from './session.ts'

/** Does what was asked for; returns what `--json` prints. */
const run = async (session: Session): Promise<unknown> => {
  switch (session.options.part) {
    case 'quick': {
      const rows = await compareQuickly(session)
      return { rows, ratios: ratiosOf(rows) }
    }
    case 'full': {
      const rows = await compare(session)
      return { rows, ratios: ratiosOf(rows) }
    }
    case 'memory': {
      const memory = await measureMemory(session)
      session.say(memoryText(memory))
      const slow = await measureSlowReader(session)
      session.say(slowText(slow))
      return { memory, slow }
    }
    case 'groups': {
      const groups = await measureGroups(session, session.options.rounds)
      session.say(groupsText(groups))
      return { groups }
    }
    case 'micro':
      return { micro: await measureMicro(session) }
    case 'scale':
      return { scale: await measureScale(session, session.options.rounds) }
    case 'profile':
      return { profile: await measureProfile(session) }
    case 'publish':
      return publish(session)
  }
}

const optionsOrExit = (args: readonly string[]): Options => {
  try {
    return parseOptions(args)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`)
    process.exit(2)
  }
}

const main = async (): Promise<void> => {
  const args = process.argv.slice(2)
  if (args.includes('--help')) {
    process.stdout.write(`${USAGE}\n`)
    return
  }
  const options = optionsOrExit(args)
  const cleanup = new Cleanup()
  try {
    const session = openSession(options, cleanup)
    const result = await run(session)
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    if (session.failures.length > 0) process.exitCode = 1
  } finally {
    await cleanup.run()
  }
}

await main()
