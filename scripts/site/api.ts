/**
 * Writes the API reference of the public entry points into `docs/api/`, as pages of the site.
 *
 * TypeDoc writes into a folder of its own first, which then takes the place of the old one: who
 * reads the site meanwhile never finds half a reference. A warning fails: a dead `{@link}` is ours.
 *
 * I1  A reference that is there stays while nothing changed that it is made of: to make it takes
 *     longer than to look. `NO_CACHE=1` makes it anew.
 */

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashOf } from '../book/cache.ts'
import { API_FOLDER, ROOT } from './apiFolder.ts'

const FRESH = join(ROOT, 'docs/.fresh/api')

const FIRST_PAGE = `---
search: false
---

# API

Everything that the package gives, made from the comments in its source.

| import | what it gives |
|---|---|
| [\`annotated-kafka\`](client/index.md) | producer, consumer, admin, their values and errors |
| [\`annotated-kafka/broker\`](broker/index.md) | the embedded cluster |
| [\`annotated-kafka/testing\`](testing/index.md) | for your tests: virtual time, memory networks |
`

/** Beside the pages: the hash of what they were made of. */
const MADE_OF = 'made-of.txt'

/** I1. */
const contentHash = (): string =>
  hashOf({
    folders: ['src'],
    leaveOut: /\.test\.ts$/,
    files: [
      'typedoc.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'package.json',
      'package-lock.json',
      'scripts/site/api.ts',
    ],
  })

export const writeApi = async (): Promise<void> => {
  const madeOf = contentHash()
  const stamp = join(API_FOLDER, MADE_OF)
  const same = existsSync(stamp) && readFileSync(stamp, 'utf8') === madeOf
  if (same && !process.env['NO_CACHE']) return
  await makeApi()
  writeFileSync(stamp, madeOf)
}

const makeApi = async (): Promise<void> => {
  const { Application, OptionDefaults } = await import('typedoc')
  const app = await Application.bootstrapWithPlugins({
    options: join(ROOT, 'typedoc.json'),
    out: FRESH,
    blockTags: [...OptionDefaults.blockTags, '@kafka', '@simplified'],
  })
  const project = await app.convert()
  if (project === undefined) throw new Error('TypeDoc could not read the entry points')
  for (const module of project.children ?? []) if (module.name === 'index') module.name = 'client'
  app.validate(project)
  await app.generateOutputs(project)
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error('TypeDoc has complaints; they stand above')
  }
  for (const path of readdirSync(FRESH, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.md')) makePage(join(FRESH, path))
  }
  writeFileSync(join(FRESH, 'index.md'), FIRST_PAGE)
  rmSync(API_FOLDER, { recursive: true, force: true })
  renameSync(FRESH, API_FOLDER)
}

/** The search is for prose; a reference of hundreds of pages would drown it. */
const makePage = (file: string): void => {
  writeFileSync(file, `---\nsearch: false\n---\n\n${readFileSync(file, 'utf8')}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeApi()
