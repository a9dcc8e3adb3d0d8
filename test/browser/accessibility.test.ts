/** axe looks at every kind of page, by lamp and by day, and at a chapter with everything opened. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { newReader } from './support/browser.ts'
import { CHAPTERS, startAllLabs } from './support/chapter.ts'
import { builtPages, SOURCE_SAMPLE } from './support/site.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const oneOf = (folder: string): string[] =>
  builtPages()
    .filter((path) => path.startsWith(`/api/`) && path.includes(`/${folder}/`))
    .slice(0, 1)

const KINDS = [
  ...['/', '/use/client', '/use/embedded-cluster', '/kafka-version', '/dependencies'],
  ...['configuration', 'errors', 'notes', 'rosetta', 'simplified', 'glossary'].map(
    (name) => `/reference/${name}`,
  ),
  ...['/source/', ...SOURCE_SAMPLE.slice(0, 2), '/source/src/protocol/Errors'],
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

  describe.each(CHAPTERS)('%s', (chapter) => {
    test.each(theme === 'light' ? [1440, 390] : [1440])(
      'has none, as it comes and with everything opened, %i px',
      async (width) => {
        const reader = await newReader({ theme, calm: true, width })
        await reader.open(chapter)
        if (width === 1440) expect(await violations(reader.page)).toEqual([])
        await startAllLabs(reader)
        // The text of a name stays open as long as the name has the focus.
        const { page } = reader
        await page.locator('pre.code:has([data-t])').first().focus()
        await page.keyboard.press('Enter')
        await page.getByRole('tooltip').waitFor()
        expect(await violations(page)).toEqual([])
        await reader.close()
      },
    )
  })
})
