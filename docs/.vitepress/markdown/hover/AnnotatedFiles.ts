/**
 * The files of the source as a listing prints them: in colours, and with what TypeScript knows of
 * each name. Kept on disk, because types take seconds and pages are rendered again and again.
 *
 * I1  A file is told from the cache only while nothing changed that its types could depend on
 *     (imports.ts).
 * I2  The texts of a line's segments, joined, are the line.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { changeMs } from '../../../../scripts/book/files.ts'
import { type Run, tokenRuns } from '../highlight.ts'
import { Imports } from './imports.ts'
import { type FileNames, type Mark, namesIn, type Piece, type Target } from './names.ts'
import { Programs } from './program.ts'

/** A piece of a line: its text, its ink, and for a name the places of its type and its target. */
export type Segment =
  | readonly [text: string, ink: string]
  | readonly [text: string, ink: string, type: number, target: number | null]

export interface AnnotatedFile {
  /** HTML. */
  readonly types: readonly string[]
  readonly targets: readonly Target[]
  /** Line 1 is at 0. */
  readonly lines: readonly (readonly Segment[])[]
}

interface Stored extends AnnotatedFile {
  readonly key: string
}

/** Of what is stored; a change of this folder's code that changes it raises the number. */
const FORMAT = 2

export class AnnotatedFiles {
  private readonly root: string
  private readonly folder: string
  private readonly imports: Imports
  private readonly programs: Programs
  private readonly held = new Map<string, Stored>()

  /**
   * @param paths the files whose listings may be asked for, from the root
   * @param folder where results are kept
   * @param changedMs when a file was changed
   */
  constructor(
    root: string,
    paths: () => readonly string[],
    folder: string,
    changedMs: (file: string) => number = changeMs,
  ) {
    this.root = root
    this.folder = folder
    this.imports = new Imports(root, changedMs)
    this.programs = new Programs(root, paths)
  }

  /** @param path from the root */
  of(path: string): AnnotatedFile {
    const key = `${FORMAT}:${this.imports.keyOf(path)}`
    const held = this.held.get(path) ?? this.stored(path)
    if (held?.key === key) {
      this.held.set(path, held)
      return held
    }
    const made = { key, ...this.make(path) }
    this.held.set(path, made)
    mkdirSync(this.folder, { recursive: true })
    writeFileSync(this.fileOf(path), JSON.stringify(made))
    return made
  }

  private make(path: string): AnnotatedFile {
    const names = namesIn(this.programs.with(path), this.root)
    return annotate(readFileSync(join(this.root, path), 'utf8'), names)
  }

  private fileOf(path: string): string {
    return join(this.folder, `${path.replaceAll('/', '+')}.json`)
  }

  private stored(path: string): Stored | null {
    let text: string
    try {
      text = readFileSync(this.fileOf(path), 'utf8')
    } catch {
      return null
    }
    try {
      return JSON.parse(text) as Stored
    } catch {
      // Half a file, of a build that was stopped: it is made anew.
      return null
    }
  }
}

/** Colours and names, put together. */
export const annotate = (text: string, names: FileNames): AnnotatedFile => {
  const { types, targets, marks } = names
  let position = 0
  let next = 0
  const lines = inPieces(text, names.pieces).map((runs) => {
    const length = runs.reduce((sum, { content }) => sum + content.length, 0)
    const start = position
    position += length + 1
    const own: Mark[] = []
    for (; next < marks.length && marks[next]!.position < start + length; next++) {
      own.push(marks[next]!)
    }
    return own.reduce(withMark(start), runs.map(plainSegment))
  })
  return { types, targets, lines }
}

/**
 * Colours, piece by piece: the grammar is made of patterns, and what misleads it in one method must
 * not spoil the next.
 */
const inPieces = (text: string, pieces: readonly Piece[]): Run[][] => {
  const lines = text.split('\n')
  const starts: readonly Piece[] = [{ line: 0, inClass: false }, ...pieces]
  return starts.flatMap(({ line, inClass }, at) => {
    const own = lines.slice(line, starts[at + 1]?.line)
    if (own.length === 0) return []
    return inClass
      ? tokenRuns(['class C {', ...own].join('\n')).slice(1)
      : tokenRuns(own.join('\n'))
  })
}

const plainSegment = ({ content, ink }: Run): Segment => [content, ink]

/** Cuts the segment that a name stands in. A name never crosses two inks. */
const withMark =
  (start: number) =>
  (segments: readonly Segment[], mark: Mark): Segment[] => {
    const column = mark.position - start
    let at = 0
    return segments.flatMap((segment): Segment[] => {
      const [text, ink] = segment
      const from = column - at
      at += text.length
      if (segment.length > 2 || from < 0 || from + mark.length > text.length) return [segment]
      const name = text.slice(from, from + mark.length)
      const pieces: Segment[] = [
        [text.slice(0, from), ink],
        [name, ink, mark.type, mark.target],
        [text.slice(from + mark.length), ink],
      ]
      return pieces.filter(([piece]) => piece !== '')
    })
  }
