/** The symbols of this repository, read once per process; a changed file is read again. */

import { lastChangeMs, oncePerStretch } from '../../../scripts/book/files.ts'
import { type AnnotatedFile, AnnotatedFiles } from './hover/AnnotatedFiles.ts'
import { Symbols } from './symbols.ts'

const ROOT = new URL('../../..', import.meta.url).pathname

let shared: Symbols | null = null

export const symbols = (): Symbols =>
  (shared ??= new Symbols(ROOT, ['src', 'lab', 'chapters'], lastChangeMs))

/** What is expensive to make and depends on nothing but the repository's files. */
export const CACHE = `${ROOT}node_modules/.cache/annotated-kafka`

let annotated: AnnotatedFiles | null = null

const annotatedFiles = (): AnnotatedFiles =>
  (annotated ??= new AnnotatedFiles(
    ROOT,
    () => symbols().allPaths(),
    `${CACHE}/hover`,
    lastChangeMs,
  ))

/** A file of `symbols()` in colours, with types and targets of its names. */
export const annotatedFile: (path: string) => AnnotatedFile = oncePerStretch((path) =>
  annotatedFiles().of(path),
)
