/** `chapters/NN/diagrams/<name>.json`: what the chapter's `diagrams.ts` makes of a run. */

import { existsSync, readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Diagrams } from '../../lab/diagrams/Diagram.ts'
import { type Generated, root } from './Generated.ts'

const foldersWithDiagrams = (): string[] =>
  readdirSync(`${root}chapters`)
    .map((name) => `chapters/${name}`)
    .filter((folder) => existsSync(`${root}${folder}/diagrams.ts`))
    .sort()

export const diagrams: Generated = {
  name: 'diagrams of the chapters',
  files: async () => {
    const files = new Map<string, string>()
    for (const folder of foldersWithDiagrams()) {
      const module = await import(pathToFileURL(`${root}${folder}/diagrams.ts`).href)
      for (const [name, make] of Object.entries(module.diagrams as Diagrams)) {
        files.set(`${folder}/diagrams/${name}.json`, inLines(await make()))
      }
    }
    return files
  },
}

/** JSON with one line for each event, message and transition: a change of the run reads well. */
const inLines = (diagram: object): string => {
  const parts = Object.entries(diagram).map(([key, value]) => {
    if (!Array.isArray(value)) return `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`
    const rows = value.map((one) => `    ${JSON.stringify(one)}`)
    return `  ${JSON.stringify(key)}: ${rows.length === 0 ? '[]' : `[\n${rows.join(',\n')}\n  ]`}`
  })
  return `{\n${parts.join(',\n')}\n}\n`
}
