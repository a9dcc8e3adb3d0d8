/** The symbols of this repository, read once per process; a changed file is read again. */

import { Symbols } from './symbols.ts'

const ROOT = new URL('../../..', import.meta.url).pathname

let shared: Symbols | null = null

export const symbols = (): Symbols => (shared ??= new Symbols(ROOT, ['src', 'lab', 'chapters']))
