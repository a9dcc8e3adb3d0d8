/**
 * `npm run update`: writes everything that is committed although a program makes it.
 *
 *     npm run update               writes what differs, and says so for each file
 *     npm run update -- demo       only the generators whose name holds the word
 *     npm run update -- --check    writes nothing; exit 1 names what differs
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compared, type Difference, type Generated, root } from './Generated.ts'
import { GENERATORS } from './generators.ts'

type Write = (text: string) => void

/**
 * Brings one generator's files up to date. Returns how many differed, and `null` when it failed:
 * then it says why, and the others still have their turn.
 */
const update = async (
  generated: Generated,
  check: boolean,
  write: Write,
): Promise<number | null> => {
  write(`${generated.name}\n`)
  let differences: readonly Difference[]
  try {
    differences = await compared(generated)
  } catch (error) {
    write(`  failed     ${error instanceof Error ? error.message : String(error)}\n`)
    return null
  }
  for (const { path, wanted, state } of differences) {
    if (state === 'same') write(`  unchanged  ${path}\n`)
    else if (check) write(`  ${state.padEnd(9)}  ${path}\n`)
    else {
      mkdirSync(dirname(root + path), { recursive: true })
      writeFileSync(root + path, wanted)
      write(`  written    ${path}\n`)
    }
  }
  return differences.filter(({ state }) => state !== 'same').length
}

/** Returns the exit code. */
export const updateCommand = async (
  args: readonly string[],
  write: Write,
  generators: readonly Generated[] = GENERATORS,
): Promise<number> => {
  const unknown = args.find((arg) => arg.startsWith('-') && arg !== '--check')
  const words = args.filter((arg) => !arg.startsWith('-'))
  const asked = generators.filter(({ name }) => words.every((word) => name.includes(word)))
  if (unknown !== undefined || asked.length === 0) {
    const names = generators.map(({ name }) => `  ${name}\n`).join('')
    write(`npm run update [-- <word>] [-- --check], where <word> is of one of these:\n${names}`)
    return 1
  }
  const check = args.includes('--check')
  let [differing, failed] = [0, 0]
  for (const generated of asked) {
    const found = await update(generated, check, write)
    if (found === null) failed++
    else differing += found
  }
  if (!check || differing === 0) return failed === 0 ? 0 : 1
  const files = differing === 1 ? '1 file differs' : `${differing} files differ`
  write(`${files} from what is generated: npm run update\n`)
  return 1
}

const isProgram = pathToFileURL(process.argv[1] ?? '').href === import.meta.url
if (isProgram) {
  process.exitCode = await updateCommand(process.argv.slice(2), (text) =>
    process.stdout.write(text),
  )
}
