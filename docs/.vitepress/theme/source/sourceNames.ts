/**
 * The names of the source for the search box: `RecordAccumulator.drain` finds its line.
 *
 * They are looked up by their letters, apart from the index of the prose, which thousands of names
 * would drown. The list is a chunk of its own, loaded when the box first opens.
 *
 * I1  Better matches stand first: the whole name, then how it begins, then how its last part
 *     begins.
 */

/** By the path of a file, without `.ts`: `name line name line …`. */
export type SourceNames = Readonly<Record<string, string>>

export interface NamedPlace {
  readonly name: string
  readonly path: string
  readonly line: number
  /** The words are the whole name, or the whole last part of it. */
  readonly exact: boolean
}

const SHORTEST = 3

export class SourceNameIndex {
  private readonly places: readonly (Omit<NamedPlace, 'exact'> & { readonly low: string })[]

  constructor(names: SourceNames) {
    this.places = Object.entries(names).flatMap(([path, text]) => {
      const words = text.split(' ')
      return words.flatMap((name, at) =>
        at % 2 === 0 ? [{ name, path, line: Number(words[at + 1]), low: name.toLowerCase() }] : [],
      )
    })
  }

  /** At most `most` places whose name the words are, or begin. */
  find(words: string, most: number): NamedPlace[] {
    const low = words.trim().toLowerCase().replace(/\(\)$/, '')
    if (low.length < SHORTEST || /\s/.test(low)) return []
    return this.places
      .map((place) => ({ ...place, rank: rankOf(place.low, low) }))
      .filter(({ rank }) => rank < NO_MATCH)
      .sort((a, b) => a.rank - b.rank || a.name.length - b.name.length)
      .slice(0, most)
      .map(({ name, path, line, rank }) => ({ name, path, line, exact: rank < BEGINS }))
  }
}

const BEGINS = 2
const NO_MATCH = 4

const rankOf = (name: string, words: string): number => {
  const last = name.slice(name.lastIndexOf('.') + 1)
  if (name === words) return 0
  if (last === words) return 1
  if (name.startsWith(words)) return BEGINS
  return last.startsWith(words) ? 3 : NO_MATCH
}

export const loadSourceNames = async (): Promise<SourceNameIndex> =>
  new SourceNameIndex((await import('virtual:source-names')).default)
