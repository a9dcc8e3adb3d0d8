/** axe looks at every kind of page, by lamp and by day, and at a chapter with everything opened. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { newReader } from './support/browser.ts'
import { CHAPTER, startAllLabs } from './support/chapter.ts'
import { builtPages } from './support/site.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const oneOf = (folder: string): string[] =>
  builtPages()
    .filter((path) => path.startsWith(`/api/`) && path.includes(`/${folder}/`))
    .slice(0, 1)

const KINDS = [
  ...['/', CHAPTER, '/use/client', '/use/embedded-cluster'],
  ...['/reference/configuration', '/reference/errors', '/kafka-version', '/dependencies'],
  ...['/api/', ...oneOf('classes'), ...oneOf('functions'), ...oneOf('interfaces'), '/404'],
]

/** A violation in a line: what, where, and why. */
const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(AXE)
  const { violations: found } = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<AxeResults> } }
    return await axe.run()
  })
  return found.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) =>
        `${id}: ${target.join(' ')}: ${(failureSummary ?? '').replace(/\s+/g, ' ').slice(0, 300)}`,
    ),
  )
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each(KINDS)('%s has no violation', async (path) => {
    const reader = await newReader({ theme, calm: true })
    await reader.open(path)
    expect(await reader.page.locator('html.dark').count()).toBe(theme === 'dark' ? 1 : 0)
    expect(await violations(reader.page)).toEqual([])
    await reader.close()
  })

  test.each([1440, 390])(
    'chapter 00 has none with all its labs run and its answers opened, %i px wide',
    async (width) => {
      const reader = await newReader({ theme, calm: true, width })
      await reader.open(CHAPTER)
      await startAllLabs(reader)
      expect(await violations(reader.page)).toEqual([])
      await reader.close()
    },
  )
})
