/** The names of all files of the source as a module of its own: `virtual:source-names`. */

import type { Plugin } from 'vite'
import type { SourceNames } from '../theme/source/sourceNames.ts'
import { type Library, library } from './library.ts'

const NAME = 'virtual:source-names'

export const sourceNames = (): Plugin => ({
  name: 'source-names',
  resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
  load: (id) =>
    id === `\0${NAME}` ? `export default ${JSON.stringify(namesIn(library()))}` : null,
})

/** What other files may call; what a file keeps for itself is found on its page. */
export const namesIn = (all: Library): SourceNames =>
  Object.fromEntries(
    all.paths().map((path) => [
      path.replace(/\.ts$/, ''),
      all
        .sheet(path)
        .symbols.filter(({ exported }) => exported)
        .map(({ name, line }) => `${name} ${line}`)
        .join(' '),
    ]),
  )
