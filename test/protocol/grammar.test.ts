/** The grammars above the definitions are printed from them, so they cannot go stale. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { grammar } from '../../src/protocol/schema/grammar.ts'
import { allMessages, fileOf } from './golden.ts'

const source = (path: string): string =>
  readFileSync(new URL(`../../src/protocol/${path}`, import.meta.url), 'utf8')

describe('the comment above a definition', () => {
  for (const message of allMessages()) {
    it(`shows the grammar of the newest ${message.name}`, () => {
      const path =
        message.kind === 'header' ? `${message.name}.ts` : `messages/${fileOf(message)}.ts`
      const lines = grammar(message, message.validVersions.max).map((line) => ` *     ${line}\n`)
      const comment = `${lines.join('')} *`
      expect(source(path)).toContain(comment)
    })
  }
})
