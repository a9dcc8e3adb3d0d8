/**
 * Tells a chapter's story in the terminal: runs its `demo.ts` on virtual time.
 *
 *     npm run chapter 0              also 00, or the folder's name
 *     npm run chapter -- --list      the chapters that can be run
 *     npm run chapter -- 0 --update  writes what it says to demo.out, which a test compares
 *     npm run chapter -- 7 --measure measures what the chapter speaks of, on this machine's clock
 *
 * A demo exports `demo(write)`. The same text every time: it depends on no clock and no chance.
 */

import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** What the `demo.ts` of a chapter exports. */
export type Demo = (write: (text: string) => void) => Promise<void>

export interface RunnableChapter {
  readonly number: number
  /** `00-the-journey-of-a-record`. */
  readonly folder: string
  readonly title: string
}

const chapters = new URL('../chapters/', import.meta.url)

/** The chapters that have a demo, in order. */
export const runnableChapters = (): RunnableChapter[] =>
  readdirSync(chapters)
    .filter((name) => /^\d\d-/.test(name) && existsSync(new URL(`${name}/demo.ts`, chapters)))
    .sort()
    .map((folder) => ({ number: Number(folder.slice(0, 2)), folder, title: titleOf(folder) }))

const titleOf = (folder: string): string => {
  const words = folder.slice(3).replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The chapter that `name` means: `0`, `00`, or the folder. */
export const chapterNamed = (name: string): RunnableChapter | undefined =>
  runnableChapters().find(({ number, folder }) =>
    /^\d+$/.test(name) ? number === Number(name) : folder === name.replace(/^chapters\/|\/$/g, ''),
  )

/** All that a chapter's demo says. */
export const toldBy = async ({ folder }: RunnableChapter): Promise<string> => {
  const { demo } = (await import(new URL(`${folder}/demo.ts`, chapters).href)) as { demo: Demo }
  let told = ''
  await demo((text) => {
    told += text
  })
  return told
}

/** Measures on the machine's own clock, if the chapter has something to measure. */
const measureOf = async (
  { folder, number }: RunnableChapter,
  write: (text: string) => void,
): Promise<void> => {
  const file = new URL(`${folder}/measure.ts`, chapters)
  if (!existsSync(file)) throw new Error(`Chapter ${number} has nothing to measure.`)
  const { measure } = (await import(file.href)) as { measure: (w: typeof write) => Promise<void> }
  await measure(write)
}

export const goldenFile = ({ folder }: RunnableChapter): URL =>
  new URL(`${folder}/demo.out`, chapters)

const list = (): string =>
  runnableChapters()
    .map(({ number, title }) => `  ${String(number).padStart(2, '0')}  ${title}\n`)
    .join('')

const usage = (): string =>
  `npm run chapter <number> tells a chapter's story. Chapters that can be run:\n${list()}`

/** Returns the exit code. */
export const chapterCommand = async (
  args: readonly string[],
  write: (text: string) => void,
  writeError: (text: string) => void,
): Promise<number> => {
  const flags = args.filter((arg) => arg.startsWith('-'))
  const names = args.filter((arg) => !arg.startsWith('-'))
  const unknown = flags.find((flag) => !['--list', '--update', '--measure'].includes(flag))
  if (unknown !== undefined) {
    const known = '--list, --update and --measure'
    writeError(`There is no option '${unknown}'; there are ${known}.\n${usage()}`)
    return 1
  }
  if (flags.includes('--list')) {
    write(list())
    return 0
  }
  const [name] = names
  if (name === undefined || names.length > 1) {
    writeError(usage())
    return 1
  }
  const chapter = chapterNamed(name)
  if (chapter === undefined) {
    writeError(`There is no chapter '${name}' to run.\n${usage()}`)
    return 1
  }
  if (flags.includes('--measure')) {
    try {
      await measureOf(chapter, write)
      return 0
    } catch (error) {
      writeError(`${(error as Error).message}\n`)
      return 1
    }
  }
  const told = await toldBy(chapter)
  if (flags.includes('--update')) writeFileSync(goldenFile(chapter), told)
  write(told)
  return 0
}

const isProgram = pathToFileURL(process.argv[1] ?? '').href === import.meta.url
if (isProgram) {
  process.exitCode = await chapterCommand(
    process.argv.slice(2),
    (text) => process.stdout.write(text),
    (text) => process.stderr.write(text),
  )
}
