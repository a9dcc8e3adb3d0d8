/**
 * Starts a chapter: its folder with every part of the anatomy, made from `chapters/_template`.
 *
 *     npm run new-chapter 9
 *
 * Number, folder and title stand in `docs/.vitepress/book.ts`. The template is real code that is
 * checked and tested where it lies, so what is made from it builds.
 *
 * I1  Nothing that is there is written over.
 */

import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { CHAPTERS, type Chapter } from '../../docs/.vitepress/book.ts'
import { ROOT } from './chapters.ts'

const TEMPLATE = `${ROOT}chapters/_template`

/** The chapter of the outline that has this number. */
const planned = (text: string): Chapter | undefined =>
  /^\d+$/.test(text) ? CHAPTERS.find(({ number }) => number === Number(text)) : undefined

/**
 * Makes the folder of a chapter below `chapters`, and returns its files.
 *
 * @param chapters absolute, with a slash at its end; another one in tests
 */
export const makeChapter = (chapter: Chapter, chapters: string = `${ROOT}chapters/`): string[] => {
  const { slug, number, title } = chapter
  const folder = `${chapters}${slug}`
  if (existsSync(folder)) throw new Error(`chapters/${slug} is there already; nothing was written`)
  cpSync(TEMPLATE, folder, { recursive: true })
  renameSync(`${folder}/page.md`, `${folder}/index.md`)
  const files = readdirSync(folder).sort()
  for (const file of files) {
    const text = readFileSync(`${folder}/${file}`, 'utf8')
    // In code a title stands between single quotes; those of our titles are typographic ones.
    const filled = text
      .replaceAll('CHAPTER TITLE', title)
      .replaceAll('CHAPTER FOLDER NUMBER', slug.slice(0, 2))
      .replaceAll('CHAPTER NUMBER', String(number))
    if (filled !== text) writeFileSync(`${folder}/${file}`, filled)
  }
  return files
}

type Write = (text: string) => void

/**
 * Returns the exit code.
 *
 * @param make makes the folder; `update` brings what is generated up to date
 */
export const newChapterCommand = async (
  args: readonly string[],
  write: Write,
  writeError: Write,
  make: (chapter: Chapter) => string[] = makeChapter,
  update: (write: Write) => Promise<number> = updateGenerated,
): Promise<number> => {
  const chapter = args.length === 1 ? planned(args[0]!) : undefined
  if (chapter === undefined) {
    const last = CHAPTERS.at(-1)!.number
    writeError(`npm run new-chapter <number>, 0 to ${last}: see docs/.vitepress/book.ts\n`)
    return 1
  }
  let files: string[]
  try {
    files = make(chapter)
  } catch (error) {
    writeError(`${(error as Error).message}\n`)
    return 1
  }
  write(`chapters/${chapter.slug}/\n${files.map((file) => `  ${file}\n`).join('')}`)
  const code = await update(write)
  write(`Write index.md: below each heading it says what belongs there.\n`)
  return code
}

/** The tour's recording and its entry for the editor are made by programs. */
const updateGenerated = async (write: Write): Promise<number> => {
  const { updateCommand } = await import('./update.ts')
  return updateCommand([], write)
}

if (pathToFileURL(process.argv[1] ?? '').href === import.meta.url) {
  process.exitCode = await newChapterCommand(
    process.argv.slice(2),
    (text) => process.stdout.write(text),
    (text) => process.stderr.write(text),
  )
}
