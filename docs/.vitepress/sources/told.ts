/**
 * What the stories of the chapters print: which lines of which file, by which listing.
 *
 *     index.md  "::: listing BufferPool.allocate"  ──Symbols──►  BufferPool.ts, lines 98–128
 *
 * I1  What a page shows as an example of Markdown, inside a fence, is no listing.
 * I2  A line has its home in one story: the chapter whose front matter lists the file if that one
 *     prints it, else the first that does. Every other chapter that prints it shows it again.
 */

import { type Listing, parseListing } from '../markdown/listing.ts'

/** Of a chapter, what is needed here. */
export interface Story {
  readonly number: number
  readonly folder: string
  readonly title: string
  /** The files of `src/` that have their home in the chapter. */
  readonly files: readonly string[]
  /** All of `index.md`. */
  readonly markdown: string
}

/** One listing on the page of a chapter. */
export interface Told<S extends Story = Story> {
  readonly story: S
  /** As the page names it: `BufferPool.allocate`. */
  readonly name: string
  readonly path: string
  /** The printed lines, from 1, ascending. */
  readonly lines: readonly number[]
}

/** A listing that another story, its home, has printed too. */
export interface SeenBefore {
  readonly name: string
  readonly path: string
  readonly home: Story
  readonly again: Story
}

/** Of `Symbols`, what is needed here. */
interface Finder {
  listing(
    asked: Listing,
    where: string,
  ): {
    readonly path: string
    readonly parts: readonly { readonly firstLine: number; readonly lines: readonly string[] }[]
  }
}

const refuse = (error: unknown): never => {
  throw error
}

/**
 * All listings of `stories`, in the order of the pages.
 *
 * @param unfound is told of a listing that names nothing; without it that is an error
 */
export const toldIn = <S extends Story>(
  stories: readonly S[],
  symbols: Finder,
  unfound: (error: unknown) => void = refuse,
): Told<S>[] =>
  stories.flatMap((story) =>
    listingsOf(story.markdown).flatMap(({ text, line }) => {
      try {
        return [toldBy(story, text, line, symbols)]
      } catch (error) {
        unfound(error)
        return []
      }
    }),
  )

const toldBy = <S extends Story>(
  story: S,
  text: string,
  line: number,
  symbols: Finder,
): Told<S> => {
  const where = `chapters/${story.folder}/index.md:${line}`
  const asked = parseListing(text, where)
  const { path, parts } = symbols.listing(asked, where)
  const lines = parts.flatMap((part) => part.lines.map((_, at) => part.firstLine + at))
  return { story, name: asked.name, path, lines }
}

/** I1: what stands behind `::: listing`, and on which line. */
export const listingsOf = (markdown: string): { text: string; line: number }[] => {
  const found: { text: string; line: number }[] = []
  let fence: string | null = null
  for (const [at, line] of markdown.split('\n').entries()) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark !== undefined && (fence === null || mark.startsWith(fence))) {
      fence = fence === null ? mark : null
    } else if (fence === null) {
      const text = /^\s*:{3,}\s*listing\s+(.*)$/.exec(line)?.[1]
      if (text !== undefined) found.push({ text, line: at + 1 })
    }
  }
  return found
}

/** By path, the lines that some story prints. */
export const toldLines = (told: readonly Told[]): Map<string, Set<number>> => {
  const lines = new Map<string, Set<number>>()
  for (const one of told) {
    const known = lines.get(one.path) ?? new Set()
    for (const line of one.lines) known.add(line)
    lines.set(one.path, known)
  }
  return lines
}

/** I2: the listings that show what has its home in another story. */
export const seenBefore = (told: readonly Told[]): SeenBefore[] => {
  const homes = homesOf(told)
  const found = new Map<string, SeenBefore>()
  for (const { name, path, lines, story: again } of told) {
    for (const line of lines) {
      const home = homes.get(`${path}:${line}`)
      if (home === undefined || home.folder === again.folder) continue
      found.set(`${path}#${name} ${home.folder} ${again.folder}`, { name, path, home, again })
    }
  }
  return [...found.values()]
}

const homesOf = (told: readonly Told[]): Map<string, Story> => {
  const homes = new Map<string, Story>()
  const before = (one: Story, other: Story, path: string): boolean => {
    const owns = (story: Story): number => (story.files.includes(path) ? 0 : 1)
    return owns(one) - owns(other) < 0 || (owns(one) === owns(other) && one.number < other.number)
  }
  for (const { path, lines, story } of told) {
    for (const line of lines) {
      const known = homes.get(`${path}:${line}`)
      if (known === undefined || before(story, known, path)) homes.set(`${path}:${line}`, story)
    }
  }
  return homes
}
